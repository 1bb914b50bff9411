/* Inside tuning.h: single values and the state file. Only tuning*.c includes this. */
#ifndef IPCBENCH_HARNESS_TUNING_PARTS_H
#define IPCBENCH_HARNESS_TUNING_PARTS_H

#include <stdbool.h>
#include <stddef.h>

#include "harness/tuning.h"

struct error;

/* The value in force in a file below the root: the first line, or its marked word. 0 or -errno. */
int tuning_value_read(const char *root, const char *path, char value[TUNING_VALUE_BYTES]);

/* Writes a value and reads it back; one that the kernel did not take over as it is, is an error. */
int tuning_value_write(const char *root, const char *path, const char *value, struct error *error);

/* The file of a setting that a path belongs to; NULL: of none. */
const struct tuning_file *tuning_file_of(const char *path);

/* What a state file holds. A path may occur several times, where it was tuned several times: the
 * first entry has the value to go back to, and each value that was set is ours. */
struct tuning_state {
    bool changing; /* not all changes are known to be made */
    size_t count;
    struct tuning_change *entries; /* owned */
};

/* No such file is an empty state. Text that tuning_state_save cannot have written, and paths of no
 * setting, are errors: whoever restores is root and must not be led to write anywhere else. */
int tuning_state_load(const char *state_path, struct tuning_state *state, struct error *error);

/* Atomic and synced; the file is removed where the state is empty. */
int tuning_state_save(const char *state_path, const struct tuning_state *state,
                      struct error *error);
int tuning_state_add(struct tuning_state *state, const struct tuning_change *change,
                     struct error *error);
void tuning_state_free(struct tuning_state *state);

/* One process at a time: a lock on the state file's folder, which is made where it is missing.
 * *lock is to be closed. */
int tuning_state_lock(const char *state_path, int *lock, struct error *error);

#endif
