# shellcheck shell=bash
# What the command-line tests (cli_*.t) share; sourced first, from anywhere. Gives
#   $program   the ipcbench to test (BUILD names the build folder), by absolute path
#   $scratch   a folder of this test's own, removed at the end
#   $tiny      options that make a run short
# and the functions below. The test ends with `finish`.

cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 1
program=$(realpath "${BUILD:-build}/ipcbench")
scratch=$(mktemp -d) || exit 1
# shellcheck disable=SC2034 # for those who source this
tiny=(--trials 1 --time 0.01 --warmup 0.005)
export LC_ALL=C.UTF-8

# Commands to run before the scratch folder is removed, last one first.
undo=()
clean_up() {
    local i
    trap '' INT TERM HUP # a second signal must not cut this short
    for ((i = ${#undo[@]} - 1; i >= 0; i--)); do
        ${undo[i]}
    done
    rm -rf "$scratch"
}
trap clean_up EXIT
trap 'exit 130' INT TERM HUP

count=0
failures=0

# check DESCRIPTION COMMAND...: one test, in a subshell; its output becomes diagnostics if it fails.
check() {
    local description=$1 output
    shift
    count=$((count + 1))
    if output=$("$@" 2>&1); then
        echo "ok $count - $description"
        return
    fi
    echo "not ok $count - $description"
    printf '# %s\n' "${output//$'\n'/$'\n'# }"
    failures=$((failures + 1))
}

# skip DESCRIPTION REASON
skip() {
    count=$((count + 1))
    echo "ok $count - $1 # SKIP $2"
}

finish() {
    echo "1..$count"
    exit $((failures > 0))
}

# --- inside a check -------------------------------------------------------------------------------

# try ARGUMENT...: runs ipcbench; what it said is in $scratch/out and $scratch/err.
try() {
    "$program" "$@" >"$scratch/out" 2>"$scratch/err" </dev/null
}

# exits STATUS COMMAND...: the command ends with that exit status.
exits() {
    local expected=$1 status=0
    shift
    "$@" || status=$?
    ((status == expected)) && return
    echo "exit status $status, expected $expected: $*"
    cat "$scratch/err" 2>/dev/null
    return 1
}

# says FILE TEXT...: each text is in the file of the scratch folder.
says() {
    local file=$scratch/$1 text
    shift
    for text; do
        grep -qF -- "$text" "$file" && continue
        echo "'$text' is missing in:"
        cat "$file"
        return 1
    done
}

is_empty() {
    [[ ! -s $scratch/$1 ]] && return
    echo "should be empty: $1"
    head -5 "$scratch/$1"
    return 1
}

# Standard error is one line "ipcbench: ..." that holds each text.
complains() {
    if (($(wc -l <"$scratch/err") != 1)) || ! grep -q '^ipcbench: .' "$scratch/err"; then
        echo "standard error should be one line 'ipcbench: ...':"
        cat "$scratch/err"
        return 1
    fi
    says err "$@"
}

# refuses TEXT... -- ARGUMENT...: exit status 2, nothing on standard output, one line that holds
# each text.
refuses() {
    local texts=()
    while [[ $1 != -- ]]; do
        texts+=("$1")
        shift
    done
    shift
    exits 2 try "$@" && is_empty out && complains "${texts[@]}"
}

# wait_until SECONDS COMMAND...: until it succeeds; for what another process does.
wait_until() {
    local deadline=$((SECONDS + $1))
    shift
    until "$@"; do
        ((SECONDS < deadline)) || return 1
        sleep 0.02
    done
}

# receiver_of PID: the receiving process of the trial that this ipcbench is running.
receiver_of() {
    local stat pid name parent
    for stat in /proc/[0-9]*/stat; do
        read -r pid name _ parent _ 2>/dev/null <"$stat" || continue
        [[ $name == "(ipcbench-recv)" && $parent == "$1" ]] && echo "$pid" && return
    done 2>/dev/null
    return 1
}

# cells FILE: a line "id status rounds orders reason [knob]" for each cell of a result file; rounds
# and orders are lists like 0,1. Reads our own layout, so that no JSON reader need be installed.
cells() {
    awk -F'\t' '
        function text(line) {
            sub(/^[^:]*:\t/, "", line)
            sub(/,$/, "", line)
            gsub(/^"|"$/, "", line)
            return line
        }
        function or_dash(list) { return list == "" ? "-" : list }
        function flush() {
            if (id != "")
                print id, status, or_dash(rounds), or_dash(orders), reason knob
            id = status = rounds = orders = reason = knob = ""
        }
        /^\t\t\t"id":/ { flush(); id = text($0) }
        /^\t\t\t"status":/ { status = text($0) }
        /^\t\t\t"reason":/ { reason = text($0) }
        /^\t\t\t"knob":/ { knob = " [" text($0) "]" }
        /^\t\t\t\t\t"round":/ { rounds = rounds (rounds == "" ? "" : ",") text($0) }
        /^\t\t\t\t\t"order":/ { orders = orders (orders == "" ? "" : ",") text($0) }
        END { flush() }' "$1"
}

# top FILE KEY: the value of a key of the document itself.
top() {
    sed -n "s/^\t\"$2\":\t\"\{0,1\}\([^\",]*\).*/\1/p" "$1"
}

# all_cells FILE STATUS...: there are cells, and each has one of these statuses; if it is not "ok"
# it has a reason and something that would change it.
all_cells() {
    local file=$1
    shift
    cells "$file" | awk -v statuses=" $* " '
        !index(statuses, " " $2 " ") || ($2 != "ok" && !/ \[.+\]$/) { print; wrong = 1 }
        END { exit wrong || NR == 0 }'
}

# trials_of FILE: when each trial of a result or a journal started; no two at the same time.
trials_of() {
    grep -o '"started_s":[[:space:]]*[0-9.]*' "$1" | tr -d '[:blank:]' | sort
}

# holds_all FILE: standard input has each line of FILE, which has some; both sorted.
holds_all() {
    [[ -s $1 && -z $(comm -13 - "$1") ]]
}

# What a busy machine does to trials, in the words of their reasons. Lost messages are not among it.
machine_made='too few messages|heavy steal|throttled: for|distance of the two CPUs changed|below its bound'

# is_well STATUS: that of a run which ended well, or whose invalid cells the machine is to blame for.
is_well() {
    (($1 == 0)) || { (($1 == 4)) && grep -Eq "$machine_made" "$scratch/out" &&
        ! grep -Eq 'messages lost|^failed|"failed"' "$scratch/out"; }
}

# ends_well COMMAND...
ends_well() {
    local status=0
    "$@" || status=$?
    is_well "$status" && return
    echo "exit status $status: $*"
    cat "$scratch/err" "$scratch/out"
    return 1
}

# measures ARGUMENT...: a run that ends with 0. On a machine too busy for that it gets more time.
measures() {
    local seconds status
    for seconds in 0.01 0.1 1; do
        status=0
        try run --time "$seconds" "$@" || status=$?
        ((status == 0)) && return
        is_well "$status" || break
    done
    echo "exit status $status: run --time $seconds $*"
    cat "$scratch/err" "$scratch/out"
    return 1
}

# measures_whole FILE ARGUMENT...: and each trial that the machine made invalid is another one of its cell,
# which a busy machine lets through now and then. Reads our own layout.
measures_whole() {
    local file=$1 seconds
    shift
    for seconds in 0.01 0.05 0.1; do
        ends_well try run --time "$seconds" "$@" -o "$file" || return 1
        if mended <"$file" >"$file.mended"; then
            mv "$file.mended" "$file"
            return
        fi
    done
    echo "the machine is too busy to measure $*"
    return 1
}
mended() {
    awk '
        # Of each trial: its round, order and start, which it keeps, and the rest.
        function cell_ends(   trial) {
            for (trial = 1; trial <= trials; trial++)
                printf "%s%s%s", heads[trial], sound[trial] ? rests[trial] : rests[good], trial < trials ? "\t\t\t\t}, {\n" : ""
            if (!good) wrong = 1
            inside = 0
        }
        inside && /^\t\t\t\t}/ {
            if (sound[trials]) good = trials
            if (/{$/) { trials++; lines = 0; heads[trials] = rests[trials] = ""; sound[trials] = 1; next }
            cell_ends()
        }
        inside {
            if (++lines <= 3) heads[trials] = heads[trials] $0 "\n"
            else rests[trials] = rests[trials] $0 "\n"
            if (/^\t\t\t\t\t"status":\t"invalid"/) sound[trials] = 0
            next
        }
        /^\t\t\t"trials":\t\[{/ { inside = trials = 1; good = lines = 0; heads[1] = rests[1] = ""; sound[1] = 1 }
        { print }
        END { exit wrong }'
}

# --- figures that do not scatter ------------------------------------------------------------------

# made FACTOR REGEX <FILE: the same result with figures that hardly scatter, slower by the factor in
# the cells whose id matches. Reads our own layout, so that no JSON reader need be installed.
made() {
    awk -F'\t' -v factor="$1" -v regex="$2" '
        function set(key, value) { sub("\"" key "\":\t[0-9.e+]*", "\"" key "\":\t" value) }
        /^\t\t\t"id":/ { slow = $0 ~ regex ? factor : 1 }
        /^\t\t\t\t\t"round":/ { round = $0; gsub(/[^0-9]/, "", round) }
        /^\t\t\t\t\t"p50_ns":/ { set("p50_ns", (20000 + 20 * round) * slow) }
        /^\t\t\t\t\t"p99_ns":/ { set("p99_ns", (50000 + 50 * round) * slow) }
        /^\t\t\t\t\t"rate_per_s":/ { set("rate_per_s", (1000000 + 1000 * round) / slow) }
        /^\t\t\t\t\t"probe_(before|after)_ns":/ { set("probe_before_ns", 100); set("probe_after_ns", 100) }
        /^\t\t"timed_seconds":/ { set("timed_seconds", 1) } # `measures` may have asked for more
        /^\t\t\t\t\t"probes_disagree":/ { sub("true", "false") }
        { print }'
}

# steady_program NAME FACTOR: an ipcbench in this folder that measures, and then puts such figures in
# place of those measured.
steady_program() {
    declare -f made mended >"$scratch/made.sh"
    cat >"$1" <<STEADY
#!/usr/bin/env bash
for argument; do
    [[ \$argument == --output=* ]] && output=\${argument#*=}
done
"$program" "\$@"
status=\$?
[[ \$1 == run && -s \$output ]] || exit \$status
. "$scratch/made.sh"
mended <"\$output" | made "$2" . >"\$output.steady" && mv "\$output.steady" "\$output"
exit \$status
STEADY
    chmod +x "$1"
}

# --- as an ordinary user --------------------------------------------------------------------------

# as_user COMMAND...: as nobody where we are root, else as we are. The program must be a copy in
# $user_folder, since the checkout may lie where others cannot look.
as_user() {
    if ((EUID == 0)); then
        setpriv --reuid=65534 --regid=65534 --clear-groups --inh-caps=-all --bounding-set=-all \
            -- "$@"
    else
        "$@"
    fi
}

# A folder that the ordinary user may write, with the program in it. False where that cannot be had.
make_user_folder() {
    user_folder=$scratch/user
    mkdir "$user_folder" && cp "$program" "$user_folder/ipcbench" || return 1
    if ((EUID == 0)); then
        command -v setpriv >/dev/null && chmod 711 "$scratch" && chown 65534:65534 "$user_folder"
    fi && as_user test -x "$user_folder/ipcbench" -a -w "$user_folder"
}
