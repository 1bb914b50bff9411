/* Percentile curves: who has the worst tail. */
import { makeFigure } from '../chart.js';
import { byMerit } from '../model.js';
import { makeScale } from '../scales.js';
import * as format from '../format.js';
import { chooseGroup, curve, frameOf, grid, scaleSwitch, shown } from './common.js';
import { endLabels, labelRoom } from './labels.js';
import { heightBeside } from './rows.js';

const percentiles = [
  [1, 'min'],
  [0.5, '50 %'],
  [0.1, '90 %'],
  [0.01, '99 %'],
  [1e-3, '99.9 %'],
  [1e-4, '99.99 %'],
  [1e-5, '99.999 %'],
  [1e-6, '99.9999 %'],
];

function percentileText(beyond) {
  const digits = Math.max(0, Math.ceil(-Math.log10(beyond)) - 1);
  return `${(100 * (1 - beyond)).toFixed(Math.min(digits + 1, 6)).replace(/\.0+$/, '')} %`;
}

const curvesMost = 60;

export function makeTail(context, pattern) {
  const id = `tail-${pattern}`;
  let group, scale;

  function draw(width) {
    const cells = [...group.cells].sort(byMerit).slice(0, curvesMost);
    if (!cells.length) return null;
    const curves = cells.map(cell => cell.summary.curve.filter(([beyond]) => beyond > 0));
    const x = makeScale(
      curves.flatMap(points => points.map(([beyond]) => 1 / beyond)),
      {
        log: true,
        padding: 0,
        format: String,
        title: 'percentile',
        ticks: percentiles.map(([beyond]) => 1 / beyond),
        tickTexts: undefined,
      },
    );
    const names = new Map(
      percentiles.map(([beyond, text]) => [Math.log10(1 / beyond).toFixed(3), text]),
    );
    x.axis.axisLabel.formatter = value => names.get(value.toFixed(3)) ?? '';
    const y = makeScale(
      curves.flatMap(points => points.map(([, value]) => value)),
      { log: scale.log, zero: true, format: format.ns, vertical: true },
    );
    const room = labelRoom(
      cells.map(cell => cell.name),
      width,
    );
    const box = grid({ right: Math.max(room, 20) });
    const height = heightBeside(cells.length);
    const labels = room
      ? endLabels(
          cells.map((cell, index) => {
            const [beyond, value] = curves[index][curves[index].length - 1];
            return {
              text: cell.name,
              colour: context.colours.of(cell),
              x: x.at(1 / beyond),
              y: y.at(value),
            };
          }),
          { x, y, ...frameOf(box, width, height) },
        )
      : [];
    return {
      height,
      note: `${group.title}. As far as at least 10 samples lie beyond.`,
      summary: `${cells.length} curves; the lowest median is ${cells[0].label}.`,
      option: {
        grid: box,
        xAxis: x.axis,
        yAxis: y.axis,
        series: cells.map((cell, index) =>
          curve(
            context,
            cell,
            cells,
            curves[index].map(([beyond, value]) => [x.at(1 / beyond), y.at(value)]),
            labels[index],
          ),
        ),
      },
      points: cells.flatMap((cell, series) =>
        curves[series].map(([beyond, value]) => ({
          x: x.at(1 / beyond),
          y: y.at(value),
          series,
          curve: series,
          cell,
          title: cell.name,
          rows: [
            [percentileText(beyond), format.ns(value)],
            ['exactly', `${format.plain(value)} ns`],
          ],
        })),
      ),
    };
  }

  return makeFigure({
    id,
    title: 'The tail',
    draw,
    controls() {
      scale = scaleSwitch(context, id);
      group = chooseGroup(
        context,
        id,
        shown(context, pattern).filter(cell => cell.summary.curve?.length),
        cell => cell.group,
      );
      return [group.menu, scale.element];
    },
    select: context.select,
  });
}
