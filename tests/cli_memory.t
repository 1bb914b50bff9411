#!/usr/bin/env bash
# Operations on memory: what can be measured with -p memory and what cannot, what each cell obtained, its
# figures, and that memory which is taken away fails one cell and leaves nothing behind. TAP.
# shellcheck disable=SC2317,SC2329 # check() calls the tests by name
set -uo pipefail
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/tap.sh"

brief=(--trials 1 --warmup 0.001)
cd "$scratch" || exit 1
mkdir tmp
segments=$(ipcs -m | wc -l)
export TMPDIR=$scratch/tmp

# --- inside a check -------------------------------------------------------------------------------

# obtained FILE KEY: of each cell that has it, the value.
obtained() {
    sed -n "s/^\t\t\t\t\"$2\":\t\"\{0,1\}\([^\",]*\).*/\1/p" "$1"
}
# of_operation KEY: in a.json's summaries.
of_operation() {
    sed -n "s/^\t\t\t\t\t\"$1\":\t\([^,]*\).*/\1/p" a.json
}
dry() { try run --dry-run "$@"; }

says_what_it_takes() {
    refuses "pipe" "memory" "pingpong, oneway, burst, paced, load, stream" -- \
        run -t pipe -p memory &&
        refuses "touch" "pingpong" "by memory" -- run -t touch -p pingpong &&
        refuses "--pairs" "memory" -- run -t touch --pairs 2
}
expands_to_what_takes_it() {
    exits 0 dry -t all -p memory && says out "memory/touch/" "memory/null/" &&
        ! grep -q "/pipe/" out && exits 0 dry -t all -s 64 && ! grep -q "touch" out &&
        exits 0 dry -t touch && says out "memory/touch/16M/"
}
lists_apart() {
    exits 0 try list && awk '
        /^Operations on memory/ { apart = 1 }
        /^touch / { found = apart }
        /^pipe / { wrong = apart }
        /^    puts to the test: ".+"$/ { beliefs++ }
        END { exit !(found && !wrong && beliefs > 2) }' out
}

# A page each is touched: as many faults as operations, of a page's bytes, all of them present.
touches_every_page() {
    measures "${brief[@]}" -t touch:kind=private,touch,touch:kind=memfd,touch:kind=xsi -s 1M \
        -o a.json && all_cells a.json ok || return 1
    (($(of_operation minor_faults | awk '$1 >= 0.99 && $1 < 1.1' | wc -l) == 4)) &&
        [[ $(of_operation bytes | sort -u) == 4096 && $(of_operation per_sample | sort -u) == 1 &&
            $(obtained a.json resident_bytes | sort -u) == $((1 << 20)) ]]
}
populates_at_once() {
    measures "${brief[@]}" -t touch:how=populate,touch:how=populate-write -s 1M -o a.json &&
        all_cells a.json ok && [[ $(of_operation per_sample | sort -u) == 256 ]]
}
tells_beliefs() {
    measures "${brief[@]}" -t touch:how=populate -s 1M -o a.json &&
        grep -q '"belief":.*beforehand' a.json && grep -q '"belief_against":.*"how=touch"' a.json &&
        exits 0 try show a.json && says out "memory (an operation" "faults minor / major"
}
finds_what_another_touched() {
    measures "${brief[@]}" -t touch:by=second,touch:kind=memfd,by=second -s 1M -o a.json &&
        all_cells a.json ok
}
# What cannot go together, or cannot be had, is skipped with a reason and a knob.
skips_what_cannot_be() {
    measures "${brief[@]}" -s 1M -o a.json -t touch:kind=private,uninitialized=yes \
        -t touch:kind=private,by=second,touch:kind=xsi,how=populate,touch:peer=active &&
        all_cells a.json skipped && cells a.json >list &&
        says list "is ignored by this kernel" "without MMU" "no other process" "kind=anon" \
            "shmat takes no" "how=mlock" "first touch away" "by=second"
}
skips_half_pages() {
    measures "${brief[@]}" -s 5000 -o a.json -t touch && all_cells a.json skipped &&
        cells a.json >list && says list "whole pages"
}
needs_the_right_to_lock() {
    (ulimit -l 0 && if ((EUID == 0)); then
        setpriv --inh-caps=-all --bounding-set=-all \
            "$program" run --time 0.01 "${brief[@]}" -s 1M -t touch:how=mlock,touch:how=map-locked \
            -o a.json >out 2>err
    else
        try run --time 0.01 "${brief[@]}" -s 1M -t touch:how=mlock,touch:how=map-locked -o a.json
    fi)
    all_cells a.json skipped && cells a.json >list && ! grep -v "ulimit -l" list
}
warms_and_cools() {
    measures "${brief[@]}" -t touch:kind=file-warm,how=read,touch:kind=file-cold,how=read -s 1M \
        -o a.json && all_cells a.json ok skipped && cells a.json >list &&
        grep -q "file-warm.* ok" list && { grep -q "file-cold.* ok" list ||
        grep -q "file-cold.*cannot be emptied" list; }
}
cannot_cool_tmpfs() {
    TMPDIR=/dev/shm measures "${brief[@]}" -t touch:kind=file-cold -s 1M -o a.json &&
        all_cells a.json skipped && cells a.json >list && says list "cannot be emptied" "TMPDIR"
}

# --- files: advice, and their content moved -------------------------------------------------------

there=state=resident
# all_ok CELLS: measured in a.json, all of them ok.
all_ok() { measures "${brief[@]}" -s 1M -o a.json -t "$1" && all_cells a.json ok; }
# has KEY VALUE...: what the first cells of a.json obtained, in their order.
has() {
    local key=$1 values
    shift
    values=$(obtained a.json "$key" | head -n $# | paste -sd' ')
    [[ $values == "$*" ]] && return
    echo "$key: $values, expected $*"
    return 1
}
# As many cells skipped as texts, each with its text.
are_skipped() {
    local cells=$1
    shift
    measures "${brief[@]}" -s 1M -o a.json -t "$cells" && all_cells a.json skipped &&
        cells a.json >list && says list "$@" && (($(wc -l <list) == $#))
}
advice_is_seen() {
    local cells=advise:advice=dontneed,$there,advise:kind=private,advice=dontneed,$there
    cells+=,advise:kind=memfd,advice=remove,$there,advise:kind=private,advice=free,$there
    cells+=,advise:advice=cold,$there,advise:advice=sequential,$there,advise:advice=random,$there
    all_ok "$cells" && has after_advice_mapped_bytes 0 0 0 &&
        has after_advice_bytes 1048576 0 0
}
advice_is_refused() {
    local cells=advise:advice=dontneed,state=cold,advise:advice=free,$there
    cells+=,advise:advice=hugepage,kind=private,$there
    cells+=,advise:advice=pageout,$there,call=posix-madvise
    cells+=,advise:advice=dontneed,$there,call=posix-madvise
    cells+=,fadvise:advice=dontneed,fadvise:order=random,how=read
    are_skipped "$cells" "about memory that is there, and none is [state=resident]" \
        "not for ordinary files here [kind=private]" \
        "where the memory is there [state=cold, advice=collapse]" \
        "posix_madvise has no MADV_PAGEOUT [call=madvise]" \
        "POSIX_MADV_DONTNEED was not taken: Rss" \
        "gives up what is cached, and nothing is [state=resident]" \
        "goes on where it was: order=sequential, time=access [how=pread]"
}
moves_are_refused() {
    local cells=file-move:until=durable,file-move:how=mmap,sync=msync-async,until=durable
    cells+=,file-move:sync=sync-file-range,until=durable,file-move:sync=msync-sync
    cells+=,file-move:sync=fsync,until=durable,state=dirty
    are_skipped "$cells,file-move:mapping=kept" "until=durable leaves nothing dirty" \
        "nothing is called that makes the file durable" \
        "MS_ASYNC and MS_INVALIDATE write nothing to the disk [sync=msync-sync" \
        "sync_file_range empties no disk's own cache [sync=fdatasync" \
        "msync is for mappings [how=mmap" "there is no mapping to keep [how=mmap]"
}
# The call is one operation on all of it; what is timed with the touching, a page or block each.
times_the_call() {
    local cells=advise:kind=private,advice=dontneed,$there,time=call,fadvise:$there,time=call
    all_ok "$cells,advise:kind=private,time=both,fadvise:$there,time=both,block=64K" &&
        [[ $(of_operation bytes | paste -sd' ') == "1048576 1048576 4096 65536" &&
            $(of_operation per_sample | paste -sd' ') == "1 1 256 16" ]]
}
moves_files() {
    local cells=file-move,file-move:how=mmap,file-move:how=mmap,mapping=kept
    cells+=,file-move:how=pread,file-move:how=copy-file-range,file-move:sync=sync-file-range
    all_ok "$cells,file-move:how=mmap,sync=msync-async,file-move:state=dirty" &&
        [[ $(of_operation bytes | sort -u) == 65536 && $(of_operation per_sample | sort -u) == 16 &&
            $(obtained a.json read_back_from | sort -u) == "page cache" ]] &&
        grep -q '"belief":.*passed on more cheaply' a.json
}
# A cold file was cold; random advice reads what is asked for and no more. What is durable has been dropped
# from memory and read again.
goes_to_the_disk() {
    local cells=fadvise:advice=random,fadvise:advice=willneed,advise:advice=random
    cells+=,file-move:how=direct,file-move:sync=fdatasync,until=durable
    all_ok "$cells,file-move:how=mmap,sync=msync-sync,until=durable" && has before_bytes 0 0 0 &&
        has cached_bytes 0 1048576 1048576 && has read_back_from disk disk disk || return 1
    local random willneed mapped
    read -r random willneed mapped < <(obtained a.json after_first_access_bytes | paste -sd' ')
    ((random == 4096 && willneed > random && mapped == 4096))
}
tmpfs_is_no_disk() {
    local cells=file-move:sync=fdatasync,until=durable,file-move:how=direct,fadvise:state=cold
    cells+=,fadvise:advice=dontneed,$there
    TMPDIR=/dev/shm measures "${brief[@]}" -s 1M -o a.json -t "$cells" &&
        all_cells a.json skipped && cells a.json >list && ! grep -v "\\[TMPDIR on a disk's" list
}
space_is_checked() {
    export TMPDIR=$scratch/small
    measures "${brief[@]}" -s 4M -o a.json -t "file-move,advise:$there" &&
        all_cells a.json skipped && cells a.json >list && ! grep -v "are free in TMPDIR" list &&
        all_ok "file-move,advise:$there" && [[ -z $(ls -A small) ]]
}
# begins_to_move CELL: $run measures it, and $receiver has had its turns.
begins_to_move() {
    "$program" run --trials 1 --warmup 0.001 --time 20 -s 1M -o a.json -t "$1" >out 2>err &
    run=$!
    wait_until 20 is_moved
}
is_moved() {
    receiver=$(receiver_of "$run") && grep -Eq "^voluntary.*([3-9][0-9]|[0-9]{3})" "/proc/$receiver/status"
}
# Somebody cuts the file short while it is moved: that trial fails, the run goes on to its end.
is_cut_short() {
    local run receiver fd status=0
    begins_to_move file-move:how=mmap,mapping=kept || return 1
    for fd in "/proc/$receiver"/fd/*; do
        [[ $(readlink "$fd") != *"/region (deleted)" ]] || truncate -s 4096 "$fd"
    done
    wait "$run" || status=$?
    cells a.json >list && ((status == 4)) && says list "SIGBUS at byte" "of the 1048576 mapped of"
}
# No more room in between, which a limit that falls stands for.
has_no_room() {
    local run receiver pid status=0
    begins_to_move file-move || return 1
    for pid in $(pgrep -P "$run"); do
        prlimit --fsize=4096 --pid "$pid"
    done
    wait "$run" || status=$?
    cells a.json >list && ((status == 4)) &&
        says list "failed" "write of a file of 1048576 bytes: File too large (EFBIG)"
}

# --- mappings, segments ---------------------------------------------------------------------------

# Shared before the first write, nothing afterwards; a fault for each.
copies_on_write() {
    measures "${brief[@]}" -t cow,cow:kind=file -s 1M -o a.json && all_cells a.json ok &&
        [[ $(obtained a.json shared_bytes | sort -u) == $((1 << 20)) ]] &&
        (($(of_operation minor_faults | awk '$1 + 0 >= 0.99 && $1 < 1.2' | wc -l) == 2))
}
mappings=protect,protect:per=range,remap,remap:what=copy,remap:what=grow,remap:what=replace
mappings+=,unmap,unmap:per=range,unmap:how=dontneed,unmap:kind=private,per=hole
mappings+=,grow,grow:what=shrink,peer=mapped,grow:kind=file
# No page fault is in what touches nothing; in growth there is one for each page.
changes_mappings() {
    measures "${brief[@]}" -t "$mappings" -s 1M -o a.json && all_cells a.json ok &&
        (($(of_operation minor_faults | awk '$1 + 0 < 0.05' | wc -l) >= 10)) &&
        [[ $(obtained a.json left_bytes | sort -u) == 4096 ]]
}
# What reads the mapping meanwhile needs a CPU of its own.
keeps_company() {
    measures "${brief[@]}" -s 1M -o a.json \
        -t protect:peer=process,protect:peer=thread,unmap:peer=thread,grow:what=shrink,peer=process,grow:what=shrink,peer=thread \
        && all_cells a.json ok
}
company_needs_a_cpu() {
    measures "${brief[@]}" -s 1M --placement same-cpu -o a.json -t unmap,unmap:peer=thread &&
        cells a.json >list && grep -q "unmap/.* ok" list && grep -q "peer=thread.* skipped" list
}
sets_up_segments() {
    measures "${brief[@]}" -s 64K -o a.json \
        -t segment,segment:kind=xsi,access=rdonly,address=rnd,segment:kind=memfd,seals=all,access=rdonly,segment:what=detach,touched=yes \
        && all_cells a.json ok &&
        [[ $(obtained a.json segment_bytes | sort -u) == 65536 && $(obtained a.json seal_flags) == 14 &&
            $(obtained a.json mapped | sort | tr '\n' ' ') == "rdonly rdonly rw rw " ]]
}
skips_in_mappings() {
    measures "${brief[@]}" -s 1M -o a.json -t unmap:kind=private,peer=process,segment:address=rnd \
        -t segment:kind=memfd,seals=all,segment:what=create,touched=yes &&
        all_cells a.json skipped && cells a.json >list &&
        says list "no other process" "peer=thread" "cannot be mapped writable" "access=rdonly" \
            "SHM_RND" "kind=xsi" "after this step" "what=destroy"
}
# More mappings than a process may have: one line, before anything is made.
needs_mappings() {
    local pages=$((2 * $(</proc/sys/vm/max_map_count)))
    ((pages < 1 << 19)) || return 0 # more memory than should be needed here
    measures "${brief[@]}" -s "$((pages * 4))K" -o a.json -t unmap:per=hole &&
        all_cells a.json skipped && cells a.json >list && says list "mappings are needed" \
        "sysctl vm.max_map_count="
}
answers_beliefs() {
    measures --trials 4 --warmup 0.001 -s 1M -o a.json -t unmap,unmap:touched=no,segment:kind=xsi &&
        exits 0 try findings a.json --json && jq -r '.beliefs[] | [.verdict, .belief] | @tsv' out >list &&
        grep -Eq "^(confirmed|refuted|undecided).unmapping costs nothing" list &&
        grep -q "^not measured.XSI segments" list
}
leaves_nothing() { [[ -z $(ls -A tmp) && $(ipcs -m | wc -l) == "$segments" ]]; }

# --- what can be measured -------------------------------------------------------------------------

check "transports and operations refuse each other's patterns in one line" says_what_it_takes
check "all is what takes the pattern; -t touch means -p memory, 16 MiB" expands_to_what_takes_it
check "list shows operations apart, with what they put to the test" lists_apart
check "touch: a fault for every page, all of them present" touches_every_page
check "populating: a sample is of the whole region" populates_at_once
check "the result holds what is believed and what to hold it against; the table its columns" tells_beliefs
check "by=second" finds_what_another_touched
check "what does not go together is skipped with what does" skips_what_cannot_be
check "a region is whole pages" skips_half_pages
if ((EUID != 0)) || command -v setpriv >/dev/null; then
    check "ulimit -l 0: locking is skipped, the knob is ulimit -l" needs_the_right_to_lock
else
    skip "ulimit -l 0" "setpriv is missing"
fi
check "files: warm, and cold where the cache can be emptied" warms_and_cools
if [[ $(stat -f -c %T /dev/shm) == tmpfs && -w /dev/shm ]]; then
    check "a file on tmpfs is never cold: skipped, the knob is TMPDIR" cannot_cool_tmpfs
else
    skip "a file on tmpfs is never cold" "/dev/shm is no tmpfs"
fi

check "advice is given, and seen to be taken" advice_is_seen
check "advice that means nothing there, or does nothing, is skipped with what would do" advice_is_refused
check "what makes nothing durable, or maps nothing, is refused by name" moves_are_refused
check "the call that advises is one operation on all of it" times_the_call
check "files are moved in every way, and what arrives is what was written" moves_files
check "a file cut short under its mapping fails its trial" is_cut_short
if command -v prlimit >/dev/null && command -v pgrep >/dev/null; then
    check "so does a write that fails in between, and says why" has_no_room
else
    skip "a write that fails in between" "prlimit or pgrep is missing"
fi
if [[ $(stat -f -c %T tmp) == tmpfs ]]; then
    skip "cold files are cold, what is durable is read back from the disk" "TMPDIR is on tmpfs"
else
    check "cold files are cold, what is durable is read back from the disk" goes_to_the_disk
fi
if [[ $(stat -f -c %T /dev/shm) == tmpfs && -w /dev/shm ]]; then
    check "on tmpfs nothing is durable, cold or direct: skipped, the knob is TMPDIR" tmpfs_is_no_disk
else
    skip "on tmpfs nothing is durable, cold or direct" "/dev/shm is no tmpfs"
fi
mkdir small
if ((EUID == 0)) && mount -t tmpfs -o size=3M ipcbench-test small 2>/dev/null; then
    undo+=("umount $scratch/small")
    check "too little room: one line and a skip; with enough it works, and nothing is left" space_is_checked
else
    skip "too little room" "only root can mount a small file system"
fi
check "cow: every page is shared before it is written to, and copied" copies_on_write
check "mappings: no faults but where pages come new; what is left behind a file's end is nothing" changes_mappings
if (($(nproc) > 1)); then
    check "with a process or a thread on the memory" keeps_company
else
    skip "with a process or a thread on the memory" "one CPU"
fi
check "a thread on the memory needs a CPU of its own: skipped" company_needs_a_cpu
check "segments: size, access, seals as asked for" sets_up_segments
check "mappings and segments: what does not go together is skipped with what does" skips_in_mappings
check "too many mappings: skipped, the knob is vm.max_map_count" needs_mappings
if command -v jq >/dev/null; then
    check "findings answer what operations put to the test" answers_beliefs
else
    skip "findings answer what operations put to the test" "jq is missing"
fi

# --- huge pages -----------------------------------------------------------------------------------

pool=/proc/sys/vm/nr_hugepages
old_pool=$(<"$pool")
restore_pool() { [[ $(<"$pool") == "$old_pool" ]] || echo "$old_pool" >"$pool"; } 2>/dev/null
hugetlb=touch:huge=hugetlb,touch:kind=memfd,huge=hugetlb,touch:kind=xsi,huge=hugetlb
hugetlb+=,touch:kind=private,huge=hugetlb,noreserve=yes,touch:kind=memfd,huge=hugetlb,by=second
hugetlb+=,cow:huge=hugetlb,protect:huge=hugetlb,remap:huge=hugetlb,unmap:huge=hugetlb
hugetlb+=,grow:huge=hugetlb,grow:what=shrink,peer=mapped,huge=hugetlb

needs_huge_pages() {
    measures "${brief[@]}" -s 4M -o a.json -t "$hugetlb" && all_cells a.json skipped &&
        cells a.json >list && ! grep -v "vm.nr_hugepages=[24]" list
}
has_huge_pages() {
    measures "${brief[@]}" -s 4M -o a.json -t "$hugetlb" && all_cells a.json ok &&
        [[ $(obtained a.json page_bytes | sort -u) == 2097152 &&
            $(of_operation bytes | sort -u) == 2097152 ]]
}

# Pages that somebody else has reserved are left alone.
if ((old_pool == 0 && $(</proc/sys/vm/nr_overcommit_hugepages) == 0)) &&
    [[ -d /sys/kernel/mm/hugepages/hugepages-2048kB ]]; then
    check "no huge page: skipped, the knob is vm.nr_hugepages" needs_huge_pages
    if ((EUID == 0)); then
        undo+=(restore_pool)
        echo 8 2>/dev/null >"$pool"
    fi
fi
if (($(awk '$1 == "HugePages_Free:" { print $2 }' /proc/meminfo) >= 8)); then
    check "huge=hugetlb: every kind on 2 MiB pages" has_huge_pages
else
    skip "huge=hugetlb: every kind on 2 MiB pages" "no free huge pages, and none to be had"
fi

check "no file is left (segments: tests/conformance)" leaves_nothing
finish
