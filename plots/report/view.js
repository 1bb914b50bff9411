/* What is shown, kept in the URL's fragment, so that a link restores it: #pattern=stream&size=64.
 * Listeners are told on every change, also where it came from the address bar. */
export const filters = [
  'pattern',
  'transport',
  'option',
  'size',
  'placement',
  'idle',
  'setting',
  'run',
];

export function makeView() {
  const listeners = new Set();
  let values = new Map();

  function read() {
    values = new Map(new URLSearchParams(location.hash.slice(1)));
  }

  function tell() {
    for (const listener of listeners) listener();
  }

  /* Values that are as they begin are not written. */
  function set(changes) {
    for (const [name, value] of Object.entries(changes))
      value === '' || value === null || value === undefined
        ? values.delete(name)
        : values.set(name, String(value));
    const fragment = new URLSearchParams([...values]).toString();
    history.replaceState(null, '', fragment ? `#${fragment}` : location.pathname + location.search);
    tell();
  }

  read();
  addEventListener('hashchange', () => {
    if (document.getElementById(location.hash.slice(1))) return; // a link within the page
    read();
    tell();
  });
  return {
    get: name => values.get(name) ?? '',
    list: name => (values.get(name) ?? '').split('~').filter(Boolean),
    set,
    toggle(name, item) {
      const items = this.list(name);
      set({
        [name]: (items.includes(item)
          ? items.filter(other => other !== item)
          : [...items, item]
        ).join('~'),
      });
    },
    watch: listener => listeners.add(listener),
  };
}

/* How a cell answers to each filter. */
export const filterValue = {
  pattern: cell => cell.pattern,
  size: cell => String(cell.size_bytes),
  placement: cell => cell.placement,
  idle: cell => cell.idle,
  setting: cell => cell.setting,
  run: cell => cell.run.letter,
};

export function passes(view, cell) {
  const transports = view.list('transport');
  const option = view.get('option');
  return (
    (transports.length === 0 || transports.includes(cell.transport)) &&
    (option === '' || cell.typed.includes(option)) &&
    Object.entries(filterValue).every(
      ([name, value]) => view.get(name) === '' || view.get(name) === value(cell),
    )
  );
}
