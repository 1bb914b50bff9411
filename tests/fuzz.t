#!/usr/bin/env bash
# The fuzz targets for a short while each: on their corpora and what chance makes of those, with the
# sanitizers of this build; and, where they are built, by libFuzzer with its own. `make fuzz` does the
# latter for ten minutes. TAP.
#
#   BUILD=build            the build folder
#   REPLAY_SECONDS=3       of chance for each target under a sanitizer; else its corpus alone
#   FUZZ_SECONDS=5         of libFuzzer for each target
#   IPCBENCH_TEST_FUZZ=1   builds libFuzzer's targets where they are not
# shellcheck disable=SC2317,SC2329 # check() calls the tests by name
set -uo pipefail
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/tap.sh"

export FUZZ_SECONDS=${FUZZ_SECONDS:-5}
targets=build/fuzz/tests/fuzz

# A target that fails on one byte, which is not in its corpus.
mkdir -p "$scratch/corpus/planted" && echo a >"$scratch/corpus/planted/input"
cat >"$scratch/planted.c" <<'END'
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

# --- without libFuzzer ----------------------------------------------------------------------------

replays=$(dirname "$program")/tests/fuzz
replay_seconds=0
[[ -z ${SANITIZE:-} ]] || replay_seconds=${REPLAY_SECONDS:-3}

# replay NAME FOLDER: what was at work when it died is in $scratch/finding.
replay() {
    if ! "$replays/replay_$1" "$2" "$replay_seconds" "$scratch/finding" >"$scratch/out" 2>&1; then
        tail -40 "$scratch/out"
        head -c 2000 "$scratch/finding" | od -c
        return 1
    fi
    says out "inputs of the corpus" && [[ ! -e $scratch/finding ]]
}
chance_finds_what_was_planted() {
    local replays=$scratch replay_seconds=60
    "${CC:-cc}" -std=gnu11 -D_GNU_SOURCE -I. -o "$scratch/replay_planted" tests/fuzz/replay.c \
        base/random.c "$scratch/planted.c" || return 1
    ! replay planted "$scratch/corpus/planted" && [[ $(head -c 1 "$scratch/finding") == x ]] &&
        rm "$scratch/finding"
}
no_corpus_is_told() {
    local status=0
    mkdir "$scratch/none" && replay words "$scratch/none" || status=$?
    ((status == 1)) && says out "$scratch/none"
}
for source in tests/fuzz/fuzz_*.c; do
    name=$(basename "$source" .c)
    name=${name#fuzz_}
    check "$name: nothing found in its corpus and in $replay_seconds s of chance" \
        replay "$name" "tests/fuzz/corpus/$name"
done
check "a corpus that is empty is no success" no_corpus_is_told
check "chance finds what was planted, and keeps it" chance_finds_what_was_planted

# --- by libFuzzer ---------------------------------------------------------------------------------

skip_rest() {
    skip "libFuzzer" "$1"
    finish
}

# Whether there is libFuzzer, and whether a finding is told.
plant() {
    clang -fsanitize=fuzzer,address,undefined -o "$scratch/fuzz_planted" "$scratch/planted.c"
}

[[ -n ${IPCBENCH_TEST_FUZZ:-} || -d $targets ]] ||
    skip_rest "the targets take two minutes to build: make fuzz-targets, or IPCBENCH_TEST_FUZZ=1"
[[ -z ${SANITIZE:-} ]] || skip_rest "the targets have sanitizers of their own: run by plain make test"
command -v clang >/dev/null || skip_rest "clang is not installed"
plant 2>"$scratch/plant.err" || skip_rest "clang cannot build for libFuzzer: $(head -1 "$scratch/plant.err")"

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
