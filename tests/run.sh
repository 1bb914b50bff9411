#!/usr/bin/env bash
# Runs test programs (cmocka) and scripts one after the other, lets their TAP through and sums up.
#
#   tests/run.sh PROGRAM_OR_SCRIPT...
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
running=
trap 'rm -rf "$folder"' EXIT
# timeout(1) has a process group of its own and hands on what it gets.
trap '[[ -n $running ]] && kill -TERM "$running"; exit 130' INT TERM HUP

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

# A process that outlives its part would keep the pipe open for ever.
wait_for_end_of_output() {
    local tee_pid=$1
    for ((tenths = 0; tenths < 100; tenths++)); do
        kill -0 "$tee_pid" 2>/dev/null || return 0
        sleep 0.1
    done
    kill "$tee_pid" 2>/dev/null
    return 1
}

run_part() {
    local part=$1 started=$SECONDS name status tee_pid pipe=$folder/pipe log=$folder/log
    name=${part##*/}
    printf '# --- %s\n' "$name"
    if [[ ! -x $part ]]; then
        fail "$name: cannot be run"
        return
    fi
    [[ $part == */* ]] || part=./$part
    rm -f "$pipe" && mkfifo "$pipe" || exit 2
    tee "$log" <"$pipe" &
    tee_pid=$!
    CMOCKA_MESSAGE_OUTPUT=TAP timeout --kill-after=10 "$limit_s" "$part" >"$pipe" </dev/null &
    running=$!
    wait "$running"
    status=$?
    running=
    wait_for_end_of_output "$tee_pid" || fail "$name: left a process behind that holds its output"
    wait "$tee_pid" 2>/dev/null
    judge "$name" "$status" "$log"
    ((SECONDS - started < 10)) || printf '# %s took %d s\n' "$name" "$((SECONDS - started))"
}

if (($# == 0)); then
    echo "usage: tests/run.sh PROGRAM_OR_SCRIPT..." >&2
    exit 2
fi
for part in "$@"; do
    run_part "$part"
done

printf '\n%d passed, %d failed, %d skipped\n' "$passed" "$failed" "$skipped"
if ((${#failures[@]})); then
    printf 'failed: %s\n' "${failures[@]}"
    exit 1
fi
((failed == 0)) || exit 1
