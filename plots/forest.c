/* A comparison as ratios with their intervals, the largest on top: what moved, how sure that is, and
 * whether it matters (the band is what the threshold lets pass). A picture for each figure, since
 * more of a latency is worse and more of a rate is better. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "plots/axis.h"
#include "plots/output.h"
#include "plots/plots.h"
#include "plots/script.h"
#include "plots/words.h"
#include "results/compare.h"
#include "results/compare_report.h"
#include "results/run.h"

enum { ROWS_PER_PAGE = 36, PAGES_MOST = 4, NAME_COLUMNS = 54 };

struct row {
    const struct compare_cell *cell;
    const struct compare_figure *figure;
};

struct forest {
    const struct comparison *comparison;
    enum compare_metric metric;
    struct row *rows; /* the largest ratio first */
    size_t count, left_out;
    struct axis axis; /* of all pages */
};

static double log_effect(const struct row *row)
{
    return fabs(log(row->figure->ratio.value));
}

static bool is_verdict(const struct row *row)
{
    return row->figure->verdict == COMPARE_REGRESSED || row->figure->verdict == COMPARE_IMPROVED;
}

/* Verdicts before what is not decided, large effects before small ones. */
static int by_weight(const void *left, const void *right)
{
    const struct row *const a = left, *const b = right;
    if (is_verdict(a) != is_verdict(b))
        return is_verdict(a) ? -1 : 1;
    const double difference = log_effect(b) - log_effect(a);
    return difference != 0 ? (difference > 0) - (difference < 0) : strcmp(a->cell->id, b->cell->id);
}

static int by_ratio(const void *left, const void *right)
{
    const struct row *const a = left, *const b = right;
    const double difference = b->figure->ratio.value - a->figure->ratio.value;
    return difference != 0 ? (difference > 0) - (difference < 0) : strcmp(a->cell->id, b->cell->id);
}

/* The interval may reach to where nothing is known; the axis does not follow it. */
static void take_row(struct axis *axis, const struct row *row)
{
    const double value = row->figure->ratio.value, reach = 4;
    axis_take(axis, value);
    axis_take(axis, fmax(row->figure->ratio.low, value / reach));
    axis_take(axis, fmin(row->figure->ratio.high, value * reach));
}

static int collect(struct forest *forest, struct error *error)
{
    const struct comparison *const comparison = forest->comparison;
    const double threshold = 1 + comparison->options.threshold[forest->metric];
    forest->rows = calloc(comparison->cell_count + 1, sizeof(*forest->rows));
    if (!forest->rows)
        return error_system(error, ENOMEM, "compare");
    for (size_t index = 0; index < comparison->cell_count; ++index) {
        const struct compare_cell *const cell = &comparison->cells[index];
        const struct compare_figure *const figure = &cell->figures[forest->metric];
        if (figure->present && figure->ratio.value > 0 && isfinite(figure->ratio.value))
            forest->rows[forest->count++] = (struct row){cell, figure};
    }
    qsort(forest->rows, forest->count, sizeof(*forest->rows), by_weight);
    if (forest->count > (size_t)ROWS_PER_PAGE * PAGES_MOST) {
        forest->left_out = forest->count - (size_t)ROWS_PER_PAGE * PAGES_MOST;
        forest->count -= forest->left_out;
    }
    qsort(forest->rows, forest->count, sizeof(*forest->rows), by_ratio);
    forest->axis = (struct axis){.unit = AXIS_CHANGE, .is_log = true};
    axis_take(&forest->axis, 1 / (threshold * 1.02));
    axis_take(&forest->axis, threshold * 1.02);
    for (size_t index = 0; index < forest->count; ++index)
        take_row(&forest->axis, &forest->rows[index]);
    axis_close(&forest->axis);
    return 0;
}

/* --- drawing ------------------------------------------------------------------------------------ */

static const struct {
    enum compare_verdict verdict;
    const char *colour;
    int points;
} looks[] = {
    {COMPARE_REGRESSED, "#D55E00", 9},
    {COMPARE_IMPROVED, "#0072B2", 11},
    {COMPARE_EQUIVALENT, "#606060", 7},
    {COMPARE_INCONCLUSIVE, "#000000", 6},
};
enum { LOOKS = sizeof(looks) / sizeof(looks[0]) };

static void write_row_words(const struct forest *forest, const struct row *row, double y,
                            const struct area *area, const struct canvas *canvas,
                            struct text *commands)
{
    struct text name = {0}, change = {0};
    words_append(&name, row->cell->id, canvas->is_terminal ? 36 : NAME_COLUMNS);
    picture_words(commands, area->left - 1 / canvas->columns, y, text_string(&name),
                  "right front font ',10'");
    text_append(&change, "%s  %s  %s", compare_change_field(row->figure->ratio.value).text,
                compare_interval_field(row->figure).text,
                compare_value_field(forest->metric, row->figure->now).text);
    picture_words(commands, area->right + 1 / canvas->columns, y, text_string(&change),
                  "left front font ',10'");
    commands->failed |= name.failed || change.failed;
    text_free(&name);
    text_free(&change);
}

/* $r<look>: ratio, row, interval. */
static void write_rows(const struct forest *forest, size_t first, size_t count,
                       struct text *commands)
{
    for (size_t look = 0; look < LOOKS; ++look) {
        script_data(commands, 'r', look);
        for (size_t index = 0; index < count; ++index) {
            const struct compare_figure *const figure = forest->rows[first + index].figure;
            const double row[] = {figure->ratio.value, (double)index,
                                  fmax(figure->ratio.low, forest->axis.low),
                                  fmin(figure->ratio.high, forest->axis.high)};
            if (figure->verdict == looks[look].verdict)
                script_row(commands, row, 4);
        }
        script_data_end(commands);
    }
}

static void write_plot(const struct forest *forest, size_t first, size_t count, bool is_terminal,
                       struct text *commands)
{
    struct text plot = {0};
    for (size_t look = 0; look < LOOKS; ++look) {
        size_t seen = 0;
        for (size_t index = first; index < first + count; ++index)
            seen += forest->rows[index].figure->verdict == looks[look].verdict;
        if (!seen)
            continue;
        script_element(&plot,
                       "$r%zu using 1:2:3:4 with xerrorbars linecolor rgb '%s' linewidth 1.5 "
                       "pointtype %d pointsize 1.1",
                       look, looks[look].colour, looks[look].points);
        script_title(&plot, compare_verdict_name(looks[look].verdict), 0);
    }
    text_append(commands, "set bars %s\n", is_terminal ? "0" : "0.4");
    text_append_bytes(commands, text_string(&plot), plot.length);
    text_append(commands, "\n");
    commands->failed |= plot.failed;
    text_free(&plot);
}

static struct margins margins_of(const struct canvas *canvas)
{
    return (struct margins){
        .left = canvas->is_terminal ? 38 : 56,
        .right = canvas->is_terminal ? 36 : 40,
        .above = 1,
    };
}

static void write_page(const struct forest *forest, size_t first, size_t count,
                       const struct canvas *canvas, struct picture *picture)
{
    const double threshold = 1 + forest->comparison->options.threshold[forest->metric];
    const struct margins margins = margins_of(canvas);
    const struct area area = picture_area(canvas, picture, &margins);
    struct text *const commands = &picture->commands;
    write_rows(forest, first, count, commands);
    picture_use_area(commands, &area);
    text_append(commands,
                "set key at screen %.4f, screen %.4f right bottom horizontal noenhanced samplen 2 "
                "font ',11'\n",
                1 - 1 / canvas->columns, area.top + 0.3 / picture->lines);
    axis_write(commands, "x", &forest->axis, canvas->is_terminal ? 3 : 6);
    text_append(commands, "set yrange [%g:-0.5]\nunset ytics\n", (double)count - 0.5);
    text_append(commands, "set border 1\n");
    text_append(commands,
                "set object 1 rectangle from first %.6g, graph 0 to first %.6g, graph 1 behind "
                "fillcolor rgb '#e4e4e4' fillstyle solid noborder\n"
                "set arrow from first 1, graph 0 to first 1, graph 1 nohead linecolor rgb "
                "'#404040' linewidth 1\n",
                1 / threshold, threshold);
    picture_axis_names(picture, canvas, &area,
                       &(struct axis_names){forest->metric == COMPARE_RATE
                                                ? "NEW against BASE: less is worse"
                                                : "NEW against BASE: more is worse",
                                            ""});

    for (size_t index = 0; index < count; ++index) {
        const double share = ((double)index + 0.5) / (double)count;
        write_row_words(forest, &forest->rows[first + index],
                        area.top - share * (area.top - area.bottom), &area, canvas, commands);
    }
    write_plot(forest, first, count, canvas->is_terminal, commands);
}

static int draw_page(const struct forest *forest, size_t page, size_t pages,
                     struct plot_output *output, struct error *error)
{
    const struct comparison *const comparison = forest->comparison;
    const size_t first = forest->count * page / pages;
    const size_t count = forest->count * (page + 1) / pages - first;
    static const char *const titles[COMPARE_METRICS] = {
        [COMPARE_P50] = "Median latency (p50): NEW against BASE",
        [COMPARE_P99] = "99th percentile (p99): NEW against BASE",
        [COMPARE_RATE] = "Rate: NEW against BASE",
    };
    const char *const metric = compare_metric_name(forest->metric);
    const struct margins margins = margins_of(&output->canvas);
    const double rows = output->canvas.is_terminal ? (double)count + 1 : (double)count * 1.15;
    struct picture picture = {
        .lines = picture_lines_for(&output->canvas, &margins, rows),
    };
    text_append(&picture.name, "compare-%s", metric);
    text_append(&picture.title, "%s", titles[forest->metric]);
    text_append(&picture.subtitle, "BASE %s, %s; NEW %s, %s", comparison->base_name,
                comparison->base->started_at, comparison->now_name, comparison->now->started_at);
    if (pages > 1) {
        text_append(&picture.name, "-page-%zu", page + 1);
        text_append(&picture.subtitle, "; page %zu of %zu", page + 1, pages);
    }
    text_append(&picture.note,
                "Bars: 95 %% interval of the ratio. Grey: within the threshold of "
                "%.3g %%.",
                comparison->options.threshold[forest->metric] * 100);
    write_page(forest, first, count, &output->canvas, &picture);
    const int failure = plot_output_add(output, &picture, error);
    picture_free(&picture);
    return failure;
}

static int draw_metric(const struct comparison *comparison, enum compare_metric metric,
                       struct plot_output *output, struct error *error)
{
    struct forest forest = {.comparison = comparison, .metric = metric};
    int failure = collect(&forest, error);
    const size_t pages = (forest.count + ROWS_PER_PAGE - 1) / ROWS_PER_PAGE;
    for (size_t page = 0; page < pages && !failure; ++page)
        failure = draw_page(&forest, page, pages, output, error);
    if (!failure && forest.left_out)
        plot_output_left_out(
            output, "compare", "%s: the %zu smallest of %zu ratios; --filter chooses cells",
            compare_metric_name(metric), forest.left_out, forest.left_out + forest.count);
    if (!failure && !forest.count)
        plot_output_left_out(output, "compare", "%s: no cell has it in both files",
                             compare_metric_name(metric));
    free(forest.rows);
    return failure;
}

/* Cells that have no ratio, by the reason. */
static void report_without_ratio(const struct comparison *comparison, struct plot_output *output)
{
    static const enum compare_verdict without[] = {
        COMPARE_FAILED, COMPARE_NOT_COMPARABLE, COMPARE_MISSING, COMPARE_NEW, COMPARE_UNMEASURED};
    struct text words = {0};
    for (size_t index = 0; index < sizeof(without) / sizeof(without[0]); ++index) {
        if (comparison->counts[without[index]])
            text_append(&words, "%s%zu cells %s", words.length ? ", " : "",
                        comparison->counts[without[index]], compare_verdict_name(without[index]));
    }
    if (words.length)
        plot_output_left_out(output, "compare", "%s (ipcbench compare says why)",
                             text_string(&words));
    text_free(&words);
}

int plots_of_comparison(const struct comparison *comparison, struct plot_output *output,
                        struct error *error)
{
    output->corner.length = 0;
    plot_append_origin(comparison->now, &output->corner);
    if (comparison->refused) {
        const struct compare_difference *const first = &comparison->differences[0];
        plot_output_left_out(output, "compare",
                             "machine or parameters differ, %zu of them refused, the first %s (%s, "
                             "%s); --allow-different draws it all the same",
                             comparison->refused, first->what, first->base, first->now);
        return 0;
    }
    int failure = 0;
    for (int metric = 0; metric < COMPARE_METRICS && !failure; ++metric)
        failure = draw_metric(comparison, (enum compare_metric)metric, output, error);
    if (!failure)
        report_without_ratio(comparison, output);
    return failure;
}
