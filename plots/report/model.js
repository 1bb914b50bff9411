/* The page's data (plots/page_*.c) as the figures and the table want them. */
import * as format from './format.js';

const patternWords = {
  pingpong: ['Round trips', 'One message goes there and back, then the next. Not halved.'],
  oneway: [
    'One way',
    'From just before the send until received, one message at a time with a pause in between.',
  ],
  burst: ['Bursts', 'Several messages at once after a pause: until the last one is received.'],
  paced: ['At a given rate', 'Response: from when a message was due until it is received.'],
  load: [
    'Latency against load',
    'Response while messages arrive at a share of the highest rate, and the knee where it suffers.',
  ],
  stream: ['Streams', 'One way at full speed, counted at the receiver.'],
  pagewalk: [
    'One access at a random page',
    'Loads that each wait for the one before, one line of each page of the working set.',
  ],
  linewalk: [
    'One access at a random cache line',
    'Loads that each wait for the one before, all over the working set.',
  ],
  memory: ['Memory', 'An operation on a region of memory, each time; no messages.'],
};

export const isYardstick = cell => cell.transport === 'null';
const isOperation = cell => cell.pattern === 'memory';

/* The id's parts behind the placement, without idle, which has a filter of its own. */
function settingOf(id) {
  return id
    .split('/')
    .slice(4)
    .filter(part => !part.startsWith('idle='))
    .join(', ')
    .replace('=', ' ');
}

/* The options that were typed: "sync=spin", without those of the default. */
function typedOptions(label) {
  const colon = label.indexOf(':');
  return colon < 0 ? [] : label.slice(colon + 1).split(',');
}

function makeCell(raw, run, patterns) {
  const pattern = patterns[raw.pattern];
  const summary = raw.summary ?? null;
  const cell = {
    ...raw,
    run,
    summary,
    key: `${run.index}:${raw.id}`,
    pattern: pattern.name,
    latency: pattern.latency,
    setting: settingOf(raw.id),
    typed: typedOptions(raw.label),
    figure: null,
    interval: null,
  };
  if (summary) {
    cell.figure = pattern.latency ? summary.p50_ns : summary.rate_per_s;
    cell.interval =
      (pattern.latency ? summary.p50_interval_ns : summary.rate_interval_per_s) ?? null;
  }
  cell.name = run.letter ? `${run.letter} ${cell.label}` : cell.label;
  cell.group = [
    pattern.name,
    raw.size_bytes,
    raw.placement,
    raw.idle,
    cell.setting,
    raw.cpus.join('-'),
    isOperation(cell) ? raw.transport : '',
  ].join('|');
  return cell;
}

/* What ranks a cell (bench/table.c): of operations on memory not the time of one, which on a larger page
 * takes longer and does more, but the bytes that they are about per second. */
function meritOf(cell) {
  const { summary, figure, interval } = cell;
  if (!isOperation(cell) || !summary?.bytes_per_s)
    return { figure, interval, isCost: cell.latency };
  const each = summary.bytes_per_s / summary.rate_per_s;
  return {
    figure: summary.bytes_per_s,
    interval: summary.rate_interval_per_s?.map(rate => rate * each) ?? null,
    isCost: false,
  };
}

/* A place is one more than there are cells of the group whose whole interval is better
 * (bench/table.c); equals share one. */
function givePlaces(cells) {
  const isBetter = (a, b) => {
    const [first, second] = [meritOf(a), meritOf(b)];
    if (a.summary.trials < 2 || b.summary.trials < 2 || !first.interval || !second.interval)
      return false;
    return first.isCost
      ? first.interval[1] < second.interval[0]
      : first.interval[0] > second.interval[1];
  };
  const ranked = cells.filter(cell => cell.figure && !isYardstick(cell));
  for (const cell of ranked) cell.place = 1 + ranked.filter(other => isBetter(other, cell)).length;
  for (const cell of ranked)
    cell.shared = ranked.some(other => other !== cell && other.place === cell.place);
}

export function groupBy(items, keyOf) {
  const groups = new Map();
  for (const item of items) {
    const key = keyOf(item);
    groups.has(key) ? groups.get(key).push(item) : groups.set(key, [item]);
  }
  return groups;
}

export const distinct = values => [...new Set(values)];

/* Best first; what is no transport comes last. */
export function byMerit(a, b) {
  if (isYardstick(a) !== isYardstick(b)) return isYardstick(a) ? 1 : -1;
  const [first, second] = [meritOf(a), meritOf(b)];
  return (first.isCost ? 1 : -1) * ((first.figure ?? 0) - (second.figure ?? 0));
}

/* As bench/table.c says it: what counts as noisy is the run's own. */
function noisyMeaning(runs) {
  const limits = distinct(runs.map(run => `${format.plain(run.noisy_above * 100)} %`)).join(' or ');
  return `noisy: the interval is wider than ${limits} either way, or of fewer than 6 trials`;
}

export function readModel(data) {
  const runs = data.runs.map((raw, index) => ({
    ...raw,
    index,
    letter: data.runs.length > 1 ? String.fromCharCode(65 + index) : '',
  }));
  const cells = runs.flatMap(run => run.cells.map(raw => makeCell(raw, run, data.patterns)));
  for (const group of groupBy(cells, cell => `${cell.run.index}|${cell.group}`).values())
    givePlaces(group);
  const order = data.patterns.map(pattern => pattern.name);
  return {
    runs,
    cells,
    byKey: new Map(cells.map(cell => [cell.key, cell])),
    marks: new Map(
      data.marks.map(mark => [mark.sign, mark.sign === '~' ? noisyMeaning(runs) : mark.meaning]),
    ),
    patterns: order.filter(name => cells.some(cell => cell.pattern === name)),
    comparisons: data.comparisons,
    findings: data.findings ?? null,
  };
}

/* The cell that an id means: of the given run, else of the first that has it. */
export function findCell(model, id, run = 0) {
  return model.byKey.get(`${run}:${id}`) ?? model.cells.find(cell => cell.id === id) ?? null;
}

const words = name => (Object.hasOwn(patternWords, name) ? patternWords[name] : undefined);

export const patternTitle = name => words(name)?.[0] ?? name;
export const patternNote = name => words(name)?.[1] ?? '';

export function figureText(cell, value) {
  return cell.latency ? format.ns(value) : format.rate(value);
}

/* What tells groups of cells apart, for menus: only what is not the same in all of them. */
export function groupNames(groups, sized = true) {
  const parts = [
    sized && (cell => format.bytes(cell.size_bytes)),
    cell => cell.setting,
    cell => cell.placement + (cell.cpus[0] >= 0 ? ` (CPUs ${cell.cpus.join(', ')})` : ''),
    cell => `idle ${cell.idle}`,
  ].filter(
    (part, index) =>
      part && (index === 0 || distinct(groups.map(cells => part(cells[0]))).length > 1),
  );
  return groups.map(
    cells =>
      parts
        .map(part => part(cells[0]))
        .filter(Boolean)
        .join(', ') || 'as it is',
  );
}

/* The facts of a machine as one lookup. */
export function fact(run, group, key) {
  return run.machine[group]?.find(([name]) => name === key)?.[1];
}
