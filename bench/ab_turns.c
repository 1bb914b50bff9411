#include "bench/ab_turns.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "bench/ab_side.h"
#include "bench/interrupt.h"
#include "bench/progress.h"

/* Room for what is added to a side's options: program, verb, trials, seed, output, filter, --lockstep
 * and the end. */
enum { MORE_ARGUMENTS = 8 };

/* The cells chosen, as a filter that matches nothing else. */
static void append_filter(const struct plan *plan, const bool *chosen, struct text *out)
{
    const char *link = "--filter=^(";
    for (size_t cell = 0; cell < plan->count; ++cell) {
        if (!chosen[cell])
            continue;
        text_append(out, "%s", link);
        for (const char *at = plan->ids[cell]; *at; ++at)
            text_append(out, "%s%c", strchr(".[]{}()*+?^$|\\", *at) ? "\\" : "", *at);
        link = "|";
    }
    text_append(out, ")$");
}

/* `chosen`: of the cells; NULL: all. */
static int start_side(const struct ab_plans *plans, size_t index, const char *output,
                      const bool *chosen, struct ab_side *side, struct error *error)
{
    const struct ab_plan *const plan = &plans->sides[index];
    struct text trials = {0}, seed = {0}, path = {0}, filter = {0};
    char **const argv = calloc(plan->option_count + MORE_ARGUMENTS, sizeof(*argv));
    if (!argv)
        return error_system(error, ENOMEM, "arguments");
    size_t count = 0;
    text_append(&trials, "--trials=%zu", plans->trials);
    text_append(&seed, "--seed=%llu", (unsigned long long)plans->seed);
    text_append(&path, "--output=%s", output);
    argv[count++] = (char *)plan->program;
    argv[count++] = (char *)"run";
    memcpy(argv + count, plan->options, plan->option_count * sizeof(*argv));
    count += plan->option_count;
    argv[count++] = trials.data;
    argv[count++] = seed.data;
    argv[count++] = path.data;
    if (chosen) {
        append_filter(&plan->plan, chosen, &filter);
        argv[count++] = filter.data;
    }
    const int failure = trials.failed || seed.failed || path.failed || filter.failed
                            ? error_system(error, ENOMEM, "arguments")
                            : ab_side_start(side, ab_labels[index], argv, count, error);
    free(argv);
    text_free(&trials);
    text_free(&seed);
    text_free(&path);
    text_free(&filter);
    return failure;
}

static int check_same_plan(const struct ab_side *sides, struct error *error)
{
    if (sides[0].state == AB_GONE || sides[1].state == AB_GONE ||
        (sides[0].cells == sides[1].cells && sides[0].trials == sides[1].trials))
        return 0;
    return error_plain(error, "A plans %zu trials of %zu cells and B %zu of %zu: no pairs",
                       sides[0].trials, sides[0].cells, sides[1].trials, sides[1].cells);
}

/* Both stand before the same trial: which goes first changes from round to round (A B, B A), and
 * within a round from cell to cell. */
static int step_pair(struct ab_side *sides, struct error *error)
{
    const size_t first = (sides[0].cell + sides[0].round) % AB_SIDES;
    const int failure = ab_side_step(&sides[first], error);
    return failure ? failure : ab_side_step(&sides[1 - first], error);
}

/* One of them has a trial that the other has not (it was skipped, or is disturbed and repeated). */
static struct ab_side *find_behind(struct ab_side *sides)
{
    for (size_t side = 0; side < AB_SIDES; ++side) {
        const struct ab_side *const other = &sides[1 - side];
        if (sides[side].state == AB_BEFORE_TRIAL &&
            (other->state != AB_BEFORE_TRIAL || sides[side].order < other->order))
            return &sides[side];
    }
    return NULL;
}

static bool is_one_gone(const struct ab_side *sides)
{
    for (size_t side = 0; side < AB_SIDES; ++side) {
        if (sides[side].state == AB_GONE)
            return true;
    }
    return false;
}

static int take_turns(struct ab_side *sides, const struct plan *plan, const bool *chosen,
                      struct error *error)
{
    struct progress progress;
    int failure = check_same_plan(sides, error);
    progress_start(&progress, sides[0].cells * sides[0].trials);
    while (!failure && !*interrupt_flag() && !is_one_gone(sides)) {
        struct ab_side *const behind = find_behind(sides);
        struct ab_side *const any = behind ? behind : &sides[0];
        if (any->state == AB_BEFORE_END)
            break; /* both */
        const bool has_names = !chosen && any->cell < plan->count;
        progress_show(&progress, has_names ? plan->ids[any->cell] : "once more");
        if (any->round < sides[0].trials && !behind)
            progress_advance(&progress);
        failure = behind ? ab_side_step(behind, error) : step_pair(sides, error);
    }
    progress_end(&progress);
    for (size_t side = 0; side < AB_SIDES && !failure; ++side) {
        if (sides[side].state == AB_BEFORE_END && !*interrupt_flag())
            failure = ab_side_step(&sides[side], error);
    }
    return failure;
}

int ab_measure(const struct ab_plans *plans, const struct text *paths, const bool *chosen,
               struct error *error)
{
    struct ab_side sides[AB_SIDES] = {{.leave = -1}, {.leave = -1}};
    int failure = 0;
    /* One after the other: each measures the machine before it says that it is there. */
    for (size_t side = 0; side < AB_SIDES && !failure && !is_one_gone(sides); ++side)
        failure = start_side(plans, side, text_string(&paths[side]), chosen, &sides[side], error);
    if (!failure)
        failure = take_turns(sides, &plans->sides[0].plan, chosen, error);
    for (size_t side = 0; side < AB_SIDES; ++side) {
        const bool was_ended_by_us = sides[side].pid > 0;
        ab_side_stop(&sides[side]);
        if (!failure && !was_ended_by_us && !*interrupt_flag())
            failure = ab_side_check(&sides[side], error);
    }
    for (size_t side = 0; side < AB_SIDES; ++side)
        ab_side_close(&sides[side]);
    return failure;
}
