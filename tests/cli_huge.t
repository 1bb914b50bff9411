#!/usr/bin/env bash
# Huge pages: with them, the mapping has them and smaps says so; without, the cell is skipped with
# what would change that. Root sets up both and puts everything back; others test what is there. TAP.
# shellcheck disable=SC2317,SC2329 # check() calls the tests by name
set -uo pipefail
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/tap.sh"

pool=/proc/sys/vm/nr_hugepages
shmem=/sys/kernel/mm/transparent_hugepage/shmem_enabled
wanted_pages=300
huge_bytes=2097152
brief=(--trials 1 --warmup 0.005)
cd "$scratch" || exit 1

meminfo() { awk -v name="$1:" '$1 == name { print $2 }' /proc/meminfo; }
# write VALUE FILE: false where that is not allowed.
write() { echo "$1" 2>/dev/null >"$2"; } 2>/dev/null
shmem_setting() { sed -n 's/.*\[\(.*\)\].*/\1/p' "$shmem"; }

if [[ $(meminfo Hugepagesize) != $((huge_bytes / 1024)) ]]; then
    echo "1..0 # SKIP the huge pages of this kernel are not of 2 MiB"
    exit 0
fi

# --- inside a check -------------------------------------------------------------------------------

# obtained FILE KEY: a line "id value" for each cell.
obtained() {
    awk -F'\t' -v key="\"$2\":" '
        /^\t\t\t"id":/ { id = $5; gsub(/[",]/, "", id) }
        index($0, "\t\t\t\t" key) == 1 { value = $6; gsub(/[",]/, "", value); print id, value }' "$1"
}

all_are() {
    all_cells a.json "$1" && return
    cells a.json
    return 1
}

# The cells are ok and lie on huge pages, wholly.
on_huge_pages() {
    measures "${brief[@]}" -o a.json "$@" && all_are ok || return 1
    obtained a.json page_bytes >page && obtained a.json huge_bytes >huge &&
        obtained a.json region_bytes >region
    (($(wc -l <page) == $(cells a.json | wc -l))) && ! grep -v " $huge_bytes\$" page &&
        diff huge region
}
on_small_pages() {
    measures "${brief[@]}" -o a.json "$@" && all_cells a.json ok || return 1
    obtained a.json page_bytes >page && [[ -s page ]] && ! grep -v " $(getconf PAGESIZE)\$" page
}
# On huge pages, or skipped by a kernel from before there was such advice, or one that found none.
collapses() {
    on_huge_pages -p pingpong "$@" || skips 'transparent.huge' -p pingpong "$@"
}
# skips KNOB ARGUMENT...
skips() {
    local knob=$1
    shift
    measures "${brief[@]}" -o a.json "$@" && all_are skipped || return 1
    cells a.json >list
    ! grep -v " \[.*$knob.*\]\$" list
}

# As the kernel tells anybody who asks while a trial runs.
smaps_agrees() {
    local pid status=0
    "$program" run -t mmap:huge=hugetlb,ring=16M -p stream --trials 1 --warmup 0 --time 3 \
        -o smaps.json >out 2>err &
    pid=$!
    wait_until 60 huge_mapping_of "$pid" >mapping || { wait "$pid"; cat out err; return 1; }
    wait "$pid" || status=$?
    obtained smaps.json region_bytes >region
    ((status == 0)) && [[ $(cut -d' ' -f2 region) == $(($(<mapping) * 1024)) ]]
}
# huge_mapping_of PID: kB on huge TLB pages in the receiver's shared mapping, once it is there.
huge_mapping_of() {
    local receiver
    receiver=$(receiver_of "$1") && awk '
        /^KernelPageSize:/ { page = $2 }
        /^Shared_Hugetlb:|^Private_Hugetlb:/ { if (page == 2048) sum += $2 }
        END { if (sum) print sum; exit !sum }' "/proc/$receiver/smaps" 2>/dev/null
}

unmount() { umount "$scratch/mount"; }
# The mount holds no file with a name.
holds_no_name() { [[ -z $(ls -A "$1") ]]; }

none_is_kept() {
    wait_until 10 free_as_before
}
free_as_before() { [[ "$(meminfo HugePages_Free) $(meminfo HugePages_Rsvd)" == "$free_before" ]]; }

# --- huge TLB pages -------------------------------------------------------------------------------

old_pool=$(<"$pool")
restore_pool() { [[ $(<"$pool") == "$old_pool" ]] || write "$old_pool" "$pool"; }
hugetlb=mmap:huge=hugetlb,mmap:huge=hugetlb,ring=16M,sync=spin,copy=no
segments=shm:backing=memfd,huge=hugetlb,shm:backing=xsi,huge=hugetlb

# Pages that somebody else has reserved are left alone.
if ((old_pool == 0 && $(</proc/sys/vm/nr_overcommit_hugepages) == 0)); then
    check "no huge page: skipped, the knob is vm.nr_hugepages" skips vm.nr_hugepages \
        -t "$hugetlb,$segments"
    check "no huge page, a file: skipped, the knob is that or a mount" \
        skips 'vm.nr_hugepages\|mount -t hugetlbfs' -t mmap:backing=file,huge=hugetlb
    if ((EUID == 0)); then
        undo+=(restore_pool)
        write "$wanted_pages" "$pool"
    fi
fi

if (($(meminfo HugePages_Free) >= wanted_pages / 2)); then
    free_before="$(meminfo HugePages_Free) $(meminfo HugePages_Rsvd)"
    check "huge=hugetlb: ok, on 2 MiB pages, in both patterns" on_huge_pages -t "$hugetlb"
    check "huge=hugetlb of memfd and XSI segments: ok, on 2 MiB pages" on_huge_pages -t "$segments"
    check "a walk over huge TLB pages, 256 MiB" on_huge_pages \
        -t mmap:huge=hugetlb,copy=no -p pagewalk -s 256M --time 0.02
    if mkdir mount && mount -t hugetlbfs -o pagesize=2M none mount 2>/dev/null; then
        undo+=(unmount)
        check "huge=hugetlb of a file on hugetlbfs: ok, on 2 MiB pages" on_huge_pages \
            -t mmap:backing=file,huge=hugetlb
        check "no file is left there" holds_no_name mount
    else
        skip "huge=hugetlb of a file on hugetlbfs" "no hugetlbfs can be mounted here"
    fi
    check "huge=hugetlb, populate=no: prefaulted all the same" on_huge_pages \
        -t mmap:huge=hugetlb,populate=no -p pingpong
    check "/proc/PID/smaps agrees" smaps_agrees
    check "more pages than there are: skipped, no SIGBUS" skips vm.nr_hugepages \
        -t mmap:huge=hugetlb,ring=64G -p stream
    check "all pages are given back" none_is_kept
else
    skip "huge=hugetlb: ok, on 2 MiB pages" "no free huge pages, and none to be had"
fi
check "huge=none stays on small pages" on_small_pages \
    -t mmap:advice=nohugepage,shm:advice=nohugepage,shm:backing=memfd,advice=nohugepage
check "shm_open has no huge TLB pages: skipped, the knob is another backing" \
    skips 'backing=memfd or xsi' -t shm:huge=hugetlb
if (($(</sys/kernel/mm/hugepages/hugepages-1048576kB/free_hugepages) == 0)) 2>/dev/null; then
    check "no page of 1 GiB: skipped, the knob is how many there are of those" \
        skips hugepages-1048576kB -t mmap:huge=hugetlb-1g,shm:backing=memfd,huge=hugetlb-1g
fi

# --- transparent huge pages -----------------------------------------------------------------------

old_shmem=$(shmem_setting)
undo+=(restore_shmem)
# set_shmem VALUE: false where that cannot be.
set_shmem() { [[ $(shmem_setting) == "$1" ]] || write "$1" "$shmem"; }
restore_shmem() { set_shmem "$old_shmem"; }

if set_shmem never; then
    check "shmem_enabled=never: huge=thp is skipped, the knob is shmem_enabled" \
        skips shmem_enabled -t mmap:huge=thp,shm:backing=memfd,huge=thp,shm:backing=xsi,huge=thp
    check "advice=collapse does not ask shmem_enabled" collapses \
        -t mmap:advice=collapse,shm:backing=memfd,advice=collapse,shm:backing=xsi,advice=collapse
else
    skip "shmem_enabled=never" "only root can set it"
fi
if set_shmem advise; then
    check "shmem_enabled=advise: huge=thp is ok, on 2 MiB pages" on_huge_pages \
        -t mmap:huge=thp,mmap:huge=thp,ring=16M,sync=spin,copy=no
    check "shmem_enabled=advise: segments as well" on_huge_pages \
        -t shm:backing=memfd,huge=thp,shm:backing=xsi,huge=thp -p pingpong
    check "a walk over transparent huge pages" on_huge_pages \
        -t mmap:huge=thp,copy=no -p pagewalk,linewalk -s 16M
    check "shmem_enabled=advise: without advice, small pages" on_small_pages -t mmap -p stream
else
    skip "shmem_enabled=advise" "only root can set it"
fi

# --- put back -------------------------------------------------------------------------------------

puts_back() {
    restore_pool
    restore_shmem
    [[ $(<"$pool") == "$old_pool" && $(shmem_setting) == "$old_shmem" ]]
}
check "the machine is as it was" puts_back

finish
