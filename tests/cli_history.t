#!/usr/bin/env bash
# ipcbench history: what is added is shown, once, whoever adds at the same time and whatever kills it.
# TAP.
set -uo pipefail
# shellcheck source=tests/tap.sh
source "$(dirname "$0")/tap.sh"

generate=$(realpath "${BUILD:-build}/tests/history/generate")
results=$scratch/results
store=$scratch/store.sqlite
runs=40
mkdir "$results"
# 40 runs of 5 cells; from the 31st on cell 0 takes 20 % longer; the commit changes every 10 runs.
"$generate" - "$runs" 5 --results "$results" || exit 1
slow=pingpong/made-0/64/same-cache
quiet=pingpong/made-1/64/same-cache

# history PART ARGUMENT...: on the store.
history() {
    try history "$@" --history "$store"
}

# holds FILE COUNT: every cell of the history has so many runs.
holds() {
    try history show --metric all --last 1 --history "$1" || return 1
    awk -v count="$2" '/\/made-/ { n++; if ($3 != count) { print; wrong = 1 } }
        END { exit wrong || n != 13 }' "$scratch/out" && return
    echo "expected $2 runs each:"
    cat "$scratch/out" "$scratch/err"
    return 1
}

# --- adding and looking ---------------------------------------------------------------------------

adds_all() {
    exits 0 history add "$results"/*.json && [[ $(grep -c ': added$' "$scratch/out") == "$runs" ]] &&
        holds "$store" "$runs"
}
adds_none() {
    exits 0 history add "$results"/*.json &&
        [[ $(grep -c ': known already$' "$scratch/out") == "$runs" ]] && holds "$store" "$runs"
}
another_name_is_the_same_run() {
    cp "$results/0007.json" "$scratch/copy.json"
    exits 0 history add "$scratch/copy.json" && says out "known already"
}
check "adds result files" adds_all
check "... and the second time none" adds_none
check "... nor under another name" another_name_is_the_same_run

shows() {
    exits 0 history show && says out "Made-up CPU, 2 CPUs [" "last 20" "$slow" "p50" "$runs" "2020-01-10" &&
        [[ $(grep -c '[▁▂▃▄▅▆▇█]\{20\}$' "$scratch/out") == 5 ]]
}
shows_some() {
    exits 0 history show -f 'made-[13]' --metric rate --since 2020-01-05 --last 5 &&
        [[ $(grep -c 'made-' "$scratch/out") == 2 ]] && says out "last 5" "/s" &&
        awk '/made-/ { if ($3 != 24) exit 1 }' "$scratch/out"
}
# The slow part is the higher half of the blocks, the rest the lower.
trend_has_the_shape() {
    exits 0 history trend "$slow" &&
        says out "$slow, p50: $runs runs, 2020-01-01 to 2020-01-10" "commit c0ffee000003" &&
        grep -qE '^  [▁▂▃▄]{30}[▅▆▇█]{10}$' "$scratch/out" &&
        [[ $(grep -cE 'T[0-9:]*Z  c0ffee000003 +6\.1\.0 ' "$scratch/out") == 10 ]]
}
trend_as_json() {
    exits 0 history trend "$slow" --last 3 --json && says out '"ipcbench-history/1"' '"trial_values"' &&
        [[ $(grep -c '"started_at"' "$scratch/out") == 3 ]]
}
check "shows the latest figure of every cell beside those before" shows
check "... of some cells, another metric, since a day" shows_some
check "trend: a line of blocks with the change in it, the latest runs" trend_has_the_shape
check "... as JSON, with every trial" trend_as_json

finds_the_change() {
    exits 0 history changes &&
        says out "1 change of level in 5 series" \
            "between c0ffee000002 (2020-01-08T06:00:00Z) and c0ffee000003 (2020-01-08T12:00:00Z)" &&
        grep -qE "^  $slow +p50 .* x 1\.[12][0-9]+ \[1\.[0-9]+, 1\.[0-9]+\] +worse +30 and 10 runs$" \
            "$scratch/out"
}
changes_as_json() {
    exits 0 history changes --json --metric all -f "$slow" &&
        says out '"ipcbench-history-changes/1"' '"commit":	"c0ffee000002"' '"commit":	"c0ffee000003"' &&
        [[ $(grep -c '"worse":	true' "$scratch/out") == 3 ]] # both times, and the rate, which falls
}
finds_none() {
    exits 0 history changes -f "$quiet" && says out "0 changes of level in 1 series"
}
check "changes: the planted one, with the commits on both sides" finds_the_change
check "... as JSON; of a rate the fall is what is worse" changes_as_json
check "... and none in a quiet series" finds_none

# --- bad input ------------------------------------------------------------------------------------

check "an unknown cell: the nearest names" refuses "no cell 'pingpong/made-1/64/sme-cache'" \
    "nearest: $quiet" -- history trend pingpong/made-1/64/sme-cache --history "$store"
check "a bad date" refuses "--since: '31.1.2026' is no date: 2026-01-31" -- \
    history show --since 31.1.2026 --history "$store"
check "no run that late" refuses "nothing fits" "40 runs of 5 cells on 1 machine" -- \
    history trend "$slow" --since 2030-01-01 --history "$store"
check "a bad regular expression" refuses "--filter: '('" -- history show -f '(' --history "$store"
check "a machine that is no fingerprint" refuses "--machine: 'mine' is no fingerprint" -- \
    history show --machine mine --history "$store"
check "an unknown metric" refuses "--metric: 'p42'" "p99" -- history show --metric p42 --history "$store"
check "too many runs to search" refuses "10 to 2000 runs" -- history changes --last 5000 --history "$store"
check "no history yet" refuses "there is none yet" "history add" -- \
    history show --history "$scratch/none.sqlite"
check "a result file in place of a history" refuses "0001.json: not a database" -- \
    history show --history "$results/0001.json"
check "a folder in place of a history" refuses "not a file" -- history add "$results/0001.json" --history "$scratch"
check "a history in place of a result file" refuses "$store" -- history add "$store" --history "$store"
check "no file to add" refuses "result files are expected" -- history add --history "$store"
check "an option of another part" refuses "unknown option --json" -- history add --json x --history "$store"
check "an unknown part" refuses "no 'forget'" "add, show, trend or changes" -- history forget

newer_is_refused() {
    cp "$store" "$scratch/newer.sqlite"
    sqlite3 "$scratch/newer.sqlite" 'PRAGMA user_version = 99' &&
        refuses "schema version 99 is newer than this ipcbench" -- history show --history "$scratch/newer.sqlite"
}
if command -v sqlite3 >/dev/null; then
    check "a history of a newer ipcbench" newer_is_refused
else
    skip "a history of a newer ipcbench" "no sqlite3 here"
fi

damaged_is_told() {
    cp "$store" "$scratch/damaged.sqlite"
    dd if=/dev/urandom of="$scratch/damaged.sqlite" bs=4096 seek=1 count=12 conv=notrunc 2>/dev/null
    refuses "damaged.sqlite: damaged" -- history show --history "$scratch/damaged.sqlite"
}
check "a damaged history" damaged_is_told

# --- where it lies --------------------------------------------------------------------------------

lies_where_it_is_said() {
    local home=$scratch/home file=$results/0001.json
    env -u XDG_DATA_HOME -u IPCBENCH_HISTORY HOME="$home" "$program" history add "$file" &&
        [[ -f $home/.local/share/ipcbench/history.sqlite ]] &&
        env -u IPCBENCH_HISTORY XDG_DATA_HOME="$home/data" "$program" history add "$file" &&
        [[ -f $home/data/ipcbench/history.sqlite ]] &&
        XDG_DATA_HOME=$home/other IPCBENCH_HISTORY=$home/named "$program" history add "$file" &&
        [[ -f $home/named && ! -e $home/other ]]
}
no_home() {
    exits 2 env -u HOME -u XDG_DATA_HOME -u IPCBENCH_HISTORY "$program" history show 2>"$scratch/err" &&
        complains "HOME is not set" "--history FILE"
}
check "IPCBENCH_HISTORY, XDG_DATA_HOME, HOME, in this order" lies_where_it_is_said
check "... and none of them" no_home

# --- several at once, and the end in between ------------------------------------------------------

# Both add everything, one of them backwards: each file is added by one and known to the other.
two_at_once() {
    local file=$scratch/two.sqlite files=("$results"/*.json) backwards=() pids=() i
    for ((i = runs - 1; i >= 0; i--)); do
        backwards+=("${files[i]}")
    done
    "$program" history add "${files[@]}" --history "$file" >"$scratch/first" &
    pids+=($!)
    "$program" history add "${backwards[@]}" --history "$file" >"$scratch/second" &
    pids+=($!)
    wait "${pids[0]}" && wait "${pids[1]}" || return 1
    [[ $(cat "$scratch/first" "$scratch/second" | grep -c ': added$') == "$runs" ]] &&
        [[ $(cat "$scratch/first" "$scratch/second" | grep -c ': known already$') == "$runs" ]] &&
        holds "$file" "$runs"
}
check "two processes add at once: nothing is lost, nothing is twice" two_at_once

# Making the file is a race, too.
many_make_it() {
    local file=$scratch/made.sqlite round name pids
    for ((round = 0; round < 10; round++)); do
        rm -f "$file"
        pids=()
        for name in 0001 0002 0003 0004; do
            "$program" history add "$results/$name.json" --history "$file" &
            pids+=($!)
        done
        for name in "${pids[@]}"; do
            wait "$name" || return 1
        done
        holds "$file" 4 || return 1
    done
}
check "four processes make it at once" many_make_it

# At ever later moments; each time it must be readable, and hold whole runs alone.
killed_in_the_middle() {
    local file=$scratch/killed.sqlite i pid killed=0
    for i in 1 2 3 4 5 6 7 8 9 10 11 12; do
        "$program" history add "$results"/*.json --history "$file" >"$scratch/killed" &
        pid=$!
        wait_until 20 test -s "$file"
        sleep "0.0$((i % 5))$i"
        kill -9 "$pid" 2>/dev/null
        wait "$pid" 2>/dev/null
        (($? == 137)) && killed=$((killed + 1))
        grep -q . "$scratch/killed" || continue
        holds "$file" "$(awk '/made-/ { print $3; exit }' <("$program" history show --history "$file"))" ||
            return 1
    done
    ((killed > 0)) || { echo "every add ended before it was killed" && return 1; }
    exits 0 try history add "$results"/*.json --history "$file" && holds "$file" "$runs" &&
        [[ ! -e $file-journal ]]
}
check "kill -9 during an add leaves it whole; the next add completes it" killed_in_the_middle

# --- disks and users ------------------------------------------------------------------------------

full_disk() {
    local file=$scratch/small/store.sqlite
    exits 2 try history add "$results"/*.json --history "$file" && complains "$file" "No space left" &&
        holds "$file" "$(grep -c ': added$' "$scratch/out")"
}
mkdir "$scratch/small"
if ((EUID == 0)) && mount -t tmpfs -o size=96k ipcbench-test "$scratch/small" 2>/dev/null; then
    undo+=("umount $scratch/small")
    check "a full disk: one line, and what was added before is there" full_disk
else
    skip "a full disk: one line, and what was added before is there" "no tmpfs can be mounted"
fi

# The store belongs to somebody else, in a folder where nothing can be made.
user_reads() {
    chmod 644 "$scratch/shared/store.sqlite" && chmod 755 "$scratch/shared"
    as_user "$user_folder/ipcbench" history show --history "$scratch/shared/store.sqlite" >"$scratch/out" &&
        says out "$slow" &&
        as_user "$user_folder/ipcbench" history changes --history "$scratch/shared/store.sqlite" >"$scratch/out"
}
user_may_not_write() {
    local status=0
    as_user "$user_folder/ipcbench" history add "$scratch/shared/new.json" \
        --history "$scratch/shared/store.sqlite" >"$scratch/out" 2>"$scratch/err" || status=$?
    ((status == 2)) && complains "may not be written"
}
user_has_a_history_of_its_own() {
    as_user env -u XDG_DATA_HOME -u IPCBENCH_HISTORY HOME="$user_folder" "$user_folder/ipcbench" \
        history add "$scratch/shared/new.json" &&
        [[ -f $user_folder/.local/share/ipcbench/history.sqlite ]]
}
mkdir "$scratch/shared"
cp "$store" "$scratch/shared/store.sqlite"
sed 's/"seed":	0/"seed":	12345/' "$results/0001.json" >"$scratch/shared/new.json"
chmod -R a+rX "$scratch/shared"
if ((EUID == 0)) && make_user_folder; then
    check "an ordinary user reads what it may not write" user_reads
    check "... and is told when it tries to" user_may_not_write
    check "... and has a history of its own" user_has_a_history_of_its_own
else
    skip "an ordinary user reads what it may not write" "not root, or no setpriv"
    skip "... and is told when it tries to" "not root, or no setpriv"
    skip "... and has a history of its own" "not root, or no setpriv"
fi

finish
