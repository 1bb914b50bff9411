#!/usr/bin/env bash
# Does `ipcbench ab` find what is there, and nothing else? Each experiment is the command that a CI job
# would run.
#
#   tests/proof/ab.sh [EXPERIMENTS] [PER_CENT]   10 of each kind, 10 %
#
#   delayed   B's pipe is slower by that share of its round trip (a busy loop before each send), its
#             Unix socket and futex ring are not: the pipe has regressed, and it alone, 9 times of 10
#   itself    the same program and options twice: no regression, every time
set -uo pipefail

cd "$(dirname "$0")/../.." || exit 2
experiments=${1:-10}
percent=${2:-10}
delayed=$(realpath "${BUILD:-build}/tests/proof/delayed")
folder=$(mktemp -d) || exit 2
trap 'rm -rf "$folder"' EXIT
others=shm:sync=futex,uds-stream
# On one CPU, as inject: across CPUs the cost of waking a halted one scatters by more than what is looked for.
cell=(-p pingpong -s 64 --placement same-cpu)

# Median round trip of a pipe with that delay, in ns.
round_trip_ns() {
    "$delayed" run -t "pipe:delay=$1" "${cell[@]}" --trials 5 --time 0.2 -o "$folder/calibration.json" \
        >/dev/null || return 1
    "$delayed" export "$folder/calibration.json" --format csv |
        awk -F, 'NR == 1 { for (i = 1; i <= NF; ++i) column[$i] = i; next }
            $column["metric"] == "p50" { print $column["value"] }' | sort -g | sed -n 3p
}

turns_of_calibration=1000000
plain_ns=$(round_trip_ns 0) && slow_ns=$(round_trip_ns $turns_of_calibration) || exit 2
turns=$(awk -v plain="$plain_ns" -v slow="$slow_ns" -v share="$percent" -v turns=$turns_of_calibration \
    'BEGIN { printf "%d", plain * share / 100 / ((slow - plain) / turns) }')
printf 'pipe: round trip of %.1f us; %s turns are %s %%\n' "$(awk "BEGIN { print $plain_ns / 1000 }")" \
    "$turns" "$percent"

# experiment OPTIONS_OF_B EXPECTED: 1 where ab's sentence is as expected.
experiment() {
    "$delayed" ab --retest "${cell[@]}" --a "-t pipe,$others" --b "$1" -o "$folder/run" \
        >"$folder/out" 2>/dev/null
    sed -n 1p "$folder/out"
    grep -E "$2" "$folder/out" >/dev/null
}

found=0 quiet=0
for ((i = 0; i < experiments; ++i)); do
    printf 'delayed: '
    experiment "-t pipe:delay=$turns,$others" '^1 of 3 cells regressed: pingpong/pipe/' && ((++found))
    printf 'itself:  '
    experiment "-t pipe,$others" '^No regression' && ((++quiet))
done
printf '%s %% in the pipe: found, and nothing else, %d times of %d\n' "$percent" "$found" "$experiments"
printf 'itself: no regression %d times of %d\n' "$quiet" "$experiments"
((10 * found >= 9 * experiments && quiet == experiments))
