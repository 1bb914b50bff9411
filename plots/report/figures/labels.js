/* Names at the ends of curves, moved apart where they would cover each other. */
import { font } from '../chart.js';
import { token } from '../colours.js';

const size = 11,
  lineHeight = 13;
const pen = document.createElement('canvas').getContext('2d');

export function textWidth(text, pixels = size) {
  pen.font = `${pixels}px ${font}`;
  return pen.measureText(text).width;
}

export const longest = (texts, pixels = size) =>
  Math.max(0, ...texts.map(text => textWidth(text, pixels)));

const overlap = (a, b) =>
  a.left < b.right && b.left < a.right && Math.abs(a.top - b.top) < lineHeight - 0.1;

/* ends: [{ text, left, top }] in pixels; gives how far down each is to be moved. Those that would be
 * moved out of the box, or far from their curve, get no label. */
function spread(ends, bottom) {
  const placed = [];
  const offsets = new Array(ends.length).fill(null);
  const order = ends.map((_, index) => index).sort((a, b) => ends[a].top - ends[b].top);
  for (const index of order) {
    const end = ends[index];
    const box = { left: end.left, right: end.left + textWidth(end.text) + 10, top: end.top };
    for (let moved = true; moved;) {
      const hit = placed.find(other => overlap(box, other));
      moved = Boolean(hit);
      if (hit) box.top = hit.top + lineHeight;
    }
    if (box.top <= bottom && box.top - end.top <= 5 * lineHeight) {
      placed.push(box);
      offsets[index] = box.top - end.top;
    }
  }
  return offsets;
}

/* The `endLabel` of each curve. ends: [{ text, colour, x, y }] on the two scales; frame: the plot's
 * edges in pixels. */
export function endLabels(ends, { x, y, left, right, top, bottom }) {
  const across = value =>
    left + ((value - x.axis.min) / (x.axis.max - x.axis.min)) * (right - left);
  const down = value =>
    bottom - ((value - y.axis.min) / (y.axis.max - y.axis.min)) * (bottom - top);
  const offsets = spread(
    ends.map(end => ({ text: end.text, left: across(end.x), top: down(end.y) })),
    bottom + 8,
  );
  return ends.map((end, index) =>
    offsets[index] === null
      ? {}
      : {
          endLabel: {
            show: true,
            formatter: end.text,
            color: end.colour,
            fontSize: size,
            distance: 6,
            textBorderColor: token('paper'),
            textBorderWidth: 3,
            offset: [0, offsets[index]],
          },
        },
  );
}

/* Room to the right of a plot for such names; none where there are too many, or the figure is narrow. */
export function labelRoom(texts, width) {
  return width < 520 || texts.length > 18 ? 0 : Math.min(longest(texts) + 14, width * 0.32);
}
