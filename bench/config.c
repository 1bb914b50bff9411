#include "bench/config.h"

#include <getopt.h>
#include <math.h>
#include <string.h>

#include "base/error.h"
#include "base/random.h"
#include "base/units.h"

enum {
    OPTION_TRIALS = 256,
    OPTION_TIME,
    OPTION_WARMUP,
    OPTION_SEED,
    OPTION_TOUCH,
    OPTION_CPUS,
    OPTION_MEM,
    OPTION_IDLE,
    OPTION_SUITE,
    OPTION_RESUME,
    OPTION_DRY_RUN,
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
    {"mem", required_argument, NULL, OPTION_MEM},
    {"idle", required_argument, NULL, OPTION_IDLE},
    {"suite", required_argument, NULL, OPTION_SUITE},
    {"resume", required_argument, NULL, OPTION_RESUME},
    {"dry-run", no_argument, NULL, OPTION_DRY_RUN},
    {0},
};

static int append_list(struct text *list, const char *value, struct error *error)
{
    if (!value[strspn(value, ",")])
        return error_plain(error, "'%s': an empty list; name at least one", value);
    text_append(list, "%s%s", list->length ? "," : "", value);
    return 0;
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
    return *suite ? 0 : error_plain(error, "no suite '%s': quick, default or full", value);
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
        return parse_path(value, &config->output, error);
    case OPTION_CPUS:
        config->cpus = value;
        return 0;
    case OPTION_MEM:
        config->memory = value;
        return 0;
    case OPTION_RESUME:
        return parse_path(value, &config->resume, error);
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
    case OPTION_DRY_RUN:
        config->dry_run = true;
        return 0;
    default:
        config->help = true;
        return 0;
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
        measures |= option != OPTION_RESUME && option != OPTION_DRY_RUN && option != 'h';
    }
    if (optind < argc)
        return error_plain(error, "run: unexpected '%s'; see ipcbench run --help", argv[optind]);
    if (config->resume && measures)
        return error_plain(error, "run: --resume: the file says what to measure and how; "
                                  "beside it only --dry-run is possible");
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
}
