#!/usr/bin/env bash
# The programs behind make aa, inject and closure: what they accept, that they hold on short trials, and
# that they fail where there is something wrong. No figure is judged: the machine may be busy. TAP.
#
#   BUILD=build    the build folder
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/tap.sh"
proof=$(dirname "$program")/tests/proof

# proof NAME ARGUMENT...: runs a proof; what it said is in $scratch/out and $scratch/err.
proof() {
    local name=$1
    shift
    "$proof/$name" "$@" >"$scratch/out" 2>"$scratch/err" </dev/null
}

# breaks IDENTITY TRANSPORT: spoiled, it is found out.
breaks() {
    exits 1 proof closure -n 2 -s 0.1 -f "^$1/$2" -x "$1" && says out "BROKEN"
}

# These hold on a machine however busy; ways and batch are about how long things take.
holds() {
    exits 0 proof closure -n 1 -s 0.1 -f '^(elapsed|recorded|window|schedule)/' &&
        says out "verdict: all hold" "elapsed/pipe" "schedule/shm"
}

for identity in elapsed recorded ways window schedule; do
    check "closure: $identity spoiled by 1 us is broken" breaks "$identity" pipe
done
# One us of a round trip that takes two; many pairs, since the interval must leave no doubt.
batch_breaks() {
    exits 1 proof closure -n 4 -s 0.05 -f '^batch/pipe' -x batch && says out "BROKEN"
}
check "closure: batch spoiled by 1 us is broken" batch_breaks
check "closure: what no noise can break holds" holds
check "closure: an unknown identity is usage" exits 2 proof closure -x nonsense
check "closure: a filter that matches nothing is usage" exits 2 proof closure -f nonsense

measure() {
    measures_whole "$scratch/aa.json" -t pipe,shm -p pingpong,stream --placement same-cpu --trials 8 \
        --warmup 0.005
}
check "aa: something to read" measure
# Holm may find one by chance, and on a busy machine by more than that: either verdict, but a verdict.
gives_verdict() {
    local status=0
    proof aa "$scratch/aa.json" || status=$?
    ((status <= 1)) && says out "verdict: " "p50 " "rate " "pingpong/pipe/64"
}
check "aa: gives a verdict" gives_verdict
finds_a_difference() {
    exits 1 proof aa --spoil 1000 "$scratch/aa.json" && says out "verdict: FAILED" "MISSED"
}
check "aa: finds a half made larger" finds_a_difference
check "aa: no file is usage" exits 2 proof aa
check "aa: a file that is none is refused" exits 2 proof aa "$scratch/none.json"

small_inject() {
    local status=0
    proof inject -n 1 -r 6 -s 0.01 -f '^pipe' || status=$?
    ((status <= 1)) && says out "could have been seen" "verdict: " "10 %"
}
check "inject: a small one gives a verdict" small_inject
check "inject: nonsense is usage" exits 2 proof inject -n 0
check "inject: an unknown figure is usage" exits 2 proof inject -m p99

finish
