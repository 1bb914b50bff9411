#!/usr/bin/env bash
# The fuzz targets for a short while each, under address and undefined behaviour sanitizers; `make fuzz`
# does it for ten minutes. TAP.
#
#   FUZZ_SECONDS=5         for each target
#   IPCBENCH_TEST_FUZZ=1   builds the targets where they are not
# shellcheck disable=SC2317,SC2329 # check() calls the tests by name
set -uo pipefail
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/tap.sh"

export FUZZ_SECONDS=${FUZZ_SECONDS:-5}
targets=build/fuzz/tests/fuzz

skip_all() {
    echo "1..0 # SKIP $1"
    exit 0
}

# A target that fails on one byte: whether there is libFuzzer, and whether a finding is told.
plant() {
    mkdir -p "$scratch/corpus/planted" && echo a >"$scratch/corpus/planted/input" &&
        clang -x c -fsanitize=fuzzer,address,undefined -o "$scratch/fuzz_planted" - <<'END'
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    if (bytes > 0 && data[0] == 'x')
        abort();
    return 0;
}
END
}

[[ -n ${IPCBENCH_TEST_FUZZ:-} || -d $targets ]] ||
    skip_all "the targets take two minutes to build: make fuzz-targets, or IPCBENCH_TEST_FUZZ=1"
[[ -z ${SANITIZE:-} ]] || skip_all "the targets have sanitizers of their own: run by plain make test"
command -v clang >/dev/null || skip_all "clang is not installed"
plant 2>"$scratch/plant.err" || skip_all "clang cannot build for libFuzzer: $(head -1 "$scratch/plant.err")"

finds_what_was_planted() {
    local status=0
    FUZZ_CORPUS=$scratch/corpus tests/fuzz/run.sh "$scratch/fuzz_planted" >"$scratch/out" 2>&1 || status=$?
    ((status == 1)) && says out "planted: a finding" && ls "$scratch"/found/planted/finding-*
}

fuzzes() {
    if ! tests/fuzz/run.sh "$targets/fuzz_$1" >"$scratch/out" 2>&1; then
        tail -40 "$scratch/out"
        return 1
    fi
    says out stat::number_of_executed_units
}

check "a planted finding is found" finds_what_was_planted
check "the targets can be built" make --no-print-directory fuzz-targets
for source in tests/fuzz/fuzz_*.c; do
    name=$(basename "$source" .c)
    check "${name#fuzz_}: nothing found in $FUZZ_SECONDS s" fuzzes "${name#fuzz_}"
done
finish
