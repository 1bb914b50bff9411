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

for kind in variants sizes intervals strange on_stdout skipped interrupted before_the_start; do
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

# break_in_ways: a line "CHANGE|COMPLAINT" of standard input each makes a file of intervals.json,
# broken-<number>.json, after that change to the document d; ping and stream are a cell of each
# pattern. JSON has no NaN and no Infinity: 1e999 stands for the latter.
break_in_ways() {
    # shellcheck disable=SC2016 # not the shell's variables
    node -e '
        const fs = require("fs");
        const whole = fs.readFileSync("intervals.json", "utf8");
        const lines = fs.readFileSync(0, "utf8").trimEnd().split("\n");
        lines.forEach((line, number) => {
            const d = JSON.parse(whole);
            const ping = d.cells.find((cell) => cell.pattern === "pingpong");
            const stream = d.cells.find((cell) => cell.pattern === "stream");
            eval(line.split("|")[0]);
            const broken = JSON.stringify(d).replaceAll("\"1e999\"", "1e999");
            fs.writeFileSync(`broken-${number}.json`, broken);
        });'
}

# finds_all NAME READER: each of the changes in NAME.list is complained about by the reader, in the
# words that are expected.
complained() {
    grep -F "broken-$1.json: " said | grep -qF -- "$2" && return
    grep -F "broken-$1.json" said || echo "nothing was said"
    return 1
}
finds_all() {
    local name=$1 reader=$2 number=0 change complaint
    rm -f broken-*.json
    check "$name: files that are wrong" break_in_ways <"$name.list"
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
ping.size_bytes = 0|size_bytes
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
ping.trials[0].messages += 1|messages is
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
ping.summary.trials = 6|trials is 6
ping.summary.trials_failed = 1|trials_failed
ping.summary.p50_low_ns = ping.summary.p50_ns + 1|p50_low_ns is above p50_ns
ping.summary.p50_high_ns = ping.summary.p50_ns - 1|p50_ns is above p50_high_ns
ping.summary.p50_ns += 1|p50_ns is
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
finds_all schema is_valid
finds_all check-result agrees

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
