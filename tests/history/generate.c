/* Makes a history as large as asked for, of made-up runs, straight through results/history: what
 * `make bench-history` measures, and what tests/cli_history.t has planted changes in.
 *
 *   generate FILE RUNS CELLS [--results FOLDER]
 *
 * Every figure is lognormal around its level with a relative spread of 2 %. In the last quarter of the
 * runs, at most 200, every tenth cell takes 20 % longer; the commit changes with every tenth run. --results
 * writes the runs as result files FOLDER/0001.json... instead, and leaves FILE alone. Exit status: 0
 * done, 2 not. */
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/date.h"
#include "base/error.h"
#include "results/history.h"
#include "results/json.h"
#include "results/run.h"
#include "tests/proof/samples.h"

enum { TRIALS = 7, BATCH = 500, RUNS_PER_COMMIT = 10, CHANGED_EACH = 10, HOURS_APART = 6 };
enum { CHANGED_RUNS_MOST = 200 };
enum { FIRST_RUN_S = 1577836800 }; /* 2020-01-01 */
static const double spread = 0.02, change = 1.2;

struct plan {
    const char *path;
    size_t runs;
    size_t cells;
    const char *folder; /* NULL: into the history */
};

static void fail(const struct error *error)
{
    fprintf(stderr, "generate: %s\n", error->message);
    exit(2);
}

static char *copy(const char *text)
{
    char *const copied = strdup(text);
    if (!copied)
        abort();
    return copied;
}

static void *room(size_t count, size_t bytes)
{
    void *const memory = calloc(count, bytes);
    if (!memory)
        abort();
    return memory;
}

/* Three of four cells have times, the fourth a rate. */
static void make_cell(struct run_cell *cell, size_t number)
{
    char id[64];

    cell->pattern = number % 4 == 3 ? PATTERN_STREAM : PATTERN_PINGPONG;
    (void)snprintf(id, sizeof id, "%s/made-%zu/64/same-cache", pattern_name(cell->pattern), number);
    cell->id = copy(id);
    cell->transport = copy("made");
    cell->placement = copy("same-cache");
    cell->memory = copy("local");
    cell->size_bytes = 64;
    cell->cpus = (struct cpu_pair){0, 1};
    cell->trials = room(TRIALS, sizeof *cell->trials);
    cell->trial_count = cell->trial_capacity = TRIALS;
}

static void make_machine(struct machine *machine)
{
    static const struct machine_fact facts[] = {
        {.group = "cpu", .key = "model", .text = "Made-up CPU"},
        {.group = "cpu", .key = "threads", .is_number = true, .number = 2},
        {.group = "kernel", .key = "release", .text = "6.1.0"},
        {.group = "build", .key = "commit", .text = "unknown"},
    };

    machine->count = sizeof facts / sizeof facts[0];
    machine->facts = room(machine->count, sizeof *machine->facts);
    memcpy(machine->facts, facts, sizeof facts);
    for (size_t i = 0; i < machine->count; i++)
        machine->facts[i].text = facts[i].text ? copy(facts[i].text) : NULL;
}

static void make_run(struct run *run, size_t cells)
{
    *run = (struct run){.version = copy("0.1.0"), .clock = {.name = "made-up", .ns_per_tick = 1}};
    make_machine(&run->machine);
    run->cells = room(cells, sizeof *run->cells);
    run->cell_count = cells;
    for (size_t i = 0; i < cells; i++)
        make_cell(&run->cells[i], i);
}

/* A trial's result as it would have been measured, so that the summary can be derived from it. */
static void make_trial(struct run_trial *trial, enum pattern pattern, double time_ns)
{
    struct trial_result *const result = &trial->result;
    const bool times = pattern == PATTERN_PINGPONG;

    trial_result_free(result);
    *trial = (struct run_trial){.result = {.status = TRIAL_OK,
                                           .messages = 2000,
                                           .elapsed_ns = 2000 * time_ns,
                                           .capacity_messages = -1,
                                           .rate_per_s = 1e9 / time_ns}};
    if (times && hdr_init_latency(&result->histogram, NULL) == 0) {
        for (int i = 0; i < 2000; i++)
            hdr_record(&result->histogram, (uint64_t)(time_ns * (0.9 + 0.0001 * i)));
        hdr_trim(&result->histogram);
    }
}

/* The same without a histogram, which would take minutes for millions of trials. */
static void make_figures(struct run_trial *trial, enum pattern pattern, double time_ns)
{
    const bool times = pattern == PATTERN_PINGPONG;

    trial->result.status = TRIAL_OK;
    trial->figures = (struct figures){.p50_ns = times ? time_ns : 0,
                                      .p99_ns = times ? 1.3 * time_ns : 0,
                                      .rate_per_s = 1e9 / time_ns};
}

static void summarise(struct run_cell *cell)
{
    double times_ns[TRIALS];

    for (size_t i = 0; i < TRIALS; i++)
        times_ns[i] = 1e9 / cell->trials[i].figures.rate_per_s;
    const struct stats_median median = stats_median_interval(times_ns, TRIALS, 0.95);
    cell->summary = (struct summary){
        .trials = TRIALS,
        .p50_ns = median.value,
        .p50_low_ns = median.low,
        .p50_high_ns = median.high,
        .rate_per_s = 1e9 / median.value,
        .rate_low_per_s = 1e9 / median.high,
        .rate_high_per_s = 1e9 / median.low,
    };
}

static void fill_cell(const struct plan *plan, struct run_cell *cell, size_t cell_number,
                      size_t run_number, struct random *random)
{
    const size_t quarter = plan->runs / 4;
    const size_t slow_runs = quarter < CHANGED_RUNS_MOST ? quarter : CHANGED_RUNS_MOST;
    const bool changed = cell_number % CHANGED_EACH == 0 && run_number + slow_runs >= plan->runs;
    const double level_ns = (1000 + 100 * (double)cell_number) * (changed ? change : 1) *
                            exp(spread * sample_normal(random));

    for (size_t i = 0; i < TRIALS; i++) {
        const double time_ns = level_ns * exp(spread * sample_normal(random));
        if (plan->folder)
            make_trial(&cell->trials[i], cell->pattern, time_ns);
        else
            make_figures(&cell->trials[i], cell->pattern, time_ns);
        cell->trials[i].round = i;
        cell->trials[i].order = i * plan->cells + cell_number;
        if (plan->folder)
            run_trial_derive(cell, &cell->trials[i]);
    }
    if (!plan->folder)
        summarise(cell);
}

static void fill_run(const struct plan *plan, struct run *run, size_t number, struct random *random)
{
    char commit[32];

    free(run->started_at);
    run->started_at = copy(date_time(FIRST_RUN_S + (int64_t)number * HOURS_APART * 3600).text);
    run->request.seed = number;
    (void)snprintf(commit, sizeof commit, "c0ffee%06zu", number / RUNS_PER_COMMIT);
    free(run->machine.facts[run->machine.count - 1].text);
    run->machine.facts[run->machine.count - 1].text = copy(commit);
    for (size_t i = 0; i < run->cell_count; i++)
        fill_cell(plan, &run->cells[i], i, number, random);
}

static void save(const struct plan *plan, struct run *run, size_t number)
{
    struct error error = {0};
    char path[512];

    (void)snprintf(path, sizeof path, "%s/%04zu.json", plan->folder, number + 1);
    if (run_summarise(run, &error) || run_save(run, path, &error))
        fail(&error);
}

static void add(struct history *history, const struct plan *plan, const struct run *run,
                size_t number)
{
    enum history_added added;
    struct error error = {0};

    if (number % BATCH == 0 && history_begin(history, &error))
        fail(&error);
    if (history_add(history, run, &added, &error))
        fail(&error);
    if ((number % BATCH == BATCH - 1 || number + 1 == plan->runs) &&
        history_commit(history, &error))
        fail(&error);
}

static void generate(const struct plan *plan)
{
    struct history *history = NULL;
    struct random random;
    struct error error = {0};
    struct run run;

    random_seed(&random, 1);
    make_run(&run, plan->cells);
    if (!plan->folder && history_open(plan->path, HISTORY_WRITE, &history, &error))
        fail(&error);
    for (size_t i = 0; i < plan->runs; i++) {
        fill_run(plan, &run, i, &random);
        if (plan->folder)
            save(plan, &run, i);
        else
            add(history, plan, &run, i);
    }
    history_close(history);
    run_free(&run);
}

int main(int argc, char **argv)
{
    if ((argc != 4 && argc != 6) || (argc == 6 && strcmp(argv[4], "--results") != 0)) {
        fprintf(stderr, "usage: generate FILE RUNS CELLS [--results FOLDER]\n");
        return 2;
    }
    const struct plan plan = {
        .path = argv[1],
        .runs = strtoul(argv[2], NULL, 10),
        .cells = strtoul(argv[3], NULL, 10),
        .folder = argc == 6 ? argv[5] : NULL,
    };
    generate(&plan);
    return 0;
}
