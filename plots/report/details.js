/* What else is known of one cell. */
import { h } from './dom.js';
import * as format from './format.js';
import { figureText } from './model.js';

const pairs = list => list.map(([key, value]) => `${key}=${value}`).join(', ');

function seriesRows(summary) {
  const words = {
    service: 'service (from sent)',
    send_lag: 'send lag',
    backward: 'the way back',
    round_trip: 'there and back',
  };
  return Object.entries(summary.series ?? {}).map(([name, { p50_ns, p99_ns }]) => [
    words[name] ?? name,
    `p50 ${format.ns(p50_ns)}${p99_ns ? `, p99 ${format.ns(p99_ns)}` : ''}`,
  ]);
}

function doubtRows(cell) {
  const { summary } = cell;
  const rows = [];
  if (summary.modes)
    rows.push([
      'two groups of trials',
      summary.modes.map(mode => figureText(cell, mode)).join(' and '),
    ]);
  if (summary.states.length > 1)
    rows.push([
      'by distance of the CPUs',
      summary.states
        .map(
          state =>
            `${format.ns(state.probe_low_ns)} to ${format.ns(state.probe_high_ns)}: ${figureText(cell, state.value)} in ${state.trials} trials`,
        )
        .join('; '),
    ]);
  if (summary.clock_bound_ns) rows.push(['clocks agree within', format.ns(summary.clock_bound_ns)]);
  if (summary.negatives) rows.push(['times below 0', String(summary.negatives)]);
  if (summary.trials_invalid)
    rows.push([`${summary.trials_invalid} trials invalid`, summary.invalid_reason ?? '']);
  if (summary.trials_failed)
    rows.push([`${summary.trials_failed} trials failed`, summary.failed_reason ?? '']);
  return rows;
}

function summaryRows(cell) {
  const { summary } = cell;
  const rows = [];
  if (cell.interval && summary.trials > 1)
    rows.push([
      'interval',
      `${cell.interval.map(value => figureText(cell, value)).join(' … ')} (${format.percent(summary.coverage)} over ${summary.trials} trials)`,
    ]);
  rows.push(...seriesRows(summary));
  if (summary.samples) rows.push(['samples', format.number(summary.samples)]);
  if (summary.capacity_messages !== undefined)
    rows.push([
      'fits while nobody receives',
      `${format.number(summary.capacity_messages)} messages`,
    ]);
  if (summary.load) rows.push(['saturation', format.rate(summary.load.saturation_per_s)]);
  if (summary.cold)
    rows.push([
      'cold start',
      `first ${format.ns(summary.cold.first_ns)}, then p50 ${format.ns(summary.cold.p50_ns)}; faults ${format.sides(summary.cold.faults, 0)}`,
    ]);
  if (summary.blocked.some(share => share > 0))
    rows.push(['waiting S / R', summary.blocked.map(format.percent).join(' / ')]);
  if (cell.crew)
    rows.push([
      'at once',
      `${cell.crew.pairs ? `${cell.crew.pairs} pairs` : `${cell.crew.senders} senders, ${cell.crew.receivers} receivers`}${cell.crew.fairness ? `, fairness ${cell.crew.fairness.toFixed(3)}` : ''}`,
    ]);
  return [...rows, ...doubtRows(cell)];
}

export function detailsOf(context, cell) {
  const rows = [
    ['id', h('code', {}, cell.id)],
    context.model.runs.length > 1 && ['run', `${cell.run.letter} ${cell.run.file}`],
    cell.options.length > 0 && ['options', pairs(cell.options)],
    cell.obtained.length > 0 && ['obtained', pairs(cell.obtained)],
    cell.cpus[0] >= 0 && ['CPUs', cell.cpus.join(', ')],
    !cell.touched && ['payload', 'not touched'],
    ...(cell.summary ? summaryRows(cell) : []),
  ].filter(Boolean);
  const leftOut = (cell.trials?.left_out ?? []).length;
  return h(
    'div',
    { class: 'cell-details' },
    h(
      'dl',
      {},
      rows.map(([name, value]) => [h('dt', {}, name), h('dd', {}, value)]),
    ),
    cell.summary &&
      h(
        'p',
        { class: 'note' },
        'Highlighted in the figures above.',
        leftOut > 0 &&
          ` ${leftOut} of ${cell.trials.value.length} trials are left out of its figures.`,
      ),
  );
}
