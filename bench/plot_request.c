#include "bench/plot_request.h"

#include <getopt.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"

static const struct option long_options[] = {
    {"output", required_argument, NULL, 'o'}, {"format", required_argument, NULL, 'F'},
    {"only", required_argument, NULL, 'O'},   {"filter", required_argument, NULL, 'f'},
    {"terminal", no_argument, NULL, 't'},     {"allow-different", no_argument, NULL, 'd'},
    {"help", no_argument, NULL, 'h'},         {0},
};

static bool is_word(const char *at, size_t bytes, const char *word)
{
    return strlen(word) == bytes && !strncmp(at, word, bytes);
}

static int take_format(struct plot_request *request, const char *at, size_t bytes,
                       struct error *error)
{
    request->formats_given = true;
    if (is_word(at, bytes, "svg"))
        request->svg = true;
    else if (is_word(at, bytes, "png"))
        request->png = true;
    else
        return error_plain(error, "'%.*s': svg or png", (int)bytes, at);
    return 0;
}

static int take_figure(struct plot_request *request, const char *at, size_t bytes,
                       struct error *error)
{
    struct text known = {0};
    request->figures_given = true;
    for (int figure = 0; figure < PLOT_FIGURES; ++figure) {
        const char *const name = plot_figure_name((enum plot_figure)figure);
        if (is_word(at, bytes, name)) {
            request->choice.figures[figure] = true;
            text_free(&known);
            return 0;
        }
        text_append(&known, "%s%s", figure ? ", " : "", name);
    }
    const int failure = error_plain(error, "'%.*s' is no figure: %s",
                                    (int)(bytes < 40 ? bytes : 40), at, text_string(&known));
    text_free(&known);
    return failure;
}

/* "a,b": each word by itself. */
static int take_words(struct plot_request *request, const char *words,
                      int (*take)(struct plot_request *, const char *, size_t, struct error *),
                      struct error *error)
{
    for (const char *at = words;; ++at) {
        const size_t bytes = strcspn(at, ",");
        const int failure = take(request, at, bytes, error);
        if (failure)
            return failure;
        at += bytes;
        if (!*at)
            return 0;
    }
}

static int take_filter(struct plot_request *request, const char *value, struct error *error)
{
    char why[128];
    plot_request_free(request);
    const int wrong = regcomp(&request->pattern, value, REG_EXTENDED | REG_NOSUB);
    if (!wrong) {
        request->filter = value;
        request->choice.filter = &request->pattern;
        return 0;
    }
    regerror(wrong, &request->pattern, why, sizeof(why));
    return error_plain(error, "'%.80s': %s", value, why);
}

static int take_option(struct plot_request *request, int option, const char *value,
                       struct error *error)
{
    switch (option) {
    case 'o':
        request->folder = value;
        return *value ? 0 : error_plain(error, "'': the name of a folder");
    case 'F':
        return take_words(request, value, take_format, error);
    case 'O':
        return take_words(request, value, take_figure, error);
    case 'f':
        return take_filter(request, value, error);
    case 't':
        request->in_terminal = true;
        return 0;
    case 'd':
        request->allow_different = true;
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

/* What was not said. */
static int complete(struct plot_request *request, struct error *error)
{
    if (request->in_terminal && request->folder)
        return error_plain(error, "--terminal draws in the terminal: without -o %s",
                           request->folder);
    if (request->in_terminal && request->formats_given)
        return error_plain(error, "--terminal draws in the terminal: without --format");
    for (int figure = 0; figure < PLOT_FIGURES && !request->figures_given; ++figure)
        request->choice.figures[figure] = true;
    request->svg |= !request->formats_given;
    request->png |= !request->formats_given;
    return 0;
}

int plot_request_parse(struct plot_request *request, int argc, char **argv, struct error *error)
{
    *request = (struct plot_request){0};
    optind = 0; /* glibc: start over */
    opterr = 0;
    for (;;) {
        const int option = getopt_long(argc, argv, ":o:f:h", long_options, NULL);
        if (option < 0)
            break;
        if (option == '?' || option == ':')
            return error_plain(error,
                               option == ':' ? "option %s needs a value" : "unknown option %s",
                               argv[optind - 1]);
        const int failure = take_option(request, option, optarg, error);
        if (failure) {
            error_prefix(error, "--%s: ", option_name(option));
            return failure;
        }
    }
    request->first_file = (size_t)optind;
    return complete(request, error);
}

void plot_request_free(struct plot_request *request)
{
    if (request->filter)
        regfree(&request->pattern);
    request->filter = NULL;
    request->choice.filter = NULL;
}
