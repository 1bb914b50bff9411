#!/usr/bin/env bash
# `ipcbench report`: what the verb does, and the page in a real browser. TAP; BUILD names the build
# folder. Where node, npm or chromium is missing, the page's part is skipped.
# shellcheck disable=SC2317 # check() calls the tests by name
set -uo pipefail
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/tap.sh"

build=${BUILD:-build}
generate=$build/tests/report/generate

# A program with a template beside it that is but the place for the data, and one without.
mkdir -p "$scratch/bare" "$scratch/with/report" "$scratch/installed/bin" "$scratch/installed/share/ipcbench"
for folder in bare with installed/bin; do
    cp "$program" "$scratch/$folder/ipcbench"
done
printf '<script type="application/json">@IPCBENCH_DATA@</script>' |
    tee "$scratch/with/report/template.html" >"$scratch/installed/share/ipcbench/report-template.html"

make_files() {
    "$generate" "$scratch/everyday.json" 100 &&
        "$generate" "$scratch/slower.json" 100 --slower 40 &&
        "$generate" "$scratch/hostile.json" 60 --hostile &&
        sed 's/Made-up CPU/Another CPU/' "$scratch/everyday.json" >"$scratch/other.json"
}

# with PROGRAM_FOLDER: from now on, try runs that one.
with() {
    program=$scratch/$1/ipcbench
}

says_what_to_install() {
    with bare
    refuses 'report-template' 'setup.sh --with-report' -- report "$scratch/everyday.json" -o "$scratch/x.html" &&
        [[ ! -e $scratch/x.html ]]
}

refuses_a_wrong_file() {
    with with
    printf '{"schema": "ipcbench-result/1"}' >"$scratch/wrong.json"
    refuses 'wrong.json' -- report "$scratch/everyday.json" "$scratch/wrong.json" -o "$scratch/x.html" &&
        [[ ! -e $scratch/x.html ]]
}

refuses_wrong_usage() {
    with with
    refuses '--frobnicate' -- report --frobnicate &&
        refuses '-o' 'needs a value' -- report "$scratch/everyday.json" -o &&
        refuses 'at most 8' -- report a b c d e f g h i &&
        refuses 'absent.json' -- report "$scratch/absent.json"
}

takes_the_newest() {
    with with
    mkdir -p "$scratch/elsewhere/results/runs"
    (cd "$scratch/elsewhere" && refuses 'results/runs' -- report) || return 1
    cp "$scratch/everyday.json" "$scratch/elsewhere/results/runs/20260101-000000-x.json"
    (cd "$scratch/elsewhere" && exits 0 try report) && says out 'report.html' &&
        grep -q '20260101-000000-x.json' "$scratch/elsewhere/report.html"
}

# Nothing of a file's own can end the element that holds the data.
escapes() {
    with "$1"
    exits 0 try report "$scratch/hostile.json" -o - && is_empty err || return 1
    [[ $(grep -o '<' "$scratch/out" | wc -l) == 2 ]] || { echo "a < from the file"; return 1; }
    ! grep -q $'\xe2\x80\xa8' "$scratch/out" || { echo "U+2028 from the file"; return 1; }
    says out '\u003c/script\u003e\u003cscript\u003ealert(1)' '\u0026amp;' '\u005cback\u005cu003c'
}

refuses_another_template() {
    local text
    with with
    for text in 'no place' '@IPCBENCH_DATA@ and @IPCBENCH_DATA@'; do
        printf '%s' "$text" >"$scratch/with/report/template.html"
        refuses 'template' -- report "$scratch/everyday.json" -o "$scratch/x.html" || return 1
    done
}

check "files are made" make_files
check "without a template it says what to build and install" says_what_to_install
check "a wrong file is refused in one line and nothing is written" refuses_a_wrong_file
check "wrong usage is refused" refuses_wrong_usage
check "without a name the newest result is taken" takes_the_newest
check "names from a file are escaped" escapes with
check "the template is found where it is installed" escapes installed/bin
check "what is no template is refused" refuses_another_template

# --- in a browser ---------------------------------------------------------------------------------

CHROMIUM=$(command -v chromium || command -v chromium-browser || command -v google-chrome)
export CHROMIUM
for tool in node npm; do
    command -v "$tool" >/dev/null || { skip "the page in a browser" "$tool is not installed"; finish; }
done
[[ -n $CHROMIUM ]] || { skip "the page in a browser" "chromium is not installed"; finish; }

make_template() {
    make -s BUILD="$build" report-template &&
        { [[ -d tests/node/node_modules/playwright-core ]] || npm ci --prefix tests/node --silent; }
}

make_pages() {
    local report=("$(realpath "$build")/ipcbench" report)
    "${report[@]}" "$scratch/everyday.json" -o "$scratch/everyday.html" &&
        "${report[@]}" "$scratch/hostile.json" -o "$scratch/hostile.html" &&
        "${report[@]}" "$scratch/everyday.json" "$scratch/slower.json" -o "$scratch/compared.html" &&
        "${report[@]}" "$scratch/everyday.json" "$scratch/other.json" -o "$scratch/machines.html" || return 1
    "$build/ipcbench" compare "$scratch/everyday.json" "$scratch/slower.json" --format json \
        >"$scratch/compared.json"
    (($? == 1))
}

# Under 1.5 MB without data.
is_small() {
    local bytes
    bytes=$(stat -c %s "$build/report/template.html")
    ((bytes < 1500000)) || { echo "$bytes bytes"; return 1; }
}

holds_licences() {
    grep -q 'Apache License' "$build/report/template.html" &&
        grep -q 'echarts 6' "$build/report/template.html" && grep -q 'zrender' "$build/report/template.html"
}

check "the template is built" make_template
check "pages are made" make_pages
check "the template is under 1.5 MB" is_small
check "the licences are in it" holds_licences
ended=no
while IFS= read -r line; do
    case $line in
    "ok "*) count=$((count + 1)) && echo "ok $count - page: ${line#ok }" ;;
    "not ok "*)
        count=$((count + 1)) failures=$((failures + 1))
        echo "not ok $count - page: ${line#not ok }"
        ;;
    ended) ended=yes ;;
    *) echo "# $line" ;;
    esac
done < <(node tests/node/page-checks.mjs "$scratch" 2>&1 && echo ended)
check "the browser's part came to its end" [ "$ended" = yes ]
finish
