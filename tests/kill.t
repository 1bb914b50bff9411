#!/usr/bin/env bash
# Random kills: kill -9 of parent, sender or receiver at a random moment, Ctrl-C and SIGTERM. What
# must hold each time: no process, XSI object, POSIX name or folder is left; a killed child costs its
# trial, not the run; a killed parent leaves a journal that can be resumed. TAP.
#
#   KILLS=50         how many kill -9
#   KILL_SEED=N      the same moments and victims again
# shellcheck disable=SC2317,SC2329 # check() calls the tests by name
set -uo pipefail
# shellcheck source=tests/mqueue.sh
. "$(dirname "$0")/mqueue.sh"
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/tap.sh"

kills=${KILLS:-50}
seed=${KILL_SEED:-$((RANDOM * 32768 + RANDOM))}
echo "# KILL_SEED=$seed"
RANDOM=$seed

# What could leave something behind, and some that could not.
subjects=(pipe fifo uds-stream:address=path uds-dgram:address=path uds-seqpacket:address=abstract
    xsi-mq posix-mq posix-mq:wait=epoll shm shm:backing=xsi shm:sync=xsi-sem shm:sync=named-sem
    shm:sync=mutex shm:sync=spin mmap mmap:backing=file tcp udp file pty splice process-vm
    memfd-pass memfd-pass:pool=yes)
notifications=eventfd,sem:kind=xsi,signal # of 0 bytes
size=64
victims=(parent sender receiver)
patterns=(pingpong stream)
whole_run_ms=800
size=64

cd "$scratch" || exit 1
mkdir tmp

# start ARGUMENT...: a run in the background, in a process group of its own; $pid.
start() {
    set -m
    TMPDIR=$scratch/tmp "$program" run "$@" -s "$size" --warmup 0.005 -o run.json \
        >out 2>err </dev/null &
    pid=$!
    set +m
}

sleep_ms() { sleep "$(printf '%d.%03d' $(($1 / 1000)) $(($1 % 1000)))"; }

# --- what is left ---------------------------------------------------------------------------------

# One line for each thing of ours that the kernel keeps without a process.
kept_by_kernel() {
    local table column
    while read -r table column; do
        awk -v table="$table" -v column="$column" -v owner="$EUID" \
            'NR > 1 && $column == owner { print table, $2 }' "/proc/sysvipc/$table" 2>/dev/null
    done <<<$'msg 8\nsem 5\nshm 8'
    find /dev/shm ${IPCBENCH_TEST_MQUEUE:+"$IPCBENCH_TEST_MQUEUE"} -mindepth 1 -user "$EUID" 2>/dev/null
    find "$scratch/tmp" -mindepth 1
}

# The processes of our run, the guard too: they have its environment.
our_processes() {
    grep -lsz "^TMPDIR=$scratch/tmp\$" /proc/[0-9]*/environ
}

nothing_runs() { [[ -z $(our_processes) ]]; }
nothing_is_kept() { [[ -z $(comm -13 before <(kept_by_kernel | sort)) ]]; }

# Other programs come and go: what is still there after a while is ours.
nothing_left() {
    if ! wait_until 60 nothing_runs; then
        echo "processes left:"
        our_processes | while read -r file; do
            cat "${file%/environ}/comm"
        done
        return 1
    fi
    wait_until 10 nothing_is_kept && return
    echo "left behind:"
    comm -13 before <(kept_by_kernel | sort)
    return 1
}

# --- kill -9 --------------------------------------------------------------------------------------

# child NAME: the run's child of that name, $child.
child() {
    local name children
    read -ra children <"/proc/$pid/task/$pid/children" # without an end of line
    for child in "${children[@]}"; do
        read -r name <"/proc/$child/comm" && [[ $name == "$1" ]] && return
    done
    return 1
} 2>/dev/null

# Waits for the next child of that name and kills it; false where the run ends first.
kill_child() {
    local name=$1
    while kill -0 "$pid" 2>/dev/null; do
        if child "$name"; then
            kill -KILL "$child" 2>/dev/null && return
        else
            sleep 0.005
        fi
    done
    return 1
}

# The trial that lost its process failed and says why; the others did not.
one_trial_failed() {
    local side=$1
    [[ $(top run.json status) == complete ]] || return 1
    cells run.json | awk -v reason="$side: killed by signal 9" '
        $2 == "failed" { failed++; named += index($0, reason) > 0 }
        { print }
        END { exit !(NR == 3 && failed == 1 && named == 1) }'
}

# A kill may come just after the process has done its work.
child_killed() {
    local side=$1 delay_ms=$2 name attempt status
    name=ipcbench-${side:0:4}
    shift 2
    for attempt in 1 2 3; do
        rm -f run.json*
        start "$@" --trials 1 --time 0.1
        sleep_ms "$delay_ms"
        kill_child "${name/rece/recv}"
        status=0
        wait "$pid" || status=$?
        if ((status == 4)) && one_trial_failed "$side" >cells; then
            [[ ! -e run.json.journal ]]
            return
        fi
        delay_ms=0
    done
    echo "exit status $status, attempt $attempt"
    cat err cells
    return 1
}

# Before its journal is there, a run has nothing to keep. Afterwards it can be resumed, whatever it
# had measured.
parent_killed() {
    local delay_ms=$1 status=0
    shift
    rm -f run.json*
    start "$@" --trials 20 --time 0.1
    sleep_ms "$delay_ms"
    kill -KILL "$pid"
    wait "$pid" || status=$?
    ((status == 137)) || return 1
    [[ ! -e run.json ]] || return 1
    if [[ -e run.json.journal ]]; then
        exits 0 try run --resume run.json --dry-run && says out "3 cells, "
    fi
}

# killed VICTIM DELAY_MS ARGUMENT...
killed() {
    local victim=$1
    shift
    kept_by_kernel | sort >before
    if [[ $victim == parent ]]; then
        parent_killed "$@" && nothing_left
    else
        child_killed "$victim" "$@" && nothing_left
    fi
}

# --- signals that ask -----------------------------------------------------------------------------

# asked SIGNAL DELAY_MS ARGUMENT...: to the whole group, as a terminal does. In its first moments,
# before it catches signals, the program dies of it, having made nothing.
asked() {
    local signal=$1 delay_ms=$2 status=0
    shift 2
    kept_by_kernel | sort >before
    rm -f run.json*
    start "$@" --trials 20 --time 0.1
    sleep_ms "$delay_ms"
    kill "-$signal" -- "-$pid"
    wait "$pid" || status=$?
    if ((status > 128 && status == 128 + $(kill -l "$signal"))) && [[ ! -e run.json ]]; then
        [[ ! -e run.json.journal ]] || return 1
    elif ((status != 130)) || [[ $(top run.json status) != interrupted || -e run.json.journal ]]; then
        echo "exit status $status"
        cat err
        return 1
    fi
    nothing_left
}

# Three different subjects: $transports. Drawn here, since each subshell would draw the same.
draw() {
    local first=$((RANDOM % ${#subjects[@]})) step=$((1 + RANDOM % (${#subjects[@]} / 2 - 1)))
    transports=${subjects[first]},${subjects[(first + step) % ${#subjects[@]}]}
    transports+=,${subjects[(first + 2 * step) % ${#subjects[@]}]}
    size=64
    ((RANDOM % 8)) || transports=$notifications size=0
    pattern=${patterns[RANDOM % 2]}
    delay_ms=$((RANDOM % whole_run_ms))
}

for ((round = 1; round <= kills; round++)); do
    draw
    victim=${victims[RANDOM % 3]}
    check "$victim killed after $delay_ms ms: $transports $pattern" \
        killed "$victim" "$delay_ms" -t "$transports" -p "$pattern"
done
# Operations on memory have a pattern of their own.
size=64K
for victim in "${victims[@]}"; do
    delay_ms=$((RANDOM % whole_run_ms))
    check "$victim killed after $delay_ms ms: segments" killed "$victim" "$delay_ms" -p memory \
        -t segment,segment:kind=xsi,segment:kind=xsi,what=attach
done
size=64
for signal in INT TERM INT TERM INT TERM; do
    draw
    check "SIG$signal after $delay_ms ms: $transports $pattern" \
        asked "$signal" "$delay_ms" -t "$transports" -p "$pattern"
done
finish
