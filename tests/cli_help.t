#!/usr/bin/env bash
# What is made from the tables of the verbs: help, the manual page, completion in bash; and that
# `make install` puts them where they are looked for. TAP.
# shellcheck disable=SC2317,SC2329 # check() calls the tests by name
set -uo pipefail
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/tap.sh"
source_folder=$PWD

verbs() { "$program" --help | sed -nE 's/^  ipcbench ([a-z]+) .*/\1/p'; }
options_of() { "$program" "$1" --help | grep -oE '^  (-., |    )--[a-z-]+' | grep -oE -- '--[a-z-]+'; }

# --- manual page ----------------------------------------------------------------------------------

manual_has_all() {
    local verb option
    exits 0 try help --man && is_empty err && cp "$scratch/out" "$scratch/ipcbench.1" || return 1
    sed 's/\\-/-/g' "$scratch/ipcbench.1" >"$scratch/plain"
    (($(verbs | wc -l) >= 9)) || return 1
    for verb in $(verbs); do
        grep -qx ".SS ipcbench $verb" "$scratch/plain" || { echo "no section for $verb"; return 1; }
        for option in $(options_of "$verb"); do
            sed -n "/^\.SS ipcbench $verb\$/,/^\.S[SH] /p" "$scratch/plain" |
                grep -F -- "$option" >/dev/null || { echo "$verb: no $option"; return 1; }
        done
    done
    for transport in $("$program" list | grep -oE '^[a-z][a-z-]*'); do
        grep -qx ".B $transport" "$scratch/plain" || { echo "no $transport"; return 1; }
    done
}
check "the manual page has every verb, option and transport" manual_has_all

formatted() {
    groff -ww -man -Tutf8 -P-cbou "$scratch/ipcbench.1" >"$scratch/page" 2>"$scratch/warnings"
    is_empty warnings && says page DESCRIPTION TRANSPORTS ENVIRONMENT "Exit status"
}
if command -v groff >/dev/null && groff -man -Tutf8 /dev/null >/dev/null 2>&1; then
    check "groff formats it without a warning" formatted
else
    skip "groff formats it without a warning" "groff with the man macros is not installed"
fi

# --- completion -----------------------------------------------------------------------------------

"$program" help --bash >"$scratch/completion"
if command -v shellcheck >/dev/null; then
    check "shellcheck has nothing to say of it" shellcheck -s bash "$scratch/completion"
else
    skip "shellcheck has nothing to say of it" "shellcheck is not installed"
fi

# offers LINE WORD...: with the cursor behind LINE, these are offered (and perhaps others). Words
# are cut as readline cuts them: at blanks, and ':' and '=' are words of their own.
completed() {
    bash -c '
        compopt() { :; }
        . "$1"
        COMP_LINE=$2 COMP_POINT=${#2}
        mapfile -t COMP_WORDS < <(sed -E "s/([:=])/ \1 /g; s/ +/\n/g" <<<"$2")
        COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
        _ipcbench && printf "%s\n" "${COMPREPLY[@]}"' completion "$scratch/completion" "$1"
}
offers() {
    local line=$1 word
    completed "$line" >"$scratch/offered" 2>"$scratch/complaints"
    is_empty complaints || return 1
    shift
    for word; do
        grep -qxF -- "$word" "$scratch/offered" || { echo "'$line': no $word in:"; cat "$scratch/offered"; return 1; }
    done
}
offers_only() {
    offers "$@" || return 1
    (($(wc -l <"$scratch/offered") == $# - 1)) || { cat "$scratch/offered"; return 1; }
}

every_verb() {
    local names
    mapfile -t names < <(verbs)
    offers "ipcbench " --help --version "${names[@]}"
}
every_option() {
    local verb names
    for verb in $(verbs); do
        mapfile -t names < <(options_of "$verb")
        [[ $verb == history ]] && verb+=" show" # one of its parts comes first
        offers "ipcbench $verb --" "${names[@]}" --help || return 1
    done
}
check "verbs" every_verb
check "one verb" offers_only "ipcbench expo" export
check "options" every_option
check "one option" offers_only "ipcbench run --prec" --precision
check "values" offers_only "ipcbench run --touch " all none
check "values behind =" offers_only "ipcbench compare --format=j" json junit
check "the last of several" offers_only "ipcbench run -p pingpong,st" pingpong,stream
check "transports" offers "ipcbench run -t " all pipe uds-stream shm
check "the last of several transports" offers_only "ipcbench run -t shm,xsi" shm,xsi-mq
check "a transport's options" offers_only "ipcbench run --transport posix-mq:dep" depth=
check "a transport's second option" offers "ipcbench run -t posix-mq:depth=8,pri" depth=8,priority=
check "values of a transport's option" offers_only "ipcbench run -t shm:sync=fu" futex
check "parts" offers_only "ipcbench history " add show trend changes
files() { (cd "$scratch" && touch some.json && completed "ipcbench show so" | grep -qx some.json); }
check "files" files

# --- make install ---------------------------------------------------------------------------------

installed() {
    local root=$scratch/root
    BUILD=$(cd "$(dirname "$program")" && pwd) || return 1
    # What is there is installed: nothing may be compiled anew, whatever CC the tests were built by.
    make -C "$source_folder" -s -o "$BUILD/ipcbench" BUILD="$BUILD" DESTDIR="$root" PREFIX=/usr install \
        >"$scratch/out" 2>&1 || { cat "$scratch/out"; return 1; }
    cmp "$root/usr/share/man/man1/ipcbench.1" <("$program" help --man) &&
        cmp "$root/usr/share/bash-completion/completions/ipcbench" "$scratch/completion" &&
        [[ -x $root/usr/bin/ipcbench && -s $root/usr/share/ipcbench/ipcbench-result-1.schema.json ]] &&
        make -C "$source_folder" -s BUILD="$BUILD" DESTDIR="$root" PREFIX=/usr uninstall >"$scratch/out" 2>&1 ||
        return 1
    find "$root" -type f >"$scratch/left" && is_empty left
}
check "make install and uninstall" installed

finish
