# shellcheck shell=bash
# shellcheck disable=SC2154 # $scratch and $program are tap.sh's
# Emulated machines with NUMA nodes of one's own choice; sourced after tests/tap.sh.
#   $folder              where what lasts lies: the kernel, consoles, answers
#   can_boot             says on standard output what is missing, if anything is
#   pack_guest           gathers init, the program and the libraries it needs
#   boot MACHINE RUN...  starts a machine as ${options[@]} describe it to qemu

folder=${BUILD:-build}/numa
kernel=${NUMA_KERNEL:-$folder/vmlinuz}
guest=$scratch/guest
boot_limit_s=${NUMA_TIMEOUT:-300}

can_boot() {
    local tool
    if [[ $(uname -m) != x86_64 ]]; then
        echo "the emulated machines are x86_64, this one is not"
        return 1
    fi
    for tool in qemu-system-x86_64 busybox; do
        command -v "$tool" >/dev/null && continue
        echo "$tool is missing: ./setup.sh --numa"
        return 1
    done
    mkdir -p "$folder" || return 1
    if [[ -z ${NUMA_KERNEL:-} && ! -s $kernel ]] && ! tests/numa/kernel.sh "$kernel" 2>&1; then
        echo "or name one yourself: NUMA_KERNEL=/boot/vmlinuz-..."
        return 1
    fi
    [[ -r $kernel ]] && return
    echo "the kernel $kernel cannot be read"
    return 1
}

# add_program FILE: into the guest's /bin, and its libraries to where it looks for them.
add_program() {
    local library
    cp -L "$1" "$guest/bin/" || return 1
    ldd "$1" 2>/dev/null | sed -n 's/^[^/]*\(\/[^ ]*\) (.*/\1/p' >"$scratch/libraries"
    while read -r library; do
        mkdir -p "$guest${library%/*}" && cp -L "$library" "$guest$library" || return 1
    done <"$scratch/libraries"
}

pack_guest() {
    mkdir -p "$guest"/{bin,proc,sys,dev} && cp tests/numa/init.sh "$guest/init" &&
        add_program "$(command -v busybox)" && add_program "$program"
}

# Each guest gets its own runs, so the archive is written anew each time.
pack_archive() {
    printf '%s\n' "$@" >"$guest/runs" &&
        (cd "$guest" && find . | busybox cpio -o -H newc -R 0:0 2>/dev/null) |
        gzip -1 >"$scratch/initrd"
}

emulator=
stop_emulator() {
    [[ -z $emulator ]] || { kill "$emulator" && wait "$emulator"; } 2>/dev/null
}
undo+=(stop_emulator)

# boot MACHINE RUN...: true when it has answered; run N's answer is $folder/MACHINE/N.{json,err,status}.
# In the background and waited for, so that a signal to the test ends both. Not in a subshell.
boot() {
    local machine=$1 status console=$folder/$1.console
    shift
    rm -rf "${folder:?}/$machine" "$console" "$scratch/answers" "$scratch/emulator"
    touch "$scratch/emulator" "$console"
    mkdir -p "$folder/$machine" && pack_archive "$@" || return 1
    timeout --kill-after=5 "$boot_limit_s" qemu-system-x86_64 -accel tcg,thread=multi \
        -machine pc -cpu max,vendor=GenuineIntel -nodefaults -display none -no-reboot "${options[@]}" \
        -kernel "$kernel" -initrd "$scratch/initrd" -append 'console=ttyS0 quiet panic=-1' \
        -serial "file:$console" -serial "file:$scratch/answers" >"$scratch/emulator" 2>&1 </dev/null &
    emulator=$!
    wait "$emulator"
    status=$?
    emulator=
    if ((status == 124 || status == 137)); then
        echo "ended after $boot_limit_s s" >>"$scratch/emulator"
    fi
    ((status == 0)) && tar -xzf "$scratch/answers" -C "$folder/$machine" 2>>"$scratch/emulator"
}

# For a check: whether the last boot went well; if not, what can be known of it.
booted() {
    local status=$1 machine=$2
    ((status == 0)) && return
    cat "$scratch/emulator"
    tail -n 20 "$folder/$machine.console"
    return 1
}
