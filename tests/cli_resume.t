#!/usr/bin/env bash
# A run that is interrupted or killed keeps what it has measured; `run --resume` goes on with it. TAP.
# shellcheck disable=SC2317,SC2329 # check() calls the tests by name
set -uo pipefail
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/tap.sh"

trials=15
transports=pipe,shm:sync=named-sem,uds-dgram:address=path
cell_count=3
cd "$scratch" || exit 1
mkdir tmp

# start NAME ARGUMENT...: begins a run in the background, in a process group of its own; $pid.
start() {
    local name=$1
    shift
    set -m
    TMPDIR=$scratch/tmp "$program" run "$@" >"$name.out" 2>"$name.err" </dev/null &
    pid=$!
    set +m
}
start_new() {
    start "$1" -t "$transports" -p pingpong --trials "$trials" --time 0.01 --warmup 0 -o "$1.json"
}

has_trials() { [[ -e $1 ]] && (($(grep -c '"trial":' "$1") >= $2)); }

# under_way NAME N: waits until the journal of the run holds N trials.
under_way() {
    wait_until 60 has_trials "$1.json.journal" "$2" && return
    echo "no $2 trials after 60 s"
    cat "$1.err"
    return 1
}

# ends STATUS: that is how the process in the background ends.
ends() {
    local status=0
    wait "$pid" || status=$?
    ((status == $1)) && return
    echo "exit status $status, expected $1"
    return 1
}

# Every cell has each round once, and no two trials have the same place in the run.
has_every_round() {
    cells "$1" >list
    awk -v trials="$trials" -v cells="$cell_count" '
        {
            n = split($3, round, ",")
            split($4, order, ",")
            for (i = 1; i <= n; i++) {
                if (seen[$1, round[i]]++ || placed[order[i]]++) wrong = 1
                if (int(order[i] / cells) != round[i] || round[i] >= trials) wrong = 1
            }
            if (n != trials) wrong = 1
        }
        END { exit wrong || NR != cells }' list && return
    cat list
    return 1
}

# resumes NAME KEPT: the run is completed, and the trials listed in KEPT are among its own.
resumes() {
    ends_well try run --resume "$1.json" && is_empty err || return 1
    [[ $(top "$1.json" status) == complete && ! -e $1.json.journal ]] &&
        has_every_round "$1.json" && trials_of "$1.json" | holds_all "$2" &&
        says out "result: $1.json"
}

# The run's table is what `show` makes of its file; only the line that names the file is missing.
shows_the_same() {
    exits 0 "$program" show "$1.json" >shown && head -n -2 "$2" | diff - shown
}

# --- interrupted ----------------------------------------------------------------------------------

# interrupted SIGNAL: sent to the whole group, as a terminal does.
interrupted() {
    start_new "$1" && under_way "$1" 4 && kill "-$1" -- "-$pid" && ends 130 || return 1
    [[ $(top "$1.json" status) == interrupted && ! -e $1.json.journal ]] || return 1
    trials_of "$1.json" >"$1.kept"
    (($(wc -l <"$1.kept") >= 4 && $(wc -l <"$1.kept") < trials * cell_count)) || return 1
    cp "$1.err" err && complains interrupted "--resume $1.json" &&
        cp "$1.out" out && says out "result: $1.json"
}

for signal in INT TERM HUP; do
    check "SIG$signal: exit status 130, the file says interrupted" interrupted "$signal"
    check "SIG$signal: show prints the table of what there is" \
        shows_the_same "$signal" "$signal.out"
done

plan_of_the_rest() {
    cp INT.json before && exits 0 try run --resume INT.json --dry-run && cmp INT.json before &&
        says out "$cell_count cells, $trials trials"
}
check "--resume --dry-run measures nothing" plan_of_the_rest

for signal in INT TERM HUP; do
    check "SIG$signal: --resume completes it, no round twice" resumes "$signal" "$signal.kept"
done
check "show prints the table of the completed run" shows_the_same HUP out

interrupted_dash() {
    start dash -t pipe -p pingpong --trials 1 --time 60 -o -
    wait_until 60 receiver_of "$pid" >receiver || return 1
    kill -TERM "$pid" && ends 130 && [[ $(top dash.out status) == interrupted ]] &&
        [[ $(tail -n 1 dash.out) == "}" && ! -s dash.err ]]
}
check "-o - interrupted in a long trial: whole JSON, exit status 130" interrupted_dash

hang_up_ignored() {
    local status=0
    trap '' HUP
    start_new nohup && under_way nohup 2 && kill -HUP "$pid" || return 1
    wait "$pid" || status=$?
    cp nohup.out out && is_well "$status" && has_every_round nohup.json
}
check "under nohup SIGHUP changes nothing" hang_up_ignored

# --- killed ---------------------------------------------------------------------------------------

# Processes of our runs that still live: they have our TMPDIR.
no_process_left() {
    ! grep -aqs "^TMPDIR=$scratch/tmp\|[[:cntrl:]]TMPDIR=$scratch/tmp" /proc/[0-9]*/environ
}
left_nothing() {
    wait_until 30 no_process_left && [[ -z $(ls -A tmp) ]]
}

killed() {
    start_new kill && under_way kill 4 && kill -KILL "$pid" && ends 137 &&
        [[ ! -e kill.json && -s kill.json.journal ]] && trials_of kill.json.journal >kill.kept
}
killed_again() {
    local before
    before=$(wc -l <kill.kept)
    start kill --resume kill.json && under_way kill $((before + 3)) && kill -KILL "$pid" &&
        ends 137 && trials_of kill.json.journal | holds_all kill.kept &&
        trials_of kill.json.journal >kill.kept
}
# What a crash in the middle of writing a line leaves.
half_a_line() {
    cp kill.json.journal half.json.journal && cp kill.kept half.kept &&
        tail -n 1 kill.json.journal | head -c 200 >>half.json.journal
}
damaged_line() {
    sed '4s/"trial"/"tri/' kill.json.journal >damaged.json.journal &&
        refuses "damaged.json.journal: line 4" -- run --resume damaged.json &&
        [[ -s damaged.json.journal ]]
}

check "kill -9: the journal is left" killed
check "kill -9: no process, no file" left_nothing
check "kill -9 of the resumed run: the journal holds both parts" killed_again
check "a line cut short" half_a_line
check "a damaged line in the middle: one line says where" damaged_line
check "--resume completes it from the journal" resumes kill kill.kept
check "--resume passes over a line cut short" resumes half half.kept

# --- what cannot be resumed -----------------------------------------------------------------------

# no WHAT TEXT... -- FILE
no() {
    local what=$1 texts=()
    shift
    while [[ $1 != -- ]]; do
        texts+=("$1")
        shift
    done
    check "not resumed: $what" refuses "--resume" "${texts[@]}" -- run --resume "$2"
    check "not resumed: $what: left as it was" cmp "$2" "$2.copy"
}

# spoil FILE EXPRESSION...: an interrupted run, edited by sed.
spoil() {
    sed "${@:2}" interrupted.json >"$1"
    cp "$1" "$1.copy"
}

sed '0,/"complete"/s//"interrupted"/' kill.json >interrupted.json
check "not resumed: a missing file" refuses "--resume" nowhere.json "No such file" -- \
    run --resume nowhere.json
check "not resumed: a folder" refuses "--resume" "Is a directory" -- run --resume tmp
cp kill.json kill.json.copy
no "a complete run" "this run is complete" -- kill.json
spoil cpu.json 's/"model":.*/"model": "Z80",/'
no "a run of another machine" "model" "Z80" -- cpu.json
spoil cells.json 's/,uds-dgram:address=path//'
no "a run of other cells" "cells, planned are" -- cells.json
spoil id.json 's/"id":.*pingpong\/pipe/&x/'
no "a run with another cell" "pingpong/pipex" -- id.json
spoil half-file.json "\$d"
no "half a file" "half-file.json" "not a whole JSON document" -- half-file.json
spoil schema.json 's/ipcbench-result\/1/ipcbench-result\/99/'
no "a later format" "ipcbench-result/99: this ipcbench reads up to 1" -- schema.json
printf 'garbage\n' | tee garbage.json.copy >garbage.json
no "garbage" "garbage.json" "not JSON" -- garbage.json
printf '{}' | tee empty.json.copy >empty.json
no "another JSON file" "schema" -- empty.json
: | tee nothing.json.copy >nothing.json
no "an empty file" "nothing.json" -- nothing.json
head -c 4096 /dev/zero | tee zero.json.copy >zero.json
no "a file of zeros" "zero.json" -- zero.json

no_journal() {
    refuses "--resume" "journal" "no whole line" -- run --resume "$1.json" &&
        [[ -s $1.json.journal ]]
}
printf '{"run":' >cut.json.journal
check "not resumed: a journal without a whole line" no_journal cut

check "show: garbage" refuses "show: garbage.json" "not JSON" -- show garbage.json
check "show: half a file" refuses "show: half-file.json" -- show half-file.json
check "show: a file of zeros" refuses "show: zero.json" -- show zero.json

finish
