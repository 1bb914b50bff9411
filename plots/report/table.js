/* The table of all cells, skipped ones too: search, sorting, and a row that opens. */
import { h, replace } from './dom.js';
import * as format from './format.js';
import { byMerit, distinct, patternTitle } from './model.js';
import { passes } from './view.js';
import { detailsOf } from './details.js';


/* Columns with figures; `value` is what sorting goes by, absent where a cell has none. */
const allColumns = [
  { id: 'p50', title: 'p50', value: cell => cell.summary.p50_ns, text: format.ns },
  { id: 'interval', title: '±', value: cell => cell.interval && cell.summary.trials > 1 ? (cell.interval[1] - cell.interval[0]) / 2 / cell.figure : undefined,
    text: (_, cell) => format.spread(cell.figure, cell.interval), hint: 'half the width of the interval of the median over trials' },
  { id: 'p99', title: 'p99', value: cell => cell.summary.p99_ns, text: format.ns },
  { id: 'p999', title: 'p99.9', value: cell => cell.summary.p999_ns, text: format.ns },
  { id: 'max', title: 'max', value: cell => cell.summary.max_ns, text: format.ns },
  { id: 'rate', title: 'rate', value: cell => cell.pattern === 'oneway' || cell.pattern === 'burst' ? undefined : cell.summary.rate_per_s, text: format.rate,
    hint: 'round trips or messages per second; of load its knee' },
  { id: 'bandwidth', title: 'bandwidth', value: cell => cell.pattern === 'stream' ? cell.summary.bytes_per_s : undefined, text: format.bandwidth },
  { id: 'cpu', title: 'CPU ns S / R', hint: 'processor time per message, sender and receiver',
    value: cell => cell.summary.cpu_ns[0] + cell.summary.cpu_ns[1] || undefined, text: (_, cell) => format.sides(cell.summary.cpu_ns, 0) },
  { id: 'switches', title: 'switches S / R', hint: 'context switches per message; near 1: a wake-up was timed',
    value: cell => cell.summary.cpu_ns[0] + cell.summary.cpu_ns[1] > 0 ? cell.summary.switches[0] + cell.summary.switches[1] : undefined,
    text: (_, cell) => format.sides(cell.summary.switches, 2) },
];

const placeText = cell => cell.place ? `${cell.place}${cell.shared ? '=' : ''}` : '';

/* What the cell is beside its transport, without what is the same for all. */
function aboutOf(model) {
  const parts = [
    cell => cell.pattern, cell => format.bytes(cell.size_bytes), cell => cell.setting, cell => cell.placement,
    cell => cell.idle === 'default' ? '' : `idle ${cell.idle}`,
  ].filter((part, index) => index < 2 || distinct(model.cells.map(part)).length > 1);
  return cell => parts.map(part => part(cell)).filter(Boolean).join(' · ');
}

function marksOf(model, cell) {
  return [...cell.summary.marks].map(sign => h('abbr', { title: model.marks.get(sign) ?? '' }, sign));
}

function rowOf(context, columns, about, cell) {
  const hue = h('span', { class: 'hue', style: `--hue: var(--${context.colours.hue(cell.transport)})` });
  const name = h('th', { scope: 'row' }, h('div', { class: 'name' },
    h('span', { class: 'place' }, placeText(cell)), hue, h('span', { class: 'label' }, cell.name)));
  const what = h('td', { class: 'about' }, about(cell));
  const figures = cell.summary
    ? [...columns.map(column => {
      const value = column.value(cell);
      return h('td', { 'data-name': column.title, class: value === undefined ? 'none' : undefined }, value === undefined ? '' : column.text(value, cell));
    }), h('td', { 'data-name': 'marks', class: 'marks' }, marksOf(context.model, cell))]
    : [h('td', { class: 'reason', colspan: columns.length + 1 },
      h('span', { class: `status status-${cell.status}` }, cell.status), ' ', cell.reason ?? '',
      cell.knob && [' ', h('code', {}, cell.knob)])];
  return h('tr', { tabindex: -1, 'data-key': cell.key, class: cell.summary ? 'cell' : 'cell left-out' }, name, what, figures);
}

/* As `ipcbench show`: by pattern, then like with like, the best first. */
function ownOrder(model) {
  const rank = new Map(model.patterns.map((name, index) => [name, index]));
  const groups = new Map();
  for (const cell of model.cells)
    groups.has(cell.group) || groups.set(cell.group, groups.size);
  return (a, b) => rank.get(a.pattern) - rank.get(b.pattern) ||
    a.size_bytes - b.size_bytes || groups.get(a.group) - groups.get(b.group) ||
    Number(!a.summary) - Number(!b.summary) || byMerit(a, b);
}

function comparator(model, columns, sort) {
  const own = ownOrder(model);
  const [id, direction] = sort.split(':');
  const sign = direction === 'down' ? -1 : 1;
  if (id === 'cell')
    return (a, b) => sign * a.name.localeCompare(b.name) || own(a, b);
  const column = columns.find(candidate => candidate.id === id);
  if (!column)
    return own;
  const values = new Map(model.cells.map(cell => [cell, cell.summary ? column.value(cell) : undefined]));
  return (a, b) => {
    const [x, y] = [values.get(a), values.get(b)];
    if (x === undefined || y === undefined)
      return Number(x === undefined) - Number(y === undefined) || own(a, b);
    return sign * (x - y) || own(a, b);
  };
}

export function makeTable(context) {
  const { model, view } = context;
  const columns = allColumns.filter(column => model.cells.some(cell => cell.summary && column.value(cell) !== undefined));
  const about = aboutOf(model);
  const rows = new Map(model.cells.map(cell => [cell.key, rowOf(context, columns, about, cell)]));
  const haystacks = new Map(model.cells.map(cell =>
    [cell.key, [cell.id, cell.name, patternTitle(cell.pattern), cell.status, cell.reason, cell.run.letter].join(' ').toLowerCase()]));
  const body = h('tbody');
  const count = h('span', { class: 'count', role: 'status' });
  const search = h('input', { type: 'search', placeholder: 'Search: pipe 64 skipped', 'aria-label': 'Search cells',
    oninput: () => view.set({ search: search.value }) });
  const heads = new Map();
  let opened = null, focused = null, sorted = null;

  function headOf(id, title, hint) {
    const button = h('button', { type: 'button', title: hint, onclick: () => {
      const [now, direction] = view.get('sort').split(':');
      view.set({ sort: now !== id ? `${id}:up` : direction === 'up' ? `${id}:down` : '' });
    } }, title);
    const head = h('th', { scope: 'col' }, button);
    heads.set(id, head);
    return head;
  }

  function toggle(key) {
    const cell = model.byKey.get(key);
    context.select(context.selected() === cell ? null : cell);
  }

  function visibleRows() {
    return [...body.querySelectorAll('tr.cell')].filter(row => !row.hidden);
  }

  function focus(row) {
    if (!row)
      return;
    focused?.setAttribute('tabindex', -1);
    focused = row;
    row.setAttribute('tabindex', 0);
    row.focus();
  }

  body.addEventListener('click', event => {
    const row = event.target.closest('tr.cell');
    if (row && !getSelection().toString())
      toggle(row.dataset.key);
  });
  body.addEventListener('keydown', event => {
    const row = event.target.closest('tr.cell');
    const list = visibleRows();
    const go = { ArrowDown: 1, ArrowUp: -1, PageDown: 15, PageUp: -15 }[event.key];
    if (!row || (!go && !['Enter', ' ', 'Home', 'End'].includes(event.key)))
      return;
    event.preventDefault();
    if (event.key === 'Enter' || event.key === ' ')
      toggle(row.dataset.key);
    else
      focus(go ? list[Math.min(Math.max(list.indexOf(row) + go, 0), list.length - 1)] : event.key === 'Home' ? list[0] : list[list.length - 1]);
  });

  function refreshHeads() {
    const [now, direction] = view.get('sort').split(':');
    for (const [id, head] of heads)
      id === now ? head.setAttribute('aria-sort', direction === 'down' ? 'descending' : 'ascending') : head.removeAttribute('aria-sort');
  }

  function refreshSelected() {
    const selected = context.selected();
    opened?.remove();
    opened = null;
    for (const row of body.querySelectorAll('tr[aria-selected]'))
      row.removeAttribute('aria-selected');
    if (!selected)
      return;
    const row = rows.get(selected.key);
    row.setAttribute('aria-selected', 'true');
    opened = h('tr', { class: 'details', hidden: row.hidden }, h('td', { colspan: columns.length + 3 }, detailsOf(context, selected)));
    row.after(opened);
  }

  function refresh() {
    if (search.value !== view.get('search'))
      search.value = view.get('search');
    if (sorted !== view.get('sort')) {
      sorted = view.get('sort');
      body.replaceChildren(...[...model.cells].sort(comparator(model, columns, sorted)).map(cell => rows.get(cell.key)));
      refreshHeads();
    }
    const words = view.get('search').toLowerCase().split(/\s+/).filter(Boolean);
    let visible = 0;
    for (const cell of model.cells) {
      const hidden = !passes(view, cell) || !words.every(word => haystacks.get(cell.key).includes(word));
      rows.get(cell.key).hidden = hidden;
      visible += !hidden;
    }
    replace(count, `${visible} of ${model.cells.length} cells`);
    refreshSelected();
    if (!focused || focused.hidden) {
      focused?.setAttribute('tabindex', -1);
      focused = visibleRows()[0] ?? null;
      focused?.setAttribute('tabindex', 0);
    }
  }

  const present = new Set(model.cells.flatMap(cell => [...(cell.summary?.marks ?? '')]));
  const element = h('section', { id: 'cells', class: 'part' },
    h('div', { class: 'part-head' }, h('h2', {}, 'All cells'), h('div', { class: 'controls' }, search, count)),
    h('div', { class: 'table-frame' }, h('table', { class: 'cells', 'aria-label': 'All cells' },
      h('thead', {}, h('tr', {}, headOf('cell', 'cell', 'transport with options'), h('th', { scope: 'col', class: 'about' }, 'what'), columns.map(column => headOf(column.id, column.title, column.hint)), h('th', { scope: 'col' }, 'marks'))), body)),
    present.size > 0 && h('dl', { class: 'legend' }, [...model.marks].filter(([sign]) => present.has(sign)).map(([sign, meaning]) => [h('dt', {}, sign), h('dd', {}, meaning)])));
  return {
    element, refresh,
    reveal(cell) {
      rows.get(cell.key).scrollIntoView({ block: 'center' });
      focus(rows.get(cell.key));
    },
    focusSearch: () => search.focus(),
  };
}
