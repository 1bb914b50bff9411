/* What people believe about IPC, one row each, and what these data say about it. To add a belief, add
 * a row; docs/advise.md says how verdicts come about. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "results/beliefs_parts.h"
#include "results/compare.h"
#include "results/finding_cells.h"
#include "results/run.h"

/* A file may claim thousands of comparable cells. */
enum { PAIRS_MOST = 1000 };

#define SHARED_MEMORY                                                                              \
    "shm:sync=sem|futex|spin mmap:sync=sem|futex|spin" /* and backing, copy etc. as usual */
#define QUEUES       "posix-mq:wait=block|spin xsi-mq"
#define UNIX_SOCKETS "uds-stream:wait=block|spin uds-dgram:wait=block|spin"
#define HUGE_MAPPING                                                                               \
    "mmap:huge=thp|hugetlb|hugetlb-1g,ring>=4M shm:huge=thp|hugetlb|hugetlb-1g,ring>=4M"
#define BASE_MAPPING   "mmap:huge=none,ring>=4M shm:huge=none,ring>=4M"
#define LARGE_MAPPINGS "huge pages pay for large mappings"

/* Beyond what any translation cache of today reaches with small pages, and in an order that none of them
 * can foresee. */
#define TELLING(huge)                                                                              \
    "mmap:huge=" huge ",order=random,ring>=64M shm:huge=" huge ",order=random,ring>=64M "          \
    "mmap:huge=" huge ",pattern=pagewalk|linewalk,size>=64M "                                      \
    "shm:huge=" huge ",pattern=pagewalk|linewalk,size>=64M"

/* A file's content moved as an operation, however the mapping is made; nothing but file-move has it. */
#define MAPPED_MOVES "file-move:how=mmap,mapping=new|kept"

static const struct belief beliefs[] = {
    {"shared memory is faster than message queues", CLAIM_FASTER, SHARED_MEMORY, QUEUES,
     "shared memory", "message queues"},
    {"message queues are faster than Unix sockets", CLAIM_FASTER, QUEUES, UNIX_SOCKETS,
     "message queues", "Unix sockets"},
    {"message queues are faster than TCP and UDP over loopback", CLAIM_FASTER, QUEUES,
     "tcp:wait=block|spin udp:wait=block|spin", "message queues", "TCP or UDP"},
    {"Unix sockets are faster than TCP over loopback", CLAIM_FASTER, "uds-stream", "tcp",
     "Unix stream sockets", "TCP"},
    {"Unix sockets are faster than UDP over loopback", CLAIM_FASTER, "uds-dgram", "udp",
     "Unix datagram sockets", "UDP"},
    {"POSIX and XSI message queues differ", CLAIM_DIFFERENT, "posix-mq", "xsi-mq",
     "POSIX message queues", "XSI message queues"},
    {"POSIX and XSI semaphores differ", CLAIM_DIFFERENT, "shm:sync=sem mmap:sync=sem",
     "shm:sync=xsi-sem mmap:sync=xsi-sem", "POSIX semaphores", "XSI semaphores"},
    {"a mapped file is faster than read and write", CLAIM_FASTER,
     "mmap:backing=file,sync=sem|futex|eventfd|spin " MAPPED_MOVES,
     "file:sync=* file file-move:how=read|pread", "mapped files",
     "files that are read and written"},
    {LARGE_MAPPINGS, CLAIM_FASTER, HUGE_MAPPING, BASE_MAPPING,
     "huge pages (rings of 4 MiB or more)", "base pages (rings of 4 MiB or more)"},
    {"a FIFO is slower than a pipe", CLAIM_SLOWER, "fifo", "pipe", "FIFOs", "pipes"},
    {"datagrams are slower than streams, over Unix sockets", CLAIM_SLOWER, "uds-dgram",
     "uds-stream", "Unix datagram sockets", "Unix stream sockets"},
    {"datagrams are slower than streams, over loopback", CLAIM_SLOWER, "udp", "tcp", "UDP", "TCP"},
};

/* Cells in which a matter shows most: where a run has some of both, they alone are asked. */
static const struct {
    const char *words, *first, *second;
} tellings[] = {
    {LARGE_MAPPINGS, TELLING("thp|hugetlb|hugetlb-1g"), TELLING("none")},
};

enum stance belief_stance(const struct belief *belief, const struct contest *contest)
{
    const bool differs = contest->outcome == CONTEST_FIRST || contest->outcome == CONTEST_SECOND;
    if (contest->outcome == CONTEST_OPEN)
        return STANCE_OPEN;
    if (belief->claim == CLAIM_DIFFERENT)
        return differs ? STANCE_FOR : STANCE_AGAINST;
    if (belief->claim == CLAIM_NO_SLOWER)
        return contest->outcome == CONTEST_SECOND ? STANCE_AGAINST : STANCE_FOR;
    return contest->outcome == (belief->claim == CLAIM_FASTER ? CONTEST_FIRST : CONTEST_SECOND)
               ? STANCE_FOR
               : STANCE_AGAINST;
}

/* --- pairs ------------------------------------------------------------------------------------- */

/* Does it take part? Several pairs at once are another question. */
static const char *matched(const struct run_cell *cell, const char *specification)
{
    return cell->crew ? NULL : finding_match(cell, specification);
}

int belief_add_pair(struct inquiry *inquiry, struct contest pair, struct error *error)
{
    const char *weakness = contest_weakness(pair.first);
    if (!*weakness)
        weakness = contest_weakness(pair.second);
    if (*weakness) {
        inquiry->weakness = inquiry->weak_pairs++ ? inquiry->weakness : weakness;
        return 0;
    }
    if (inquiry->pairs.count >= PAIRS_MOST)
        return 0;
    return contest_list_add(&inquiry->pairs, pair, error);
}

static int pair_up(const struct run *run, struct inquiry *inquiry, const struct run_cell *first,
                   const char *alternative, struct error *error)
{
    int failure = 0;
    for (size_t index = 0; index < run->cell_count && !failure; ++index) {
        const struct run_cell *const second = &run->cells[index];
        const char *const other = second->status == TRIAL_OK && finding_alike(first, second)
                                      ? matched(second, inquiry->second)
                                      : NULL;
        if (other && finding_comparable(first, alternative, second, other))
            failure = belief_add_pair(inquiry,
                                      contest_of(first, second, contest_main_figure(first)), error);
    }
    return failure;
}

static bool has_measured(const struct run *run, const char *specification)
{
    bool has = false;
    for (size_t index = 0; specification && index < run->cell_count && !has; ++index)
        has = run->cells[index].status == TRIAL_OK && matched(&run->cells[index], specification);
    return has;
}

static void choose_cells(const struct run *run, struct inquiry *inquiry)
{
    inquiry->first = inquiry->belief->first;
    inquiry->second = inquiry->belief->second;
    for (size_t row = 0; row < sizeof(tellings) / sizeof(tellings[0]); ++row) {
        if (strcmp(tellings[row].words, inquiry->belief->words) != 0 ||
            !has_measured(run, tellings[row].first) || !has_measured(run, tellings[row].second))
            continue;
        inquiry->first = tellings[row].first;
        inquiry->second = tellings[row].second;
    }
}

static int find_pairs(const struct run *run, struct inquiry *inquiry, struct error *error)
{
    const struct run_cell *missing_first = NULL, *missing_second = NULL;
    int failure = 0;
    for (size_t index = 0; index < run->cell_count && !failure; ++index) {
        const struct run_cell *const cell = &run->cells[index];
        const char *const first = matched(cell, inquiry->first);
        const bool is_second = matched(cell, inquiry->second);
        const bool is_ok = cell->status == TRIAL_OK;
        inquiry->first_cells += first && is_ok;
        inquiry->second_cells += is_second && is_ok;
        if (first && !is_ok && !missing_first)
            missing_first = cell;
        if (is_second && !is_ok && !missing_second)
            missing_second = cell;
        if (first && is_ok)
            failure = pair_up(run, inquiry, cell, first, error);
    }
    inquiry->missing = !inquiry->first_cells    ? missing_first
                       : !inquiry->second_cells ? missing_second
                                                : NULL;
    return failure;
}

/* --- settings ---------------------------------------------------------------------------------- */

/* Brings the pairs of each setting together, settings in the order of their first pair. */
static int group_pairs(struct inquiry *inquiry, struct error *error)
{
    const size_t count = inquiry->pairs.count;
    struct contest *const sorted = calloc(count + 1, sizeof(*sorted));
    bool *const taken = calloc(count + 1, sizeof(*taken));
    inquiry->settings = calloc(count + 1, sizeof(*inquiry->settings));
    if (!sorted || !taken || !inquiry->settings) {
        free(sorted);
        free(taken);
        return error_system(error, ENOMEM, "%zu pairs", count);
    }
    size_t filled = 0;
    for (size_t start = 0; start < count; ++start) {
        if (taken[start])
            continue;
        struct setting *const setting = &inquiry->settings[inquiry->setting_count++];
        *setting = (struct setting){.start = filled};
        for (size_t index = start; index < count; ++index) {
            const struct contest *const pair = &inquiry->pairs.contests[index];
            if (taken[index] || !finding_alike(inquiry->pairs.contests[start].first, pair->first))
                continue;
            taken[index] = true;
            sorted[filled++] = *pair;
            ++setting->count;
        }
    }
    free(taken);
    free(inquiry->pairs.contests);
    inquiry->pairs.contests = sorted;
    inquiry->pairs.capacity = count + 1;
    return 0;
}

/* That all pairs of a setting differ the same way is one claim, proven where each of them is: the
 * largest p (an intersection-union test). 1 where they do not point the same way. */
static double p_of_setting(const struct inquiry *inquiry, const struct setting *setting)
{
    const struct contest *const pairs = inquiry->pairs.contests + setting->start;
    double most = 0;
    for (size_t index = 0; index < setting->count; ++index) {
        if ((pairs[index].advantage.value > 1) != (pairs[0].advantage.value > 1))
            return 1;
        most = fmax(most, pairs[index].p);
    }
    return most;
}

/* A pair counts by the correction over all pairs, or with its whole setting by that over settings. */
static int correct(struct inquiry *inquiry, struct error *error)
{
    double *const p = calloc(inquiry->setting_count + 1, sizeof(*p));
    if (!p)
        return error_system(error, ENOMEM, "%zu settings", inquiry->setting_count);
    for (size_t index = 0; index < inquiry->setting_count; ++index)
        p[index] = p_of_setting(inquiry, &inquiry->settings[index]);
    int failure = rank_adjust(RANK_HOLM, p, inquiry->setting_count, error);
    if (!failure)
        failure = contests_correct(inquiry->pairs.contests, inquiry->pairs.count, error);
    for (size_t index = 0; index < inquiry->setting_count && !failure; ++index) {
        const struct setting *const setting = &inquiry->settings[index];
        struct contest *const pairs = inquiry->pairs.contests + setting->start;
        for (size_t pair = 0; pair < setting->count; ++pair) {
            pairs[pair].adjusted_p = fmin(pairs[pair].adjusted_p, p[index]);
            contest_judge(&pairs[pair]);
        }
    }
    free(p);
    return failure;
}

static void count_stances(struct inquiry *inquiry)
{
    for (size_t index = 0; index < inquiry->setting_count; ++index) {
        struct setting *const setting = &inquiry->settings[index];
        for (size_t pair = 0; pair < setting->count; ++pair) {
            const enum stance stance =
                belief_stance(inquiry->belief, &inquiry->pairs.contests[setting->start + pair]);
            ++setting->stances[stance];
            ++inquiry->stances[stance];
        }
        inquiry->decided_settings += setting->stances[STANCE_OPEN] < setting->count;
    }
}

/* --- verdicts ---------------------------------------------------------------------------------- */

static void judge(const struct inquiry *inquiry, struct belief_finding *finding)
{
    const size_t in_favour = inquiry->stances[STANCE_FOR];
    const size_t against = inquiry->stances[STANCE_AGAINST];
    finding->verdict = VERDICT_UNDECIDED;
    finding->depends = in_favour && against;
    if (!inquiry->pairs.count && !inquiry->weak_pairs)
        finding->verdict = VERDICT_NOT_MEASURED;
    else if (finding->depends || 2 * inquiry->decided_settings < inquiry->setting_count)
        return;
    else if (in_favour || against)
        finding->verdict = in_favour ? VERDICT_CONFIRMED : VERDICT_REFUTED;
}

/* The pairs that decided; where none did, all; where there are none, what is missing. */
static int add_evidence(const struct inquiry *inquiry, struct belief_finding *finding,
                        struct error *error)
{
    const bool decided = inquiry->decided_settings > 0;
    int failure = 0;
    for (size_t index = 0; index < inquiry->pairs.count && !failure; ++index) {
        const struct contest *const pair = &inquiry->pairs.contests[index];
        if (decided && pair->outcome == CONTEST_OPEN)
            continue;
        failure = evidence_add(&finding->evidence, pair->first, error);
        if (!failure)
            failure = evidence_add(&finding->evidence, pair->second, error);
    }
    if (!failure && finding->verdict == VERDICT_NOT_MEASURED && inquiry->missing)
        failure = evidence_add(&finding->evidence, inquiry->missing, error);
    return failure;
}

int belief_conclude(struct inquiry *inquiry, struct belief_finding *finding, struct error *error)
{
    struct text text = {0};
    int failure = group_pairs(inquiry, error);
    if (!failure)
        failure = correct(inquiry, error);
    if (failure)
        return failure;
    count_stances(inquiry);
    judge(inquiry, finding);
    belief_write_text(inquiry, finding, &text);
    finding->text = text_take(&text, error);
    return finding->text ? add_evidence(inquiry, finding, error) : -ENOMEM;
}

int beliefs_make(const struct run *run, struct findings *findings, struct error *error)
{
    const size_t count = sizeof(beliefs) / sizeof(beliefs[0]);
    int failure = 0;
    findings->beliefs = calloc(count + run->cell_count, sizeof(*findings->beliefs));
    if (!findings->beliefs)
        return error_system(error, ENOMEM, "findings");
    for (size_t row = 0; row < count && !failure; ++row) {
        struct inquiry inquiry = {.belief = &beliefs[row]};
        struct belief_finding *const finding = &findings->beliefs[findings->belief_count++];
        finding->belief = beliefs[row].words;
        choose_cells(run, &inquiry);
        failure = find_pairs(run, &inquiry, error);
        if (!failure)
            failure = belief_conclude(&inquiry, finding, error);
        contest_list_free(&inquiry.pairs);
        free(inquiry.settings);
    }
    return failure ? failure : beliefs_add_operations(run, findings, error);
}
