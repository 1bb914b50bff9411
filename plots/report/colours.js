/* One colour for each transport, the same in every file, kin in kindred colours; variants of one (and
 * several runs) differ in their dashes. Two have one colour where they never meet in a chart: what only
 * notifies has messages of 0 bytes. Strangers (plug-ins, operations on memory) take what nobody has, while
 * there is something. */
const known = new Map(
  Object.entries({
    pipe: 'blue',
    fifo: 'sky',
    splice: 'indigo',
    pty: 'moss',
    'uds-stream': 'green',
    'uds-dgram': 'teal',
    'uds-seqpacket': 'lime',
    'io-uring': 'cyan',
    'memfd-pass': 'plum',
    tcp: 'brown',
    udp: 'rust',
    'posix-mq': 'orange',
    'xsi-mq': 'amber',
    shm: 'red',
    mmap: 'purple',
    'process-vm': 'pink',
    file: 'olive',
    eventfd: 'blue',
    futex: 'red',
    sem: 'purple',
    signal: 'orange',
    null: 'grey',
  }),
);
const spare = ['brown', 'pink', 'indigo', 'olive', 'rust', 'cyan', 'plum', 'moss'];
const dashes = ['solid', [7, 3], [2, 2], [9, 3, 2, 3], [5, 2, 1, 2, 1, 2], [12, 4], [3, 5], [1, 3]];
const symbols = ['circle', 'rect', 'triangle', 'diamond', 'roundRect', 'pin', 'arrow'];

const tokens = new Map();

/* The style sheet says what a colour is in light and dark. */
export function token(name) {
  if (!tokens.has(name))
    tokens.set(
      name,
      getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim(),
    );
  return tokens.get(name);
}

export const forgetColours = () => tokens.clear();

export function makeColours(model) {
  const names = [...new Set(model.cells.map(cell => cell.transport))].sort();
  const strangers = names.filter(name => !known.has(name));
  const taken = new Set(names.map(name => known.get(name)));
  const left = [...spare.filter(hue => !taken.has(hue)), ...spare.filter(hue => taken.has(hue))];
  const hues = new Map(
    names.map(name => [name, known.get(name) ?? left[strangers.indexOf(name) % left.length]]),
  );
  const variants = new Map();
  for (const cell of model.cells) {
    const labels =
      variants.get(cell.transport) ?? variants.set(cell.transport, []).get(cell.transport);
    if (!labels.includes(cell.label)) labels.push(cell.label);
  }
  const several = model.runs.length > 1;
  const variant = cell =>
    several ? cell.run.index : variants.get(cell.transport).indexOf(cell.label);
  return {
    names,
    hue: transport => `hue-${hues.get(transport)}`,
    of: cell => token(`hue-${hues.get(cell.transport)}`),
    dash: cell => dashes[variant(cell) % dashes.length],
    symbol: cell => symbols[variant(cell) % symbols.length],
  };
}

export const verdictColour = verdict =>
  token(
    {
      regressed: 'bad',
      failed: 'bad',
      improved: 'good',
      equivalent: 'calm',
    }[verdict] ?? 'muted',
  );
