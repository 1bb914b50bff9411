/* A comparison as JUnit XML: a test case for each gated figure, in the form that CI services read
 * (one testsuite; failure, error and skipped with a message). What is not decided is skipped: it
 * must not break a build, nor pass for well. */
#include <errno.h>
#include <string.h>

#include "base/text.h"
#include "results/compare_parts.h"
#include "results/compare_report.h"
#include "results/json_parts.h"

/* XML 1.0 has no other control characters, not even escaped. */
static void write_escaped(const char *utf8, struct text *out)
{
    for (size_t bytes; *utf8; utf8 += bytes) {
        bytes = json_utf8_bytes(utf8);
        if (*utf8 == '&')
            text_append(out, "&amp;");
        else if (*utf8 == '<')
            text_append(out, "&lt;");
        else if (*utf8 == '>')
            text_append(out, "&gt;");
        else if (*utf8 == '"')
            text_append(out, "&quot;");
        else if (bytes == 0 || (unsigned char)*utf8 < ' ')
            text_append(out, "?");
        else
            text_append_bytes(out, utf8, bytes);
        bytes = bytes ? bytes : 1;
    }
}

static void write_attribute(const char *name, const char *value, struct text *out)
{
    text_append(out, " %s=\"", name);
    write_escaped(value, out);
    text_append(out, "\"");
}

/* "p50: 35.6 µs, then 39.9 µs: +12 % [+9.1, +15]; could not have ..." */
static void write_message(const struct comparison *comparison, const struct compare_row *row,
                          struct text *out)
{
    const struct compare_figure *const figure = row->figure;
    struct text remark = {0};
    compare_write_remark(comparison, row, &remark);
    if (figure)
        text_append(out, "%s: %s, then %s: %s %s", compare_metric_name(row->metric),
                    compare_value_field(row->metric, figure->base).text,
                    compare_value_field(row->metric, figure->now).text,
                    compare_change_field(figure->ratio.value).text,
                    compare_interval_field(figure).text);
    text_append(out, "%s%s", figure && remark.length ? "; " : "", text_string(&remark));
    text_free(&remark);
}

/* NULL: it passes. */
static const char *element_of(const struct compare_row *row)
{
    switch (row->verdict) {
    case COMPARE_REGRESSED:
        return "failure";
    case COMPARE_FAILED:
        return "error";
    case COMPARE_IMPROVED:
    case COMPARE_EQUIVALENT:
        return row->cell->sometimes_fails ? "error" : NULL;
    default:
        return row->cell->sometimes_fails ? "error" : "skipped";
    }
}

static void write_case(const struct comparison *comparison, const struct compare_row *row,
                       struct text *out)
{
    const struct run_cell *const cell = row->cell->now ? row->cell->now : row->cell->base;
    const char *const element = element_of(row);
    struct text name = {0}, message = {0};
    text_append(&name, "%s%s%s", row->cell->id, row->figure ? " " : "",
                row->figure ? compare_metric_name(row->metric) : "");
    write_message(comparison, row, &message);
    text_append(out, "  <testcase classname=\"ipcbench.%s\"", pattern_name(cell->pattern));
    write_attribute("name", text_string(&name), out);
    if (element) {
        text_append(out, ">\n    <%s", element);
        write_attribute("message", text_string(&message), out);
        if (strcmp(element, "skipped") != 0)
            write_attribute("type", compare_verdict_name(row->verdict), out);
        text_append(out, "/>\n  </testcase>\n");
    } else {
        text_append(out, ">\n    <system-out>");
        write_escaped(text_string(&message), out);
        text_append(out, "</system-out>\n  </testcase>\n");
    }
    text_free(&name);
    text_free(&message);
}

/* Where the runs must not be compared there is one case, an error that names the differences. */
static void write_refusal(const struct comparison *comparison, struct text *out)
{
    text_append(out, "  <testcase classname=\"ipcbench\" name=\"comparable\">\n    <error "
                     "type=\"not comparable\"");
    struct text message = {0};
    for (size_t index = 0; index < comparison->refused; ++index) {
        const struct compare_difference *const difference = &comparison->differences[index];
        text_append(&message, "%s%s: %s, then %s", index ? "; " : "", difference->what,
                    difference->base, difference->now);
    }
    write_attribute("message", text_string(&message), out);
    text_append(out, "/>\n  </testcase>\n");
    text_free(&message);
}

static size_t count(const struct compare_rows *rows, const char *element)
{
    size_t found = 0;
    for (size_t index = 0; index < rows->count; ++index) {
        const char *const own = element_of(&rows->rows[index]);
        found += own && !strcmp(own, element);
    }
    return found;
}

int compare_write_junit(const struct comparison *comparison, struct text *out, struct error *error)
{
    struct compare_rows rows;
    struct text sentence = {0};
    const int failure = compare_rows_make(comparison, &rows, error);
    if (failure)
        return failure;
    compare_write_sentence(comparison, &rows, &sentence);
    text_append(out,
                "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuite name=\"ipcbench compare\" "
                "tests=\"%zu\" failures=\"%zu\" errors=\"%zu\" skipped=\"%zu\">\n",
                comparison->refused ? 1 : rows.count, count(&rows, "failure"),
                comparison->refused ? 1 : count(&rows, "error"), count(&rows, "skipped"));
    for (size_t index = 0; index < rows.count; ++index)
        write_case(comparison, &rows.rows[index], out);
    if (comparison->refused)
        write_refusal(comparison, out);
    text_append(out, "  <system-out>");
    write_escaped(text_string(&sentence), out);
    text_append(out, "</system-out>\n</testsuite>\n");
    compare_rows_free(&rows);
    text_free(&sentence);
    return out->failed ? error_system(error, ENOMEM, "comparison as JUnit XML") : 0;
}
