// node check-export.mjs FORMAT EXPORT RESULT: checks an export by the rules of its format and against
// the result file it was made from. Where a consumer's own rules are known, they are used as they are.
// Exit 0: it keeps them. 1: it breaks one, and says which. 2: wrong usage or an unreadable file.
import { readFileSync } from "node:fs";
import Ajv from "ajv";
import hdr from "hdr-histogram-js";

const LATENCY_PATTERNS = ["pingpong", "oneway", "burst", "paced", "pagewalk", "linewalk"];
const [format, exportPath, resultPath] = process.argv.slice(2);

const complaints = [];
const expect = (holds, what) => holds || complaints.push(what);
const isPositive = (value) => typeof value === "number" && Number.isFinite(value) && value > 0;
const hasKeys = (object, required, optional = []) =>
  required.every((key) => key in object) &&
  Object.keys(object).every((key) => required.includes(key) || optional.includes(key));
const lines = (text) => text.replace(/\n$/, "").split("\n");

function expectSame(what, got, wanted) {
  const [ours, theirs] = [[...new Set(got)].sort(), [...new Set(wanted)].sort()];
  expect(ours.length > 0, `no ${what}`);
  for (const name of ours) expect(theirs.includes(name), `${what} ${name} should not be there`);
  for (const name of theirs) expect(ours.includes(name), `${what} ${name} is missing`);
}

const isLatency = (cell) => LATENCY_PATTERNS.includes(cell.pattern);
const goodTrials = (cell) => cell.trials.filter((trial) => trial.status === "ok");
const plain = (id) => id.replaceAll(",", "+");

// [name, value] of everything that an export of medians over trials holds.
function metricsOf(cell) {
  const { summary } = cell;
  const named = isLatency(cell)
    ? [["p50", summary.p50_ns], ["p99", summary.p99_ns], ["p99.9", summary.p999_ns]]
    : [["saturation", summary.load?.saturation_per_s]];
  return [...named, ["rate", summary.rate_per_s]].filter(([, value]) => value > 0);
}

function checkGbench(text, cells) {
  const KEYS = ["name", "family_index", "per_family_instance_index", "run_name", "run_type",
    "repetitions", "repetition_index", "threads", "iterations", "real_time", "cpu_time", "time_unit",
    "bytes_per_second", "items_per_second"];
  const { context, benchmarks } = JSON.parse(text);
  expect(context.json_schema_version === 1, "json_schema_version is not 1");
  expect(!Number.isNaN(Date.parse(context.date)), "date");
  const repetitions = new Map();
  for (const entry of benchmarks) {
    expect(hasKeys(entry, KEYS), `${entry.name}: members ${Object.keys(entry)}`);
    expect(entry.run_name === entry.name && entry.run_type === "iteration", `${entry.name}: kind`);
    for (const key of ["real_time", "cpu_time", "iterations", "items_per_second"])
      expect(isPositive(entry[key]), `${entry.name}: ${key} is ${entry[key]}`);
    expect(entry.time_unit === "ns", `${entry.name}: time_unit`);
    const before = repetitions.get(entry.name) ?? 0;
    expect(entry.repetition_index === before, `${entry.name}: repetition_index`);
    repetitions.set(entry.name, before + 1);
  }
  for (const { name, repetitions: stated } of benchmarks)
    expect(stated === repetitions.get(name), `${name}: repetitions is ${stated}`);
  const wanted = cells.flatMap((cell) => isLatency(cell)
    ? [["p50", "p50_ns"], ["p99", "p99_ns"], ["p99.9", "p999_ns"]]
        .filter(([, figure]) => goodTrials(cell).some((trial) => trial[figure] > 0))
        .map(([name]) => `${cell.id}/${name}`)
    : [`${cell.id}/per-op`]);
  expectSame("entry", benchmarks.map((entry) => entry.name), wanted);
}

// The action's own pattern for a range that it can scale.
const GHA_RANGE = /^(\+-|±)\s*\d.+$/;

function checkGha(text, cells, unit) {
  const entries = JSON.parse(text);
  for (const entry of entries) {
    expect(hasKeys(entry, ["name", "unit", "value"], ["range", "extra"]), `${entry.name}: members`);
    expect(isPositive(entry.value), `${entry.name}: value is ${entry.value}`);
    expect(entry.unit === unit, `${entry.name}: unit is ${entry.unit}`);
    if ("range" in entry)
      expect(GHA_RANGE.test(entry.range) && Number(entry.range.slice(1)) >= 0, `${entry.name}: range`);
  }
  const names = entries.map((entry) => entry.name);
  expect(new Set(names).size === names.length, "a name stands twice");
  const wanted = cells.flatMap((cell) => metricsOf(cell)
    .filter(([name]) => name.startsWith("p") === (unit === "ns"))
    .map(([name]) => `${cell.id}/${name}`));
  expectSame("entry", names, wanted);
}

const BMF_SCHEMA = {
  type: "object",
  propertyNames: { minLength: 1, maxLength: 1024 },
  additionalProperties: {
    type: "object",
    minProperties: 1,
    propertyNames: { minLength: 1, maxLength: 64 },
    additionalProperties: {
      type: "object",
      required: ["value"],
      properties: {
        value: { type: "number", exclusiveMinimum: 0 },
        lower_value: { type: "number", exclusiveMinimum: 0 },
        upper_value: { type: "number", exclusiveMinimum: 0 },
      },
      additionalProperties: false,
    },
  },
};

function checkBmf(text, cells) {
  const document = JSON.parse(text);
  const ajv = new Ajv();
  if (!ajv.validate(BMF_SCHEMA, document)) complaints.push(ajv.errorsText());
  for (const [name, measures] of Object.entries(document)) {
    expect("latency" in measures || "throughput" in measures, `${name}: no built-in measure`);
    for (const { value, lower_value: low = value, upper_value: high = value } of Object.values(measures))
      expect(low <= value && value <= high, `${name}: the value is outside its bounds`);
  }
  expectSame("benchmark", Object.keys(document), cells.map((cell) => cell.id));
}

function checkGobench(text, cells) {
  const UNITS = ["ns/op", "p99-ns/op", "p99.9-ns/op", "op/s", "saturation-op/s"];
  const names = new Map();
  for (const line of lines(text)) {
    if (/^[a-z][^A-Z\s]*: \S/.test(line) || /^Unit \S+ better=(higher|lower)$/.test(line)) continue;
    const match = /^(BenchmarkIPC(?:\/[a-z]+=[^\s/]+)+)-\d+ ([1-9]\d*)((?: \S+ \S+)+)$/.exec(line);
    expect(match, `not a line of the format: ${line}`);
    if (!match) continue;
    names.set(match[1], (names.get(match[1]) ?? 0) + 1);
    const fields = match[3].trim().split(" ");
    const units = fields.filter((_, i) => i % 2);
    expect(new Set(units).size === units.length, `${line}: a unit stands twice`);
    for (const unit of units) expect(UNITS.includes(unit), `${line}: unit ${unit}`);
    for (const value of fields.filter((_, i) => i % 2 === 0))
      expect(isPositive(Number(value)), `${line}: value ${value}`);
  }
  const keyOf = (id) => ["pattern", "transport", "size", "placement"]
    .reduce((parts, key, i) => parts.with(i, `${key}=${parts[i]}`), plain(id).split("/")).join("/");
  expectSame("name", names.keys(), cells.map((cell) => `BenchmarkIPC/${keyOf(cell.id)}`));
  for (const cell of cells)
    expect(names.get(`BenchmarkIPC/${keyOf(cell.id)}`) === goodTrials(cell).length,
      `${cell.id}: not a line for each trial`);
}

function checkOtava(text, cells, result) {
  const document = JSON.parse(text);
  expect(Array.isArray(document) && document.length === 1, "not a list of one point");
  const [point] = document;
  expect(hasKeys(point, ["timestamp", "metrics", "attributes"]), `members ${Object.keys(point)}`);
  expect(point.timestamp === Date.parse(result.started_at) / 1000, "timestamp");
  expect(typeof point.attributes.branch === "string" && typeof point.attributes.commit === "string",
    "attributes");
  for (const metric of point.metrics)
    expect(hasKeys(metric, ["name", "value"]) && isPositive(metric.value), `metric ${metric.name}`);
  const names = point.metrics.map((metric) => metric.name);
  expect(new Set(names).size === names.length, "a name stands twice");
  expectSame("metric", names, cells.flatMap((cell) => metricsOf(cell).map(([name]) => `${cell.id}/${name}`)));
}

const COMMENT_MOST = 127;

function checkHlog(text, cells, result) {
  const reader = new hdr.HistogramLogReader(text, 64);
  const totals = new Map();
  let before = 0;
  for (let histogram; (histogram = reader.nextIntervalHistogram()); ) {
    const counts = totals.get(histogram.tag) ?? [];
    totals.set(histogram.tag, [...counts, histogram.totalCount]);
    expect(histogram.startTimeStampMsec >= before, "intervals are not in order");
    expect(histogram.endTimeStampMsec > histogram.startTimeStampMsec, "an interval without a length");
    before = histogram.startTimeStampMsec;
  }
  expect(reader.startTimeSec === Date.parse(result.started_at) / 1000, "StartTime");
  const wanted = cells.filter(isLatency);
  expectSame("tag", totals.keys(), wanted.map((cell) => plain(cell.id)));
  for (const cell of wanted)
    expect(`${totals.get(plain(cell.id))}` === `${goodTrials(cell).map((t) => Number(t.sample_count))}`,
      `${cell.id}: counts ${totals.get(plain(cell.id))}`);
  let head = true;
  for (const line of lines(text)) {
    expect(head || !line.startsWith("#"), "a comment behind the first interval");
    if (line.startsWith("#")) expect(line.length <= COMMENT_MOST, `a comment of ${line.length}`);
    else if (line.startsWith("Tag=")) {
      head = false;
      const [, , , max] = line.split(",");
      expect(/^Tag=[^, ]+,\d+\.\d{3},\d+\.\d{3},\d+\.\d{3},HISTFAAA\S+$/.test(line), `not an interval: ${line}`);
      const maxOf = hdr.decodeFromCompressedBase64(line.split(",")[4], 64).maxValue / 1e6;
      expect(Math.abs(max - maxOf) <= 0.001 + maxOf / 500, `maximum ${max} of ${maxOf} ms`);
    } else expect(line.startsWith('"StartTimestamp","Interval_Length"'), `unexpected line ${line}`);
  }
}

function checkHgrm(text, cells) {
  const sections = text.split(/^(?=#\[Cell )/m);
  const grid = [];
  const ids = [];
  for (const section of sections) {
    const [title, head, empty, ...rest] = lines(section.trimEnd());
    const id = /^#\[Cell {4}= (.+)\]$/.exec(title)?.[1];
    ids.push(id);
    expect(head === "        Value     Percentile TotalCount 1/(1-Percentile)" && empty === "", `${id}: head`);
    const cell = cells.find((one) => one.id === id);
    if (!cell) continue;
    const histogram = hdr.decodeFromCompressedBase64(cell.summary.histogram, 64);
    const rows = rest.filter((line) => !line.startsWith("#"));
    let total = 0;
    rows.forEach((row, i) => {
      const last = i === rows.length - 1;
      const pattern = last ? /^ +\d+\.\d{3} 1\.0{12} +\d+$/ : /^ +\d+\.\d{3} 0\.\d{12} +\d+ +\d+\.\d\d$/;
      expect(pattern.test(row), `${id}: row "${row}"`);
      const [value, percentile, count] = row.trim().split(/ +/).map(Number);
      expect(last || (grid[i] ??= percentile) === percentile, `${id}: row ${i} is off the grid`);
      expect(count >= total, `${id}: counts fall`);
      expect(histogram.lowestEquivalentValue(value) ===
        histogram.lowestEquivalentValue(histogram.getValueAtPercentile(percentile * 100)),
        `${id}: ${value} at ${percentile}`);
      total = count;
    });
    expect(total === Number(cell.summary.sample_count), `${id}: ${total} samples`);
    expect(rest.some((line) => new RegExp(`Total count {4}= +${total}\\]`).test(line)), `${id}: foot`);
  }
  expectSame("cell", ids, cells.filter(isLatency).map((cell) => cell.id));
}

function parseCsv(text) {
  const FIELD = /(?:"((?:[^"]|"")*)"|([^",\n]*))([,\n])/gy;
  const rows = [[]];
  let end = 0;
  for (const [match, quoted, bare, stop] of text.matchAll(FIELD)) {
    rows.at(-1).push(quoted?.replaceAll('""', '"') ?? bare);
    if (stop === "\n") rows.push([]);
    end += match.length;
  }
  expect(end === text.length && rows.pop().length === 0, `not CSV from byte ${end} on`);
  return rows;
}

function checkCsv(text, cells) {
  const [head, ...rows] = parseCsv(text);
  expect(`${head}` === "cell,pattern,transport,size_bytes,placement,round,started_s,share,metric,unit,value",
    `columns ${head}`);
  const seen = new Set();
  for (const row of rows) {
    const [cell, , , , , round, , share, metric, unit, value] = row;
    expect(row.length === head.length, `${row}: ${row.length} fields`);
    const key = [cell, round, share, metric].join("\0");
    expect(!seen.has(key), `${row}: a second one`);
    seen.add(key);
    expect(isPositive(Number(value)) && unit !== "", `${row}: value`);
  }
  expectSame("row", rows.filter((row) => ["p50", "rate"].includes(row[8]) && row[7] === "")
    .map((row) => `${row[0]} ${row[5]} ${row[8]} ${Number(row[10])}`),
  cells.flatMap((cell) => goodTrials(cell).flatMap((trial) =>
    [["p50", trial.p50_ns], ["rate", trial.rate_per_s]].filter(([, value]) => value > 0)
      .map(([name, value]) => `${cell.id} ${trial.round} ${name} ${value}`))));
  const points = cells.flatMap((cell) => goodTrials(cell).flatMap((trial) => trial.load?.points ?? []));
  expect(rows.filter((row) => row[8] === "offered").length === points.length, "points of load curves");
}

function checkMd(text, cells) {
  const all = lines(text);
  const columns = (line) => line.replaceAll("\\|", "").split("|").length;
  all.forEach((line, i) => {
    if (!line.startsWith("|")) return;
    expect(line.endsWith("|"), `row ${i + 1} has no end`);
    if (all[i - 1]?.startsWith("|")) expect(columns(line) === columns(all[i - 1]), `row ${i + 1}: columns`);
    else expect(/^\|(?: -+:? \|)+$/.test(all[i + 1]), `row ${i + 2} is no rule`);
  });
  const unescape = (field) => field.trim().replace(/\\(.)/g, "$1");
  const named = all.filter((line) => /^\| [a-z]+\//.test(line)).map((line) => unescape(line.split(" | ")[0].slice(1)));
  expectSame("row", named, cells.map((cell) => cell.id));
  const curves = cells.filter((cell) => cell.summary.load).length;
  expect(all.filter((line) => line.startsWith("| of saturation")).length === curves, "load curves");
}

function checkProm(text, cells) {
  const SAMPLE = /^([a-z_]+)(?:\{((?:[a-z_]+="(?:[^"\\\n]|\\["\\n])*",?)+)\})? (\d[\d.e+-]*)$/;
  expect(text.endsWith("\n# EOF\n"), "no # EOF at the end");
  const families = [];
  const series = new Set();
  const ids = [];
  for (const line of lines(text).slice(0, -1)) {
    const comment = /^# (TYPE|UNIT|HELP) ([a-z_]+) (.+)$/.exec(line);
    if (comment?.[1] === "TYPE") families.push(comment[2]);
    expect(comment || SAMPLE.test(line), `not a line of the format: ${line}`);
    if (comment) {
      expect(comment[2] === families.at(-1), `${line}: not of the family before`);
      continue;
    }
    const [, name, labels = "", value] = SAMPLE.exec(line) ?? [];
    expect(name === families.at(-1), `${line}: its family is over`);
    expect(isPositive(Number(value)), `${line}: value`);
    expect(!series.has(`${name}{${labels}}`), `${line}: a second one`);
    series.add(`${name}{${labels}}`);
    const id = /^cell="([^"]*)"/.exec(labels)?.[1];
    if (id) ids.push(id);
  }
  expect(new Set(families).size === families.length, "a family stands twice");
  expectSame("cell", ids, cells.map((cell) => cell.id));
}

const checks = {
  gbench: checkGbench,
  "gha-smaller": (text, cells) => checkGha(text, cells, "ns"),
  "gha-bigger": (text, cells) => checkGha(text, cells, "op/s"),
  bmf: checkBmf, gobench: checkGobench, otava: checkOtava, hlog: checkHlog, hgrm: checkHgrm,
  csv: checkCsv, md: checkMd, prom: checkProm,
};

if (!resultPath || !(format in checks)) {
  console.error("usage: node check-export.mjs FORMAT EXPORT RESULT");
  process.exit(2);
}
let text, result;
try {
  text = readFileSync(exportPath, "utf8");
  result = JSON.parse(readFileSync(resultPath, "utf8"));
} catch (error) {
  console.error(error.message);
  process.exit(2);
}
try {
  checks[format](text, result.cells.filter((cell) => cell.status === "ok"), result);
} catch (error) {
  complaints.push(`${error.message}`);
}
for (const complaint of complaints) console.error(`${format}: ${complaint}`);
process.exitCode = complaints.length > 0 ? 1 : 0;
