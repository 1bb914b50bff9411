/* Response against offered load, up to the knee and beyond as far as rates are held. */
import { makeFigure } from '../chart.js';
import { choices } from '../dom.js';
import { makeScale } from '../scales.js';
import * as format from '../format.js';
import {
  chooseGroup,
  curve,
  emphasis,
  frameOf,
  grid,
  keyItem,
  legend,
  scaleSwitch,
  shown,
} from './common.js';
import { endLabels, labelRoom } from './labels.js';

/* What the curve is at a rate between two of its points, on logarithms. */
function between(points, rate, of) {
  const after = points.findIndex(point => point.offered_per_s >= rate);
  if (after <= 0) return after === 0 ? of(points[0]) : of(points[points.length - 1]);
  const [a, b] = [points[after - 1], points[after]];
  const share = Math.log(rate / a.offered_per_s) / Math.log(b.offered_per_s / a.offered_per_s);
  return Math.exp(Math.log(of(a)) + share * (Math.log(of(b)) - Math.log(of(a))));
}

export function makeLoad(context, pattern) {
  const id = `curve-${pattern}`;
  const height = 400;
  let group, scale, kind;

  function draw(width) {
    const value = point => (kind === 'p99' ? point.p99_ns : point.p50_ns);
    const lines = group.cells
      .map(cell => ({
        cell,
        points: (cell.summary.load?.points ?? []).filter(point => value(point) > 0),
      }))
      .filter(line => line.points.length);
    if (!lines.length) return null;
    const cells = lines.map(line => line.cell);
    const x = makeScale(
      lines.flatMap(line => [...line.points.map(point => point.offered_per_s), line.cell.figure]),
      { log: scale.log, zero: true, format: format.rate, title: 'offered load' },
    );
    const y = makeScale(
      lines.flatMap(line => line.points.map(value)),
      { log: scale.log, zero: true, format: format.ns, vertical: true, padding: 0.08 },
    );
    for (const line of lines)
      line.knee = [x.at(line.cell.figure), y.at(between(line.points, line.cell.figure, value))];
    const room = labelRoom(
      cells.map(cell => cell.name),
      width,
    );
    const box = grid({ right: Math.max(room, 20) });
    const labels = room
      ? endLabels(
          lines.map(line => {
            const last = line.points[line.points.length - 1];
            return {
              text: line.cell.name,
              colour: context.colours.of(line.cell),
              x: x.at(last.offered_per_s),
              y: y.at(value(last)),
            };
          }),
          { x, y, ...frameOf(box, width, height) },
        )
      : [];
    return {
      height,
      note: [
        `${group.title}. ${kind} of the response, where most trials held the rate. `,
        legend(keyItem('diamond', 'knee')),
      ],
      summary: lines
        .map(line => `${line.cell.label}: knee at ${format.rate(line.cell.figure)}`)
        .join('; '),
      option: {
        grid: box,
        xAxis: x.axis,
        yAxis: y.axis,
        series: [
          ...lines.map((line, index) =>
            curve(
              context,
              line.cell,
              cells,
              line.points.map(point => [x.at(point.offered_per_s), y.at(value(point))]),
              { symbol: 'circle', symbolSize: 4, showSymbol: true, ...labels[index] },
            ),
          ),
          ...lines.map(line => ({
            type: 'scatter',
            silent: true,
            z: 11,
            symbol: 'diamond',
            symbolSize: 14,
            data: [line.knee],
            itemStyle: {
              color: context.colours.of(line.cell),
              opacity: emphasis(context, line.cell, cells).opacity,
            },
          })),
        ],
      },
      points: lines.flatMap((line, series) => [
        ...line.points.map(point => ({
          x: x.at(point.offered_per_s),
          y: y.at(value(point)),
          series,
          curve: series,
          cell: line.cell,
          title: line.cell.name,
          rows: [
            [
              'offered',
              `${format.rate(point.offered_per_s)}, ${format.percent(point.share)} of saturation`,
            ],
            ['p50', format.ns(point.p50_ns)],
            ['p99', point.p99_ns ? format.ns(point.p99_ns) : '–'],
            ['stable', `${point.stable} of ${point.trials}`],
          ],
        })),
        {
          x: line.knee[0],
          y: line.knee[1],
          series,
          curve: series,
          cell: line.cell,
          title: `${line.cell.name}, knee`,
          rows: [
            [
              'knee',
              `${format.rate(line.cell.figure)} ${line.cell.interval ? format.spread(line.cell.figure, line.cell.interval) : ''}`,
            ],
            ['saturation', format.rate(line.cell.summary.load.saturation_per_s)],
          ],
        },
      ]),
    };
  }

  return makeFigure({
    id,
    title: 'Response against offered load',
    draw,
    controls() {
      kind = context.view.get('show-load') === 'p50' ? 'p50' : 'p99';
      scale = scaleSwitch(context, id);
      group = chooseGroup(context, id, shown(context, pattern), cell => cell.group);
      return [
        group.menu,
        choices(
          'Shown',
          [
            ['p50', 'p50'],
            ['p99', 'p99'],
          ],
          kind,
          value => context.view.set({ 'show-load': value }),
        ),
        scale.element,
      ];
    },
    select: context.select,
  });
}
