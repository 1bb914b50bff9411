#!/usr/bin/env bash
# Drives every registered transport (tests/conformance/), as root and as an ordinary user. TAP.
#
#   BUILD=build      the build folder
#   SANITIZE=...     the slower sanitizers get a quicker test
#   IPCBENCH_TEST_FULL=1, IPCBENCH_TEST_QUICK=1: see tests/conformance/conformance.h
set -uo pipefail
# shellcheck source=tests/mqueue.sh
. "$(dirname "$0")/mqueue.sh"

cd "$(dirname "$0")/.." || exit 1
program=${BUILD:-build}/tests/conformance/conformance
nobody=65534

if [[ -n ${SANITIZE:-} ]]; then
    export IPCBENCH_TEST_QUICK=1
fi

# as_user PROGRAM: without privileges or capabilities, in a folder of its own. The build folder may
# be out of an ordinary user's reach.
as_user() {
    local folder status
    folder=$(mktemp -d) || return 1
    chmod 755 "$folder"
    cp "$1" "$folder/conformance"
    mkdir "$folder/tmp"
    chown "$nobody:$nobody" "$folder/tmp"
    IPCBENCH_TEST_PRIVILEGES=1 TMPDIR=$folder/tmp setpriv --reuid="$nobody" \
        --regid="$nobody" --clear-groups --inh-caps=-all --bounding-set=-all "$folder/conformance"
    status=$?
    rm -rf "$folder"
    return "$status"
}

# Renumbers the tests of several runs and joins their plans. A run without a plan counts one more
# test than it printed, so that its end is not taken for a proper one.
join_tap() {
    awk '
        /^(not )?ok / {
            sub(/ok [0-9]+/, "ok " ++count)
        }
        /^1\.\.[0-9]+$/ { plans++; next }
        { print; fflush() }
        END { print "1.." count + (plans == '"$1"' ? 0 : 1) }'
}

# Sanitizers see the same code, whoever runs it.
if ((EUID == 0)) && command -v setpriv >/dev/null && [[ -z ${SANITIZE:-} ]]; then
    {
        status=0
        "$program" || status=1
        as_user "$program" || status=1
        exit "$status"
    } | join_tap 2
else
    if ((EUID == 0)) && [[ -z ${SANITIZE:-} ]]; then
        echo "# setpriv is missing: not tried as an ordinary user"
    fi
    "$program" | join_tap 1
fi
