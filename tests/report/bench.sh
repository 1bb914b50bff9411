#!/usr/bin/env bash
# `make bench-report`: how long until the page of a result file of 1,000 cells can be used.
#
#   CELLS=1000 REPEATS=9
set -euo pipefail

cd "$(dirname "$0")/../.."
build=${BUILD:-build}
cells=${CELLS:-1000}
page=$build/report-$cells.html

CHROMIUM=$(command -v chromium || command -v chromium-browser || command -v google-chrome || true)
export CHROMIUM
[[ -n $CHROMIUM ]] || { echo "bench-report: chromium is missing: ./setup.sh --with-report installs it" >&2; exit 1; }
[[ -d tests/node/node_modules/playwright-core ]] || npm ci --prefix tests/node --silent

"$build/tests/report/generate" "$build/report-$cells.json" "$cells"
"$build/ipcbench" report "$build/report-$cells.json" -o "$page"
node tests/node/page-bench.mjs "$(realpath "$page")" "${REPEATS:-9}"
