// node check-result.mjs FILE...: what a schema cannot say of a result file: that its parts agree.
// Histograms are decoded by hdr-histogram-js, every derived figure is derived again.
// Exit 0: all agree. 1: something does not, or a file cannot be read. 2: wrong usage.
import { readFileSync } from "node:fs";
import hdr from "hdr-histogram-js";

const BIT_BUCKET_SIZE = 64; // counts beyond 2^32
const COMPLAINTS_SHOWN = 20;
const TAIL_SAMPLES_MIN = 10; // a percentile with fewer samples beyond it is left out
const NOISY = 0.05;
const FIGURE_PRECISION = 1e-5; // figures carry six significant digits
const HISTOGRAM_PRECISION = 2e-3; // three digits, and half a nanosecond for each sample
const SIDES = ["sender", "receiver"];
const TAILS = [
  ["p99_ns", 99],
  ["p999_ns", 99.9],
];

let complaints = [];
const complain = (where, what) => complaints.push(`${where}: ${what}`);

function expect(where, what, got, wanted) {
  if (got !== wanted) complain(where, `${what} is ${got}, expected ${wanted}`);
}

function expectClose(where, what, got, wanted, precision = FIGURE_PRECISION) {
  if (!(Math.abs(got - wanted) <= precision * Math.max(Math.abs(got), Math.abs(wanted))))
    complain(where, `${what} is ${got}, expected ${wanted}`);
}

function expectOrder(where, object, ...names) {
  for (let i = 1; i < names.length; i++) {
    if (object[names[i - 1]] > object[names[i]])
      complain(where, `${names[i - 1]} is above ${names[i]}`);
  }
}

const sum = (values) => values.reduce((total, value) => total + value, 0);

function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const half = sorted.length >> 1;
  return sorted.length % 2 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
}

// No null, and no number that a reader with doubles would not get as it was written.
function checkValues(where, value) {
  if (value === null) complain(where, "is null");
  else if (typeof value === "number") {
    if (!Number.isFinite(value)) complain(where, "is no finite number");
    else if (Number.isInteger(value) && Math.abs(value) > 2 ** 53)
      complain(where, `${value} is beyond 2^53; expected a string`);
  } else if (typeof value === "object")
    for (const [key, child] of Object.entries(value)) checkValues(`${where}/${key}`, child);
}

// Two values that fall in one counter are the same to a histogram.
function expectEquivalent(where, what, histogram, got, decoded) {
  if (histogram.lowestEquivalentValue(got) !== histogram.lowestEquivalentValue(decoded))
    complain(where, `${what} is ${got}, its histogram has ${decoded}`);
}

/* Samples in counters above the one that holds `value`: ties with it are not beyond it. */
function countBeyond(histogram, value) {
  let count = 0;
  for (let i = histogram.countsArrayIndex(value) + 1; i < histogram.countsArrayLength; i++)
    count += histogram.getCountAtIndex(i);
  return count;
}

function checkHistogram(where, part) {
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
  const p50 = "round" in part ? ["p50_ns"] : [];
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

// Two sides' costs per message, from the costs of one trial or several.
function checkCosts(where, part, trials) {
  for (const side of SIDES) {
    const costs = trials.map((trial) => trial.sides[side]);
    const messages = sum(costs.map((cost) => Number(cost.messages)));
    const cpu = sum(costs.map((cost) => Number(cost.cpu_ns))) / messages;
    const switched = sum(costs.map(switches)) / messages;
    expectClose(where, `${side}'s CPU time`, part.cpu_ns_per_message[side], cpu);
    expectClose(where, `${side}'s switches`, part.switches_per_message[side], switched);
  }
}

const switches = (side) => Number(side.voluntary_switches) + Number(side.involuntary_switches);

function checkRate(where, part, cell) {
  const wanted = part.rate_per_s * cell.size_bytes;
  expectClose(where, "bytes_per_s", part.bytes_per_s, wanted, 2 * FIGURE_PRECISION);
}

function checkLatencyTrial(where, trial) {
  const histogram = checkHistogram(where, trial);
  if (!histogram) return;
  const overflow = Number(trial.overflow_count);
  expect(where, "messages", Number(trial.messages), histogram.totalCount + overflow);
  expectEquivalent(where, "p50_ns", histogram, trial.p50_ns, histogram.getValueAtPercentile(50));
  // One stamp per round trip: together they are the timed loop.
  if (overflow === 0)
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

function checkTrial(where, trial, cell) {
  if (trial.status !== "ok") return;
  const rate = (Number(trial.messages) * 1e9) / trial.elapsed_ns;
  expectClose(where, "rate_per_s", trial.rate_per_s, rate);
  checkRate(where, trial, cell);
  checkCosts(where, trial, [trial]);
  for (const [name, messages] of Object.entries(trial.integrity))
    expect(where, name, Number(messages), 0);
  (cell.pattern === "pingpong" ? checkLatencyTrial : checkThroughputTrial)(where, trial);
}

// All trials' histograms together, counter by counter.
function checkMerged(where, summary, trials) {
  const merged = checkHistogram(where, summary);
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
  expect(where, "min_ns", Number(summary.min_ns), least);
  expect(where, "max_ns", Number(summary.max_ns), most);
  expect(where, "overflow_count", Number(summary.overflow_count), overflow);
}

function checkInterval(where, summary, names, values) {
  const [low, value, high] = names;
  expectOrder(where, summary, low, value, high);
  expectClose(where, value, summary[value], median(values));
  for (const end of [low, high]) {
    if (!values.some((one) => Math.abs(one - summary[end]) <= FIGURE_PRECISION * one))
      complain(where, `${end} is no trial's`);
  }
}

function checkSummary(where, cell) {
  const { summary } = cell;
  const trials = cell.trials.filter((trial) => trial.status === "ok");
  const bad = cell.trials.filter((trial) => !["ok", "interrupted"].includes(trial.status));
  const latency = cell.pattern === "pingpong";
  expect(where, "trials", summary.trials, trials.length);
  expect(where, "trials_failed", summary.trials_failed, bad.length);
  expect(where, "failed_reason", summary.failed_reason, bad[0]?.reason);
  const unsettled = trials.filter((trial) => trial.probes_disagree);
  const faulted = trials.filter((trial) => trial.faults_in_loop);
  expect(where, "trials_unsettled", summary.trials_unsettled, unsettled.length);
  expect(where, "trials_faulted", summary.trials_faulted, faulted.length);
  if (trials.length >= 6 && summary.interval_coverage < 0.95)
    complain(where, `an interval of ${summary.interval_coverage} from ${trials.length} trials`);

  const p50 = ["p50_low_ns", "p50_ns", "p50_high_ns"];
  const rate = ["rate_low_per_s", "rate_per_s", "rate_high_per_s"];
  if (latency) checkInterval(where, summary, p50, trials.map((trial) => trial.p50_ns));
  checkInterval(where, summary, rate, trials.map((trial) => trial.rate_per_s));
  checkRate(where, summary, cell);
  const [low, value, high] = latency ? p50 : rate;
  const noise = (summary[high] - summary[low]) / (2 * summary[value]);
  expect(where, "noisy", summary.noisy, summary.noise > NOISY);
  if (Math.abs(summary.noise - noise) > FIGURE_PRECISION * Math.max(1, noise))
    complain(where, `noise is ${summary.noise}, expected ${noise}`);
  checkCosts(where, summary, trials);
  for (const side of SIDES) {
    if (summary.blocked_share[side] > 1) complain(where, `${side}: blocked_share is over 1`);
  }
  if (latency) checkMerged(where, summary, trials);
}

// What was asked for by a number was obtained; the kernel may give more.
function checkObtained(where, cell) {
  const { options, obtained } = cell;
  const atLeast = [
    ["capacity", "capacity_bytes", 1],
    ["sndbuf", "sndbuf_bytes", 2], // Linux keeps twice what was asked for
    ["rcvbuf", "rcvbuf_bytes", 2],
    ["qbytes", "qbytes", 1],
    ["depth", "depth", 1],
    ["slots", "slots", 1],
  ];
  for (const [option, name, factor] of atLeast) {
    if (typeof options[option] !== "number") continue;
    if (!(obtained[name] >= factor * options[option]))
      complain(where, `${option}=${options[option]} was asked for, ${name} is ${obtained[name]}`);
  }
  if (["hugetlb", "thp"].includes(options.huge) && !(obtained.page_bytes > 65536))
    complain(where, `huge=${options.huge} was asked for, page_bytes is ${obtained.page_bytes}`);
  const first = cell.trials.find((trial) => trial.status === "ok");
  expect(where, "obtained", JSON.stringify(obtained), JSON.stringify(first.obtained ?? {}));
}

function checkId(where, cell) {
  const [pattern, transport, , placement] = cell.id.split("/");
  expect(where, "pattern", cell.pattern, pattern);
  expect(where, "transport", cell.transport, transport.split(":")[0]);
  expect(where, "placement", cell.placement, placement);
  for (const option of transport.split(":")[1]?.split(",") ?? []) {
    const [key, typed] = option.split("=");
    expect(where, key, cell.options_typed?.[key] ?? String(cell.options[key]), typed);
  }
}

function checkCell(cell, run) {
  const where = cell.id;
  checkId(where, cell);
  cell.trials.forEach((trial, i) => checkTrial(`${where}: trial ${i}`, trial, cell));
  const rounds = cell.trials.map((trial) => trial.round);
  expect(where, "number of rounds", new Set(rounds).size, rounds.length);
  if (rounds.some((round) => round >= run.request.trials))
    complain(where, "more rounds than asked for");
  if (run.status === "complete" && cell.unmeasured) complain(where, "unmeasured in a complete run");
  if (run.status === "complete" && cell.status === "ok" && !cell.summary.trials_failed)
    expect(where, "number of trials", cell.trials.length, run.request.trials);
  if (cell.status !== "ok") return;
  checkSummary(where, cell);
  checkObtained(where, cell);
}

function checkRun(run) {
  checkValues("", run);
  const ids = run.cells.map((cell) => cell.id);
  expect("cells", "number of names", new Set(ids).size, ids.length);
  const trials = run.cells.flatMap((cell) => cell.trials);
  const orders = trials.map((trial) => trial.order);
  expect("cells", "number of places in the run", new Set(orders).size, trials.length);
  for (const { order, round } of trials)
    expect("cells", `round of place ${order}`, round, Math.floor(order / ids.length));
  for (const cell of run.cells) checkCell(cell, run);
  return trials.length;
}

function check(path) {
  complaints = [];
  let trials = 0;
  try {
    const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
    trials = checkRun(JSON.parse(utf8.decode(readFileSync(path))));
  } catch (error) {
    complain("file", error.message);
  }
  for (const complaint of complaints.slice(0, COMPLAINTS_SHOWN))
    console.error(`${path}: ${complaint}`);
  if (complaints.length > COMPLAINTS_SHOWN)
    console.error(`${path}: and ${complaints.length - COMPLAINTS_SHOWN} more`);
  console.log(`check-result: ${path}: ${trials} trials, ${complaints.length} complaints`);
  return complaints.length === 0;
}

const paths = process.argv.slice(2);
if (paths.length === 0) {
  console.error("usage: node check-result.mjs FILE...");
  process.exit(2);
}
process.exitCode = paths.map(check).every(Boolean) ? 0 : 1;
