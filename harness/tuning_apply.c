/* The half of tuning.h that writes: changing and restoring.
 *
 * The order is the promise. Before a value changes, the state file holds its previous value, synced,
 * and the one it is about to get; only after the values are back does the file go. At any moment
 * between, each value is the previous one (nothing to do), the one set (put back), or, where the
 * kernel takes steps, on the way between the two. Anything else is somebody else's doing. */
#include "base/error.h"
#include "harness/tuning_parts.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Adds a plan to a state, behind what is there: of several entries of one path the first has the
 * value to go back to. */
static int merge(const struct tuning_plan *plan, struct tuning_state *state, struct error *error)
{
    const size_t earlier = state->count;
    int failed = 0;

    for (size_t i = 0; !failed && i < plan->count; i++) {
        const struct tuning_change *const change = &plan->changes[i];
        bool known = false;
        for (size_t k = 0; k < earlier && !known; k++)
            known = strcmp(state->entries[k].path, change->path) == 0 &&
                    strcmp(state->entries[k].wanted, change->wanted) == 0;
        if (!known)
            failed = tuning_state_add(state, change, error);
    }
    return failed;
}

/* Takes back the first `count` changes, last one first, all that can be. */
static int take_back(const char *root, const struct tuning_plan *plan, size_t count,
                     struct error *error)
{
    int failed = 0;

    while (count-- > 0) {
        const struct tuning_change *const change = &plan->changes[count];
        char found[TUNING_VALUE_BYTES];
        if (tuning_value_read(root, change->path, found) < 0 ||
            strcmp(found, change->previous) != 0)
            failed |=
                tuning_value_write(root, change->path, change->previous, failed ? NULL : error);
    }
    return failed;
}

/* The error stays that of the change that failed; a second failure is told behind it. */
static void give_up(const struct tuning_place *place, const struct tuning_plan *plan, size_t begun,
                    const struct tuning_state *before, struct error *error)
{
    struct error second = {0};

    if (take_back(place->root, plan, begun, &second)) {
        error_prefix(&second, "; not all could be taken back, see --restore: ");
    } else if (tuning_state_save(place->state_path, before, &second)) {
        error_prefix(&second, "; ");
    } else {
        error_prefix(error, "nothing is changed: ");
        return;
    }
    const struct error first = *error;
    *error = second;
    error_prefix(error, "%s", first.message);
}

static int apply_locked(const struct tuning_place *place, const struct tuning_plan *plan,
                        struct error *error)
{
    struct tuning_state before;
    struct tuning_state after;
    size_t begun = 0;

    int failed = tuning_state_load(place->state_path, &before, error);
    if (failed)
        return failed;
    failed = tuning_state_load(place->state_path, &after, error);
    if (!failed)
        failed = merge(plan, &after, error);
    after.changing = true;
    if (!failed)
        failed = tuning_state_save(place->state_path, &after, error);
    if (!failed) {
        while (!failed && begun < plan->count) {
            const struct tuning_change *const change = &plan->changes[begun++];
            failed = tuning_value_write(place->root, change->path, change->wanted, error);
        }
        after.changing = before.changing;
        if (!failed)
            failed = tuning_state_save(place->state_path, &after, error);
        if (failed)
            give_up(place, plan, begun, &before, error);
    }
    tuning_state_free(&before);
    tuning_state_free(&after);
    return failed;
}

int tuning_apply(const struct tuning_place *place, const struct tuning_plan *plan,
                 struct error *error)
{
    int lock;

    if (plan->count == 0)
        return 0;
    int failed = tuning_plan_check(place->root, plan, error);
    if (!failed)
        failed = tuning_state_lock(place->state_path, &lock, error);
    if (failed)
        return failed;
    failed = apply_locked(place, plan, error);
    (void)close(lock);
    return failed;
}

static bool is_between(const char *value, const char *one, const char *other)
{
    const long long number = strtoll(value, NULL, 10);
    const long long first = strtoll(one, NULL, 10);
    const long long second = strtoll(other, NULL, 10);

    return (first < number && number < second) || (second < number && number < first);
}

/* Is it a value that our changes can have left in the entry's file? */
static bool is_ours(const struct tuning_state *state, const struct tuning_change *entry,
                    const char *value)
{
    const struct tuning_file *const file = tuning_file_of(entry->path);

    for (size_t i = 0; i < state->count; i++) {
        const struct tuning_change *const other = &state->entries[i];
        if (strcmp(other->path, entry->path) != 0)
            continue;
        if (strcmp(value, other->wanted) == 0)
            return true;
        if (state->changing && file->gradual && is_between(value, other->previous, other->wanted))
            return true;
    }
    return false;
}

static enum tuning_outcome restore_entry(const char *root, const struct tuning_state *state,
                                         bool force, struct tuning_restored *item,
                                         struct error *error)
{
    const struct tuning_change *const change = &item->change;
    const int unread = tuning_value_read(root, change->path, item->found);

    if (unread == -ENOENT)
        return TUNING_MISSING;
    if (unread) {
        error_system(error, -unread, "reading %s%s", root, change->path);
        return TUNING_FAILED;
    }
    if (strcmp(item->found, change->previous) == 0)
        return TUNING_UNCHANGED;
    const bool ours = is_ours(state, change, item->found);
    if (!ours && !force)
        return TUNING_LEFT;
    if (tuning_value_write(root, change->path, change->previous, error) < 0)
        return TUNING_FAILED;
    return ours ? TUNING_RESTORED : TUNING_OVERWRITTEN;
}

static bool occurs_before(const struct tuning_state *state, size_t index)
{
    for (size_t i = 0; i < index; i++) {
        if (strcmp(state->entries[i].path, state->entries[index].path) == 0)
            return true;
    }
    return false;
}

/* All entries of a path stay: each names a value that is ours. */
static int keep_entries(const struct tuning_state *state, const char *path,
                        struct tuning_state *kept, struct error *error)
{
    int failed = 0;

    for (size_t i = 0; !failed && i < state->count; i++) {
        if (strcmp(state->entries[i].path, path) == 0)
            failed = tuning_state_add(kept, &state->entries[i], error);
    }
    return failed;
}

/* Every entry is tried; the first failure is the one told. */
static int restore_all(const struct tuning_place *place, bool force,
                       const struct tuning_state *state, struct tuning_report *report,
                       struct error *error)
{
    struct tuning_state kept = {.changing = state->changing};
    int failed = 0;

    for (size_t i = state->count; i-- > 0;) {
        struct tuning_restored *const item = &report->items[report->count];
        if (occurs_before(state, i))
            continue;
        *item = (struct tuning_restored){.change = state->entries[i]};
        item->outcome = restore_entry(place->root, state, force, item, failed ? NULL : error);
        report->count++;
        if (item->outcome == TUNING_FAILED)
            failed = -EIO;
        if (item->outcome <= TUNING_OVERWRITTEN || (item->outcome == TUNING_MISSING && force))
            continue;
        report->left++;
        if (keep_entries(state, item->change.path, &kept, failed ? NULL : error) < 0)
            failed = -ENOMEM;
    }
    /* Nothing forgotten where memory ran out: the old file serves as well. */
    if (failed != -ENOMEM && (report->left == 0 || kept.count < state->count)) {
        const int unsaved = tuning_state_save(place->state_path, &kept, failed ? NULL : error);
        failed = failed ? failed : unsaved;
    }
    tuning_state_free(&kept);
    return failed;
}

int tuning_restore(const struct tuning_place *place, bool force, struct tuning_report *report,
                   struct error *error)
{
    struct tuning_state state;
    int lock;

    *report = (struct tuning_report){0};
    if (access(place->state_path, F_OK) < 0 && errno == ENOENT)
        return 0;
    int failed = tuning_state_lock(place->state_path, &lock, error);
    if (failed)
        return failed;
    failed = tuning_state_load(place->state_path, &state, error);
    if (!failed && state.count > 0) {
        report->items = calloc(state.count, sizeof *report->items);
        failed = report->items ? restore_all(place, force, &state, report, error)
                               : error_system(error, ENOMEM, "restoring");
    }
    tuning_state_free(&state);
    (void)close(lock);
    return failed;
}

void tuning_report_free(struct tuning_report *report)
{
    free(report->items);
    *report = (struct tuning_report){0};
}
