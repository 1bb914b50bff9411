/* What the table shows of a cell, as data, and the orders in which cells can stand. */
import * as format from './format.js';
import { byMerit } from './model.js';

/* Columns with figures; `value` is what sorting goes by, absent where a cell has none. */
export const allColumns = [
  { id: 'p50', title: 'p50', value: cell => cell.summary.p50_ns, text: format.ns },
  {
    id: 'interval',
    title: '±',
    value: cell =>
      cell.interval && cell.summary.trials > 1
        ? (cell.interval[1] - cell.interval[0]) / 2 / cell.figure
        : undefined,
    text: (_, cell) => format.spread(cell.figure, cell.interval),
    hint: 'half the width of the interval of the median over trials',
  },
  { id: 'p99', title: 'p99', value: cell => cell.summary.p99_ns, text: format.ns },
  { id: 'p999', title: 'p99.9', value: cell => cell.summary.p999_ns, text: format.ns },
  { id: 'max', title: 'max', value: cell => cell.summary.max_ns, text: format.ns },
  {
    id: 'rate',
    title: 'rate',
    value: cell =>
      cell.pattern === 'oneway' || cell.pattern === 'burst' ? undefined : cell.summary.rate_per_s,
    text: format.rate,
    hint: 'round trips or messages per second; of load its knee',
  },
  {
    id: 'bandwidth',
    title: 'bandwidth',
    value: cell => (cell.pattern === 'stream' ? cell.summary.bytes_per_s : undefined),
    text: format.bandwidth,
  },
  {
    id: 'cpu',
    title: 'CPU ns S / R',
    hint: 'processor time per message, sender and receiver',
    value: cell => cell.summary.cpu_ns[0] + cell.summary.cpu_ns[1] || undefined,
    text: (_, cell) => format.sides(cell.summary.cpu_ns, 0),
  },
  {
    id: 'switches',
    title: 'switches S / R',
    hint: 'context switches per message; near 1: a wake-up was timed',
    value: cell =>
      cell.summary.cpu_ns[0] + cell.summary.cpu_ns[1] > 0
        ? cell.summary.switches[0] + cell.summary.switches[1]
        : undefined,
    text: (_, cell) => format.sides(cell.summary.switches, 2),
  },
];

/* As `ipcbench show`: by pattern, then like with like, the best first. */
function ownOrder(model) {
  const rank = new Map(model.patterns.map((name, index) => [name, index]));
  const groups = new Map();
  for (const cell of model.cells) groups.has(cell.group) || groups.set(cell.group, groups.size);
  return (a, b) =>
    rank.get(a.pattern) - rank.get(b.pattern) ||
    a.size_bytes - b.size_bytes ||
    groups.get(a.group) - groups.get(b.group) ||
    Number(!a.summary) - Number(!b.summary) ||
    byMerit(a, b);
}

export function comparator(model, columns, sort) {
  const own = ownOrder(model);
  const [id, direction] = sort.split(':');
  const sign = direction === 'down' ? -1 : 1;
  if (id === 'cell') return (a, b) => sign * a.name.localeCompare(b.name) || own(a, b);
  const column = columns.find(candidate => candidate.id === id);
  if (!column) return own;
  const values = new Map(
    model.cells.map(cell => [cell, cell.summary ? column.value(cell) : undefined]),
  );
  return (a, b) => {
    const [x, y] = [values.get(a), values.get(b)];
    if (x === undefined || y === undefined)
      return Number(x === undefined) - Number(y === undefined) || own(a, b);
    return sign * (x - y) || own(a, b);
  };
}
