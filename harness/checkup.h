/* What on this machine would disturb or limit measurements. Looks, changes nothing.
 *
 * Measure of "bad": the default suite's numbers would be disturbed, or some of its cells skipped.
 * What cannot be read here is unknown, never a failure. */
#ifndef IPCBENCH_HARNESS_CHECKUP_H
#define IPCBENCH_HARNESS_CHECKUP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct error;

enum checkup_state { CHECKUP_BAD, CHECKUP_NOTE, CHECKUP_OK, CHECKUP_UNKNOWN };
enum { CHECKUP_STATES = 4 };

/* What a finding is about, and what it does where it is bad. */
enum checkup_effect {
    CHECKUP_DISTURBS, /* the numbers */
    CHECKUP_LIMITS,   /* what can be measured */
    CHECKUP_INFORMS,  /* never bad */
};

enum { CHECKUP_TEXT_BYTES = 240 };

struct checkup_finding {
    const char *name;  /* "governor" */
    const char *group; /* "cpu", "virtualisation", "clock", "memory", "limits", "permissions" */
    enum checkup_effect effect;
    enum checkup_state state;
    char found[CHECKUP_TEXT_BYTES];
    char meaning[CHECKUP_TEXT_BYTES]; /* for the numbers, one sentence; "" where all is well */
    char command[CHECKUP_TEXT_BYTES]; /* of a shell, would change it; "" where none does */
    char advice[CHECKUP_TEXT_BYTES];  /* what would change it and is no command; "" where nothing */
    const char *setting;              /* of tuning.h that changes it; NULL: none */
    bool tunable; /* the setting exists here, does not hold, and this process may change it */
};

enum { CHECKUP_FINDINGS_MAX = 40 };

struct checkup {
    size_t count;
    struct checkup_finding findings[CHECKUP_FINDINGS_MAX];
};

/* How the CPUs have spent their time since boot, by /proc/stat. */
struct checkup_times {
    uint64_t steal_ticks; /* of all CPUs together */
    uint64_t total_ticks;
    size_t count;
    struct checkup_cpu_times {
        int id;
        uint64_t busy_ticks; /* steal among them */
        uint64_t total_ticks;
    } * cpus; /* owned */
};

/* No file leaves the times empty. Free with checkup_times_free. */
int checkup_times_read(const char *root, struct checkup_times *times, struct error *error);
void checkup_times_free(struct checkup_times *times);

/* Examines the machine whose files lie below `root` ("" for this one); the two readings tell how
 * busy it was in between. Fails with ENOMEM alone. */
struct checkup_readings {
    struct checkup_times before;
    struct checkup_times after;
};
int checkup_examine(const char *root, const struct checkup_readings *readings,
                    struct checkup *checkup, struct error *error);

/* Takes the two readings 100 ms apart and examines. */
int checkup_run(const char *root, struct checkup *checkup, struct error *error);

/* Bad findings of one effect; findings of one state. */
size_t checkup_count_bad(const struct checkup *checkup, enum checkup_effect effect);
size_t checkup_count(const struct checkup *checkup, enum checkup_state state);

const char *checkup_state_name(enum checkup_state state);    /* "bad", "note", "ok", "unknown" */
const char *checkup_effect_name(enum checkup_effect effect); /* "disturbs", "limits", "informs" */

#endif
