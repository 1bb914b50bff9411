#include "bench/compare_text.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "bench/grid.h"
#include "results/compare_report.h"
#include "results/run.h"

#define RED    "\033[31m"
#define GREEN  "\033[32m"
#define YELLOW "\033[33m"

static const struct {
    const char *heading;
    const char *colour;
} sections[] = {
    [COMPARE_REGRESSED] = {"Regressed", RED},
    [COMPARE_FAILED] = {"Failed, and did not in BASE", RED},
    [COMPARE_IMPROVED] = {"Improved", GREEN},
    [COMPARE_INCONCLUSIVE] = {"Could not be decided", YELLOW},
    [COMPARE_NOT_COMPARABLE] = {"Not comparable", YELLOW},
    [COMPARE_MISSING] = {"Missing in NEW", YELLOW},
    [COMPARE_NEW] = {"Only in NEW", ""},
    [COMPARE_UNMEASURED] = {"Measured in neither", ""},
    [COMPARE_EQUIVALENT] = {"Unchanged", ""},
};

static void write_coloured(const char *words, const char *colour,
                           const struct compare_text_style *style, struct text *out)
{
    const bool coloured = style->colour && colour[0];
    text_append(out, "%s%s%s", coloured ? colour : "", words, coloured ? "\033[0m" : "");
}

/* --- what was compared ------------------------------------------------------------------------- */

static void write_run(const char *label, const struct run *run, const char *name, struct text *out)
{
    const char *const commit = machine_text(&run->machine, "build", "commit");
    text_append(out, "%s %s: ipcbench %s, commit %s, %s\n", label, name ? name : "", run->version,
                commit ? commit : "unknown", run->started_at);
}

static bool is_told_above(const struct compare_difference *difference)
{
    return !strcmp(difference->what, "build/version") || !strcmp(difference->what, "build/commit");
}

static void write_differences(const struct comparison *comparison, struct text *out)
{
    const char *heading = comparison->refused
                              ? "\nDifferent (--allow-different compares all the same):\n"
                              : "\nDifferent:\n";
    for (size_t index = 0; index < comparison->difference_count; ++index) {
        const struct compare_difference *const difference = &comparison->differences[index];
        if (is_told_above(difference) || (comparison->refused && !difference->refused))
            continue;
        text_append(out, "%s  %s\n    BASE  %s\n    NEW   %s\n", heading, difference->what,
                    difference->base, difference->now);
        heading = "";
    }
}

/* --- tables ------------------------------------------------------------------------------------ */

enum { COLUMNS = 8 };

static void write_figures(const struct compare_row *row, char (*fields)[GRID_FIELD_BYTES])
{
    const struct compare_figure *const figure = row->figure;
    const struct compare_figure *const aside = compare_row_aside(row);
    const struct compare_field texts[COLUMNS] = {
        [2] = compare_value_field(row->metric, figure->base),
        [3] = compare_value_field(row->metric, figure->now),
        [4] = compare_change_field(figure->ratio.value),
        [5] = compare_interval_field(figure),
        [6] = compare_p_field(figure->adjusted_p),
        [7] = aside ? compare_change_field(aside->ratio.value) : (struct compare_field){""},
    };
    snprintf(fields[0], GRID_FIELD_BYTES, "%s", row->cell->id);
    snprintf(fields[1], GRID_FIELD_BYTES, "%s", compare_metric_name(row->metric));
    for (size_t column = 2; column < COLUMNS; ++column)
        snprintf(fields[column], GRID_FIELD_BYTES, "%s", texts[column].text);
}

/* The rows that have figures; what else is to be said of a row is too long for a column. */
static void write_table(const struct compare_row *rows, size_t count, struct text *out)
{
    static const char *const headings[COLUMNS] = {"",       "",     "BASE", "NEW",
                                                  "change", "95 %", "p",    "p99"};
    struct grid grid = {.columns = COLUMNS};
    char(*fields)[GRID_FIELD_BYTES] = grid_row(&grid);
    for (size_t column = 0; fields && column < COLUMNS; ++column)
        snprintf(fields[column], GRID_FIELD_BYTES, "%s", headings[column]);
    for (size_t index = 0; fields && index < count; ++index) {
        fields = rows[index].figure ? grid_row(&grid) : fields;
        if (fields && rows[index].figure)
            write_figures(&rows[index], fields);
    }
    if (!fields)
        out->failed = true;
    else if (grid.rows > 1)
        grid_write(&grid, out);
    grid_free(&grid);
}

static void write_remarks(const struct comparison *comparison, const struct compare_row *rows,
                          size_t count, struct text *out)
{
    for (size_t index = 0; index < count; ++index) {
        const struct compare_row *const row = &rows[index];
        struct text remark = {0};
        compare_write_remark(comparison, row, &remark);
        if (remark.length)
            text_append(out, "  %s%s%s: %s\n", row->cell->id, row->figure ? " " : "",
                        row->figure ? compare_metric_name(row->metric) : "", text_string(&remark));
        text_free(&remark);
    }
}

static void write_sections(const struct comparison *comparison, const struct compare_rows *rows,
                           const struct compare_text_style *style, struct text *out)
{
    for (size_t first = 0, beyond; first < rows->count; first = beyond) {
        const enum compare_verdict verdict = rows->rows[first].verdict;
        for (beyond = first + 1; beyond < rows->count && rows->rows[beyond].verdict == verdict;)
            ++beyond;
        if (verdict == COMPARE_EQUIVALENT && !style->all)
            continue;
        text_append(out, "\n");
        write_coloured(sections[verdict].heading, sections[verdict].colour, style, out);
        text_append(out, "\n");
        write_table(&rows->rows[first], beyond - first, out);
        write_remarks(comparison, &rows->rows[first], beyond - first, out);
    }
}

int compare_write_text(const struct comparison *comparison, const struct compare_text_style *style,
                       struct text *out, struct error *error)
{
    static const char *const colours[] = {
        [COMPARE_OUTCOME_NOT_COMPARABLE] = YELLOW,
        [COMPARE_OUTCOME_FAILED] = RED,
        [COMPARE_OUTCOME_REGRESSED] = RED,
        [COMPARE_OUTCOME_FINE] = GREEN,
    };
    struct compare_rows rows;
    struct text sentence = {0};
    const int failure = compare_rows_make(comparison, &rows, error);
    if (failure)
        return failure;
    compare_write_sentence(comparison, &rows, &sentence);
    write_coloured(text_string(&sentence), colours[compare_outcome(comparison)], style, out);
    text_append(out, "\n\n");
    text_free(&sentence);
    write_run("BASE", comparison->base, comparison->base_name, out);
    write_run("NEW ", comparison->now, comparison->now_name, out);
    if (comparison->options.paired)
        text_append(out, "Measured in turns, compared pair by pair (sign test).\n");
    write_differences(comparison, out);
    write_sections(comparison, &rows, style, out);
    compare_rows_free(&rows);
    return out->failed ? error_system(error, ENOMEM, "comparison") : 0;
}
