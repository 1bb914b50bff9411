/* A comparison as a forest plot: ratios with their intervals, the gravest on top, between them the
 * band within which nothing counts. */
import { makeFigure } from '../chart.js';
import { choices } from '../dom.js';
import { makeScale, rowAxis } from '../scales.js';
import { token, verdictColour } from '../colours.js';
import * as format from '../format.js';
import { grid, keyItem, legend } from './common.js';
import { dotsOnBars, nameRoom } from './rows.js';

const rowsAtFirst = 30;

/* Up to half and double as a change, beyond as a factor. */
function ratioText(ratio) {
  const near = ratio > 0.499 && ratio < 2.001;
  return near
    ? ratio === 1
      ? '±0'
      : format.change(ratio).replace('.0 %', ' %')
    : `${format.plain(ratio)}×`;
}

function thresholdBand(limits) {
  return {
    type: 'custom',
    silent: true,
    z: 0,
    data: [[limits[0], 0]],
    renderItem(params, api) {
      const { y, height } = params.coordSys;
      const [left] = api.coord([limits[0], 0]);
      const [right] = api.coord([limits[1], 0]);
      const [one] = api.coord([limits[2], 0]);
      return {
        type: 'group',
        children: [
          {
            type: 'rect',
            shape: { x: left, y, width: right - left, height },
            style: { fill: token('muted'), opacity: 0.12 },
          },
          {
            type: 'rect',
            shape: { x: one - 0.5, y, width: 1, height },
            style: { fill: token('muted'), opacity: 0.8 },
          },
        ],
      };
    },
  };
}

/* What all ids end with is left out of the rows' names. */
function shortNames(rows) {
  const endings = new Set(rows.map(row => row.id.slice(row.id.lastIndexOf('/'))));
  const drop = endings.size === 1 && rows.length > 1 ? [...endings][0].length : 0;
  return rows.map(row =>
    `${row.id.slice(0, row.id.length - drop)} ${row.metric === 'rate' ? '' : row.metric}`.trim(),
  );
}

/* An interval far wider than any effect is cut at the edge, so that the others can be told apart. */
const cut = 3;
function rangeOf(figures) {
  const ratios = figures.map(figure => figure.ratio);
  return [
    Math.max(Math.min(...figures.map(figure => figure.ratio_low)), Math.min(...ratios) / cut),
    Math.min(Math.max(...figures.map(figure => figure.ratio_high)), Math.max(...ratios) * cut),
  ];
}

export function makeForest(context, comparison, rows) {
  const id = `forest-${comparison.new}`;

  function draw(width) {
    const withRatio = rows.filter(row => row.figure?.ratio > 0 && row.figure.ratio_low > 0);
    const chosen = context.view.list('whole').includes(id)
      ? withRatio
      : withRatio.slice(0, rowsAtFirst);
    if (!chosen.length) return null;
    const threshold = Math.max(
      ...Object.values(comparison.document.options.thresholds).slice(0, 1),
      0.05,
    );
    const edges = [1 / (1 + threshold), 1 + threshold];
    const x = makeScale([...rangeOf(chosen.map(row => row.figure)), ...edges], {
      log: true,
      format: ratioText,
      padding: 0.05,
    });
    const bars = chosen.map(row => ({
      at: x.at(row.figure.ratio),
      low: x.at(Math.max(row.figure.ratio_low, x.low)),
      high: x.at(Math.min(row.figure.ratio_high, x.high)),
      colour: verdictColour(row.verdict),
      hollow: row.verdict === 'inconclusive',
      strong: row.cell && row.cell === context.selected(),
    }));
    const names = shortNames(chosen);
    return {
      height: 60 + chosen.length * 20,
      note: [
        comparison.differs
          ? 'New against base. '
          : 'New against base: a latency to the right takes longer, a rate to the right is higher. ',
        legend(
          keyItem('bar', '95 % interval'),
          keyItem('band', `within ${format.plain(threshold * 100)} %`),
        ),
      ],
      summary: `${chosen.length} of ${withRatio.length} figures, the gravest first.`,
      option: {
        grid: grid({ left: nameRoom(names, width), top: 8, right: 24, bottom: 32 }),
        xAxis: x.axis,
        yAxis: rowAxis(names, nameRoom(names, width) - 12),
        series: [thresholdBand([...edges.map(x.at), x.at(1)]), dotsOnBars(bars)],
      },
      points: chosen.map((row, index) => ({
        x: bars[index].at,
        y: index,
        curve: index,
        cell: row.cell,
        title: `${row.id} ${row.metric}`,
        rows: [
          ['change', format.change(row.figure.ratio)],
          [
            'interval',
            `${format.change(row.figure.ratio_low)} … ${format.change(row.figure.ratio_high)}`,
          ],
          ['verdict', row.word],
          [
            'p',
            row.figure.p_adjusted === undefined
              ? '–'
              : String(Number(row.figure.p_adjusted.toPrecision(2))),
          ],
        ],
      })),
    };
  }

  return makeFigure({
    id,
    title: 'Ratios with their intervals',
    draw,
    select: context.select,
    controls() {
      const count = rows.filter(row => row.figure?.ratio > 0).length;
      const whole = context.view.list('whole').includes(id);
      return (
        count > rowsAtFirst &&
        choices(
          'Rows',
          [
            ['first', `first ${rowsAtFirst}`],
            ['all', `all ${count}`],
          ],
          whole ? 'all' : 'first',
          value => (value === 'all') !== whole && context.view.toggle('whole', id),
        )
      );
    },
  });
}
