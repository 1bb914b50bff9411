#!/usr/bin/env bash
# What a run tells of disturbances, and what it makes of a CPU quota: in a real control group where
# this may be made (root; version 1 or 2). TAP.
# shellcheck disable=SC2317,SC2329 # check() calls the tests by name
set -uo pipefail
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/tap.sh"
cd "$scratch" || exit 1

# --- noise is told --------------------------------------------------------------------------------

# One line under the clock's, from the file: `show` has it too.
line_of_noise() {
    measures -t pipe -p pingpong --trials 1 --warmup 0.005 -o noise.json || return 1
    grep -A1 '^clock: ' out | grep -Eq '^noise: CPU [0-9]+ lost [0-9.]+ % in [0-9]+ gaps .*before, [0-9.]+ % after' &&
        grep '^noise: ' out >line && try show noise.json && grep -qxFf line out
}
check "the table tells of noise" line_of_noise

in_file() {
    grep -q '^	"noise":' noise.json && grep -q '^		"before":' noise.json &&
        grep -q '^		"after":' noise.json && grep -q '"disturbance":' noise.json
}
check "the file has baselines and each trial's disturbance" in_file

of_before() {
    sed '/^	"noise":/,/^	},/d; /"disturbance":/,/^					},/d' noise.json >old.json
    ! grep '^	"noise":\|"disturbance":' old.json && exits 0 try show old.json &&
        says out "clock: " && ! grep '^noise:' out
}
check "a file from before there was noise is shown without it" of_before

resumed() {
    "$program" run -t pipe,shm -p pingpong --trials 40 --time 0.01 -o cut.json >out 2>err </dev/null &
    wait_until 60 grep -qs '"trial":' cut.json.journal && kill -INT $!
    wait $!
    [[ $(top cut.json status) == interrupted ]] && grep -q '^		"before":' cut.json &&
        ! grep -q '^		"after":' cut.json || return 1
    grep '^			"load_average"' cut.json >load
    ends_well try run --resume cut.json && grep -q '^		"after":' cut.json || return 1
    (($(grep -c '^			"load_average"' cut.json) == 2)) && grep -qxFf load cut.json
}
check "an interrupted run has no baseline after, a resumed one keeps that before" resumed

# --- a real quota ---------------------------------------------------------------------------------

# The folder of a new control group with a CPU controller, or nothing.
make_group() {
    local parent
    for parent in /sys/fs/cgroup/cpu /sys/fs/cgroup/cpu,cpuacct /sys/fs/cgroup; do
        [[ -e $parent/cpu.cfs_quota_us ]] || grep -qsw cpu "$parent/cgroup.subtree_control" ||
            continue
        mkdir "$parent/ipcbench-test-$$" 2>/dev/null || continue
        echo "$parent/ipcbench-test-$$"
        return
    done
}

# quota PERCENT: of a CPU, in periods of 100 ms; -1: none.
quota() {
    local us=$(($1 > 0 ? $1 * 1000 : -1))
    if [[ -e $group/cpu.max ]]; then
        echo "${us/#-1/max} 100000" >"$group/cpu.max"
    else
        echo 100000 >"$group/cpu.cfs_period_us" && echo "$us" >"$group/cpu.cfs_quota_us"
    fi
}

# in_group COMMAND...
in_group() {
    (echo "$BASHPID" >"$group/cgroup.procs" && "$@")
}

# The last process in it may be on its way out still.
group=$(make_group)
[[ -n $group ]] && undo+=("wait_until 10 rmdir $group")

spinning_is_refused() {
    quota 150 &&
        ends_well in_group try run -t pipe,shm:sync=spin -p pingpong "${tiny[@]}" -o q.json ||
        return 1
    cells q.json >list
    grep -q '^pingpong/shm:.* skipped - - spinning takes the time of 2 CPUs.* is 1.5:.*\[echo .* > .*\]$' list &&
        ! grep '^pingpong/pipe/' list | grep -q skipped
}
whole_cpus_are_enough() {
    quota 200 && in_group try run -t shm:sync=spin -p pingpong "${tiny[@]}" -o q2.json
    cells q2.json | grep -v ' skipped '
}
throttled_is_invalid() {
    quota 20 && exits 4 in_group try run -t pipe -p stream --trials 1 --time 0.2 -o t.json ||
        return 1
    cells t.json | grep ' invalid .*throttled: for [0-9.]* % of the trial' &&
        grep -q '"throttled_periods":	[1-9]' t.json && grep -q '^noise: .*; throttled for ' out
}
without_quota_it_is_not() {
    quota -1 && in_group measures -t pipe -p stream --trials 1 --time 0.2 -o t.json &&
        grep -q '"throttled_ns":	0' t.json
}
for test in spinning_is_refused whole_cpus_are_enough throttled_is_invalid \
    without_quota_it_is_not; do
    if [[ -n $group ]]; then
        check "quota: ${test//_/ }" "$test"
    else
        skip "quota: ${test//_/ }" "no control group can be made here"
    fi
done

finish
