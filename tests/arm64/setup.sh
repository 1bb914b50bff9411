#!/bin/sh
# Gets what `make test-arm64` needs, on Debian and its kin.
#
#   tests/arm64/setup.sh             installs and fetches what is missing; nothing missing: says nothing
#   tests/arm64/setup.sh --missing   names what is missing, one line, and does nothing
#
# The cross compiler and the emulator are packages of this machine's own architecture and are
# installed as usual. The libraries for arm64 are only unpacked, under build/arm64/sysroot: a foreign
# architecture in dpkg would concern every later installation on this machine, for one test.
set -u

cd "$(dirname "$0")/../.." || exit 1
sysroot=build/arm64/sysroot
libraries=$sysroot/usr/lib/aarch64-linux-gnu

# Archives where Debian has them (numa, z); else the shared library next to its headers.
library_packages='libnuma-dev zlib1g-dev libcjson-dev libcjson1 libsqlite3-dev libsqlite3-0 libcmocka-dev libcmocka0'
tool_packages='gcc-aarch64-linux-gnu libc6-dev-arm64-cross qemu-user'

fail() {
    echo "tests/arm64/setup.sh: $*" >&2
    exit 1
}

scratch=$(mktemp -d) || fail "cannot make a temporary folder"
trap 'rm -rf "$scratch"' EXIT
trap 'exit 130' INT TERM
log=$scratch/log

emulator() {
    for program in qemu-aarch64 qemu-aarch64-static; do
        command -v "$program" >/dev/null && break
    done
    "$program" -L /usr/aarch64-linux-gnu "$@"
}

compiles() {
    echo 'int main(void) { return 0; }' >"$scratch/try.c"
    aarch64-linux-gnu-gcc -o "$scratch/try" "$scratch/try.c"
}

# Until there is a compiler, the emulator can only be asked who it is.
emulates() {
    if [ -x "$scratch/try" ]; then emulator "$scratch/try"; else emulator --version; fi
}

has_libraries() {
    for file in "$sysroot/usr/include/numa.h" "$sysroot/usr/include/cmocka.h" \
        "$sysroot/usr/include/cjson/cJSON.h" "$sysroot/usr/include/zlib.h" "$sysroot/usr/include/sqlite3.h" \
        "$libraries/libnuma.a" "$libraries/libz.a" "$libraries/libcjson.so" "$libraries/libsqlite3.so" \
        "$libraries/libcmocka.so"; do
        [ -e "$file" ] || return 1
    done
}

# What is missing, by what does not work when tried.
find_missing() {
    missing=
    compiles >/dev/null 2>&1 || missing=', aarch64-linux-gnu-gcc'
    emulates >/dev/null 2>&1 || missing="$missing, qemu-aarch64"
    tools_missing=$missing
    has_libraries || missing="$missing, libraries for arm64"
    missing=${missing#, }
}

install_tools() {
    as_root=
    if [ "$(id -u)" != 0 ]; then
        command -v sudo >/dev/null ||
            fail "not root and there is no sudo; have an administrator install: $tool_packages"
        as_root=sudo
    fi
    echo "tests/arm64/setup.sh: installing with ${as_root:+$as_root }apt-get: $tool_packages"
    # shellcheck disable=SC2086 # words on purpose
    {
        set -- $as_root env DEBIAN_FRONTEND=noninteractive \
            apt-get install -y --no-install-recommends $tool_packages
        # Old lists name packages that the mirrors no longer have.
        "$@" >"$log" 2>&1 </dev/null ||
            { $as_root apt-get update && "$@"; } >"$log" 2>&1 </dev/null ||
            fail "apt-get could not install $tool_packages: $(tail -n 1 "$log")"
    }
}

# apt with lists, cache and package database of its own, as on an arm64 machine with nothing on it:
# needs no privilege and leaves the machine's alone.
fetch_libraries() {
    echo "tests/arm64/setup.sh: unpacking under $sysroot: $library_packages"
    mkdir -p "$scratch/state/lists/partial" "$scratch/cache/archives/partial" "$scratch/packages"
    : >"$scratch/status"
    cat >"$scratch/apt.conf" <<CONFIGURATION
APT::Architecture "arm64";
APT::Architectures { "arm64"; };
APT::Sandbox::User "$(id -un)";
Acquire::Languages "none";
Dir::State "$scratch/state";
Dir::State::status "$scratch/status";
Dir::Cache "$scratch/cache";
CONFIGURATION
    # shellcheck disable=SC2086 # words on purpose
    (
        export APT_CONFIG="$scratch/apt.conf"
        cd "$scratch/packages" && apt-get update && apt-get download $library_packages
    ) >"$log" 2>&1 </dev/null || fail "apt-get could not fetch libraries: $(tail -n 1 "$log")"
    rm -rf "$sysroot"
    mkdir -p "$sysroot" || fail "cannot make $sysroot"
    for package in "$scratch"/packages/*.deb; do
        dpkg-deb -x "$package" "$sysroot" || fail "cannot unpack ${package##*/}"
    done
}

case ${1-} in
'') ;;
--missing)
    find_missing
    echo "$missing"
    exit 0
    ;;
*) fail "unknown option '$1' (there is only --missing)" ;;
esac

find_missing
[ -n "$missing" ] || exit 0
command -v apt-get >/dev/null || fail "there is no apt-get, and no other way is known here; missing: $missing"
[ -z "$tools_missing" ] || install_tools
has_libraries || fetch_libraries
find_missing
[ -z "$missing" ] || fail "still missing after all was installed: $missing"
