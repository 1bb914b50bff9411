#!/usr/bin/env bash
# `ipcbench list`: every transport and operation that has a file in transports/, what it can be told,
# and whether it can run here; the same in JSON; and what it says is what a run finds. TAP.
# shellcheck disable=SC2317,SC2329 # check() calls the tests by name
set -uo pipefail
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/tap.sh"

names_of() {
    local file name
    for file; do
        name=${file##*/}
        name=${name%.c}
        echo "${name//_/-}"
    done | sort
}
names_of transports/*.c >"$scratch/transports"
names_of transports/memory/*.c >"$scratch/operations"
cat "$scratch/transports" "$scratch/operations" >"$scratch/files"
sed 's/.*/^&:/' "$scratch/operations" >"$scratch/operation.names"
sed -n 's/^### //p' docs/transports.md | sort >"$scratch/described"
sed -n 's/^## \([a-z-]*\): .*/\1/p' docs/memory.md | sort >"$scratch/explained"
sed -n '/^| transport |/,/^$/p' README.md | sed '1,2d;/^$/d' >"$scratch/readme"
cd "$scratch" || exit 1
mkdir tmp

# --- text -----------------------------------------------------------------------------------------

lists_all() {
    TMPDIR=$scratch/tmp exits 0 try list && is_empty err && cp out list.text &&
        grep -o '^[a-z][a-z-]*' out | diff files -
}
every_value() {
    awk '/^[a-z]/ { transport = $1 }
        /^    [a-z-]+=[a-z][a-z0-9|:N-]* \(/ {
            split($1, option, "=")
            sub(/:N/, ":1", option[2])
            n = split(option[2], values, "|")
            for (i = 1; i <= n; i++) print transport, option[1], values[i]
        }' list.text
}
# transport key value reason [knob]
refused_values() {
    awk '/^[a-z]/ { transport = $1 }
        /^    [a-z-]+=/ { split($1, option, "=") }
        sub(/^        not here: /, "") {
            value = $1
            sub(/:$/, "", value)
            sub(/^[^ ]* /, "")
            print transport, option[1], value, $0
        }' list.text
}
explains() {
    awk '/^[a-z]/ && NF < 3 { print; wrong = 1 }
        /not here:|cannot run here:/ && !/: .+ \[.+\]$/ { print; wrong = 1 }
        END { exit wrong }' list.text
}
has_options() {
    every_value >values
    local value
    for value in "pipe wait epoll" "uds-dgram address abstract" "shm sync xsi-sem" \
        "shm backing memfd" "mmap huge hugetlb-1g" "mmap advice collapse" "mmap copy no"; do
        grep -qx "$value" values || { echo "missing: $value"; return 1; }
    done
}
# The rows of README's table, for a look at the difference or to be put there.
rows() {
    awk 'function row() { if (name) printf "| `%s` | %s | %s |\n", name, summary, keys }
        /^Operations/ { exit }
        /^[a-z]/ { row(); name = $1; summary = $0; sub(/^[^ ]+ +/, "", summary); keys = "" }
        /^    [a-z-]+=/ { split($1, option, "="); keys = keys (keys ? ", " : "") "`" option[1] "=`" }
        END { row() }' list.text
}
readme_has_all() { rows | diff readme - >difference || { cat difference; return 1; }; }
tmp_is_empty() { [[ -z $(ls -A tmp) ]]; }

check "list names every file in transports/, in order" lists_all
check "docs/transports.md describes each" diff transports described
check "docs/memory.md describes each operation" diff operations explained
check "README's table is that of the list" readme_has_all
check "list has a line for each, and a reason and a knob for what cannot be had" explains
check "list names the options and their values" has_options
check "list leaves nothing behind" tmp_is_empty

# --- as a run finds it ----------------------------------------------------------------------------

# Runs every value of every option once, the others at their defaults. What a busy machine makes
# invalid ran all the same.
every_variant() {
    every_value | sed 's/ \([^ ]*\) /:\1=/' >variants
    grep -vf operation.names variants | paste -sd, >ways
    ends_well try run --time 0.01 -t "$(<ways)" -p pingpong --trials 1 --warmup 0 \
        -o every.json || return 1
    grep -f operation.names variants | paste -sd, >ways
    ends_well try run --time 0.01 -t "$(<ways)" -s 4M --trials 1 --warmup 0 \
        -o operations.json || return 1
    (($(wc -l <values) >= 40)) && all_cells every.json ok skipped invalid &&
        all_cells operations.json ok skipped invalid
}
refused_are_skipped() {
    local transport key value reason
    refused_values >refused
    cat <(cells every.json) <(cells operations.json) >list
    while read -r transport key value reason; do
        grep -E "^(pingpong/$transport:$key=$value/64|memory/$transport:$key=$value/4M)/" list >found || { cat list; return 1; }
        grep -qE '^[^ ]+ skipped ' found && grep -qF -- "$reason" found && continue
        echo "list says of $transport:$key=$value: $reason; run says: $(<found)"
        return 1
    done <refused
}
check "every value of every option runs or is skipped" every_variant
check "what list calls impossible is skipped by a run, for the same reason" refused_are_skipped

# --- JSON -----------------------------------------------------------------------------------------

# query: transports in list.json, one per line, by whichever reader there is.
query() {
    if command -v node >/dev/null; then
        node -e 'for (const t of JSON.parse(require("fs").readFileSync("list.json")).transports)
            console.log(t.name, t.available, t.options.length)'
    elif command -v jq >/dev/null; then
        jq -r '.transports[] | "\(.name) \(.available) \(.options | length)"' list.json
    else
        python3 -c '
import json
for t in json.load(open("list.json", encoding="utf-8"))["transports"]:
    print(t["name"], str(t["available"]).lower(), len(t["options"]))'
    fi
}
json_is_valid() {
    exits 0 try list --json && is_empty err && cp out list.json && query >list.lines &&
        cut -d' ' -f1 list.lines | diff files -
}
same_as_text() {
    awk '/^[a-z]/ { name = $1; names[++n] = name; available[name] = "true"; options[name] = 0 }
        /^    cannot run here:/ { available[name] = "false" }
        /^    [a-z-]+=/ { options[name]++ }
        END { for (i = 1; i <= n; i++) print names[i], available[names[i]], options[names[i]] }' \
        list.text | diff - list.lines
}
if command -v node >/dev/null || command -v jq >/dev/null || command -v python3 >/dev/null; then
    check "list --json is valid JSON with every transport" json_is_valid
    check "list --json says the same as list" same_as_text
else
    skip "list --json is valid JSON" "there is no node, jq or python3"
fi

# --- what cannot run ------------------------------------------------------------------------------

no_queues() {
    (ulimit -q 0 && as_user "$user_folder/ipcbench" list) >out &&
        grep -A1 '^posix-mq ' out | grep -q '^    cannot run here: mq_open.* \[.*ulimit -q'
}
no_queues_json() {
    (ulimit -q 0 && as_user "$user_folder/ipcbench" list --json) >out &&
        awk -F'\t' '/"name":/ { name = $5 } /"available":/ && name ~ /posix-mq/ { print $5 }' out |
        grep -q false
}
if make_user_folder; then
    check "ulimit -q 0: posix-mq cannot run here, and why" no_queues
    check "ulimit -q 0: so says the JSON" no_queues_json
else
    skip "ulimit -q 0" "no ordinary user can run $program from $scratch"
fi

finish
