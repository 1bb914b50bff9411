/* What speed costs: processor time per message against latency or rate, and the Pareto front: those
 * that none beats in both. */
import { makeFigure } from '../chart.js';
import { isYardstick } from '../model.js';
import { makeScale } from '../scales.js';
import { token } from '../colours.js';
import * as format from '../format.js';
import {
  chooseGroup,
  emphasis,
  figureRows,
  grid,
  keyItem,
  legend,
  scaleSwitch,
  shown,
} from './common.js';

const costOf = cell => cell.summary.cpu_ns[0] + cell.summary.cpu_ns[1];

/* Going from the best figure to the worst, each cell that is cheaper than all before. */
function frontOf(cells) {
  const sorted = cells
    .filter(cell => !isYardstick(cell))
    .sort((a, b) => (a.latency ? 1 : -1) * (a.figure - b.figure));
  let cheapest = Infinity;
  return sorted.filter(cell => costOf(cell) < cheapest && ((cheapest = costOf(cell)), true));
}

/* In steps: between two of the front there is nothing better than the worse in each. */
function staircase(front, x, y) {
  return front.flatMap((cell, index) => {
    const point = [x.at(cell.figure), y.at(costOf(cell))];
    return index ? [[point[0], y.at(costOf(front[index - 1]))], point] : [point];
  });
}

export function makeCost(context, pattern) {
  const id = `cost-${pattern}`;
  let group, scale;

  function draw(width) {
    const cells = group.cells.filter(cell => costOf(cell) > 0);
    if (cells.length < 2) return null;
    const { latency } = cells[0];
    const text = latency ? format.ns : format.rate;
    const front = frontOf(cells);
    const x = makeScale(
      cells.map(cell => cell.figure),
      { log: scale.log, zero: true, format: text, padding: 0.08, title: latency ? 'p50' : 'rate' },
    );
    const y = makeScale(cells.map(costOf), {
      log: scale.log,
      zero: true,
      format: format.ns,
      vertical: true,
      padding: 0.08,
    });
    const onFront = new Set(front);
    return {
      height: 360,
      note: [
        `${group.title}. Processor time of both sides per message. `,
        legend(keyItem('dashed', 'none is better in both (Pareto front)')),
      ],
      summary: `On the Pareto front: ${front.map(cell => cell.label).join(', ')}.`,
      option: {
        grid: grid({ right: 24 }),
        xAxis: x.axis,
        yAxis: y.axis,
        series: [
          {
            type: 'line',
            silent: true,
            symbol: 'none',
            z: 1,
            data: staircase(front, x, y),
            lineStyle: { color: token('muted'), width: 1, type: 'dashed' },
          },
          ...cells.map(cell => {
            const { opacity, z } = emphasis(context, cell, cells);
            const colour = context.colours.of(cell);
            const named = (onFront.has(cell) || cell === context.selected()) && width >= 360;
            return {
              type: 'scatter',
              silent: true,
              z,
              symbol: context.colours.symbol(cell),
              symbolSize: onFront.has(cell) || cell === context.selected() ? 11 : 8,
              data: [[x.at(cell.figure), y.at(costOf(cell))]],
              itemStyle: {
                color: isYardstick(cell) ? token('paper') : colour,
                borderColor: colour,
                borderWidth: 1.25,
                opacity: opacity * 0.9,
              },
              label: {
                show: named,
                formatter: cell.name,
                color: token('ink'),
                fontSize: 11,
                textBorderColor: token('paper'),
                textBorderWidth: 3,
                position: latency ? 'right' : 'bottom',
                distance: 7,
              },
              labelLayout: params => ({
                hideOverlap: true,
                ...(params.labelRect.x + params.labelRect.width > width - 8
                  ? { x: params.rect.x - 6, align: 'right' }
                  : {}),
              }),
              emphasis: { scale: 1.4 },
            };
          }),
        ],
      },
      points: cells.map((cell, index) => ({
        x: x.at(cell.figure),
        y: y.at(costOf(cell)),
        series: index + 1,
        curve: index,
        cell,
        title: cell.name,
        rows: [
          ...figureRows(cell),
          ['CPU per message', format.ns(costOf(cell))],
          ['sender / receiver', cell.summary.cpu_ns.map(format.ns).join(' / ')],
          ['switches S / R', format.sides(cell.summary.switches, 2)],
        ],
      })),
    };
  }

  return makeFigure({
    id,
    title: 'What it costs',
    draw,
    controls() {
      scale = scaleSwitch(context, id);
      group = chooseGroup(context, id, shown(context, pattern), cell => cell.group);
      return [group.menu, scale.element];
    },
    select: context.select,
  });
}
