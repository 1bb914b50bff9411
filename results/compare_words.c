/* The words of a comparison: names, rows, fields, remarks. */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "base/units.h"
#include "results/compare_parts.h"
#include "results/compare_report.h"

static const char *const metric_names[] = {
    [COMPARE_P50] = "p50",
    [COMPARE_P99] = "p99",
    [COMPARE_RATE] = "rate",
};

static const char *const verdict_names[] = {
    [COMPARE_REGRESSED] = "regressed",
    [COMPARE_FAILED] = "failed",
    [COMPARE_IMPROVED] = "improved",
    [COMPARE_INCONCLUSIVE] = "inconclusive",
    [COMPARE_NOT_COMPARABLE] = "not comparable",
    [COMPARE_MISSING] = "missing",
    [COMPARE_NEW] = "new",
    [COMPARE_UNMEASURED] = "unmeasured",
    [COMPARE_EQUIVALENT] = "equivalent",
};

static const char *const correction_names[] = {
    [COMPARE_HOLM] = "holm",
    [COMPARE_BENJAMINI_HOCHBERG] = "bh",
    [COMPARE_UNCORRECTED] = "none",
};

const char *compare_metric_name(enum compare_metric metric)
{
    return metric_names[metric];
}

const char *compare_verdict_name(enum compare_verdict verdict)
{
    return verdict_names[verdict];
}

const char *compare_correction_name(enum compare_correction correction)
{
    return correction_names[correction];
}

/* --- rows -------------------------------------------------------------------------------------- */

static double effect_of(const struct compare_row *row)
{
    return row->figure ? fabs(log(row->figure->ratio.value)) : 0;
}

/* Ties by name, so that a report is the same every time. */
static int by_gravity(const void *left, const void *right)
{
    const struct compare_row *const a = left, *const b = right;
    if (a->verdict != b->verdict)
        return a->verdict < b->verdict ? -1 : 1;
    const double effect_a = effect_of(a), effect_b = effect_of(b);
    if (effect_a != effect_b)
        return effect_a > effect_b ? -1 : 1;
    const int names = strcmp(a->cell->id, b->cell->id);
    return names ? names : (int)a->metric - (int)b->metric;
}

static void add_rows(struct compare_rows *rows, const struct compare_cell *cell)
{
    const size_t before = rows->count;
    for (size_t index = 0; index < COMPARE_METRICS; ++index) {
        const struct compare_figure *const figure = &cell->figures[index];
        if (figure->present && figure->gated)
            rows->rows[rows->count++] = (struct compare_row){
                .cell = cell,
                .figure = figure,
                .metric = (enum compare_metric)index,
                .verdict = figure->verdict,
            };
    }
    if (rows->count == before)
        rows->rows[rows->count++] = (struct compare_row){.cell = cell, .verdict = cell->verdict};
}

int compare_rows_make(const struct comparison *comparison, struct compare_rows *rows,
                      struct error *error)
{
    *rows = (struct compare_rows){0};
    rows->rows = calloc(COMPARE_METRICS * comparison->cell_count + 1, sizeof(*rows->rows));
    if (!rows->rows)
        return error_system(error, ENOMEM, "comparison of %zu cells", comparison->cell_count);
    for (size_t index = 0; index < comparison->cell_count && !comparison->refused; ++index) {
        if (comparison->cells[index].judged)
            add_rows(rows, &comparison->cells[index]);
    }
    qsort(rows->rows, rows->count, sizeof(*rows->rows), by_gravity);
    return 0;
}

void compare_rows_free(struct compare_rows *rows)
{
    free(rows->rows);
    *rows = (struct compare_rows){0};
}

const struct compare_figure *compare_row_aside(const struct compare_row *row)
{
    const struct compare_figure *const tail = &row->cell->figures[COMPARE_P99];
    return row->figure && row->metric == COMPARE_P50 && tail->present && !tail->gated ? tail : NULL;
}

/* --- fields ------------------------------------------------------------------------------------ */

struct compare_field compare_value_field(enum compare_metric metric, double value)
{
    struct compare_field field;
    snprintf(field.text, sizeof(field.text), "%s",
             metric == COMPARE_RATE ? units_rate(value).text : units_ns(value).text);
    return field;
}

/* "+12 %" without its unit; from a factor of 10 on as such: "28x". */
static struct compare_field change_of(double ratio)
{
    struct compare_field field;
    const double percent = 100 * (ratio - 1);
    if (ratio >= 10)
        snprintf(field.text, sizeof(field.text), "%.0fx", ratio);
    else
        snprintf(field.text, sizeof(field.text), "%+.*f", compare_digits(percent),
                 fabs(percent) < 0.05 ? 0 : percent); /* no "-0.0" */
    return field;
}

struct compare_field compare_change_field(double ratio)
{
    struct compare_field field;
    snprintf(field.text, sizeof(field.text), "%.32s%s", change_of(ratio).text,
             ratio >= 10 ? "" : " %");
    return field;
}

struct compare_field compare_interval_field(const struct compare_figure *figure)
{
    struct compare_field field;
    snprintf(field.text, sizeof(field.text), "[%.24s, %.24s]", change_of(figure->ratio.low).text,
             change_of(figure->ratio.high).text);
    return field;
}

struct compare_field compare_p_field(double p)
{
    struct compare_field field;
    snprintf(field.text, sizeof(field.text), p < 0.0001 ? "<0.0001" : "%.2g", p);
    return field;
}

/* --- remarks ----------------------------------------------------------------------------------- */

/* How many trials each run needs at least for any difference to be significant. */
static size_t trials_needed(size_t tests, bool paired)
{
    enum { MOST = 1000 };
    struct rank_plan plan = {
        .paired = paired, .tests = tests, .level = COMPARE_LEVEL, .power = COMPARE_POWER};
    for (size_t trials = 2; trials < MOST; ++trials) {
        plan.before_count = plan.after_count = trials;
        if (isfinite(rank_detectable(&plan, 1)))
            return trials;
    }
    return MOST;
}

static size_t tests_of(const struct comparison *comparison)
{
    return comparison->options.correction == COMPARE_UNCORRECTED ? 1 : comparison->tests;
}

static void write_undecided(const struct comparison *comparison, const struct compare_row *row,
                            struct text *out)
{
    const struct compare_figure *const figure = row->figure;
    const double worse = compare_worsening(row->metric, figure->ratio.value);
    const double effect = worse > 1 ? worse - 1 : 1 / worse - 1;
    double visible = fmax(figure->detectable, fmax(figure->limit, figure->noise));
    if (row->metric == COMPARE_RATE)
        visible /= 1 + visible; /* what is lost of a rate */
    if (isinf(figure->detectable) && figure->paired)
        text_append(out, "could not have seen any difference: %zu pairs of trials; at least %zu",
                    figure->base_trials, trials_needed(tests_of(comparison), true));
    else if (isinf(figure->detectable))
        text_append(
            out, "could not have seen any difference: %zu and %zu trials; at least %zu each",
            figure->base_trials, figure->now_trials, trials_needed(tests_of(comparison), false));
    else if (figure->adjusted_p <= COMPARE_LEVEL && effect > figure->limit)
        text_append(out, "differs, but by less than its own noise of %.0f %%: add trials",
                    100 * figure->noise);
    else if (figure->adjusted_p <= COMPARE_LEVEL)
        text_append(out, "differs, perhaps by less than %.2g %%: add trials", 100 * figure->limit);
    else if (visible >= 9)
        text_append(out, "could not have seen less than a factor of %.0f: add trials", 1 + visible);
    else
        text_append(out, "could not have seen less than %.*f %%: add trials",
                    compare_digits(100 * visible), 100 * visible);
}

static void write_stratum(const struct compare_cell *cell, struct text *out)
{
    const struct compare_stratum *const stratum = &cell->stratum;
    if (stratum->pairs_left_out)
        text_append(out, "%s%zu other %s left out: the CPUs changed places in between",
                    out->length ? "; " : "", stratum->pairs_left_out,
                    stratum->pairs_left_out == 1 ? "pair" : "pairs");
    if (stratum->states < 2 || (!stratum->base_left_out && !stratum->now_left_out))
        return;
    text_append(out, "%swhile a cache line took %.0f to %.0f ns; %zu and %zu other trials left out",
                out->length ? "; " : "", stratum->probe_low_ns, stratum->probe_high_ns,
                stratum->base_left_out, stratum->now_left_out);
}

void compare_write_remark(const struct comparison *comparison, const struct compare_row *row,
                          struct text *out)
{
    struct text remark = {0};
    if (row->cell->unconfirmed)
        text_append(&remark, "regressed or failed at first, but not when measured again");
    else if (!row->figure)
        text_append(&remark, "%s", row->cell->reason);
    else if (row->verdict == COMPARE_INCONCLUSIVE)
        write_undecided(comparison, row, &remark);
    if (row->figure)
        write_stratum(row->cell, &remark);
    const struct run_cell *const base = row->cell->base, *const now = row->cell->now;
    if (base && now && strcmp(base->id, now->id) != 0)
        text_append(&remark, "%sNEW is %s", remark.length ? "; " : "", now->id);
    if (now && row->cell->sometimes_fails)
        text_append(&remark, "%ssome trials of NEW failed: %s", remark.length ? "; " : "",
                    now->summary.failed_reason ? now->summary.failed_reason : "no reason given");
    text_append(out, "%s", text_string(&remark));
    text_free(&remark);
}
