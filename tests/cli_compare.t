#!/usr/bin/env bash
# ipcbench compare: files of real runs whose figures are then made steady or slower, so that it is
# known what has to come out; exit statuses, formats, baselines. TAP.
# shellcheck disable=SC2317,SC2329 # check() calls the tests by name
set -uo pipefail
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/tap.sh"

cd "$scratch" || exit 1
unset IPCBENCH_BASELINES

# changed SED_SCRIPT <FILE: and it must have changed something.
changed() {
    sed -E "$1" >changed.tmp && ! cmp -s changed.tmp base.json && cat changed.tmp
}

# compares STATUS TEXT... -- ARGUMENT...: exit status, and each text is on standard output.
compares() {
    local status=$1 texts=()
    shift
    while [[ $1 != -- ]]; do
        texts+=("$1")
        shift
    done
    shift
    exits "$status" try compare "$@" && is_empty err && says out "${texts[@]}"
}

lacks() {
    ! grep -F -- "$1" "$scratch/out"
}

measured() { measures_whole real.json -t pipe,shm -p pingpong,stream --trials 8 --warmup 0; }
check "a run" measured
measured_again() { measures_whole again.json -t pipe,shm -p pingpong,stream --trials 10 --warmup 0; }
check "another run, with more trials" measured_again
sed -i 's/\("probes_disagree":\t\)false/\1true/' real.json # as a busy machine does
made 1 none <real.json >base.json
made 1.001 . <again.json >same.json
made 1.12 pingpong/pipe <again.json >slower.json
made 1.12 stream/shm <real.json >less.json

# --- verdicts and exit statuses -------------------------------------------------------------------

itself() {
    compares 0 "No regression seen in 4 cells; 4 unchanged within 5 % or 50 ns" -- "$1" "$1" &&
        lacks Unchanged
}
check "a file is equal to itself" itself base.json
check "a file of real figures is equal to itself" itself real.json
check "nothing changed: 0" compares 0 "4 unchanged" -- base.json same.json
check "with --all" compares 0 "Unchanged" "pingpong/shm/64/" "+0.2 %" -- base.json same.json --all
check "12 % slower: 1" compares 1 "1 of 4 cells regressed: pingpong/pipe/64/" " p50 by 12 % [12, 12]" \
    "; 3 unchanged" "Regressed" -- base.json slower.json
check "12 % faster: 0" compares 0 "No regression" "1 improved: pingpong/pipe/64/" \
    " p50 by 11 % [11, 11]" -- slower.json base.json
check "a lower rate: 1" compares 1 "1 of 4 cells regressed: stream/shm/64/" " rate by 11 % [" -- \
    base.json less.json
check "under the threshold" compares 0 "4 unchanged within 15 %" -- \
    --threshold 15% base.json slower.json
check "under the least difference" compares 0 "4 unchanged within 5 % or 5.00 µs" -- \
    --min-abs 5us base.json slower.json
check "a metric of its own" compares 0 "No regression seen in 2 cells" -- --metric rate \
    base.json slower.json
check "a filter" compares 0 "No regression seen in 1 cell;" -- -f stream/shm base.json slower.json
check "each correction" compares 1 "1 of 4" -- --correct holm base.json slower.json
check "each correction: bh" compares 1 "1 of 4" -- --correct bh base.json slower.json
check "each correction: none" compares 1 "1 of 4" -- --correct none base.json slower.json

real_runs() {
    local status=0
    try compare real.json again.json || status=$?
    ((status < 2 || status == 3)) && is_empty err &&
        grep -qE '^(No regression seen in 4 cells|[1-4] of 4 cells|Not comparable)' out
}
check "two real runs: something is said" real_runs

few() {
    changed 's/^(\t*"trials":\t)8,/\15,/' <base.json >/dev/null &&
        measures_whole few.json -t pipe -p pingpong --trials 3 --warmup 0 &&
        made 1 none <few.json >few_base.json && made 3 . <few.json >few_slow.json &&
        compares 0 "1 could not be decided" \
            "could not have seen any difference: 3 and 3 trials; at least 4 each" -- \
            few_base.json few_slow.json
}
check "too few trials: not decided, and how many it takes" few

missing() {
    compares 0 "; 3 missing in NEW" "pingpong/shm/64/" ": not in NEW" -- base.json few_base.json &&
        compares 0 "; 3 only in NEW" ": not in BASE" -- few_base.json base.json
}
check "cells in one run alone" missing

failed() {
    awk -F'\t' '
        /^\t\t\t"id":/ { broken = $0 ~ /stream\/pipe/ }
        broken && /^\t\t\t"status":/ {
            print "\t\t\t\"status\":\t\"failed\","
            print "\t\t\t\"reason\":\t\"receiver died\","
            next
        }
        { print }' base.json >failed.json
    compares 4 "; 1 failed: stream/pipe/64/" "failed in NEW: receiver died" -- base.json failed.json &&
        compares 0 "; 1 only in NEW" "failed in BASE: receiver died" -- failed.json base.json &&
        compares 0 "; 1 measured in neither" -- failed.json failed.json
}
check "a cell that newly fails: 4" failed

nothing_in_common() {
    try compare -f stream base.json few_base.json
    compares 3 "Not comparable: no figure of 2 cells is in both runs" -- -f stream \
        base.json few_base.json
}
check "nothing in common: 3" nothing_in_common

far_apart() {
    changed 's/("probe_(before|after)_ns":\t)[0-9.]+/\1500/' <slower.json >far.json
    compares 3 "Not comparable" "BASE's CPUs were 100 to 100 ns (8 trials) apart, NEW's CPUs were" \
        -- base.json far.json
}
check "measured in other states of the machine: 3" far_apart

# --- machine and parameters -----------------------------------------------------------------------

changed 's/^(\t\t\t"release":\t").*(",)/\19.9-other\2/' <slower.json >kernel.json
other_kernel() {
    compares 3 "Not comparable: 1 difference of machine or parameters" "kernel/release" \
        "NEW   9.9-other" "--allow-different" -- base.json kernel.json && lacks "build/" &&
        compares 1 "1 of 4 cells regressed" "kernel/release" "NEW   9.9-other" -- \
            --allow-different base.json kernel.json
}
check "another kernel: 3, unless allowed" other_kernel
other_commit() {
    changed 's/^(\t\t\t"commit":\t").*(",)/\10123456789ab\2/' <same.json >commit.json
    compares 0 "4 unchanged" "commit 0123456789ab" -- base.json commit.json
}
check "another commit is what it is about" other_commit
other_time() {
    changed 's/^(\t\t"timed_seconds":\t)[0-9.]+/\19/' <same.json >time.json
    compares 3 "timed_seconds" "NEW   9 s" -- base.json time.json
}
check "another time per trial: 3" other_time

# --- formats --------------------------------------------------------------------------------------

markdown() {
    compares 1 "1 of 4 cells regressed" "| verdict | cell |" "| **regressed** | \`pingpong/pipe/64/" -- \
        base.json slower.json --format md && lacks equivalent
}
check "Markdown" markdown
json() {
    exits 1 try compare base.json slower.json --format json && is_empty err && jq -e '
        .schema == "ipcbench-comparison/1" and .outcome == "regressed" and
        .counts.regressed == 1 and .counts.equivalent == 3 and (.cells | length) == 4 and
        .base.file == "base.json" and .options.gated == ["p50", "rate"] and
        (.cells[] | select(.verdict == "regressed") | .id | startswith("pingpong/pipe/64/")) and
        (.cells[] | select(.verdict == "regressed").figures.p50 |
            .ratio > 1.1 and .ratio < 1.14 and .base_trials == 8 and .new_trials == 10 and
            .p_adjusted <= 0.05 and .p <= .p_adjusted)' out >/dev/null &&
        exits 3 try compare base.json kernel.json --format json && jq -e '
            .outcome == "not comparable" and (has("cells") | not) and
            .differences[0] == {"what": "kernel/release", "base": .differences[0].base,
                                "new": "9.9-other", "refused": true}' out >/dev/null
}
junit() {
    exits 1 try compare base.json slower.json --format junit && is_empty err &&
        xmllint --noout out && [[ $(xmllint --xpath 'string(/testsuite/@tests)' out) == 4 ]] &&
        [[ $(xmllint --xpath 'count(//failure)' out) == 1 ]] &&
        xmllint --xpath '//testcase[failure]/@name' out | grep -q pingpong/pipe/64 &&
        exits 3 try compare base.json kernel.json --format junit && xmllint --noout out &&
        [[ $(xmllint --xpath 'count(//error)' out) == 1 ]] && says out "kernel/release"
}
if command -v jq >/dev/null; then check "JSON" json; else skip "JSON" "jq is not installed"; fi
if command -v xmllint >/dev/null; then
    check "JUnit XML" junit
else
    skip "JUnit XML" "xmllint is not installed"
fi

on_terminal() {
    env TERM=xterm "$@" script -qec "$program compare base.json slower.json" /dev/null || (($? == 1))
}
colour() {
    on_terminal >coloured
    on_terminal NO_COLOR= >empty
    on_terminal NO_COLOR=1 >plain
    on_terminal TERM=dumb >>plain
    grep -F $'\e[31mRegressed\e[0m' coloured && grep -F $'\e[31m' empty &&
        grep -F "Regressed" plain && ! grep -F $'\e[' plain &&
        compares 1 Regressed -- base.json slower.json && lacks $'\e['
}
if command -v script >/dev/null; then
    check "colour on terminals alone, and never with NO_COLOR" colour
else
    skip "colour" "script is not installed"
fi

# --- what cannot be done --------------------------------------------------------------------------

no() {
    local description=$1
    shift
    check "$description" refuses "$@"
}
echo '{' >broken.json
no "no file" "compare: two result files are expected" -- compare
no "one file" "compare: two result files are expected" -- compare base.json
no "three files" "compare: two result files are expected" -- compare base.json base.json base.json
no "no such file" "compare: reading nothing.json: No such file" -- compare base.json nothing.json
no "not JSON" "compare: broken.json" -- compare broken.json base.json
no "unknown option" "compare: unknown option --frob" -- compare --frob base.json base.json
no "option without its value" "compare: option --metric needs a value" -- compare a b --metric
no "unknown metric" "--metric: 'p51': p50, p99 or rate" -- compare --metric p51 a b
no "empty metric" "--metric: 'p50,': p50, p99 or rate" -- compare --metric p50, a b
no "threshold" "--threshold: '5x': a share such as 5%" -- compare --threshold 5x a b
no "negative threshold" "--threshold: '-5': a share" -- compare --threshold -5 a b
no "minimum" "--min-abs: " -- compare --min-abs '50 ns' a b
no "correction" "--correct: 'bonferroni': holm, bh or none" -- compare --correct bonferroni a b
no "format" "--format: 'xml': text, md, json or junit" -- compare --format xml a b
no "filter" "--filter: '(': " -- compare -f '(' a b
no "filter that nothing matches" "no cell's id matches the filter" -- \
    compare -f frob base.json base.json
full_output() {
    local status=0
    "$program" compare base.json slower.json >/dev/full 2>err || status=$?
    ((status == 2)) && complains "standard output: No space left on device"
}
if [[ -c /dev/full ]]; then check "full standard output" full_output; fi

# --- baselines ------------------------------------------------------------------------------------

no "baseline: none at all" "no baseline 'main' for this machine" "there is none at all" -- \
    compare --baseline main base.json
no "baseline: no newest file" "no result in results/runs" -- compare --baseline main
no "baseline: two files" "at most one result file" -- compare --baseline main base.json base.json
for name in ../main a/b .. .git '' -x; do
    no "run: no baseline '$name'" "--save-baseline: '$name': a baseline's name has" -- \
        run --save-baseline="$name" -t pipe "${tiny[@]}"
    no "compare: no baseline '$name'" "--baseline: '$name': a baseline's name has" -- \
        compare --baseline="$name" base.json
done
save_baseline() {
    measures -t pipe -p pingpong --trials 1 --save-baseline main -o kept.json &&
        says out "baseline: results/baseline/" && cmp results/baseline/*/main.json kept.json
}
check "run --save-baseline keeps the result" save_baseline
by_name() {
    compares 0 "1 unchanged" "/main.json" -- --baseline main kept.json &&
        cp base.json results/baseline/*/main.json &&
        compares 1 "1 of 4 cells regressed" -- --baseline main slower.json
}
check "compare --baseline" by_name
newest() {
    mkdir -p results/runs && cp same.json results/runs/20990101-000000-quick.json &&
        touch -d yesterday results/runs/20990101-000000-quick.json &&
        cp slower.json results/runs/20260101-000000-quick.json &&
        echo >results/runs/20270101-000000-quick.json.journal &&
        compares 1 "results/runs/20260101-000000-quick.json" "1 of 4 cells regressed" -- --baseline main
}
check "without NEW it is the newest" newest
listed() {
    cp base.json "$(dirname results/baseline/*/main.json)/v2.json"
    changed 's/^(\t\t\t"model":\t").*(",)/\1Another CPU\2/' <base.json >elsewhere.json
    refuses "no baseline 'v1' for this machine" "there are main, v2" -- \
        compare --baseline v1 base.json &&
        refuses "no baseline 'main' for this machine" " has main, v2" -- \
            compare --baseline main elsewhere.json
}
check "a baseline that is not there: those that are" listed
another_folder() {
    mv results/baseline kept && ! try compare --baseline main slower.json &&
        IPCBENCH_BASELINES=kept compares 1 "1 of 4" "kept/" -- --baseline main slower.json
}
check "IPCBENCH_BASELINES" another_folder

finish
