#!/usr/bin/env bash
# ipcbench ab: turns, verdicts beyond doubt, retests, sides that fail, interruptions. TAP.
# shellcheck disable=SC2317,SC2329 # check() calls the tests by name
set -uo pipefail
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/tap.sh"

cd "$scratch" || exit 1
short=(--time 0.01 --warmup 0)
calm=(--threshold 1000%) # nothing is ten times as slow as itself

# compares STATUS TEXT... -- ARGUMENT...
compares() {
    local status=$1 texts=()
    shift
    while [[ $1 != -- ]]; do
        texts+=("$1")
        shift
    done
    shift
    exits "$status" try ab "${short[@]}" "$@" && says out "${texts[@]}"
}

# --- turns ----------------------------------------------------------------------------------------

# A program that takes its turns and writes down when; its result is somebody else's.
cat >stand_in <<'FAKE'
#!/usr/bin/env bash
for argument; do
    case $argument in
        --lockstep=*) IFS=, read -r in out <<<"${argument#*=}" ;;
        --output=*) output=${argument#*=} ;;
        --filter=*) filter=${argument#*=} ;;
    esac
done
name=$(basename "$0")
echo "$name ${filter:-}" >>filters
echo "plan 2 3" >&"$out"
order=0
for round in 0 1 2; do
    for cell in $((round % 2)) $((1 - round % 2)); do
        if [[ $name/$order != "${skips:-}" ]]; then
            echo "trial $order $cell $round" >&"$out"
            LC_ALL=C read -r -n 1 -d '' -u "$in" || exit 130
            echo "${name: -1}$cell$round" >>turns
        fi
        order=$((order + 1))
    done
done
echo end >&"$out"
LC_ALL=C read -r -n 1 -d '' -u "$in"
cp real.json "$output"
FAKE
chmod +x stand_in
ln -s stand_in side_a
ln -s stand_in side_b

real() { measures -t pipe,uds-stream -p pingpong --trials 3 --warmup 0 -o real.json; }
check "a run to stand for others" real

turns() {
    rm -f turns
    compares 0 "2 unchanged" "Measured in turns" -- -t pipe,uds-stream -p pingpong --trials 3 -o fake \
        -- ./side_a ./side_b && is_empty err || return 1
    # Cell by cell A B in one round, B A in the next; the cells start differently.
    [[ $(tr '\n' ' ' <turns) == "a00 b00 b10 a10 a11 b11 b01 a01 a02 b02 b12 a12 " ]] ||
        { cat turns; return 1; }
}
check "both sides take turns, in changing order" turns

catches_up() {
    rm -f turns
    skips=side_b/2 compares 0 "unchanged" -- -t pipe,uds-stream -p pingpong --trials 3 -o fake \
        -- ./side_a ./side_b || return 1
    [[ $(tr '\n' ' ' <turns) == "a00 b00 b10 a10 a11 b01 a01 a02 b02 b12 a12 " ]] ||
        { cat turns; return 1; }
}
check "a trial that one side leaves out is the other's alone" catches_up

# --- verdicts -------------------------------------------------------------------------------------

itself() {
    compares 0 "No regression seen in 2 cells; " "BASE same-a.json" \
        "NEW  same-b.json" -- "${calm[@]}" -t pipe,shm -p pingpong --trials 14 -o same &&
        is_empty err && [[ -s same-a.json && -s same-b.json ]] && ! ls same*.journal 2>/dev/null
}
check "a program against itself" itself

steady_program as_ever 1
steady_program slower 1.12
steady_program hardly 1.001
sides=(-t pipe -p "pingpong,stream" --trials 12)

regressed() {
    compares 1 "2 of 2 cells regressed: " "stream/pipe/64/" "pingpong/pipe/64/" " p50 by 12 % [12, 12]" \
        -- "${sides[@]}" -o regressed -- ./as_ever ./slower && is_empty err
}
check "what is slower: 1" regressed

again() {
    compares 1 "1 of 1 cell regressed: pingpong/pipe/64/" -- --retest -f pingpong "${sides[@]}" -o again \
        -- ./as_ever ./slower &&
        says err "1 cell once more" && [[ -s again-retest-a.json && -s again-retest-b.json ]]
}
check "--retest: measured again and still slower" again

# Slower the first time only.
cat >once <<'ONCE'
#!/bin/bash
[[ $* == *--output=*-retest-* ]] && exec ./as_ever "$@"
exec ./slower "$@"
ONCE
chmod +x once
unconfirmed() {
    compares 0 "No regression seen in 2 cells; 2 could not be decided" \
        "p50: regressed or failed at first, but not when measured again" \
        -- --retest "${sides[@]}" -o once -- ./as_ever ./once
}
check "--retest: an alarm that does not come again" unconfirmed

reports() {
    compares 1 -- "${sides[@]}" -o reports --report new/r.md --report new/r.xml --report r.json \
        --report r.txt -- ./as_ever ./slower &&
        says new/r.md "2 of 2 cells regressed" "| **regressed** |" && says new/r.xml "<testcase" &&
        says r.json '"ipcbench-comparison/1"' && cmp r.txt out
}
check "--report: more files, each in the format of its ending" reports

faster() {
    compares 0 "No regression" "2 improved" -- --retest "${sides[@]}" -o faster -- ./slower ./as_ever &&
        is_empty err
}
check "faster: 0, and nothing to measure again" faster

sizes() {
    compares 0 "2 unchanged" -- -t pipe -p pingpong,stream --trials 12 --a "-s 64" --b "-s '4K'" --all \
        -o sizes -- ./as_ever ./as_ever &&
        says out "p50: NEW is pingpong/pipe/4K/"
}
check "sides with options of their own are paired by place" sizes

# Three pairs, or fewer where the machine spoilt one.
few() { compares 0 "1 could not be decided" "could not have seen any difference: " " of trials; at least 6" \
    -- -t pipe -p pingpong --trials 3 --threshold 0.001% --min-abs 0 -o few -- ./as_ever ./hardly; }
check "too few pairs: not decided, and how many it takes" few

as_json() {
    compares 1 -- "${sides[@]}" -o json --format json -- ./as_ever ./slower &&
        jq -e '.outcome == "regressed" and .options.paired and
            (.cells[0].figures.p50 // .cells[0].figures.rate | .paired and .base_trials >= 8)' out >/dev/null
}
if command -v jq >/dev/null; then check "JSON" as_json; else skip "JSON" "jq is not installed"; fi

plan() {
    exits 0 try ab --dry-run -t pipe,shm -p pingpong -s 64 && is_empty err &&
        says out "pingpong/shm/64" "2 cells, 19 pairs of trials each" && [[ ! -e results ]] &&
        exits 0 try ab --dry-run --a "-t pipe" --b "-t fifo" -p stream -s 64 --trials 4 &&
        says out "stream/pipe/64/" " against stream/fifo/64/" "1 cells, 4 pairs"
}
check "--dry-run, and how many pairs it takes" plan

# --- sides that fail ------------------------------------------------------------------------------

cat >old <<'FAKE'
#!/bin/sh
echo "ipcbench: run: unknown option --lockstep=7,8; see ipcbench run --help" >&2
exit 2
FAKE
cat >killed <<FAKE
#!/bin/bash
(sleep 0.4; kill -9 \$\$) &
exec "$program" "\$@"
FAKE
chmod +x old killed

no() {
    local what=$1
    shift
    check "refused: $what" refuses "$@"
}
no "a program from before there were turns" "ab: B is too old" "--lockstep" -- ab -t pipe -p pingpong -- "$program" ./old
no "no ipcbench" "ab: A: ended without a word" -- ab -t pipe -p pingpong -- /bin/true "$program"
no "no program" "ab: nowhere: No such file" -- ab -t pipe -p pingpong -- nowhere "$program"
no "one program" "ab: two programs are expected" -- ab -t pipe -- "$program"
no "an option of run that is wrong" "ab: run: --time: 0" -- ab --time 0
no "an option of one side that is wrong" "ab: B: run: unknown option --frob" -- ab --a "-t pipe" --b --frob
no "an open quote" "ab: --a: '-t \"pipe': a quote is not closed" -- ab --a '-t "pipe'
no "other numbers of cells" "ab: A would measure 1 cells and B 2" -- ab -p pingpong --a "-t pipe" --b "-t pipe,fifo"
no "other patterns" "not of the same pattern" -- ab -t pipe --a "-p pingpong" --b "-p stream"
no "a report of no known kind" "ab: --report: 'x.html'" ".txt, .md, .json or .xml" -- ab --report x.html
no "a metric that nobody has" "ab: --metric: none of 1 cells" -- ab -t pipe -p pingpong --metric rate
no "an option that makes no sense in turns" "ab: unknown option --resume" -- ab --resume x.json
no "descriptors that are not open" "run: --lockstep: '70,71'" -- run --lockstep 70,71

left_behind() { pgrep -f "$scratch|--lockstep" | grep -v "^$$\$"; }
killed() {
    local status=0
    try ab --time 0.2 -t pipe -p pingpong --trials 10 -o killed_side -- "$program" ./killed || status=$?
    ((status == 2)) && complains "ab: B was killed by signal 9" && ! left_behind
}
check "a side that is killed: one line, and the other ends too" killed

interrupted() {
    local status=0 pid
    "$program" ab --time 0.1 -t pipe -p pingpong --trials 200 "${calm[@]}" -o cut >out 2>err &
    pid=$!
    # Until two rounds are in the journals; the run itself would take a minute.
    until (($(grep -c '"trial"' cut-b.json.journal 2>/dev/null || echo 0) >= 2)) || ! kill -0 "$pid" 2>/dev/null; do
        sleep 0.1
    done
    kill -INT "$pid"
    wait "$pid" || status=$?
    ((status == 130)) && says err "interrupted" && says out "BASE cut-a.json" && ! left_behind
}
check "Ctrl-C: what is complete is compared" interrupted

finish
