/* A comparison in GitHub's Markdown, for a comment on a pull request. */
#include <errno.h>

#include "base/text.h"
#include "results/compare_parts.h"
#include "results/compare_report.h"

/* A bar would end the field, and a new line the row; ` the code that names stand in. */
static void write_field(const char *field, struct text *out)
{
    for (; *field; ++field) {
        if (*field == '|' || *field == '<' || *field == '*' || *field == '_')
            text_append(out, "\\");
        text_append(out, "%c", (unsigned char)*field < ' ' || *field == '`' ? ' ' : *field);
    }
}

static const char *heading_of(enum compare_verdict verdict)
{
    static const char *const headings[] = {
        [COMPARE_REGRESSED] = "**regressed**",
        [COMPARE_FAILED] = "**failed**",
        [COMPARE_IMPROVED] = "improved",
    };
    return (size_t)verdict < sizeof(headings) / sizeof(headings[0]) ? headings[verdict]
                                                                    : compare_verdict_name(verdict);
}

static void write_row(const struct comparison *comparison, const struct compare_row *row,
                      struct text *out)
{
    const struct compare_figure *const figure = row->figure;
    const struct compare_figure *const aside = compare_row_aside(row);
    struct text remark = {0};
    compare_write_remark(comparison, row, &remark);
    text_append(out, "| %s | `", heading_of(row->verdict));
    for (const char *at = row->cell->id; *at; ++at) /* in code only bars and ` need care */
        text_append(out, *at == '|' ? "\\|" : "%c",
                    (unsigned char)*at < ' ' || *at == '`' ? ' ' : *at);
    text_append(out, "` | ");
    if (figure)
        text_append(out, "%s | %s | %s | %s | %s | %s | %s | ", compare_metric_name(row->metric),
                    compare_value_field(row->metric, figure->base).text,
                    compare_value_field(row->metric, figure->now).text,
                    compare_change_field(figure->ratio.value).text,
                    compare_interval_field(figure).text, compare_p_field(figure->adjusted_p).text,
                    aside ? compare_change_field(aside->ratio.value).text : "");
    else
        text_append(out, "| | | | | | | ");
    write_field(text_string(&remark), out);
    text_append(out, " |\n");
    text_free(&remark);
}

static void write_differences(const struct comparison *comparison, struct text *out)
{
    for (size_t index = 0; index < comparison->difference_count; ++index) {
        const struct compare_difference *const difference = &comparison->differences[index];
        text_append(out, index ? "" : "\n| differs | BASE | NEW |\n| --- | --- | --- |\n");
        text_append(out, "| ");
        write_field(difference->what, out);
        text_append(out, " | ");
        write_field(difference->base, out);
        text_append(out, " | ");
        write_field(difference->now, out);
        text_append(out, " |\n");
    }
}

int compare_write_markdown(const struct comparison *comparison, bool all, struct text *out,
                           struct error *error)
{
    struct compare_rows rows;
    bool is_first = true;
    const int failure = compare_rows_make(comparison, &rows, error);
    if (failure)
        return failure;
    compare_write_sentence(comparison, &rows, out);
    text_append(out, ".\n");
    for (size_t index = 0; index < rows.count; ++index) {
        if (!all && rows.rows[index].verdict == COMPARE_EQUIVALENT)
            continue;
        if (is_first)
            text_append(out,
                        "\n| verdict | cell | figure | BASE | NEW | change | 95 %% interval | p | "
                        "p99 | |\n| --- | --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | "
                        "--- |\n");
        is_first = false;
        write_row(comparison, &rows.rows[index], out);
    }
    write_differences(comparison, out);
    compare_rows_free(&rows);
    return out->failed ? error_system(error, ENOMEM, "comparison as Markdown") : 0;
}
