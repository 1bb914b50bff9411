/* What the figures share. */
import { h, choices, select } from '../dom.js';
import { groupBy, groupNames, isYardstick } from '../model.js';
import * as format from '../format.js';

export const grid = (extra = {}) => ({ left: 58, right: 20, top: 28, bottom: 46, ...extra });

/* The plot's edges, for what is placed in pixels. */
export const frameOf = (box, width, height) => ({
  left: box.left,
  right: width - box.right,
  top: box.top,
  bottom: height - box.bottom,
});

/* Cells that a figure may show: measured, and not filtered out. */
export const shown = (context, pattern) =>
  context.cells().filter(cell => cell.pattern === pattern && cell.summary && cell.figure);

/* A figure that shows one group at a time has a menu of them; the selected cell's own comes first,
 * then the one chosen, then the largest. Returns the cells, and the menu where there is a choice. */
export function chooseGroup(context, name, cells, keyOf, sized = true) {
  const groups = [...groupBy(cells, keyOf).entries()];
  if (!groups.length) return { cells: [], menu: null };
  const selected = context.selected();
  const wanted = context.view.get(name);
  const largest = groups.reduce((best, group) => (group[1].length > best[1].length ? group : best));
  const own = selected && groups.find(([, members]) => members.includes(selected));
  const chosen = groups.find(([key]) => key === wanted) ?? own ?? largest;
  const names = groupNames(
    groups.map(([, members]) => members),
    sized,
  );
  const menu =
    groups.length > 1 &&
    select(
      'Of',
      groups.map(([key], index) => [key, names[index]]),
      chosen[0],
      key => context.view.set({ [name]: key }),
      false,
    );
  return { cells: chosen[1], menu, title: names[groups.indexOf(chosen)] };
}

/* "log | linear", remembered in the view. */
export function scaleSwitch(context, id) {
  const linear = context.view.list('linear').includes(id);
  return {
    log: !linear,
    element: choices(
      'Scale',
      [
        ['log', 'log'],
        ['linear', 'linear'],
      ],
      linear ? 'linear' : 'log',
      value => (value === 'linear') !== linear && context.view.toggle('linear', id),
    ),
  };
}

/* How strong a curve is drawn: the selected one, those beside it, and what is only a yardstick. */
export function emphasis(context, cell, cells) {
  const selected = context.selected();
  const here = selected && cells.includes(selected);
  const own = here && cell === selected;
  return {
    width: own ? 3.5 : 1.75,
    opacity: here && !own ? 0.3 : 1,
    z: own ? 10 : isYardstick(cell) ? 1 : 2,
  };
}

export function curve(context, cell, cells, data, extra = {}) {
  const { width, opacity, z } = emphasis(context, cell, cells);
  const colour = context.colours.of(cell);
  return {
    type: 'line',
    data,
    z,
    silent: true,
    symbol: 'none',
    color: colour,
    lineStyle: { color: colour, width, opacity, type: context.colours.dash(cell) },
    itemStyle: { color: colour, opacity },
    emphasis: { focus: 'series', lineStyle: { width: width + 1.25 } },
    blur: { lineStyle: { opacity: 0.15 } },
    ...extra,
  };
}

export function figureRows(cell) {
  const { summary } = cell;
  const rows = [
    [
      cell.latency ? 'p50' : cell.pattern === 'load' ? 'knee' : 'rate',
      `${cell.latency ? format.ns(cell.figure) : format.rate(cell.figure)}${cell.interval && summary.trials > 1 ? ` ${format.spread(cell.figure, cell.interval)}` : ''}`,
    ],
  ];
  if (summary.marks) rows.push(['marks', summary.marks]);
  return rows;
}

/* Nothing but a legend's lines where marks of a figure need words. */
export const legend = (...items) => h('span', { class: 'key' }, items);
export const keyItem = (kind, text) => h('span', { class: `key-${kind}` }, text);
