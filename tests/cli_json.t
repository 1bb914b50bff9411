#!/usr/bin/env bash
# Result files of real runs, read by readers we did not write: the schema by ajv, the histograms by
# hdr-histogram-js; and what a file says twice must agree. TAP.
# shellcheck disable=SC2317,SC2329 # check() calls the tests by name
set -uo pipefail

if ! command -v node >/dev/null || ! command -v npm >/dev/null; then
    echo "1..0 # SKIP node is not installed"
    exit 0
fi
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/tap.sh"

node_folder=$PWD/tests/node
schema=$PWD/results/ipcbench-result-1.schema.json

packages() {
    [[ -d $node_folder/node_modules ]] || npm ci --prefix "$node_folder" --silent
}
check "packages are there" packages
cd "$scratch" || exit 1

is_valid() { node "$node_folder/validate.mjs" "$schema" "$@"; }
agrees() { node "$node_folder/check-result.mjs" "$@"; }

# --- files of all kinds ---------------------------------------------------------------------------

variants=all,shm:sync=spin,copy=no,shm:sync=xsi-sem,slots=4,pipe:capacity=64K,wait=epoll
variants+=,uds-dgram:sndbuf=64K,uds-stream:address=path,rcvbuf=32K,xsi-mq:qbytes=8K
variants+=,posix-mq:depth=5,priority=3,mmap:ring=1M,huge=thp,mmap:huge=hugetlb-1g

# kind NAME: a result file NAME.json of that kind.
variants() { measures -t "$variants" --trials 2 --warmup 0.005 -o variants.json; }
sizes() {
    measures -t pipe,shm,posix-mq -p pingpong,stream -s 1,4095,64K --touch none --trials 1 \
        --warmup 0 -o sizes.json
}
intervals() {
    measures -t pipe,shm:sync=spin -p pingpong,stream --trials 7 --warmup 0.005 \
        --seed 9223372036854775807 -o intervals.json
}
walks() {
    measures -t mmap:copy=no,shm:copy=no,order=stride:3 -p pagewalk,linewalk -s 4K,1M --trials 2 \
        --time 0.02 --warmup 0 -o walks.json
}
strange() { measures -t null -f $'null|\xff\t"' -p stream "${tiny[@]}" -o strange.json; }
on_stdout() { measures -t uds-seqpacket "${tiny[@]}" -o - && cp out on_stdout.json; }
skipped() {
    try run -t xsi-mq,posix-mq -p pingpong -s 64M "${tiny[@]}" -o skipped.json
    cells skipped.json | awk '$2 != "skipped" { wrong = 1 } END { exit wrong || NR != 2 }'
}
interrupted() {
    "$program" run -t pipe,shm -p pingpong --trials 200 --time 0.01 -o interrupted.json >out 2>err &
    wait_until 60 grep -qs '"trial":' interrupted.json.journal && kill -INT $!
    wait $!
    [[ $(top interrupted.json status) == interrupted ]]
}
before_the_start() {
    "$program" run -t pipe,shm -p pingpong --trials 2 --time 600 -o early.json >out 2>err &
    wait_until 60 test -s early.json.journal && kill -INT $!
    wait $!
    [[ $(top early.json status) == interrupted ]] && grep -q '"unmeasured":.*true' early.json &&
        mv early.json before_the_start.json
}

# On a busy machine the paced cell may be unstable, and so invalid. The others are broken below and have
# to be there: with more time, if need be.
patterns() {
    local seconds
    # What the hypervisor takes away from all trials for a while, it gives back later.
    for seconds in 0.02 0.1 0.5 0.1 0.1 0.1 0.5 0.5; do
        rm -f patterns.json
        try run -p oneway,burst,paced,load,pingpong,stream -t pipe -s 64 --trials 1 --time "$seconds" \
            --warmup 0.01 --rate 5k --burst 1,10 --cold -o patterns.json
        [[ $? == [04] ]] || return 1
        cells patterns.json | awk '!/^paced/ && $2 != "ok" { print; missing = 1 } END { exit missing }' &&
            return
        sleep 3
    done
    return 1
}

for kind in variants sizes intervals patterns walks strange on_stdout skipped interrupted before_the_start; do
    check "$kind: a result file" "$kind"
    check "$kind: valid by the schema" is_valid "$kind.json"
    check "$kind: its parts agree" agrees "$kind.json"
done

request_is_kept() {
    node -e '
        const { request } = JSON.parse(require("fs").readFileSync("intervals.json", "utf8"));
        const assert = require("assert");
        assert.deepStrictEqual(request.arguments.slice(2, 6),
            ["-t", "pipe,shm:sync=spin", "-p", "pingpong,stream"]);
        assert.strictEqual(request.seed, "9223372036854775807");
        assert.strictEqual(request.trials, 7);
        assert.strictEqual(request.warmup_seconds, 0.005);'
}
check "what was asked is in it; a seed beyond 2^53 is text" request_is_kept

# --- the tests of the test ------------------------------------------------------------------------

# break_in_ways FILE: a line "CHANGE|COMPLAINT" of standard input each makes a file of that one,
# broken-<number>.json, after that change to the document d; ping, stream and so on are a cell of each
# pattern, point the first stable point of the curve. An ok trial comes first. JSON has no NaN and no Infinity: 1e999 stands for the latter.
break_in_ways() {
    # shellcheck disable=SC2016 # not the shell's variables
    node -e '
        const fs = require("fs");
        const whole = fs.readFileSync(process.argv[1], "utf8");
        const lines = fs.readFileSync(0, "utf8").trimEnd().split("\n");
        lines.forEach((line, number) => {
            const d = JSON.parse(whole);
            const [ping, stream, oneway, burst, load] =
                ["pingpong", "stream", "oneway", "burst", "load"].map((pattern) =>
                    d.cells.find((cell) => cell.pattern === pattern));
            d.cells.forEach(({ trials }) =>
                trials.sort((a, b) => (b.status === "ok") - (a.status === "ok")));
            const point = load?.trials[0].load.points.find(({ status }) => status === "stable");
            eval(line.split("|")[0]);
            const broken = JSON.stringify(d).replaceAll("\"1e999\"", "1e999");
            fs.writeFileSync(`broken-${number}.json`, broken);
        });' "$1"
}

# finds_all NAME READER FILE: each of the changes in NAME.list to the file is complained about by the
# reader, in the words that are expected.
complained() {
    grep -F "broken-$1.json: " said | grep -qF -- "$2" && return
    grep -F "broken-$1.json" said || echo "nothing was said"
    return 1
}
finds_all() {
    local name=$1 reader=$2 number=0 change complaint
    rm -f broken-*.json
    check "$name: files that are wrong" break_in_ways "$3" <"$name.list"
    "$reader" broken-*.json >said 2>&1
    while IFS='|' read -r change complaint; do
        check "$name finds: $change" complained "$((number++))" "$complaint"
    done <"$name.list"
}

cat >schema.list <<'END'
d.schema = "ipcbench-result/2"|/schema
d.status = "finished"|/status
d.extra = 1|additional
delete d.machine|machine
delete ping.summary|summary
delete ping.trials[0].histogram|histogram
ping.summary.p50_ns = null|p50_ns
ping.summary.p50_ns = "12"|p50_ns
ping.summary.p50_ns = -1|p50_ns
ping.size_bytes = -1|size_bytes
ping.size_bytes = 1.5|size_bytes
ping.status = "fine"|status
ping.status = "skipped"|reason
ping.idle = "never"|/idle
ping.trials = []|trials
ping.trials[0].round = -1|round
ping.trials[0].reason = "none"|reason
ping.trials[0].histogram = "HISTEAAA"|histogram
ping.trials[0].sides.sender.cpu_ns = 1.5|cpu_ns
ping.trials[0].sides.sender.cpu_ns = 9007199254740994|cpu_ns
stream.summary.p50_ns = 1|p50_ns
END
cat >check-result.list <<'END'
d.machine.cpu.model = null|is null
d.elapsed_s = "1e999"|no finite number
d.machine.memory.total_bytes = 2 ** 60|beyond 2^53
ping.id = stream.id|number of names
ping.transport = "fifo"|transport is fifo
ping.id = ping.id.replace("pipe", "pipe:wait=spin")|wait is block
ping.trials[1].round = 0|number of rounds
ping.trials[1].order = ping.trials[0].order|number of places
ping.trials.pop()|number of trials
ping.trials[0].histogram = ping.trials[1].histogram|sample_count
ping.trials[0].histogram = ping.trials[0].histogram.slice(0, 40)|cannot decode
ping.trials[0].sample_count += 1|sample_count
ping.trials[0].messages += 1|in no histogram is 1
ping.trials[0].min_ns *= 2|min_ns is
ping.trials[0].max_ns *= 2|max_ns is
ping.trials[0].p50_ns *= 1.01|p50_ns is
ping.trials[0].p999_ns = 1|p999_ns
ping.trials[0].elapsed_ns *= 1.01|elapsed_ns is
ping.trials[0].rate_per_s *= 1.001|rate_per_s is
ping.trials[0].bytes_per_s *= 1.001|bytes_per_s is
ping.trials[0].cpu_ns_per_message.sender += 1|sender's CPU time
ping.trials[0].switches_per_message.receiver += 1|receiver's switches
ping.trials[0].integrity.corrupt = 1|corrupt is 1
ping.trials[0].obtained = { capacity_bytes: 1 }|obtained is
ping.summary.trials += 1|trials is 
ping.summary.trials_failed = 1|trials_failed
ping.summary.p50_low_ns = ping.summary.p50_ns + 1|p50_low_ns is above p50_ns
ping.summary.p50_high_ns = ping.summary.p50_ns - 1|p50_ns is above p50_high_ns
ping.summary.p50_ns *= 1.001|p50_ns is
ping.summary.interval_coverage = 0.9|an interval of 0.9
ping.summary.noise += 0.01|noise is
ping.summary.noisy = !ping.summary.noisy|noisy is
ping.summary.sample_count += 1|sample_count
ping.summary.histogram = ping.trials[0].histogram|merged count
ping.summary.max_ns += 1|max_ns is
ping.summary.cpu_ns_per_message.receiver += 1|receiver's CPU time
stream.summary.rate_low_per_s = stream.summary.rate_per_s * 1.1|rate_low_per_s is above
stream.summary.bytes_per_s *= 2|bytes_per_s is
stream.trials[0].messages *= 2|rate_per_s is
stream.trials[0].interval_counts.push(1e9)|in the intervals
stream.options.capacity = 1e6|capacity=1000000 was asked for
stream.trials[2].probes_disagree = !stream.trials[2].probes_disagree|trials_unsettled
END
cat >schema-patterns.list <<'END'
delete oneway.summary.negatives|negatives
delete oneway.trials[0].series|series
oneway.trials[0].series.sideways = {}|sideways
delete oneway.trials[0].series.backward.histogram|histogram
oneway.trials[0].windows = ["1"]|windows
delete oneway.trials[0].drifting|drifting
oneway.trials[0].layout = { buffer_offset_bytes: 1 }|stack_offset_bytes
oneway.trials[0].cold.faults.sender = -1|faults
oneway.trials[0].clock_offset = { low_ns: 1, high_ns: 2, warps: 0 }|bound_ns
oneway.rate_per_s = 5000|/cells
stream.trials[0].negatives = 0|negatives
ping.arrivals = "constant"|arrivals
load.arrivals = "often"|arrivals
delete burst.burst_messages|burst_messages
burst.summary.capacity_messages = 2 ** 20|capacity_messages
burst.summary.states = [{}]|probe_low_ns
burst.summary.modes = { low: 1 }|high
delete load.trials[0].load|load
load.trials[0].load.points[0].status = "fine"|status
load.trials[0].load.points[0].share = -1|share
load.trials[0].load.points.length = 0; load.trials[0].load.points[17] = 1|points
delete load.summary.load.points[0].stable|stable
d.request.budget_s = "1h"|budget_s
END
cat >check-patterns.list <<'END'
oneway.trials[0].negatives += 1|in no histogram
delete oneway.trials[0].series.backward|series is round_trip
oneway.trials[0].series.backward.p50_ns *= 2|p50_ns is
oneway.trials[0].clock_offset = { low_ns: -1, high_ns: 2, warps: 0, bound_ns: 3 }|bound_ns is 3
oneway.trials[0].drifting = true; oneway.trials[0].drift_share = 0.01|drifting by 0.01
burst.trials[0].series.round_trip.sample_count -= 1|sample_count
load.trials[0].load.points.reverse()|share is not above
load.trials[0].load.points[0].offered_per_s *= 2|offered_per_s is
point.p99_ns = 1|p50_ns is above p99_ns
load.trials[0].load.knee_per_s *= 1.01|is no stable point's
oneway.summary.negatives += 1|negatives is
oneway.summary.clock_limited = !oneway.summary.clock_limited|clock_limited is
oneway.summary.cold.trials = 2|trials with a cold start is 2
oneway.summary.cold.first_ns *= 2|first_ns is
oneway.summary.bimodal = true|having modes is false
oneway.summary.trials_drifting += 1|trials_drifting is
oneway.summary.trials_invalid = 1|trials_invalid is 1
oneway.summary.states = [{ trials: 9 }]|more trials in states
oneway.summary.series.backward = oneway.summary.series.round_trip|backward
burst.summary.capacity_messages += 1|capacity_messages is
load.summary.load.saturation_per_s *= 2|saturation_per_s is
load.summary.load.points[0].stable = 99|99 of
delete load.summary.load|having a curve is false
END
finds_all schema is_valid intervals.json
finds_all schema-patterns is_valid patterns.json
finds_all check-result agrees intervals.json
finds_all check-patterns agrees patterns.json

not_utf8() {
    sed 's/"complete"/"\xff"/' intervals.json >broken.json
    ! agrees broken.json && ! is_valid broken.json
}
half() {
    head -c 5000 intervals.json >broken.json
    ! agrees broken.json && ! is_valid broken.json
}
check "both refuse what is not UTF-8" not_utf8
check "both refuse half a file" half

finish
