/* What a comparison comes to, in one sentence. */
#include "base/text.h"
#include "base/units.h"
#include "results/compare_parts.h"
#include "results/compare_report.h"

/* "pingpong/pipe/64/same-cache p50 by 12 % [9, 15]": growth of a latency, loss of a rate. */
static void write_effect(const struct compare_row *row, struct text *out)
{
    const struct rank_ratio *const ratio = &row->figure->ratio;
    double effect = 100 * (ratio->value - 1), low = 100 * (ratio->low - 1),
           high = 100 * (ratio->high - 1);
    if (effect < 0) {
        const double least = -high;
        effect = -effect;
        high = -low;
        low = least;
    }
    text_append(out, "%s %s by %.*f %% [%.*f, %.*f]", row->cell->id,
                compare_metric_name(row->metric), compare_digits(effect), effect,
                compare_digits(low), low, compare_digits(high), high);
}

/* ": the first few, and n more": a sentence, not a table. */
static void write_some(const struct compare_rows *rows, enum compare_verdict verdict,
                       struct text *out)
{
    enum { NAMED_MOST = 3 };
    size_t count = 0;
    for (size_t index = 0; index < rows->count; ++index) {
        if (rows->rows[index].verdict != verdict || ++count > NAMED_MOST)
            continue;
        text_append(out, count == 1 ? ": " : ", ");
        if (rows->rows[index].figure)
            write_effect(&rows->rows[index], out);
        else
            text_append(out, "%s", rows->rows[index].cell->id);
    }
    if (count > NAMED_MOST)
        text_append(out, " and %zu more", count - NAMED_MOST);
}

/* "5 %", or "5 % or 50 ns"; the thresholds of what is gated, in order. */
static void write_limits(const struct compare_options *options, struct text *out)
{
    double last = -1;
    for (size_t metric = 0; metric < COMPARE_METRICS; ++metric) {
        const double threshold = options->threshold[metric];
        if (!options->gated[metric] || threshold == last)
            continue;
        text_append(out, "%s%.4g %%", last < 0 ? "" : " / ", 100 * threshold);
        last = threshold;
    }
    if (options->minimum_ns <= 0 || !(options->gated[COMPARE_P50] || options->gated[COMPARE_P99]))
        return;
    if (options->minimum_ns < 1000)
        text_append(out, " or %.3g ns", options->minimum_ns);
    else
        text_append(out, " or %s", units_ns(options->minimum_ns).text);
}

static void write_counts(const struct comparison *comparison, const struct compare_rows *rows,
                         struct text *out)
{
    static const struct {
        enum compare_verdict verdict;
        const char *words;
        bool named;
    } others[] = {
        {COMPARE_FAILED, "failed", true},
        {COMPARE_IMPROVED, "improved", true},
        {COMPARE_INCONCLUSIVE, "could not be decided", false},
        {COMPARE_NOT_COMPARABLE, "not comparable", false},
        {COMPARE_MISSING, "missing in NEW", false},
        {COMPARE_NEW, "only in NEW", false},
        {COMPARE_UNMEASURED, "measured in neither", false},
    };
    if (comparison->counts[COMPARE_EQUIVALENT]) {
        text_append(out, "; %zu unchanged within ", comparison->counts[COMPARE_EQUIVALENT]);
        write_limits(&comparison->options, out);
    }
    for (size_t index = 0; index < sizeof(others) / sizeof(others[0]); ++index) {
        const size_t count = comparison->counts[others[index].verdict];
        if (!count)
            continue;
        text_append(out, "; %zu %s", count, others[index].words);
        if (others[index].named)
            write_some(rows, others[index].verdict, out);
    }
    if (comparison->sometimes_failing)
        text_append(out, "; %zu failed in some trials", comparison->sometimes_failing);
}

void compare_write_sentence(const struct comparison *comparison, const struct compare_rows *rows,
                            struct text *out)
{
    const size_t regressed = comparison->counts[COMPARE_REGRESSED];
    if (comparison->refused) {
        text_append(out, "Not comparable: %zu %s of machine or parameters", comparison->refused,
                    comparison->refused == 1 ? "difference" : "differences");
        return;
    }
    if (regressed) {
        text_append(out, "%zu of %zu %s regressed", regressed, comparison->judged,
                    comparison->judged == 1 ? "cell" : "cells");
        write_some(rows, COMPARE_REGRESSED, out);
    } else if (compare_outcome(comparison) == COMPARE_OUTCOME_NOT_COMPARABLE) {
        text_append(out, "Not comparable: no figure of %zu %s is in both runs and alike",
                    comparison->judged, comparison->judged == 1 ? "cell" : "cells");
    } else {
        text_append(out, "No regression seen in %zu %s", comparison->judged,
                    comparison->judged == 1 ? "cell" : "cells");
    }
    write_counts(comparison, rows, out);
}
