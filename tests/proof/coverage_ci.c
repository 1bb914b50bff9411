/* Do the intervals hold the truth as often as they claim? Samples of known truth are drawn, skewed
 * and bimodal ones too, the interval of each is taken, and the share of intervals that hold the
 * truth is set beside what they claim.
 *
 *   coverage_ci [-q] [--spoil]
 *
 * Exit status: 0 every coverage is at least the claimed one less three standard errors of the
 * simulation, 1 some are not, 2 usage or no memory. The seed is fixed: the same table every time. */
#include <errno.h>
#include <getopt.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/random.h"
#include "base/stats.h"
#include "base/trend.h"
#include "tests/proof/samples.h"

#define COUNT_OF(array) (sizeof(array) / sizeof(array)[0])

enum { EXIT_BELOW = 1, EXIT_CANNOT = 2 };
enum { SAMPLE_MOST = 60, SIZES_MOST = 5 };
enum { SEED = 1, QUICK_PART = 20 };
static const double confidence = 0.95;
static const double standard_errors_allowed = 3;

struct simulation {
    bool quick;
    bool spoil; /* halve every interval: the check must notice */
    struct random random;
    size_t cells;
    size_t below; /* of the cells */
};

/* What is drawn, and the truth about it: the median of what `draw` gives, or the slope per window
 * that is added to it. */
struct population {
    const char *name;
    double (*draw)(struct random *random);
    double truth;
    double grain; /* values are rounded to multiples of it; 0: not at all */
};

struct sample {
    double values[SAMPLE_MOST];
    size_t count;
};

struct interval {
    double low;
    double estimate;
    double high;
    double claimed; /* coverage, 0..1 */
};

/* Samples of one size from one population. */
struct cell {
    size_t count;
    double coverage;
    double claimed;
};

/* One kind of interval. */
struct study {
    const char *title;
    const char *size_name;
    size_t sizes[SIZES_MOST];
    size_t size_count;
    const struct population *populations;
    size_t population_count;
    size_t repetitions; /* samples of each cell */
    bool sloped;        /* the truth is a slope */
    /* 0 or -ENOMEM */
    int (*interval)(struct sample *sample, struct interval *interval);
};

static double draw_lognormal_half(struct random *random)
{
    return exp(0.5 * sample_normal(random));
}

static double draw_lognormal_one(struct random *random)
{
    return exp(sample_normal(random));
}

static double draw_modes_even(struct random *random)
{
    return sample_two_modes(random, 2, 0.5, 0.1);
}

static double draw_modes_uneven(struct random *random)
{
    return sample_two_modes(random, 2, 0.2, 0.1);
}

/* Medians: of even modes, by symmetry of the logarithms, the square root of their product; of 80/20
 * modes the value that 5/8 of the lower mode lie below, exp(0.1 * 0.318639). */
static const struct population trials[] = {
    {"normal", sample_normal, 0, 0},
    {"normal, rounded to half a sigma", sample_normal, 0, 0.5},
    {"lognormal, sigma 0.5", draw_lognormal_half, 1, 0},
    {"lognormal, sigma 1", draw_lognormal_one, 1, 0},
    {"exponential", sample_exponential, M_LN2, 0},
    {"two modes, 1 : 2, 50 % each", draw_modes_even, M_SQRT2, 0},
    {"two modes, 1 : 2, 80 and 20 %", draw_modes_uneven, 1.03237702681, 0},
    {"heavy tails (Student's t, 2)", sample_heavy, 0, 0},
};

static const struct population windows[] = {
    {"normal, no drift", sample_normal, 0, 0},
    {"normal, drift", sample_normal, 0.1, 0},
    {"normal, drift, rounded to sigma", sample_normal, 0.1, 1},
    {"exponential, drift", sample_exponential, 0.1, 0},
    {"lognormal, sigma 1, drift", draw_lognormal_one, -0.1, 0},
    {"two modes, 80 and 20 %, drift", draw_modes_uneven, 0.1, 0},
    {"heavy tails, drift", sample_heavy, -0.1, 0},
};

static int median_interval(struct sample *sample, struct interval *interval)
{
    const struct stats_median median =
        stats_median_interval(sample->values, sample->count, confidence);
    *interval = (struct interval){median.low, median.value, median.high, median.coverage};
    return 0;
}

static int slope_interval(struct sample *sample, struct interval *interval)
{
    struct trend trend;
    const int failed = trend_of(sample->values, sample->count, confidence, &trend);
    *interval = (struct interval){trend.low, trend.slope, trend.high, confidence};
    return failed;
}

static const struct study studies[] = {
    {
        .title = "Median over trials, interval by order statistics",
        .size_name = "trials",
        .sizes = {6, 8, 10, 20, 40},
        .size_count = 5,
        .populations = trials,
        .population_count = COUNT_OF(trials),
        .repetitions = 20000,
        .interval = median_interval,
    },
    {
        .title = "Drift over the windows of a trial, Theil-Sen slope and interval",
        .size_name = "windows",
        .sizes = {6, 10, 20, 30, 60},
        .size_count = 5,
        .populations = windows,
        .population_count = COUNT_OF(windows),
        .repetitions = 4000,
        .sloped = true,
        .interval = slope_interval,
    },
};

static void draw_sample(const struct study *study, const struct population *population,
                        struct sample *sample, struct random *random)
{
    for (size_t i = 0; i < sample->count; i++) {
        double value = population->draw(random);
        if (study->sloped)
            value += population->truth * (double)i;
        if (population->grain > 0)
            value = population->grain * round(value / population->grain);
        sample->values[i] = value;
    }
}

static void halve(struct interval *interval)
{
    interval->low = (interval->low + interval->estimate) / 2;
    interval->high = (interval->high + interval->estimate) / 2;
}

static size_t repetitions_of(const struct simulation *simulation, const struct study *study)
{
    return simulation->quick ? study->repetitions / QUICK_PART : study->repetitions;
}

/* The share of intervals that hold the truth, of samples of `count` values. */
static int cover(struct simulation *simulation, const struct study *study,
                 const struct population *population, struct cell *cell)
{
    struct sample sample = {.count = cell->count};
    const size_t repetitions = repetitions_of(simulation, study);
    size_t held = 0;

    for (size_t i = 0; i < repetitions; i++) {
        struct interval interval;
        draw_sample(study, population, &sample, &simulation->random);
        const int failed = study->interval(&sample, &interval);
        if (failed)
            return failed;
        if (simulation->spoil)
            halve(&interval);
        held += interval.low <= population->truth && population->truth <= interval.high;
        cell->claimed = interval.claimed; /* depends on the count alone */
    }
    cell->coverage = (double)held / (double)repetitions;
    return 0;
}

static bool is_below(const struct cell *cell, size_t repetitions)
{
    const double variance = cell->claimed * (1 - cell->claimed) / (double)repetitions;
    return cell->coverage < cell->claimed - standard_errors_allowed * sqrt(variance);
}

static int print_row(struct simulation *simulation, const struct study *study,
                     const struct population *population, struct cell cells[static SIZES_MOST])
{
    printf("  %-32s", population->name);
    for (size_t i = 0; i < study->size_count; i++) {
        cells[i] = (struct cell){.count = study->sizes[i]};
        const int failed = cover(simulation, study, population, &cells[i]);
        if (failed)
            return failed;
        const bool below = is_below(&cells[i], repetitions_of(simulation, study));
        printf(" %6.1f%c", 100 * cells[i].coverage, below ? '!' : ' ');
        simulation->cells++;
        simulation->below += below;
    }
    putchar('\n');
    return 0;
}

static int print_study(struct simulation *simulation, const struct study *study)
{
    struct cell cells[SIZES_MOST] = {0};
    printf("\n%s (%zu samples a cell)\n  %-32s", study->title, repetitions_of(simulation, study),
           study->size_name);
    for (size_t i = 0; i < study->size_count; i++)
        printf(" %6zu ", study->sizes[i]);
    putchar('\n');
    for (size_t i = 0; i < study->population_count; i++) {
        const int failed = print_row(simulation, study, &study->populations[i], cells);
        if (failed)
            return failed;
    }
    printf("  %-32s", "claimed");
    for (size_t i = 0; i < study->size_count; i++)
        printf(" %6.1f ", 100 * cells[i].claimed);
    putchar('\n');
    return 0;
}

static int parse(struct simulation *simulation, int argc, char **argv)
{
    static const struct option options[] = {
        {"quick", no_argument, NULL, 'q'},
        {"spoil", no_argument, NULL, 's'},
        {0},
    };
    int letter;
    while ((letter = getopt_long(argc, argv, "q", options, NULL)) != -1) {
        if (letter != 'q' && letter != 's')
            return -EINVAL;
        simulation->quick |= letter == 'q';
        simulation->spoil |= letter == 's';
    }
    return optind == argc ? 0 : -EINVAL;
}

int main(int argc, char **argv)
{
    struct simulation simulation = {0};
    if (parse(&simulation, argc, argv) < 0) {
        fputs("usage: coverage_ci [-q|--quick]   (a twentieth of the samples)\n", stderr);
        return EXIT_CANNOT;
    }
    puts(
        "How often do the intervals hold the truth? In percent of simulated samples whose truth is "
        "known;\nan honest interval does so as often as it claims, or more often.");
    random_seed(&simulation.random, SEED);
    for (size_t i = 0; i < COUNT_OF(studies); i++) {
        if (print_study(&simulation, &studies[i]) < 0) {
            fputs("coverage_ci: out of memory\n", stderr);
            return EXIT_CANNOT;
        }
    }
    if (simulation.below == 0) {
        printf("\nok: none of %zu coverages is below the claimed one by more than %g standard "
               "errors of the simulation\n",
               simulation.cells, standard_errors_allowed);
        return 0;
    }
    printf("\nBELOW: %zu of %zu coverages (marked !) are below the claimed one by more than %g "
           "standard errors of the simulation\n",
           simulation.below, simulation.cells, standard_errors_allowed);
    return EXIT_BELOW;
}
