#!/usr/bin/env bash
# `ipcbench run --pairs`, `--senders` and `--receivers`: ids, refusals, what is shown and kept. TAP.
# shellcheck disable=SC2317,SC2329 # check() calls the tests by name
set -uo pipefail
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/tap.sh"
cd "$scratch" || exit 1

# plans IDS -- ARGUMENT...: the ids of a plan, joined by blanks.
plans() {
    local expected=$1 ids
    shift 2
    exits 0 try run --placement unpinned --dry-run "$@" || return 1
    ids=$(grep '^[a-z]*/' out | paste -sd' ')
    [[ $ids == "$expected" ]] && return
    echo "planned: $ids"
    return 1
}
check "pairs are in the id" plans \
    "pingpong/pipe/64/unpinned/pairs=4 stream/pipe/64/unpinned/pairs=4" -- -t pipe --pairs 4
check "one pair is an ordinary one" plans "stream/pipe/64/unpinned" -- -t pipe -p stream --pairs 1
check "one channel is in the id" plans "stream/pipe/64/unpinned/senders=3/receivers=2" -- \
    -t pipe -p stream --senders 3 --receivers 2
check "what is not given is one" plans "stream/pipe/64/unpinned/senders=1/receivers=2" -- \
    -t pipe -p stream --receivers 2
check "a filter leaves what can be done" plans "stream/pipe/64/unpinned/senders=2/receivers=1" -- \
    -t pipe -f stream/ --senders 2

check "not both" refuses "--pairs" "--senders" -- run --pairs 2 --senders 2 --dry-run
check "0 pairs" refuses "--pairs: 0: 1 to 64" -- run --pairs 0
check "65 senders" refuses "--senders: 65: 1 to 64" -- run --senders 65
check "several" refuses "'many'" -- run --receivers many
check "round trips on one channel" refuses "pingpong" "-p stream" -- run -t pipe --senders 2
check "load of several pairs" refuses "--pairs" "load" -- run -t pipe -p load --pairs 2
check "cold on one channel" refuses "--cold" -- run -t pipe -p stream --senders 2 --cold

# --- on one CPU: everybody takes turns --------------------------------------------------------------

mapfile -t allowed < <(sed -n 's/^Cpus_allowed_list:[[:space:]]*\([0-9]*\).*/\1/p' /proc/self/status)
program="taskset -c ${allowed[0]} $program"
try() {
    # shellcheck disable=SC2086 # two words and a path of our own
    $program "$@" >"$scratch/out" 2>"$scratch/err" </dev/null
}

brief=(--trials 1 --warmup 0.005)
pairs_on_one_cpu() {
    measures -t pipe,posix-mq -p pingpong,stream --pairs 3 "${brief[@]}" -o pairs.json &&
        says out "3 pairs at once" "each pair" "fairness" "o oversubscribed"
}
check "blocking pairs on one CPU run and are marked" pairs_on_one_cpu
spinning_on_one_cpu() {
    exits 0 try run -t pipe:wait=spin -p stream --pairs 3 "${tiny[@]}" -o spin.json &&
        says out "skipped" "6 spinning processes" "[fewer processes"
}
check "spinning pairs are refused, with what would help" spinning_on_one_cpu
channel_on_one_cpu() {
    measures -t pipe,uds-stream,shm -p stream -s 4,64,8K --senders 3 --receivers 2 \
        "${brief[@]}" -o channel.json &&
        says out "senders on one channel: 3, receivers: 2" "each receiver" "of senders" \
            "stream/uds-stream/4/same-cpu/senders=3/receivers=2 and 2 more: a channel for one sender" \
            "stream/shm/4/same-cpu/senders=3/receivers=2 and 2 more: a channel for one sender" \
            "8192 bytes from several senders do not arrive whole: at most 4096" \
            "4 bytes do not say which of several senders"
}
check "one channel: who can, and why others cannot" channel_on_one_cpu

# The same table from the file, and the same file again from what was read.
shown_again() {
    sed '$d' out | sed '$d' >expected # a blank line and where the result is
    exits 0 try show channel.json && diff expected out
}
check "show prints the same" shown_again
in_the_file() {
    for text in '"senders":' '"receivers":' '"sent_per_s":' '"fairness":' '"oversubscribed":	true'; do
        grep -qF "$text" channel.json || { echo "no $text"; return 1; }
    done
    grep -qF '"pairs":	3' pairs.json && grep -qF '"p50_ns":	[' pairs.json
}
check "crews are in the file" in_the_file
locked_on_one_cpu() {
    measures -t pipe:lock=yes,fifo:lock=yes -p stream -s 64,8K,100K --senders 3 --receivers 2 \
        "${brief[@]}" -o locked.json && [[ $(cells locked.json | grep -c " ok ") == 6 ]]
}
check "with a lock pipes keep any message whole" locked_on_one_cpu

# --- one of them dies -----------------------------------------------------------------------------

# The guard and six more: $children.
all_are_there() {
    read -ra children <"/proc/$1/task/$1/children" # without an end of line
    ((${#children[@]} == 7))
} 2>/dev/null

# One dead costs the trial, not the run; the error says who it was, in one line.
killed() {
    local pid status=0 victim child
    "${program##* }" run -t pipe -p stream "$@" --trials 1 --time 3 --warmup 0.01 -o killed.json \
        >out 2>err </dev/null &
    pid=$!
    wait_until 20 all_are_there "$pid" || return 1
    sleep 0.3
    victim=${children[-1]}
    kill -KILL "$victim"
    wait "$pid" || status=$?
    ((status == 4)) && says out "killed by signal 9" || return 1
    (($(grep -c "killed by signal 9" out) == 1)) || return 1
    for child in "${children[@]}"; do
        [[ ! -e /proc/$child ]] || { echo "process $child is left"; return 1; }
    done
}
check "kill -9 of one of three pairs" killed --pairs 3
check "kill -9 of one of six on a channel" killed --senders 3 --receivers 3

finish
