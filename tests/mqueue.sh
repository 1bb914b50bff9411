# shellcheck shell=bash
# Sourced first by tests that look for POSIX queues left behind: these show only where mqueue(7) is
# mounted. Where it is not, root starts the test again in a mount namespace of its own, with a mount
# that ends with it. Sets IPCBENCH_TEST_MQUEUE to the folder, "" where there is none.

if [[ -z ${IPCBENCH_TEST_MQUEUE+set} ]]; then
    export IPCBENCH_TEST_MQUEUE=
    if mountpoint -q /dev/mqueue; then
        IPCBENCH_TEST_MQUEUE=/dev/mqueue
    elif ((EUID == 0)) && unshare --mount true 2>/dev/null && queues=$(mktemp -d); then
        # shellcheck disable=SC2016 # the inner shell expands it
        IPCBENCH_TEST_MQUEUE=$queues unshare --mount --propagation private bash -c \
            'mount -t mqueue none "$IPCBENCH_TEST_MQUEUE" 2>/dev/null ||
                IPCBENCH_TEST_MQUEUE=
            exec "$@"' bash "$0" "$@"
        status=$?
        rmdir "$queues"
        exit "$status"
    fi
fi
if [[ -z $IPCBENCH_TEST_MQUEUE ]]; then
    echo "# mqueue is not mounted: POSIX queues left behind would not be seen"
fi
