#include "results/findings.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "base/units.h"
#include "results/compare.h"
#include "results/finding_cells.h"
#include "results/findings_parts.h"
#include "results/run.h"

const char *verdict_name(enum verdict verdict)
{
    static const char *const names[] = {
        [VERDICT_CONFIRMED] = "confirmed",
        [VERDICT_REFUTED] = "refuted",
        [VERDICT_UNDECIDED] = "undecided",
        [VERDICT_NOT_MEASURED] = "not measured",
    };
    return names[verdict];
}

const char *workload_name(enum workload workload)
{
    static const char *const names[WORKLOADS] = {
        [WORKLOAD_REQUEST_REPLY] = "request-reply",
        [WORKLOAD_STREAM] = "stream",
        [WORKLOAD_EVENTS] = "events",
    };
    return names[workload];
}

const char *aim_name(enum aim aim)
{
    static const char *const names[AIMS] = {
        [AIM_P50] = "p50",
        [AIM_P99] = "p99",
        [AIM_THROUGHPUT] = "throughput",
        [AIM_CPU] = "cpu",
    };
    return names[aim];
}

/* --- lists ------------------------------------------------------------------------------------- */

/* Room for one more. */
static int grow(void **items, size_t *capacity, size_t count, size_t bytes, struct error *error)
{
    if (count < *capacity)
        return 0;
    const size_t wanted = 2 * *capacity + 8;
    void *const grown = realloc(*items, wanted * bytes);
    if (!grown)
        return error_system(error, ENOMEM, "findings");
    *items = grown;
    *capacity = wanted;
    return 0;
}

int evidence_add(struct evidence *evidence, const struct run_cell *cell, struct error *error)
{
    for (size_t index = 0; index < evidence->count; ++index) {
        if (evidence->cells[index] == cell)
            return 0;
    }
    void *items = evidence->cells;
    const int failure =
        grow(&items, &evidence->capacity, evidence->count, sizeof(*evidence->cells), error);
    evidence->cells = items;
    if (!failure)
        evidence->cells[evidence->count++] = cell;
    return failure;
}

void evidence_free(struct evidence *evidence)
{
    free(evidence->cells);
    *evidence = (struct evidence){0};
}

int contest_list_add(struct contest_list *list, struct contest contest, struct error *error)
{
    void *items = list->contests;
    int failure = grow(&items, &list->capacity, list->count, sizeof(contest), error);
    list->contests = items;
    if (!failure)
        failure = contest_measure(&contest, error);
    if (!failure)
        list->contests[list->count++] = contest;
    return failure;
}

void contest_list_free(struct contest_list *list)
{
    free(list->contests);
    *list = (struct contest_list){0};
}

char *text_take(struct text *text, struct error *error)
{
    text_append(text, "%s", ""); /* so that there is something to take */
    if (text->failed || !text->data) {
        text_free(text);
        error_system(error, ENOMEM, "findings");
        return NULL;
    }
    char *const taken = text->data;
    *text = (struct text){0};
    return taken;
}

int statement_add(struct findings *findings, const char *topic, struct text *text,
                  struct evidence *evidence, struct error *error)
{
    struct statement *const statements = realloc(
        findings->statements, (findings->statement_count + 1) * sizeof(*findings->statements));
    if (statements)
        findings->statements = statements;
    char *const taken = statements ? text_take(text, error) : NULL;
    if (!taken) {
        text_free(text);
        evidence_free(evidence);
        return error_system(error, ENOMEM, "findings");
    }
    statements[findings->statement_count++] =
        (struct statement){.topic = topic, .text = taken, .evidence = *evidence};
    *evidence = (struct evidence){0};
    return 0;
}

/* --- words ------------------------------------------------------------------------------------- */

void finding_write_value(enum contest_figure figure, double value, struct text *out)
{
    text_append(out, "%s",
                figure == CONTEST_RATE        ? units_rate(value).text
                : figure == CONTEST_BANDWIDTH ? units_bandwidth(value).text
                                              : units_ns(value).text);
}

void finding_write_figure(enum contest_figure figure, const struct stats_median *median,
                          struct text *out)
{
    finding_write_value(figure, median->value, out);
    if (median->count < 2)
        return;
    text_append(out, " [");
    finding_write_value(figure, median->low, out);
    text_append(out, ", ");
    finding_write_value(figure, median->high, out);
    text_append(out, "]");
}

static int digits_of(double value)
{
    return value < 9.95 ? 2 : value < 99.5 ? 1 : 0;
}

void finding_write_times(const struct rank_ratio *ratio, struct text *out)
{
    text_append(out, "%.*f times [%.*f, %.*f]", digits_of(ratio->value), ratio->value,
                digits_of(ratio->low), ratio->low, digits_of(ratio->high), ratio->high);
}

struct rank_ratio finding_inverse(const struct rank_ratio *ratio)
{
    return (struct rank_ratio){1 / ratio->value, 1 / ratio->high, 1 / ratio->low, ratio->coverage};
}

/* --- CPU --------------------------------------------------------------------------------------- */

size_t finding_cpus(const struct run_cell *cell)
{
    const bool shares = !strcmp(cell->placement, "same-cpu") ||
                        (cell->cpus.sender != CPU_ANY && cell->cpus.sender == cell->cpus.receiver);
    return shares || cell->pattern == PATTERN_PACED ? 1 : SIDE_COUNT;
}

/* Of one trial: the time on a CPU over the time that the messages took. */
static double share_of(const struct run_cell *cell, const struct run_trial *trial)
{
    const double cpu_ns = contest_value(cell, trial, CONTEST_CPU);
    const double rate = cell->pattern == PATTERN_PACED ? trial->result.pace.achieved_per_s
                                                       : trial->figures.rate_per_s;
    return fmin(1, cpu_ns * rate / (1e9 * (double)finding_cpus(cell)));
}

double finding_cpu_share(const struct run_cell *cell)
{
    double share = -1;
    size_t count = 0;
    if (finding_spins(cell))
        return 1;
    /* The others have pauses of their own, or change their load. */
    if (cell->pattern != PATTERN_PINGPONG && cell->pattern != PATTERN_STREAM &&
        cell->pattern != PATTERN_PACED)
        return -1;
    double *const shares = calloc(cell->trial_count + 1, sizeof(*shares));
    for (size_t index = 0; shares && index < cell->trial_count; ++index) {
        const double one = share_of(cell, &cell->trials[index]);
        if (one > 0)
            shares[count++] = one;
    }
    if (count)
        share = stats_median(shares, count);
    free(shares);
    return share;
}

/* --- all of it --------------------------------------------------------------------------------- */

/* Each part in its own order. */
static int put_unmeasured_last(struct findings *findings, struct error *error)
{
    const size_t count = findings->belief_count;
    struct belief_finding *const sorted = calloc(count + 1, sizeof(*sorted));
    size_t taken = 0;
    if (!sorted)
        return error_system(error, ENOMEM, "%zu beliefs", count);
    for (int unmeasured = 0; unmeasured <= 1; ++unmeasured) {
        for (size_t index = 0; index < count; ++index) {
            if ((findings->beliefs[index].verdict == VERDICT_NOT_MEASURED) == unmeasured)
                sorted[taken++] = findings->beliefs[index];
        }
    }
    free(findings->beliefs);
    findings->beliefs = sorted;
    return 0;
}

int findings_make(const struct run *run, struct findings *findings, struct error *error)
{
    *findings = (struct findings){0};
    int failure = statements_add_quiet(run, findings, error);
    if (!failure)
        failure = statements_make(run, findings, error);
    if (!failure)
        failure = statements_add_variants(run, findings, error);
    if (!failure)
        failure = beliefs_make(run, findings, error);
    if (!failure)
        failure = put_unmeasured_last(findings, error);
    if (!failure)
        failure = advice_make(run, 0, findings, error);
    if (failure)
        findings_free(findings);
    return failure;
}

int findings_advise(const struct run *run, double cpu_share_most, struct findings *findings,
                    struct error *error)
{
    *findings = (struct findings){0};
    int failure = statements_add_quiet(run, findings, error);
    if (!failure)
        failure = advice_make(run, cpu_share_most, findings, error);
    if (failure)
        findings_free(findings);
    return failure;
}

void findings_free(struct findings *findings)
{
    for (size_t index = 0; index < findings->statement_count; ++index) {
        free(findings->statements[index].text);
        evidence_free(&findings->statements[index].evidence);
    }
    for (size_t index = 0; index < findings->belief_count; ++index) {
        free(findings->beliefs[index].text);
        free(findings->beliefs[index].words);
        evidence_free(&findings->beliefs[index].evidence);
    }
    for (size_t index = 0; index < findings->advice_count; ++index) {
        struct advice *const advice = &findings->advice[index];
        for (size_t choice = 0; choice < advice->count; ++choice) {
            for (size_t line = 0; line < CHOICE_LINES; ++line)
                free(advice->choices[choice].lines[line]);
        }
        free(advice->choices);
        free(advice->setting);
    }
    free(findings->statements);
    free(findings->beliefs);
    free(findings->advice);
    *findings = (struct findings){0};
}
