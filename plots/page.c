#include "plots/page.h"

#include <errno.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "plots/page_parts.h"
#include "results/compare_report.h"

/* Where the data go. */
static const char place[] = "@IPCBENCH_DATA@";

static void write_patterns(struct page_json *json)
{
    page_open(json, "patterns", '[');
    for (unsigned pattern = 0; pattern < PATTERN_COUNT; ++pattern) {
        page_open(json, NULL, '{');
        page_text(json, "name", pattern_name((enum pattern)pattern));
        page_flag(json, "latency", pattern_is_latency((enum pattern)pattern));
        page_close(json, '}');
    }
    page_close(json, ']');
}

static void write_marks(struct page_json *json, const struct page_marks *marks)
{
    page_open(json, "marks", '[');
    for (size_t mark = 0; mark < marks->count; ++mark) {
        const char sign[2] = {marks->sign(mark)};
        page_open(json, NULL, '{');
        page_text(json, "sign", sign);
        page_text(json, "meaning", marks->meaning(mark));
        page_close(json, '}');
    }
    page_close(json, ']');
}

/* The remarks of a comparison's rows, by cell and metric: its JSON has figures, not words. */
static void write_remarks(struct page_json *json, const struct comparison *comparison)
{
    struct compare_rows rows;
    if (compare_rows_make(comparison, &rows, NULL)) {
        json->out->failed = true;
        return;
    }
    page_open(json, "rows", '[');
    for (size_t index = 0; index < rows.count; ++index) {
        const struct compare_row *const row = &rows.rows[index];
        struct text remark = {0};
        compare_write_remark(comparison, row, &remark);
        page_open(json, NULL, '{');
        page_text(json, "id", row->cell->id);
        if (row->figure)
            page_text(json, "metric", compare_metric_name(row->metric));
        page_text(json, "verdict", compare_verdict_name(row->verdict));
        if (remark.length)
            page_text(json, "remark", text_string(&remark));
        page_close(json, '}');
        json->out->failed |= remark.failed;
        text_free(&remark);
    }
    page_close(json, ']');
    compare_rows_free(&rows);
}

static void write_comparison(struct page_json *json, const struct comparison *comparison,
                             size_t number)
{
    struct text document = {0};
    page_open(json, NULL, '{');
    page_whole(json, "base", 0);
    page_whole(json, "new", (long long)number);
    page_flag(json, "differs", comparison->options.allow_different);
    write_remarks(json, comparison);
    if (compare_write_json(comparison, &document, NULL))
        json->out->failed = true;
    else
        page_value(json, "document", text_string(&document));
    page_close(json, '}');
    text_free(&document);
}

void page_write_data(const struct page_source *source, struct text *out)
{
    struct page_json json = {.out = out};
    page_open(&json, NULL, '{');
    page_whole(&json, "format", 1);
    page_whole(&json, "ticks", PAGE_TICKS);
    write_patterns(&json);
    write_marks(&json, &source->marks);
    page_open(&json, "runs", '[');
    for (size_t index = 0; index < source->run_count; ++index)
        page_write_run(&json, &source->runs[index], &source->marks);
    page_close(&json, ']');
    page_open(&json, "comparisons", '[');
    for (size_t index = 1; index < source->run_count; ++index)
        write_comparison(&json, &source->comparisons[index - 1], index);
    page_close(&json, ']');
    if (source->findings)
        page_value(&json, "findings", source->findings);
    page_close(&json, '}');
}

int page_write(const struct page_source *source, const struct text *template_page, struct text *out,
               struct error *error)
{
    const char *const page = text_string(template_page);
    const char *const open = strstr(page, place);
    if (!open || strstr(open + 1, place))
        return error_plain(error, "no template of a report: expected one %s in it", place);
    text_append_bytes(out, page, (size_t)(open - page));
    page_write_data(source, out);
    text_append(out, "%s", open + strlen(place));
    return out->failed ? error_system(error, ENOMEM, "report of %zu runs", source->run_count) : 0;
}
