#include "bench/compare_request.h"

#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/units.h"
#include "results/baseline.h"

static const char *const format_names[] = {
    [COMPARE_FORMAT_TEXT] = "text",
    [COMPARE_FORMAT_MARKDOWN] = "md",
    [COMPARE_FORMAT_JSON] = "json",
    [COMPARE_FORMAT_JUNIT] = "junit",
};

enum {
    OPTION_METRIC = 256,
    OPTION_THRESHOLD,
    OPTION_MIN_ABS,
    OPTION_CORRECT,
    OPTION_ALLOW_DIFFERENT,
    OPTION_FORMAT,
    OPTION_ALL,
    OPTION_BASELINE,
};

static const struct option long_options[] = {
    {"metric", required_argument, NULL, OPTION_METRIC},
    {"threshold", required_argument, NULL, OPTION_THRESHOLD},
    {"min-abs", required_argument, NULL, OPTION_MIN_ABS},
    {"correct", required_argument, NULL, OPTION_CORRECT},
    {"allow-different", no_argument, NULL, OPTION_ALLOW_DIFFERENT},
    {"format", required_argument, NULL, OPTION_FORMAT},
    {"filter", required_argument, NULL, 'f'},
    {"all", no_argument, NULL, OPTION_ALL},
    {"baseline", required_argument, NULL, OPTION_BASELINE},
    {"help", no_argument, NULL, 'h'},
    {0},
};

/* "p50,rate": these and no others decide. */
static int parse_metrics(const char *value, bool gated[COMPARE_METRICS], struct error *error)
{
    memset(gated, 0, COMPARE_METRICS * sizeof(*gated));
    for (const char *at = value;; ++at) {
        const size_t length = strcspn(at, ",");
        size_t metric = 0;
        while (metric < COMPARE_METRICS &&
               (strlen(compare_metric_name((enum compare_metric)metric)) != length ||
                strncmp(at, compare_metric_name((enum compare_metric)metric), length) != 0))
            ++metric;
        if (metric == COMPARE_METRICS)
            return error_plain(error, "'%s': p50, p99 or rate, or several with commas", value);
        gated[metric] = true;
        at += length;
        if (!*at)
            return 0;
    }
}

static int parse_threshold(const char *value, double threshold[COMPARE_METRICS],
                           struct error *error)
{
    const size_t digits = strspn(value, "0123456789.");
    char *end = NULL;
    const double percent = digits ? strtod(value, &end) : -1;
    if (percent < 0 || percent > 1000 || end != value + digits || (*end && strcmp(end, "%") != 0))
        return error_plain(error, "'%s': a share such as 5%%, 0 to 1000", value);
    for (size_t metric = 0; metric < COMPARE_METRICS; ++metric)
        threshold[metric] = percent / 100;
    return 0;
}

static int parse_minimum(const char *value, double *minimum_ns, struct error *error)
{
    double seconds;
    const int failure = units_parse_seconds(value, &seconds, error);
    *minimum_ns = failure ? 0 : seconds * 1e9;
    return failure;
}

static int parse_correction(const char *value, enum compare_correction *correction,
                            struct error *error)
{
    static const enum compare_correction all[] = {COMPARE_HOLM, COMPARE_BENJAMINI_HOCHBERG,
                                                  COMPARE_UNCORRECTED};
    for (size_t index = 0; index < sizeof(all) / sizeof(all[0]); ++index) {
        *correction = all[index];
        if (!strcmp(value, compare_correction_name(all[index])))
            return 0;
    }
    return error_plain(error, "'%s': holm, bh or none", value);
}

static int parse_format(const char *value, enum compare_format *format, struct error *error)
{
    for (size_t index = 0; index < sizeof(format_names) / sizeof(format_names[0]); ++index) {
        *format = (enum compare_format)index;
        if (!strcmp(value, format_names[index]))
            return 0;
    }
    return error_plain(error, "'%s': text, md, json or junit", value);
}

static int parse_filter(struct compare_request *request, const char *value, struct error *error)
{
    char why[128];
    if (request->filter)
        regfree(&request->pattern);
    request->filter = NULL;
    const int wrong = regcomp(&request->pattern, value, REG_EXTENDED | REG_NOSUB);
    if (!wrong) {
        request->filter = value;
        request->options.filter = &request->pattern;
        return 0;
    }
    regerror(wrong, &request->pattern, why, sizeof(why));
    return error_plain(error, "'%s': %s", value, why);
}

static int parse_option(struct compare_request *request, int option, const char *value,
                        struct error *error)
{
    switch (option) {
    case OPTION_METRIC:
        return parse_metrics(value, request->options.gated, error);
    case OPTION_THRESHOLD:
        return parse_threshold(value, request->options.threshold, error);
    case OPTION_MIN_ABS:
        return parse_minimum(value, &request->options.minimum_ns, error);
    case OPTION_CORRECT:
        return parse_correction(value, &request->options.correction, error);
    case OPTION_FORMAT:
        return parse_format(value, &request->format, error);
    case 'f':
        return parse_filter(request, value, error);
    case OPTION_BASELINE:
        request->baseline = value;
        return baseline_check_name(value, error);
    case OPTION_ALLOW_DIFFERENT:
        request->options.allow_different = true;
        return 0;
    case OPTION_ALL:
        request->all = true;
        return 0;
    default:
        request->help = true;
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

/* Options may stand behind the files too. */
int compare_request_parse(struct compare_request *request, int argc, char **argv,
                          struct error *error)
{
    *request = (struct compare_request){.options = compare_defaults()};
    optind = 0; /* glibc: start over */
    opterr = 0;
    for (;;) {
        const int option = getopt_long(argc, argv, ":f:h", long_options, NULL);
        if (option < 0)
            break;
        if (option == '?' || option == ':')
            return error_plain(error,
                               option == ':' ? "option %s needs a value" : "unknown option %s",
                               argv[optind - 1]);
        const int failure = parse_option(request, option, optarg, error);
        if (failure) {
            error_prefix(error, "--%s: ", option_name(option));
            return failure;
        }
    }
    const int files = argc - optind;
    request->first_file = optind;
    if (request->help || files == 2 - (request->baseline != NULL) ||
        (request->baseline && files == 0))
        return 0;
    return error_plain(error, request->baseline
                                  ? "with --baseline at most one result file is expected"
                                  : "two result files are expected, BASE and NEW");
}

void compare_request_free(struct compare_request *request)
{
    if (request->filter)
        regfree(&request->pattern);
}
