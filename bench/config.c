#include "bench/config.h"

#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/random.h"
#include "base/units.h"
#include "harness/crew.h"
#include "results/baseline.h"

enum {
    OPTION_TRIALS = 256,
    OPTION_TIME,
    OPTION_WARMUP,
    OPTION_SEED,
    OPTION_TOUCH,
    OPTION_CPUS,
    OPTION_PLACEMENT,
    OPTION_MEM,
    OPTION_IDLE,
    OPTION_SUITE,
    OPTION_RESUME,
    OPTION_DRY_RUN,
    OPTION_RATE,
    OPTION_ARRIVALS,
    OPTION_BURST,
    OPTION_COLD,
    OPTION_PRECISION,
    OPTION_BUDGET,
    OPTION_SAVE_BASELINE,
    OPTION_PAIRS,
    OPTION_SENDERS,
    OPTION_RECEIVERS,
};

static const struct option long_options[] = {
    {"transport", required_argument, NULL, 't'},
    {"pattern", required_argument, NULL, 'p'},
    {"size", required_argument, NULL, 's'},
    {"filter", required_argument, NULL, 'f'},
    {"output", required_argument, NULL, 'o'},
    {"help", no_argument, NULL, 'h'},
    {"trials", required_argument, NULL, OPTION_TRIALS},
    {"time", required_argument, NULL, OPTION_TIME},
    {"warmup", required_argument, NULL, OPTION_WARMUP},
    {"seed", required_argument, NULL, OPTION_SEED},
    {"touch", required_argument, NULL, OPTION_TOUCH},
    {"cpus", required_argument, NULL, OPTION_CPUS},
    {"placement", required_argument, NULL, OPTION_PLACEMENT},
    {"mem", required_argument, NULL, OPTION_MEM},
    {"idle", required_argument, NULL, OPTION_IDLE},
    {"suite", required_argument, NULL, OPTION_SUITE},
    {"resume", required_argument, NULL, OPTION_RESUME},
    {"dry-run", no_argument, NULL, OPTION_DRY_RUN},
    {"rate", required_argument, NULL, OPTION_RATE},
    {"arrivals", required_argument, NULL, OPTION_ARRIVALS},
    {"burst", required_argument, NULL, OPTION_BURST},
    {"cold", no_argument, NULL, OPTION_COLD},
    {"precision", required_argument, NULL, OPTION_PRECISION},
    {"budget", required_argument, NULL, OPTION_BUDGET},
    {"save-baseline", required_argument, NULL, OPTION_SAVE_BASELINE},
    {"pairs", required_argument, NULL, OPTION_PAIRS},
    {"senders", required_argument, NULL, OPTION_SENDERS},
    {"receivers", required_argument, NULL, OPTION_RECEIVERS},
    {0},
};

static int append_list(struct text *list, const char *value, struct error *error)
{
    if (!value[strspn(value, ",")])
        return error_plain(error, "'%s': an empty list; name at least one", value);
    text_append(list, "%s%s", list->length ? "," : "", value);
    return 0;
}

/* An empty item between occurrences, so that "--placement 0 --placement 1" is no pair. */
static int append_placements(struct text *list, const char *value, struct error *error)
{
    if (list->length)
        text_append(list, ",");
    return append_list(list, value, error);
}

static int parse_trials(const char *value, size_t *trials, struct error *error)
{
    uint64_t count;
    const int failure = units_parse_count(value, &count, error);
    if (failure)
        return failure;
    if (count < 1 || count > 100000)
        return error_plain(error, "%s trials: 1 to 100000", value);
    *trials = (size_t)count;
    return 0;
}

static int parse_members(const char *value, size_t *members, struct error *error)
{
    uint64_t count;
    const int failure = units_parse_count(value, &count, error);
    if (failure)
        return failure;
    if (count < 1 || count > CREW_LANES_MAX)
        return error_plain(error, "%s: 1 to %d", value, CREW_LANES_MAX);
    *members = (size_t)count;
    return 0;
}

/* "3%", "3" (per cent too) or "0". */
static int parse_precision(const char *value, double *share, struct error *error)
{
    char *end = NULL;
    const size_t digits = strspn(value, "0123456789.");
    const double percent = digits ? strtod(value, &end) : -1;
    if (percent < 0 || end != value + digits || (strcmp(end, "%") != 0 && *end) || percent > 100)
        return error_plain(error, "'%s': a share such as 3%%, 0 to 100; 0 adds no trials", value);
    *share = percent / 100;
    return 0;
}

static int parse_budget(const char *value, double *seconds, struct error *error)
{
    const double most = 7 * 24 * 3600;
    const int failure = units_parse_seconds(value, seconds, error);
    if (failure)
        return failure;
    if (*seconds <= 0 || *seconds > most)
        return error_plain(error, "%s: a time above 0 s, at most %g s", value, most);
    return 0;
}

static int parse_time(const char *value, double least, double *seconds, struct error *error)
{
    const double most = 600;
    const int failure = units_parse_seconds(value, seconds, error);
    if (failure)
        return failure;
    if (*seconds < least || *seconds > most)
        return error_plain(error, "%s: a time from %g s to %g s", value, least, most);
    return 0;
}

static int parse_touch(const char *value, enum touch *touch, struct error *error)
{
    if (!strcmp(value, "all"))
        *touch = TOUCH_ALL;
    else if (!strcmp(value, "none"))
        *touch = TOUCH_NONE;
    else
        return error_plain(error, "'%s': all or none", value);
    return 0;
}

static int parse_suite(const char *value, const struct suite **suite, struct error *error)
{
    *suite = suite_find(value);
    return *suite ? 0 : error_plain(error, "no suite '%s': quick, default, full or load", value);
}

static int parse_seed(struct config *config, const char *value, struct error *error)
{
    config->has_seed = true;
    return units_parse_count(value, &config->seed, error);
}

static int parse_path(const char *value, const char **path, struct error *error)
{
    *path = value;
    return value[0] ? 0 : error_plain(error, "a file name is expected");
}

/* What is read, and what is written. */
static int parse_file(struct config *config, int option, const char *value, struct error *error)
{
    if (option == OPTION_SAVE_BASELINE) {
        config->baseline = value;
        return baseline_check_name(value, error);
    }
    return parse_path(value, option == 'o' ? &config->output : &config->resume, error);
}

/* What the processes do, and how many of them. */
static int parse_work_option(struct config *config, int option, const char *value,
                             struct error *error)
{
    switch (option) {
    case OPTION_RATE:
        return append_list(&config->rates, value, error);
    case OPTION_BURST:
        return append_list(&config->bursts, value, error);
    case OPTION_ARRIVALS:
        return arrivals_parse(value, &config->arrivals, error);
    case OPTION_PAIRS:
        return parse_members(value, &config->pairs, error);
    case OPTION_SENDERS:
        return parse_members(value, &config->senders, error);
    case OPTION_RECEIVERS:
        return parse_members(value, &config->receivers, error);
    default: /* OPTION_COLD, which has no value */
        config->cold = true;
        return 0;
    }
}

/* One option; `value` is its argument. */
static int parse_option(struct config *config, int option, char *value, struct error *error)
{
    switch (option) {
    case 't':
        return append_list(&config->transports, value, error);
    case 'p':
        return append_list(&config->patterns, value, error);
    case 's':
        return append_list(&config->sizes, value, error);
    case OPTION_IDLE:
        return append_list(&config->idles, value, error);
    case 'f':
        config->filter = value;
        return 0;
    case 'o':
    case OPTION_RESUME:
    case OPTION_SAVE_BASELINE:
        return parse_file(config, option, value, error);
    case OPTION_CPUS:
        config->cpus = value;
        return 0;
    case OPTION_PLACEMENT:
        return append_placements(&config->placements, value, error);
    case OPTION_MEM:
        config->memory = value;
        return 0;
    case OPTION_TRIALS:
        return parse_trials(value, &config->trials, error);
    case OPTION_TIME:
        return parse_time(value, 0.001, &config->timed_seconds, error);
    case OPTION_WARMUP:
        return parse_time(value, 0, &config->warmup_seconds, error);
    case OPTION_SEED:
        return parse_seed(config, value, error);
    case OPTION_TOUCH:
        return parse_touch(value, &config->touch, error);
    case OPTION_SUITE:
        return parse_suite(value, &config->suite, error);
    case OPTION_PRECISION:
        return parse_precision(value, &config->precision, error);
    case OPTION_BUDGET:
        return parse_budget(value, &config->budget_seconds, error);
    case OPTION_DRY_RUN:
        config->dry_run = true;
        return 0;
    case 'h':
        config->help = true;
        return 0;
    default:
        return parse_work_option(config, option, value, error);
    }
}

static const char *option_name(int option)
{
    for (const struct option *known = long_options; known->name; ++known) {
        if (known->val == option)
            return known->name;
    }
    return "?";
}

static int refuse_option(const char *word, int reason, struct error *error)
{
    if (reason == ':')
        return error_plain(error, "run: option %s needs a value; see ipcbench run --help", word);
    return error_plain(error, "run: unknown option %s; see ipcbench run --help", word);
}

int config_parse(struct config *config, int argc, char **argv, struct error *error)
{
    *config = (struct config){
        .suite = suite_find("default"),
        .warmup_seconds = -1,
        .precision = -1,
        .touch = TOUCH_ALL,
        .memory = "local",
    };
    bool measures = false; /* an option that says what or how to measure */
    optind = 0;            /* glibc: start over */
    opterr = 0;
    for (;;) {
        const int word = optind ? optind : 1;
        const int option = getopt_long(argc, argv, "+:t:p:s:f:o:h", long_options, NULL);
        if (option < 0)
            break;
        if (option == '?' || option == ':')
            return refuse_option(argv[word < argc ? word : argc - 1], option, error);
        const int failure = parse_option(config, option, optarg, error);
        if (failure) {
            error_prefix(error, "run: --%s: ", option_name(option));
            return failure;
        }
        measures |= option != OPTION_RESUME && option != OPTION_DRY_RUN &&
                    option != OPTION_SAVE_BASELINE && option != 'h';
    }
    if (optind < argc)
        return error_plain(error, "run: unexpected '%s'; see ipcbench run --help", argv[optind]);
    if (config->resume && measures)
        return error_plain(error, "run: --resume: the file says what to measure and how; "
                                  "beside it only --dry-run and --save-baseline are possible");
    if (config->cpus && config->placements.length)
        return error_plain(error, "run: --cpus: --placement says where already; give one of them");
    if (config->pairs && (config->senders || config->receivers))
        return error_plain(error, "run: --pairs: each has a channel of its own; --senders and "
                                  "--receivers share one: give one of the two");
    if (config->cold && (config->senders || config->receivers))
        return error_plain(error, "run: --cold: round trips of one sender and one receiver; not "
                                  "with --senders, --receivers");
    if (!config->has_seed)
        config->seed = random_unguessable() >> 11; /* below 2^53: a plain number in JSON */
    return 0;
}

void config_free(struct config *config)
{
    text_free(&config->transports);
    text_free(&config->patterns);
    text_free(&config->sizes);
    text_free(&config->idles);
    text_free(&config->rates);
    text_free(&config->bursts);
    text_free(&config->placements);
}
