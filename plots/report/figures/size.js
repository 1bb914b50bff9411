/* p50 and p99, or the rate, against the size of messages. */
import { makeFigure } from '../chart.js';
import { choices } from '../dom.js';
import { distinct, groupBy } from '../model.js';
import { makeScale } from '../scales.js';
import { token } from '../colours.js';
import * as format from '../format.js';
import {
  chooseGroup,
  curve,
  emphasis,
  figureRows,
  frameOf,
  grid,
  keyItem,
  legend,
  scaleSwitch,
  shown,
} from './common.js';
import { endLabels, labelRoom } from './labels.js';

const height = 380;

const withoutSize = cell =>
  [cell.run.index, cell.placement, cell.idle, cell.setting, cell.cpus.join('-')].join('|');

/* What can be drawn: values of a cell, with an interval where it has one. */
const latencyKinds = {
  p50: { text: format.ns, of: cell => [cell.figure, cell.interval] },
  p99: { text: format.ns, of: cell => [cell.summary.p99_ns, null] },
};
const rateKinds = {
  bandwidth: {
    text: format.bandwidth,
    of: cell => [cell.summary.bytes_per_s, cell.interval?.map(rate => rate * cell.size_bytes)],
  },
  messages: { text: format.rate, of: cell => [cell.figure, cell.interval] },
};

function band(points, colour, opacity) {
  return {
    type: 'custom',
    silent: true,
    z: 0,
    clip: true,
    data: [[points[0].x, points[0].y]],
    renderItem: (params, api) => ({
      type: 'polygon',
      shape: {
        points: [
          ...points.map(point => api.coord([point.x, point.high])),
          ...[...points].reverse().map(point => api.coord([point.x, point.low])),
        ],
      },
      style: { fill: colour, opacity },
    }),
  };
}

/* No copy goes faster than memcpy: bytes per second, or messages of a size. */
function boundsOf(context, sizes, kind) {
  const run = context.model.runs[0];
  const lines = [
    ['memcpy, in cache', run.bounds.memcpy_cached_bytes_per_s],
    ['memcpy, 64 MiB', run.bounds.memcpy_uncached_bytes_per_s],
  ];
  return lines
    .filter(([, value]) => value > 0)
    .map(([name, value]) => ({
      name,
      points: sizes.map(size => [size, kind === 'bandwidth' ? value : value / size]),
    }));
}

/* A line for each transport: what it is drawn in the name of, and its points by size. */
function linesOf(context, cells, valueOf) {
  return [...groupBy(cells, cell => cell.name).values()]
    .map(members => ({
      cell: members.find(cell => cell === context.selected()) ?? members[0],
      points: members
        .map(cell => {
          const [value, interval] = valueOf(cell);
          return { cell, size: cell.size_bytes, value, interval };
        })
        .filter(point => point.value > 0)
        .sort((a, b) => a.size - b.size),
    }))
    .filter(line => line.points.length);
}

function scalesOf(lines, bounds, sizes, log, text) {
  const values = lines.flatMap(line =>
    line.points.flatMap(point => [point.value, ...(point.interval ?? [])]),
  );
  values.push(...bounds.flatMap(line => line.points.map(([, value]) => value)));
  return {
    x: makeScale(sizes, {
      log: true,
      ticks: sizes,
      format: format.bytes,
      padding: 0.03,
      title: 'message size',
    }),
    y: makeScale(values, { log, zero: true, format: text, vertical: true }),
  };
}

function placePoints(lines, { x, y }) {
  for (const point of lines.flatMap(line => line.points)) {
    const [low, high] = point.interval ?? [point.value, point.value];
    point.x = x.at(point.size);
    point.y = y.at(point.value);
    point.low = y.at(Math.max(low, y.low));
    point.high = y.at(high);
  }
}

/* Names of the lines that go on to the largest size, and of the bounds: a label, or nothing, for
 * each line and then for each bound. */
function namesOf(context, lines, bounds, { x, y }, width) {
  const largest = Math.max(...lines.flatMap(line => line.points.map(point => point.size)));
  const ends = [
    ...lines.map(({ cell, points }) => ({
      text: cell.name,
      colour: context.colours.of(cell),
      named: points.at(-1).size === largest,
      ...points.at(-1),
    })),
    ...bounds.map(({ name, points }) => ({
      text: name,
      colour: token('muted'),
      named: true,
      x: x.at(points.at(-1)[0]),
      y: y.at(points.at(-1)[1]),
    })),
  ];
  const named = ends.filter(end => end.named);
  const room = labelRoom(
    named.map(end => end.text),
    width,
  );
  const box = grid({ right: Math.max(room, 20) });
  const labels = room ? endLabels(named, { x, y, ...frameOf(box, width, height) }) : [];
  return { box, labels: ends.map(end => labels[named.indexOf(end)] ?? {}) };
}

function seriesOf(context, lines, bounds, { x, y }, labels) {
  const cells = lines.map(line => line.cell);
  const curves = lines.map(({ cell, points }, index) =>
    curve(
      context,
      cell,
      cells,
      points.map(point => [point.x, point.y]),
      {
        symbol: context.colours.symbol(cell),
        symbolSize: points.length === 1 ? 7 : 4.5,
        showSymbol: true,
        ...labels[index],
      },
    ),
  );
  const boundLines = bounds.map(({ points }, index) => ({
    type: 'line',
    silent: true,
    symbol: 'none',
    z: 1,
    data: points.map(([size, value]) => [x.at(size), y.at(value)]),
    lineStyle: { color: token('ink'), width: 1, type: 'dashed', opacity: 0.6 },
    ...labels[lines.length + index],
  }));
  const bands = lines
    .filter(({ points }) => points.length > 1 && points.some(point => point.interval))
    .map(({ cell, points }) =>
      band(points, context.colours.of(cell), 0.1 * emphasis(context, cell, cells).opacity),
    );
  return [...curves, ...boundLines, ...bands];
}

function pointsOf(lines, kind, text) {
  return lines.flatMap((line, series) =>
    line.points.map(({ cell, size, value, x, y }) => ({
      x,
      y,
      series,
      curve: series,
      cell,
      title: `${cell.name}, ${format.bytes(size)}`,
      rows: [...(value === cell.figure ? [] : [[kind, text(value)]]), ...figureRows(cell)],
    })),
  );
}

export function makeSize(context, pattern, latency) {
  const id = `size-${pattern}`;
  const kinds = latency ? latencyKinds : rateKinds;
  const names = Object.keys(kinds);
  let group, scale, kind;

  function draw(width) {
    const lines = linesOf(context, group.cells, kinds[kind].of);
    const sizes = distinct(lines.flatMap(line => line.points.map(point => point.size))).sort(
      (a, b) => a - b,
    );
    if (sizes.length < 2) return null;
    const bounds = latency ? [] : boundsOf(context, sizes, kind);
    const scales = scalesOf(lines, bounds, sizes, scale.log, kinds[kind].text);
    placePoints(lines, scales);
    const { box, labels } = namesOf(context, lines, bounds, scales, width);
    return {
      height,
      note: [
        group.menu && `${group.title}. `,
        legend(
          lines.some(line => line.points.some(point => point.interval)) &&
            keyItem('bar', 'interval of the median'),
          bounds.length > 0 && keyItem('dashed', 'bound: memcpy'),
        ),
      ],
      summary: `${lines.length} transports over ${sizes.length} sizes.`,
      option: {
        grid: box,
        xAxis: scales.x.axis,
        yAxis: scales.y.axis,
        series: seriesOf(context, lines, bounds, scales, labels),
      },
      points: pointsOf(lines, kind, kinds[kind].text),
    };
  }

  return makeFigure({
    id,
    title: latency ? 'Against size' : 'Throughput against size',
    draw,
    controls() {
      const wanted = context.view.get(`show-${pattern}`);
      kind = names.includes(wanted) ? wanted : names[0];
      scale = scaleSwitch(context, id);
      group = chooseGroup(context, id, shown(context, pattern), withoutSize, false);
      const switchKind = value => context.view.set({ [`show-${pattern}`]: value });
      return [
        group.menu,
        choices(
          'Shown',
          names.map(name => [name, name]),
          kind,
          switchKind,
        ),
        scale.element,
      ];
    },
    select: context.select,
  });
}
