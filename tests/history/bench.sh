#!/usr/bin/env bash
# `make bench-history`: how long `history show`, `trend` and `changes` take over a made history.
#
#   RUNS=10000 CELLS=200 REPEATS=5
#
# Makes the history once, under BUILD. The times are wall clock, from the start of the process to its
# end, least and median of REPEATS; what was read is in the page cache. Exit status: 1 where show or
# trend take a second or more.
set -euo pipefail

cd "$(dirname "$0")/../.."
build=${BUILD:-build}
runs=${RUNS:-10000}
cells=${CELLS:-200}
repeats=${REPEATS:-5}
history=$build/history-$runs-$cells.sqlite

if [[ ! -e $history ]]; then
    echo "making $history: $runs runs of $cells cells"
    rm -f "$history.new"
    "$build/tests/history/generate" "$history.new" "$runs" "$cells"
    mv "$history.new" "$history"
fi
echo "size $(($(stat -c %s "$history") / 1048576)) MiB"

slow=0
# measure MOST_MS REPEATS ARGUMENT...: MOST_MS 0: as long as it takes.
measure() {
    local most=$1 times=() start end i
    for ((i = 0; i < $2; i++)); do
        start=$(date +%s%N)
        "$build/ipcbench" history "${@:3}" --history "$history" >/dev/null
        end=$(date +%s%N)
        times+=($(((end - start) / 1000000)))
    done
    mapfile -t times < <(printf '%s\n' "${times[@]}" | sort -n)
    printf '%6d ms least, %6d ms median of %d: history %s\n' \
        "${times[0]}" "${times[${#times[@]} / 2]}" "$2" "${*:3}"
    ((most == 0 || times[0] < most)) || slow=1
}

measure 1000 "$repeats" show
measure 1000 "$repeats" show --metric all
measure 1000 "$repeats" show -f '/made-1[0-9]/' --since 2023-01-01
measure 1000 "$repeats" trend pingpong/made-100/64/same-cache
measure 1000 "$repeats" trend pingpong/made-100/64/same-cache --metric all --json
measure 0 1 changes
measure 0 1 changes --last 100
exit "$slow"
