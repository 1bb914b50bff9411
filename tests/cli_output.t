#!/usr/bin/env bash
# Where the result cannot be written: one line that says so, exit status 2, as early as it can be
# known; and what was measured is kept in the journal. TAP.
# shellcheck disable=SC2317,SC2329 # check() calls the tests by name
set -uo pipefail
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/tap.sh"

cd "$scratch" || exit 1
run=(run -t pipe -p pingpong "${tiny[@]}")

# --- no place for a file --------------------------------------------------------------------------

mkdir folder
check "output is a folder" refuses "folder is no regular file" -- "${run[@]}" -o folder
check "output ends in a slash" refuses "folder/ is no regular file" -- "${run[@]}" -o folder/
touch file
check "a file where a folder should be" refuses "file" "Not a directory" -- \
    "${run[@]}" -o file/result.json

# A device or a FIFO stays what it is.
keeps() {
    local kind=$1 path=$2
    refuses "$path is no regular file" "- is standard output" -- "${run[@]}" -o "$path" &&
        test "$kind" "$path" && [[ ! -e $path.journal ]]
}
check "output is /dev/null" keeps -c /dev/null
mkfifo fifo
check "output is a FIFO" keeps -p fifo
if [[ -c /dev/full ]]; then
    check "output is /dev/full" keeps -c /dev/full
fi

folder_is_empty() { [[ -z $(ls -A folder) ]]; }
check "no journal is left there" folder_is_empty

old_journal() {
    echo "somebody's run" >busy.json.journal
    refuses "journal busy.json.journal is there already" "resume" -- "${run[@]}" -o busy.json &&
        [[ $(<busy.json.journal) == "somebody's run" && ! -e busy.json ]]
}
check "a journal of another run is left alone" old_journal

# Through the shell, which may not get so far as to start it.
full_device() {
    local status=0
    "$program" "${run[@]}" -o - >/dev/full 2>err </dev/null || status=$?
    ((status == 2)) && complains "standard output: No space left on device"
}
full_table() {
    local status=0
    "$program" "${run[@]}" -o full.json >/dev/full 2>err </dev/null || status=$?
    ((status == 2)) && complains "standard output: No space left on device" &&
        [[ $(top full.json status) == complete ]]
}
full_show() {
    local status=0
    "$program" show full.json >/dev/full 2>err || status=$?
    ((status == 2)) && complains "standard output: No space left on device"
}
if [[ -c /dev/full ]]; then
    check "JSON on a full standard output" full_device
    check "table on a full standard output" full_table
    check "show on a full standard output" full_show
fi

limited_file() {
    (ulimit -f 2 && exits 2 try "${run[@]}" -o limited.json) && is_empty out &&
        complains "limited.json" "File too large" && [[ ! -e limited.json ]]
}
check "file size limit (ulimit -f)" limited_file

# --- no right to write ----------------------------------------------------------------------------

# user_refuses TEXT... -- ARGUMENT...: refuses(), as an ordinary user.
user_refuses() {
    local program=$user_folder/ipcbench
    try() { as_user "$program" "$@" >"$scratch/out" 2>"$scratch/err" </dev/null; }
    refuses "$@"
}

read_only_file() {
    user_refuses "mine.json" "Permission denied" -- "${run[@]}" -o "$user_folder/mine.json" &&
        [[ $(<"$user_folder/mine.json") == old && ! -e $user_folder/mine.json.journal ]]
}

if make_user_folder; then
    mkdir -m 555 "$user_folder/forbidden"
    check "folder without the right to write" \
        user_refuses "forbidden/a.json" "Permission denied" -- "${run[@]}" -o "$user_folder/forbidden/a.json"
    check "folder that cannot be made" user_refuses "forbidden/a" "Permission denied" -- \
        "${run[@]}" -o "$user_folder/forbidden/a/b.json"
    as_user sh -c "echo old >'$user_folder/mine.json' && chmod 444 '$user_folder/mine.json'"
    check "file without the right to write is not replaced" read_only_file
else
    skip "right to write" "no ordinary user can run $program from $scratch"
fi

# --- a disk that gets full ------------------------------------------------------------------------

disk_fills_up() {
    exits 2 try run -t pipe,fifo -p pingpong --trials 20 --time 0.003 --warmup 0 -o disk/a.json &&
        is_empty out && complains "disk/a.json" "No space left on device" "--resume disk/a.json" &&
        [[ ! -e disk/a.json ]] && (($(wc -l <disk/a.json.journal) > 5))
}

# What was measured before is in the result; everything else is measured now.
disk_has_room_again() {
    trials_of disk/a.json.journal >kept
    mount -o remount,size=16m disk || return 1
    try run --resume disk/a.json || (($? == 4)) || return 1
    [[ $(top disk/a.json status) == complete && ! -e disk/a.json.journal ]] &&
        cells disk/a.json | awk '{ n += split($3, rounds, ",") } END { exit n != 40 }' &&
        trials_of disk/a.json | holds_all kept
}

mkdir disk
if ((EUID == 0)) && mount -t tmpfs -o size=64k ipcbench-test disk 2>/dev/null; then
    undo+=("umount $scratch/disk")
    check "the disk fills up: exit status 2, the journal is kept" disk_fills_up
    check "once there is room, --resume completes the run" disk_has_room_again
else
    skip "the disk fills up" "only root can mount a small one"
fi

finish
