#!/usr/bin/env bash
# ipcbench findings and advise: a file of a real run whose figures are then made steady, so that it is
# known what has to be said; what is refused; JSON; a real run as it is. TAP.
# shellcheck disable=SC2317,SC2329 # check() calls the tests by name
set -uo pipefail
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/tap.sh"

cd "$scratch" || exit 1

# made <FILE: the same result with figures that hardly scatter: a pipe's round trip 4 µs, a FIFO's 9,
# shared memory's 4.004; streams by the same factors; no trial long enough for a p99. Reads our own
# layout.
made() {
    awk -F'\t' '
        function set(key, value) { sub("\"" key "\":\t[0-9.e+]*", "\"" key "\":\t" value) }
        /^\t\t\t"id":/ { factor = /\/fifo\// ? 9 : /\/shm\// ? 4.004 : 4; stream = /"stream/ }
        /^\t\t\t\t\t"round":/ { round = $0; gsub(/[^0-9]/, "", round) }
        /^\t\t\t\t\t"p50_ns":/ { set("p50_ns", (1000 + round) * factor) }
        /^\t\t\t\t\t"p99_ns":/ { next }
        /^\t\t\t\t\t"rate_per_s":/ { set("rate_per_s", (1000000 + 1000 * round) / factor) }
        /^\t\t\t\t\t"probe_(before|after)_ns":/ { set("probe_before_ns", 100); set("probe_after_ns", 100) }
        /^\t\t\t\t\t"probes_disagree":/ { sub("true", "false") }
        /"lost_share":/ { set("lost_share", lost) }
        { print }' "lost=${1:-0}"
}

# tells TEXT... -- ARGUMENT...: exit status 0, each text on standard output, nothing else.
tells() {
    local texts=()
    while [[ $1 != -- ]]; do
        texts+=("$1")
        shift
    done
    shift
    exits 0 try "$@" && is_empty err && says out "${texts[@]}"
}

lacks() {
    ! grep -F -- "$1" "$scratch/out"
}

measured() {
    measures -t pipe,fifo,shm -p pingpong,stream -s 64,4K --trials 6 --warmup 0 -o real.json
}
check "a run" measured
made <real.json >made.json

# --- findings -------------------------------------------------------------------------------------

check "the fastest, and who is not told from it" tells "fastest round trip, small messages" \
    "pipe leads: 4.0" "Not told from it" "shm (4.0" "behind: fifo with 9.0" \
    "[pingpong/pipe/64/" -- findings made.json
check "streams too" tells "fastest stream, small messages" -- findings made.json
check "a belief confirmed, with its cells" tells "confirmed     a FIFO is slower than a pipe" \
    "So in 4 of 4 pairs of cells" "as fast as fifo" "pingpong/fifo/64/" -- findings made.json
check "a belief not measured" tells "not measured  Unix sockets are faster than TCP over" \
    "no figures of Unix stream sockets, nor of TCP." -- findings made.json
names_all() {
    tells "and 4 more]" -- findings made.json && tells "stream/fifo/4K/" -- findings made.json --all &&
        lacks "more]"
}
check "--all names every cell" names_all
quiet() {
    tells "What this machine says" -- findings made.json && lacks "other work took" &&
        made 0.4 <real.json >busy.json && tells "other work took up to 40 %" -- findings busy.json &&
        tells "other work took up to 40 %" -- advise busy.json
}
check "how busy the machine was" quiet
json() {
    tells '"statements":' '"verdict":	"confirmed"' '"pattern":	"request-reply"' '"cpu_share":' \
        -- findings made.json --json
}
check "as JSON" json
twice() {
    try findings made.json && cp out first && try findings made.json && cmp -s out first
}
check "the same words each time" twice
check "a real run as it is" tells "Common beliefs" -- findings real.json
narrow() {
    try findings real.json && (($(wc -L <out) <= 96))
}
check "lines fit a terminal" narrow

# --- advise ---------------------------------------------------------------------------------------

check "the ranked choices" tells "request-reply, shortest median (p50): round trips of 64 B" \
    "1=  pipe" "1=  shm" "3   fifo" "2.25" "CPU per message " \
    "boundaries" "= these trials do not tell" -- advise made.json
check "a stream is asked for its rate" tells "stream, highest rate: streams of 4 KiB" -- \
    advise made.json --pattern stream --size 4K
check "the aim" tells "request-reply, highest rate" -- advise made.json --optimise throughput
check "the aim, the other spelling" tells "least CPU time" -- advise made.json --optimize cpu
check "a size that was not measured" tells "1 KiB was not measured for request-reply; there is 64 B" \
    "What follows is of 4 KiB" -- advise made.json --size 1K
check "a size that was" tells "round trips of 4 KiB" -- advise --size 4096 made.json
exact() {
    tells "round trips of 64 B" -- advise made.json --size 64 && lacks nearest
}
check "no word of the nearest where there is none" exact
thrifty() {
    tells "left out: 3 of 3 take more than 0.001 % of their CPUs" "nothing is left; the least is" -- \
        advise made.json --max-cpu 0.001% && tells "1=  pipe" -- advise made.json --max-cpu 100
}
check "no more than this much CPU" thrifty
advice_json() {
    tells '"requested_bytes":	1024' '"size_bytes":	4096' '"place":	1' '"tied":	true' \
        '"lines":' -- advise made.json --size 1K --json && lacks '"statements"'
}
check "as JSON" advice_json
check "a real run as it is" tells "request-reply" -- advise real.json

# --- what is refused ------------------------------------------------------------------------------

check "no file" refuses "advise: one result file is expected" -- advise
check "two files" refuses "findings: one result file is expected" -- findings made.json made.json
check "a file that is not there" refuses "findings: " "none.json" -- findings none.json
check "a file that is no result" refuses "advise: " "cli_advise" -- \
    advise "${BASH_SOURCE[0]/#tests/$OLDPWD/tests}"
check "an unknown option" refuses "findings: unknown option --alll" -- findings --alll made.json
check "an unknown option of advise" refuses "advise: unknown option --siez" -- advise --siez made.json
check "a value is missing" refuses "advise: option --size needs a value" -- advise made.json --size
check "a size that is none" refuses "advise: --size: '4X'" -- advise made.json --size 4X
check "a size of 0" refuses "--size: '0': a message has at least 1 byte" -- advise made.json --size 0
check "a pattern that is none" refuses "--pattern: 'ping': request-reply, stream or events" -- \
    advise made.json --pattern ping
check "an aim that is none" refuses "'p95': p50, p99, throughput or cpu" -- \
    advise made.json --optimise p95
for share in 0 101 -5 20x nan ''; do
    check "a share that is none: '$share'" refuses "--max-cpu: '$share': a share such as 20%" -- \
        advise made.json --max-cpu "$share"
done
check "a stream has no p50" refuses "a stream has no p50: throughput or cpu" -- \
    advise made.json --pattern stream --optimise p50
check "a p99 needs more messages" refuses "no p99 for request-reply" "--time 1" -- \
    advise made.json --optimise p99
sed 's/^\t\t\t\t\t"p50_ns":\t\(.*\),$/&\n\t\t\t\t\t"p99_ns":\t\1,/' made.json >long.json
check "a p99 where there is one" tells "99 of 100 are quicker" -- advise long.json --optimise p99
check "events that were not measured" refuses "made.json: no figures for events, p50" \
    "ipcbench run -p paced measures them" -- advise made.json --pattern events
check "help" tells "--max-cpu 20%" -- advise --help
check "help of findings" tells "refuted, undecided" -- help findings

finish
