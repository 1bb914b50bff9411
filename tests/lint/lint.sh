#!/usr/bin/env bash
# Everything that judges the sources without running them. One TAP line for each step; what a step
# has to say stands before it.
#
#   tests/lint/lint.sh [STEP...]   the steps named (all): format tidy cppcheck shell includes length
#   LINT_STRICT=1                  a missing tool is a failure, not a skip
#   LINT_TIDY='base/*.c bench/*.c' what clang-tidy, by far the slowest, looks at (all)
set -uo pipefail

cd "$(dirname "$0")/../.." || exit 2

steps=(format tidy cppcheck shell includes length)
lines_most=500
flags=(-I. -D_GNU_SOURCE -std=gnu11)
jobs=$(nproc 2>/dev/null || echo 2)
count=0
failures=0

# Sources that belong to us, also those not committed yet; without git, all that are not built.
sources() {
    if git rev-parse --is-inside-work-tree >/dev/null 2>&1; then
        git ls-files -z --cached --others --exclude-standard -- "$@"
    else
        local names=() pattern
        for pattern; do
            names+=(-o -name "$pattern")
        done
        find . \( -name build -o -name node_modules -o -name .git \) -prune -o \
            -type f \( "${names[@]:1}" \) -printf '%P\0'
    fi | while IFS= read -r -d '' file; do
        # Deleted, but not yet in git's eyes: not ours any more.
        if [[ -e $file ]]; then printf '%s\0' "$file"; fi
    done
}

# Scripts by their first line, whatever they are called.
shell_scripts() {
    sources '*.sh' '*.t' '.ci/*' 'run' | while IFS= read -r -d '' file; do
        IFS= read -r first <"$file"
        if [[ $first =~ ^'#!'.*[/\ ](ba|da)?sh($|\ ) ]]; then printf '%s\0' "$file"; fi
    done
}

# What plug-ins include: the headers as they are installed, and their libraries' where those are there.
# Of a library that is not, the plug-in cannot be examined: $unknown.
unknown=()
find_plugin_headers() {
    local name found word
    make -s build/include/ipcbench/plugin.h || return
    flags+=(-Ibuild/include)
    for name in plugins/*.c; do
        if found=$(plugins/flags.sh "$(basename "$name" .c)" 2>/dev/null); then
            for word in $found; do [[ $word == -l* ]] || flags+=("$word"); done
        else
            unknown+=(-e "^$name\$")
        fi
    done
}
without_unknown() {
    if ((${#unknown[@]})); then grep -zv "${unknown[@]}"; else cat; fi
}

step_format() {
    sources '*.c' '*.h' | xargs -0 clang-format --dry-run -Werror
}

# What it found, without the paths that lead there (clang-tidy on the one file shows them). Its
# count of suppressed warnings goes to stderr; a crash shows in the status.
step_tidy() {
    local files=('*.c')
    [[ -z ${LINT_TIDY:-} ]] || read -ra files <<<"$LINT_TIDY"
    find_plugin_headers
    # shellcheck disable=SC2016 # expanded by the inner shell
    sources "${files[@]}" | without_unknown | FLAGS="${flags[*]}" xargs -0 -P "$jobs" -n 4 \
        sh -c 'clang-tidy --quiet "$@" -- $FLAGS 2>/dev/null' tidy |
        { grep -E ': (error|warning): ' || true; } | sed "s|^$PWD/||" | LC_ALL=C sort -u
}

# Off: a local's address kept for a while, which clang's analyzer follows better; and temporaries,
# which C has none of.
step_cppcheck() {
    find_plugin_headers
    sources '*.c' | tr '\0' '\n' |
        cppcheck --file-list=- --enable=warning,performance,portability --inline-suppr \
            --suppress=autoVariables --suppress=danglingTemporaryLifetime \
            --suppress=danglingTempReference --error-exitcode=1 \
            --std=c11 -D_GNU_SOURCE -D__linux__ -D__x86_64__ -I. -Ibuild/include -j "$jobs" --quiet \
            --template='{file}:{line}: {message} [{id}]'
}

# SC2317 takes functions called through "$@" for unreachable.
step_shell() {
    shell_scripts | xargs -0 shellcheck --external-sources --exclude=SC2317
}

step_includes() {
    tests/lint/include-directions.sh
}

step_length() {
    sources '*.c' '*.h' '*.sh' '*.t' | xargs -0 awk -v most="$lines_most" '
        FNR == most + 1 { print FILENAME ":" FNR ": longer than " most " lines"; wrong = 1 }
        END { exit wrong }'
}

tool_of() {
    case $1 in
    format) echo clang-format ;;
    tidy) echo clang-tidy ;;
    cppcheck) echo cppcheck ;;
    shell) echo shellcheck ;;
    *) echo awk ;;
    esac
}

result() {
    echo "$1 $count - lint: $2"
    [[ $1 == ok ]] || failures=$((failures + 1))
}

run_step() {
    local step=$1 tool output
    tool=$(tool_of "$step")
    count=$((count + 1))
    if ! declare -F "step_$step" >/dev/null; then
        result 'not ok' "$step: no such step (${steps[*]})"
    elif ! command -v "$tool" >/dev/null; then
        if [[ ${LINT_STRICT:-0} == 1 ]]; then
            result 'not ok' "$step: $tool is not installed (./setup.sh --dev)"
        else
            result ok "$step # SKIP $tool is not installed (./setup.sh --dev)"
        fi
    elif output=$("step_$step" 2>&1); then
        result ok "$step"
    else
        printf '# %s\n' "${output//$'\n'/$'\n'# }"
        result 'not ok' "$step"
    fi
}

[[ $# -eq 0 ]] || steps=("$@")
echo "1..${#steps[@]}"
for step in "${steps[@]}"; do
    run_step "$step"
done
exit $((failures > 0))
