/* ipcbench report FILE...: one page for the browser, from result files alone. */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "base/file.h"
#include "base/text.h"
#include "base/units.h"
#include "bench/columns.h"
#include "bench/newest.h"
#include "bench/output.h"
#include "bench/verbs.h"
#include "plots/page.h"
#include "results/compare.h"
#include "results/json.h"
#include "results/run.h"

enum { FILES_MOST = 8 };

struct report_request {
    const char *files[FILES_MOST];
    size_t file_count;
    const char *output;
    bool help;
};

/* What a report is made of; all of it is freed at the end. */
struct report {
    struct text newest; /* where no file is named */
    struct run runs[FILES_MOST];
    struct page_run named[FILES_MOST];
    struct comparison comparisons[FILES_MOST - 1];
    size_t comparison_count;
    struct text template_page;
    struct text page;
};

static const struct option options[] = {
    {"output", required_argument, NULL, 'o'},
    {"help", no_argument, NULL, 'h'},
    {0},
};

static int parse_arguments(int argc, char **argv, struct report_request *request,
                           struct error *error)
{
    opterr = 0;
    optind = 0;
    for (int option; (option = getopt_long(argc, argv, "-:o:h", options, NULL)) >= 0;) {
        if (option == '?')
            return error_plain(error, "unknown option %s; see ipcbench report --help",
                               argv[optind - 1]);
        if (option == ':')
            return error_plain(error, "%s needs a value; see ipcbench report --help",
                               argv[optind - 1]);
        if (option == 'h')
            request->help = true;
        else if (option == 'o')
            request->output = optarg;
        else if (request->file_count == FILES_MOST)
            return error_plain(error, "'%s': at most %d result files on one page", optarg,
                               FILES_MOST);
        else
            request->files[request->file_count++] = optarg;
    }
    return 0;
}

/* --- the template ------------------------------------------------------------------------------ */

/* Where this program lies, without its name; "" where the kernel does not say. */
static void own_folder(char *folder, size_t bytes)
{
    const ssize_t length = readlink("/proc/self/exe", folder, bytes - 1);
    folder[length > 0 ? length : 0] = '\0';
    char *const name = strrchr(folder, '/');
    if (name)
        *name = '\0';
}

/* In the build folder it lies below the program, installed in PREFIX/share. */
static int read_template(struct text *page, struct error *error)
{
    static const char *const places[] = {"report/template.html",
                                         "../share/ipcbench/report-template.html"};
    char folder[4096];
    own_folder(folder, sizeof(folder));
    for (size_t index = 0; index < sizeof(places) / sizeof(places[0]); ++index) {
        struct text path = {0};
        text_append(&path, "%s/%s", folder, places[index]);
        const int failure = file_read(text_string(&path), page, error);
        text_free(&path);
        if (failure != -ENOENT)
            return failure;
        *error = (struct error){0};
    }
    return error_plain(error, "the page's template is not built: `make report-template` makes it, "
                              "with node and npm (./setup.sh --with-report installs them)");
}

/* --- the page ---------------------------------------------------------------------------------- */

static int load_runs(const struct report_request *request, struct report *report,
                     struct error *error)
{
    for (size_t index = 0; index < request->file_count; ++index) {
        const int failure = run_load(request->files[index], &report->runs[index], error);
        if (failure)
            return failure;
        report->named[index] = (struct page_run){request->files[index], &report->runs[index]};
    }
    return 0;
}

/* Runs of different machines or settings are compared all the same: the page lists what differs and
 * calls the differences no regressions. */
static int compare_with_first(const struct report_request *request, struct report *report,
                              size_t number, struct error *error)
{
    struct compare_options rules = compare_defaults();
    struct comparison *const comparison = &report->comparisons[number - 1];
    int failure = compare_runs(&report->runs[0], &report->runs[number], &rules, comparison, error);
    if (!failure && comparison->refused) {
        compare_free(comparison);
        rules.allow_different = true;
        failure = compare_runs(&report->runs[0], &report->runs[number], &rules, comparison, error);
    }
    if (failure)
        return failure;
    comparison->base_name = request->files[0];
    comparison->now_name = request->files[number];
    report->comparison_count = number;
    return 0;
}

static char sign_of(size_t mark)
{
    return mark_sign((enum mark)mark);
}

static const char *meaning_of(size_t mark)
{
    return mark_meaning((enum mark)mark);
}

static bool applies_to(const struct run_cell *cell, size_t mark)
{
    return mark_applies(cell, (enum mark)mark);
}

static int make_page(const struct report_request *request, struct report *report,
                     struct error *error)
{
    int failure = load_runs(request, report, error);
    if (!failure)
        failure = read_template(&report->template_page, error);
    for (size_t number = 1; !failure && number < request->file_count; ++number)
        failure = compare_with_first(request, report, number, error);
    const struct page_source source = {
        .runs = report->named,
        .run_count = request->file_count,
        .comparisons = report->comparisons,
        .marks = {MARK_COUNT, sign_of, meaning_of, applies_to},
    };
    return failure ? failure : page_write(&source, &report->template_page, &report->page, error);
}

static int write_page(const struct report_request *request, const struct text *page,
                      struct error *error)
{
    if (strcmp(request->output, "-") == 0)
        return output_write(page, error);
    int failure = file_make_parents(request->output, error);
    if (!failure)
        failure = file_write_atomic(request->output, text_string(page), page->length, error);
    if (!failure)
        printf("report: %s (%s)\n", request->output, units_bytes(page->length).text);
    return failure;
}

static void free_report(struct report *report)
{
    for (size_t index = 0; index < report->comparison_count; ++index)
        compare_free(&report->comparisons[index]);
    for (size_t index = 0; index < FILES_MOST; ++index)
        run_free(&report->runs[index]);
    text_free(&report->newest);
    text_free(&report->template_page);
    text_free(&report->page);
}

int verb_report(int argc, char **argv, struct error *error)
{
    struct report_request request = {.output = "report.html"};
    struct report report = {0};
    int failure = parse_arguments(argc, argv, &request, error);
    if (!failure && request.help) {
        fputs(help_text("report"), stdout);
        return EXIT_FINE;
    }
    if (!failure && request.file_count == 0) {
        failure = newest_result(&report.newest, error);
        request.files[request.file_count++] = text_string(&report.newest);
    }
    if (!failure)
        failure = make_page(&request, &report, error);
    if (!failure)
        failure = write_page(&request, &report.page, error);
    if (failure)
        error_prefix(error, "report: ");
    free_report(&report);
    return failure ? EXIT_USAGE : EXIT_FINE;
}
