/* ipcbench report FILE...: one page for the browser, from result files alone. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "base/file.h"
#include "base/text.h"
#include "base/units.h"
#include "bench/command.h"
#include "bench/commands.h"
#include "bench/marks.h"
#include "bench/newest.h"
#include "bench/output.h"
#include "plots/page.h"
#include "results/compare.h"
#include "results/findings.h"
#include "results/json.h"
#include "results/run.h"

enum { FILES_MOST = 8 };

struct report_request {
    const char *output;
    const char *files[FILES_MOST]; /* the words */
    size_t file_count;
};

/* What a report is made of; all of it is freed at the end. */
struct report {
    struct text newest; /* where no file is named */
    struct run runs[FILES_MOST];
    struct page_run named[FILES_MOST];
    struct comparison comparisons[FILES_MOST - 1];
    size_t comparison_count;
    struct text findings; /* of the first run */
    struct text template_page;
    struct text page;
};

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

/* What the first run says: of several the others may be of another machine. */
static int find_out(struct report *report, struct error *error)
{
    struct findings findings;
    int failure = findings_make(&report->runs[0], &findings, error);
    if (failure)
        return failure;
    failure = findings_write_json(&findings, &report->findings, error);
    findings_free(&findings);
    return failure;
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
    if (!failure)
        failure = find_out(report, error);
    const struct page_source source = {
        .runs = report->named,
        .run_count = request->file_count,
        .comparisons = report->comparisons,
        .findings = text_string(&report->findings),
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
    text_free(&report->findings);
    text_free(&report->template_page);
    text_free(&report->page);
}

static int take_files(struct report_request *request, const struct command_words *words,
                      struct text *newest, struct error *error)
{
    if (words->count > FILES_MOST)
        return error_plain(error, "'%s': at most %d result files on one page",
                           words->values[FILES_MOST], FILES_MOST);
    for (int index = 0; index < words->count; ++index)
        request->files[request->file_count++] = words->values[index];
    if (request->file_count)
        return 0;
    const int failure = newest_result(newest, "to report", error);
    request->files[request->file_count++] = text_string(newest);
    return failure;
}

static int report_files(void *given, const struct command_words *words, struct error *error)
{
    struct report_request *const request = given;
    struct report report = {0};
    int failure = take_files(request, words, &report.newest, error);
    if (!failure)
        failure = make_page(request, &report, error);
    if (!failure)
        failure = write_page(request, &report.page, error);
    if (failure)
        error_prefix(error, "report: ");
    free_report(&report);
    return failure ? EXIT_USAGE : EXIT_FINE;
}

static void prepare(void *request)
{
    ((struct report_request *)request)->output = "report.html";
}

static const struct command_option options[] = {
    {.name = "output",
     .letter = 'o',
     .value = "FILE",
     .text = "default report.html; -: standard output",
     .take = take_path,
     .member = offsetof(struct report_request, output)},
};

const struct command command_report = {
    .name = "report",
    .summary = "one page for the browser, from one result file or several",
    .synopsis = "ipcbench report [FILE...] [-o PAGE]",
    .about = "One page for the browser, from result files alone. It opens from disk, needs no "
             "network and holds its data. Of several files (at most 8) the first is compared with "
             "each of the others. Default: the newest file in results/runs.",
    .options = options,
    .option_count = sizeof(options) / sizeof(options[0]),
    .words_most = COMMAND_ANY,
    .statuses = "0 fine, 2 usage or file error.",
    .examples = "ipcbench report run.json -o run.html\n"
                "ipcbench report before.json after.json -o compared.html",
    .request_bytes = sizeof(struct report_request),
    .prepare = prepare,
    .run = report_files,
};
