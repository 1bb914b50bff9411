#!/usr/bin/env bash
# `ipcbench doctor`: what it says of this machine and of made ones, as text and as JSON; settings
# changed and put back, in made trees and once for real. TAP.
# shellcheck disable=SC2317,SC2329 # check() calls the tests by name
set -uo pipefail
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/tap.sh"

fixtures=$PWD/tests/fixtures/doctor
cd "$scratch" || exit 1
unset COLUMNS

# make_tree NAME: a made machine in $scratch/NAME; "PATH|LINE" for each line of its files.
make_tree() {
    rm -rf "$1"
    awk -F'|' -v root="$1" '
        /^#/ { next }
        {
            path = root $1
            folder = path
            sub(/\/[^\/]*$/, "", folder)
            if (!(folder in made)) system("mkdir -p \"" folder "\"")
            made[folder]
            print substr($0, length($1) + 2) > path
        }' "$fixtures/$1.tree"
}
contents() { (cd "$1" && find . -type f -exec cksum {} + | sort -k3); }

# --- this machine -------------------------------------------------------------------------------------

# The exit status is what the last line says.
speaks() {
    local status=0
    "$@" doctor >out 2>err </dev/null || status=$?
    is_empty err || return 1
    if ! tail -1 out | grep -qE \
        '^[0-9]+ things? disturbs?, [0-9]+ limits?; [0-9]+ worth knowing, [0-9]+ fine, [0-9]+ not'; then
        cat out
        return 1
    fi
    ((status == 0)) && says out "0 things disturb, 0 limit;" && return
    ((status == 1)) && ! tail -1 out | grep -q "^0 things disturb, 0 limit;"
}
# Words break at the margin; commands stay whole.
is_narrow() {
    awk 'length($0) > 80 && !/^ *[$(]/ { print; wrong = 1 } END { exit wrong }' out
}
check "doctor ends with a line that counts, as its exit status says" speaks "$program"
check "doctor fits into 80 columns" is_narrow

# sound FILE STATUS: the JSON holds what docs/doctor.md promises, and fits to the exit status.
sound() {
    jq -e --argjson status "$2" '
        .schema == "ipcbench-doctor/1"
        and (.checks | length) >= 27
        and ([.checks[].name] | length == (unique | length))
        and all(.checks[];
            (.name | test("^[a-z][a-z-]*$"))
            and (.group | IN("cpu", "clock", "virtualisation", "memory", "limits", "permissions"))
            and (.state | IN("bad", "note", "ok", "unknown"))
            and (.effect | IN("disturbs", "limits", "informs"))
            and (.found | length > 0)
            and (.tunable | type == "boolean")
            and (.tunable == false or (.setting | length > 0))
            and (.state != "bad" or (.meaning | length > 0))
            and all(.meaning, .command, .advice, .setting; . == null or length > 0)
            and (keys - ["name", "group", "state", "effect", "found", "meaning", "command",
                "advice", "setting", "tunable"] == []))
        and .counts == {
            disturb: [.checks[] | select(.state == "bad" and .effect == "disturbs")] | length,
            limit: [.checks[] | select(.state == "bad" and .effect == "limits")] | length,
            note: [.checks[] | select(.state == "note")] | length,
            ok: [.checks[] | select(.state == "ok")] | length,
            unknown: [.checks[] | select(.state == "unknown")] | length}
        and (.counts.disturb + .counts.limit > 0) == ($status == 1)' "$1" >/dev/null ||
        { cat "$1"; return 1; }
}
json_is_sound() {
    local status=0
    "$@" --json >out 2>err </dev/null || status=$?
    is_empty err && ((status <= 1)) && sound out "$status"
}
if command -v jq >/dev/null; then
    have_jq=1
    check "doctor --json is as documented" json_is_sound "$program" doctor
else
    have_jq=0
    skip "doctor --json is as documented" "jq is not installed"
fi

# --- made machines ------------------------------------------------------------------------------------

made() {
    local name=$1 status=$2
    shift 2
    make_tree "$name" && contents "$name" >before && exits "$status" try doctor --root "$name" &&
        is_empty err && says out "$@" && is_narrow && contents "$name" | diff before -
}
made_json() {
    make_tree "$1" && json_is_sound "$program" doctor --root "$1"
}
check "a laptop: what disturbs" made laptop 1 "Disturbs the numbers" "powersave" \
    "--tune governor" "echo 1 | " "Limits what can be measured" "2 KiB"
check "a server that is set up well" made server 0 "0 things disturb, 0 limit;" "isolcpus 4-7"
check "a container with 1.5 CPUs" made container 1 "1.5 CPUs" "Not known here"
worst_comes_first() {
    exits 1 try doctor --root laptop &&
        grep -E '^[A-Z]' out | diff - <(printf '%s\n' "Disturbs the numbers" \
            "Limits what can be measured" "Worth knowing" "Fine" "Not known here")
}
check "worst comes first" worst_comes_first
obeys_columns() {
    COLUMNS=120 try doctor --root laptop
    awk 'length($0) > 80 && !/^ *[$(]/ { wide = 1 } END { exit !wide }' out
}
check "COLUMNS widens the text" obeys_columns
if ((have_jq)); then
    for name in vm laptop server container; do
        check "a made $name as JSON" made_json "$name"
    done
else
    skip "made machines as JSON" "jq is not installed"
fi
an_empty_root() {
    mkdir -p empty && exits 0 try doctor --root empty && is_empty err &&
        says out "0 fine"
}
check "nothing to read is nothing bad" an_empty_root

# --- tuning made machines -------------------------------------------------------------------------------

tree_value() { [[ $(<"$1/$2") == "$3" ]] || { echo "$2: $(<"$1/$2"), expected $3"; return 1; }; }
there_and_back() {
    make_tree laptop && contents laptop >before &&
        exits 0 try doctor --root laptop --tune boost,governor &&
        says out "policy7/scaling_governor: powersave -> performance" "no_turbo: 0 -> 1" \
            "laptop/var/lib/ipcbench/tuning.state" &&
        tree_value laptop sys/devices/system/cpu/cpufreq/policy4/scaling_governor performance &&
        exits 0 try doctor --root laptop --restore &&
        says out "policy7/scaling_governor: performance -> powersave" "no_turbo: 1 -> 0" &&
        contents laptop | diff before -
}
nothing_left() {
    exits 0 try doctor --root laptop --restore && says out "nothing to restore"
}
# What is bad and can be changed: not the notes, not what has no setting.
without_names() {
    make_tree vm && exits 0 try doctor --root vm --tune && is_empty err &&
        tree_value vm sys/kernel/mm/transparent_hugepage/shmem_enabled advise &&
        tree_value vm sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages 64 &&
        tree_value vm proc/sys/fs/mqueue/msg_max 10 &&
        exits 0 try doctor --root vm --restore &&
        tree_value vm sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages 0
}
nothing_to_tune() {
    make_tree server && exits 0 try doctor --root server --tune && says out "nothing to change" &&
        exits 0 try doctor --root server --tune=hugepages,governor &&
        says out "nothing to change" && [[ ! -e server/var ]]
}
merges() {
    make_tree vm && contents vm >before && exits 0 try doctor --root vm --tune mqueue --state s &&
        exits 0 try doctor --root vm --tune=hugepages --state s &&
        exits 0 try doctor --root vm --restore --state s && [[ ! -e s ]] &&
        contents vm | diff before -
}
others_changed() {
    make_tree vm && exits 0 try doctor --root vm --tune mqueue && echo 77 \
        >vm/proc/sys/fs/mqueue/msg_max && exits 1 try doctor --root vm --restore &&
        says out "msg_max: left at 77" "before that it was 10" "msgsize_max: 65536 -> 8192" \
            "--restore --force" && tree_value vm proc/sys/fs/mqueue/msg_max 77 &&
        exits 0 try doctor --root vm --restore --force &&
        tree_value vm proc/sys/fs/mqueue/msg_max 10 && [[ ! -e vm/var/lib/ipcbench/tuning.state ]]
}
# /proc/self/oom_score_adj reads as a number and refuses 65536.
half_way() {
    make_tree vm && ln -sf /proc/self/oom_score_adj vm/proc/sys/fs/mqueue/msgsize_max &&
        refuses "doctor --tune: nothing is changed: writing 65536" "EINVAL" -- \
            doctor --root vm --tune thp-shmem,mqueue &&
        tree_value vm proc/sys/fs/mqueue/msg_max 10 && tree_value vm \
        sys/kernel/mm/transparent_hugepage/shmem_enabled never && [[ ! -e vm/var/lib/ipcbench/tuning.state ]]
}
no_place_for_state() {
    make_tree vm && echo >file && refuses "mkdir(file): Not a directory" -- doctor --root vm --tune mqueue \
        --state file/state && tree_value vm proc/sys/fs/mqueue/msg_max 10
}
check "--tune and --restore" there_and_back
check "--restore once more: nothing to restore" nothing_left
check "--tune without names" without_names
check "--tune where all is well" nothing_to_tune
check "a second --tune keeps the first values" merges
check "what somebody else has changed is left, but for --force" others_changed
check "a change that fails takes back those before it" half_way
check "no state file, no change" no_place_for_state

# --- usage --------------------------------------------------------------------------------------------

# refused TEXT ARGUMENT...
refused() {
    local text=$1
    shift
    check "refused: doctor $*" refuses "$text" -- doctor --root container "$@"
}
refused "no setting 'nonsense': governor, boost" --tune nonsense
refused "names no setting" --tune ,
refused "ipcbench run --idle poll" --tune dma-latency
refused "no /sys/devices" --tune governor
refused "not both" --tune --restore
refused "--json goes with neither" --tune --json
refused "--restore alone" --force
refused "--tune or --restore" --state x
refused "unknown option --nonsense" --nonsense
refused "unexpected 'more'" more
refused "--root needs a value" --root
shows_help() { exits 0 try doctor --help && says out "--restore" "Exit status" "Examples"; }
check "doctor --help" shows_help
names_itself() { exits 0 try --help && says out "ipcbench doctor"; }
check "ipcbench --help names it" names_itself

# --- as an ordinary user --------------------------------------------------------------------------------

user_may_not() {
    make_tree vm && chmod -R a+rX "$scratch/vm" &&
        exits 2 as_user "$user_folder/ipcbench" doctor --root "$scratch/vm" --tune mqueue \
            >out 2>err && is_empty out && complains "may not write" "msg_max" "[run as root]" &&
        tree_value vm proc/sys/fs/mqueue/msg_max 10
}
really_may_not() {
    exits 2 as_user "$user_folder/ipcbench" doctor --tune xsi-mq --state "$user_folder/state" \
        >out 2>err && is_empty out && complains "may not write /proc/sys/kernel/msg" &&
        [[ ! -e $user_folder/state ]]
}
if make_user_folder; then
    check "an ordinary user is told as much" speaks as_user "$user_folder/ipcbench"
    if ((have_jq)); then
        check "... as JSON" json_is_sound as_user "$user_folder/ipcbench" doctor
    fi
    if ((EUID == 0)); then
        check "an ordinary user may not tune" user_may_not
    fi
    if (($(</proc/sys/kernel/msgmax) < 65536)); then
        check "an ordinary user may really not" really_may_not
    else
        skip "an ordinary user may really not" "kernel.msgmax is as wanted"
    fi
else
    skip "doctor as an ordinary user" "no ordinary user can run $program from $scratch"
fi

# --- for real -------------------------------------------------------------------------------------------

# In an IPC namespace of its own, whose limits are nobody else's.
round_trip() {
    # shellcheck disable=SC2016 # the inner shell expands it
    unshare --ipc bash -c '
        limits() { grep -H . /proc/sys/fs/mqueue/* /proc/sys/kernel/msg{max,mnb,mni}; }
        echo 12 >/proc/sys/fs/mqueue/msg_max || exit 1
        limits >before
        "$1" doctor --tune mqueue,xsi-mq --state real.state && cat real.state &&
            [[ $(</proc/sys/fs/mqueue/msg_max) == 1024 ]] &&
            "$1" doctor --restore --state real.state && limits | diff before - &&
            [[ ! -e real.state ]]' bash "$program"
}
may_unshare() {
    # shellcheck disable=SC2016
    ((EUID == 0)) && unshare --ipc bash -c \
        'read -r now </proc/sys/fs/mqueue/msg_max && echo "$now" >/proc/sys/fs/mqueue/msg_max' \
        2>/dev/null
}
if may_unshare; then
    check "real limits there and back, exactly" round_trip
else
    skip "real limits there and back, exactly" "no IPC namespace of its own, or not root"
fi

finish
