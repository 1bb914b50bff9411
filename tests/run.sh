#!/usr/bin/env bash
# Runs test programs (cmocka) and scripts, lets their TAP through and sums up.
#
#   tests/run.sh [-j N] PROGRAM_OR_SCRIPT... [-j N ...]
#   -j N                those that follow, N at once (1); each one's output still comes in one piece
#   TEST_TIMEOUT=300    seconds for each part
#
# Exit 1 when a test fails, when a part crashes, runs out of time, prints no test at all or not as
# many as it planned; 130 when interrupted.
set -u
set -m # background jobs keep their SIGINT, which a shell without job control would have ignored

limit_s=${TEST_TIMEOUT:-300}
passed=0
failed=0
skipped=0
failures=()

folder=$(mktemp -d) || exit 2
trap 'rm -rf "$folder"' EXIT
# timeout(1) has a process group of its own and hands on what it gets.
trap 'jobs -rp | xargs -r kill -TERM; exit 130' INT TERM HUP

fail() {
    failed=$((failed + 1))
    failures+=("$1")
    printf '# %s\n' "$1"
}

# Reads one part's TAP: the counts on the first line, then one line for each failed test. cmocka
# writes skipped tests as "not ok N # SKIP name" and may print one plan for each group.
read_tap() {
    awk '
        /^1\.\.[0-9]+/ {
            plans++
            planned += substr($1, 4)
            if (toupper($0) ~ /^1\.\.0 *# *SKIP/) whole++
        }
        /^(not )?ok([ \t]|$)/ {
            name = $0
            sub(/^(not )?ok[ \t]*[0-9]*[ \t]*(- )?/, "", name)
            if (toupper($0) ~ /# *(SKIP|TODO)/) skips++
            else if (/^ok/) oks++
            else names[++bad] = name
        }
        /^Bail out!/ { names[++bad] = $0 }
        END {
            printf "%d %d %d %d %d %d\n", plans, planned, whole, oks, bad, skips
            for (i = 1; i <= bad; i++) print names[i]
        }' "$1"
}

# judge NAME STATUS LOG: what the part's TAP and its exit say together.
judge() {
    local name=$1 status=$2 log=$3
    local plans planned whole oks bad skips line
    {
        read -r plans planned whole oks bad skips
        while IFS= read -r line; do
            failures+=("$name: $line")
        done
    } < <(read_tap "$log")
    passed=$((passed + oks))
    failed=$((failed + bad))
    skipped=$((skipped + skips + whole))

    if ((status == 124 || status == 137)); then
        fail "$name: ended after $limit_s s, or killed"
    elif ((status > 128)); then
        fail "$name: died of signal $((status - 128))"
    elif ((plans == 0)); then
        fail "$name: no plan (exit status $status)"
    elif ((oks + bad + skips != planned)); then
        fail "$name: $((oks + bad + skips)) tests of $planned planned (exit status $status)"
    elif ((planned == 0 && whole == 0)); then
        fail "$name: no test"
    elif ((status != 0 && bad == 0)); then
        fail "$name: exit status $status though no test failed"
    fi
}

# One part's test lines to standard output. It leads a process group: of its own children, too.
run_limited() {
    CMOCKA_MESSAGE_OUTPUT=TAP exec timeout --kill-after=10 "$limit_s" "$1" </dev/null
}

is_part() {
    [[ -x $1 ]] && return
    printf '# --- %s\n' "${1##*/}"
    fail "${1##*/}: cannot be run"
    return 1
}

# gone_soon PID: within 10 s; of a group, all of it.
gone_soon() {
    local tenths
    for ((tenths = 0; tenths < 100; tenths++)); do
        kill -0 -- "$1" 2>/dev/null || return 0
        sleep 0.1
    done
    return 1
}

# ended NAME PID STATUS LOG: a process that outlives its part is a fault of the part.
ended() {
    local name=$1 pid=$2 status=$3 log=$4
    if ! gone_soon "-$pid"; then
        kill -KILL -- "-$pid"
        fail "$name: left a process behind"
    fi
    judge "$name" "$status" "$log"
}

run_alone() {
    local part=$1 started=$SECONDS name=${1##*/} log=$folder/log pid tee_pid status
    is_part "$part" || return
    printf '# --- %s\n' "$name"
    rm -f "$folder/pipe" && mkfifo "$folder/pipe" || exit 2
    tee "$log" <"$folder/pipe" &
    tee_pid=$!
    run_limited "$part" >"$folder/pipe" &
    pid=$!
    wait "$pid"
    status=$?
    if ! gone_soon "$tee_pid"; then # somebody outside the group holds the pipe
        kill "$tee_pid"
        fail "$name: left a process behind that holds its output"
    fi
    wait "$tee_pid" 2>/dev/null
    ended "$name" "$pid" "$status" "$log"
    ((SECONDS - started < 10)) || printf '# %s took %d s\n' "$name" "$((SECONDS - started))"
}

# run_together N PART...: their outputs in the order of the parts.
run_together() {
    local most=$1 next=0 started=0 part status parts=() pids=()
    shift
    for part; do
        if is_part "$part"; then parts+=("$part"); fi
    done
    while ((next < ${#parts[@]})); do
        while ((started < ${#parts[@]} && $(jobs -rp | wc -l) < most)); do
            run_limited "${parts[started]}" >"$folder/log.$started" 2>&1 &
            pids+=($!)
            started=$((started + 1))
        done
        wait -n
        while ((next < started)) && ! kill -0 "${pids[next]}" 2>/dev/null; do
            wait "${pids[next]}"
            status=$?
            part=${parts[next]##*/}
            printf '# --- %s\n' "$part"
            cat "$folder/log.$next"
            ended "$part" "${pids[next]}" "$status" "$folder/log.$next"
            next=$((next + 1))
        done
    done
}

if (($# == 0)); then
    echo "usage: tests/run.sh [-j N] PROGRAM_OR_SCRIPT..." >&2
    exit 2
fi
jobs=1
together=()
run_gathered() {
    ((${#together[@]} == 0)) || run_together "$jobs" "${together[@]}"
    together=()
}
while (($#)); do
    if [[ $1 == -j ]]; then
        run_gathered
        jobs=$2
        shift
    elif ((jobs > 1)); then
        together+=("$1")
    else
        run_alone "$1"
    fi
    shift
done
run_gathered

printf '\n%d passed, %d failed, %d skipped\n' "$passed" "$failed" "$skipped"
if ((${#failures[@]})); then
    printf 'failed: %s\n' "${failures[@]}"
    exit 1
fi
((failed == 0)) || exit 1
