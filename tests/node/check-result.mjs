// node check-result.mjs FILE...: what a schema cannot say of a result file: that its parts agree.
// Histograms are decoded by hdr-histogram-js, every derived figure is derived again.
// Exit 0: all agree. 1: something does not, or a file cannot be read. 2: wrong usage.
import { readFileSync } from "node:fs";
import { checkSummary } from "./check-summary.mjs";
import { checkTrial } from "./check-trial.mjs";
import { complain, complaints, expect } from "./checks.mjs";

const COMPLAINTS_SHOWN = 20;

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
  if (["shm", "mmap"].includes(cell.transport) && !(obtained.page_bytes > 0))
    complain(where, "no page_bytes");
  if (["hugetlb", "hugetlb-1g", "thp"].includes(options.huge) && !(obtained.page_bytes > 65536))
    complain(where, `huge=${options.huge} was asked for, page_bytes is ${obtained.page_bytes}`);
  const first = cell.trials.find((trial) => trial.status === "ok");
  expect(where, "obtained", JSON.stringify(obtained), JSON.stringify(first.obtained ?? {}));
}

function checkId(where, cell) {
  const [pattern, transport, , placement] = cell.id.split("/");
  expect(where, "pattern", cell.pattern, pattern);
  const [name, ...typed_options] = transport.split(":"); // a value may have one as well
  expect(where, "transport", cell.transport, name);
  expect(where, "placement", cell.placement, placement);
  for (const option of typed_options.join(":").split(",").filter(Boolean)) {
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
  // Trials are added for a precision, and where none of those asked for is ok.
  const { trials: asked, precision } = run.request;
  const more = precision || !cell.trials.slice(0, asked).some((trial) => trial.status === "ok");
  if (!more && rounds.some((round) => round >= asked))
    complain(where, "more rounds than asked for");
  if (run.status === "complete" && cell.unmeasured) complain(where, "unmeasured in a complete run");
  if (run.status === "complete" && cell.status === "ok" && !cell.summary.trials_failed)
    expect(where, "number of trials", more ? Math.min(rounds.length, asked) : rounds.length,
      asked);
  if (cell.status !== "ok") return;
  checkSummary(where, cell, run);
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
  complaints.length = 0;
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
