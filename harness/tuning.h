/* Settings of the machine that help measuring: changing them, and putting back exactly what was.
 *
 *     tuning_plan_add(root, setting, &plan)   for each setting; reads alone
 *     tuning_apply(&place, &plan)             all or nothing
 *     tuning_restore(&place, force, &report)  whenever, also after a crash
 *
 * The previous values are on disk, synced, before the first change is made, so that a process killed
 * at any moment leaves a state file with which tuning_restore ends in the old values. All paths are
 * taken below a root folder ("" for the machine itself), so that made trees can be tuned. */
#ifndef IPCBENCH_HARNESS_TUNING_H
#define IPCBENCH_HARNESS_TUNING_H

#include <stdbool.h>
#include <stddef.h>

struct error;

enum { TUNING_PATH_BYTES = 256, TUNING_VALUE_BYTES = 64, TUNING_FILES_MAX = 3 };

/* Where the state is kept unless told otherwise: it belongs to the machine, not to a user. */
#define TUNING_STATE_PATH "/var/lib/ipcbench/tuning.state"

struct tuning_file {
    const char *pattern; /* of glob(3), below the root */
    const char *wanted;
    bool at_least; /* a number; a larger one is left alone */
    bool gradual;  /* the kernel reaches a value step by step and may stop on the way */
};

struct tuning_setting {
    const char *name;
    const char *summary;
    struct tuning_file files[TUNING_FILES_MAX]; /* up to the first without a pattern */
};

extern const struct tuning_setting tuning_settings[]; /* up to the first without a name */

/* Unknown names give a line that lists the known ones. */
int tuning_find(const char *name, const struct tuning_setting **setting, struct error *error);

struct tuning_change {
    char path[TUNING_PATH_BYTES]; /* below the root */
    char previous[TUNING_VALUE_BYTES];
    char wanted[TUNING_VALUE_BYTES];
};

/* Zero-initialise; free with tuning_plan_free. */
struct tuning_plan {
    size_t count;
    struct tuning_change *changes; /* owned */
};

/* Adds what has to change for the setting to hold; nothing where it holds. Unavailable where this
 * machine has none of its files. */
int tuning_plan_add(const char *root, const struct tuning_setting *setting,
                    struct tuning_plan *plan, struct error *error);

/* Unavailable with the first file that this process may not write; changes nothing. */
int tuning_plan_check(const char *root, const struct tuning_plan *plan, struct error *error);
void tuning_plan_free(struct tuning_plan *plan);

struct tuning_place {
    const char *root;
    const char *state_path; /* as it is, not below the root */
};

/* Writes the state file, then makes the changes, each read back. Where one fails, those before it
 * are taken back, the state file becomes what it was, and the error tells which. A state file that
 * exists keeps its previous values: those before the first change are what is restored. */
int tuning_apply(const struct tuning_place *place, const struct tuning_plan *plan,
                 struct error *error);

enum tuning_outcome {
    TUNING_RESTORED,
    TUNING_UNCHANGED,   /* has its previous value already */
    TUNING_OVERWRITTEN, /* somebody else had changed it; done because of `force` */
    TUNING_LEFT,        /* somebody else has changed it */
    TUNING_MISSING,     /* the file is gone; forgotten with `force` */
    TUNING_FAILED,
};

struct tuning_restored {
    struct tuning_change change; /* previous: put back; wanted: what tuning_apply had set */
    char found[TUNING_VALUE_BYTES];
    enum tuning_outcome outcome;
};

/* Zero-initialise; free with tuning_report_free. */
struct tuning_report {
    size_t count;                  /* 0: there was nothing to restore */
    struct tuning_restored *items; /* owned */
    size_t left;                   /* entries kept in the state file */
};

/* Puts back the previous values, last change first, and removes the state file; where values are
 * left, missing or failed it keeps those. Fails where the state file cannot be read or written or a
 * value cannot be written; the report is valid then, too. */
int tuning_restore(const struct tuning_place *place, bool force, struct tuning_report *report,
                   struct error *error);
void tuning_report_free(struct tuning_report *report);

#endif
