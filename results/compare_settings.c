/* Were both runs made on the same machine, in the same way? */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "harness/machine.h"
#include "results/compare_parts.h"
#include "results/compare_rules.h"
#include "results/run.h"

/* Texts are copied. */
struct difference {
    const char *what;
    const char *base;
    const char *now;
    bool refused;
};

/* The refused ones stay in front, each kind in the order it came. */
static int add(struct comparison *comparison, const struct difference *difference)
{
    const size_t count = comparison->difference_count;
    const size_t place = difference->refused ? comparison->refused : count;
    struct compare_difference *const grown =
        realloc(comparison->differences, (count + 1) * sizeof(*grown));
    if (!grown)
        return -ENOMEM;
    comparison->differences = grown;
    memmove(grown + place + 1, grown + place, (count - place) * sizeof(*grown));
    grown[place] = (struct compare_difference){
        .what = strdup(difference->what),
        .base = strdup(difference->base),
        .now = strdup(difference->now),
        .refused = difference->refused,
    };
    ++comparison->difference_count;
    comparison->refused += difference->refused;
    return grown[place].what && grown[place].base && grown[place].now ? 0 : -ENOMEM;
}

/* --- the machine ------------------------------------------------------------------------------- */

static const struct machine_fact *find(const struct machine *machine,
                                       const struct machine_fact *wanted)
{
    for (size_t index = 0; index < machine->count; ++index) {
        const struct machine_fact *const fact = &machine->facts[index];
        if (!strcmp(fact->group, wanted->group) && !strcmp(fact->key, wanted->key))
            return fact;
    }
    return NULL;
}

static void write_value(const struct machine_fact *fact, struct text *out)
{
    if (!fact)
        text_append(out, "(unknown)");
    else if (fact->is_number)
        text_append(out, "%" PRId64, fact->number);
    else
        text_append(out, "%s", fact->text);
}

static int compare_fact(struct comparison *comparison, const struct machine_fact *base,
                        const struct machine_fact *now)
{
    const struct machine_fact *const known = base ? base : now;
    const enum compare_rule rule = compare_rule_of(known->group, known->key);
    struct text what = {0}, before = {0}, after = {0};
    if (rule == COMPARE_MAY || compare_fact_same(base, now, rule))
        return 0;
    text_append(&what, "%s/%s", known->group, known->key);
    write_value(base, &before);
    write_value(now, &after);
    const struct difference difference = {
        .what = text_string(&what),
        .base = text_string(&before),
        .now = text_string(&after),
        .refused = rule != COMPARE_TOLD,
    };
    const bool complete = !what.failed && !before.failed && !after.failed;
    const int failure = complete ? add(comparison, &difference) : -ENOMEM;
    text_free(&what);
    text_free(&before);
    text_free(&after);
    return failure;
}

static int compare_machines(struct comparison *comparison)
{
    const struct machine *const base = &comparison->base->machine;
    const struct machine *const now = &comparison->now->machine;
    int failure = 0;
    for (size_t index = 0; index < base->count && !failure; ++index)
        failure = compare_fact(comparison, &base->facts[index], find(now, &base->facts[index]));
    for (size_t index = 0; index < now->count && !failure; ++index) {
        if (!find(base, &now->facts[index]))
            failure = compare_fact(comparison, NULL, &now->facts[index]);
    }
    return failure;
}

/* --- how it was measured ----------------------------------------------------------------------- */

static int compare_texts(struct comparison *comparison, const struct difference *difference)
{
    return strcmp(difference->base, difference->now) != 0 ? add(comparison, difference) : 0;
}

static int compare_seconds(struct comparison *comparison, const char *what, double base, double now)
{
    char before[32], after[32];
    snprintf(before, sizeof(before), "%g s", base);
    snprintf(after, sizeof(after), "%g s", now);
    return compare_texts(comparison, &(struct difference){what, before, after, true});
}

static const char *status_of(const struct run *run)
{
    return run->status == RUN_COMPLETE ? "complete" : "interrupted";
}

/* Trials, precision, budget, seed and the choice of cells may differ: they say how often, and in
 * which order, not what. */
static int compare_requests(struct comparison *comparison)
{
    const struct run *const base = comparison->base, *const now = comparison->now;
    int failure = compare_seconds(comparison, "timed_seconds", base->request.timed_seconds,
                                  now->request.timed_seconds);
    if (!failure)
        failure = compare_seconds(comparison, "warmup_seconds", base->request.warmup_seconds,
                                  now->request.warmup_seconds);
    const struct difference texts[] = {
        {"cold", base->request.cold ? "yes" : "no", now->request.cold ? "yes" : "no", true},
        {"clock", base->clock.name, now->clock.name, true},
        {"status", status_of(base), status_of(now), false},
    };
    for (size_t index = 0; index < sizeof texts / sizeof texts[0] && !failure; ++index)
        failure = compare_texts(comparison, &texts[index]);
    return failure;
}

static void write_cpus(const struct run_cell *cell, char *out, size_t bytes)
{
    if (cell->cpus.sender == CPU_ANY)
        snprintf(out, bytes, "unpinned");
    else
        snprintf(out, bytes, "CPUs %d and %d", cell->cpus.sender, cell->cpus.receiver);
}

/* An option both have whose values differ: a default that changed, since what was asked for is part
 * of the id. */
static bool differ_in_option(const struct run_cell *base, const struct run_cell *now, char *before,
                             char *after)
{
    for (size_t i = 0; i < base->option_count; ++i) {
        const struct run_option *const a = &base->options[i];
        for (size_t j = 0; j < now->option_count; ++j) {
            const struct run_option *const b = &now->options[j];
            if (strcmp(a->key, b->key) != 0 ||
                (a->is_number && b->is_number ? a->number == b->number : !strcmp(a->text, b->text)))
                continue;
            snprintf(before, UINT8_MAX, "%s=%s", a->key, a->text);
            snprintf(after, UINT8_MAX, "%s=%s", b->key, b->text);
            return true;
        }
    }
    return false;
}

static void write_plugin(const struct run_plugin *plugin, char *out)
{
    if (!plugin)
        snprintf(out, UINT8_MAX, "built in");
    else if (plugin->build_id[0])
        snprintf(out, UINT8_MAX, "build %.16s of %s", plugin->build_id, plugin->path);
    else
        snprintf(out, UINT8_MAX, "CRC %s of %s", plugin->crc32, plugin->path);
}

/* What a cell's figures hang on besides its id. Another plug-in under the same name is what one may
 * want to compare, like another commit of ipcbench: told, and no reason to refuse. */
enum circumstance { OF_CPUS, OF_OPTIONS, OF_PLUGIN };

static bool differ(const struct compare_cell *cell, enum circumstance circumstance, char *before,
                   char *after)
{
    switch (circumstance) {
    case OF_CPUS:
        write_cpus(cell->base, before, UINT8_MAX);
        write_cpus(cell->now, after, UINT8_MAX);
        return strcmp(before, after) != 0;
    case OF_OPTIONS:
        return differ_in_option(cell->base, cell->now, before, after);
    case OF_PLUGIN:
        write_plugin(cell->base->plugin, before);
        write_plugin(cell->now->plugin, after);
        return !run_plugin_same(cell->base->plugin, cell->now->plugin);
    }
    return false;
}

/* Of cells that both runs measured: the first one that differs stands for all. */
static int compare_cells(struct comparison *comparison, enum circumstance circumstance)
{
    char before[UINT8_MAX] = "", after[UINT8_MAX] = "", what[2 * UINT8_MAX];
    const char *first = NULL;
    size_t count = 0;
    for (size_t index = 0; index < comparison->cell_count; ++index) {
        const struct compare_cell *const cell = &comparison->cells[index];
        char a[UINT8_MAX], b[UINT8_MAX];
        if (!cell->base || !cell->now || cell->base->status != TRIAL_OK ||
            cell->now->status != TRIAL_OK)
            continue;
        if (!differ(cell, circumstance, a, b))
            continue;
        if (!count++) {
            first = cell->id;
            snprintf(before, sizeof(before), "%s", a);
            snprintf(after, sizeof(after), "%s", b);
        }
    }
    if (!count)
        return 0;
    const int length = snprintf(what, sizeof(what), "%s", first);
    if (count > 1 && length > 0 && (size_t)length < sizeof(what))
        snprintf(what + length, sizeof(what) - (size_t)length, " and %zu more cells", count - 1);
    const bool refused = circumstance != OF_PLUGIN;
    return add(comparison, &(struct difference){what, before, after, refused});
}

int compare_settings(struct comparison *comparison, struct error *error)
{
    int failure = compare_machines(comparison);
    if (!failure)
        failure = compare_requests(comparison);
    if (!failure)
        failure = compare_cells(comparison, OF_CPUS);
    if (!failure)
        failure = compare_cells(comparison, OF_OPTIONS);
    if (!failure)
        failure = compare_cells(comparison, OF_PLUGIN);
    if (failure)
        return error_system(error, ENOMEM, "differences between the runs");
    if (comparison->options.allow_different)
        comparison->refused = 0;
    return 0;
}
