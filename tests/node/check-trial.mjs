// That a trial's parts agree.
import {
  LATENCY, SERIES, WALKS, checkCosts, checkHistogram, checkRate, complain, expect, expectClose,
  expectEquivalent, expectOrder, sum,
} from "./checks.mjs";

const DRIFT = 0.02;
const HISTOGRAM_PRECISION = 2e-3; // three digits, and half a nanosecond for each sample

// Returns how many of the trial's messages are in no histogram: their times came out below 0.
function checkSeries(where, trial, cell) {
  const names = Object.keys(trial.series ?? {});
  expect(where, "series", names.sort().join(), (SERIES[cell.pattern] ?? []).sort().join());
  let missing = 0;
  for (const [name, part] of Object.entries(trial.series ?? {})) {
    const place = `${where}: ${name}`;
    const histogram = checkHistogram(place, part);
    if (!histogram) continue;
    missing += Number(trial.messages) - histogram.totalCount - Number(part.overflow_count);
    if (histogram.totalCount > 0)
      expectEquivalent(place, "p50_ns", histogram, part.p50_ns, histogram.getValueAtPercentile(50));
  }
  return missing;
}

// A sample is the mean of a batch; the histogram has it in whole nanoseconds, rounded up.
function checkWalk(where, trial) {
  const histogram = checkHistogram(where, trial);
  if (!histogram) return;
  const samples = histogram.totalCount + Number(trial.overflow_count);
  expect(where, "messages", Number(trial.messages), samples * Number(trial.batch_accesses));
  expectClose(where, "p50_ns", trial.p50_ns, trial.access_ns);
  if (Number(trial.min_ns) > Math.ceil(trial.p50_ns)) complain(where, "min_ns is above p50_ns");
  if (trial.p99_ns < trial.p50_ns) complain(where, "p50_ns is above p99_ns");
  const above = histogram.getValueAtPercentile(51) + 1e-3 * trial.p50_ns;
  if (trial.p50_ns > above || trial.p50_ns < histogram.getValueAtPercentile(49) * 0.998 - 1)
    complain(where, `p50_ns is ${trial.p50_ns}, its histogram has about ${above}`);
}

function checkLatencyTrial(where, trial, cell) {
  const histogram = checkHistogram(where, trial);
  if (!histogram) return;
  const overflow = Number(trial.overflow_count);
  const missing = Number(trial.messages) - histogram.totalCount - overflow;
  if (histogram.totalCount > 0)
    expectEquivalent(where, "p50_ns", histogram, trial.p50_ns, histogram.getValueAtPercentile(50));
  const negatives = missing + checkSeries(where, trial, cell);
  expect(where, "messages in no histogram", negatives, Number(trial.negatives ?? 0));
  // One stamp per round trip: together they are the timed loop, of one pair. Several have a loop each.
  if (overflow === 0 && cell.pattern === "pingpong" && !cell.crew)
    expectClose(where, "elapsed_ns", trial.elapsed_ns, histogram.mean * histogram.totalCount,
      HISTOGRAM_PRECISION + 1 / histogram.mean);
}

function checkThroughputTrial(where, trial) {
  const received = Number(trial.sides.receiver.messages);
  if (Number(trial.messages) > received)
    complain(where, `${trial.messages} messages in a window, ${received} in all`);
  if (sum(trial.interval_counts ?? []) > received)
    complain(where, `${sum(trial.interval_counts)} messages in the intervals, ${received} in all`);
  if (trial.interval_counts && !trial.interval_ns) complain(where, "no interval_ns");
}

// Points ascend, only stable ones have a latency, and the knee is one of those.
function checkCurve(where, curve) {
  const { points } = curve;
  points.forEach((point, i) => {
    const place = `${where}: point ${i}`;
    if (i > 0 && point.share <= points[i - 1].share) complain(place, "its share is not above");
    expectClose(place, "offered_per_s", point.offered_per_s, point.share * curve.saturation_per_s);
    expect(place, "having a p50_ns", "p50_ns" in point, point.status === "stable");
    expectOrder(place, point, ...["p50_ns", "p99_ns", "max_ns"].filter((name) => name in point));
  });
  const stable = points.filter((point) => point.status === "stable");
  if (!stable.some((point) => point.achieved_per_s === curve.knee_per_s))
    complain(where, `knee_per_s ${curve.knee_per_s} is no stable point's`);
}

function checkOffset(where, { low_ns, high_ns, bound_ns }) {
  if (low_ns > high_ns) complain(where, "clock_offset: low_ns is above high_ns");
  expect(where, "bound_ns", bound_ns, Math.max(-low_ns, high_ns));
}

function checkConditions(where, trial) {
  if (trial.clock_offset) checkOffset(where, trial.clock_offset);
  if (trial.load) checkCurve(where, trial.load);
  if (trial.pace && !trial.pace.stable) complain(where, "ok, but its pace is not stable");
  if (trial.drifting && Math.abs(trial.drift_share) <= DRIFT)
    complain(where, `drifting by ${trial.drift_share}`);
}

export function checkTrial(where, trial, cell) {
  if (trial.status !== "ok") return;
  const rate = (Number(trial.messages) * 1e9) / trial.elapsed_ns;
  expectClose(where, "rate_per_s", trial.rate_per_s, trial.load?.knee_per_s ?? rate);
  checkConditions(where, trial);
  checkRate(where, trial, cell);
  checkCosts(where, trial, [trial]);
  for (const [name, messages] of Object.entries(trial.integrity))
    expect(where, name, Number(messages), 0);
  if (WALKS.includes(cell.pattern)) checkWalk(where, trial);
  else if (LATENCY.includes(cell.pattern)) checkLatencyTrial(where, trial, cell);
  else if (cell.pattern === "stream") checkThroughputTrial(where, trial);
}
