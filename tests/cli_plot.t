#!/usr/bin/env bash
# `ipcbench plot`: the figures of real runs, what is left out and why, what it refuses, and that no
# text from a file or a command line is anything but text. TAP.
# shellcheck disable=SC2317,SC2329,SC2016 # check() calls the tests by name; sed and gnuplot scripts are no shell
set -uo pipefail
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/tap.sh"

cd "$scratch" || exit 1
run=$scratch/run.json
load=$scratch/load.json
cpus=$scratch/cpus.json

# --- bad usage: no gnuplot is needed for that -----------------------------------------------------

refuses_options() {
    refuses "unknown option --wrong" -- plot run.json --wrong &&
        refuses "--output" "needs a value" -- plot run.json --output &&
        refuses "--format" "'pdf'" "svg or png" -- plot run.json --format pdf &&
        refuses "--format" "''" -- plot run.json --format svg, &&
        refuses "--only" "'speed'" "percentiles" "compare" -- plot run.json --only cost,speed &&
        refuses "--filter" "'('" -- plot run.json -f '(' &&
        refuses "--terminal" "-o x" -- plot run.json --terminal -o x &&
        refuses "--terminal" "--format" -- plot run.json --terminal --format svg
}

refuses_files() {
    echo '{"schema": "ipcbench-result/1"' >cut.json
    echo '{"cpus": 5, "placements": []}' >wrong-cpus.json
    cat >wrong-pair.json <<'JSON'
{"cpus": [{"id": 0, "allowed": true, "smt_group": 0, "node": 0}], "placements": [],
 "cache_line_round_trip_ns": {"0": {"7": 12.5}}}
JSON
    refuses "missing.json" "No such file" -- plot missing.json -o nowhere &&
        refuses "cut.json" "JSON" -- plot cut.json -o nowhere &&
        refuses "wrong-cpus.json" "cpus: expected" -- plot wrong-cpus.json -o nowhere &&
        refuses "wrong-pair.json" "cache_line_round_trip_ns.0.7" "no such CPU" -- \
            plot wrong-pair.json -o nowhere &&
        refuses "no result in results/runs to draw" -- plot &&
        [[ ! -e nowhere ]]
}

shows_help() {
    exits 0 try plot --help && is_empty err &&
        says out percentiles latency throughput load cost trials heatmap compare
}

check "bad options: one line each" refuses_options
check "bad files: one line each, and no folder" refuses_files
check "--help names the figures" shows_help

# --- without gnuplot, or with one that fails ------------------------------------------------------

measure() {
    measures -t pipe,uds-stream -p pingpong,stream -s 64,4K --placement same-cpu --trials 2 \
        --warmup 0.005 -o "$run" &&
        measures -t pipe -p load -s 64 --placement same-cpu --trials 1 --warmup 0.005 -o "$load"
}
check "runs to draw" measure

# with_gnuplot BODY COMMAND...: with a gnuplot that is this shell script, and no other.
with_gnuplot() {
    mkdir -p fake && printf '#!/bin/sh\n%s\n' "$1" >fake/gnuplot && chmod +x fake/gnuplot
    shift
    PATH=$scratch/fake:/usr/bin:/bin "$@"
}

# leaves_nothing FOLDER: no picture, whole or not, and nothing else.
leaves_nothing() {
    [[ -z $(find "$1" -type f 2>/dev/null) ]] && return
    find "$1" -type f
    return 1
}

without_gnuplot() {
    mkdir -p empty && exits 2 env PATH="$scratch/empty" "$program" plot "$run" -o none >out 2>err &&
        is_empty out && complains "gnuplot is not installed" "gnuplot-nox" \
        "setup.sh --with-report" && leaves_nothing none
}

failing_gnuplot() {
    with_gnuplot 'cat >/dev/null; echo "line 0: no such terminal" >&2; echo half; exit 3' \
        refuses "plot: " "percentiles" "status 3" "no such terminal" -- plot "$run" -o none &&
        with_gnuplot 'echo half; kill -9 $$' \
            refuses "percentiles" "signal 9" -- plot "$run" -o none &&
        with_gnuplot 'echo "<svg>half"' \
            refuses "percentiles" "no whole picture" -- plot "$run" -o none &&
        leaves_nothing none
}

# It is told to draw, and by then it is told to stop.
interrupted() {
    local status=0 pid
    with_gnuplot 'touch drawing; exec sleep 60' true
    PATH=$scratch/fake:/usr/bin:/bin "$program" plot "$run" -o none >out 2>err &
    pid=$!
    wait_until 30 test -e drawing || return 1
    kill -TERM "$pid"
    wait "$pid" || status=$?
    ((status == 130)) && leaves_nothing none && [[ ! -s err ]]
}

check "no gnuplot: one line that says what to install" without_gnuplot
check "a gnuplot that fails, dies or draws half: one line, no file" failing_gnuplot
check "interrupted: 130, and no file" interrupted

if ! command -v gnuplot >/dev/null; then
    skip "figures" "gnuplot is not installed (setup.sh --with-report)"
    finish
fi

# --- the figures ----------------------------------------------------------------------------------

if command -v xmllint >/dev/null; then
    parses() { xmllint --noout --nonet "$@"; }
elif command -v python3 >/dev/null; then
    parses() { python3 -c 'import sys, xml.dom.minidom
for name in sys.argv[1:]: xml.dom.minidom.parse(name)' "$@"; }
else
    parses() { :; }
    skip "the SVGs are XML" "neither xmllint nor python3"
fi

is_png() {
    [[ $(head -c 8 "$1" | od -An -tx1 | tr -d ' \n') == 89504e470d0a1a0a ]] && return
    echo "not a PNG: $1"
    return 1
}

# has_figures FOLDER NAME...: each as an SVG that parses and as a PNG, and the report names both.
has_figures() {
    local folder=$1 name
    shift
    for name; do
        parses "$folder/$name.svg" && is_png "$folder/$name.png" &&
            says out "$folder/$name.svg" "$folder/$name.png" || return 1
    done
}

draws_a_run() {
    exits 0 try plot "$run" -o figures && is_empty err &&
        has_figures figures {percentiles,cost,trials}-pingpong-{64,4k}-same-cpu \
            trials-stream-{64,4k}-same-cpu latency-pingpong-same-cpu \
            throughput-stream-same-cpu &&
        says out "load: left out: " "heatmap: left out: " "compare: left out: " &&
        [[ $(find figures -type f | wc -l) == "$(grep -c '^figures/' out)" ]]
}

names_machine_units_and_bounds() {
    local host
    host=$(sed -n 's/.*"hostname":[[:space:]]*"\([^"]*\)".*/\1/p' "$run" | head -n 1)
    grep -qF -- "$host" figures/latency-pingpong-same-cpu.svg &&
        grep -qE '[0-9]{4}-[0-9]{2}-[0-9]{2}T' figures/latency-pingpong-same-cpu.svg &&
        grep -q '>[0-9.]* [nµm]s<' figures/latency-pingpong-same-cpu.svg &&
        grep -q 'memcpy' figures/throughput-stream-same-cpu.svg &&
        grep -q '99 %' figures/percentiles-pingpong-64-same-cpu.svg &&
        grep -q '<title>Round trip by percentile</title>' \
            figures/percentiles-pingpong-64-same-cpu.svg
}

draws_a_load_curve() {
    exits 0 try plot "$load" -o curve --only load && has_figures curve load-load-64-same-cpu &&
        grep -q 'knee' curve/load-load-64-same-cpu.svg
}

# Two machines of paper: one whose CPUs are all near, with a pair that nobody measured.
draws_a_heat_map() {
    cat >"$cpus" <<'JSON'
{"cpus": [{"id": 0, "allowed": true, "smt_group": 0, "cache_group": 0, "node": 0},
          {"id": 1, "allowed": true, "smt_group": 1, "cache_group": 0, "node": 0},
          {"id": 2, "allowed": true, "smt_group": 2, "cache_group": 2, "node": 1}],
 "placements": [], "cache_line_rounds": 3, "machine": "a machine of paper",
 "cache_line_round_trip_ns": {"0": {"1": 60, "2": 312.5}, "1": {"0": 60}, "2": {"0": 312.5}}}
JSON
    exits 0 try plot "$cpus" -o map && has_figures map heatmap &&
        grep -q '312' map/heatmap.svg && grep -q 'a machine of paper' map/heatmap.svg &&
        exits 0 try topology --measure --json && cp out real.json &&
        if (($(nproc) > 1)); then
            exits 0 try plot real.json -o map2 --only heatmap && has_figures map2 heatmap
        fi
}

# Pages: the runs compared, and each one's own figures in a folder of its own.
draws_a_comparison() {
    mkdir -p again && cp "$run" again/run.json
    exits 0 try plot "$run" again/run.json -o two --only compare,cost &&
        has_figures two compare-p50 compare-rate run/cost-pingpong-64-same-cpu \
            run-2/cost-pingpong-64-same-cpu &&
        grep -q 'pingpong/pipe/64/same-cpu' two/compare-p50.svg
}

refuses_to_compare_machines() {
    sed 's/"model":[[:space:]]*"[^"]*"/"model": "another"/' "$run" >other.json
    exits 2 try plot "$run" other.json -o no --only compare && complains "nothing to draw" &&
        says out "compare: left out: " "cpu/model" "--allow-different" && leaves_nothing no &&
        exits 0 try plot "$run" other.json -o forced --only compare --allow-different &&
        has_figures forced compare-p50
}

chooses() {
    exits 0 try plot "$run" -o chosen --only cost --format svg -f '/64/' &&
        [[ $(cd chosen && echo *) == cost-pingpong-64-same-cpu.svg ]] &&
        refuses "no cell of 8 matches" -- plot "$run" -o chosen2 -f nothing
}

draws_in_the_terminal() {
    local figure
    for figure in percentiles latency throughput cost trials; do
        COLUMNS=100 exits 0 try plot "$run" --terminal --only "$figure" && is_empty err &&
            says out "same-cpu" "pipe" || return 1
    done
    ! awk 'length > 100 { found = 1 } END { exit !found }' <(LC_ALL=C tr -cd ' -~\n' <out) &&
        exits 0 try plot "$cpus" --terminal && says out "312"
}

check "every figure of a run, as SVG and PNG, and why others are left out" draws_a_run
check "machine, date, units, bounds and title are in them" names_machine_units_and_bounds
check "a load curve with its knee" draws_a_load_curve
check "a heat map, of a topology" draws_a_heat_map
check "two runs: ratios, and a folder for each" draws_a_comparison
check "two machines: left out, unless asked for" refuses_to_compare_machines
check "--only, --format and --filter" chooses
check "--terminal" draws_in_the_terminal

# --- hostile names --------------------------------------------------------------------------------

# What each would do: end a string, run a command, begin a markup or a format, another line.
evil='a\"b{c}_d^e'"'"'f`touch pwned`$(touch pwned)@x\\n%d%s</text></script>&amp;\n\u0007\u202e|'

hostile_texts() {
    EVIL=$evil awk '
        BEGIN { evil = ENVIRON["EVIL"] }
        /"hostname":/ { sub(/"hostname":.*/, ""); print "\"hostname\": \"" evil "\","; next }
        { print }' "$run" | HOST=$evil awk '
        BEGIN { evil = ENVIRON["HOST"]; gsub(/\//, "", evil) }
        /"id":/ && (at = index($0, "/uds-stream/")) {
            print substr($0, 1, at) "uds-stream" evil substr($0, at + 11); next }
        { print }' >evil.json
    exits 0 try plot evil.json -o evil --only percentiles,latency,trials,cost &&
        parses evil/*.svg && [[ ! -e pwned && ! -e evil/pwned ]] &&
        grep -qF 'a"b{c}_d^e'"'"'f`touch pwned`$(touch pwned)@x\n%d%s&lt;/text' evil/*.svg &&
        COLUMNS=100 exits 0 try plot evil.json --terminal --only cost && [[ ! -e pwned ]]
}

hostile_paths() {
    local file=$'e v\'i"l {x}_`touch pwned`\n.json' folder=$'out \'"`touch pwned`\n|x'
    cp "$run" "$file"
    exits 0 try plot "$file" again/run.json -o "$folder" --only compare --format svg &&
        [[ -f $folder/compare-p50.svg && ! -e pwned ]] && parses "$folder/compare-p50.svg" &&
        grep -qF '{x}_`touch pwned` .json' "$folder/compare-p50.svg"
}

# Settings of the person who calls, which gnuplot would read.
foreign_settings() {
    mkdir -p home && echo 'system "touch pwned"' >home/.gnuplot
    HOME=$scratch/home GNUTERM=nonsense LC_ALL=de_DE.UTF-8 \
        exits 0 try plot "$run" -o settings --only latency --format svg &&
        parses settings/*.svg && [[ ! -e pwned ]]
}

check "names from files are text and nothing else" hostile_texts
check "names of files are text and nothing else" hostile_paths
check "the caller's gnuplot settings change nothing" foreign_settings

# --- where it goes --------------------------------------------------------------------------------

writes_whole_files() {
    mkdir -p there && echo old >there/cost-pingpong-64-same-cpu.svg && echo keep >there/mine &&
        exits 0 try plot "$run" -o there --only cost --format svg &&
        parses there/cost-pingpong-64-same-cpu.svg && grep -q keep there/mine &&
        [[ $(find there -type f | wc -l) == 3 ]]
}

no_folder() {
    echo >file
    refuses "mkdir(file)" "Not a directory" -- plot "$run" -o file/x
}

chooses_a_folder() {
    exits 0 try plot "$run" --only cost --format svg &&
        parses results/plots/run/cost-pingpong-64-same-cpu.svg &&
        mkdir -p results/runs && cp "$run" results/runs/newest.json &&
        exits 0 try plot --only cost --format svg &&
        parses results/plots/newest/cost-pingpong-64-same-cpu.svg
}

full_disk() {
    exits 2 try plot "$run" -o small/figures &&
        complains "No space left on device" "small/figures/" &&
        [[ -z $(find small -name '*.tmp') ]] &&
        { [[ ! -e small/figures ]] || find small -name '*.svg' | while read -r file; do
            parses "$file" || exit 1
        done; }
}

forbidden() {
    chmod 644 "$run" && mkdir -p forbidden && chmod 555 forbidden && chmod 711 "$scratch" &&
        { exits 2 as_user "$user_folder/ipcbench" plot "$run" -o forbidden/x >out 2>err; } &&
        complains "forbidden/x" "Permission denied"
}

check "files are replaced whole, others stay" writes_whole_files
check "a folder that cannot be: one line" no_folder
check "without -o: results/plots; without FILE: the newest" chooses_a_folder
mkdir small
if ((EUID == 0)) && mount -t tmpfs -o size=64k ipcbench-test small 2>/dev/null; then
    undo+=("umount $scratch/small")
    check "a full disk: one line, no half picture" full_disk
else
    skip "a full disk" "no file system can be mounted here"
fi
if make_user_folder; then
    check "no permission: one line" forbidden
else
    skip "no permission" "no other user here"
fi

finish
