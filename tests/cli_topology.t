#!/usr/bin/env bash
# `ipcbench topology`: what it says of made machines and of this one. TAP.
# shellcheck disable=SC2317,SC2329 # check() calls the tests by name
set -uo pipefail
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/tap.sh"
make_sysfs=$(realpath "${BUILD:-build}/tests/make_sysfs")
cd "$scratch" || exit 1

# --- made machines --------------------------------------------------------------------------------

# means CLASS CPUS: the line of a class in the list of placements.
means() {
    grep -q "^  $1  *$2\$" out && return
    echo "$1 should mean $2:"
    cat out
    return 1
}

# on MACHINE CLASS CPUS...: "not" as CPUs: there is no such pair.
on() {
    local machine=$1
    shift
    [[ -d $machine ]] || "$make_sysfs" "$machine" "$machine" || return 1
    exits 0 try topology --root "$machine" && is_empty err || return 1
    while (($#)); do
        if [[ $2 == not ]]; then
            means "$1" 'not here: no two CPUs .*\[.*\]' || return 1
        else
            means "$1" "$2" || return 1
        fi
        shift 2
    done
}
check "two sockets with threads" on server same-cpu 1,1 smt 1,33 same-cache '1,2 (default)' \
    cross-cache not cross-node 1,16 unpinned 'any allowed CPU.*'
check "several caches in a socket" on amd smt not cross-cache 1,4 cross-node 1,8
check "cores of three speeds" on big-little same-cpu 7,7 same-cache '4,5 (default)' cross-cache 1,4
check "one CPU" on one same-cpu '0,0 (default)' smt not same-cache not cross-node not
check "offline CPUs" on offline same-cache '2,3 (default)' smt not
check "a cpuset smaller than the machine" on cpuset same-cpu 17,17 smt '0,32 (default)' \
    same-cache not cross-node 17,32
check "a node of memory alone" on memory-only cross-node 1,4

why() {
    on "$1" && shift && says out "$@"
}
check "what is offline is told" why offline "3 CPUs online, 5 offline" "echo 1 > /sys/devices"
check "what is forbidden is told" why cpuset "may use 0,17,32" "may use (0,17,32) of different"
check "nodes and distances" why memory-only "node 2: 0 CPUs, memory, 14 to node 0" \
    "node 3: 2 CPUs, no memory"
row() {
    on "$1" && grep -Eq "^ *$2\$" out
}
check "a CPU's line" row server "33 +yes +0 +1 +1 +L3 of 0 +0 +-"
check "a CPU that is not allowed" row cpuset "33 +no .*"
check "a core's speed" row big-little "7 +yes +0 +7 +7 +L2 of 4 +0 +1024"

as_json() {
    exits 0 try topology --json --root "$1" && shift && says out "$@" &&
        ! grep -q null out
}
check "JSON" as_json server '"smt_group":' '"name":	"cross-node"' '"default":	true' '"reason":'
check "JSON of a bare machine" as_json one '"cache_level":	2' '"offline_count":	0'

# --- this machine ---------------------------------------------------------------------------------

here() {
    exits 0 try topology && is_empty err && says out "CPUs online" "--placement" "(default)" || return 1
    cp out first
    exits 0 try topology && cmp out first
}
check "this machine, twice the same" here

mapfile -t allowed < <(sed -n 's/^Cpus_allowed_list:[[:space:]]*//p' /proc/self/status |
    tr , '\n' | awk -F- '{ for (i = $1; i <= ($2 == "" ? $1 : $2); i++) print i }')
some=$(IFS=,; echo "${allowed[*]:0:3}")

measured() {
    exits 0 taskset -c "$some" "$program" topology --measure >out && says out "cache line there and back"
    awk -v cpus="$some" '
        BEGIN { count = split(cpus, ids, ",") }
        /^cache line there/ { matrix = 1; getline; next }
        matrix {
            if ($1 != ids[++row] || NF != count + 1) exit 1
            for (i = 1; i <= count; i++)
                if ((i == row) != ($(i + 1) == "-")) exit 1
        }
        END { exit row != count }' out
}
json_matrix() {
    exits 0 taskset -c "$some" "$program" topology --measure --json >out &&
        says out '"cache_line_rounds":' '"cache_line_round_trip_ns":' && ! grep -q null out
}
if ((${#allowed[@]} > 1)); then
    check "the matrix of all pairs" measured
    check "the matrix as JSON" json_matrix
else
    skip "the matrix of all pairs" "one CPU"
    skip "the matrix as JSON" "one CPU"
fi

# Ended early by the signal of a terminal: the status says so, and no process is left.
interrupted() {
    "$program" topology --measure --json >out 2>err &
    local pid=$!
    kill -INT "$pid" 2>/dev/null
    local status=0
    wait "$pid" || status=$?
    ((status == 130 || status == 0)) && ! pgrep -P "$pid" >/dev/null
}
set -m # else background jobs ignore SIGINT
check "an interruption" interrupted
set +m

# --- usage ----------------------------------------------------------------------------------------

check "an unknown option" refuses "--measured" "--help" -- topology --measured
check "a word too many" refuses "unexpected 'x'" -- topology x
check "a root without a value" refuses "--root" "value" -- topology --root
check "a root that is not there" refuses "/nowhere" "CPU" -- topology --root /nowhere
check "another machine cannot be measured" refuses "--measure" -- topology --measure --root server
helps() {
    exits 0 try topology --help && says out "--measure" "--json" "--root"
}
check "help" helps

finish
