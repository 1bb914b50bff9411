#!/usr/bin/env bash
# Did a change make IPC slower? For any CI system; github.yml and gitlab.yml beside it call it too.
#
#   docs/ci/regression.sh BASE [NEW] [-- ARGUMENT...]
#
# Builds the git revision BASE and NEW (the working tree), measures both in turns and leaves in
# $REPORTS (regression-reports/): comparison.md for people, comparison.xml (JUnit) for the CI system,
# comparison.json for programs, and both result files. The arguments go to `ipcbench ab` (default:
# --suite quick --retest: about 7 minutes). Exit status: 0 fine, 1 a cell regressed, 2 could not be
# built or measured, 3 not comparable, 4 a cell failed.
#
# Both sides of a comparison share one machine and the same minutes, so that a shared runner will do.
# What it cannot do is tell small differences: look at "could not be decided" before you rely on it.
set -uo pipefail

cd "$(dirname "$0")/../.." || exit 2
reports=${REPORTS:-regression-reports}

(($# > 0)) || {
    echo "usage: docs/ci/regression.sh BASE [NEW] [-- ARGUMENT...]" >&2
    exit 2
}
revisions=("$1")
shift
if (($# > 0)) && [[ $1 != -- ]]; then
    revisions+=("$1")
    shift
fi
[[ ${1:-} != -- ]] || shift
(($# > 0)) || set -- --suite quick --retest

./setup.sh || exit 2
mkdir -p "$reports" || exit 2
bench/compare-revisions.sh "${revisions[@]}" -- "$@" -o "$reports/result" \
    --report "$reports/comparison.md" --report "$reports/comparison.xml" \
    --report "$reports/comparison.json"
