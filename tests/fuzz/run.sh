#!/usr/bin/env bash
# Fuzzes each target, starting from its corpus. New inputs go to a folder beside the program; a finding
# is kept there too and named, and the exit status is then 1.
#
#   tests/fuzz/run.sh TARGET...    programs that `make fuzz-targets` built
#   FUZZ_SECONDS=600               for each
#   FUZZ_CORPUS=tests/fuzz/corpus  a folder of inputs for each target, by its name
set -u

seconds=${FUZZ_SECONDS:-600}
home=$(dirname "$0")
corpus=${FUZZ_CORPUS:-$home/corpus}
status=0

# Words that chance would not find: the members of a result file, and numbers at edges.
dictionary() {
    grep -oE '"[a-z0-9_]+"' "$home/../../results/ipcbench-result-1.schema.json" | sort -u |
        sed -E 's/^"(.*)"$/"\\"\1\\":"/'
    printf '"%s"\n' -1 0 1e308 1e999 0.5 9007199254740993 4294967296 true null '[]' '{}' \
        '\"18446744073709551615\"' '\"9223372036854775808\"' '\"ok\"' '\"failed\"' '\"skipped\"' \
        '\"invalid\"' '\"load\"' '\"paced\"' '\"stream\"' '\\u0000' '\\ud800' HISTFAAA
}

for target; do
    name=${target##*/fuzz_}
    found=$(dirname "$target")/found/$name
    mkdir -p "$found" || exit 2
    dictionary >"$found.dict" || exit 2
    echo "# $name: $seconds s"
    # A histogram of the widest range takes 64 MiB, and unpacking it as much.
    if ! "$target" -max_total_time="$seconds" -rss_limit_mb=2048 -malloc_limit_mb=1024 -timeout=20 \
        -max_len=32768 -print_final_stats=1 -verbosity=0 -dict="$found.dict" \
        -artifact_prefix="$found/finding-" "$found" "$corpus/$name"; then
        echo "$name: a finding: $found/finding-*"
        status=1
    fi
done
exit "$status"
