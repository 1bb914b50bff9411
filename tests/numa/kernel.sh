#!/bin/sh
# Puts a Debian kernel for virtual machines at FILE: its package is downloaded and unpacked, nothing
# is installed, no privilege is needed. One line on standard error says why there is none.
#
#   tests/numa/kernel.sh FILE
set -u

[ $# = 1 ] || {
    echo "usage: tests/numa/kernel.sh FILE" >&2
    exit 2
}
file=$1
newest=linux-image-cloud-amd64 # a package without content that depends on the newest kernel

fail() {
    echo "no Debian kernel: $1" >&2
    exit 1
}

command -v apt-get >/dev/null || fail "this is no Debian"
folder=$(mktemp -d "${file%/*}/kernel.XXXXXX") || exit 1
trap 'rm -rf "$folder"' EXIT
trap 'exit 130' INT TERM HUP

package=$(apt-cache depends "$newest" 2>/dev/null |
    sed -n 's/^ *Depends: \(linux-image-.*\)/\1/p' | head -n 1)
[ -n "$package" ] || fail "apt knows no $newest; as root: apt-get update"
(cd "$folder" && apt-get -q download "$package") >"$folder/log" 2>&1 ||
    fail "$(grep '^E:' "$folder/log" | head -n 1)"
dpkg-deb --fsys-tarfile "$folder/$package"_*.deb |
    tar -x -O --wildcards '*/vmlinuz-*' >"$folder/vmlinuz" 2>/dev/null
[ -s "$folder/vmlinuz" ] || fail "$package holds no vmlinuz"
mv "$folder/vmlinuz" "$file"
