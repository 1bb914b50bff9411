/* The ranked choices for each workload that the run has figures of. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "results/advice_words.h"
#include "results/finding_cells.h"
#include "results/findings_parts.h"
#include "results/run.h"

/* A file may claim thousands of cells that are alike. */
enum { CELLS_MOST = 500 };

/* Where a workload's figure for an aim comes from: the first of the patterns that was measured. A
 * stream has no latency, and what a sender of events costs is lost in its waiting. */
struct source {
    enum workload workload;
    enum aim aim;
    enum contest_figure figure;
    enum pattern patterns[3];
    size_t pattern_count;
};

#define EVENTS {PATTERN_PACED, PATTERN_ONEWAY, PATTERN_BURST}, 3

static const struct source sources[] = {
    {WORKLOAD_REQUEST_REPLY, AIM_P50, CONTEST_P50, {PATTERN_PINGPONG}, 1},
    {WORKLOAD_REQUEST_REPLY, AIM_P99, CONTEST_P99, {PATTERN_PINGPONG}, 1},
    {WORKLOAD_REQUEST_REPLY, AIM_THROUGHPUT, CONTEST_RATE, {PATTERN_PINGPONG}, 1},
    {WORKLOAD_REQUEST_REPLY, AIM_CPU, CONTEST_CPU, {PATTERN_PINGPONG}, 1},
    {WORKLOAD_STREAM, AIM_THROUGHPUT, CONTEST_RATE, {PATTERN_STREAM}, 1},
    {WORKLOAD_STREAM, AIM_CPU, CONTEST_CPU, {PATTERN_STREAM}, 1},
    {WORKLOAD_EVENTS, AIM_P50, CONTEST_P50, EVENTS},
    {WORKLOAD_EVENTS, AIM_P99, CONTEST_P99, EVENTS},
    {WORKLOAD_EVENTS, AIM_THROUGHPUT, CONTEST_RATE, {PATTERN_LOAD}, 1},
    {WORKLOAD_EVENTS, AIM_CPU, CONTEST_CPU, EVENTS},
};

static bool is_candidate(const struct run_cell *cell)
{
    return cell->status == TRIAL_OK && !cell->crew && !finding_is_yardstick(cell);
}

static size_t collect_alike(const struct run *run, const struct run_cell *like,
                            const struct run_cell **cells)
{
    size_t count = 0;
    for (size_t index = 0; index < run->cell_count && count < CELLS_MOST; ++index) {
        const struct run_cell *const cell = &run->cells[index];
        if (is_candidate(cell) && finding_alike(cell, like))
            cells[count++] = cell;
    }
    return count;
}

/* The setting (placement, idle policy, rate, ...) with the most cells; the first of several. */
static const struct run_cell *choose_setting(const struct run *run, enum pattern pattern,
                                             uint64_t size_bytes, const struct run_cell **room)
{
    const struct run_cell *chosen = NULL;
    size_t most = 0;
    for (size_t index = 0; index < run->cell_count; ++index) {
        const struct run_cell *const cell = &run->cells[index];
        if (!is_candidate(cell) || cell->pattern != pattern || cell->size_bytes != size_bytes ||
            (chosen && finding_alike(cell, chosen)))
            continue;
        const size_t count = collect_alike(run, cell, room);
        if (count > most) {
            most = count;
            chosen = cell;
        }
    }
    return chosen;
}

static const struct run_cell *find_source(const struct run *run, const struct source *source,
                                          uint64_t size_bytes, const struct run_cell **room)
{
    const struct run_cell *found = NULL;
    for (size_t index = 0; index < source->pattern_count && !found; ++index)
        found = choose_setting(run, source->patterns[index], size_bytes, room);
    return found;
}

/* --- choices ----------------------------------------------------------------------------------- */

static int write_choice(const struct run *run, const struct ranking *ranking, size_t index,
                        struct choice *choice, struct error *error)
{
    const struct ranked_cell *const entry = &ranking->cells[index];
    struct text lines[CHOICE_LINES] = {0};
    *choice = (struct choice){
        .cell = entry->cell,
        .place = entry->place,
        .tied = entry->tied,
        .cpu_share = finding_cpu_share(entry->cell),
    };
    advice_write_figure(ranking, index, &lines[0]);
    int failure = advice_write_cost(entry->cell, choice->cpu_share, &lines[1], error);
    advice_write_caveats(run, entry->cell, &lines[2]);
    for (size_t line = 0; line < CHOICE_LINES; ++line) {
        choice->lines[line] = text_take(&lines[line], error);
        if (!choice->lines[line])
            failure = -ENOMEM;
    }
    return failure;
}

/* The head of an advice, without choices. */
static int begin_advice(const struct source *source, const struct run_cell *like, size_t most,
                        struct findings *findings, struct error *error)
{
    struct advice *const all =
        realloc(findings->advice, (findings->advice_count + 1) * sizeof(*findings->advice));
    struct text setting = {0};
    if (!all)
        return error_system(error, ENOMEM, "findings");
    findings->advice = all;
    struct advice *const advice = &all[findings->advice_count++];
    finding_write_setting(like, &setting);
    *advice = (struct advice){
        .size_bytes = like->size_bytes,
        .workload = source->workload,
        .aim = source->aim,
        .setting = text_take(&setting, error),
        .choices = calloc(most + 1, sizeof(*advice->choices)),
    };
    return advice->setting && advice->choices ? 0 : error_system(error, ENOMEM, "findings");
}

/* Keeps those of the cells that take no more than this; returns how many. */
static size_t keep_thrifty(const struct run_cell **cells, size_t count, double cpu_share_most,
                           struct advice *advice)
{
    size_t kept = 0;
    for (size_t index = 0; index < count; ++index) {
        const double share = finding_cpu_share(cells[index]);
        if (share >= 0 && (!advice->thriftiest || share < advice->least_cpu_share)) {
            advice->thriftiest = cells[index];
            advice->least_cpu_share = share;
        }
        if (cpu_share_most > 0 && (share < 0 || share > cpu_share_most))
            ++advice->left_out;
        else
            cells[kept++] = cells[index];
    }
    return kept;
}

/* Of cells none of which has the figure. */
static void drop_last(struct findings *findings)
{
    struct advice *const advice = &findings->advice[--findings->advice_count];
    free(advice->choices);
    free(advice->setting);
}

/* What all advice is made from. */
struct work {
    const struct run *run;
    double cpu_share_most;
    const struct run_cell **room;
    struct findings *findings;
};

static int advise(const struct work *work, const struct source *source, uint64_t size_bytes,
                  struct error *error)
{
    const struct run_cell *const like = find_source(work->run, source, size_bytes, work->room);
    struct ranking ranking;
    if (!like)
        return 0;
    size_t count = collect_alike(work->run, like, work->room);
    int failure = begin_advice(source, like, count, work->findings, error);
    if (failure)
        return failure;
    struct advice *const advice = &work->findings->advice[work->findings->advice_count - 1];
    count = keep_thrifty(work->room, count, work->cpu_share_most, advice);
    failure = ranking_make(work->room, count, source->figure, &ranking, error);
    for (size_t index = 0; !failure && index < ranking.count; ++index)
        failure =
            write_choice(work->run, &ranking, index, &advice->choices[advice->count++], error);
    advice->without_figure = count - advice->count;
    if (!failure && !advice->count && !advice->left_out)
        drop_last(work->findings);
    ranking_free(&ranking);
    return failure;
}

/* --- sizes ------------------------------------------------------------------------------------- */

static int by_size(const void *left, const void *right)
{
    const uint64_t a = *(const uint64_t *)left, b = *(const uint64_t *)right;
    return (a > b) - (a < b);
}

/* Ascending, each once. */
static size_t collect_sizes(const struct run *run, uint64_t *sizes)
{
    size_t count = 0, kept = 0;
    for (size_t index = 0; index < run->cell_count; ++index) {
        if (is_candidate(&run->cells[index]))
            sizes[count++] = run->cells[index].size_bytes;
    }
    qsort(sizes, count, sizeof(*sizes), by_size);
    for (size_t index = 0; index < count; ++index) {
        if (!kept || sizes[kept - 1] != sizes[index])
            sizes[kept++] = sizes[index];
    }
    return kept;
}

static int advise_sizes(const struct work *work, uint64_t *sizes, struct error *error)
{
    const size_t count = collect_sizes(work->run, sizes);
    int failure = 0;
    for (size_t size = 0; size < count; ++size) {
        for (size_t index = 0; index < sizeof(sources) / sizeof(sources[0]) && !failure; ++index)
            failure = advise(work, &sources[index], sizes[size], error);
    }
    return failure;
}

int advice_make(const struct run *run, double cpu_share_most, struct findings *findings,
                struct error *error)
{
    uint64_t *const sizes = calloc(run->cell_count + 1, sizeof(*sizes));
    const struct run_cell **const room = calloc(CELLS_MOST, sizeof(*room));
    const struct work work = {run, cpu_share_most, room, findings};
    const int failure =
        sizes && room ? advise_sizes(&work, sizes, error) : error_system(error, ENOMEM, "findings");
    free(sizes);
    free((void *)room);
    return failure;
}
