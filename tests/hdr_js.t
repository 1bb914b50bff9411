#!/usr/bin/env bash
# Our encoded histograms as hdr-histogram-js reads them. TAP; BUILD names the build folder.
# shellcheck disable=SC2317 # check() calls the tests by name
set -uo pipefail

cd "$(dirname "$0")/.." || exit 1
build=${BUILD:-build}
node_folder=tests/node

for tool in node npm; do
    if ! command -v "$tool" >/dev/null; then
        echo "1..0 # SKIP $tool is not installed"
        exit 0
    fi
done

count=0
failures=0

# check DESCRIPTION COMMAND...: one test; the command's output becomes diagnostics.
check() {
    local description=$1 output
    shift
    count=$((count + 1))
    if output=$("$@" 2>&1); then
        echo "ok $count - $description"
    else
        echo "not ok $count - $description"
        failures=$((failures + 1))
    fi
    if [[ -n $output ]]; then
        printf '# %s\n' "${output//$'\n'/$'\n'# }"
    fi
}

install_packages() {
    [[ -d $node_folder/node_modules ]] || npm ci --prefix "$node_folder" --silent
}

js_reads_ours() {
    "$build/tests/emit_hdr" | node "$node_folder/hdr-check.mjs"
}

# js_finds_a_wrong FIELD NAME: the checker itself must be able to say no, and for the right reason.
js_finds_a_wrong() {
    local output
    output=$("$build/tests/emit_hdr" |
        awk -F'\t' -v OFS='\t' -v field="$1" 'NR == 1 { $field += 100 } { print }' |
        node "$node_folder/hdr-check.mjs" 2>&1) && return 1
    grep -q "^one: $2: " <<<"$output"
}

echo "1..6"
check "packages are there" install_packages
check "hdr-histogram-js agrees on every histogram" js_reads_ours
check "a wrong count is found" js_finds_a_wrong 2 count
check "a wrong minimum is found" js_finds_a_wrong 3 min
check "a wrong maximum is found" js_finds_a_wrong 4 max
check "a wrong 99.9th percentile is found" js_finds_a_wrong 8 p99.9
exit $((failures > 0))
