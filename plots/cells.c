#include "plots/cells.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "base/units.h"
#include "plots/words.h"
#include "results/run.h"

/* The part of the id behind so many slashes; "" where there are fewer. */
static const char *part_of(const char *id, size_t slashes)
{
    while (slashes > 0 && *id) {
        id += strcspn(id, "/");
        id += *id == '/';
        --slashes;
    }
    return id;
}

void cell_append_name(const struct run_cell *cell, struct text *out)
{
    const char *const name = part_of(cell->id, 1);
    if (*name)
        text_append_bytes(out, name, strcspn(name, "/"));
    else
        text_append(out, "%s", cell->id);
}

const char *cell_conditions(const struct run_cell *cell)
{
    return part_of(cell->id, 3);
}

bool cell_is_yardstick(const struct run_cell *cell)
{
    return !strcmp(cell->transport, "null");
}

/* --- grouping ---------------------------------------------------------------------------------- */

struct entry {
    const struct run_cell *cell;
    size_t order;
    double rank;
    bool by_name;
};

static int compare_names(const struct run_cell *a, const struct run_cell *b)
{
    const char *const left = part_of(a->id, 1), *const right = part_of(b->id, 1);
    const size_t left_bytes = strcspn(left, "/"), right_bytes = strcspn(right, "/");
    const size_t least = left_bytes < right_bytes ? left_bytes : right_bytes;
    const int difference = strncmp(left, right, least);
    return difference ? difference : (left_bytes > right_bytes) - (left_bytes < right_bytes);
}

static int compare_groups(const struct run_cell *a, const struct run_cell *b, bool by_size)
{
    if (a->pattern != b->pattern)
        return a->pattern < b->pattern ? -1 : 1;
    const int conditions = strcmp(cell_conditions(a), cell_conditions(b));
    if (!by_size || a->size_bytes == b->size_bytes)
        return conditions;
    return a->size_bytes < b->size_bytes ? -1 : 1;
}

static int by_group(const void *left, const void *right)
{
    const struct entry *const a = left, *const b = right;
    int difference = compare_groups(a->cell, b->cell, !a->by_name);
    if (!difference && a->by_name)
        difference = compare_names(a->cell, b->cell);
    if (!difference && a->by_name)
        difference = (a->cell->size_bytes > b->cell->size_bytes) -
                     (a->cell->size_bytes < b->cell->size_bytes);
    if (!difference)
        difference = (a->rank > b->rank) - (a->rank < b->rank);
    return difference ? difference : (a->order > b->order) - (a->order < b->order);
}

static void cut_groups(const struct entry *entries, size_t count, struct cell_groups *groups)
{
    for (size_t index = 0; index < count; ++index) {
        groups->cells[index] = entries[index].cell;
        if (index == 0 || compare_groups(entries[index - 1].cell, entries[index].cell,
                                         !entries[index].by_name) != 0)
            groups->groups[groups->count++] = (struct cell_group){.cells = &groups->cells[index]};
        ++groups->groups[groups->count - 1].count;
    }
}

int cell_groups_make(const struct plot_cells *from, const struct cell_rule *rule,
                     struct cell_groups *groups, struct error *error)
{
    *groups = (struct cell_groups){
        .cells = calloc(from->count + 1, sizeof(const struct run_cell *)),
        .groups = calloc(from->count + 1, sizeof(struct cell_group)),
    };
    struct entry *const entries = calloc(from->count + 1, sizeof(*entries));
    if (!entries || !groups->cells || !groups->groups) {
        free(entries);
        cell_groups_free(groups);
        return error_system(error, ENOMEM, "grouping %zu cells", from->count);
    }
    size_t count = 0;
    for (size_t index = 0; index < from->count; ++index) {
        const struct run_cell *const cell = from->cells[index];
        if (cell->status == TRIAL_OK && !cell_is_yardstick(cell) && rule->usable(cell))
            entries[count++] =
                (struct entry){cell, index, rule->rank ? rule->rank(cell) : 0, rule->rank == NULL};
    }
    qsort(entries, count, sizeof(*entries), by_group);
    cut_groups(entries, count, groups);
    free(entries);
    return 0;
}

void cell_groups_free(struct cell_groups *groups)
{
    free(groups->cells);
    free(groups->groups);
    *groups = (struct cell_groups){0};
}

size_t cell_group_run(const struct cell_group *group, size_t first)
{
    size_t count = 1;
    while (first + count < group->count &&
           compare_names(group->cells[first], group->cells[first + count]) == 0)
        ++count;
    return count;
}

/* --- in words ---------------------------------------------------------------------------------- */

void cell_group_slug(const struct cell_group *group, bool with_size, struct text *out)
{
    const struct run_cell *const first = group->cells[0];
    struct text words = {0};
    text_append(&words, "%s", pattern_name(first->pattern));
    if (with_size)
        text_append(&words, "-%s", units_bytes_exact(first->size_bytes).text);
    text_append(&words, "-%s", cell_conditions(first));
    words_append_slug(out, text_string(&words));
    out->failed |= words.failed;
    text_free(&words);
}

void cell_group_describe(const struct cell_group *group, bool with_size, struct text *out)
{
    const struct run_cell *const first = group->cells[0];
    text_append(out, "%s, ", pattern_name(first->pattern));
    if (with_size)
        text_append(out, "%s, ", units_bytes(first->size_bytes).text);
    for (const char *at = cell_conditions(first); *at; ++at)
        text_append(out, *at == '/' ? ", " : "%c", *at);
    if (first->cpus.sender >= 0 && first->cpus.sender == first->cpus.receiver)
        text_append(out, ", CPU %d", first->cpus.sender);
    else if (first->cpus.sender >= 0 && first->cpus.receiver >= 0)
        text_append(out, ", CPUs %d and %d", first->cpus.sender, first->cpus.receiver);
    if (!pattern_walks(first->pattern))
        text_append(out, first->touch == TOUCH_ALL ? ", every byte written and read"
                                                   : ", payload not touched");
}
