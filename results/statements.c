/* The fastest, and how sure that is: small and large messages, closed loop and open. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "results/finding_cells.h"
#include "results/run.h"
#include "results/statements_parts.h"

/* A file may claim thousands of cells that are alike. */
enum { CELLS_MOST = 500 };

/* Of a CPU's time that something else took while nothing was measured: worth a word. */
static const double lost_share_least = 0.05;

static const uint64_t small_bytes_most = 1024, large_bytes_least = 16384, usual_bytes = 64;

/* --- which cells ------------------------------------------------------------------------------- */

enum { TOPIC_LARGE = 1, TOPIC_SLEEPING = 2 };

static const struct question questions[] = {
    {PATTERN_PINGPONG,
     "has the shortest round trip",
     "is",
     "as fast as",
     {"fastest round trip, small messages", "fastest round trip, large messages",
      "fastest round trip without spinning, small messages",
      "fastest round trip without spinning, large messages"}},
    {PATTERN_STREAM,
     "has the highest rate",
     "is",
     "as fast as",
     {"fastest stream, small messages", "fastest stream, large messages",
      "fastest stream without spinning, small messages",
      "fastest stream without spinning, large messages"}},
    {PATTERN_PACED,
     "has the shortest response",
     "is",
     "as fast as",
     {"fastest response at a given rate, small messages",
      "fastest response at a given rate, large messages",
      "fastest response at a given rate without spinning, small messages",
      "fastest response at a given rate without spinning, large messages"}},
    {PATTERN_LOAD,
     "carries the highest load before its tail grows",
     "carries",
     "the load of",
     {"highest load, small messages", "highest load, large messages",
      "highest load without spinning, small messages",
      "highest load without spinning, large messages"}},
};

static const char *topic_of(const struct task *task)
{
    return task->question
        ->topics[(task->large ? TOPIC_LARGE : 0) | (task->sleeping ? TOPIC_SLEEPING : 0)];
}

static bool is_candidate(const struct run_cell *cell, enum pattern pattern)
{
    return cell->pattern == pattern && cell->status == TRIAL_OK && !cell->crew &&
           !finding_is_yardstick(cell);
}

/* The cells like this one, it included. */
static size_t collect_alike(const struct run *run, const struct run_cell *like, bool sleeping,
                            const struct run_cell **cells)
{
    size_t count = 0;
    for (size_t index = 0; index < run->cell_count && count < CELLS_MOST; ++index) {
        const struct run_cell *const cell = &run->cells[index];
        if (is_candidate(cell, like->pattern) && finding_alike(cell, like) &&
            !(sleeping && finding_spins(cell)))
            cells[count++] = cell;
    }
    return count;
}

static uint64_t away_from_usual(uint64_t bytes)
{
    return bytes > usual_bytes ? bytes - usual_bytes : usual_bytes - bytes;
}

/* Small: the setting with the most cells, else nearest to 64 bytes. Large: the largest size. */
static bool is_preferred(const struct run_cell *cell, size_t count, const struct run_cell *chosen,
                         size_t chosen_count, bool large)
{
    if (!chosen)
        return true;
    if (large && cell->size_bytes != chosen->size_bytes)
        return cell->size_bytes > chosen->size_bytes;
    if (count != chosen_count)
        return count > chosen_count;
    return away_from_usual(cell->size_bytes) < away_from_usual(chosen->size_bytes);
}

/* A cell of the setting to speak of; NULL: none with two cells to choose between. */
static const struct run_cell *choose_setting(const struct run *run, enum pattern pattern,
                                             bool large, const struct run_cell **room)
{
    const struct run_cell *chosen = NULL;
    size_t chosen_count = 0;
    for (size_t index = 0; index < run->cell_count; ++index) {
        const struct run_cell *const cell = &run->cells[index];
        if (!is_candidate(cell, pattern) ||
            (large ? cell->size_bytes < large_bytes_least : cell->size_bytes > small_bytes_most) ||
            (chosen && finding_alike(cell, chosen)))
            continue;
        const size_t count = collect_alike(run, cell, false, room);
        if (count < 2 || !is_preferred(cell, count, chosen, chosen_count, large))
            continue;
        chosen = cell;
        chosen_count = count;
    }
    return chosen;
}

/* --- statements -------------------------------------------------------------------------------- */

static size_t end_of_group(const struct ranking *ranking)
{
    size_t end = 0;
    while (end < ranking->ranked && ranking->cells[end].place == 1)
        ++end;
    return end;
}

static int add_statement(const struct task *task, const struct ranking *ranking,
                         struct error *error)
{
    const size_t group = end_of_group(ranking);
    const size_t named = group < ranking->ranked ? group + 1 : group;
    struct text text = {0};
    struct evidence evidence = {0};
    int failure = 0;
    statement_write_ranking(task, ranking, group, &text);
    for (size_t index = 0; index < named && !failure; ++index)
        failure = evidence_add(&evidence, ranking->cells[index].cell, error);
    if (!failure)
        return statement_add(task->findings, topic_of(task), &text, &evidence, error);
    text_free(&text);
    evidence_free(&evidence);
    return failure;
}

static int state_fastest(const struct task *task, struct error *error)
{
    const size_t count = collect_alike(task->run, task->like, task->sleeping, task->room);
    struct ranking ranking;
    int failure = ranking_make(task->room, count, contest_main_figure(task->like), &ranking, error);
    if (!failure && ranking.ranked >= 2)
        failure = add_statement(task, &ranking, error);
    ranking_free(&ranking);
    return failure;
}

/* All, then, where some of them spin, those that sleep. */
static int answer(struct task *task, struct error *error)
{
    task->like = choose_setting(task->run, task->question->pattern, task->large, task->room);
    if (!task->like)
        return 0;
    const size_t all = collect_alike(task->run, task->like, false, task->room);
    const size_t sleeping = collect_alike(task->run, task->like, true, task->room);
    task->sleeping = false;
    int failure = state_fastest(task, error);
    task->sleeping = true;
    if (!failure && sleeping < all)
        failure = state_fastest(task, error);
    return failure;
}

/* What to think of all that follows, where the machine had other things to do. */
int statements_add_quiet(const struct run *run, struct findings *findings, struct error *error)
{
    const struct baseline *const before = &run->noise.before;
    const double lost =
        fmax(before->jitter[SIDE_SENDER].lost_share, before->jitter[SIDE_RECEIVER].lost_share);
    struct text text = {0};
    struct evidence none = {0};
    if (!before->taken || lost < lost_share_least)
        return 0;
    text_append(&text,
                "Before the run other work took up to %.0f %% of the time of the two CPUs. Figures "
                "scatter, so that little can be told apart, and shares of CPU come out too small.",
                100 * lost);
    return statement_add(findings, FINDINGS_TOPIC_QUIET, &text, &none, error);
}

int statements_make(const struct run *run, struct findings *findings, struct error *error)
{
    const struct run_cell **const room = calloc(CELLS_MOST, sizeof(*room));
    if (!room)
        return error_system(error, ENOMEM, "findings");
    int failure = 0;
    for (size_t index = 0; index < sizeof(questions) / sizeof(questions[0]); ++index) {
        struct task task = {
            .run = run, .question = &questions[index], .room = room, .findings = findings};
        for (int large = 0; large < 2 && !failure; ++large) {
            task.large = large;
            failure = answer(&task, error);
        }
    }
    free((void *)room);
    return failure;
}
