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
skips() {
    measures "${brief[@]}" -s 1M -o a.json -t "$1" && all_cells a.json skipped && cells a.json >list &&
        says list "$2" "$3"
}
skips_what_cannot_be() {
    skips touch:kind=private,uninitialized=yes "is ignored by this kernel" "without MMU" &&
        skips touch:kind=private,by=second "no other process" "kind=anon" &&
        skips touch:kind=xsi,how=populate "shmat takes no" "how=mlock" &&
        skips touch:peer=active "first touch away" "by=second"
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

segments=$(ipcs -m | wc -l)
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

# --- mappings, segments ---------------------------------------------------------------------------

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

check "no file, no segment is left" leaves_nothing
finish
