/* A/A: a result file against itself.
 *
 *     aa [--worst N] [--spoil PERCENT] FILE
 *
 * Each cell's trials are dealt to two halves by their rounds, A B B A A B B A ..., so that of each two
 * neighbouring rounds one goes to either, and slow changes of the machine hit both alike. Nothing
 * differs between the halves; how often they seem to is how often ipcbench raises a false alarm:
 *
 *     apart   the 95 % intervals of the two medians exclude each other
 *     p < 5 % Mann-Whitney, exact, each cell on its own
 *     Holm    the same, corrected for all cells of the metric
 *
 * Wanted: at most 5 % of the cells for the first two, none for the last. A share over 5 % counts as
 * missed once so many cells would come by chance less than once in 40 times. Cells are measured side by
 * side and their figures depend on each other somewhat, so the verdict is a guide as well: by design the
 * last says "one" in up to 5 % of all runs. --spoil multiplies the figures of half B, to show that
 * a difference would be found. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/rank_test.h"
#include "results/json.h"
#include "results/run.h"
#include "tests/proof/chance.h"

enum { EXIT_DIFFER = 1, EXIT_USAGE = 2 };
enum { HALF_LEAST = 4 }; /* below, no outcome has p < 5 % */
static const double level = 0.05;
static const double confidence = 0.95;
static const double by_chance = 0.025;

/* One cell's figures of one metric, in halves. */
struct comparison {
    const char *id;
    double median[2];
    bool apart;
    double ratio;
    double p;
    double p_holm;
};

typedef double figure_of(const struct run_trial *trial);

static double p50_of(const struct run_trial *trial)
{
    return trial->figures.p50_ns;
}

static double rate_of(const struct run_trial *trial)
{
    return trial->figures.rate_per_s;
}

static const struct metric {
    const char *name;
    figure_of *figure;
    bool latency_alone;
} metrics[] = {
    {"p50", p50_of, true},
    {"rate", rate_of, false},
};

struct command {
    const char *path;
    double spoil_percent;
    size_t worst;
};

/* The comparisons of one metric. */
struct family {
    const struct metric *metric;
    struct comparison *comparisons; /* owned */
    size_t count;
    size_t too_few; /* cells with too few trials to differ */
};

static int half_of(size_t round)
{
    return round % 4 == 1 || round % 4 == 2;
}

static size_t deal(const struct command *command, const struct metric *metric,
                   const struct run_cell *cell, struct rank_sample halves[2], double *values)
{
    double *const starts[2] = {values, values + cell->trial_count};
    size_t counts[2] = {0};
    for (size_t index = 0; index < cell->trial_count; ++index) {
        const struct run_trial *const trial = &cell->trials[index];
        const double figure = metric->figure(trial);
        const int half = half_of(trial->round);
        if (trial->result.status == TRIAL_OK && figure > 0)
            starts[half][counts[half]++] =
                half ? figure * (1 + command->spoil_percent / 100) : figure;
    }
    for (int half = 0; half < 2; ++half)
        halves[half] = (struct rank_sample){starts[half], counts[half]};
    return counts[0] < counts[1] ? counts[0] : counts[1];
}

/* `values` are those of the halves, and get sorted. */
static int compare(const struct rank_sample halves[2], double *values, size_t offset,
                   struct comparison *comparison, struct error *error)
{
    struct rank_comparison test;
    struct rank_ratio ratio;
    int failure = rank_compare(&halves[0], &halves[1], &test, error);
    if (!failure)
        failure = rank_ratio(&halves[0], &halves[1], confidence, &ratio, error);
    if (failure)
        return failure;
    const struct stats_median a = stats_median_interval(values, halves[0].count, confidence);
    const struct stats_median b =
        stats_median_interval(values + offset, halves[1].count, confidence);
    comparison->median[0] = a.value;
    comparison->median[1] = b.value;
    comparison->apart = a.high < b.low || b.high < a.low;
    comparison->ratio = ratio.value;
    comparison->p = comparison->p_holm = test.p;
    return 0;
}

static int correct(struct family *family, struct error *error)
{
    double *const p = calloc(family->count + 1, sizeof(*p));
    if (!p)
        return error_system(error, ENOMEM, "%zu p-values", family->count);
    for (size_t index = 0; index < family->count; ++index)
        p[index] = family->comparisons[index].p;
    const int failure = rank_adjust(RANK_HOLM, p, family->count, error);
    for (size_t index = 0; index < family->count; ++index)
        family->comparisons[index].p_holm = p[index];
    free(p);
    return failure;
}

static int make_family(const struct command *command, const struct run *run, struct family *family,
                       struct error *error)
{
    family->comparisons = calloc(run->cell_count + 1, sizeof(*family->comparisons));
    if (!family->comparisons)
        return error_system(error, ENOMEM, "%zu comparisons", run->cell_count);
    for (size_t index = 0; index < run->cell_count; ++index) {
        const struct run_cell *const cell = &run->cells[index];
        if (!cell->trial_count ||
            (family->metric->latency_alone && !pattern_is_latency(cell->pattern)))
            continue;
        double *const values = calloc(2 * cell->trial_count, sizeof(*values));
        if (!values)
            return error_system(error, ENOMEM, "%zu trials", cell->trial_count);
        struct rank_sample halves[2];
        int failure = 0;
        struct comparison *const comparison = &family->comparisons[family->count];
        comparison->id = cell->id;
        if (deal(command, family->metric, cell, halves, values) < HALF_LEAST)
            ++family->too_few;
        else if (!(failure = compare(halves, values, cell->trial_count, comparison, error)))
            ++family->count;
        free(values);
        if (failure)
            return failure;
    }
    return correct(family, error);
}

static const char *judge_share(size_t seen, size_t count, bool *missed)
{
    if ((double)seen <= level * (double)count)
        return "met";
    if (chance_of(seen, count, level) >= by_chance)
        return "within chance";
    *missed = true;
    return "MISSED";
}

static bool print_family(const struct family *family)
{
    size_t apart = 0, uncorrected = 0, corrected = 0;
    bool missed = false;
    for (size_t index = 0; index < family->count; ++index) {
        apart += family->comparisons[index].apart;
        uncorrected += family->comparisons[index].p < level;
        corrected += family->comparisons[index].p_holm < level;
    }
    const double percent = family->count ? 100 / (double)family->count : 0;
    printf("%-5s %6zu", family->metric->name, family->count);
    printf(" %6zu %5.1f %% %-13s", apart, (double)apart * percent,
           judge_share(apart, family->count, &missed));
    printf(" %6zu %5.1f %% %-13s", uncorrected, (double)uncorrected * percent,
           judge_share(uncorrected, family->count, &missed));
    printf(" %5zu %s\n", corrected, corrected ? "MISSED" : "met");
    return missed || corrected;
}

static int compare_p(const void *left, const void *right)
{
    const double a = ((const struct comparison *)left)->p;
    const double b = ((const struct comparison *)right)->p;
    return (a > b) - (a < b);
}

static void print_worst(const struct family *family, size_t worst)
{
    qsort(family->comparisons, family->count, sizeof(*family->comparisons), compare_p);
    for (size_t index = 0; index < family->count && index < worst; ++index) {
        const struct comparison *const comparison = &family->comparisons[index];
        printf("%-5s %12.4g %12.4g %7.3f %8.2g %8.2g %s%s\n", family->metric->name,
               comparison->median[0], comparison->median[1], comparison->ratio, comparison->p,
               comparison->p_holm, comparison->id, comparison->apart ? "  (apart)" : "");
    }
}

static int print(const struct command *command, const struct run *run, struct family *families,
                 size_t count)
{
    bool missed = false;
    size_t compared = 0, too_few = 0;
    printf("A/A of %s: %zu cells, %zu trials asked for; even halves of the same trials\n",
           command->path, run->cell_count, run->request.trials);
    printf("%-5s %6s %14s %-13s %14s %-13s %5s\n", "", "cells", "apart", "(<= 5 %)", "p < 5 %",
           "(<= 5 %)", "Holm (0)");
    for (size_t index = 0; index < count; ++index) {
        missed = print_family(&families[index]) || missed;
        compared += families[index].count;
        too_few += families[index].too_few;
    }
    if (too_few)
        printf("%zu comparisons left out: fewer than %d good trials in a half\n", too_few,
               HALF_LEAST);
    printf("\nlargest differences\n%-5s %12s %12s %7s %8s %8s\n", "", "A", "B", "ratio", "p",
           "Holm");
    for (size_t index = 0; index < count; ++index)
        print_worst(&families[index], command->worst);
    printf("\nverdict: %s\n", !compared ? "nothing to compare"
                              : missed  ? "FAILED: equal halves differ too often"
                                        : "ok: equal halves differ no more often than they should");
    return missed || !compared ? EXIT_DIFFER : 0;
}

static int usage(void)
{
    fputs("usage: aa [--worst N] [--spoil PERCENT] FILE\n"
          "  --worst N        how many cells of each metric to show (5)\n"
          "  --spoil PERCENT  makes half B so much larger: must be found\n"
          "exit status: 0 as often as should be, 1 too often or nothing to compare, 2 usage\n",
          stderr);
    return EXIT_USAGE;
}

static bool parse_number(const char *text, double *number)
{
    char *end;
    *number = strtod(text, &end);
    return end != text && !*end && *number >= 0 && *number <= 1000;
}

static bool parse(int count, char **words, struct command *command)
{
    double number;
    for (int index = 1; index < count; ++index) {
        const bool worst = !strcmp(words[index], "--worst");
        if (worst || !strcmp(words[index], "--spoil")) {
            if (++index == count || !parse_number(words[index], &number))
                return false;
            if (worst)
                command->worst = (size_t)number;
            else
                command->spoil_percent = number;
        } else if (words[index][0] == '-' || command->path) {
            return false;
        } else {
            command->path = words[index];
        }
    }
    return command->path;
}

int main(int count, char **words)
{
    enum { METRICS = sizeof(metrics) / sizeof(metrics[0]) };
    struct command command = {.worst = 5};
    struct family families[METRICS] = {0};
    struct run run = {0};
    struct error error = {0};
    if (!parse(count, words, &command))
        return usage();
    int status = EXIT_USAGE, failure = run_load(command.path, &run, &error);
    for (size_t index = 0; index < METRICS && !failure; ++index) {
        families[index].metric = &metrics[index];
        failure = make_family(&command, &run, &families[index], &error);
    }
    if (failure)
        fprintf(stderr, "aa: %s\n", error.message);
    else
        status = print(&command, &run, families, METRICS);
    for (size_t index = 0; index < METRICS; ++index)
        free(families[index].comparisons);
    run_free(&run);
    return status;
}
