#!/bin/sh
# Installs what is missing to build, measure and test, with the machine's own package manager.
#
#   ./setup.sh               compiler, make, libraries
#   ./setup.sh --dev         also what `make lint` and the complete tests need
#   ./setup.sh --numa        also what `make test-numa` needs
#   ./setup.sh --with-report also what figures (`ipcbench plot`) and the page need
#   ./setup.sh --with-plugins also the libraries of `make plugins`
#
# Missing is what does not work when tried, not what a package list lacks. When nothing is missing,
# nothing is asked for and nothing is said. SETUP_DRY_RUN=1 prints the commands without running them.
set -u

needs='compiler make pkg-config bash cmp find libnuma cjson sqlite zlib cmocka'
wishes='liburing' # not to be had everywhere: io-uring is skipped without
dev_needs='clang clang-format clang-tidy cppcheck shellcheck valgrind node npm'
numa_needs='qemu-system-x86_64 busybox'
report_needs='gnuplot node npm chromium'
plugin_needs='zeromq nng iceoryx-c iceoryx'
compiler=${CC:-gcc}
here=.
[ "${0%/*}" = "$0" ] || here=${0%/*}

fail() {
    echo "setup.sh: $*" >&2
    exit 1
}

case ${1-} in
'') ;;
--dev) needs="$needs $dev_needs" ;;
--numa) needs="$needs $numa_needs" ;;
--with-report) needs="$needs $report_needs" ;;
--with-plugins) needs="$needs $plugin_needs" ;;
-h | --help)
    sed -n '2,11s/^# \{0,1\}//p' "$0"
    exit 0
    ;;
*) fail "unknown option '$1' (there are --dev, --numa, --with-report and --with-plugins)" ;;
esac
[ $# -le 1 ] || fail "too many arguments"

scratch=$(mktemp -d) || fail "cannot make a temporary folder"
trap 'rm -rf "$scratch"' EXIT
trap 'exit 130' INT TERM

# runs_program SOURCE [LINKER FLAG...]: compiles, links, runs.
runs_program() {
    printf '%s\n' "$1" >"$scratch/try.c"
    shift
    # shellcheck disable=SC2086 # CC may carry arguments
    $compiler -o "$scratch/try" "$scratch/try.c" "$@" >/dev/null 2>&1 && "$scratch/try"
}

# has_library PKG_CONFIG_NAME SOURCE FLAG...: without a compiler yet, pkg-config's word is taken.
has_library() {
    library=$1
    shift
    if [ "$compiler_works" = yes ]; then
        runs_program "$@"
    else
        pkg-config --exists "$library" 2>/dev/null
    fi
}

works() {
    case $1 in
    compiler)
        compiler_works=no
        runs_program '#include <linux/futex.h>
#include <stdio.h>
int main(void) { return 0; }' && compiler_works=yes
        [ "$compiler_works" = yes ]
        ;;
    libnuma)
        has_library numa '#include <numa.h>
int main(void) { return numa_available() < -1; }' -lnuma
        ;;
    cjson)
        has_library libcjson '#include <cjson/cJSON.h>
int main(void) { return !cJSON_Version(); }' -lcjson
        ;;
    sqlite)
        has_library sqlite3 '#include <sqlite3.h>
int main(void) { return !sqlite3_libversion_number(); }' -lsqlite3
        ;;
    liburing)
        has_library liburing '#include <liburing.h>
int main(void) { struct io_uring ring; return !io_uring_queue_init(0, &ring, 0); }' -luring
        ;;
    zlib)
        has_library zlib '#include <zlib.h>
int main(void) { return !zlibVersion(); }' -lz
        ;;
    cmocka)
        has_library cmocka '#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
int main(void) { cmocka_set_message_output(CM_OUTPUT_TAP); return 0; }' -lcmocka
        ;;
    chromium)
        command -v chromium >/dev/null 2>&1 || command -v chromium-browser >/dev/null 2>&1 ||
            command -v google-chrome >/dev/null 2>&1
        ;;
    zeromq | nng | iceoryx-c) CC=$compiler sh "$here/plugins/flags.sh" "${1%-c}" >/dev/null 2>&1 ;;
    iceoryx) command -v iox-roudi >/dev/null 2>&1 ;;
    cmp | find | busybox) command -v "$1" >/dev/null 2>&1 ;;
    *) "$1" --version >/dev/null 2>&1 ;;
    esac
}

# package MANAGER NEED: the package's name, or nothing where another package brings it.
package() {
    case $1/$2 in
    */compiler) echo gcc ;;
    */cmp) echo diffutils ;;
    */find) echo findutils ;;

    pacman/pkg-config | apk/pkg-config) echo pkgconf ;;
    dnf/pkg-config) echo pkgconf-pkg-config ;;

    apt-get/libnuma) echo libnuma-dev ;;
    zypper/libnuma) echo libnuma-devel ;;
    dnf/libnuma) echo numactl-devel ;;
    pacman/libnuma) echo numactl ;;
    apk/libnuma) echo numactl-dev ;;

    apt-get/cjson) echo libcjson-dev ;;
    dnf/cjson) echo cjson-devel ;;
    zypper/cjson) echo cJSON-devel ;;
    pacman/cjson) echo cjson ;;
    apk/cjson) echo cjson-dev ;;

    apt-get/sqlite) echo libsqlite3-dev ;;
    dnf/sqlite) echo sqlite-devel ;;
    zypper/sqlite) echo sqlite3-devel ;;
    pacman/sqlite) echo sqlite ;;
    apk/sqlite) echo sqlite-dev ;;

    apt-get/liburing | apk/liburing) echo liburing-dev ;;
    dnf/liburing | zypper/liburing) echo liburing-devel ;;

    apt-get/zlib) echo zlib1g-dev ;;
    dnf/zlib | zypper/zlib) echo zlib-devel ;;
    pacman/zlib) echo zlib ;;
    apk/zlib) echo zlib-dev ;;

    apt-get/cmocka) echo libcmocka-dev ;;
    dnf/cmocka | zypper/cmocka) echo libcmocka-devel ;;
    pacman/cmocka) echo cmocka ;;
    apk/cmocka) echo cmocka-dev ;;

    apt-get/zeromq) echo libzmq3-dev ;;
    dnf/zeromq | zypper/zeromq) echo zeromq-devel ;;
    apk/zeromq) echo zeromq-dev ;;

    apt-get/nng) echo libnng-dev ;;
    dnf/nng | zypper/nng) echo nng-devel ;;
    apk/nng) echo nng-dev ;;

    apt-get/iceoryx-c) echo libiceoryx-binding-c-dev ;;
    dnf/iceoryx-c) echo iceoryx-devel ;;

    dnf/clang-format | dnf/clang-tidy) echo clang-tools-extra ;;
    pacman/clang-format | pacman/clang-tidy) echo clang ;;
    zypper/clang-format | zypper/clang-tidy) echo clang-tools ;;
    apk/clang-format | apk/clang-tidy) echo clang-extra-tools ;;
    dnf/shellcheck | zypper/shellcheck) echo ShellCheck ;;
    apt-get/qemu-system-x86_64 | pacman/qemu-system-x86_64) echo qemu-system-x86 ;;
    dnf/qemu-system-x86_64) echo qemu-system-x86-core ;;
    zypper/qemu-system-x86_64) echo qemu-x86 ;;
    apt-get/busybox | zypper/busybox) echo busybox-static ;;

    apt-get/gnuplot) echo gnuplot-nox ;;
    dnf/gnuplot) echo gnuplot-minimal ;;

    zypper/node) echo nodejs-default ;;
    zypper/npm) echo npm-default ;;
    */node) echo nodejs ;;
    *) echo "$2" ;;
    esac
}

# What belongs to a need besides its package: the C library's headers, the sanitizers' libraries.
companions() {
    case $1/$2 in
    apt-get/compiler) echo libc6-dev ;;
    dnf/compiler | zypper/compiler) echo glibc-devel ;;
    apk/compiler) echo musl-dev linux-headers ;;
    apt-get/chromium) echo fonts-dejavu-core ;; # a page without letters else
    dnf/clang) echo libasan libubsan libtsan ;;
    esac
}

find_manager() {
    for manager in apt-get dnf pacman zypper apk; do
        command -v "$manager" >/dev/null 2>&1 && return 0
    done
    return 1
}

install_command() {
    case $manager in
    apt-get) echo env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends ;;
    dnf) echo dnf install -y --setopt=install_weak_deps=False ;;
    pacman) echo pacman -S --needed --noconfirm ;;
    zypper) echo zypper --non-interactive install --no-recommends ;;
    apk) echo apk add --no-cache ;;
    esac
}

# The package lists, for those managers that do not refresh them by themselves.
update_command() {
    case $manager in
    apt-get) echo apt-get update ;;
    pacman) echo pacman -Sy --noconfirm ;;
    esac
}

lists_are_missing() {
    case $manager in
    apt-get) set -- "${SETUP_ROOT:-}"/var/lib/apt/lists/*_Packages* ;;
    pacman) set -- "${SETUP_ROOT:-}"/var/lib/pacman/sync/*.db ;;
    *) return 1 ;;
    esac
    [ ! -e "$1" ]
}

# run COMMAND WORD...: as root; its output is kept for the one line that a failure gets.
run() {
    if [ "${SETUP_DRY_RUN:-0}" = 1 ]; then
        echo "${as_root:+$as_root }$*"
        return 0
    fi
    # shellcheck disable=SC2086 # empty, or sudo
    $as_root "$@" >"$scratch/log" 2>&1 </dev/null
}

# not_working NEED...: those that do not.
not_working() {
    for need; do
        works "$need" || printf ' %s' "$need"
    done
}

# packages_of NEED...: each package once.
packages_of() {
    names=
    for need; do
        for name in $(package "$manager" "$need") $(companions "$manager" "$need"); do
            case " $names " in
            *" $name "*) ;;
            *) names="${names:+$names }$name" ;;
            esac
        done
    done
    echo "$names"
}

# What is only wished for is no reason to fail.
give_up() {
    [ -z "$missing" ] || fail "$1"
    echo "setup.sh: $1 (io-uring will be skipped)" >&2
    exit 0
}

works compiler # the libraries are tried with it
# shellcheck disable=SC2086 # lists of words
{
    missing=$(not_working $needs)
    wished=$(not_working $wishes)
}
[ -n "$missing$wished" ] || exit 0

find_manager ||
    give_up "no package manager found (apt-get, dnf, pacman, zypper, apk); missing:$missing$wished"
# shellcheck disable=SC2086 # lists of words
{
    needed_packages=$(packages_of $missing)
    packages=$(packages_of $missing $wished)
}

as_root=
if [ "$(id -u)" != 0 ]; then
    command -v sudo >/dev/null 2>&1 ||
        give_up "not root and there is no sudo; have an administrator install: $packages"
    as_root=sudo
fi

# shellcheck disable=SC2046,SC2086 # words on purpose
{
    echo "setup.sh: installing with ${as_root:+$as_root }$manager: $packages"
    update=$(update_command)
    if [ -n "$update" ] && lists_are_missing; then
        run $update
        update=
    fi
    if ! run $(install_command) $packages; then
        # Old lists name packages that the mirrors no longer have.
        { [ -n "$update" ] && run $update && run $(install_command) $packages; } ||
            { [ -n "$missing" ] && [ -n "$wished" ] && run $(install_command) $needed_packages; } ||
            give_up "$manager could not install $packages: $(grep -v '^ *$' "$scratch/log" | tail -n 1)"
    fi
}
[ "${SETUP_DRY_RUN:-0}" = 1 ] && exit 0

works compiler
# shellcheck disable=SC2086 # lists of words
{
    missing=$(not_working $missing)
    wished=$(not_working $wished)
}
[ -z "$missing$wished" ] || give_up "installed $packages, and still does not work:$missing$wished"
