/* p50 and p99, or the rate, against the size of messages. */
import { makeFigure } from '../chart.js';
import { choices } from '../dom.js';
import { distinct, groupBy } from '../model.js';
import { makeScale } from '../scales.js';
import { token } from '../colours.js';
import * as format from '../format.js';
import { chooseGroup, curve, emphasis, figureRows, frameOf, grid, keyItem, legend, scaleSwitch, shown } from './common.js';
import { endLabels, labelRoom } from './labels.js';

const withoutSize = cell => [cell.run.index, cell.placement, cell.idle, cell.setting, cell.cpus.join('-')].join('|');

/* What can be drawn: values of a cell, with an interval where it has one. */
const latencyKinds = {
  p50: { text: format.ns, of: cell => [cell.figure, cell.interval] },
  p99: { text: format.ns, of: cell => [cell.summary.p99_ns, null] },
};
const rateKinds = {
  bandwidth: { text: format.bandwidth, of: cell => [cell.summary.bytes_per_s, cell.interval?.map(rate => rate * cell.size_bytes)] },
  messages: { text: format.rate, of: cell => [cell.figure, cell.interval] },
};

function band(points, colour, opacity) {
  return {
    type: 'custom', silent: true, z: 0, clip: true, data: [[points[0].x, points[0].y]],
    renderItem: (params, api) => ({
      type: 'polygon',
      shape: { points: [...points.map(point => api.coord([point.x, point.high])),
        ...[...points].reverse().map(point => api.coord([point.x, point.low]))] },
      style: { fill: colour, opacity },
    }),
  };
}

/* No copy goes faster than memcpy: bytes per second, or messages of a size. */
function boundsOf(context, sizes, kind) {
  const run = context.model.runs[0];
  const lines = [['memcpy, in cache', run.bounds.memcpy_cached_bytes_per_s], ['memcpy, 64 MiB', run.bounds.memcpy_uncached_bytes_per_s]];
  return lines.filter(([, value]) => value > 0).map(([name, value]) => ({
    name, points: sizes.map(size => [size, kind === 'bandwidth' ? value : value / size]),
  }));
}

export function makeSize(context, pattern, latency) {
  const id = `size-${pattern}`;
  const kinds = latency ? latencyKinds : rateKinds;
  const height = 380;
  let group, scale, kind;

  function linesOf(cells) {
    return [...groupBy(cells, cell => cell.name).values()].map(members => ({
      cell: members.find(cell => cell === context.selected()) ?? members[0],
      points: members.map(cell => {
        const [value, interval] = kinds[kind].of(cell);
        return { cell, size: cell.size_bytes, value, interval };
      }).filter(point => point.value > 0).sort((a, b) => a.size - b.size),
    })).filter(line => line.points.length);
  }

  function draw(width) {
    const lines = linesOf(group.cells);
    const sizes = distinct(lines.flatMap(line => line.points.map(point => point.size))).sort((a, b) => a - b);
    if (sizes.length < 2)
      return null;
    const bounds = latency ? [] : boundsOf(context, sizes, kind);
    const { text } = kinds[kind];
    const cells = lines.map(line => line.cell);
    const x = makeScale(sizes, { log: true, ticks: sizes, format: format.bytes, padding: 0.03, title: 'message size' });
    const y = makeScale([...lines.flatMap(line => line.points.flatMap(point => [point.value, ...(point.interval ?? [])])),
      ...bounds.flatMap(line => line.points.map(([, value]) => value))], { log: scale.log, zero: true, format: text, vertical: true });
    const within = value => y.at(Math.max(value, y.low));
    for (const point of lines.flatMap(line => line.points))
      Object.assign(point, { x: x.at(point.size), y: y.at(point.value), low: within(point.interval?.[0] ?? point.value), high: y.at(point.interval?.[1] ?? point.value) });
    const ends = [
      ...lines.map(({ cell, points }) => ({ text: cell.name, colour: context.colours.of(cell), ...points[points.length - 1], alone: points[points.length - 1].size < sizes[sizes.length - 1] })),
      ...bounds.map(({ name, points: [...points] }) => ({ text: name, colour: token('muted'), x: x.at(points[points.length - 1][0]), y: y.at(points[points.length - 1][1]) })),
    ];
    const named = ends.filter(end => !end.alone);
    const room = labelRoom(named.map(end => end.text), width);
    const box = grid({ right: Math.max(room, 20) });
    const made = room ? endLabels(named, { x, y, ...frameOf(box, width, height) }) : [];
    const labelOf = index => room && !ends[index].alone ? made[named.indexOf(ends[index])] : {};
    const curves = lines.map((line, index) => curve(context, line.cell, cells, line.points.map(point => [point.x, point.y]), {
      symbol: context.colours.symbol(line.cell), symbolSize: line.points.length === 1 ? 7 : 4.5, showSymbol: true, ...labelOf(index),
    }));
    const boundLines = bounds.map((line, index) => ({
      type: 'line', silent: true, symbol: 'none', z: 1, data: line.points.map(([size, value]) => [x.at(size), y.at(value)]),
      lineStyle: { color: token('ink'), width: 1, type: 'dashed', opacity: 0.6 },
      ...labelOf(lines.length + index),
    }));
    return {
      height,
      note: [group.menu && `${group.title}. `,
        legend(keyItem('bar', latency && kind === 'p99' ? '' : 'interval of the median'), !latency && keyItem('dashed', 'bound: memcpy'))],
      summary: `${lines.length} transports over ${sizes.length} sizes.`,
      option: {
        grid: box, xAxis: x.axis, yAxis: y.axis,
        series: [...curves, ...boundLines,
          ...lines.filter(line => line.points.length > 1 && line.points.some(point => point.interval))
            .map(line => band(line.points, context.colours.of(line.cell), 0.1 * emphasis(context, line.cell, cells).opacity))],
      },
      points: lines.flatMap((line, series) => line.points.map(point => ({
        x: point.x, y: point.y, series, curve: series, cell: point.cell, title: `${point.cell.name}, ${format.bytes(point.size)}`,
        rows: kind in { p50: 1, messages: 1 } ? figureRows(point.cell) : [[kind, text(point.value)], ...figureRows(point.cell)],
      }))),
    };
  }

  return makeFigure({
    id, title: latency ? 'Against size' : 'Throughput against size', draw,
    controls() {
      const names = Object.keys(kinds);
      kind = names.includes(context.view.get(`show-${pattern}`)) ? context.view.get(`show-${pattern}`) : names[0];
      scale = scaleSwitch(context, id);
      group = chooseGroup(context, id, shown(context, pattern), withoutSize, false);
      return [group.menu, choices('Shown', names.map(name => [name, name]), kind, value => context.view.set({ [`show-${pattern}`]: value })), scale.element];
    },
    select: context.select,
  });
}
