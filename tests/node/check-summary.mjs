// That a cell's summary follows from its trials.
import {
  FIGURE_PRECISION, LATENCY, SERIES, SIDES, checkCosts, checkMerged, checkRate, complain, expect,
  expectClose, expectOrder, isClose, median, sum,
} from "./checks.mjs";

const NOISY = 0.05;
const CLOCK_FACTOR = 10; // a time below that many offsets of the clocks is limited by them

// `width`: by how much the ends may lie beyond those of the trials.
function checkInterval(where, summary, names, values, width = 0) {
  const [low, value, high] = names;
  expectOrder(where, summary, low, value, high);
  expectClose(where, value, summary[value], median(values));
  for (const end of [low, high]) {
    const by = (end === low ? -1 : 1) * width;
    if (!values.some((one) => isClose(Math.max(0, one + by), summary[end])))
      complain(where, `${end} is no trial's`);
  }
}

function checkCounts(where, cell, trials) {
  const { summary } = cell;
  const failed = cell.trials.filter((trial) => ["failed", "skipped"].includes(trial.status));
  const invalid = cell.trials.filter((trial) => trial.status === "invalid");
  expect(where, "trials", summary.trials, trials.length);
  expect(where, "trials_failed", summary.trials_failed, failed.length);
  expect(where, "failed_reason", summary.failed_reason, failed[0]?.reason);
  expect(where, "trials_invalid", summary.trials_invalid, invalid.length);
  expect(where, "invalid_reason", summary.invalid_reason, invalid[0]?.reason);
  const marks = { unsettled: "probes_disagree", faulted: "faults_in_loop", drifting: "drifting" };
  for (const [name, mark] of Object.entries(marks)) {
    const marked = trials.filter((trial) => trial[mark]).length;
    expect(where, `trials_${name}`, summary[`trials_${name}`], marked);
  }
}

function checkStates(where, summary) {
  const states = summary.states ?? [];
  states.forEach((state, i) => {
    expectOrder(`${where}: state ${i}`, state, "probe_low_ns", "probe_high_ns");
    expectOrder(`${where}: state ${i}`, state, "low", "value", "high");
    if (i > 0 && state.probe_low_ns < states[i - 1].probe_high_ns)
      complain(where, `states ${i - 1} and ${i} overlap`);
  });
  if (sum(states.map((state) => state.trials)) > summary.trials)
    complain(where, "more trials in states than there are");
  expect(where, "having modes", "modes" in summary, Boolean(summary.bimodal));
}

function checkSummaryCurve(where, load, trials) {
  const saturation = median(trials.map((trial) => trial.load.saturation_per_s));
  expectClose(where, "saturation_per_s", load.saturation_per_s, saturation);
  expectOrder(where, load, "saturation_low_per_s", "saturation_per_s", "saturation_high_per_s");
  for (const { share, trials: count, stable, p50_ns } of load.points) {
    if (count > trials.length || stable > count)
      complain(where, `${stable} of ${count} of ${trials.length} trials are stable at ${share}`);
    expect(where, `a p50_ns at ${share}`, p50_ns !== undefined, stable > 0 && 2 * stable >= count);
  }
}

// What only some patterns have.
function checkPattern(where, cell, trials) {
  const { summary } = cell;
  const negatives = sum(trials.map((trial) => Number(trial.negatives ?? 0)));
  expect(where, "negatives", Number(summary.negatives ?? 0), negatives);
  const limited = (summary.p50_ns ?? 0) < CLOCK_FACTOR * (summary.clock_bound_ns ?? 0);
  expect(where, "clock_limited", Boolean(summary.clock_limited), limited);
  const capacities = trials.flatMap((trial) => trial.capacity_messages ?? []);
  const capacity = capacities.length > 0 ? Math.max(...capacities) : undefined;
  expect(where, "capacity_messages", summary.capacity_messages, capacity);
  if (cell.pattern === "paced")
    expectClose(where, "offered_per_s", summary.offered_per_s, cell.rate_per_s, 1e-3);
  const cold = trials.filter((trial) => trial.cold);
  expect(where, "trials with a cold start", summary.cold?.trials ?? 0, cold.length);
  if (summary.cold)
    expectClose(where, "first_ns", summary.cold.first_ns, median(cold.map((t) => t.cold.first_ns)));
  expect(where, "having a curve", "load" in summary, cell.pattern === "load");
  if (summary.load) checkSummaryCurve(`${where}: load`, summary.load, trials);
  for (const name of SERIES[cell.pattern] ?? [])
    checkMerged(`${where}: ${name}`, summary.series?.[name] ?? {}, trials.map((t) => t.series[name]));
}

export function checkSummary(where, cell, run) {
  const { summary } = cell;
  const trials = cell.trials.filter((trial) => trial.status === "ok");
  const latency = LATENCY.includes(cell.pattern);
  checkCounts(where, cell, trials);
  checkStates(where, summary);
  checkPattern(where, cell, trials);
  if (trials.length >= 6 && summary.interval_coverage < 0.95)
    complain(where, `an interval of ${summary.interval_coverage} from ${trials.length} trials`);

  const p50 = ["p50_low_ns", "p50_ns", "p50_high_ns"];
  const rate = ["rate_low_per_s", "rate_per_s", "rate_high_per_s"];
  const width = summary.clock_limited ? summary.clock_bound_ns : 0;
  if (latency) checkInterval(where, summary, p50, trials.map((trial) => trial.p50_ns), width);
  checkInterval(where, summary, rate, trials.map((trial) => trial.rate_per_s));
  checkRate(where, summary, cell);
  const [low, value, high] = latency ? p50 : rate;
  // The interval as it was before the clocks widened it; what was cut off at 0 is not known.
  const noise = (summary[high] - summary[low] - 2 * width) / (2 * summary[value]);
  expect(where, "noisy", summary.noisy, summary.noise > (run.request.precision ?? NOISY) || summary.interval_coverage < 0.95);
  const known = width === 0 || summary[low] > 0;
  if (known && Math.abs(summary.noise - noise) > FIGURE_PRECISION * Math.max(1, noise))
    complain(where, `noise is ${summary.noise}, expected ${noise}`);
  checkCosts(where, summary, trials);
  for (const side of SIDES) {
    if (summary.blocked_share[side] > 1) complain(where, `${side}: blocked_share is over 1`);
  }
  if (latency) checkMerged(where, summary, trials);
}
