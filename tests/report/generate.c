/* Makes a result file of made-up figures, wide enough to be a burden to the report's page: what
 * `make bench-report` and tests/report.t open.
 *
 *   generate FILE CELLS [--slower PERCENT] [--hostile]
 *
 * Cells go through patterns, transports with options, sizes and idle policies; every 25th is skipped.
 * --slower makes every third cell slower by so much, for a comparison. --hostile gives transports,
 * reasons and the host names that would do harm to a page that trusted them. Exit status: 0 done, 2
 * not. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "results/json.h"
#include "results/run.h"
#include "tests/proof/samples.h"

enum { TRIALS = 10, MESSAGES = 2000, SKIPPED_EACH = 25, SLOWER_EACH = 3 };

static const char *const labels[] = {
    "pipe",
    "pipe:wait=poll",
    "fifo",
    "uds-stream",
    "uds-stream:address=abstract",
    "uds-dgram",
    "uds-seqpacket",
    "posix-mq",
    "posix-mq:depth=1",
    "xsi-mq",
    "shm",
    "shm:sync=futex",
    "shm:sync=spin,copy=no",
    "mmap",
    "mmap:sync=spin,copy=no",
    "null",
};
static const char *const hostile_labels[] = {
    "</script><script>alert(1)</script>",
    "<!--<script>",
    "\"quoted' &amp; \\back\\u003c",
    "<img src=x onerror=alert(2)>",
    "line\xe2\x80\xa8separator]]>",
    "javascript:alert(3)",
    "constructor",
    "__proto__:a=b",
};
static const enum pattern patterns[] = {PATTERN_PINGPONG, PATTERN_STREAM, PATTERN_ONEWAY};

struct names {
    const char *const *labels;
    size_t count;
    const char *host;
};

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

static void make_cell(struct run_cell *cell, size_t number, const struct names *names)
{
    enum { PATTERNS = sizeof(patterns) / sizeof(patterns[0]) };
    const size_t variant = number % names->count, rest = number / names->count;
    const size_t size_step = rest / PATTERNS % 10;
    char id[256];

    cell->pattern = patterns[rest % PATTERNS];
    cell->size_bytes = UINT64_C(64) << (2 * size_step);
    cell->idle = rest / PATTERNS / 10 ? IDLE_POLL : IDLE_DEFAULT;
    (void)snprintf(id, sizeof(id), "%s/%s/%llu/same-cache%s%s", pattern_name(cell->pattern),
                   names->labels[variant], (unsigned long long)cell->size_bytes,
                   cell->idle == IDLE_POLL ? "/idle=poll" : "",
                   rest / PATTERNS / 20 ? "/touch=none" : "");
    cell->id = copy(id);
    cell->transport = copy(names->labels[variant]);
    if (strchr(cell->transport, ':'))
        *strchr(cell->transport, ':') = '\0';
    cell->placement = copy("same-cache");
    cell->memory = copy("local");
    cell->cpus = (struct cpu_pair){0, 1};
    if (number % SKIPPED_EACH == SKIPPED_EACH - 1) {
        cell->status = TRIAL_SKIPPED;
        cell->reason = copy("no <b>huge</b> pages are free & none can be had");
        cell->knob = copy("sysctl vm.nr_hugepages=\"17\"");
        return;
    }
    cell->trials = room(TRIALS, sizeof(*cell->trials));
    cell->trial_count = cell->trial_capacity = TRIALS;
}

/* Most messages take a little more or less than the level, one in a hundred many times as long. */
static void fill_trial(struct run_trial *trial, const struct run_cell *cell, double level_ns,
                       struct random *random)
{
    struct trial_result *const result = &trial->result;

    result->status = TRIAL_OK;
    result->messages = MESSAGES;
    result->elapsed_ns = MESSAGES * level_ns;
    result->rate_per_s = 1e9 / level_ns;
    result->capacity_messages = -1;
    result->probe_before_ns = result->probe_after_ns = sample_uniform(random) < 0.7 ? 60 : 140;
    for (size_t side = 0; side < SIDE_COUNT; ++side) {
        result->sides[side].messages = MESSAGES;
        result->sides[side].cpu_ns = (uint64_t)(MESSAGES * level_ns * (0.4 + 0.1 * (double)side));
        result->sides[side].cpu_migrations = result->sides[side].runqueue_wait_ns = -1;
        result->sides[side].memory_node = -1;
    }
    if (!pattern_is_latency(cell->pattern) || hdr_init_latency(&result->histogram, NULL))
        return;
    for (int i = 0; i < MESSAGES; i++) {
        const double tail = sample_uniform(random) < 0.01 ? 1 + 8 * sample_exponential(random) : 1;
        hdr_record(&result->histogram,
                   (uint64_t)(level_ns * tail * exp(0.05 * sample_normal(random))) + 1);
    }
    hdr_trim(&result->histogram);
}

static void fill_cell(struct run_cell *cell, size_t number, size_t cells, double slower,
                      struct random *random)
{
    const double level_ns = (200 + 350 * (double)(number % 16)) *
                            (1 + (double)cell->size_bytes / 16384) *
                            (number % SLOWER_EACH ? 1 : 1 + slower);

    for (size_t i = 0; i < cell->trial_count; i++) {
        struct run_trial *const trial = &cell->trials[i];
        fill_trial(trial, cell, level_ns * exp(0.015 * sample_normal(random)), random);
        trial->round = i;
        trial->order = i * cells + number;
        trial->started_s = 0.2 * (double)trial->order;
        run_trial_derive(cell, trial);
    }
}

static void make_machine(struct machine *machine, const char *host)
{
    const struct machine_fact facts[] = {
        {.group = "cpu", .key = "model", .text = copy("Made-up CPU")},
        {.group = "cpu", .key = "threads", .is_number = true, .number = 2},
        {.group = "kernel", .key = "release", .text = copy("6.1.0")},
        {.group = "kernel", .key = "hostname", .text = copy(host)},
    };

    machine->count = sizeof(facts) / sizeof(facts[0]);
    machine->facts = room(machine->count, sizeof(*machine->facts));
    memcpy(machine->facts, facts, sizeof(facts));
}

static int generate(const char *path, size_t cells, double slower, const struct names *names)
{
    struct error error = {0};
    struct random random;
    struct run run = {.version = copy("0.1.0"),
                      .started_at = copy("2026-01-02T03:04:05Z"),
                      .elapsed_s = 60,
                      .bounds = {.memcpy_cached_bytes_per_s = 3e10},
                      .clock = {.name = "made-up", .ns_per_tick = 1}};

    random_seed(&random, 1 + (uint64_t)(slower * 1000));
    make_machine(&run.machine, names->host);
    run.cells = room(cells, sizeof(*run.cells));
    run.cell_count = cells;
    for (size_t i = 0; i < cells; i++) {
        make_cell(&run.cells[i], i, names);
        fill_cell(&run.cells[i], i, cells, slower, &random);
    }
    const int failure = run_summarise(&run, &error) || run_save(&run, path, &error);
    if (failure)
        fprintf(stderr, "generate: %s\n", error.message);
    run_free(&run);
    return failure ? 2 : 0;
}

int main(int argc, char **argv)
{
    struct names names = {labels, sizeof(labels) / sizeof(labels[0]), "made"};
    double slower = 0;

    for (int i = 3; i < argc; i++) {
        if (!strcmp(argv[i], "--hostile"))
            names =
                (struct names){hostile_labels, sizeof(hostile_labels) / sizeof(hostile_labels[0]),
                               "</script><img src=x onerror=alert(4)>"};
        else if (!strcmp(argv[i], "--slower") && i + 1 < argc)
            slower = atof(argv[++i]) / 100;
        else
            argc = 0;
    }
    if (argc < 3) {
        fprintf(stderr, "usage: generate FILE CELLS [--slower PERCENT] [--hostile]\n");
        return 2;
    }
    return generate(argv[1], strtoul(argv[2], NULL, 10), slower, &names);
}
