/* Who is first: each transport of a group with its interval, best on top. */
import { makeFigure } from '../chart.js';
import { byMerit, isYardstick } from '../model.js';
import { makeScale, rowAxis } from '../scales.js';
import * as format from '../format.js';
import { chooseGroup, figureRows, grid, keyItem, legend, scaleSwitch, shown } from './common.js';
import { dotsOnBars, marksBehind, nameRoom, rowsHeight, strokes } from './rows.js';

const rowsMost = 60;
const placeText = cell => (cell.place ? `${cell.place}${cell.shared ? '=' : ''}` : '');

export function makeRank(context, pattern) {
  const id = `rank-${pattern}`;
  let group, scale;

  function draw(width) {
    const all = [...group.cells].sort(byMerit);
    const cells = all.slice(0, rowsMost);
    if (!cells.length) return null;
    const { latency } = cells[0];
    const text = latency ? format.ns : format.rate;
    const selected = cells.includes(context.selected()) ? context.selected() : null;
    const tails = cells.map(cell => (latency ? cell.summary.p99_ns : undefined));
    const x = makeScale(
      [...cells.flatMap(cell => [cell.figure, ...(cell.interval ?? [])]), ...tails.filter(Boolean)],
      { log: scale.log, zero: true, format: text },
    );
    const rows = cells.map((cell, index) => {
      const [low, high] = cell.interval ?? [cell.figure, cell.figure];
      return {
        at: x.at(cell.figure),
        low: x.at(Math.max(low, x.low)),
        high: x.at(high),
        second: tails[index] ? x.at(tails[index]) : undefined,
        colour: context.colours.of(cell),
        hollow: isYardstick(cell),
        faded: selected && cell !== selected,
        strong: cell === selected,
        marks: cell.summary.marks,
      };
    });
    const names = cells.map(cell => `${placeText(cell).padEnd(2)} ${cell.name}`.trim());
    return {
      height: rowsHeight(cells.length),
      note: [
        `${group.title}${all.length > cells.length ? `, the first ${cells.length} of ${all.length}` : ''}. `,
        legend(
          keyItem('dot', latency ? 'median' : 'rate'),
          keyItem('bar', 'its interval'),
          latency && keyItem('stroke', 'p99'),
        ),
      ],
      summary: `Best: ${cells[0].label} with ${text(cells[0].figure)}.`,
      option: {
        grid: grid({ left: nameRoom(names, width), top: 8, right: 38, bottom: 32 }),
        xAxis: x.axis,
        yAxis: rowAxis(names, nameRoom(names, width) - 12),
        series: [strokes(rows), dotsOnBars(rows), marksBehind(rows)],
      },
      points: cells.map((cell, index) => ({
        x: rows[index].at,
        y: index,
        curve: index,
        cell,
        title: cell.name,
        rows: [
          ...figureRows(cell),
          ...(cell.interval ? [['interval', cell.interval.map(text).join(' … ')]] : []),
          ...(tails[index] ? [['p99', format.ns(tails[index])]] : []),
          ...(cell.place ? [['place', placeText(cell)]] : []),
        ],
      })),
    };
  }

  return makeFigure({
    id,
    title: pattern === 'load' ? 'Where the knee is' : 'Who is first',
    draw,
    controls() {
      scale = scaleSwitch(context, id);
      group = chooseGroup(context, id, shown(context, pattern), cell => cell.group);
      return [group.menu, scale.element];
    },
    select: context.select,
  });
}
