#include "transports/common/advice.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include "base/error.h"
#include "harness/transport.h"
#include "transports/common/file_cache.h"
#include "transports/common/memory_object.h"

#ifndef MADV_COLD
#define MADV_COLD    20 /* Linux 5.4 */
#define MADV_PAGEOUT 21
#endif
#ifndef MADV_COLLAPSE
#define MADV_COLLAPSE 25 /* Linux 6.1 */
#endif

/* What the advice is for. */
enum purpose {
    FOR_ANY = 0,
    FOR_FILES = 1,
    FOR_PRIVATE = 2,
    FOR_MEMFD = 4,
    FOR_RESIDENT = 8, /* memory that is there */
    FOR_COLD = 16,    /* memory that is not */
};

static const struct advice_row {
    const char *name;
    int advice;
    int posix_advice; /* -1: there is none */
    int purpose;      /* several kinds: any of them */
    const char *flag; /* what VmFlags has while it holds; NULL: nothing */
    struct operation_belief belief;
} rows[] = {
    [ADVISE_NORMAL] = {"MADV_NORMAL", MADV_NORMAL, POSIX_MADV_NORMAL, FOR_ANY, NULL, {0}},
    [ADVISE_SEQUENTIAL] = {"MADV_SEQUENTIAL",
                           MADV_SEQUENTIAL,
                           POSIX_MADV_SEQUENTIAL,
                           FOR_FILES,
                           " sr",
                           {"MADV_SEQUENTIAL speeds up reading a cold file from its beginning to "
                            "its end",
                            "advice=normal", BELIEF_CHEAPER}},
    [ADVISE_RANDOM] = {"MADV_RANDOM",
                       MADV_RANDOM,
                       POSIX_MADV_RANDOM,
                       FOR_FILES,
                       " rr",
                       {"MADV_RANDOM speeds up random reads of a cold file", "advice=normal",
                        BELIEF_CHEAPER}},
    [ADVISE_WILLNEED] = {"MADV_WILLNEED",
                         MADV_WILLNEED,
                         POSIX_MADV_WILLNEED,
                         FOR_FILES,
                         NULL,
                         {"MADV_WILLNEED speeds up reading a cold file", "advice=normal",
                          BELIEF_CHEAPER}},
    [ADVISE_DONTNEED] = {"MADV_DONTNEED",
                         MADV_DONTNEED,
                         POSIX_MADV_DONTNEED,
                         FOR_RESIDENT,
                         NULL,
                         {"MADV_DONTNEED makes it dear to touch the memory again", "advice=normal",
                          BELIEF_DEARER}},
    [ADVISE_COLD] = {"MADV_COLD",
                     MADV_COLD,
                     -1,
                     FOR_RESIDENT,
                     NULL,
                     {"MADV_COLD costs nothing until memory is short", "advice=normal",
                      BELIEF_NO_DEARER}},
    [ADVISE_PAGEOUT] = {"MADV_PAGEOUT",
                        MADV_PAGEOUT,
                        -1,
                        FOR_RESIDENT,
                        NULL,
                        {"after MADV_PAGEOUT a page is read from the disk again", "advice=normal",
                         BELIEF_DEARER}},
    [ADVISE_FREE] = {"MADV_FREE",
                     MADV_FREE,
                     -1,
                     FOR_PRIVATE | FOR_RESIDENT,
                     NULL,
                     {"MADV_FREE is cheaper than MADV_DONTNEED", "advice=dontneed",
                      BELIEF_CHEAPER}},
    [ADVISE_REMOVE] = {"MADV_REMOVE",
                       MADV_REMOVE,
                       -1,
                       FOR_MEMFD | FOR_RESIDENT,
                       NULL,
                       {"MADV_REMOVE costs more than MADV_DONTNEED, for it frees the pages "
                        "themselves",
                        "advice=dontneed", BELIEF_DEARER}},
    [ADVISE_HUGEPAGE] = {"MADV_HUGEPAGE",
                         MADV_HUGEPAGE,
                         -1,
                         FOR_PRIVATE | FOR_MEMFD | FOR_COLD,
                         " hg",
                         {"MADV_HUGEPAGE makes touching memory cheaper", "advice=normal",
                          BELIEF_CHEAPER}},
    [ADVISE_NOHUGEPAGE] = {"MADV_NOHUGEPAGE",
                           MADV_NOHUGEPAGE,
                           -1,
                           FOR_PRIVATE | FOR_MEMFD | FOR_COLD,
                           " nh",
                           {"MADV_NOHUGEPAGE changes nothing where huge pages are given on request "
                            "alone",
                            "advice=normal", BELIEF_NO_DEARER}},
    [ADVISE_COLLAPSE] = {"MADV_COLLAPSE",
                         MADV_COLLAPSE,
                         -1,
                         FOR_PRIVATE | FOR_MEMFD | FOR_RESIDENT,
                         NULL,
                         {"MADV_COLLAPSE makes memory that is there cheaper to use",
                          "advice=normal", BELIEF_CHEAPER}},
};

const char *advice_name(enum advice advice, bool posix)
{
    static const char *const posix_names[] = {
        [ADVISE_NORMAL] = "POSIX_MADV_NORMAL",     [ADVISE_SEQUENTIAL] = "POSIX_MADV_SEQUENTIAL",
        [ADVISE_RANDOM] = "POSIX_MADV_RANDOM",     [ADVISE_WILLNEED] = "POSIX_MADV_WILLNEED",
        [ADVISE_DONTNEED] = "POSIX_MADV_DONTNEED",
    };
    return posix && advice <= ADVISE_DONTNEED ? posix_names[advice] : rows[advice].name;
}

const char *advice_knob(enum advice advice)
{
    return advice == ADVISE_COLLAPSE ? "a kernel from 6.1 on, free huge pages"
                                     : "a kernel that has it";
}

bool advice_is_about_huge_pages(enum advice advice)
{
    return advice >= ADVISE_HUGEPAGE;
}

/* --- given ------------------------------------------------------------------------------------- */

int advice_check_target(enum advice advice, const struct advice_target *target, struct error *error)
{
    const struct advice_row *const row = &rows[advice];
    const int kinds = row->purpose & (FOR_FILES | FOR_PRIVATE | FOR_MEMFD);
    const int kind = target->is_file ? FOR_FILES : target->is_private ? FOR_PRIVATE : FOR_MEMFD;
    if (target->posix && row->posix_advice < 0)
        return error_unavailable(error, "call=madvise", "posix_madvise has no %s", row->name);
    if (kinds && !(kinds & kind))
        return error_unavailable(error,
                                 kinds == FOR_FILES     ? "kind=file"
                                 : kinds == FOR_PRIVATE ? "kind=private"
                                 : kinds == FOR_MEMFD   ? "kind=memfd"
                                                        : "kind=private, kind=memfd",
                                 "%s is not for %s", row->name,
                                 target->is_file      ? "ordinary files here"
                                 : target->is_private ? "private memory"
                                                      : "a memfd");
    if ((row->purpose & FOR_RESIDENT) && !target->is_resident)
        return error_unavailable(error, "state=resident",
                                 "%s is about memory that is there, and none is", row->name);
    if ((row->purpose & FOR_COLD) && target->is_resident)
        return error_unavailable(error, "state=cold, advice=collapse",
                                 "%s changes nothing at once where the memory is there", row->name);
    return 0;
}

int advice_give(enum advice advice, bool posix, void *address, size_t bytes)
{
    if (posix)
        return -posix_madvise(address, bytes, rows[advice].posix_advice);
    return madvise(address, bytes, rows[advice].advice) ? -errno : 0;
}

const struct operation_belief *advice_belief(enum advice advice, const struct advice_case *given)
{
    static const struct operation_belief
        jumps = {"reading a mapped file in random order is slower than in order",
                 "order=sequential", BELIEF_DEARER},
        call = {"advice costs nothing to give", "advice=normal", BELIEF_NO_DEARER};
    if (given->of_call)
        return advice == ADVISE_NORMAL ? NULL : &call;
    if (advice == ADVISE_NORMAL)
        return given->in_random_order && given->is_cold ? &jumps : NULL;
    const bool other_order = (advice == ADVISE_RANDOM && !given->in_random_order) ||
                             (advice == ADVISE_SEQUENTIAL && given->in_random_order);
    const bool for_cold =
        advice == ADVISE_RANDOM || advice == ADVISE_SEQUENTIAL || advice == ADVISE_WILLNEED;
    return other_order || (for_cold && !given->is_cold) ? NULL : &rows[advice].belief;
}

/* --- seen -------------------------------------------------------------------------------------- */

int advice_look(const struct memory_object *object, const struct memory_view *view,
                struct advice_sight *sight, struct error *error)
{
    const int failure = object->kind == OBJECT_FILE
                            ? file_cache_settled(object, &sight->resident_bytes, error)
                            : memory_view_resident(object, view, &sight->resident_bytes, error);
    return failure ? failure : memory_pages_of(view->address, &sight->pages, error);
}

/* Which figure should have fallen by the advice, or risen, and from what to what it went. */
struct effect {
    const char *figure;
    uint64_t from_bytes, to_bytes;
    bool rises;
    const char *knob;
};

/* Half of it is enough: what is in use elsewhere at the moment is left out by the kernel. */
static int check_effect(const char *name, const struct effect *effect, struct error *error)
{
    const bool taken = effect->rises ? effect->to_bytes > effect->from_bytes
                                     : effect->to_bytes <= effect->from_bytes / 2;
    if (taken)
        return 0;
    return error_unavailable(error, effect->knob, "%s was not taken: %s is %llu bytes, before %llu",
                             name, effect->figure, (unsigned long long)effect->to_bytes,
                             (unsigned long long)effect->from_bytes);
}

static int check_huge(enum advice advice, const struct memory_object *object,
                      const struct advice_trace *trace, struct error *error)
{
    const uint64_t huge_bytes = trace->all.pages.huge_bytes;
    if (advice == ADVISE_NOHUGEPAGE ? !huge_bytes : huge_bytes >= object->bytes)
        return 0;
    return error_unavailable(error, memory_object_huge_knob(object),
                             "%s: smaps shows %llu of %zu bytes mapped by huge pages",
                             rows[advice].name, (unsigned long long)huge_bytes, object->bytes);
}

static int check_taken(enum advice advice, const struct memory_object *object,
                       const struct advice_trace *trace, struct error *error)
{
    const struct advice_sight *const before = &trace->before, *const after = &trace->after;
    const bool is_file = object->kind == OBJECT_FILE;
    const char *const name = advice_name(advice, trace->posix);
    const struct effect less_mapped = {"Rss in smaps", before->pages.resident_bytes,
                                       after->pages.resident_bytes, false, "call=madvise"},
                        less_cached = {"what mincore shows", before->resident_bytes,
                                       after->resident_bytes, false,
                                       is_file ? "TMPDIR on a disk's file system (not tmpfs)"
                                               : "swapon"},
                        more_cached = {"what mincore shows", before->resident_bytes,
                                       after->resident_bytes, true,
                                       "/sys/class/bdi/*/read_ahead_kb"},
                        less_referenced = {"Referenced in smaps", before->pages.referenced_bytes,
                                           after->pages.referenced_bytes, false,
                                           "a kernel from 5.4 on"},
                        more_freed = {"LazyFree in smaps", before->pages.lazy_free_bytes,
                                      after->pages.lazy_free_bytes, true, "a kernel from 4.12 on"};
    switch (advice) {
    case ADVISE_WILLNEED:
        return before->resident_bytes ? 0 : check_effect(name, &more_cached, error);
    case ADVISE_DONTNEED:
        return check_effect(name, &less_mapped, error);
    case ADVISE_COLD:
        return check_effect(name, &less_referenced, error);
    case ADVISE_PAGEOUT:
    case ADVISE_REMOVE:
        return check_effect(name, &less_cached, error);
    case ADVISE_FREE:
        return check_effect(name, &more_freed, error);
    case ADVISE_HUGEPAGE:
    case ADVISE_NOHUGEPAGE:
    case ADVISE_COLLAPSE:
        return check_huge(advice, object, trace, error);
    case ADVISE_NORMAL:
    case ADVISE_SEQUENTIAL:
    case ADVISE_RANDOM:
        break;
    }
    return 0;
}

int advice_check(enum advice advice, const struct memory_object *object,
                 const struct advice_trace *trace, struct obtained *obtained, struct error *error)
{
    const char *const flag = rows[advice].flag;
    obtained_number(obtained, "before_bytes", (int64_t)trace->before.resident_bytes);
    obtained_number(obtained, "after_advice_bytes", (int64_t)trace->after.resident_bytes);
    obtained_number(obtained, "after_advice_mapped_bytes",
                    (int64_t)trace->after.pages.resident_bytes);
    obtained_number(obtained, "after_first_access_bytes", (int64_t)trace->first.resident_bytes);
    obtained_number(obtained, "huge_bytes", (int64_t)trace->all.pages.huge_bytes);
    if (object->kind == OBJECT_FILE)
        file_cache_obtained(object, obtained);
    if (flag && !strstr(trace->after.pages.flags, flag))
        return error_unavailable(error, "a kernel that takes it",
                                 "%s was not taken: no%s in VmFlags of smaps",
                                 advice_name(advice, trace->posix), flag);
    return check_taken(advice, object, trace, error);
}
