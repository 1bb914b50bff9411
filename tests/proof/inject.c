/* Options and rounds of `make inject`; inject.h says how it measures. */
#include "tests/proof/inject.h"

#include <errno.h>
#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "base/stats.h"
#include "harness/rounds.h"

enum { EXIT_MISSED = 1, EXIT_USAGE = 2, EXIT_CELL_FAILED = 4, EXIT_INTERRUPTED = 130 };
enum { COUNT_MOST = 10000, PILOT_TRIALS = 7 };
static const double probe_ratio_most = 1.5;

const double inject_shares[INJECT_VARIANTS] = {0, 0, 0.02, 0.05, 0.10};

static const struct stage_cell cells[] = {
    {"pipe", "", true},
    {"uds-stream", "", true},
    {"shm", "sync=futex,copy=no", true},
    {"shm", "sync=spin,copy=no,slots=1", false},
};
enum { CELLS = sizeof(cells) / sizeof(cells[0]) };

static int usage(void)
{
    fputs("usage: inject [-n EXPERIMENTS] [-r ROUNDS] [-s SECONDS] [-m p50|rate] [-S SEED] "
          "[-f REGEX]\n"
          "  -n  experiments (10)     -r  rounds of each (12)    -s  seconds of each trial (0.03)\n"
          "  -m  what is compared: the median round trip (p50), or how many there are per second\n"
          "  -S  seed of the order (1)  -f  cells whose TRANSPORT:OPTIONS matches\n"
          "exit status: 0 as it should be, 1 missed, 2 usage, 4 a cell failed\n",
          stderr);
    return EXIT_USAGE;
}

static void note_probes(const struct trial_result *result, struct inject_trial *trial)
{
    const double before_ns = result->probe_before_ns, after_ns = result->probe_after_ns;
    trial->probe_low_ns = before_ns < after_ns ? before_ns : after_ns;
    trial->probe_high_ns = before_ns < after_ns ? after_ns : before_ns;
}

/* A trial that is invalid gives no figure; one that cannot be run ends its cell. */
static struct inject_trial measure(struct inject_setting *setting, struct inject_cell *cell,
                                   size_t variant, uint64_t seed)
{
    struct inject_trial trial = {0};
    struct trial_result result;
    struct trial_request request = cell->requests[variant];
    request.layout = layout_of(seed);
    trial_run(&request, &setting->stage.workspace, &result);
    if (result.status == TRIAL_OK) {
        trial.round_trip_ns = setting->figure == INJECT_P50
                                  ? (double)hdr_percentile(&result.histogram, 50)
                                  : 1e9 / result.rate_per_s;
        note_probes(&result, &trial);
    } else if (result.status != TRIAL_INVALID) {
        cell->error = result.error;
    }
    trial_result_free(&result);
    return trial;
}

static int prepare(struct inject_setting *setting, struct inject_cell *cell)
{
    struct error *const error = &cell->error;
    if (!cell->cell.one_cpu && !stage_has_two_cpus(&setting->stage))
        return error_unavailable(error, "a second CPU", "there is one CPU");
    int failure = wrapped_make(&cell->wrapped, cell->cell.name, error);
    if (!failure)
        failure = stage_request(&setting->stage, &cell->wrapped.transport, &cell->cell,
                                &cell->requests[INJECT_BASE], error);
    if (failure)
        return failure;
    double pilot_ns[PILOT_TRIALS];
    size_t count = 0;
    for (size_t index = 0; index < PILOT_TRIALS && !error->code; ++index) {
        const struct inject_trial trial =
            measure(setting, cell, INJECT_BASE, setting->seed + index);
        if (trial.round_trip_ns > 0)
            pilot_ns[count++] = trial.round_trip_ns;
    }
    if (error->code)
        return -error->code;
    if (!count)
        return error_plain(error, "none of %d trials was valid", PILOT_TRIALS);
    cell->round_trip_ns = stats_median(pilot_ns, count);
    for (size_t variant = INJECT_CONTROL; variant < INJECT_VARIANTS; ++variant) {
        struct options *const options = &cell->requests[variant].options;
        cell->requests[variant] = cell->requests[INJECT_BASE];
        options->values[options->count - WRAPPED_OPTION_COUNT + WRAPPED_DELAY] =
            (uint64_t)(inject_shares[variant] * cell->round_trip_ns / setting->turn_ns + 0.5);
    }
    return 0;
}

static bool like_with_like(const struct inject_trial *a, const struct inject_trial *b)
{
    const double low_ns = a->probe_low_ns < b->probe_low_ns ? a->probe_low_ns : b->probe_low_ns;
    const double high_ns =
        a->probe_high_ns > b->probe_high_ns ? a->probe_high_ns : b->probe_high_ns;
    return high_ns <= low_ns * probe_ratio_most;
}

/* Marks variants that are not to be held against this round's base. */
static void drop_unlike(struct inject_trial *trials)
{
    for (size_t variant = INJECT_CONTROL; variant < INJECT_VARIANTS; ++variant) {
        if (!like_with_like(&trials[INJECT_BASE], &trials[variant]))
            trials[variant].round_trip_ns = 0;
    }
}

static void measure_rounds(struct inject_setting *setting, struct inject_cell *all)
{
    const size_t rounds = setting->experiments * setting->rounds;
    const volatile sig_atomic_t *const interrupted = setting->stage.interrupted;
    for (size_t round = 0; round < rounds && !*interrupted; ++round) {
        size_t order[CELLS];
        rounds_order(setting->seed, round, order, CELLS);
        for (size_t step = 0; step < CELLS; ++step) {
            struct inject_cell *const cell = &all[order[step]];
            if (!cell->trials)
                continue;
            struct inject_trial *const trials = cell->trials + round * INJECT_VARIANTS;
            size_t variants[INJECT_VARIANTS];
            if (isatty(STDERR_FILENO))
                fprintf(stderr, "\r\033[Kround %zu of %zu", round + 1, rounds);
            rounds_order(setting->seed + order[step] + 1, round, variants, INJECT_VARIANTS);
            for (size_t index = 0; index < INJECT_VARIANTS && !cell->error.code && !*interrupted;
                 ++index)
                trials[variants[index]] =
                    measure(setting, cell, variants[index], setting->seed + round);
            drop_unlike(trials);
        }
    }
    if (isatty(STDERR_FILENO))
        fputs("\r\033[K", stderr);
}

static bool wanted(const struct stage_cell *cell, const regex_t *filter)
{
    char name[80];
    snprintf(name, sizeof(name), "%s:%s", cell->name, cell->options);
    return !filter || !regexec(filter, name, 0, NULL, 0);
}

static int print(const struct inject_setting *setting, const struct inject_cell *all,
                 const regex_t *filter, struct error *error)
{
    struct inject_tally tally = {0};
    int failure = 0;
    bool failed = false;
    inject_print_head(setting);
    for (size_t index = 0; index < CELLS && !failure; ++index) {
        if (!wanted(&cells[index], filter))
            continue;
        failure = inject_print_cell(setting, &all[index], &tally, error);
        failed = failed || (all[index].error.code && !all[index].error.unavailable);
    }
    if (failure)
        return EXIT_CELL_FAILED;
    const bool good = inject_print_verdict(&tally);
    return failed ? EXIT_CELL_FAILED : good ? 0 : EXIT_MISSED;
}

static int run(struct inject_setting *setting, const regex_t *filter, struct error *error)
{
    struct inject_cell *const all = calloc(CELLS, sizeof(*all));
    if (!all)
        return -error_system(error, ENOMEM, "%d cells", CELLS);
    setting->turn_ns = wrapped_turn_ns();
    for (size_t index = 0; index < CELLS; ++index) {
        all[index].cell = cells[index];
        if (!wanted(&cells[index], filter) || prepare(setting, &all[index]))
            continue;
        all[index].trials = calloc(setting->experiments * setting->rounds * INJECT_VARIANTS,
                                   sizeof(*all[index].trials));
        if (!all[index].trials)
            error_system(&all[index].error, ENOMEM, "trials");
    }
    measure_rounds(setting, all);
    const int status =
        *setting->stage.interrupted ? EXIT_INTERRUPTED : print(setting, all, filter, error);
    for (size_t index = 0; index < CELLS; ++index)
        free(all[index].trials);
    free(all);
    return status;
}

static bool parse_number(const char *text, double most, double *number)
{
    char *end;
    *number = strtod(text, &end);
    return end != text && !*end && *number > 0 && *number <= most;
}

static bool parse_option(struct inject_setting *setting, int letter, const char *value)
{
    double number;
    if (letter == 'm') {
        setting->figure = !strcmp(value, "rate") ? INJECT_RATE : INJECT_P50;
        return !strcmp(value, "rate") || !strcmp(value, "p50");
    }
    if (!parse_number(value, letter == 's' ? 10 : COUNT_MOST, &number))
        return false;
    if (letter == 's')
        setting->stage.timed_seconds = number;
    else if (letter == 'n')
        setting->experiments = (size_t)number;
    else if (letter == 'r')
        setting->rounds = (size_t)number;
    else
        setting->seed = (uint64_t)number;
    return number >= 1 || letter == 's';
}

int main(int count, char **words)
{
    struct inject_setting setting = {
        .stage = {.warmup_seconds = 0.01,
                  .timed_seconds = 0.03,
                  .interrupted = stage_watch_signals()},
        .experiments = 10,
        .rounds = 12,
        .seed = 1,
    };
    regex_t filter;
    const char *expression = NULL;
    struct error error = {0};
    bool good = true;
    for (int letter; good && (letter = getopt(count, words, "n:r:s:m:S:f:")) != -1;) {
        if (letter == 'f')
            expression = optarg;
        else
            good = letter != '?' && parse_option(&setting, letter, optarg);
    }
    if (!good || optind != count ||
        (expression && regcomp(&filter, expression, REG_EXTENDED | REG_NOSUB)))
        return usage();
    int status = EXIT_CELL_FAILED;
    if (!stage_open(&setting.stage, setting.stage.timed_seconds, &error)) {
        status = run(&setting, expression ? &filter : NULL, &error);
        stage_close(&setting.stage);
    }
    if (expression)
        regfree(&filter);
    if (error.code)
        fprintf(stderr, "inject: %s\n", error.message);
    return status;
}
