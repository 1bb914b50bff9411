/* ipcbench ab: two programs, or one with two sets of options, measured in turns and compared pair by
 * pair. Two result files from different minutes of a shared machine are weak evidence; here both
 * sides see the same minutes. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/error.h"
#include "base/text.h"
#include "base/units.h"
#include "bench/ab_request.h"
#include "bench/ab_turns.h"
#include "bench/command.h"
#include "bench/commands.h"
#include "bench/compare_print.h"
#include "bench/config.h"
#include "bench/interrupt.h"
#include "results/json.h"
#include "results/run.h"

/* Both sides, measured once. */
struct ab_runs {
    struct text paths[AB_SIDES];
    struct run runs[AB_SIDES];
    struct comparison comparison;
};

/* --- comparing ------------------------------------------------------------------------------------ */

/* "results/runs/20261121-140000-ab" and "-a.json", for the cells measured again "-retest-a.json". */
static int name_files(const struct ab_request *request, const char *what, struct text *paths,
                      struct error *error)
{
    char now[32];
    const time_t seconds = time(NULL);
    struct tm utc;
    gmtime_r(&seconds, &utc);
    strftime(now, sizeof(now), "%Y%m%d-%H%M%S", &utc);
    for (size_t side = 0; side < AB_SIDES; ++side) {
        if (request->output)
            text_append(&paths[side], "%s", request->output);
        else
            text_append(&paths[side], "results/runs/%s-ab", now);
        text_append(&paths[side], "%s-%c.json", what, "ab"[side]);
        if (paths[side].failed)
            return error_system(error, ENOMEM, "names of files");
    }
    return 0;
}

static int compare(const struct ab_request *request, const struct ab_plans *plans,
                   struct ab_runs *ab, struct error *error)
{
    struct compare_options options = request->compare.options;
    options.paired = true;
    options.allow_different = true; /* what differs is what was asked about, and is listed */
    options.by_place = plans->by_place;
    for (size_t side = 0; side < AB_SIDES; ++side) {
        const int failure = run_load(text_string(&ab->paths[side]), &ab->runs[side], error);
        if (failure)
            return failure;
    }
    const int failure = compare_runs(&ab->runs[0], &ab->runs[1], &options, &ab->comparison, error);
    ab->comparison.base_name = text_string(&ab->paths[0]);
    ab->comparison.now_name = text_string(&ab->paths[1]);
    return failure;
}

static int measure_and_compare(const struct ab_request *request, const struct ab_plans *plans,
                               const char *what, const bool *chosen, struct ab_runs *ab,
                               struct error *error)
{
    int failure = name_files(request, what, ab->paths, error);
    if (!failure)
        failure = ab_measure(plans, ab->paths, chosen, error);
    return failure ? failure : compare(request, plans, ab, error);
}

static void free_runs(struct ab_runs *ab)
{
    compare_free(&ab->comparison);
    for (size_t side = 0; side < AB_SIDES; ++side) {
        run_free(&ab->runs[side]);
        text_free(&ab->paths[side]);
    }
}

/* Fresh processes for the cells that gave an alarm. */
static int retest(const struct ab_request *request, const struct ab_plans *plans,
                  struct ab_runs *first, struct error *error)
{
    struct comparison *const comparison = &first->comparison;
    struct ab_runs again = {0};
    size_t flagged = 0;
    bool *const chosen = calloc(comparison->cell_count + 1, sizeof(*chosen));
    if (!chosen)
        return error_system(error, ENOMEM, "%zu cells", comparison->cell_count);
    for (size_t cell = 0; cell < comparison->cell_count; ++cell) {
        chosen[cell] = compare_is_flagged(&comparison->cells[cell]);
        flagged += chosen[cell];
    }
    int failure = 0;
    if (flagged) {
        fprintf(stderr, "ipcbench: ab: %zu %s once more\n", flagged,
                flagged == 1 ? "cell" : "cells");
        struct ab_plans fresh = *plans; /* another order, other layouts of memory */
        ++fresh.seed;
        failure = measure_and_compare(request, &fresh, "-retest", chosen, &again, error);
        if (!failure && !*interrupt_flag())
            compare_retest(comparison, &again.comparison);
        free_runs(&again);
    }
    free(chosen);
    return failure;
}

/* --- the verb ------------------------------------------------------------------------------------- */

static int print_plan(const struct ab_plans *plans)
{
    const struct plan *const a = &plans->sides[0].plan, *const b = &plans->sides[1].plan;
    for (size_t cell = 0; cell < a->count; ++cell) {
        if (plans->by_place)
            printf("%s against %s\n", a->ids[cell], b->ids[cell]);
        else
            printf("%s\n", a->ids[cell]);
    }
    const double seconds =
        (plan_seconds(a) / (double)a->trials + plan_seconds(b) / (double)b->trials) *
        (double)plans->trials;
    printf("%zu cells, %zu pairs of trials each: about %s\n", a->count, plans->trials,
           units_duration(seconds).text);
    return EXIT_FINE;
}

static int carry_out(const struct ab_request *request, const struct ab_plans *plans,
                     struct error *error)
{
    struct ab_runs ab = {0};
    int status = EXIT_USAGE;
    interrupt_catch();
    int failure = measure_and_compare(request, plans, "", NULL, &ab, error);
    if (!failure && request->retest && !*interrupt_flag())
        failure = retest(request, plans, &ab, error);
    if (!failure)
        failure = compare_print(&request->compare, &ab.comparison, error);
    if (!failure)
        status = *interrupt_flag() ? EXIT_INTERRUPTED : compare_status(&ab.comparison);
    if (!failure && *interrupt_flag())
        fprintf(stderr, "ipcbench: ab: interrupted: compared is what is complete\n");
    free_runs(&ab);
    return status;
}

static int ab(void *request, const struct command_words *words, struct error *error)
{
    const struct ab_request *const wanted = request;
    struct ab_plans plans;
    int status = EXIT_USAGE;
    if (!ab_plans_make(&plans, wanted, words, error))
        status = wanted->dry_run ? print_plan(&plans) : carry_out(wanted, &plans, error);
    if (error->code)
        error_prefix(error, "ab: ");
    ab_plans_free(&plans);
    return status;
}

static void prepare(void *request)
{
    ((struct ab_request *)request)->compare.options = compare_defaults();
}

static void release(void *request)
{
    compare_request_free(&((struct ab_request *)request)->compare);
    for (size_t side = 0; side < AB_SIDES; ++side)
        split_free(&((struct ab_request *)request)->own[side]);
}

static const struct command_option options[] = {
    {.name = "a",
     .value = "'OPTIONS'",
     .text = "of ipcbench run, for A alone",
     .take = take_split,
     .member = offsetof(struct ab_request, own[0])},
    {.name = "b",
     .value = "'OPTIONS'",
     .text = "for B alone. The sides' cells are paired in order, so that transports too may differ",
     .take = take_split,
     .member = offsetof(struct ab_request, own[1])},
    {.name = "retest",
     .text = "cells that regressed or failed are measured again, with fresh processes, and count "
             "only if they do so again",
     .take = take_flag,
     .member = offsetof(struct ab_request, retest)},
    COMPARE_REQUEST_OPTIONS,
    {.name = "output",
     .letter = 'o',
     .value = "NAME",
     .text = "result files NAME-a.json and NAME-b.json (results/runs/<time>-ab)",
     .take = take_path,
     .member = offsetof(struct ab_request, output)},
    {.name = "dry-run",
     .text = "print the plan and its expected time, measure nothing",
     .take = take_flag,
     .member = offsetof(struct ab_request, dry_run)},
};

const struct command command_ab = {
    .name = "ab",
    .summary = "is B slower than A? two programs or sets of options, measured in turns",
    .synopsis = "ipcbench ab [options] -- A_PROGRAM B_PROGRAM\n"
                "ipcbench ab [options] --a 'OPTIONS' --b 'OPTIONS' [-- A_PROGRAM B_PROGRAM]",
    .about =
        "Is B slower than A? Both measure the same cells in turns, A B in one round and B A in "
        "the next, and are compared pair by pair: what the machine does meanwhile it does to "
        "both. Two result files from different minutes of a shared machine are weaker "
        "evidence. The programs are builds of ipcbench; without them it is this one, twice. "
        "The report calls A BASE and B NEW.\n"
        "\n"
        "A cell regressed if B was slower in significantly many pairs (sign test, corrected "
        "for the number of figures) AND the median of the pairs' ratios exceeds the threshold "
        "AND half its own interval; else as ipcbench compare says. --trials is the number of "
        "pairs; without it as many as it takes to be significant though a quarter of them says "
        "the contrary, of short trials (" AB_SECONDS " s; --time).",
    .options = options,
    .option_count = sizeof(options) / sizeof(options[0]),
    .inherits = &command_run,
    .inherited =
        "transport plugin pattern size burst rate arrivals idle filter suite trials time warmup "
        "seed touch placement cpus pairs senders receivers mem",
    .words_most = COMMAND_ANY,
    .statuses = "0 fine, 1 a cell regressed, 2 usage or file error, 3 not comparable, 4 a cell "
                "failed that did not in A, 130 interrupted.",
    .examples =
        "ipcbench ab --retest --suite quick -- ../before/build/ipcbench build/ipcbench\n"
        "ipcbench ab -t pipe,uds-stream -p pingpong --a '--idle default' --b '--idle poll'\n"
        "ipcbench ab -p stream -s 64K --a '-t pipe' --b '-t pipe:capacity=1M'\n"
        "ipcbench ab --suite quick -f pingpong --trials 10 -- build/ipcbench build/ipcbench",
    .request_bytes = sizeof(struct ab_request),
    .prepare = prepare,
    .release = release,
    .run = ab,
};
