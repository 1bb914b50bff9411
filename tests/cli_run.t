#!/usr/bin/env bash
# `ipcbench run`: what is measured, what is printed where, how it ends. TAP.
# shellcheck disable=SC2317,SC2329 # check() calls the tests by name
set -uo pipefail
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/tap.sh"

transports=()
for file in transports/*.c; do
    name=${file##*/}
    name=${name%.c}
    transports+=("${name//_/-}")
done
brief=(--trials 1 --warmup 0.005)
cd "$scratch" || exit 1

# --- every transport, both patterns ---------------------------------------------------------------

everything() {
    measures -t all "${brief[@]}" -o all.json && is_empty err && says out "result: all.json"
}
check "run -t all" everything

# A cell was measured, or says why not; either way the table shows it.
in_result() {
    local transport=$1 pattern=$2
    cells all.json >list
    grep "^$pattern/$transport/64/" list >cell || { cat list; return 1; }
    grep -Eq '^[^ ]+ (ok [0-9,]+ [0-9,]+ |skipped .*\]$)' cell || { cat cell; return 1; }
    grep -Eq "^  ([0-9]+=? +|     )?($transport |$pattern/$transport/)" out
}
for transport in "${transports[@]}"; do
    for pattern in pingpong stream; do
        check "$pattern over $transport" in_result "$transport" "$pattern"
    done
done

no_journal_left() { [[ ! -e all.json.journal ]]; }
check "the journal is gone when the result is there" no_journal_left

# --- what is asked for ----------------------------------------------------------------------------

# plans LINES ARGUMENT...: --dry-run lists exactly these cells, whatever the CPUs.
plans() {
    local expected=$1
    shift
    exits 0 try run --dry-run "$@" && is_empty err || return 1
    sed '$d; s/\/\(smt\|same-[a-z]*\|cross-[a-z]*\)/\/*/' out | sort | diff <(sort <<<"$expected") -
}

check "lists, repeats and commas within transports" plans "\
pingpong/fifo/1/*
pingpong/fifo/2/*
pingpong/fifo/4K/*
pingpong/pipe/1/*
pingpong/pipe/2/*
pingpong/pipe/4K/*
pingpong/shm:sync=spin,slots=4,copy=no/1/*
pingpong/shm:sync=spin,slots=4,copy=no/2/*
pingpong/shm:sync=spin,slots=4,copy=no/4K/*" \
    -t pipe,fifo -t shm:sync=spin,copy=no,slots=4 -p pingpong -s 1,2 --size 2 -s 1,4K
check "one cell where the same is asked for in two ways" plans "stream/pipe:capacity=64K/4K/*" \
    -t pipe:capacity=64K,pipe:capacity=65536 -p stream,stream -s 4K,4096,4KiB
check "defaults are no options" plans "stream/pipe/64/*" \
    -t pipe:wait=block,capacity=default -t pipe -p stream
check "patterns, size and idle have defaults" plans "pingpong/pipe/64/*
stream/pipe/64/*" -t pipe
check "idle, touch and memory are part of a cell's name" plans \
    "stream/pipe/64/*/idle=poll/touch=none/mem=interleave" \
    -t pipe -p stream --idle poll --touch none --mem interleave
check "-f cuts a list" plans "stream/uds-dgram/64/*
stream/uds-stream/64/*" -t all -f '^stream/uds-(dgram|stream)/'
check "-f cuts a suite" plans "pingpong/null/64/*" --suite quick -f '^pingpong/null'

suite_has_all() {
    local transport
    exits 0 try run --suite "$1" --dry-run || return 1
    for transport in "${transports[@]}"; do
        says out "pingpong/$transport/" "stream/$transport/" || return 1
    done
}
for suite in quick default full; do
    check "suite $suite has every transport" suite_has_all "$suite"
done

dry_run_measures_nothing() {
    exits 0 try run -t pipe,null -p stream --trials 3 --time 0.5 --dry-run -o dry.json &&
        [[ ! -e dry.json && ! -e dry.json.journal ]] &&
        says out "2 cells, 3 trials of 0.5 s each: about"
}
check "--dry-run prints the plan and its time, measures nothing" dry_run_measures_nothing

# orders SEED NAME: in which order the cells are measured. Whether they can be on a busy machine, in so
# short a time, does not matter.
orders() {
    try run -t null,pipe,fifo,shm,uds-stream -p pingpong -s 1,2 --time 0.005 --warmup 0 \
        --trials 2 --seed "$1" -o "$2.json" || (($? == 4)) || return 1
    grep -q "\"seed\":.$1,\$" "$2.json" || return 1
    cells "$2.json" | awk '$3 == "0,1" { print $1, $4 }' >"$2.order"
    (($(wc -l <"$2.order") == 10))
}

same_seed() { orders 7 first && orders 7 again && diff first.order again.order; }
other_seed() {
    orders 8 other && ! cmp -s first.order other.order
}
rounds_are_shuffled() {
    awk '{ split($2, order, ","); first[NR] = order[1]; second[NR] = order[2] - 10 }
        END {
            for (i in first) {
                moved += first[i] != i - 1
                differ += first[i] != second[i]
            }
            exit !(moved && differ)
        }' first.order
}
check "--seed: the same order again" same_seed
check "another seed: another order" other_seed
check "cells are measured in random order, a new one in each round" rounds_are_shuffled

# --- standard output, standard error, files -------------------------------------------------------

output_dash() {
    measures -t pipe -p pingpong "${brief[@]}" -o - && is_empty err &&
        [[ $(head -c 1 out) == "{" && $(tail -n 1 out) == "}" ]] &&
        [[ $(cells out) == pingpong/pipe/64/*" ok 0 0 " ]] &&
        [[ $(top out status) == complete && ! -e ./- && ! -e results ]]
}
check "-o -: JSON alone on standard output, no file" output_dash

default_output() {
    measures -t null -p stream "${brief[@]}" || return 1
    local files=(results/runs/*)
    [[ ${files[*]} =~ ^results/runs/[0-9]{8}-[0-9]{6}-default\.json$ ]] &&
        says out "result: ${files[0]}"
}
check "without -o: a new file in results/runs/" default_output

makes_folders() {
    measures -t null -p stream "${brief[@]}" -o a/b/c.json && [[ -s a/b/c.json ]]
}
check "-o makes the folders above the file" makes_folders

replaces_file() {
    echo old >old.json && measures -t null -p stream "${brief[@]}" -o old.json &&
        [[ $(top old.json status) == complete ]]
}
check "-o replaces a file that is there" replaces_file

shows_progress() {
    SHELL=/bin/sh script -qec "'$program' run -t pipe,null -p stream --trials 2 --time 0.01 \
        --warmup 0 -o terminal.json >terminal.out" terminal >/dev/null </dev/null
    grep -aEq '\[[#.]+\] 0/4 .*stream/(pipe|null)/' terminal &&
        grep -aEq '\[#+\.+\] 3/4 .* left ' terminal && ! grep -aE '\[[#.]+\]' terminal.out
}
if command -v script >/dev/null; then
    check "progress on standard error where that is a terminal" shows_progress
else
    skip "progress on standard error where that is a terminal" "script is not installed"
fi

closed_pipe() {
    local status
    "$program" run -t null -p stream --time 0.01 "${brief[@]}" -o pipe.json 2>err | true
    status=${PIPESTATUS[0]}
    ((status == 2)) && complains "standard output: Broken pipe" &&
        [[ $(top pipe.json status) == complete ]]
}
check "nobody reads standard output: exit status 2, the file is there" closed_pipe

# --- how it ends ----------------------------------------------------------------------------------

killed_child() {
    local pid status=0
    "$program" run -t pipe -p stream --trials 1 --warmup 0 --time 3 -o killed.json \
        >out 2>err &
    pid=$!
    wait_until 60 receiver_of "$pid" >receiver && kill -KILL "$(<receiver)"
    wait "$pid" || status=$?
    ((status == 4)) && is_empty err && says out "failed:" "stream/pipe/64" &&
        cells killed.json | grep -q '^stream/pipe/64/[^ ]* failed 0 0 .*signal'
}
check "a process of the pair is killed: the cell has failed, exit status 4" killed_child

finish
