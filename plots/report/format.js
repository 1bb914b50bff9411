/* Numbers as ipcbench's tables write them (base/units.h): three significant digits and a unit. */

function scaled(value, base, units) {
  if (!Number.isFinite(value)) return '–';
  if (value === 0) return `0 ${units[0]}`;
  let step = 0,
    number = value;
  while (step + 1 < units.length && Math.abs(number) >= base * (1 - 0.0005)) {
    number /= base;
    step += 1;
  }
  const magnitude = Math.abs(number);
  const digits = magnitude >= 99.95 ? 0 : magnitude >= 9.995 ? 1 : 2;
  return `${number.toFixed(digits)} ${units[step]}`;
}

export const ns = value => scaled(value, 1000, ['ns', 'µs', 'ms', 's']);
export const rate = value => scaled(value, 1000, ['/s', 'k/s', 'M/s', 'G/s']);
export const bandwidth = value => scaled(value, 1000, ['B/s', 'kB/s', 'MB/s', 'GB/s', 'TB/s']);

export function bytes(value) {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let step = 0,
    number = value;
  while (step + 1 < units.length && number >= 1024) {
    number /= 1024;
    step += 1;
  }
  return `${Number.isInteger(number * 4) ? number : number.toPrecision(3)} ${units[step]}`;
}

export function duration(seconds) {
  if (seconds < 60)
    return `${seconds < 10 && !Number.isInteger(seconds) ? seconds.toFixed(1) : Math.round(seconds)} s`;
  const minutes = Math.floor(seconds / 60);
  return minutes < 60
    ? `${minutes} min${Math.round(seconds % 60) ? ` ${Math.round(seconds % 60)} s` : ''}`
    : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

export function percent(share) {
  const value = share * 100;
  return `${Math.abs(value) < 10 ? value.toFixed(1) : value.toFixed(0)} %`;
}

/* Half an interval's width as a share of the figure. */
export function spread(value, [low, high]) {
  const share = (high - low) / 2 / value;
  return share < 10 ? `±${percent(share).replace(' ', ' ')}` : '±>999 %';
}

/* A ratio as a change, and from 10 on as a factor. */
export function change(ratio) {
  if (!Number.isFinite(ratio)) return '–';
  if (ratio >= 10) return `${ratio.toFixed(0)}×`;
  const value = 100 * (ratio - 1);
  return `${value >= 0 ? '+' : '−'}${Math.abs(value).toFixed(Math.abs(value) < 10 ? 1 : 0)} %`;
}

export const number = value => value.toLocaleString('en-US').replace(/,/g, ' ');
export const plain = value => Number(value.toPrecision(6)).toString();

export const sides = (pair, digits) => pair.map(value => value.toFixed(digits)).join(' / ');

/* "2026-11-21T13:13:14Z" as "21 Nov 2026, 13:13 UTC". */
export function date(text) {
  const time = new Date(text);
  if (Number.isNaN(time.getTime())) return text;
  const day = time.toLocaleDateString('en-GB', {
    day: 'numeric',
    month: 'short',
    year: 'numeric',
    timeZone: 'UTC',
  });
  return `${day}, ${text.slice(11, 16)} UTC`;
}
