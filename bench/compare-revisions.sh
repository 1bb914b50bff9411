#!/usr/bin/env bash
# Builds two revisions of ipcbench and measures them in turns: what `make compare BASE=...` runs.
#
#   bench/compare-revisions.sh BASE [NEW] [-- ARGUMENT...]
#
# BASE and NEW are git revisions; without NEW it is the working tree as it stands. The arguments go to
# `ipcbench ab` (default: --suite quick --retest), whose exit status is this script's. Programs are kept
# under build/compare/, by commit and compiler; the worktrees they are built in are not.
set -uo pipefail

cd "$(dirname "$0")/.." || exit 2
folder=$PWD/build/compare
worktree=

die() {
    echo "compare: $*" >&2
    exit 2
}

clean_up() {
    [[ -z $worktree ]] || git worktree remove --force "$worktree" 2>/dev/null
}
trap clean_up EXIT
trap 'exit 130' INT TERM

# build REVISION: sets `program`.
build() {
    local commit key
    commit=$(git rev-parse --verify --quiet "$1^{commit}") || die "'$1' is no revision of this repository"
    key=${commit:0:12}-$(printf '%s' "${CC:-} ${CFLAGS:-} ${LDFLAGS:-}" | cksum | cut -d ' ' -f 1)
    program=$folder/$key/ipcbench
    [[ -x $program ]] && return
    mkdir -p "$folder/$key" || exit 2
    worktree=$folder/$key/tree
    git worktree prune
    git worktree add --quiet --force --detach "$worktree" "$commit" || die "no worktree for $1"
    echo "compare: building $1 (${commit:0:12})" >&2
    make -j"$(nproc)" -C "$worktree" --no-print-directory BUILD=build program >"$folder/$key/log" 2>&1 ||
        die "$1 cannot be built; see $folder/$key/log"
    cp "$worktree/build/ipcbench" "$program" || exit 2
    git worktree remove --force "$worktree"
    worktree=
}

(($# > 0)) || die "which revision? make compare BASE=<git revision>"
git rev-parse --git-dir >/dev/null 2>&1 || die "this is no git repository"
base=$1 new=
shift
if (($# > 0)) && [[ $1 != -- ]]; then
    new=$1
    shift
fi
[[ ${1:-} != -- ]] || shift
(($# > 0)) || set -- --suite quick --retest

build "$base"
base_program=$program
if [[ -n $new ]]; then
    build "$new"
else
    make -j"$(nproc)" --no-print-directory BUILD=build program >&2 || die "the working tree cannot be built"
    program=$PWD/build/ipcbench
fi
"$program" ab "$@" -- "$base_program" "$program"
