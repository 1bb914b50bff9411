#!/bin/sh
# flags.sh NAME: how to compile and link plugins/NAME.c, on standard output. Where the library is not
# there or cannot be used, says so in one line and fails.
#
#   CC=gcc    tries it
set -u

name=$1
compiler=${CC:-cc}
scratch=$(mktemp -d) || exit 1
trap 'rm -rf "$scratch"' EXIT

# What is known of NAME: a line of C that needs its header and its library.
case $name in
zeromq)
    package=libzmq3-dev
    flags="$(pkg-config --cflags --libs libzmq 2>/dev/null) -lzmq"
    source='#include <zmq.h>
int main(void) { int a, b, c; zmq_version(&a, &b, &c); return a < 4; }'
    ;;
nng)
    package=libnng-dev
    flags=-lnng
    source='#include <nng/nng.h>
int main(void) { return !nng_version(); }'
    ;;
iceoryx)
    package='libiceoryx-binding-c-dev and iceoryx'
    flags=-liceoryx_binding_c
    # Debian has a folder for each version; the newest one that is there.
    for folder in /usr/include/iceoryx/v*/ /usr/local/include/iceoryx/v*/; do
        [ -e "$folder/iceoryx_binding_c" ] && flags="-isystem ${folder%/} -liceoryx_binding_c"
    done
    source='#include <iceoryx_binding_c/config.h>
int main(void) { return !iox_cfg_max_publishers(); }'
    ;;
*)
    flags=''
    package=''
    source='int main(void) { return 0; }'
    ;;
esac

printf '%s\n' "$source" >"$scratch/try.c"
# shellcheck disable=SC2086 # words on purpose
if ! $compiler -o "$scratch/try" "$scratch/try.c" $flags >/dev/null 2>&1 || ! "$scratch/try"; then
    echo "its library cannot be used here (Debian: $package; ./setup.sh --with-plugins)" >&2
    exit 1
fi
echo "$flags"
