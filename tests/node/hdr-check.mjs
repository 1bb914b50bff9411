// Decodes our histograms with hdr-histogram-js and compares what both say about them.
// Standard input, separated by tabs:
//     <name> <count> <min> <max> <p50> <p90> <p99> <p99.9> <HISTFAAA...>
// We give the exact minimum and maximum, the encoded form only the counter they fell in: both must be
// in the same counter. Exit 1: a mismatch, or nothing to check.
import { createInterface } from "node:readline";
import hdr from "hdr-histogram-js";

const BIT_BUCKET_SIZE = 64; // counts beyond 2^32
const PERCENTILES = [50, 90, 99, 99.9];

function* mismatches(fields) {
  const [name, count, min, max, ...rest] = fields;
  const encoded = rest.pop();
  if (fields.length !== 9) {
    yield `${name}: ${fields.length} fields, expected 9`;
    return;
  }

  let decoded;
  try {
    decoded = hdr.decodeFromCompressedBase64(encoded, BIT_BUCKET_SIZE);
  } catch (error) {
    yield `${name}: hdr-histogram-js cannot decode it: ${error.message}`;
    return;
  }

  const lowest = (value) => decoded.lowestEquivalentValue(Number(value));
  // minNonZeroValue skips the counter of 0, which only percentile 0 shows.
  const compared = [
    ["count", Number(count), decoded.totalCount],
    ["min", lowest(min), lowest(decoded.getValueAtPercentile(0))],
    ["max", lowest(max), lowest(decoded.maxValue)],
    ...PERCENTILES.map((percentile, i) => [
      `p${percentile}`,
      lowest(rest[i]),
      lowest(decoded.getValueAtPercentile(percentile)),
    ]),
  ];
  for (const [what, ours, theirs] of compared) {
    if (!Number.isSafeInteger(ours) || ours !== theirs)
      yield `${name}: ${what}: ours ${ours}, hdr-histogram-js ${theirs}`;
  }
}

let checked = 0;
let failed = 0;
for await (const line of createInterface({ input: process.stdin })) {
  checked++;
  for (const mismatch of mismatches(line.split("\t"))) {
    failed++;
    console.error(mismatch);
  }
}
if (checked === 0) console.error("hdr-check: no histogram on standard input");
else console.log(`hdr-check: ${checked} histograms, ${failed} mismatches`);
process.exitCode = checked > 0 && failed === 0 ? 0 : 1;
