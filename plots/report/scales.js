/* Axes. A logarithmic one is an ordinary axis over logarithms, with ticks of our own: so it neither
 * rounds its ends to whole decades nor leaves a decade without a label. */
import { token } from './colours.js';

const log10 = Math.log10;

/* 1, 2, 5 of every decade; fewer where there are many decades. */
function logTicks(low, high) {
  const decades = log10(high / low);
  const steps = decades < 2.2 ? [1, 2, 5] : decades < 4 ? [1, 3] : [1];
  const skip = decades > 9 ? 2 : 1;
  const ticks = [];
  for (
    let exponent = Math.floor(log10(low));
    exponent <= Math.ceil(log10(high));
    exponent += skip
  ) {
    for (const step of steps) ticks.push(step * 10 ** exponent);
  }
  const inside = ticks.filter(tick => tick >= low * 0.999 && tick <= high * 1.001);
  return inside.length >= 2 ? inside : linearTicks(low, high);
}

function linearTicks(low, high) {
  const rough = (high - low) / 5 || 1;
  const power = 10 ** Math.floor(log10(rough));
  const step = [1, 2, 5, 10].map(factor => factor * power).find(candidate => candidate >= rough);
  const ticks = [];
  for (let index = Math.ceil(low / step); index * step <= high * 1.0001; ++index)
    ticks.push(Number((index * step).toPrecision(12)));
  return ticks;
}

/* What a scale of `values` is: where a value lies on the axis, and the axis itself.
 *   options: { log, format, title, ticks, padding, zero } */
export function makeScale(values, options) {
  const usable = values.filter(value => Number.isFinite(value) && (!options.log || value > 0));
  const forward = options.log ? log10 : value => value;
  let low = Math.min(...usable),
    high = Math.max(...usable);
  if (!usable.length) [low, high] = [1, 10];
  if (options.zero && !options.log) low = 0;
  if (low === high)
    [low, high] = options.log
      ? [low / 2, high * 2]
      : [low - Math.abs(low) / 2 - 1e-9, high + Math.abs(high) / 2 + 1e-9];
  const padding = (options.padding ?? 0.04) * (forward(high) - forward(low));
  /* What lies at 0 is drawn whole; upwards the axis itself is at 0. */
  const fromZero = options.zero && !options.log;
  const min = fromZero && options.vertical ? 0 : forward(low) - (fromZero ? padding / 2 : padding);
  const max = forward(high) + padding;
  const backward = options.log ? value => 10 ** value : value => value;
  const ticks = (
    options.ticks ?? (options.log ? logTicks : linearTicks)(backward(min), backward(max))
  ).filter(tick => forward(tick) >= min - 1e-9 && forward(tick) <= max + 1e-9);
  return {
    at: forward,
    low: backward(min),
    high: backward(max),
    axis: axisOf({ ...options, min, max, ticks, forward }),
  };
}

function axisOf({ min, max, ticks, forward, format, title, vertical, tickTexts }) {
  const at = ticks.map(forward);
  const texts = ticks.map(
    (tick, index) =>
      tickTexts?.[index] ??
      format(tick)
        .replace(/(\.\d*?)0+(?= )/, '$1')
        .replace(/\.(?= )/, ''),
  );
  const textAt = value => {
    const index = at.findIndex(tick => Math.abs(tick - value) < (max - min) * 1e-6);
    return index < 0 ? '' : texts[index];
  };
  return {
    type: 'value',
    min,
    max,
    name: title,
    nameLocation: vertical ? 'end' : 'middle',
    nameGap: vertical ? 12 : 30,
    nameTextStyle: {
      color: token('muted'),
      fontSize: 12,
      align: vertical ? 'left' : 'center',
      padding: vertical ? [0, 0, 0, -44] : 0,
    },
    axisLine: { show: !vertical, onZero: false, lineStyle: { color: token('line-strong') } },
    axisTick: { show: !vertical, customValues: at, lineStyle: { color: token('line-strong') } },
    axisLabel: {
      customValues: at,
      formatter: textAt,
      color: token('muted'),
      fontSize: 12,
      hideOverlap: true,
      margin: 8,
    },
    splitLine: { show: true, customValues: at, lineStyle: { color: token('line'), width: 1 } },
    minorTick: { show: false },
  };
}

/* Names in rows, first on top. */
export function rowAxis(names, width) {
  return {
    type: 'category',
    data: names,
    inverse: true,
    axisLine: { show: false },
    axisTick: { show: false },
    splitLine: { show: false },
    axisLabel: {
      color: token('ink'),
      fontSize: 12,
      interval: 0,
      width,
      overflow: 'truncate',
      margin: 10,
    },
  };
}
