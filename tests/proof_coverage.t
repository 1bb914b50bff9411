#!/usr/bin/env bash
# `make coverage-ci` with few samples: the intervals hold, and the check can say that they do not.
# shellcheck disable=SC2317 # check() calls the tests by name
set -uo pipefail
# shellcheck source=tests/tap.sh
source "$(dirname "$0")/tap.sh"

simulate() {
    "${BUILD:-build}/tests/proof/coverage_ci" "$@" >"$scratch/out" 2>"$scratch/err"
}

intervals_hold() {
    exits 0 simulate --quick && says out claimed exponential "two modes" Theil-Sen &&
        tail -n 1 "$scratch/out" | grep -q '^ok: '
}

spoilt_ones_do_not() {
    exits 1 simulate --quick --spoil && says out "!" &&
        tail -n 1 "$scratch/out" | grep -q '^BELOW: '
}

same_every_time() {
    simulate -q
    mv "$scratch/out" "$scratch/first"
    simulate -q
    cmp "$scratch/first" "$scratch/out"
}

refuses_argument() {
    exits 2 simulate "$1" && is_empty out && says err "usage: coverage_ci"
}

check "the intervals hold the truth as often as they claim" intervals_hold
check "intervals of half the length are found out" spoilt_ones_do_not
check "the same table every time" same_every_time
check "refused: an unknown option" refuses_argument --frob
check "refused: a word" refuses_argument frob

finish
