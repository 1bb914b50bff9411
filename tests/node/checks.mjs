// What the checks of a trial and of a summary share: complaints, comparisons, histograms, costs.
import hdr from "hdr-histogram-js";

export const FIGURE_PRECISION = 1e-5; // figures carry six significant digits
const BIT_BUCKET_SIZE = 64; // counts beyond 2^32
const CACHE_LINE = 64;
const TAIL_SAMPLES_MIN = 10; // a percentile with fewer samples beyond it is left out
export const SIDES = ["sender", "receiver"];
export const WALKS = ["pagewalk", "linewalk"]; // what is counted are accesses
export const LATENCY = ["pingpong", "oneway", "burst", "paced", ...WALKS]; // the main figure is a time
export const SERIES = {
  oneway: ["backward", "round_trip"],
  burst: ["round_trip"],
  paced: ["service", "send_lag"],
};
const TAILS = [
  ["p99_ns", 99],
  ["p999_ns", 99.9],
];

export const complaints = [];
export const complain = (where, what) => complaints.push(`${where}: ${what}`);

export function expect(where, what, got, wanted) {
  if (got !== wanted) complain(where, `${what} is ${got}, expected ${wanted}`);
}

export function expectClose(where, what, got, wanted, precision = FIGURE_PRECISION) {
  if (!(Math.abs(got - wanted) <= precision * Math.max(Math.abs(got), Math.abs(wanted))))
    complain(where, `${what} is ${got}, expected ${wanted}`);
}

export const isClose = (a, b) => Math.abs(a - b) <= FIGURE_PRECISION * Math.max(Math.abs(a), Math.abs(b));

export function expectOrder(where, object, ...names) {
  for (let i = 1; i < names.length; i++) {
    if (object[names[i - 1]] > object[names[i]])
      complain(where, `${names[i - 1]} is above ${names[i]}`);
  }
}

export const sum = (values) => values.reduce((total, value) => total + value, 0);

export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const half = sorted.length >> 1;
  return sorted.length % 2 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
}

// Two values that fall in one counter are the same to a histogram.
export function expectEquivalent(where, what, histogram, got, decoded) {
  if (histogram.lowestEquivalentValue(got) !== histogram.lowestEquivalentValue(decoded))
    complain(where, `${what} is ${got}, its histogram has ${decoded}`);
}

// Samples in counters above the one that holds `value`: ties with it are not beyond it.
function countBeyond(histogram, value) {
  let count = 0;
  for (let i = histogram.countsArrayIndex(value) + 1; i < histogram.countsArrayLength; i++)
    count += histogram.getCountAtIndex(i);
  return count;
}

export function checkHistogram(where, part) {
  let histogram;
  try {
    histogram = hdr.decodeFromCompressedBase64(part.histogram, BIT_BUCKET_SIZE);
  } catch (error) {
    complain(where, `hdr-histogram-js cannot decode the histogram: ${error.message}`);
    return undefined;
  }
  const count = Number(part.sample_count);
  expect(where, "sample_count", count, histogram.totalCount);
  if (count === 0) return histogram;
  // minNonZeroValue skips the counter of 0, which only percentile 0 shows.
  const ends = [
    ["min_ns", Number(part.min_ns), histogram.getValueAtPercentile(0)],
    ["max_ns", Number(part.max_ns), histogram.maxValue],
  ];
  for (const [name, ours, theirs] of ends) expectEquivalent(where, name, histogram, ours, theirs);
  // A summary's p50 is the median of the trials' medians, its tail is the merged histogram's: where
  // few trials differ wildly, the one may lie above the other.
  // A walk's p50 has fractions of a nanosecond, its histogram whole ones, rounded up.
  const p50 = "round" in part && !("batch_accesses" in part) ? ["p50_ns"] : [];
  expectOrder(where, part, ...["min_ns", ...p50, "p99_ns", "p999_ns"].filter((n) => n in part));
  for (const [name, percentile] of TAILS) {
    const beyond = count * (1 - percentile / 100);
    const theirs = histogram.getValueAtPercentile(percentile);
    if (name in part) expectEquivalent(where, name, histogram, part[name], theirs);
    if (name in part && beyond < TAIL_SAMPLES_MIN)
      complain(where, `${name} stands on ${beyond} samples beyond it`);
    // One rank further up, since the two round ranks differently.
    const rank = Math.ceil((count * percentile) / 100) + 1;
    const further = countBeyond(histogram, histogram.getValueAtPercentile((rank / count) * 100));
    if (!(name in part) && further >= TAIL_SAMPLES_MIN)
      complain(where, `${name} is missing with over ${further} samples beyond it`);
  }
  return histogram;
}

// All trials' histograms together, counter by counter: the main ones, or those of one series.
export function checkMerged(where, whole, trials) {
  const merged = checkHistogram(where, whole);
  if (!merged) return;
  const total = hdr.build({ bitBucketSize: BIT_BUCKET_SIZE, numberOfSignificantValueDigits: 3,
    highestTrackableValue: merged.highestTrackableValue });
  for (const trial of trials)
    total.add(hdr.decodeFromCompressedBase64(trial.histogram, BIT_BUCKET_SIZE));
  expect(where, "merged count", merged.totalCount, total.totalCount);
  for (let percentile = 0; percentile <= 100; percentile += 0.5)
    expectEquivalent(where, `p${percentile} of all trials`, merged,
      merged.getValueAtPercentile(percentile), total.getValueAtPercentile(percentile));
  const least = Math.min(...trials.map((trial) => Number(trial.min_ns)));
  const most = Math.max(...trials.map((trial) => Number(trial.max_ns)));
  const overflow = sum(trials.map((trial) => Number(trial.overflow_count)));
  expect(where, "overflow_count", Number(whole.overflow_count), overflow);
  if (merged.totalCount === 0) return;
  expect(where, "min_ns", Number(whole.min_ns), least);
  expect(where, "max_ns", Number(whole.max_ns), most);
}

// Two sides' costs per message, from the costs of one trial or several.
export function checkCosts(where, part, trials) {
  for (const side of SIDES) {
    const costs = trials.map((trial) => trial.sides[side]);
    const messages = sum(costs.map((cost) => Number(cost.messages)));
    const each = (total) => (messages > 0 ? total / messages : 0);
    const cpu = each(sum(costs.map((cost) => Number(cost.cpu_ns))));
    const switched = each(sum(costs.map(switches)));
    expectClose(where, `${side}'s CPU time`, part.cpu_ns_per_message[side], cpu);
    expectClose(where, `${side}'s switches`, part.switches_per_message[side], switched);
  }
}

const switches = (side) => Number(side.voluntary_switches) + Number(side.involuntary_switches);

export function checkRate(where, part, cell) {
  const messages = cell.pattern === "burst" ? cell.burst_messages : 1;
  const bytes = WALKS.includes(cell.pattern) ? CACHE_LINE : cell.size_bytes;
  const wanted = part.rate_per_s * bytes * messages;
  expectClose(where, "bytes_per_s", part.bytes_per_s, wanted, 2 * FIGURE_PRECISION);
}
