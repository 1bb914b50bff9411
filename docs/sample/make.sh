#!/usr/bin/env bash
# Measures anew, on this machine, what README.md and docs/sample/README.md show. About six minutes, on a
# machine with nothing else to do; huge pages only where they are already to be had.
#
#   docs/sample/make.sh [PROGRAM]      build/ipcbench
set -euo pipefail

cd "$(dirname "$0")/../.."
program=${1:-build/ipcbench}
folder=docs/sample
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# As many as one picture has room for, over many sizes; the others at two.
curves=pipe,uds-stream,tcp,posix-mq,io-uring,shm,shm:sync=futex,shm:sync=spin,copy=no
others=fifo,uds-dgram,uds-seqpacket,udp,xsi-mq,process-vm,splice
"$program" run -t "$curves" -s 64,512,4K,32K,256K,1M --trials 9 -o "$work/curves.json"
"$program" run -t "$curves,$others,pipe:wait=spin,uds-stream:wait=spin" -s 64,4K --trials 9 -o "$work/run.json"
"$program" run --suite pages -f '^(page|line)walk/' -o "$work/pages.json"

"$program" plot "$work/curves.json" --only latency,throughput -o "$work/figures"
"$program" plot "$work/run.json" --only percentiles,cost -f '^pingpong/.*/64/' -o "$work/figures"
"$program" plot "$work/pages.json" --only pages -o "$work/figures"
pick() { cp "$work/figures/$1" "$folder/$2"; }
pick latency-pingpong-same-cache.svg latency.svg
pick throughput-stream-same-cache.svg throughput.svg
pick cost-pingpong-64-same-cache.svg cost.svg
pick pages-pagewalk-same-cache.svg pages.svg
percentiles=("$work"/figures/percentiles-pingpong-64-same-cache*1.svg "$work"/figures/percentiles-pingpong-64-same-cache.svg)
for picture in "${percentiles[@]}"; do
    [[ ! -e $picture ]] || cp "$picture" "$folder/percentiles.svg"
done

"$program" report "$work/run.json" -o "$folder/report.html"
"$program" findings "$work/run.json" >"$folder/findings.txt"
