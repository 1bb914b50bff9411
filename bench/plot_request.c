#include "bench/plot_request.h"

#include <string.h>

#include "base/error.h"
#include "base/text.h"

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

int take_plot_formats(const char *value, void *member, struct error *error)
{
    return take_words(member, value, take_format, error);
}

int take_plot_figures(const char *value, void *member, struct error *error)
{
    return take_words(member, value, take_figure, error);
}

int plot_request_complete(struct plot_request *request, struct error *error)
{
    request->choice.filter = filter_regex(&request->filter);
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
