#!/usr/bin/env bash
# What a machine or a user's limits do not allow is skipped, with the reason and what would change
# it; it neither fails nor is quietly replaced by something else. TAP.
# shellcheck disable=SC2317,SC2329 # check() calls the tests by name
set -uo pipefail
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/tap.sh"

cd "$scratch" || exit 1
brief=(--trials 1 --warmup 0.005)
result=a.json

# skips CELL REASON KNOB ARGUMENT...: the cells whose id begins with CELL are skipped, for that
# reason (a pattern of grep -E); the table says so, too.
skips() {
    local cell=$1 reason=$2 knob=$3
    shift 3
    measures "${brief[@]}" -o "$result" "$@" || return 1
    cells "$result" | grep "^$cell" >found || { cells "$result"; return 1; }
    ! grep -Ev "^[^ ]+ skipped - - .*$reason.* \[.*$knob.*\]$" found && says out "skipped (what" &&
        grep -Eq "^  $cell.*$reason.*\[.*$knob" out
}

# measured CELL ARGUMENT...: the cells whose id begins with CELL are ok.
measured() {
    local cell=$1
    shift
    measures "${brief[@]}" -o "$result" "$@" || return 1
    cells "$result" | grep "^$cell" >found || { cells "$result"; return 1; }
    ! grep -Ev '^[^ ]+ ok 0 ' found
}

# --- sizes ----------------------------------------------------------------------------------------

for transport in xsi-mq:kernel.msgmax posix-mq:fs.mqueue.msgsize_max uds-dgram:net.core.wmem_max \
    uds-seqpacket:net.core.wmem_max; do
    name=${transport%:*}
    check "$name: 64 MiB is over its limit" skips "pingpong/$name/64M/" \
        "67108864 bytes: at most [0-9]+ here" "${transport#*:}" -t "$name" -p pingpong -s 64M
done
absent="built without liburing|io_uring_setup"
check "io-uring: multishot receive over a pipe" skips pingpong/io-uring "is for sockets|$absent" "over=uds-stream|" \
    -t io-uring:over=pipe,receive=multishot -p pingpong -s 64
check "io-uring: a kernel thread on the CPU of a process that spins" skips pingpong/io-uring \
    "leaves its CPU to no kernel thread|one CPU|$absent" "wait=block|" \
    -t io-uring:sqpoll=own-cpu,wait=spin -p pingpong -s 64
check "a message without payload" skips pingpong/pipe/0/ "messages of 0 bytes: at least 1" \
    "larger messages" -t pipe -p pingpong -s 0
check "a limit in one size, none in the next" measured pingpong/uds-dgram/64/ \
    -t uds-dgram -p pingpong -s 64,64M
check "a message larger than sndbuf=" skips pingpong/uds-dgram "at most" "sndbuf=" \
    -t uds-dgram:sndbuf=8K -p pingpong -s 64K
check "a message larger than ring=" skips pingpong/mmap "holds no 4096-byte message" "ring=" \
    -t mmap:ring=1K -p pingpong -s 4K
check "a message larger than qbytes=" skips pingpong/xsi-mq "." "qbytes=" \
    -t xsi-mq:qbytes=1K -p pingpong -s 4K

# --- CPUs -----------------------------------------------------------------------------------------

cpu=$(awk -F'[:\t,-]+' '/^Cpus_allowed_list/ { print $2 }' /proc/self/status)
check "two spinners on one CPU" skips stream/ "two spinning processes on one CPU" "--cpus S,R" \
    -t shm:sync=spin,mmap:sync=spin,pipe:wait=spin,null -p stream --cpus "$cpu,$cpu"
check "two sleepers on one CPU" measured pingpong/pipe/64/same-cpu \
    -t pipe,shm:sync=spin -p pingpong --cpus "$cpu,$cpu"

one_cpu() {
    local ipcbench=$program program=on_one_cpu
    on_one_cpu() { taskset -c "$cpu" "$ipcbench" "$@"; }
    measures "${brief[@]}" -t all -o a.json && all_cells "$result" ok skipped || return 1
    cells "$result" | awk '$1 !~ /\/same-cpu$/ { print; wrong = 1 }
        $1 ~ /\/(pipe|shm|uds-stream)\// && $2 != "ok" { print; wrong = 1 }
        $1 ~ /\/null\// && $2 != "skipped" { print; wrong = 1 }
        END { exit wrong }'
}
two_cpus_refused() {
    exits 2 taskset -c "$cpu" "$program" run -t pipe --cpus "$cpu,9999" >out 2>err &&
        is_empty out && complains "CPU 9999" "may use $cpu"
}
if command -v taskset >/dev/null; then
    check "a process that may use one CPU only" one_cpu
    check "a CPU that this process may not use" two_cpus_refused
else
    skip "a process that may use one CPU only" "taskset is not installed"
fi

# --- the user's limits ----------------------------------------------------------------------------

all=all,mmap:lock=yes,mmap:backing=file,shm:sync=named-sem,shm:sync=xsi-sem,shm:sync=eventfd
all+=,uds-stream:address=path,pipe:wait=epoll,shm:backing=memfd,shm:backing=xsi

# within LIMIT COMMAND...: with `ulimit LIMIT`
within() {
    local limit=$1
    shift
    # shellcheck disable=SC2086 # an option and its value
    (ulimit $limit && "$@")
}
nothing_fails() {
    measures "${brief[@]}" -p pingpong -t "$all" -o "$result" && all_cells "$result" ok skipped
}

# Root may exceed some limits.
limited=1
if make_user_folder; then
    as_the_user() { as_user "$user_folder/ipcbench" "$@"; }
    program=as_the_user
    result=$user_folder/a.json
elif ((EUID == 0)); then
    limited=0
fi
check "ulimit -n 32: everything is ok or skipped" within "-n 32" nothing_fails
check "ulimit -q 0: everything is ok or skipped" within "-q 0" nothing_fails
check "ulimit -l 0: everything is ok or skipped" within "-l 0" nothing_fails
if ((limited)); then
    check "ulimit -q 0: no message queue" within "-q 0" skips pingpong/posix-mq "mq_open" \
        "ulimit -q" -t posix-mq -p pingpong
    check "ulimit -l 0: nothing can be locked" within "-l 0" skips pingpong/mmap "mlock" \
        "ulimit -l" -t mmap:lock=yes -p pingpong
else
    skip "ulimit -q 0, -l 0: what is skipped" "no ordinary user can run $program from $scratch"
fi
check "ulimit -f: no file for the mapping" within "-f 100" skips pingpong/mmap "EFBIG" "ulimit -f" \
    -t mmap:backing=file -p pingpong
check "--idle poll is ok, or skipped with what would change it" \
    measures "${brief[@]}" -t pipe -p pingpong --idle poll -o "$result"
check "... as the result says" all_cells "$result" ok skipped

finish
