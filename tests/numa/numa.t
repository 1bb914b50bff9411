#!/usr/bin/env bash
# Placement and memory policy on machines that have several NUMA nodes: emulated in software, so only
# where things lie is judged and no time. Not part of `make test`. TAP.
#
#   NUMA_KERNEL=FILE    this kernel instead of Debian's (serial console, tmpfs and NUMA built in)
#   NUMA_TIMEOUT=300    seconds that a machine may take
set -uo pipefail
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/../tap.sh"
# shellcheck source=tests/numa/machine.sh
. tests/numa/machine.sh

if ! missing=$(can_boot); then
    echo "1..0 # SKIP ${missing//$'\n'/, }"
    exit 0
fi

# --- the machines ---------------------------------------------------------------------------------
#
# Each is a function that describes it to qemu and names the runs on it, and what must come of them:
#
#   OPTIONS | PLACEMENT SHARED SENDER RECEIVER   measured; the nodes on which the shared region and
#                                                the message buffers of each side lie; - stands for
#                                                buffers that lie on several
#   OPTIONS | skipped TEXT                       no cell is measured, for a reason that says TEXT
#   OPTIONS | refused TEXT                       a usage error that says TEXT

node() { # NUMBER [MEMORY] [CPUS]
    options+=(-numa "node,nodeid=$1${2:+,memdev=m$1}${3:+,cpus=$3}")
    [[ -z ${2:-} ]] || options+=(-object "memory-backend-ram,id=m$1,size=$2")
}
distance() { # FROM TO VALUE
    options+=(-numa "dist,src=$1,dst=$2,val=$3")
}

# Two sockets with two cores of two threads.
two() {
    options=(-smp "8,sockets=2,cores=2,threads=2" -m 512M)
    node 0 256M 0-3
    node 1 256M 4-7
    distance 0 1 21
    cases=(
        "--cpus=0,4 --mem=local      | cross-node 0 0 1"
        "--cpus=4,0 --mem=local      | cross-node 1 1 0"
        "--cpus=0,4 --mem=sender     | cross-node 0 0 0"
        "--cpus=0,4 --mem=receiver   | cross-node 1 1 1"
        "--cpus=6,3 --mem=sender     | cross-node 1 1 1"
        "--cpus=6,3 --mem=0          | cross-node 0 0 0"
        "--cpus=0,4 --mem=interleave | cross-node 0-1 - -"
        "--cpus=0,2 --mem=1          | same-cache 1 1 1"
        "--cpus=4,5 --mem=local      | smt 1 1 1"
        "--cpus=4,4 --mem=0          | same-cpu 0 0 0"
        "--cpus=0,4 --mem=2          | refused node 2 does not exist or has no memory"
    )
}

# Four sockets in a ring.
four() {
    options=(-smp "8,sockets=4,cores=2,threads=1" -m 768M)
    node 0 192M 0-1
    node 1 192M 2-3
    node 2 192M 4-5
    node 3 192M 6-7
    distance 0 1 16
    distance 1 2 16
    distance 2 3 16
    distance 3 0 16
    distance 0 2 22
    distance 1 3 22
    cases=(
        "--cpus=1,7 --mem=local      | cross-node 0 0 3"
        "--cpus=2,4 --mem=sender     | cross-node 1 1 1"
        "--cpus=2,4 --mem=receiver   | cross-node 2 2 2"
        "--cpus=2,4 --mem=3          | cross-node 3 3 3"
        "--cpus=6,0 --mem=interleave | cross-node 0-3 - -"
        "--cpus=6,7 --mem=local      | same-cache 3 3 3"
        "--cpus=6,0 --mem=4          | refused there is memory on node 0,1,2,3"
    )
}

# Node 1 has CPUs alone, node 2 memory alone and is the nearest to 1.
uneven() {
    options=(-smp "4,sockets=2,cores=2,threads=1" -m 512M)
    node 0 256M 0-1
    node 1 "" 2-3
    node 2 256M
    distance 0 1 40
    distance 0 2 30
    distance 1 2 12
    cases=(
        "--cpus=0,2 --mem=local      | cross-node 0 0 2"
        "--cpus=2,0 --mem=local      | cross-node 2 2 0"
        "--cpus=0,2 --mem=2          | cross-node 2 2 2"
        "--cpus=2,0 --mem=receiver   | cross-node 0 0 0"
        "--cpus=2,3 --mem=interleave | same-cache 0,2 - -"
        "--cpus=2,0 --mem=sender     | skipped there is memory on node 0,2"
        "--cpus=0,2 --mem=1          | refused there is memory on node 0,2"
    )
}

# Node 1 has CPUs alone, and there is one node with memory.
lone() {
    options=(-smp "4,sockets=2,cores=2,threads=1" -m 256M)
    node 0 256M 0-1
    node 1 "" 2-3
    distance 0 1 21
    cases=(
        "--cpus=2,0 --mem=local      | cross-node 0 0 0"
        "--cpus=2,0 --mem=receiver   | cross-node 0 0 0"
        "--cpus=2,0 --mem=interleave | cross-node 0 0 0"
        "--cpus=2,0 --mem=sender     | skipped there is memory on node 0"
    )
}

# --- what came of it ------------------------------------------------------------------------------

# With a region to look at, and one without.
transports=shm,shm:backing=memfd,shm:backing=xsi,mmap,mmap:backing=file,pipe
cell_count=6
brief=(-t "$transports" -p pingpong -s 4K --trials 1 --time 0.02 --warmup 0.01 -o -)

# places FILE: a line "id status placement shared sender receiver" for each cell of a result, - where
# it does not say. Reads our own layout, as cells() does.
places() {
    awk -F'\t' '
        function value(line) {
            sub(/^[^:]*:\t/, "", line)
            gsub(/^"|"?,?$/, "", line)
            return line
        }
        function flush() { if (id != "") print id, status, placement, shared, side[1], side[2] }
        /^\t\t\t"id":/ {
            flush()
            id = value($0)
            status = placement = shared = side[1] = side[2] = "-"
        }
        /^\t\t\t"status":/ { status = value($0) }
        /^\t\t\t"placement":/ { placement = value($0) }
        /^\t\t\t\t"memory_nodes?":/ { shared = value($0) }
        /^\t\t\t\t\t"sides":/ { sides = 0 }
        /^\t\t\t\t\t\t"(sender|receiver)":/ { sides++ }
        /^\t\t\t\t\t\t\t"memory_node":/ { side[sides] = value($0) }
        END { flush() }' "$1"
}

# lie ANSWER PLACEMENT SHARED SENDER RECEIVER
lie() {
    local answer=$1 placement=$2 shared=$3 sides="$4 $5" count=0 id found wanted
    while read -r id found; do
        count=$((count + 1))
        wanted="ok $placement $shared $sides"
        [[ $id != */pipe/* ]] || wanted="ok $placement - $sides"
        [[ $found == "$wanted" ]] && continue
        echo "$id: $found, expected $wanted"
        return 1
    done < <(places "$answer.json")
    ((count == cell_count)) && return
    echo "$count cells, expected $cell_count"
    return 1
}

all_skipped() {
    local answer=$1 reason=$2 count
    count=$(cells "$answer.json" | grep ' skipped ' | grep -cF -- "$reason")
    ((count == cell_count)) && return
    echo "$count of $cell_count cells are skipped for '$reason':"
    cells "$answer.json"
    return 1
}

is_refused() {
    local answer=$1 text=$2
    [[ $(wc -l <"$answer.err") == 1 ]] && grep -qF -- "$text" "$answer.err"
}

# judge ANSWER EXPECTATION
judge() {
    local answer=$1 status=0 words
    read -r -a words <<<"$2"
    case ${words[0]} in
    refused) status=2 && is_refused "$answer" "${words[*]:1}" ;;
    skipped) all_skipped "$answer" "${words[*]:1}" ;;
    *) lie "$answer" "${words[@]}" ;;
    esac && [[ $(<"$answer.status") == "$status" ]] && return
    echo "exit status $(<"$answer.status"), expected $status"
    cat "$answer.err"
    return 1
}

# tells_apart ANSWER RIGHT WRONG: a judge who finds everything right is none.
tells_apart() {
    judge "$1" "$2" && ! judge "$1" "$3"
}

# --- the tests ------------------------------------------------------------------------------------

expectation_of() {
    local words
    read -r -a words <<<"${1#*|}"
    echo "${words[*]}"
}

# examine MACHINE: boots it and judges its answers.
examine() {
    local machine=$1 status number=0 case lines=() options cases
    "$machine"
    for case in "${cases[@]}"; do
        lines+=("run ${case%|*} ${brief[*]}")
    done
    boot "$machine" "${lines[@]}"
    status=$?
    check "$machine: the machine answers" booted "$status" "$machine"
    ((status == 0)) || return
    for case in "${cases[@]}"; do
        number=$((number + 1))
        check "$machine: $case" judge "$folder/$machine/$number" "$(expectation_of "$case")"
    done
}

check "the guest's files" pack_guest
for machine in two four uneven lone; do
    examine "$machine"
done

two
right=$(expectation_of "${cases[0]}")
for wrong in "cross-node 1 0 1" "cross-node 0 1 1" "cross-node 0 0 0" "same-cache 0 0 1" \
    "skipped memory" "refused memory"; do
    check "'$wrong' would be found wrong" tells_apart "$folder/two/1" "$right" "$wrong"
done
finish
