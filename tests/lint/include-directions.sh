#!/usr/bin/env bash
# Which folder may include which: arrows point one way (design, section 1).
#
#   include-directions.sh [FOLDER]    checks the sources below FOLDER (this repository)
#
# Prints one line per wrong include: FILE:LINE: what is wrong. Exit status: 0 clean, 1 not.
set -uo pipefail

cd "${1:-$(dirname "$0")/../..}" || exit 2

folders=()
for folder in base harness transports results plots bench plugins tests; do
    [[ -d $folder ]] && folders+=("$folder")
done
[[ ${#folders[@]} -gt 0 ]] || exit 0

# One pass over every #include line: "FILE:LINE:#include ...".
find "${folders[@]}" -name '*.[ch]' -not -path '*/node_modules/*' -exec \
    grep -nHE '^[[:space:]]*#[[:space:]]*include[[:space:]]*["<]' {} + | LC_ALL=C sort -t: -k1,1 -k2,2n |
    awk '
        BEGIN {
            may["base"] = "base"
            may["harness"] = "harness base"
            may["transports"] = "transports harness base"
            may["results"] = "results harness base"
            may["plots"] = "plots results base"
            may["plugins"] = "" # what is installed, as <ipcbench/...>
            may["bench"] = may["tests"] = "bench plots results transports harness base tests"
        }
        function complain(text) {
            printf "%s:%s: %s\n", file, line, text
            wrong = 1
        }
        {
            match($0, /^[^:]*:[0-9]+:/)
            split(substr($0, 1, RLENGTH), place, ":")
            file = place[1]; line = place[2]
            folder = file; sub(/\/.*/, "", folder)
            included = substr($0, RLENGTH + 1)
            ours = included ~ /"/
            sub(/^[^"<]*["<]/, "", included); sub(/[">].*/, "", included)
        }
        included ~ /(^|\/)cJSON\.h$/ {
            if (folder != "results")
                complain(folder "/ includes cJSON: only results/ knows JSON")
            next
        }
        included == "sqlite3.h" {
            if (folder != "results")
                complain(folder "/ includes SQLite: only results/ knows the history")
            next
        }
        included == "transports/builtin.h" && folder != "bench" && folder != "tests" &&
        file != "transports/builtin.c" {
            complain(folder "/ includes transports/builtin.h: only bench/ knows the list of transports")
            next
        }
        !ours && included !~ /^(base|harness|transports|results|plots|bench|tests)\// { next }
        # Plug-ins have parts of their own; all else they get is what is installed.
        folder == "plugins" && included !~ /^(base|harness|transports|results|plots|bench|tests)\// { next }
        # Tests may name their neighbours; everything else is named from the root.
        folder == "tests" && included !~ /\// { next }
        included ~ /^\.\.?\// || included !~ /\// {
            complain("\"" included "\": name our headers from the root, as \"" folder "/...\"")
            next
        }
        {
            target = included; sub(/\/.*/, "", target)
            if (index(" " may[folder] " ", " " target " ") == 0)
                complain(folder "/ includes " included ": it may include " may[folder])
        }
        END { exit wrong }
    '
