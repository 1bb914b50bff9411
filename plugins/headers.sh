#!/bin/sh
# headers.sh FOLDER: puts the headers that a plug-in needs into FOLDER, as <ipcbench/plugin.h> and its
# like. Which those are is what harness/plugin.h includes, so that none is forgotten and none is there
# for nothing. They name each other by file name alone: #include "options.h".
#
#   CC=gcc    finds out what is included
set -eu

folder=$1
cd "$(dirname "$0")/.."
# shellcheck disable=SC2086 # CC may carry arguments
needed=$(${CC:-cc} -std=gnu11 -D_GNU_SOURCE -I. -MM harness/plugin.h | tr ' ' '\n' | grep '\.h$' |
    sort -u)
rm -rf "$folder"
mkdir -p "$folder"
for header in $needed; do
    name=${header##*/}
    if [ -e "$folder/$name" ]; then
        echo "headers.sh: two headers are called $name" >&2
        exit 1
    fi
    sed 's,#include "[a-z/]*/\([a-z_]*\.h\)",#include "\1",' "$header" >"$folder/$name"
done
