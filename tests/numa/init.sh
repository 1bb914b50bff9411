#!/bin/busybox sh
# shellcheck shell=dash
# The first and only process of the emulated machine: runs ipcbench once for each line of /runs, which
# holds its arguments, and hands back what it said and its exit status over the second serial line,
# as a compressed tar archive. What happens is told on the first one, the console.
export PATH=/bin
/bin/busybox --install -s /bin
mount -t proc none /proc
mount -t sysfs none /sys
mount -t devtmpfs none /dev
mkdir -p /dev/shm /dev/mqueue /tmp /answers
mount -t tmpfs none /dev/shm
mount -t mqueue none /dev/mqueue
mount -t tmpfs none /tmp
exec >/dev/ttyS0 2>&1

number=0
while read -r arguments; do
    number=$((number + 1))
    echo "$number: $arguments"
    # shellcheck disable=SC2086 # words
    ipcbench $arguments >/answers/$number.json 2>/answers/$number.err </dev/null
    echo $? >/answers/$number.status
done </runs

stty raw -F /dev/ttyS1
tar -cz -C /answers -f - . >/dev/ttyS1
poweroff -f
