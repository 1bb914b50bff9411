#!/usr/bin/env bash
# docs/ci and `make compare`: the script for real (in a repository whose "build" is a copy of the program
# under test), the workflows as far as that goes without their services. TAP.
# shellcheck disable=SC2317,SC2329 # check() calls the tests by name
set -uo pipefail
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/tap.sh"
sources=$PWD
short=(-t pipe -p pingpong --trials 12 --time 0.01 --warmup 0)
calm=("${short[@]}" --threshold 1000%)

# --- a small repository: one revision, and one that is 12 % slower ---------------------

make_repository() {
    mkdir -p bench docs/ci && cp "$sources/bench/compare-revisions.sh" bench/ &&
        cp "$sources/docs/ci/regression.sh" docs/ci/ || return 1
    printf '#!/bin/sh\necho set up >>setup.log\n' >setup.sh
    printf 'program:\n\tmkdir -p build\n\tcp source build/ipcbench\n\tchmod +x build/ipcbench\n' >Makefile
    steady_program source 1
    printf 'build\n*.log\nregression-reports\n' >.gitignore
    chmod +x setup.sh
    export GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_SYSTEM=/dev/null
    git init -q . && git config user.name test && git config user.email test@localhost &&
        git add -A && git commit -qm fast && git tag fast || return 1
    steady_program source 1.12
    git commit -qam slow && git tag slow && git checkout -q fast && printf 'program:\n\tfalse\n' >Makefile &&
        git commit -qam broken && git tag broken && git checkout -q fast
}
cd "$scratch" && mkdir repository && cd repository || exit 1
check "a small repository" make_repository
export GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_SYSTEM=/dev/null

left_nothing() {
    [[ $(git worktree list | wc -l) == 1 ]] || { git worktree list; return 1; }
    git status --porcelain >"$scratch/changes" && is_empty changes
}

# ends STATUS COMMAND...: what it said in $scratch/out and $scratch/err.
ends() {
    local expected=$1 status=0
    shift
    "$@" >"$scratch/out" 2>"$scratch/err" </dev/null || status=$?
    ((status == expected)) && return
    echo "exit status $status, expected $expected: $*"
    cat "$scratch/err" "$scratch/out"
    return 1
}

as_before() {
    ends 0 docs/ci/regression.sh fast -- "${calm[@]}" &&
        says out "No regression seen in 1 cell" && says err "building fast" && left_nothing &&
        [[ -s regression-reports/comparison.md && -s regression-reports/comparison.json ]] &&
        [[ -s regression-reports/result-a.json && -s regression-reports/result-b.json ]]
}
check "regression.sh: the working tree against its own revision: 0" as_before

slower() {
    ends 1 docs/ci/regression.sh fast slow -- "${short[@]}" --retest &&
        says out "1 of 1 cell regressed: pingpong/pipe/64/" && says err "building slow" "once more" &&
        ! grep "building fast" "$scratch/err" && left_nothing &&
        cp regression-reports/comparison.* "$scratch/" && says comparison.md "**regressed**" &&
        says comparison.xml "<failure" && says comparison.json '"regressed"'
}
check "regression.sh: a slower revision: 1, and what was built is not built again" slower

unbuildable() {
    ends 2 docs/ci/regression.sh broken && says err "compare: broken cannot be built" && left_nothing
}
check "regression.sh: a revision that cannot be built: 2" unbuildable
unknown() { ends 2 docs/ci/regression.sh nowhere && says err "'nowhere' is no revision" && left_nothing; }
check "regression.sh: no such revision: 2" unknown
without() { ends 2 docs/ci/regression.sh && says err "usage: "; }
check "regression.sh: no revision: 2" without

make_compare() {
    make -C "$sources" -n compare BASE=some NEW=other BENCH_ARGS="-t pipe" >"$scratch/out" 2>&1 &&
        tr -s ' \\\n\t' ' ' <"$scratch/out" >"$scratch/flat" &&
        says flat "bench/compare-revisions.sh some other -- -t pipe" || return 1
    ends 2 make -C "$sources" -s compare && says err "which revision?"
}
check "make compare" make_compare

# --- workflows ------------------------------------------------------------------------------------

# The shell lines of a workflow, NUL behind each; nothing is assumed of YAML but what a parser says.
workflow_lines() {
    python3 - "$1" <<'PYTHON'
import sys, yaml
document = yaml.safe_load(open(sys.argv[1]))
def lines(node):
    if isinstance(node, dict):
        for key, value in node.items():
            if key == "run":
                yield value
            elif key in ("script", "before_script"):
                yield from value
            else:
                yield from lines(value)
    elif isinstance(node, list):
        for value in node:
            yield from lines(value)
found = list(lines(document))
assert found, "no shell lines"
sys.stdout.write("".join(line + "\0" for line in found))
PYTHON
}

workflow() {
    local file=$sources/docs/ci/$1 line calls=0
    while IFS= read -r -d '' line; do
        bash -n <<<"$line" || return 1
        if [[ $line =~ (docs/ci/[a-z.]+) ]]; then
            [[ -x $sources/${BASH_REMATCH[1]} ]] || { echo "no ${BASH_REMATCH[1]}"; return 1; }
            calls=$((calls + 1))
        fi
    done < <(workflow_lines "$file")
    ((calls == 1)) || { echo "$1 calls the script $calls times"; return 1; }
    # What is kept is what the script leaves.
    grep -oE 'regression-reports/[a-z.]+' "$file" | sort -u | while IFS= read -r kept; do
        [[ -s $kept ]] || { echo "$1 keeps $kept, which is not made"; return 1; }
    done
}
if python3 -c 'import yaml' 2>/dev/null; then
    check "github.yml" workflow github.yml
    check "gitlab.yml" workflow gitlab.yml
else
    skip "github.yml" "Python's yaml (python3-yaml) is not installed"
    skip "gitlab.yml" "Python's yaml (python3-yaml) is not installed"
fi

finish
