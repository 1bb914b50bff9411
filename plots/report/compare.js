/* One run against another, as results/compare judged it; nothing is computed here. */
import { h } from './dom.js';
import * as format from './format.js';
import { findCell } from './model.js';
import { makeForest } from './figures/forest.js';

/* Of different machines nothing has regressed. */
const words = {
  same: {
    regressed: 'regressed',
    improved: 'improved',
    equivalent: 'unchanged',
    inconclusive: 'undecided',
  },
  different: {
    regressed: 'worse',
    improved: 'better',
    equivalent: 'the same',
    inconclusive: 'undecided',
  },
};

/* compare's own rows, in its order, with the figures of its document. */
function rowsOf(context, comparison) {
  const cells = new Map((comparison.document.cells ?? []).map(cell => [cell.id, cell]));
  const own = words[comparison.differs ? 'different' : 'same'];
  return comparison.rows.map(row => ({
    ...row,
    metric: row.metric ?? '',
    figure: cells.get(row.id)?.figures?.[row.metric],
    aside: row.metric === 'p50' ? cells.get(row.id)?.figures?.p99 : undefined,
    reason: cells.get(row.id)?.reason,
    word: own[row.verdict] ?? row.verdict,
    cell: findCell(context.model, row.id, comparison.new),
  }));
}

function valueText(metric, value) {
  return metric === 'rate' ? format.rate(value) : format.ns(value);
}

function bodyRow(context, row) {
  const { figure } = row;
  const name = row.cell
    ? h(
        'a',
        {
          href: '#cells',
          onclick: event => {
            event.preventDefault();
            context.reveal(row.cell);
          },
        },
        row.id,
      )
    : row.id;
  return h(
    'tr',
    {},
    h('th', { scope: 'row' }, name),
    h('td', { 'data-name': 'figure' }, row.metric),
    h(
      'td',
      { 'data-name': 'base', class: 'number' },
      figure ? valueText(row.metric, figure.base) : '',
    ),
    h(
      'td',
      { 'data-name': 'new', class: 'number' },
      figure ? valueText(row.metric, figure.new) : '',
    ),
    h('td', { 'data-name': 'change', class: 'number' }, figure ? format.change(figure.ratio) : ''),
    h(
      'td',
      { 'data-name': '95 %', class: 'number' },
      figure?.ratio_low
        ? `${format.change(figure.ratio_low)} … ${format.change(figure.ratio_high)}`
        : '',
    ),
    h(
      'td',
      { 'data-name': 'p99', class: 'number' },
      row.aside ? format.change(row.aside.ratio) : '',
    ),
    h(
      'td',
      { 'data-name': 'verdict' },
      h('span', { class: `verdict verdict-${row.verdict.replace(/ /g, '-')}` }, row.word),
    ),
    h('td', { class: 'remark' }, [row.remark ?? row.reason].filter(Boolean)),
  );
}

function differences(list, both) {
  if (!list.length) return null;
  return h(
    'details',
    { class: 'differences' },
    h(
      'summary',
      {},
      list.length === 1
        ? 'One fact or parameter differs'
        : `${list.length} facts and parameters differ`,
    ),
    h(
      'table',
      { class: 'plain' },
      h(
        'thead',
        {},
        h(
          'tr',
          {},
          ['', ...both].map(title => h('th', { scope: 'col' }, title)),
        ),
      ),
      h(
        'tbody',
        {},
        list.map(item =>
          h(
            'tr',
            {},
            h('th', { scope: 'row' }, item.what),
            h('td', {}, item.base),
            h('td', {}, item.new),
          ),
        ),
      ),
    ),
  );
}

function tableOf(context, comparison, rows) {
  const [base, now] = [comparison.base, comparison.new].map(
    index => context.model.runs[index].letter,
  );
  const titles = [
    'cell',
    'figure',
    `base (${base})`,
    `new (${now})`,
    'change',
    '95 %',
    'p99',
    'verdict',
    '',
  ];
  return h(
    'div',
    { class: 'table-frame' },
    h(
      'table',
      { class: 'compared' },
      h(
        'thead',
        {},
        h(
          'tr',
          {},
          titles.map(title => h('th', { scope: 'col' }, title)),
        ),
      ),
      h(
        'tbody',
        {},
        rows.map(row => bodyRow(context, row)),
      ),
    ),
  );
}

/* Cells that are not in both runs have nothing to compare: they are there when asked for. */
const isBeside = row => ['missing', 'new', 'unmeasured'].includes(row.verdict);

function besideOf(context, comparison, rows) {
  const count = rows.length === 1 ? 'One cell has figures' : `${rows.length} cells have figures`;
  return (
    rows.length > 0 &&
    h(
      'details',
      { class: 'differences' },
      h('summary', {}, `${count} in one run only, or in none`),
      tableOf(context, comparison, rows),
    )
  );
}

const differ =
  'These runs are of different machines or settings: the ratios say how they differ, not that anything became slower.';

export function makeComparison(context, comparison) {
  const { runs } = context.model;
  const rows = rowsOf(context, comparison);
  const judged = rows.filter(row => !isBeside(row));
  const [base, now] = [runs[comparison.base], runs[comparison.new]];
  const forest = makeForest(context, comparison, rows);
  const element = h(
    'section',
    { class: 'part comparison', id: `compare-${now.letter}` },
    h('h2', {}, `${base.letter} against ${now.letter}`),
    h('p', { class: 'sentence' }, comparison.differs ? differ : comparison.document.sentence),
    differences(
      comparison.document.differences,
      [base, now].map(run => `${run.letter} ${run.file}`),
    ),
    forest.element,
    judged.length > 0 && tableOf(context, comparison, judged),
    besideOf(context, comparison, rows.filter(isBeside)),
  );
  return { element, figures: [forest] };
}
