/* Puts the page together: data, view, sections. */
import { h } from './dom.js';
import { forgetColours, makeColours } from './colours.js';
import { makeComparison } from './compare.js';
import { makeFilterBar } from './filterbar.js';
import { makeFindings } from './findings.js';
import { makeOverview, machineName } from './overview.js';
import { makeTable } from './table.js';
import { makeTheme } from './theme.js';
import { makeView, passes } from './view.js';
import { patternNote, patternTitle, readModel } from './model.js';
import { watchFigures } from './chart.js';
import { makeCost } from './figures/cost.js';
import { makeLoad } from './figures/load.js';
import { makePairs } from './figures/pairs.js';
import { makeRank } from './figures/rank.js';
import { makeSize } from './figures/size.js';
import { makeTail } from './figures/tail.js';
import { makeTrials } from './figures/trials.js';

function figuresOf(context, pattern) {
  const latency = context.model.cells.find(cell => cell.pattern === pattern).latency;
  if (pattern === 'load') return [makeLoad(context, pattern), makeRank(context, pattern)];
  return latency
    ? [
        makeRank(context, pattern),
        makeTail(context, pattern),
        makeCost(context, pattern),
        makeSize(context, pattern, latency),
      ]
    : [makeRank(context, pattern), makeSize(context, pattern, latency), makeCost(context, pattern)];
}

function makeContext(model) {
  const view = makeView();
  const context = {
    model,
    view,
    colours: makeColours(model),
    cells: () => model.cells.filter(cell => passes(view, cell)),
    selected: () =>
      model.byKey.get(view.get('cell')) ?? model.byKey.get(`0:${view.get('cell')}`) ?? null,
    /* Figures of the cell's pattern go to its group. */
    select(cell) {
      const groups = cell
        ? ['rank', 'tail', 'size', 'cost', 'curve'].map(name => [`${name}-${cell.pattern}`, ''])
        : [];
      view.set({
        ...Object.fromEntries(groups),
        cell: cell ? (cell.run.index ? cell.key : cell.id) : '',
      });
    },
    reveal(cell) {
      context.select(cell);
      if (!passes(view, cell) || view.get('search') !== '')
        view.set({
          pattern: '',
          transport: '',
          option: '',
          size: '',
          placement: '',
          idle: '',
          setting: '',
          run: '',
          search: '',
        });
      context.table.reveal(cell);
    },
  };
  return context;
}

function patternPart(context, pattern, figures) {
  const element = h(
    'section',
    { class: 'part', id: pattern },
    h('h2', {}, patternTitle(pattern)),
    h('p', { class: 'about-part' }, patternNote(pattern)),
    h(
      'div',
      { class: 'figures' },
      figures.map(figure => figure.element),
    ),
  );
  return {
    element,
    refresh: () => {
      element.hidden = !context.cells().some(cell => cell.pattern === pattern && cell.summary);
    },
  };
}

function navigation(parts) {
  return h(
    'nav',
    { 'aria-label': 'Parts' },
    parts.filter(Boolean).map(part =>
      h(
        'a',
        {
          href: `#${part.id}`,
          onclick: event => {
            event.preventDefault();
            part.scrollIntoView();
          },
        },
        part.querySelector('h2').textContent,
      ),
    ),
  );
}

function start(page, data) {
  const model = readModel(data);
  const context = makeContext(model);
  const compared = model.comparisons.map(comparison => makeComparison(context, comparison));
  const patterns = model.patterns.map(pattern => ({
    pattern,
    figures: figuresOf(context, pattern),
  }));
  const parts = patterns.map(({ pattern, figures }) => patternPart(context, pattern, figures));
  const machine = [makeTrials(context), makePairs(context)];
  const findings = makeFindings(context);
  const machinePart = h(
    'section',
    { class: 'part', id: 'machine' },
    h('h2', {}, 'The machine meanwhile'),
    h(
      'div',
      { class: 'figures wide' },
      machine.map(figure => figure.element),
    ),
  );
  const bar = makeFilterBar(context);
  const table = makeTable(context);
  context.table = table;
  const figures = [
    ...compared.flatMap(part => part.figures),
    ...patterns.flatMap(part => part.figures),
    ...machine,
  ];
  const refresh = () => {
    bar.refresh();
    parts.forEach(part => part.refresh());
    figures.forEach(figure => figure.refresh());
    table.refresh();
  };
  const theme = makeTheme(() => {
    forgetColours();
    figures.forEach(figure => figure.refresh());
  });
  const sections = [
    findings,
    ...compared.map(part => part.element),
    ...parts.map(part => part.element),
    machinePart,
    table.element,
  ];
  document.title = `${model.runs.map(machineName).join(' and ')}: ipcbench`;
  page.replaceChildren(
    h(
      'div',
      { class: 'top' },
      h('span', { class: 'brand' }, 'ipcbench'),
      navigation(sections),
      theme,
    ),
    makeOverview(context),
    ...(findings ? [findings] : []),
    ...compared.map(part => part.element),
    bar.element,
    ...parts.map(part => part.element),
    machinePart,
    table.element,
  );
  context.view.watch(refresh);
  watchFigures(figures);
  refresh();
  addEventListener('keydown', event => {
    if (event.key === '/' && !event.target.closest('input, select, textarea')) {
      event.preventDefault();
      table.focusSearch();
    }
  });
  /* What is drawn by then can be used. */
  requestAnimationFrame(() => setTimeout(() => performance.mark('interactive')));
}

start(document.getElementById('page'), JSON.parse(document.getElementById('data').textContent));
