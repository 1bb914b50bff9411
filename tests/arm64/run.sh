#!/usr/bin/env bash
# `make test-arm64`: builds for aarch64, runs the unit and the conformance tests under qemu-user. TAP.
#
#   IPCBENCH_TEST_QUICK=0    every message size in the conformance test, some 6 minutes more
#
# This finds what depends on the instruction set: intrinsics, the counter used as a clock, the sign
# of char, alignment, struct layouts, system call numbers. It cannot find a missing barrier: an
# emulator on x86 orders memory more strongly than arm64 does (the thread sanitizer looks for those,
# tests/unit/test_ring_threads.c), and even leaves one out that there is: emulated_order.h. What the
# emulator lacks, the tests skip with their reason.
set -uo pipefail

cd "$(dirname "$0")/../.." || exit 1
build=build/arm64 # as in setup.sh

missing=$(tests/arm64/setup.sh --missing) || exit 1
if [[ -n $missing ]]; then
    echo "make test-arm64: missing: $missing; get it with tests/arm64/setup.sh" >&2
    exit 1
fi
emulator=$(command -v qemu-aarch64 || command -v qemu-aarch64-static)
sysroot=$(realpath "$build/sysroot")
libraries=$sysroot/usr/lib/aarch64-linux-gnu

# Not this machine's libcjson.pc, which may name folders of its own.
PKG_CONFIG_LIBDIR=$libraries/pkgconfig PKG_CONFIG_SYSROOT_DIR=$sysroot \
    "${MAKE:-make}" --no-print-directory BUILD="$build" CC=aarch64-linux-gnu-gcc SANITIZE= NATIVE=0 \
    CPPFLAGS="-isystem $sysroot/usr/include -include tests/arm64/emulated_order.h" LDFLAGS="-L$libraries" tests || exit 1

# The programs are run from a folder that an ordinary user can reach as well, each through a script
# of its name that starts the emulator: so the other test scripts need not know of it.
stage=$(mktemp -d) || exit 1
trap 'rm -rf "$stage"' EXIT
trap 'exit 130' INT TERM HUP
chmod 755 "$stage"
mkdir "$stage/bin" "$stage/lib" || exit 1
cp -L "$libraries"/*.so.? "$stage/lib/" || exit 1

# stage_program NAME: by its path under the build folder.
stage_program() {
    local program=$stage/bin/${1##*/} script=$stage/$1
    mkdir -p "${script%/*}" && cp "$build/$1" "$program" || exit 1
    cat >"$script" <<SCRIPT
#!/bin/sh
exec "$emulator" -L /usr/aarch64-linux-gnu -E LD_LIBRARY_PATH="$stage/lib" "$program" "\$@"
SCRIPT
    chmod 755 "$script" "$program"
}

units=()
for source in tests/unit/test_*.c; do
    name=tests/unit/$(basename "$source" .c)
    stage_program "$name"
    units+=("$stage/$name")
done
stage_program tests/conformance/conformance

echo "# aarch64, emulated: $("$emulator" --version | head -n 1)"
BUILD=$stage SANITIZE='' IPCBENCH_TEST_QUICK=${IPCBENCH_TEST_QUICK-1} \
    TEST_TIMEOUT=${TEST_TIMEOUT:-1200} tests/run.sh "${units[@]}" tests/conformance.t
