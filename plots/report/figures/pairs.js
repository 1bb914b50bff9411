/* The cache line's way between CPUs, from the probes beside the trials: where runs used several pairs. */
import { makeFigure } from '../chart.js';
import { distinct, groupBy } from '../model.js';
import { rowAxis } from '../scales.js';
import { token } from '../colours.js';
import * as format from '../format.js';
import { grid } from './common.js';

function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/* Both ways round are one pair. */
function pairsOf(cells) {
  const probed = cells.filter(
    cell => cell.trials && cell.cpus[0] >= 0 && cell.cpus[0] !== cell.cpus[1],
  );
  return [...groupBy(probed, cell => [...cell.cpus].sort((a, b) => a - b).join('-')).values()]
    .map(members => {
      const probes = members.flatMap(cell => cell.trials.probe_ns).filter(probe => probe > 0);
      return {
        cpus: [...members[0].cpus].sort((a, b) => a - b),
        placement: members[0].placement,
        probes,
      };
    })
    .filter(pair => pair.probes.length);
}

const left = 44;

export function makePairs(context) {
  return makeFigure({
    id: 'pairs',
    title: 'Cache line between CPUs',
    select: context.select,
    draw(width) {
      const pairs = pairsOf(context.cells());
      if (pairs.length < 2) return null;
      const cpus = distinct(pairs.flatMap(pair => pair.cpus)).sort((a, b) => a - b);
      const values = pairs.map(pair => median(pair.probes));
      const [low, high] = [Math.min(...values), Math.max(...values)];
      const names = cpus.map(String);
      const boxes = pairs.flatMap((pair, index) =>
        [pair.cpus, [...pair.cpus].reverse()].map(([a, b]) => ({
          x: cpus.indexOf(a),
          y: cpus.indexOf(b),
          value: values[index],
          pair,
        })),
      );
      const shade = value =>
        high > low ? 0.15 + (0.75 * Math.log(value / low)) / Math.log(high / low) : 0.4;
      return {
        height: Math.min(80 + cpus.length * 34, 520),
        note: 'There and back, median of the probes beside the trials. The darker, the farther apart.',
        summary: pairs
          .map((pair, index) => `${pair.cpus.join(' and ')}: ${format.ns(values[index])}`)
          .join('; '),
        option: {
          grid: grid({
            left,
            top: 8,
            bottom: 40,
            right: Math.max(20, width - left - cpus.length * 110),
          }),
          xAxis: {
            ...rowAxis(names),
            inverse: false,
            name: 'CPU',
            nameLocation: 'middle',
            nameGap: 26,
          },
          yAxis: rowAxis(names),
          series: [
            {
              type: 'custom',
              silent: true,
              data: boxes.map(box => [box.x, box.y]),
              renderItem(params, api) {
                const box = boxes[params.dataIndex];
                const [across, down] = api.coord([box.x, box.y]);
                const [wide, tall] = api.size([1, 1]);
                return {
                  type: 'group',
                  children: [
                    {
                      type: 'rect',
                      shape: {
                        x: across - wide / 2 + 1,
                        y: down - tall / 2 + 1,
                        width: wide - 2,
                        height: tall - 2,
                      },
                      style: { fill: token('accent'), opacity: shade(box.value) },
                    },
                    {
                      type: 'text',
                      style: {
                        text: width / cpus.length > 52 ? format.ns(box.value) : '',
                        x: across,
                        y: down,
                        fill: token('ink'),
                        fontSize: 12,
                        align: 'center',
                        verticalAlign: 'middle',
                      },
                    },
                  ],
                };
              },
            },
          ],
        },
        points: boxes.map((box, index) => ({
          x: box.x,
          y: box.y,
          curve: box.y,
          title: `CPUs ${box.pair.cpus.join(' and ')}`,
          rows: [
            ['there and back', format.ns(box.value)],
            ['placement', box.pair.placement],
            ['probes', String(box.pair.probes.length)],
          ],
          index,
        })),
      };
    },
  });
}
