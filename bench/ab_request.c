#include "bench/ab_request.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "bench/command.h"
#include "bench/config.h"

const char *const ab_labels[AB_SIDES] = {"A", "B"};

int take_split(const char *value, void *member, struct error *error)
{
    struct split *const split = member;
    split_free(split);
    return split_words(value, split, error);
}

/* Two programs, or this one twice. */
static int choose_programs(struct ab_plans *plans, const struct command_words *words,
                           struct error *error)
{
    if (words->count != 0 && words->count != AB_SIDES)
        return error_plain(error, "two programs are expected behind --, A and B, or none");
    for (size_t side = 0; side < AB_SIDES; ++side) {
        plans->sides[side].program = words->count ? words->values[side] : "/proc/self/exe";
        if (access(plans->sides[side].program, X_OK))
            return error_system(error, errno, "%s", plans->sides[side].program);
    }
    return 0;
}

/* Its options, and the plan that this program makes of them. */
static int make_plan(struct ab_plan *side, const struct split *own,
                     const struct command_words *words, struct config *config, struct error *error)
{
    char *const times[] = {(char *)"--time=" AB_SECONDS, (char *)"--warmup=" AB_WARMUP_SECONDS};
    const size_t most = sizeof(times) / sizeof(times[0]) + words->passed_count + own->count;
    side->options = calloc(most + 1, sizeof(*side->options));
    char **const argv = calloc(most + 2, sizeof(*argv));
    if (!side->options || !argv) {
        free(argv);
        return error_system(error, ENOMEM, "options");
    }
    /* First, so that what was asked for comes after it. */
    for (size_t index = 0; index < sizeof(times) / sizeof(times[0]); ++index)
        side->options[side->option_count++] = times[index];
    for (size_t index = 0; index < words->passed_count; ++index)
        side->options[side->option_count++] = words->passed[index];
    for (size_t index = 0; index < own->count; ++index)
        side->options[side->option_count++] = own->words[index];
    argv[0] = (char *)"run";
    memcpy(argv + 1, side->options, side->option_count * sizeof(*argv));
    int failure = config_parse(config, (int)side->option_count + 1, argv, error);
    if (!failure)
        failure = registry_load(&config->registry, error);
    if (!failure)
        failure = plan_make(&side->plan, config, error);
    side->registry = config->registry;
    config->registry = (struct registry){0};
    free(argv); /* getopt has put it into its own order; ours stays */
    return failure;
}

static size_t count_figures(const struct plan *plan, const bool *gated)
{
    size_t count = 0;
    for (size_t cell = 0; cell < plan->count; ++cell) {
        for (size_t metric = 0; metric < COMPARE_METRICS; ++metric)
            count += gated[metric] &&
                     compare_applies((enum compare_metric)metric, plan->requests[cell].pattern);
    }
    return count;
}

/* What the sides have in common must be the same measurement. */
static int check_plans(struct ab_plans *plans, struct error *error)
{
    const struct plan *const a = &plans->sides[0].plan, *const b = &plans->sides[1].plan;
    if (a->count != b->count)
        return error_plain(error,
                           "A would measure %zu cells and B %zu: pair by pair they must be "
                           "as many",
                           a->count, b->count);
    for (size_t cell = 0; cell < a->count; ++cell) {
        if (a->requests[cell].pattern != b->requests[cell].pattern)
            return error_plain(error, "A's %s and B's %s are not of the same pattern", a->ids[cell],
                               b->ids[cell]);
        plans->by_place |= strcmp(a->ids[cell], b->ids[cell]) != 0;
    }
    return 0;
}

static int make_plans(struct ab_plans *plans, const struct ab_request *request,
                      const struct command_words *words, struct error *error)
{
    size_t trials = 0;
    for (size_t side = 0; side < AB_SIDES; ++side) {
        struct config config = {0};
        const int failure =
            make_plan(&plans->sides[side], &request->own[side], words, &config, error);
        if (failure && request->own[side].count)
            error_prefix(error, "%s: ", ab_labels[side]);
        if (side == 0 || config.has_seed)
            plans->seed = config.seed;
        trials = config.trials > trials ? config.trials : trials;
        config_free(&config);
        if (failure)
            return failure;
    }
    const int failure = check_plans(plans, error);
    if (failure)
        return failure;
    plans->figures = count_figures(&plans->sides[0].plan, request->compare.options.gated);
    if (!plans->figures)
        return error_plain(error, "--metric: none of %zu cells has such a figure",
                           plans->sides[0].plan.count);
    const bool corrected = request->compare.options.correction != COMPARE_UNCORRECTED;
    plans->trials = trials ? trials : compare_pairs_needed(corrected ? plans->figures : 1);
    return 0;
}

int ab_plans_make(struct ab_plans *plans, const struct ab_request *request,
                  const struct command_words *words, struct error *error)
{
    *plans = (struct ab_plans){0};
    const int failure = choose_programs(plans, words, error);
    return failure ? failure : make_plans(plans, request, words, error);
}

void ab_plans_free(struct ab_plans *plans)
{
    for (size_t side = 0; side < AB_SIDES; ++side) {
        free(plans->sides[side].options);
        plan_free(&plans->sides[side].plan);
        registry_free(&plans->sides[side].registry);
    }
    *plans = (struct ab_plans){0};
}
