/* The options of ipcbench run: what each is called, what it says, how its value is taken. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "base/units.h"
#include "bench/command.h"
#include "bench/commands.h"
#include "bench/config.h"
#include "harness/crew.h"
#include "results/baseline.h"

static int take_list(const char *value, void *member, struct error *error)
{
    struct text *const list = member;
    if (!value[strspn(value, ",")])
        return error_plain(error, "'%s': an empty list; name at least one", value);
    text_append(list, "%s%s", list->length ? "," : "", value);
    return 0;
}

/* An empty item between occurrences, so that "--placement 0 --placement 1" is no pair. */
static int take_placements(const char *value, void *member, struct error *error)
{
    struct text *const list = member;
    if (list->length)
        text_append(list, ",");
    return take_list(value, list, error);
}

static int take_count(const char *value, size_t most, size_t *count, const char *unit,
                      struct error *error)
{
    uint64_t number;
    const int failure = units_parse_count(value, &number, error);
    if (failure)
        return failure;
    if (number < 1 || number > most)
        return error_plain(error, "%s%s: 1 to %zu", value, unit, most);
    *count = (size_t)number;
    return 0;
}

static int take_trials(const char *value, void *member, struct error *error)
{
    return take_count(value, 100000, member, " trials", error);
}

static int take_members(const char *value, void *member, struct error *error)
{
    return take_count(value, CREW_LANES_MAX, member, "", error);
}

/* "3%", "3" (per cent too) or "0". */
static int take_precision(const char *value, void *member, struct error *error)
{
    char *end = NULL;
    const size_t digits = strspn(value, "0123456789.");
    const double percent = digits ? strtod(value, &end) : -1;
    if (percent < 0 || end != value + digits || (strcmp(end, "%") != 0 && *end) || percent > 100)
        return error_plain(error, "'%s': a share such as 3%%, 0 to 100; 0 adds no trials", value);
    *(double *)member = percent / 100;
    return 0;
}

static int take_budget(const char *value, void *member, struct error *error)
{
    double *const seconds = member;
    const double most = 7 * 24 * 3600;
    const int failure = units_parse_seconds(value, seconds, error);
    if (failure)
        return failure;
    if (*seconds <= 0 || *seconds > most)
        return error_plain(error, "%s: a time above 0 s, at most %g s", value, most);
    return 0;
}

static int take_seconds(const char *value, double least, double *seconds, struct error *error)
{
    const double most = 600;
    const int failure = units_parse_seconds(value, seconds, error);
    if (failure)
        return failure;
    if (*seconds < least || *seconds > most)
        return error_plain(error, "%s: a time from %g s to %g s", value, least, most);
    return 0;
}

static int take_time(const char *value, void *member, struct error *error)
{
    return take_seconds(value, 0.001, member, error);
}

static int take_warmup(const char *value, void *member, struct error *error)
{
    return take_seconds(value, 0, member, error);
}

static int take_touch(const char *value, void *member, struct error *error)
{
    enum touch *const touch = member;
    if (!strcmp(value, "all"))
        *touch = TOUCH_ALL;
    else if (!strcmp(value, "none"))
        *touch = TOUCH_NONE;
    else
        return error_plain(error, "'%s': all or none", value);
    return 0;
}

static int take_arrivals(const char *value, void *member, struct error *error)
{
    return arrivals_parse(value, member, error);
}

static int take_suite(const char *value, void *member, struct error *error)
{
    const struct suite **const suite = member;
    *suite = suite_find(value);
    if (*suite)
        return 0;
    struct text names = {0};
    for (const struct suite *known = suites; known->name; ++known)
        text_append(&names, "%s%s",
                    known == suites ? ""
                    : known[1].name ? ", "
                                    : " or ",
                    known->name);
    error_plain(error, "no suite '%s': %s", value, text_string(&names));
    text_free(&names);
    return -EINVAL;
}

static int take_seed(const char *value, void *member, struct error *error)
{
    struct config *const config = member;
    config->has_seed = true;
    return units_parse_count(value, &config->seed, error);
}

int take_baseline_name(const char *value, void *member, struct error *error)
{
    *(const char **)member = value;
    return baseline_check_name(value, error);
}

static const struct command_choice patterns[] = {
    {"pingpong", "round trips, one at a time"},
    {"oneway", "one message at a time, with pauses: send to receipt"},
    {"burst", "several at once, then idle: until the last is received"},
    {"paced", "at a given rate: from when it should have been sent to receipt"},
    {"load", "the same at 1 to 100 % of the saturation rate, and the knee"},
    {"stream", "one way at full speed"},
    {"pagewalk", "dependent loads at random pages of a shared working set of -s bytes"},
    {"linewalk", "the same at random cache lines"},
    {"memory", "no messages: an operation on a region of memory, each time"},
    {0},
};

static const struct command_choice placements[] = {
    {"same-cpu", NULL},
    {"smt", "two threads of a core"},
    {"same-cache", NULL},
    {"cross-cache", NULL},
    {"cross-node", NULL},
    {"unpinned", "left to the scheduler"},
    {"S,R", "two CPUs by their numbers"},
    {"all", "each class that exists here"},
    {0},
};

#define MEMBER(name) .member = offsetof(struct config, name)

static const struct command_option options[] = {
    {.name = "transport",
     .letter = 't',
     .value = "NAME[:key=value,...]",
     .is_list = true,
     .group = "What to measure: a suite, cut by -p, -s, --idle and -f; or, with -t, lists of your "
              "own (the others then default to pingpong and stream, 64 bytes, for operations to "
              "memory and 16 MiB; idle default). Each several times or with commas.",
     .text = "with options, see ipcbench list; or all",
     .take = take_list,
     MEMBER(transports)},
    REGISTRY_PLUGIN_OPTION(offsetof(struct config, registry)),
    {.name = "pattern",
     .letter = 'p',
     .value = "PATTERN",
     .is_list = true,
     .choices = patterns,
     .text = "what is done:",
     .take = take_list,
     MEMBER(patterns)},
    {.name = "size",
     .letter = 's',
     .value = "BYTES",
     .text = "1 to 64M (K, M, G: powers of 1024); of walks and operations the memory, up to 64G",
     .take = take_list,
     MEMBER(sizes)},
    {.name = "burst",
     .value = "N",
     .text = "messages at once (1,10,100,1000)",
     .take = take_list,
     MEMBER(bursts)},
    {.name = "rate",
     .value = "N",
     .text = "messages per second of paced (10k)",
     .take = take_list,
     MEMBER(rates)},
    {.name = "arrivals",
     .value = "constant|poisson",
     .text = "equal or exponential gaps of paced and load",
     .take = take_arrivals,
     MEMBER(arrivals)},
    {.name = "idle",
     .value = "default|poll",
     .is_list = true,
     .text = "let idle CPUs halt, or keep them awake (/dev/cpu_dma_latency held at 0)",
     .take = take_list,
     MEMBER(idles)},
    {.name = "filter",
     .letter = 'f',
     .value = "REGEX",
     .text = "only cells whose id matches (ids: --dry-run)",
     .take = take_filter,
     MEMBER(filter)},
    {.name = "suite",
     .value = "quick|default|full|load|pages|memory",
     .text = "cells and times (default)",
     .take = take_suite,
     MEMBER(suite)},
    {.name = "trials",
     .value = "N",
     .group = "How:",
     .text = "fresh sender and receiver pairs per cell; exactly N unless --precision or --budget "
             "is given too. 6 give a 95 % interval",
     .take = take_trials,
     MEMBER(trials)},
    {.name = "precision",
     .value = "3%",
     .text = "then more for cells whose interval is wider either way (3 %)",
     .take = take_precision,
     MEMBER(precision)},
    {.name = "budget",
     .value = "SECONDS",
     .text = "until the run has taken this long (a third more than without)",
     .take = take_budget,
     MEMBER(budget_seconds)},
    {.name = "time",
     .value = "SECONDS",
     .text = "timed loop of each trial (0.1, 200ms)",
     .take = take_time,
     MEMBER(timed_seconds)},
    {.name = "warmup",
     .value = "SECONDS",
     .text = "before it",
     .take = take_warmup,
     MEMBER(warmup_seconds)},
    {.name = "cold",
     .text = "also the first 1000 round trips after attach, with page faults",
     .take = take_flag,
     MEMBER(cold)},
    {.name = "seed",
     .value = "N",
     .text = "order of cells within rounds, arrivals, layout of buffers",
     .take = take_seed},
    {.name = "touch",
     .value = "all|none",
     .text = "write and read every payload byte, or only the number",
     .take = take_touch,
     MEMBER(touch)},
    {.name = "placement",
     .value = "WHERE",
     .choices = placements,
     .text = "on which CPUs, several times or with commas (smt,2,3,unpinned). Default: two CPUs "
             "that share a cache. Which CPUs a class means: ipcbench topology",
     .take = take_placements,
     MEMBER(placements)},
    {.name = "cpus",
     .value = "S,R",
     .text = "the same as --placement S,R: CPUs of sender and receiver",
     .take = take_string,
     MEMBER(cpus)},
    {.name = "pairs",
     .value = "N",
     .text = "N independent pairs at once, each as far apart as the first",
     .take = take_members,
     MEMBER(pairs)},
    {.name = "senders",
     .value = "N",
     .text = "that many on one channel (stream over pipes, datagrams, queues)",
     .take = take_members,
     MEMBER(senders)},
    {.name = "receivers",
     .value = "N",
     .text = "likewise",
     .take = take_members,
     MEMBER(receivers)},
    {.name = "mem",
     .value = "POLICY",
     .text = "local, sender, receiver, interleave or a NUMA node",
     .take = take_string,
     MEMBER(memory)},
    {.name = "output",
     .letter = 'o',
     .value = "FILE",
     .group = "Result:",
     .text = "default results/runs/<time>-<suite>.json; - prints JSON alone",
     .take = take_path,
     MEMBER(output)},
    {.name = "save-baseline",
     .value = "NAME",
     .text = "also keep it for compare --baseline NAME, in results/baseline/<machine>/NAME.json",
     .take = take_baseline_name,
     MEMBER(baseline)},
    {.name = "resume",
     .value = "FILE",
     .text = "go on with a run that was interrupted or killed",
     .take = take_path,
     MEMBER(resume)},
    {.name = "lockstep",
     .value = "IN,OUT",
     .text = "for ipcbench ab: descriptors by which two runs take turns",
     .take = take_lockstep,
     MEMBER(lockstep)},
    {.name = "dry-run",
     .text = "print the plan and its expected time, measure nothing",
     .take = take_flag,
     MEMBER(dry_run)},
};

const struct command command_run = {
    .name = "run",
    .summary = "measure; prints a table and writes a JSON result file",
    .synopsis = "ipcbench run [options]",
    .about = "Measures transports; table on standard output, JSON in a file.",
    .options = options,
    .option_count = sizeof(options) / sizeof(options[0]),
    .statuses = "0 fine, 2 usage or file error, 4 a cell failed or is invalid, 130 interrupted.",
    .examples = "ipcbench run --suite quick\n"
                "ipcbench run -t pipe,uds-stream -p pingpong -s 64,4K --trials 10\n"
                "ipcbench run -t pipe,shm:sync=futex -p load\n"
                "ipcbench run -t posix-mq -p paced --rate 1k,10k,100k --arrivals poisson\n"
                "ipcbench run -t shm:sync=spin,copy=no -p stream -s 64 --touch none --time 1\n"
                "ipcbench run -t all -p pingpong -s 64 --idle default,poll\n"
                "ipcbench run -t pipe,shm -p pingpong --placement all\n"
                "ipcbench run -t pipe,uds-stream,shm:sync=futex -p stream --pairs 4\n"
                "ipcbench run -t posix-mq,xsi-mq,uds-dgram -p stream --senders 3 --receivers 2\n"
                "ipcbench run -f 'stream/(pipe|fifo)' --dry-run",
    .request_bytes = sizeof(struct config),
    .prepare = config_prepare,
    .release = config_free,
    .run = run_verb,
};
