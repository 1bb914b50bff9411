/* Rows with a value and its interval: a dot on a bar. What the ranking and the forest plot share. */
import { token } from '../colours.js';
import { longest } from './labels.js';

/* rows: [{ at, low, high, colour, hollow, faded }] on scale x, one under the other. */
export function dotsOnBars(rows, thickness = 6) {
  return {
    type: 'custom',
    silent: true,
    z: 3,
    clip: true,
    data: rows.map((row, index) => [row.at, index]),
    renderItem(params, api) {
      const row = rows[params.dataIndex];
      const [left, top] = api.coord([row.low, params.dataIndex]);
      const [right] = api.coord([row.high, params.dataIndex]);
      const [middle] = api.coord([row.at, params.dataIndex]);
      const opacity = row.faded ? 0.35 : 1;
      return {
        type: 'group',
        children: [
          {
            type: 'rect',
            shape: {
              x: left,
              y: top - thickness / 2,
              width: Math.max(right - left, 1),
              height: thickness,
              r: thickness / 2,
            },
            style: { fill: row.colour, opacity: 0.28 * opacity },
          },
          {
            type: 'circle',
            shape: { cx: middle, cy: top, r: row.strong ? 6 : 4.5 },
            style: {
              fill: row.hollow ? token('paper') : row.colour,
              stroke: row.colour,
              lineWidth: 1.5,
              opacity,
            },
          },
        ],
      };
    },
  };
}

/* A short upright stroke in each row, for a second value beside the dot; rows without are left out. */
export function strokes(rows, height = 10) {
  return {
    type: 'custom',
    silent: true,
    z: 2,
    clip: true,
    data: rows.map((row, index) => [row.second ?? row.at, index]),
    renderItem(params, api) {
      const row = rows[params.dataIndex];
      if (row.second === undefined) return null;
      const [x, y] = api.coord([row.second, params.dataIndex]);
      return {
        type: 'rect',
        shape: { x: x - 1, y: y - height / 2, width: 2, height },
        style: { fill: row.colour, opacity: row.faded ? 0.35 : 0.9 },
      };
    },
  };
}

/* The table's marks of each row, behind the plot's right edge. */
export function marksBehind(rows) {
  return {
    type: 'custom',
    silent: true,
    z: 2,
    data: rows.map((row, index) => [row.at, index]),
    renderItem(params, api) {
      const [, y] = api.coord([rows[params.dataIndex].at, params.dataIndex]);
      const { x, width } = params.coordSys;
      const style = {
        text: rows[params.dataIndex].marks ?? '',
        x: x + width + 6,
        y,
        fill: token('muted'),
        fontSize: 11,
        verticalAlign: 'middle',
      };
      return { type: 'text', style };
    },
  };
}

/* Figures beside a ranking of as many rows grow with it. */
export const rowsHeight = count => 60 + count * (count > 14 ? 21 : 24);
export const heightBeside = count => Math.min(Math.max(rowsHeight(count), 380), 540);

/* Width for the rows' names: what the longest takes, but never more than its share. */
export const nameRoom = (names, width) =>
  Math.min(longest(names, 12) + 16, width * (width < 500 ? 0.44 : 0.4));
