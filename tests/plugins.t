#!/usr/bin/env bash
# `--plugin`: the plug-in that docs/plugin.md shows, built as it says; others refused; what results,
# ab and --resume make of one; the conformance test of a right and of wrong ones; those of libraries,
# where these are installed. TAP.
#
#   CC    has built what is tested, and tells which libraries it can use
# shellcheck disable=SC2317,SC2329 # check() calls the tests by name
set -uo pipefail
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/tap.sh"

source_folder=$PWD
BUILD=$(dirname "$program")
fixtures=$BUILD/tests/plugins
right=$fixtures/libright.so
cd "$scratch" || exit 1

# --- what takes its time, in the background: it mostly waits ----------------------------------------

# conforms NAME PLUGIN: its lines in NAME.tap.
conforms() {
    IPCBENCH_TEST_QUICK=1 IPCBENCH_TEST_PLUGIN=$2 \
        "$BUILD/tests/conformance/conformance" >"$1.tap" 2>&1 </dev/null
    echo "$?" >"$1.status"
}

# Its socket's folder, and the router's names.
nothing_is_left() {
    [[ -z $(find "$1" -mindepth 1 2>/dev/null) ]] && ! compgen -G '/dev/shm/iceoryx_mgmt' >/dev/null
}
# killed NAME PLUGIN: one kill -9 in the middle of a trial; "nothing left" in NAME.killed.
killed() {
    local pid folder=$scratch/tmp-$1
    mkdir "$folder"
    TMPDIR=$folder "$program" run --plugin "$2" -t "$1" -p stream --trials 1 --time 5 -o "killed-$1.json" \
        >/dev/null 2>&1 </dev/null &
    pid=$!
    wait_until 20 receiver_of "$pid" >/dev/null && kill -9 "$pid"
    wait "$pid" 2>/dev/null
    if wait_until 20 nothing_is_left "$folder"; then
        echo "nothing left"
    else
        find "$folder"
        ls /dev/shm
    fi >"$1.killed"
}
measures_once() {
    "$program" run --plugin "$2" -t "$1" -p pingpong "${tiny[@]}" -o "measured-$1.json" \
        >"$1.measured" 2>&1 </dev/null
}

# Those of libraries; why not, of the others.
declare -A library reason
for name in zeromq nng iceoryx; do
    library[$name]=$BUILD/plugins/lib$name.so
    reason[$name]=$("$source_folder/plugins/flags.sh" "$name" 2>&1 >/dev/null)
    [[ -e ${library[$name]} ]] || reason[$name]=${reason[$name]:-not built: make plugins}
done
background=()
for name in right loses corrupts; do conforms "$name" "$fixtures/lib$name.so"; done &
background+=($!)
for name in zeromq nng; do
    [[ -z ${reason[$name]} ]] || continue
    killed "$name" "${library[$name]}"
    conforms "$name" "${library[$name]}"
done &
background+=($!)

# --- the page ---------------------------------------------------------------------------------------

page=$source_folder/docs/plugin.md
# block LANGUAGE: the first block of it on the page.
block() { awk -v fence="\`\`\`$1" '$0 == fence { on = 1; next } on && /^```$/ { exit } on' "$page"; }

as_the_page_says() {
    local root=$scratch/root
    mkdir page && cd page || return 1
    # What is there is installed: nothing may be compiled anew, whatever CC the tests were built by.
    make -C "$source_folder" -s -o "$program" BUILD="$BUILD" PREFIX="$root" install >make.log 2>&1 ||
        { cat make.log; return 1; }
    block c >waitall.c
    cmp waitall.c "$source_folder/plugins/example/waitall.c" || return 1
    block sh >commands.sh
    PATH=$root/bin:$PATH PKG_CONFIG_PATH=$root/share/pkgconfig bash -e commands.sh >out 2>&1 ||
        { cat out; return 1; }
    says page/out " waitall " " uds-stream "
}
if command -v cc >/dev/null && pkg-config --version >/dev/null 2>&1; then
    check "the plug-in of docs/plugin.md, built and run as it says" as_the_page_says
else
    skip "the plug-in of docs/plugin.md, built and run as it says" "no cc, or no pkg-config"
fi

# --- refused ----------------------------------------------------------------------------------------

cp "$right" libright.so
not_searched() {
    LD_LIBRARY_PATH=$scratch refuses "run: --plugin: libright.so: a path with a slash" -- \
        run --plugin libright.so -t fixture
}
check "a name without a slash" not_searched
check "a file that is not there" refuses "run: --plugin: ./none.so: cannot be opened" -- \
    run --plugin ./none.so -t pipe
check "a file that is no shared object" refuses "plugin.md: cannot be loaded: " -- \
    list --plugin "$page"
check "another ABI" refuses "libother-abi.so: it has ABI " -- ab --plugin "$fixtures/libother-abi.so"
check "a hook missing" refuses "fixture: the hook 'loops' is missing" -- \
    run --plugin "$fixtures/libno-loops.so" --dry-run
check "a name that is taken" refuses "libtaken.so: the name 'pipe' is taken by a built-in" -- \
    run --plugin "$fixtures/libtaken.so"
check "without --plugin it is unknown" refuses "no transport 'fixture'" -- run -t fixture
check "with it, it is among those known" refuses "no transport 'fixtur'" ", fixture" -- \
    run --plugin "$right" -t fixtur

# --- used -------------------------------------------------------------------------------------------

listed() {
    try list --plugin ./libright.so && says out "    from $scratch/libright.so" &&
        try list --json --plugin ./libright.so && says out "\"plugin\":	\"$scratch/libright.so\""
}
check "list shows it, and where it is from" listed
among_all() {
    try run --plugin "$right" -t all -p stream --dry-run && says out "stream/fixture/64" &&
        try run --plugin "$right" --suite quick --dry-run && says out "pingpong/fixture/64"
}
check "it is one of all" among_all
measured() {
    try run -t fixture,pipe -p pingpong "${tiny[@]}" -o run.json --plugin ./libright.so &&
        says out " fixture " &&
        says run.json "\"path\":	\"$scratch/libright.so\"" '"build_id":' '"crc32":' &&
        (($(grep -c '"plugin":' run.json) == 1)) && try show run.json && says out " fixture "
}
check "a run records where it is from, in its cells alone" measured
invalid() {
    exits 4 try run --plugin "$fixtures/libcorrupts.so" -t fixture -p pingpong "${tiny[@]}" \
        -o wrong.json && says out "corrupt"
}
check "what changes messages is invalid" invalid
told() {
    cp run.json again.json
    sed -i 's/\("build_id":	"\)..../\10000/' again.json
    try compare run.json again.json
    says out "pingpong/fixture/64" "build 0000" "$scratch/libright.so"
}
check "compare tells of another build" told
in_turns() {
    try ab -p pingpong -t fixture "${tiny[@]}" --trials 2 --plugin ./libright.so -o ab
    (($(cat ab-a.json ab-b.json | grep -c '"crc32":') == 2)) &&
        try ab -t fixture --dry-run --a "--plugin $right" --b "--plugin $fixtures/libloses.so" &&
        says out "pingpong/fixture/64"
}
check "ab passes it on, and takes one for each side" in_turns

# A run that is stopped after its first trial, and what it takes to go on.
has_a_trial() { [[ -s stopped.json.journal ]] && (($(wc -l <stopped.json.journal) > 1)); }
stop_a_run() {
    "$program" run --plugin ./libright.so -t fixture -p pingpong,stream --trials 40 --time 0.02 \
        -o stopped.json >out 2>err </dev/null &
    local pid=$!
    wait_until 20 has_a_trial
    kill -INT "$pid"
    exits 130 wait "$pid" && says err "--resume stopped.json --plugin $scratch/libright.so"
}
resumed() {
    stop_a_run || return 1
    refuses "began with --plugin ./libright.so; give it again" -- run --resume stopped.json &&
        refuses "the run began with another $fixtures/libloses.so" -- \
            run --resume stopped.json --plugin "$fixtures/libloses.so" &&
        try run --resume stopped.json --plugin "$right" --dry-run && says out "2 cells"
}
check "--resume wants it again, and the same" resumed

# --- what was begun above ---------------------------------------------------------------------------

wait "${background[@]}"
if [[ -z ${reason[iceoryx]} ]]; then
    # Now: the names of its router are no leftovers of those tested above. (Its own conformance test
    # takes half a minute.)
    killed iceoryx "${library[iceoryx]}"
    measures_once iceoryx "${library[iceoryx]}"
fi
passes() {
    [[ $(<"$1.status") == 0 ]] && return
    grep '^not ok' -A3 "$1.tap"
    tail -3 "$1.tap"
    return 1
}
finds() {
    [[ $(<"$1.status") != 0 ]] && grep -qE "$2" "$1.tap" && return
    cat "$1.tap"
    return 1
}
check "conformance: one that is right" passes right
check "conformance: one that loses messages" finds loses "messages lost [1-9]"
check "conformance: one that changes messages" finds corrupts "corrupt [1-9]"

left_nothing() {
    [[ $(<"$1.killed") == "nothing left" ]] || { cat "$1.killed"; return 1; }
}
is_measured() {
    grep -qF '"status":	"ok"' "measured-$1.json" || { cat "$1.measured"; return 1; }
}
for name in zeromq nng iceoryx; do
    if [[ -n ${reason[$name]} ]]; then
        skip "$name" "${reason[$name]}"
        continue
    fi
    check "$name: kill -9 leaves nothing behind" left_nothing "$name"
    if [[ $name == iceoryx ]]; then
        check "iceoryx is measured" is_measured iceoryx
    else
        check "conformance: $name" passes "$name"
    fi
done

finish
