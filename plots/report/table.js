/* The table of all cells, skipped ones too: search, sorting, and a row that opens. */
import { h, replace } from './dom.js';
import * as format from './format.js';
import { allColumns, comparator } from './columns.js';
import { distinct, patternTitle } from './model.js';
import { makeWalk } from './walk.js';
import { passes } from './view.js';
import { detailsOf } from './details.js';

const placeText = cell => (cell.place ? `${cell.place}${cell.shared ? '=' : ''}` : '');

/* What the cell is beside its transport, without what is the same for all. */
function aboutOf(model) {
  const parts = [
    cell => cell.pattern,
    cell => format.bytes(cell.size_bytes).replace(' ', '\u00a0'),
    cell => cell.setting,
    cell => cell.placement,
    cell => (cell.idle === 'default' ? '' : `idle ${cell.idle}`),
  ].filter((part, index) => index < 2 || distinct(model.cells.map(part)).length > 1);
  return cell =>
    parts
      .map(part => part(cell))
      .filter(Boolean)
      .join(' · ');
}

function marksOf(model, cell) {
  return [...cell.summary.marks].map(sign =>
    h('abbr', { title: model.marks.get(sign) ?? '' }, sign),
  );
}

function rowOf(context, columns, about, cell) {
  const hue = h('span', {
    class: 'hue',
    style: `--hue: var(--${context.colours.hue(cell.transport)})`,
  });
  const name = h(
    'th',
    { scope: 'row' },
    h(
      'div',
      { class: 'name' },
      h('span', { class: 'place' }, placeText(cell)),
      hue,
      h('span', { class: 'label' }, cell.name),
    ),
  );
  const what = h('td', { class: 'about' }, about(cell));
  const figures = cell.summary
    ? [
        ...columns.map(column => {
          const value = column.value(cell);
          return h(
            'td',
            {
              'data-name': column.title,
              class: `of-${column.id}${value === undefined ? ' none' : ''}`,
            },
            value === undefined ? '' : column.text(value, cell),
          );
        }),
        h('td', { 'data-name': 'marks', class: 'marks' }, marksOf(context.model, cell)),
      ]
    : [
        h(
          'td',
          { class: 'reason', colspan: columns.length + 1 },
          h('span', { class: `status status-${cell.status}` }, cell.status),
          ' ',
          cell.reason ?? '',
          cell.knob && [' ', h('code', {}, cell.knob)],
        ),
      ];
  return h(
    'tr',
    { tabindex: -1, 'data-key': cell.key, class: cell.summary ? 'cell' : 'cell left-out' },
    name,
    what,
    figures,
  );
}

/* Column headings: a click sorts up, another one down, a third one back to our own order. */
function makeHeads(view, columns) {
  const heads = new Map();

  function headOf(id, title, hint) {
    const button = h(
      'button',
      {
        type: 'button',
        title: hint,
        onclick: () => {
          const [now, direction] = view.get('sort').split(':');
          view.set({ sort: now !== id ? `${id}:up` : direction === 'up' ? `${id}:down` : '' });
        },
      },
      title,
    );
    heads.set(id, h('th', { scope: 'col', class: `of-${id}` }, button));
    return heads.get(id);
  }

  const element = h(
    'thead',
    {},
    h(
      'tr',
      {},
      headOf('cell', 'cell', 'transport with options'),
      h('th', { scope: 'col', class: 'about' }, 'what'),
      columns.map(column => headOf(column.id, column.title, column.hint)),
      h('th', { scope: 'col' }, 'marks'),
    ),
  );
  return {
    element,
    refresh() {
      const [now, direction] = view.get('sort').split(':');
      for (const [id, head] of heads)
        id === now
          ? head.setAttribute('aria-sort', direction === 'down' ? 'descending' : 'ascending')
          : head.removeAttribute('aria-sort');
    },
  };
}

/* The selected cell's row is marked and has its details below it. */
function makeOpened(context, rows, span) {
  let row = null,
    details = null;
  return () => {
    row?.removeAttribute('aria-selected');
    details?.remove();
    const selected = context.selected();
    row = selected && rows.get(selected.key);
    if (!row) return;
    row.setAttribute('aria-selected', 'true');
    details = h(
      'tr',
      { class: 'details', hidden: row.hidden },
      h('td', { colspan: span }, detailsOf(context, selected)),
    );
    row.after(details);
  };
}

/* The words of the search: each must be somewhere in what is known of a cell. */
function makeSearch({ model, view }) {
  const haystacks = new Map(
    model.cells.map(cell => [
      cell,
      [cell.id, cell.name, patternTitle(cell.pattern), cell.status, cell.reason, cell.run.letter]
        .join(' ')
        .toLowerCase(),
    ]),
  );
  const box = h('input', {
    type: 'search',
    placeholder: 'Search: pipe 64 skipped',
    'aria-label': 'Search cells',
    oninput: () => view.set({ search: box.value }),
  });
  return {
    box,
    /* Whether a cell is found now. */
    filter() {
      if (box.value !== view.get('search')) box.value = view.get('search');
      const words = box.value.toLowerCase().split(/\s+/).filter(Boolean);
      return cell => words.every(word => haystacks.get(cell).includes(word));
    },
  };
}

function legendOf(model) {
  const present = new Set(model.cells.flatMap(cell => [...(cell.summary?.marks ?? '')]));
  return (
    present.size > 0 &&
    h(
      'dl',
      { class: 'legend' },
      [...model.marks]
        .filter(([sign]) => present.has(sign))
        .map(([sign, meaning]) => [h('dt', {}, sign), h('dd', {}, meaning)]),
    )
  );
}

export function makeTable(context) {
  const { model, view } = context;
  const columns = allColumns.filter(column =>
    model.cells.some(cell => cell.summary && column.value(cell) !== undefined),
  );
  const about = aboutOf(model);
  const rows = new Map(model.cells.map(cell => [cell.key, rowOf(context, columns, about, cell)]));
  const body = h('tbody');
  const count = h('span', { class: 'count', role: 'status' });
  const search = makeSearch(context);
  const heads = makeHeads(view, columns);
  const refreshOpened = makeOpened(context, rows, columns.length + 3);
  const walk = makeWalk(body, key => {
    const cell = model.byKey.get(key);
    context.select(context.selected() === cell ? null : cell);
  });
  const table = h('table', { class: 'cells', 'aria-label': 'All cells' }, heads.element, body);
  let sorted = null;

  function refresh() {
    if (sorted !== view.get('sort')) {
      sorted = view.get('sort');
      body.replaceChildren(
        ...[...model.cells]
          .sort(comparator(model, columns, sorted))
          .map(cell => rows.get(cell.key)),
      );
      heads.refresh();
    }
    const found = search.filter();
    const visible = model.cells.filter(cell => passes(view, cell) && found(cell));
    const shown = new Set(visible);
    for (const cell of model.cells) rows.get(cell.key).hidden = !shown.has(cell);
    table.dataset.without = columns
      .filter(column => !visible.some(cell => cell.summary && column.value(cell) !== undefined))
      .map(column => column.id)
      .join(' ');
    replace(count, `${visible.length} of ${model.cells.length} cells`);
    refreshOpened();
    walk.refresh();
  }

  return {
    element: h(
      'section',
      { id: 'cells', class: 'part' },
      h(
        'div',
        { class: 'part-head' },
        h('h2', {}, 'All cells'),
        h('div', { class: 'controls' }, search.box, count),
      ),
      h('div', { class: 'table-frame' }, table),
      legendOf(model),
    ),
    refresh,
    reveal(cell) {
      rows.get(cell.key).scrollIntoView({ block: 'center' });
      walk.focus(rows.get(cell.key));
    },
    focusSearch: () => search.box.focus(),
  };
}
