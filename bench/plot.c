/* ipcbench plot FILE...: figures of result files, as files or in the terminal. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/error.h"
#include "base/text.h"
#include "bench/command.h"
#include "bench/commands.h"
#include "bench/interrupt.h"
#include "bench/newest.h"
#include "bench/output.h"
#include "bench/plot_request.h"
#include "plots/output.h"
#include "plots/plots.h"
#include "plots/words.h"
#include "results/compare.h"
#include "results/document.h"

#define PLOTS_FOLDER "results/plots"

struct source {
    const char *path;
    struct document document;
};

struct sources {
    struct source *sources;
    size_t count;
    size_t runs, topologies;
};

static const char *file_of(const char *path)
{
    const char *const slash = strrchr(path, '/');
    return slash && slash[1] ? slash + 1 : path;
}

/* The file's name without folders and ".json", fit to be a folder's. */
static void append_stem(const char *path, struct text *out)
{
    struct text name = {0};
    text_append(&name, "%s", file_of(path));
    if (name.length > 5 && !strcmp(name.data + name.length - 5, ".json"))
        name.data[name.length - 5] = '\0';
    const size_t before = out->length;
    words_append_slug(out, text_string(&name));
    if (out->length == before)
        text_append(out, "run");
    out->failed |= name.failed;
    text_free(&name);
}

static int load(char **paths, size_t count, struct sources *sources, struct error *error)
{
    *sources = (struct sources){.sources = calloc(count, sizeof(*sources->sources))};
    if (!sources->sources)
        return error_system(error, ENOMEM, "%zu files", count);
    for (size_t index = 0; index < count; ++index) {
        struct source *const source = &sources->sources[sources->count];
        source->path = paths[index];
        const int failure = document_load(paths[index], &source->document, error);
        if (failure)
            return failure;
        ++sources->count;
        sources->topologies += source->document.is_topology;
        sources->runs += !source->document.is_topology;
    }
    return 0;
}

static void free_sources(struct sources *sources)
{
    for (size_t index = 0; index < sources->count; ++index)
        document_free(&sources->sources[index].document);
    free(sources->sources);
}

/* --- drawing ------------------------------------------------------------------------------------ */

/* Several runs get a folder each, named like their files; of equal names the later ones a number. */
static void choose_prefix(const struct sources *sources, size_t index, struct text *prefix)
{
    prefix->length = 0;
    text_append(prefix, "%s", "");
    if (sources->runs < 2)
        return;
    append_stem(sources->sources[index].path, prefix);
    size_t equal = 1;
    for (size_t other = 0; other < index; ++other) {
        struct text earlier = {0};
        append_stem(sources->sources[other].path, &earlier);
        equal += !strcmp(text_string(&earlier), text_string(prefix));
        text_free(&earlier);
    }
    text_append(prefix, equal > 1 ? "-%zu/" : "/", equal);
}

/* The figures of single runs that were asked for, "a, b"; false: none. */
static bool list_run_figures(const struct plot_request *request, struct text *names)
{
    for (int figure = 0; figure < PLOT_HEATMAP; ++figure) {
        if (request->choice.figures[figure])
            text_append(names, "%s%s", names->length ? ", " : "",
                        plot_figure_name((enum plot_figure)figure));
    }
    return names->length > 0;
}

static int draw_runs(const struct plot_request *request, const struct sources *sources,
                     struct plot_output *output, struct error *error)
{
    struct text names = {0};
    const bool wanted = list_run_figures(request, &names);
    if (wanted && !sources->runs)
        plot_output_left_out(output, text_string(&names), "no result file among those given");
    text_free(&names);
    if (!wanted)
        return 0;
    for (size_t index = 0; index < sources->count; ++index) {
        const struct source *const source = &sources->sources[index];
        if (source->document.is_topology)
            continue;
        choose_prefix(sources, index, &output->prefix);
        if (sources->runs > 1)
            text_append(&output->report, "%s:\n", source->path);
        const int failure = plots_of_run(&source->document.run, &request->choice, output, error);
        if (failure) {
            error_prefix(error, "%s: ", source->path);
            return failure;
        }
    }
    return 0;
}

static int draw_topologies(const struct sources *sources, struct plot_output *output,
                           struct error *error)
{
    int failure = 0;
    for (size_t index = 0; index < sources->count && !failure; ++index) {
        const struct source *const source = &sources->sources[index];
        if (source->document.is_topology)
            failure =
                plots_of_topology(&source->document.topology, file_of(source->path), output, error);
    }
    if (!sources->topologies)
        plot_output_left_out(output, plot_figure_name(PLOT_HEATMAP),
                             "results hold no pairs of CPUs; give it the file of ipcbench topology "
                             "--measure --json");
    return failure;
}

static int draw_comparison(const struct plot_request *request, const struct sources *sources,
                           struct plot_output *output, struct error *error)
{
    if (sources->runs != 2) {
        plot_output_left_out(output, plot_figure_name(PLOT_COMPARE),
                             "it is of two result files, BASE and NEW, not of %zu", sources->runs);
        return 0;
    }
    const struct source *base = NULL, *now = NULL;
    for (size_t index = 0; index < sources->count; ++index) {
        if (sources->sources[index].document.is_topology)
            continue;
        base = base ? base : &sources->sources[index];
        now = &sources->sources[index];
    }
    if (!base)
        return 0;
    struct compare_options options = compare_defaults();
    struct comparison comparison;
    options.allow_different = request->allow_different;
    options.filter = request->choice.filter;
    int failure =
        compare_runs(&base->document.run, &now->document.run, &options, &comparison, error);
    if (failure)
        return failure;
    comparison.base_name = file_of(base->path);
    comparison.now_name = file_of(now->path);
    failure = plots_of_comparison(&comparison, output, error);
    compare_free(&comparison);
    return failure;
}

static int draw_all(const struct plot_request *request, const struct sources *sources,
                    struct plot_output *output, struct error *error)
{
    int failure = draw_runs(request, sources, output, error);
    output->prefix.length = 0;
    text_append(&output->prefix, "%s", "");
    if (!failure && request->choice.figures[PLOT_HEATMAP])
        failure = draw_topologies(sources, output, error);
    if (!failure && request->choice.figures[PLOT_COMPARE])
        failure = draw_comparison(request, sources, output, error);
    if (!failure && !output->drawn)
        failure = error_plain(error, "nothing to draw");
    return failure;
}

/* --- where to ----------------------------------------------------------------------------------- */

/* The terminal's size, or what the environment says, or a usual one. */
static void use_terminal(struct plot_output *output)
{
    enum { COLUMNS = 120, LINES = 36, COLUMNS_LEAST = 80, LINES_LEAST = 24, MOST = 400 };
    struct winsize size = {0};
    const char *const columns_text = getenv("COLUMNS");
    long columns = columns_text ? strtol(columns_text, NULL, 10) : 0, lines = 0;
    if (!ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) && size.ws_col) {
        columns = size.ws_col;
        lines = size.ws_row - 2;
    }
    columns = columns <= 0 ? COLUMNS : columns < COLUMNS_LEAST ? COLUMNS_LEAST : columns;
    lines = lines <= 0 ? LINES : lines < LINES_LEAST ? LINES_LEAST : lines;
    plot_output_to_terminal(output, (double)(columns < MOST ? columns : MOST),
                            (double)(lines < MOST ? lines : MOST));
    output->colour = output_wants_colour();
}

static int print(const struct plot_output *output, struct error *error)
{
    const int failure = output_write(&output->drawings, error);
    return failure ? failure : output_write(&output->report, error);
}

static int plot_files(const struct plot_request *request, char **paths, size_t count,
                      struct error *error)
{
    struct sources sources = {0};
    struct plot_output output = {.svg = request->svg, .png = request->png};
    struct text folder = {0};
    int failure = load(paths, count, &sources, error);
    if (!failure && sources.count && !request->in_terminal && !request->folder) {
        text_append(&folder, PLOTS_FOLDER "/");
        append_stem(sources.sources[0].path, &folder);
    }
    interrupt_catch();
    output.interrupted = interrupt_flag();
    if (request->in_terminal)
        use_terminal(&output);
    else
        plot_output_to_files(&output, request->folder ? request->folder : text_string(&folder));
    if (!failure)
        failure = draw_all(request, &sources, &output, error);
    struct error unprinted = {0};
    const int print_failure = print(&output, &unprinted);
    if (print_failure && !failure) {
        *error = unprinted;
        failure = print_failure;
    }
    plot_output_free(&output);
    text_free(&folder);
    free_sources(&sources);
    return failure;
}

static int plot(void *given, const struct command_words *words, struct error *error)
{
    struct plot_request *const request = given;
    struct text newest = {0};
    int failure = plot_request_complete(request, error);
    if (!failure && words->count == 0)
        failure = newest_result(&newest, "to draw", error);
    if (!failure) {
        char *path = newest.data ? newest.data : (char *)"";
        failure = plot_files(request, words->count ? words->values : &path,
                             words->count ? (size_t)words->count : 1, error);
    }
    text_free(&newest);
    if (!failure)
        return EXIT_FINE;
    if (failure == -EINTR && *interrupt_flag()) {
        *error = (struct error){0}; /* the status says it */
        return EXIT_INTERRUPTED;
    }
    error_prefix(error, "plot: ");
    return EXIT_USAGE;
}

static void release(void *request)
{
    filter_free(&((struct plot_request *)request)->filter);
}

static const struct command_choice figures[PLOT_FIGURES + 1] = {
    {"percentiles", "latency by percentile, per pattern and size: the tails"},
    {"latency", "p50 and p99 against message size, with intervals"},
    {"throughput", "messages and bytes per second against size, with memcpy's bound"},
    {"load", "response time against offered load, with the knee"},
    {"cost", "CPU time per message against latency, with the Pareto front"},
    {"trials", "every trial in the order of the run, by the machine's state"},
    {"heatmap", "cache-line round trip between any two CPUs"},
    {"pages", "one access against the working set, on small and huge pages"},
    {"compare", "ratios of two runs with intervals and the threshold"},
    {0},
};

static const struct command_option options[] = {
    {.name = "output",
     .letter = 'o',
     .value = "DIR",
     .text = "default results/plots/<name of the first FILE>; is made",
     .take = take_path,
     .member = offsetof(struct plot_request, folder)},
    {.name = "format",
     .value = "svg|png",
     .is_list = true,
     .text = "several times or with commas; default both",
     .take = take_plot_formats},
    {.name = "only",
     .value = "FIGURE",
     .is_list = true,
     .choices = figures,
     .text = "likewise; default all that the files allow",
     .take = take_plot_figures},
    {.name = "filter",
     .letter = 'f',
     .value = "REGEX",
     .text = "only cells whose id matches",
     .take = take_filter,
     .member = offsetof(struct plot_request, filter)},
    {.name = "terminal",
     .text = "draws in the text terminal instead",
     .take = take_flag,
     .member = offsetof(struct plot_request, in_terminal)},
    {.name = "allow-different",
     .text = "compares runs of different machines or parameters too",
     .take = take_flag,
     .member = offsetof(struct plot_request, allow_different)},
};

const struct command command_plot = {
    .name = "plot",
    .summary = "figures of result files, as SVG and PNG or in the terminal",
    .synopsis = "ipcbench plot [FILE...] [options]",
    .about = "Figures of result files, drawn by gnuplot. Without FILE the newest in results/runs. "
             "Two result files are also compared, BASE first. A file of ipcbench topology "
             "--measure --json gives the heat map. Prints the files written, and why a figure is "
             "left out.",
    .options = options,
    .option_count = sizeof(options) / sizeof(options[0]),
    .words_most = COMMAND_ANY,
    .statuses = "0 fine, 2 usage or file error, nothing to draw, or no gnuplot, 130 interrupted.",
    .examples = "ipcbench plot run.json -o figures\n"
                "ipcbench plot run.json --only percentiles,cost -f 'pingpong/.*/64/' --format svg\n"
                "ipcbench plot before.json after.json --only compare\n"
                "ipcbench plot run.json --only load --terminal\n"
                "ipcbench topology --measure --json >cpus.json && ipcbench plot cpus.json",
    .request_bytes = sizeof(struct plot_request),
    .release = release,
    .run = plot,
};
