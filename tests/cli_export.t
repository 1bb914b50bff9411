#!/usr/bin/env bash
# `ipcbench export` and `ipcbench import`: what they print, where it goes, what they refuse, and whether
# each format is read by its consumer or keeps the format's rules. TAP.
# shellcheck disable=SC2317,SC2329,SC2016 # check() calls the tests by name; node and sed scripts are no shell
set -uo pipefail
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/tap.sh"

formats=(gbench gha-smaller gha-bigger bmf gobench otava hlog hgrm csv md prom)
node_folder=$PWD/tests/node
source=$scratch/run.json
cells='pingpong/pipe:capacity=64K,wait=poll/64/same-cpu'

measure() {
    measures -t pipe:capacity=64K,wait=poll -p pingpong,oneway,burst,stream -s 64 --burst 10 \
        --placement same-cpu --trials 3 --warmup 0.005 -o "$source" &&
        measures -t pipe -p load -s 64 --placement same-cpu --trials 1 --warmup 0.005 \
            -o "$scratch/load.json"
}

check "runs to export" measure

# --- what it prints and refuses -------------------------------------------------------------------

lists_formats() {
    exits 0 try export --format list && is_empty err && says out "${formats[@]}" &&
        (($(wc -l <"$scratch/out") == ${#formats[@]}))
}

help_names_formats() {
    exits 0 try export --help && says out "${formats[@]}"
}

exports() {
    exits 0 try export "$source" --format "$1" -o "$scratch/export.$1" && is_empty err &&
        is_empty out && exits 0 try export --format "$1" "$source" &&
        cmp "$scratch/out" "$scratch/export.$1"
}

filters() {
    exits 0 try export "$source" --format csv -f "^pingpong" && grep -q '^"pingpong' "$scratch/out" &&
        ! grep -q stream "$scratch/out"
}

# A file that is there already is replaced whole, and no other is left beside it.
replaces() {
    mkdir "$scratch/replaced" && echo old >"$scratch/replaced/file" &&
        exits 0 try export "$source" --format md -o "$scratch/replaced/file" &&
        grep -q '^| pingpong' "$scratch/replaced/file" && [[ $(find "$scratch/replaced" -type f) == "$scratch/replaced/file" ]]
}

check "--format list names the formats" lists_formats
check "so does --help" help_names_formats
for format in "${formats[@]}"; do
    check "$format: the same to a file as to standard output" exports "$format"
done
check "-f chooses cells" filters
check "-o replaces a file" replaces
check "refused: no format" refuses "--format is missing" -- export "$source"
check "refused: an unknown format" refuses "no format 'xml'" gbench prom -- export "$source" --format xml
check "refused: no file" refuses "a result file is missing" -- export --format csv
check "refused: two files" refuses "unexpected 'b'" -- export --format csv a b
check "refused: an unknown option" refuses "unknown option --frob" -- export --frob
check "refused: --format without its value" refuses "--format needs a value" -- export x --format
check "refused: a filter that matches nothing" refuses "no cell of" "'^x'" -- \
    export "$source" --format csv -f '^x'
check "refused: a filter that is no regular expression" refuses "--filter: '('" -- \
    export "$source" --format csv -f '('
check "refused: a file that is not there" refuses "/nowhere.json" -- \
    export /nowhere.json --format csv
check "refused: a folder that is a file" refuses "run.json): Not a directory" -- \
    export "$source" --format csv -o "$source/x"

# --- import ---------------------------------------------------------------------------------------

# What an older ipcbench did not write: no summary, no figures in trials.
make_old() {
    node -e '
        const run = JSON.parse(require("fs").readFileSync(process.argv[1]));
        for (const cell of run.cells) {
            delete cell.summary; delete cell.cpus;
            for (const trial of cell.trials)
                for (const name of ["p50_ns", "p99_ns", "p999_ns", "windows", "bytes_per_s", "layout"])
                    delete trial[name];
        }
        console.log(JSON.stringify(run));' "$source" >"$scratch/old.json"
}

imports() {
    make_old && exits 0 try import "$scratch/old.json" -o "$scratch/new.json" && is_empty out &&
        exits 0 try export "$scratch/new.json" --format csv && mv "$scratch/out" "$scratch/new.csv" &&
        exits 0 try export "$source" --format csv && cmp "$scratch/out" "$scratch/new.csv" &&
        exits 0 try show "$scratch/new.json" && without_drift >"$scratch/new.txt" &&
        exits 0 try show "$source" && without_drift | diff - "$scratch/new.txt"
}
# The windows by which it is seen are not in the older file.
without_drift() { sed -E '/^d more than half/d; s/d$//; s/ +$//' "$scratch/out"; }

# Importing what this ipcbench wrote changes nothing.
imports_own() {
    exits 0 try import "$source" && cp "$scratch/out" "$scratch/once.json" &&
        exits 0 try import "$scratch/once.json" && cmp "$scratch/out" "$scratch/once.json"
}

imports_in_place() {
    cp "$source" "$scratch/place.json" &&
        exits 0 try import "$scratch/place.json" -o "$scratch/place.json" &&
        exits 0 try show "$scratch/place.json"
}

newer() {
    sed 's,ipcbench-result/1,ipcbench-result/7,' "$source" >"$scratch/newer.json" &&
        echo '{"schema": "ipcbench-doctor/1"}' >"$scratch/doctor.json" &&
        echo '{"context": {}, "benchmarks": []}' >"$scratch/other.json"
}

if command -v node >/dev/null; then
    check "import completes an older file" imports
else
    skip "import completes an older file" "node is not installed"
fi
check "import twice is import once" imports_own
check "import in place" imports_in_place
check "files of others" newer
check "refused: a version from the future, by name" refuses newer.json \
    "ipcbench-result/7: this ipcbench reads up to 1" -- import "$scratch/newer.json"
check "refused: another document of ours" refuses 'expected "ipcbench-result/1"' doctor/1 -- \
    import "$scratch/doctor.json"
check "refused: JSON of somebody else" refuses "schema: missing" -- import "$scratch/other.json"
check "refused: no file to import" refuses "a result file is missing" -- import

# --- the consumers, or their rules ----------------------------------------------------------------

# Cells that did not end well, and ids that need quoting: made from a real run.
make_mixed() {
    node -e '
        const { readFileSync } = require("fs");
        const [run, load] = process.argv.slice(1).map((path) => JSON.parse(readFileSync(path)));
        const failed = (cell, status) => ({ ...cell, id: cell.id + "/touch=none", status, trials: [],
            summary: undefined, reason: "no \"huge\" pages,\n|really|", knob: "sysctl x=1" });
        const [first, second] = run.cells;
        run.cells.push(...load.cells, failed(first, "skipped"), failed(second, "failed"));
        const { trials } = first;
        trials.push({ ...trials[0], status: "failed", reason: "died", round: 3, order: 99 });
        console.log(JSON.stringify(run));' "$source" "$scratch/load.json" >"$scratch/given.json" &&
        exits 0 try import "$scratch/given.json" -o "$scratch/mixed.json"
}

keeps_rules() {
    exits 0 try export "$scratch/mixed.json" --format "$1" -o "$scratch/mixed.$1" &&
        node "$node_folder/check-export.mjs" "$1" "$scratch/mixed.$1" "$scratch/mixed.json"
}

# breaks_rules FORMAT SED...: the checker must be able to say no to each of these.
breaks_rules() {
    local format=$1 spoil status
    shift
    for spoil; do
        sed -E "$spoil" "$scratch/mixed.$format" >"$scratch/spoiled"
        if cmp -s "$scratch/spoiled" "$scratch/mixed.$format"; then
            echo "changes nothing: $spoil"
            return 1
        fi
        node "$node_folder/check-export.mjs" "$format" "$scratch/spoiled" "$scratch/mixed.json" 2>/dev/null
        status=$?
        ((status == 1)) || { echo "exit status $status, expected 1, of: $spoil" && return 1; }
    done
}

rules() {
    check "$1 keeps its rules" keeps_rules "$1"
    check "$1: broken rules are found" breaks_rules "$@"
}

if ! command -v node >/dev/null || ! command -v npm >/dev/null; then
    for format in "${formats[@]}"; do
        skip "$format keeps its rules" "node or npm is not installed"
    done
else
    check "packages for the checks" bash -c "[[ -d '$node_folder/node_modules' ]] ||
        npm ci --prefix '$node_folder' --silent"
    check "a run with cells that are not ok" make_mixed
    rules gbench 's/"json_schema_version":\t1/"json_schema_version":\t2/' '/"cpu_time"/d' \
        '0,/"real_time":\t[0-9.]+/s//"real_time":\tnull/' 's/"repetition_index":\t1/"repetition_index":\t0/' \
        '0,/"name":\t"/s//&x/'
    rules gha-smaller '0,/"value":\t[0-9.]+/s//"value":\tnull/' 's/"ns"/"ms"/' 's/± [0-9.]+/± 5/' \
        's,"unit",\"extra2\":1\,"unit",' 's,/p50",/p49",'
    rules gha-bigger '0,/"value":\t[0-9.]+/s//"value":\t0/' 's,"op/s","x",' 's/±/about/' 's,/rate",/p50",'
    rules bmf '0,/"value":\t[0-9.]+/s//"value":\t"1"/' '0,/"lower_value":\t[0-9.]+/s//"lower_value":\t1e99/' \
        's/"value"/"values"/' 's/"(latency|throughput)"/"x"/'
    rules gobench 's,ns/op,ms/op,' '0,/^Benchmark.*/s//&\n&/' 's/-[0-9]+ ([0-9]+) /-x \1 /' 's,/size=,/,' \
        's,^Bench,bench,' 's/^cpu: /CPU: /' '$s/$/ 1/'
    rules otava 's/"timestamp":\t/&1/' '0,/"value":\t[0-9.]+/s//"value":\t0/' 's/"commit"/"hash"/' \
        's,/p50",/p51",'
    rules hlog 's/^Tag=[^,]+,//' 's/StartTime: /&1/' '$p' '$s/^/#\n/' 's/,([0-9.]+),HIST/,9\1,HIST/' \
        '1s/$/ and much more of this kind that makes the line longer than readers written in C can take, which is 127 characters/'
    rules hgrm '0,/0\.100000000000/s//0.100000000001/' '0,/^ +([0-9])/s//9\1/' 's/Total count    = +/&1/' \
        's/(1\.000000000000 +[0-9]+)$/\1 Infinity/' 's/\[Cell/[Sell/' 's/^ /x /'
    rules csv '1s/metric/measure/' 's/^"(.*)",pingpong/\1,pingpong/' '2p' 's/,[0-9.]+$/,nan/' '0,/,rate,op/{/,rate,op/d}'
    rules md 's/^\| (pingpong)/\1/' 's/ \|$//' 's/^\| ---/| - - -/' '/^\| oneway/d'
    rules prom '$d' 's/ [0-9.e-]+$/& 1600000000/' 's/pattern="pingpong"/pattern="ping"pong"/' \
        '/^# TYPE ipcbench_op/d' '/statistic="p50"/p' 's/^(ipcbench_latency[^ ]*) .*/\1 NaN/'
fi

promtool_reads() {
    promtool check metrics <"$scratch/export.prom"
}
if command -v promtool >/dev/null; then
    check "prom: promtool reads it" promtool_reads
else
    skip "prom: promtool reads it" "promtool (Debian's package prometheus) is not installed"
fi

# compare.py needs SciPy; where it is, is Debian's to say.
compare_py=${GBENCH_COMPARE:-/usr/share/benchmark/compare.py}
gbench_compares() {
    /usr/bin/python3 "$compare_py" --no-color benchmarks "$scratch/export.gbench" "$scratch/export.gbench" \
        >"$scratch/out" && says out "$cells/p50_pvalue" OVERALL_GEOMEAN
}
if [[ -r $compare_py ]] && /usr/bin/python3 -c 'import scipy.stats' 2>/dev/null; then
    check "gbench: Google Benchmark's compare.py compares it" gbench_compares
else
    skip "gbench: Google Benchmark's compare.py compares it" \
        "compare.py (Debian's libbenchmark-tools) or SciPy is not installed"
fi

go_tool=$(command -v benchstat)
benchstat_reads() {
    "$go_tool" -col /transport "$scratch/export.gobench" >"$scratch/out" && says out "sec/op" "op/s"
}
if [[ -n $go_tool ]]; then
    check "gobench: benchstat reads it" benchstat_reads
else
    skip "gobench: benchstat reads it" "benchstat is not installed (neither Debian nor npm has it)"
fi

finish
