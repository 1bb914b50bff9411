#!/usr/bin/env bash
# `ipcbench run --placement`: where cells are measured, and what is said where they cannot be. TAP.
# shellcheck disable=SC2317,SC2329 # check() calls the tests by name
set -uo pipefail
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/tap.sh"
cd "$scratch" || exit 1

mapfile -t allowed < <(sed -n 's/^Cpus_allowed_list:[[:space:]]*//p' /proc/self/status |
    tr , '\n' | awk -F- '{ for (i = $1; i <= ($2 == "" ? $1 : $2); i++) print i }')
a=${allowed[0]}
b=${allowed[1]:-$a}

# The classes that exist here, and those that do not.
"$program" topology >classes
here=$(awk '/^--placement/ { on = 1; next } on && !/not here/ { print $1 }' classes)
elsewhere=$(awk '/not here/ { print $1 }' classes)

# ids ARGUMENT...: the cells of a plan.
ids() {
    exits 0 try run -t pipe -p pingpong --dry-run "$@" && sed '$d' out >ids
}
# plans PLACEMENTS -- ARGUMENT...: the last parts of the cells' ids, joined by blanks.
plans() {
    local expected=$1
    shift 2
    ids "$@" && sed 's|.*/||' ids | paste -sd' ' >places || return 1
    [[ $(<places) == "$expected" ]] && return
    echo "planned: $(<places); expected: $expected"
    return 1
}
check "all: each class that exists here" plans "${here//$'\n'/ }" -- --placement all
check "classes in the order typed" plans "unpinned same-cpu" -- --placement unpinned,same-cpu
check "several times" plans "unpinned same-cpu" -- --placement unpinned --placement same-cpu
check "no repeats" plans "unpinned same-cpu" -- --placement unpinned,same-cpu,unpinned
check "one CPU typed" plans "same-cpu" -- --placement "$a,$a"
check "--cpus is a placement of two CPUs" plans "same-cpu" -- --cpus "$a,$a"
check "the pair that is there already" plans "same-cpu unpinned" -- \
    --placement "same-cpu,$(awk '$1 == "same-cpu" { print $2 }' classes),unpinned"

if [[ $a != "$b" ]]; then
    class=$(ids --placement "$a,$b" && sed 's|.*/||' ids)
    check "two pairs of a class are told apart" plans "$class:$a,$b $class:$b,$a" -- \
        --placement "$a,$b,$b,$a"
    check "pairs among classes" plans "unpinned $class same-cpu" -- \
        --placement "unpinned,$a,$b,same-cpu"
else
    skip "two pairs of a class are told apart" "one CPU"
    skip "pairs among classes" "one CPU"
fi

everywhere() {
    measures -t pipe -p pingpong --trials 1 --placement all -o all.json && all_cells all.json ok ||
        return 1
    says out "unpinned" "(same-cpu)" && (($(cells all.json | wc -l) == $(wc -w <<<"$here")))
}
check "a run everywhere" everywhere
# Every cell has its CPUs, but not the one that is not pinned.
pairs() {
    (($(grep -c '^			"cpus":' all.json) == $(wc -w <<<"$here") - 1))
}
check "cells name their CPUs" pairs

not_here() {
    exits 0 try run -t pipe -p pingpong "${tiny[@]}" --placement "$1" -o none.json &&
        all_cells none.json skipped && says out "no two CPUs" "$1: "
}
for class in $elsewhere; do
    check "$class: skipped with the reason" not_here "$class"
done

# Both processes of an unpinned pair run on any allowed CPU: with one alone a spinner is refused.
alone() {
    local ipcbench=$program program=on_one_cpu
    on_one_cpu() { taskset -c "$a" "$ipcbench" "$@"; }
    measures -t pipe:wait=spin,pipe -p pingpong --trials 1 --placement unpinned -o alone.json &&
        cells alone.json >list &&
        grep -q "wait=spin/64/unpinned skipped .*two spinning processes" list &&
        grep -q "pipe/64/unpinned ok" list
}
check "unpinned spinners on one CPU" alone
unplaced() {
    exits 0 try run -t pipe -p pingpong "${tiny[@]}" --placement unpinned --mem sender -o mem.json &&
        all_cells mem.json skipped && says out "an unpinned process has no node"
}
check "memory beside an unpinned process" unplaced

# under_way RUN: its pair exchanges messages, so that each has the CPUs it is to have; $pid.
under_way() {
    local switches
    pid=$(receiver_of "$1") &&
        switches=$(awk '/^voluntary_ctxt_switches/ { print $2 }' "/proc/$pid/status") &&
        ((switches > 1000))
} 2>/dev/null

# The affinity of a pair while it runs: each on its CPU, or free.
affinity_of() {
    local pid run
    "$program" run -t pipe -p pingpong --trials 1 --time 60 --placement "$1" -o "$2.json" \
        >/dev/null 2>&1 &
    run=$!
    wait_until 50 under_way "$run" &&
        sed -n 's/^Cpus_allowed_list:[[:space:]]*//p' "/proc/$pid/status" >"$2"
    kill "$run"
    wait "$run"
    [[ -s $2 ]]
}
unpinned() {
    affinity_of unpinned free && grep -qx "$(sed -n 's/^Cpus_allowed_list:[[:space:]]*//p' \
        /proc/self/status)" free
}
pinned() {
    affinity_of "$b,$b" bound && grep -qx "$b" bound
}
check "unpinned processes may go anywhere" unpinned
check "pinned ones may not" pinned

# --- usage ----------------------------------------------------------------------------------------

no() {
    local description=$1
    shift
    check "$description" refuses "run: --" "$@"
}
no "unknown placement" "--placement: 'near'" "cross-node" "2,3" -- run -t pipe --placement near
no "half a pair" "--placement: '$a'" "comma" -- run -t pipe --placement "$a"
no "halves in two places" "--placement: '$a'" -- run -t pipe --placement "$a" --placement "$a"
no "three CPUs" "--placement: '$a'" -- run -t pipe --placement "$a,$a,$a"
no "a CPU that is not there" "CPU 8000 is not online" -- run -t pipe --placement 8000,8000
no "an empty list" "--placement" "empty" -- run -t pipe --placement ,
no "twice the same question" "--cpus" "--placement" -- run --cpus "$a,$b" --placement all

finish
