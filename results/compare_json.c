/* A comparison as JSON; figures that do not exist are left out. */
#include <errno.h>
#include <math.h>
#include <string.h>

#include "base/text.h"
#include "results/compare_parts.h"
#include "results/compare_report.h"
#include "results/json_parts.h"

enum { DIGITS = 6 };

static const char *const outcome_names[] = {
    [COMPARE_OUTCOME_NOT_COMPARABLE] = "not comparable",
    [COMPARE_OUTCOME_FAILED] = "failed",
    [COMPARE_OUTCOME_REGRESSED] = "regressed",
    [COMPARE_OUTCOME_FINE] = "fine",
};

static void add_real(struct json_writer *writer, cJSON *object, const char *name, double value)
{
    if (isfinite(value))
        json_add(writer, object, name, json_real(value, DIGITS));
}

static void add_run(struct json_writer *writer, cJSON *document, const char *side,
                    const struct run *run, const char *file)
{
    cJSON *const object = json_add(writer, document, side, cJSON_CreateObject());
    const char *const commit = machine_text(&run->machine, "build", "commit");
    if (file)
        json_add(writer, object, "file", json_text(file));
    json_add(writer, object, "version", json_text(run->version));
    if (commit)
        json_add(writer, object, "commit", json_text(commit));
    json_add(writer, object, "started_at", json_text(run->started_at));
}

static void add_options(struct json_writer *writer, cJSON *document,
                        const struct compare_options *options)
{
    cJSON *const object = json_add(writer, document, "options", cJSON_CreateObject());
    cJSON *const gated = json_add(writer, object, "gated", cJSON_CreateArray());
    cJSON *const thresholds = json_add(writer, object, "thresholds", cJSON_CreateObject());
    for (size_t index = 0; index < COMPARE_METRICS; ++index) {
        const char *const name = compare_metric_name((enum compare_metric)index);
        if (options->gated[index])
            json_append(writer, gated, json_text(name));
        add_real(writer, thresholds, name, options->threshold[index]);
    }
    add_real(writer, object, "minimum_ns", options->minimum_ns);
    json_add(writer, object, "paired", cJSON_CreateBool(options->paired));
    json_add(writer, object, "correction", json_text(compare_correction_name(options->correction)));
}

static void add_differences(struct json_writer *writer, cJSON *document,
                            const struct comparison *comparison)
{
    cJSON *const array = json_add(writer, document, "differences", cJSON_CreateArray());
    for (size_t index = 0; index < comparison->difference_count && !writer->failed; ++index) {
        const struct compare_difference *const difference = &comparison->differences[index];
        cJSON *const object = cJSON_CreateObject();
        json_append(writer, array, object);
        json_add(writer, object, "what", json_text(difference->what));
        json_add(writer, object, "base", json_text(difference->base));
        json_add(writer, object, "new", json_text(difference->now));
        json_add(writer, object, "refused", cJSON_CreateBool(difference->refused));
    }
}

static void add_figure(struct json_writer *writer, cJSON *figures, const char *name,
                       const struct compare_figure *figure)
{
    cJSON *const object = json_add(writer, figures, name, cJSON_CreateObject());
    json_add(writer, object, "verdict", json_text(compare_verdict_name(figure->verdict)));
    json_add(writer, object, "gated", cJSON_CreateBool(figure->gated));
    add_real(writer, object, "base", figure->base);
    add_real(writer, object, "new", figure->now);
    if (figure->paired)
        json_add(writer, object, "paired", cJSON_CreateTrue());
    json_add(writer, object, "base_trials", json_whole(figure->base_trials));
    json_add(writer, object, "new_trials", json_whole(figure->now_trials));
    add_real(writer, object, "ratio", figure->ratio.value);
    add_real(writer, object, "ratio_low", figure->ratio.low);
    add_real(writer, object, "ratio_high", figure->ratio.high);
    add_real(writer, object, "coverage", figure->ratio.coverage);
    add_real(writer, object, "p", figure->p);
    add_real(writer, object, "p_adjusted", figure->adjusted_p);
    add_real(writer, object, "limit", figure->limit);
    add_real(writer, object, "noise", figure->noise);
    add_real(writer, object, "detectable", figure->detectable);
}

static void add_stratum(struct json_writer *writer, cJSON *object,
                        const struct compare_stratum *stratum)
{
    if (stratum->pairs_left_out)
        json_add(writer, object, "pairs_left_out", json_whole(stratum->pairs_left_out));
    if (stratum->states < 2)
        return;
    cJSON *const member = json_add(writer, object, "stratum", cJSON_CreateObject());
    json_add(writer, member, "states", json_whole(stratum->states));
    if (stratum->probe_high_ns > 0) {
        add_real(writer, member, "probe_low_ns", stratum->probe_low_ns);
        add_real(writer, member, "probe_high_ns", stratum->probe_high_ns);
        json_add(writer, member, "base_left_out", json_whole(stratum->base_left_out));
        json_add(writer, member, "new_left_out", json_whole(stratum->now_left_out));
    }
}

static void add_cell(struct json_writer *writer, cJSON *cells, const struct compare_cell *cell)
{
    cJSON *const object = cJSON_CreateObject();
    json_append(writer, cells, object);
    json_add(writer, object, "id", json_text(cell->id));
    if (cell->judged)
        json_add(writer, object, "verdict", json_text(compare_verdict_name(cell->verdict)));
    if (cell->base && cell->now && strcmp(cell->base->id, cell->now->id) != 0)
        json_add(writer, object, "new_id", json_text(cell->now->id));
    if (cell->unconfirmed)
        json_add(writer, object, "unconfirmed", cJSON_CreateTrue());
    if (cell->reason[0])
        json_add(writer, object, "reason", json_text(cell->reason));
    if (cell->sometimes_fails)
        json_add(writer, object, "sometimes_fails", cJSON_CreateTrue());
    add_stratum(writer, object, &cell->stratum);
    cJSON *const figures = json_add(writer, object, "figures", cJSON_CreateObject());
    for (size_t index = 0; index < COMPARE_METRICS; ++index) {
        if (cell->figures[index].present)
            add_figure(writer, figures, compare_metric_name((enum compare_metric)index),
                       &cell->figures[index]);
    }
}

static cJSON *write_document(struct json_writer *writer, const struct comparison *comparison,
                             const char *sentence)
{
    cJSON *const document = cJSON_CreateObject();
    json_add(writer, document, "schema", json_text("ipcbench-comparison/1"));
    json_add(writer, document, "outcome", json_text(outcome_names[compare_outcome(comparison)]));
    json_add(writer, document, "sentence", json_text(sentence));
    add_run(writer, document, "base", comparison->base, comparison->base_name);
    add_run(writer, document, "new", comparison->now, comparison->now_name);
    add_options(writer, document, &comparison->options);
    add_differences(writer, document, comparison);
    if (comparison->refused)
        return document;
    cJSON *const counts = json_add(writer, document, "counts", cJSON_CreateObject());
    for (size_t index = 0; index < COMPARE_VERDICTS; ++index)
        json_add(writer, counts, compare_verdict_name((enum compare_verdict)index),
                 json_whole(comparison->counts[index]));
    cJSON *const cells = json_add(writer, document, "cells", cJSON_CreateArray());
    for (size_t index = 0; index < comparison->cell_count && !writer->failed; ++index)
        add_cell(writer, cells, &comparison->cells[index]);
    return document;
}

int compare_write_json(const struct comparison *comparison, struct text *out, struct error *error)
{
    struct json_writer writer = {0};
    struct compare_rows rows;
    struct text sentence = {0};
    const int failure = compare_rows_make(comparison, &rows, error);
    if (failure)
        return failure;
    compare_write_sentence(comparison, &rows, &sentence);
    compare_rows_free(&rows);
    cJSON *const document = write_document(&writer, comparison, text_string(&sentence));
    char *const printed = writer.failed || sentence.failed ? NULL : cJSON_Print(document);
    text_free(&sentence);
    cJSON_Delete(document);
    if (printed)
        text_append(out, "%s\n", printed);
    cJSON_free(printed);
    return printed && !out->failed ? 0 : error_system(error, ENOMEM, "comparison as JSON");
}
