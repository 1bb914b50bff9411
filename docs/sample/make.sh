#!/usr/bin/env bash
# Measures anew, on this machine, what README.md and docs/sample/README.md show. About five minutes, on a
# machine with nothing else to do; huge pages only where they are already to be had.
#
#   docs/sample/make.sh [PROGRAM]      build/ipcbench
set -euo pipefail

cd "$(dirname "$0")/../.."
program=${1:-build/ipcbench}
folder=docs/sample
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# A cell that failed is in the file with its reason (exit status 4).
measure() { "$program" run "$@" >/dev/null || (($? == 4)); }

# As many as one picture has room for, over many sizes; then more of them at two sizes, for the report.
curves=pipe,uds-stream,tcp,posix-mq,io-uring,shm,shm:sync=futex,shm:sync=spin,copy=no
others=fifo,uds-dgram,uds-seqpacket,udp,xsi-mq,process-vm,mmap
spinning=pipe:wait=spin,uds-stream:wait=spin,shm:sync=spin
measure -t "$curves" -p pingpong,stream -s 64,512,4K,32K,256K,2M --trials 9 -o "$work/curves.json"
measure -t "$curves,$others,$spinning" -p pingpong,stream -s 64,4K --trials 9 -o "$work/run.json"
measure --suite pages -f '^pagewalk/' -o "$work/pages.json"

"$program" plot "$work/curves.json" --only latency,throughput --format svg -o "$work/figures"
"$program" plot "$work/run.json" --only percentiles,cost -f '^pingpong/.*/64/' --format svg -o "$work/figures"
"$program" plot "$work/pages.json" --only pages --format svg -o "$work/figures"
for picture in "$work"/figures/*.svg; do # of several pages the first, which has the shortest
    name=$(basename "$picture" .svg)
    [[ $name == *-page-[2-9]* ]] || cp "$picture" "$folder/${name%%-*}.svg"
done

"$program" report "$work/run.json" -o "$folder/report.html"
"$program" findings "$work/run.json" >"$folder/findings.txt"
