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

export function makeComparison(context, comparison) {
  const { runs } = context.model;
  const rows = rowsOf(context, comparison);
  const both = [runs[comparison.base], runs[comparison.new]].map(
    run => `${run.letter} ${run.file}`,
  );
  const forest = makeForest(context, comparison, rows);
  const element = h(
    'section',
    { class: 'part comparison', id: `compare-${runs[comparison.new].letter}` },
    h('h2', {}, `${runs[comparison.base].letter} against ${runs[comparison.new].letter}`),
    h(
      'p',
      { class: 'sentence' },
      comparison.differs
        ? 'These runs are of different machines or settings: the ratios say how they differ, not that anything became slower.'
        : comparison.document.sentence,
    ),
    differences(comparison.document.differences, both),
    forest.element,
    h(
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
            [
              'cell',
              'figure',
              `base (${runs[comparison.base].letter})`,
              `new (${runs[comparison.new].letter})`,
              'change',
              '95 %',
              'p99',
              'verdict',
              '',
            ].map(title => h('th', { scope: 'col' }, title)),
          ),
        ),
        h(
          'tbody',
          {},
          rows.map(row => bodyRow(context, row)),
        ),
      ),
    ),
  );
  return { element, figures: [forest] };
}
