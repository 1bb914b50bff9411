#!/usr/bin/env bash
# setup.sh with faked compilers and package managers: nothing is really installed. TAP.
set -uo pipefail

cd "$(dirname "$0")/.." || exit 1
scratch=$(mktemp -d) || exit 1
trap 'rm -rf "$scratch"' EXIT

count=0
failures=0
# check DESCRIPTION COMMAND...: one test.
check() {
    local description=$1
    shift
    count=$((count + 1))
    if "$@"; then
        echo "ok $count - $description"
    else
        echo "not ok $count - $description"
        printf '# status %s, said:\n' "$status"
        sed 's/^/#   /' "$world/out" "$world/log"
        failures=$((failures + 1))
    fi
}

# --- a machine of paper: $world/bin is its whole PATH ---------------------------------------------

libraries="compiler libnuma libcjson sqlite3 zlib cmocka liburing"
plugin_libraries="libzmq libnng iceoryx_c"
tools="make pkg-config bash cmp find"
numa_tools="qemu-system-x86_64 busybox"
report_tools="gnuplot chromium"
dev_tools="clang clang-format clang-tidy cppcheck shellcheck valgrind node npm"

fake() {
    cat >"$world/bin/$1"
    chmod +x "$world/bin/$1"
}

# What a package brings: the file that says a library is there, or the tool itself.
give() {
    local need
    for need; do
        case " $libraries $plugin_libraries " in
        *" $need "*) touch "$world/have/$need" ;;
        *) printf '#!/bin/sh\nexit 0\n' | fake "$need" ;;
        esac
    done
}

lack() {
    local need
    for need; do
        rm -f "$world/have/$need" "$world/bin/$need"
    done
    [[ " $* " != *" pkg-config "* ]] || return 0
    fake_pkg_config
}

# Links what the faked compiler "knows"; its programs always succeed.
fake_gcc() {
    fake gcc <<'SCRIPT'
#!/bin/sh
[ -e "$WORLD/have/compiler" ] || exit 1
for word; do
    case $last/$word in
    -o/*) output=$word ;;
    */-lnuma) [ -e "$WORLD/have/libnuma" ] || exit 1 ;;
    */-lcjson) [ -e "$WORLD/have/libcjson" ] || exit 1 ;;
    */-lsqlite3) [ -e "$WORLD/have/sqlite3" ] || exit 1 ;;
    */-lz) [ -e "$WORLD/have/zlib" ] || exit 1 ;;
    */-luring) [ -e "$WORLD/have/liburing" ] || exit 1 ;;
    */-lcmocka) [ -e "$WORLD/have/cmocka" ] || exit 1 ;;
    */-lzmq) [ -e "$WORLD/have/libzmq" ] || exit 1 ;;
    */-lnng) [ -e "$WORLD/have/libnng" ] || exit 1 ;;
    */-liceoryx_binding_c) [ -e "$WORLD/have/iceoryx_c" ] || exit 1 ;;
    esac
    last=$word
done
printf '#!/bin/sh\nexit 0\n' >"$output"
chmod +x "$output"
SCRIPT
}

fake_pkg_config() {
    fake pkg-config <<'SCRIPT'
#!/bin/sh
[ "$1" = --exists ] || exit 0
[ "$2" = numa ] && set -- "$1" libnuma
[ -e "$WORLD/have/$2" ]
SCRIPT
}

new_world() {
    local tool
    world=$scratch/$((++worlds))
    mkdir -p "$world/bin" "$world/have" "$world/var/lib/apt/lists" "$world/var/lib/pacman/sync"
    touch "$world/log" "$world/var/lib/apt/lists/debian_Packages" "$world/var/lib/pacman/sync/core.db"
    for tool in sh env sed mktemp rm grep tail chmod touch cat; do
        ln -s "$(command -v "$tool")" "$world/bin/$tool"
    done
    # shellcheck disable=SC2086 # lists of words
    give $libraries $plugin_libraries $tools $dev_tools $numa_tools $report_tools iox-roudi
    fake_gcc
    fake_pkg_config
    printf '#!/bin/sh\necho 0\n' | fake id
}
worlds=0
# manager NAME [works|fails|stale|idle|poor]: logs its calls; `works` brings everything, `stale` does so
# only after its lists were renewed, `idle` succeeds and brings nothing, `poor` has no liburing.
manager() {
    echo "${2:-works}" >"$world/manner"
    fake "$1" <<'SCRIPT'
#!/bin/sh
echo "${0##*/} $*" >>"$WORLD/log"
read -r manner <"$WORLD/manner"
case "$manner $*" in
poor*liburing*) echo "E: Unable to locate package liburing-dev"; exit 100 ;;
fails*) echo "E: no such package"; echo; exit 100 ;;
"stale update" | "stale -Sy"*) echo works >"$WORLD/manner"; exit 0 ;;
stale*) echo "E: 404"; exit 100 ;;
idle* | *update | *-Sy*) exit 0 ;;
esac
for need in compiler libnuma libcjson sqlite3 zlib cmocka liburing libzmq libnng iceoryx_c; do
    [ "$manner/$need" = poor/liburing ] || touch "$WORLD/have/$need"
done
for tool in make bash cmp find clang clang-format clang-tidy cppcheck shellcheck valgrind node npm \
    qemu-system-x86_64 busybox gnuplot chromium iox-roudi; do
    printf '#!/bin/sh\nexit 0\n' >"$WORLD/bin/$tool"
    chmod +x "$WORLD/bin/$tool"
done
printf '#!/bin/sh\n[ "$1" = --exists ] || exit 0\n' >"$WORLD/bin/pkg-config"
chmod +x "$WORLD/bin/pkg-config"
SCRIPT
}

ordinary_user() {
    printf '#!/bin/sh\necho 1000\n' | fake id
}

with_sudo() {
    fake sudo <<'SCRIPT'
#!/bin/sh
echo "sudo $*" >>"$WORLD/log"
exec "$@"
SCRIPT
}

setup() {
    env -i PATH="$world/bin" WORLD="$world" SETUP_ROOT="$world" TMPDIR="$scratch" \
        SETUP_DRY_RUN="${dry_run:-0}" ./setup.sh "$@" >"$world/out" 2>&1
    status=$?
}

# --- what is expected -----------------------------------------------------------------------------

quiet_success() {
    [[ $status == 0 && ! -s $world/out && ! -s $world/log ]]
}
succeeded() {
    [[ $status == 0 ]]
}
one_line() {
    [[ $(wc -l <"$world/out") == 1 ]]
}
says() {
    grep -qF -- "$1" "$world/out"
}
logged() {
    grep -qxF -- "$1" "$world/log"
}
calls() {
    [[ $(grep -cv '^sudo' "$world/log") == "$1" ]]
}
succeeded_with() {
    succeeded && one_line && says "$1" && logged "$2"
}
succeeded_saying() {
    succeeded && one_line && says "$1"
}
failed_with() {
    local text
    [[ $status == 1 ]] && one_line || return 1
    for text; do
        says "$text" || return 1
    done
}

# After the line that announces the installation.
refused_with() {
    [[ $status == 1 && $(wc -l <"$world/out") == 2 ]] && says "$1"
}

# --- the tests ------------------------------------------------------------------------------------

echo "1..40"

new_world
setup
check "nothing missing: silent, without a package manager" quiet_success
setup --dev
check "nothing missing: --dev is silent as well" quiet_success
lack clang npm
setup
check "lint tools are not missed without --dev" quiet_success

# expect MANAGER COMMAND PACKAGES DEV_PACKAGES: with everything missing, then with the lint tools only.
# shellcheck disable=SC2086 # lists of words
expect() {
    new_world
    manager "$1"
    lack $libraries $tools
    setup
    check "$1: installs everything in one call" succeeded_with "installing with $1: $3" "$1 $2 $3"
    new_world
    manager "$1"
    lack $dev_tools
    setup --dev
    check "$1: --dev installs the lint tools, each package once" succeeded_with "$1: $4" "$1 $2 $4"
}
expect apt-get "install -y --no-install-recommends" \
    "gcc libc6-dev make pkg-config bash diffutils findutils libnuma-dev libcjson-dev libsqlite3-dev zlib1g-dev libcmocka-dev liburing-dev" \
    "clang clang-format clang-tidy cppcheck shellcheck valgrind nodejs npm"
expect dnf "install -y --setopt=install_weak_deps=False" \
    "gcc glibc-devel make pkgconf-pkg-config bash diffutils findutils numactl-devel cjson-devel sqlite-devel zlib-devel libcmocka-devel liburing-devel" \
    "clang libasan libubsan libtsan clang-tools-extra cppcheck ShellCheck valgrind nodejs npm"
expect pacman "-S --needed --noconfirm" \
    "gcc make pkgconf bash diffutils findutils numactl cjson sqlite zlib cmocka liburing" \
    "clang cppcheck shellcheck valgrind nodejs npm"
expect zypper "--non-interactive install --no-recommends" \
    "gcc glibc-devel make pkg-config bash diffutils findutils libnuma-devel cJSON-devel sqlite3-devel zlib-devel libcmocka-devel liburing-devel" \
    "clang clang-tools cppcheck ShellCheck valgrind nodejs-default npm-default"
expect apk "add --no-cache" \
    "gcc musl-dev linux-headers make pkgconf bash diffutils findutils numactl-dev cjson-dev sqlite-dev zlib-dev cmocka-dev liburing-dev" \
    "clang clang-extra-tools cppcheck shellcheck valgrind nodejs npm"

new_world
manager apt-get
lack qemu-system-x86_64 busybox
setup --numa
check "apt-get: --numa installs the emulator and the guest's tools" \
    succeeded_with "apt-get: qemu-system-x86 busybox-static" \
    "apt-get install -y --no-install-recommends qemu-system-x86 busybox-static"

new_world
manager apt-get
lack gnuplot chromium
setup --with-report
check "apt-get: --with-report installs what draws" \
    succeeded_with "apt-get: gnuplot-nox chromium fonts-dejavu-core" \
    "apt-get install -y --no-install-recommends gnuplot-nox chromium fonts-dejavu-core"

new_world
manager apt-get
# shellcheck disable=SC2086 # a list of words
lack $plugin_libraries iox-roudi
setup
check "the libraries of plug-ins are not missed without --with-plugins" quiet_success
setup --with-plugins
check "apt-get: --with-plugins installs the libraries of plug-ins" \
    succeeded_with "apt-get: libzmq3-dev libnng-dev libiceoryx-binding-c-dev iceoryx" \
    "apt-get install -y --no-install-recommends libzmq3-dev libnng-dev libiceoryx-binding-c-dev iceoryx"

new_world
manager apt-get
lack libcjson
setup
check "one library missing: that package alone" \
    succeeded_with "apt-get: libcjson-dev" "apt-get install -y --no-install-recommends libcjson-dev"
check "... and no update of the lists" calls 1
setup
check "... and the second time nothing" test ! -s "$world/out"

new_world
manager apt-get
lack compiler
setup
check "no compiler: libraries are looked for with pkg-config" \
    succeeded_with "apt-get: gcc libc6-dev" "apt-get install -y --no-install-recommends gcc libc6-dev"

new_world
manager apt-get
lack zlib
rm "$world/var/lib/apt/lists/debian_Packages"
setup
check "apt-get: lists missing: updates first" logged "apt-get update"
check "... then installs" calls 2
new_world
manager apt-get stale
lack zlib
setup
check "apt-get: install fails: updates and tries again" logged "apt-get update"
check "... and succeeds" succeeded
new_world
manager pacman stale
lack zlib
setup
check "pacman: install fails: refreshes and tries again" logged "pacman -Sy --noconfirm"
check "... and succeeds" succeeded

new_world
manager dnf
ordinary_user
setup
check "ordinary user, nothing missing: sudo is not asked for" quiet_success
lack libnuma
setup
check "ordinary user without sudo: one line with the packages" failed_with "no sudo" "numactl-devel"
with_sudo
setup
check "ordinary user with sudo: installs by it" \
    succeeded_with "sudo dnf: numactl-devel" "sudo dnf install -y --setopt=install_weak_deps=False numactl-devel"

new_world
manager apt-get poor
lack zlib liburing
setup
check "a distribution without liburing: the rest is installed" succeeded
check "... in a call without it" \
    logged "apt-get install -y --no-install-recommends zlib1g-dev"
setup
check "... and what is only wished for is no failure" succeeded
new_world
ordinary_user
manager apt-get
lack liburing
setup
check "ordinary user without sudo: what is only wished for is told" succeeded_saying "io-uring will be skipped"

new_world
lack make
setup
check "no package manager: one line" failed_with "no package manager found" "make"
new_world
manager zypper fails
lack cmocka
setup
check "a failing manager: the packages and its last words" refused_with "libcmocka-devel: E: no such package"
new_world
manager apk idle
lack cmocka
setup
check "a manager that brings nothing is found out" refused_with "still does not work: cmocka"
new_world
setup --everything
check "an unknown option is refused" failed_with "unknown option"

new_world
manager apt-get
lack libnuma
dry_run=1 setup
check "SETUP_DRY_RUN prints the command" \
    says "env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends libnuma-dev"
check "... and runs nothing" calls 0

exit $((failures > 0))
