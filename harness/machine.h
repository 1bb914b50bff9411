/* The machine as it stands: everything that could explain why two results differ, as a flat list of
 * facts in groups, read from /proc, /sys and system calls. A fact that cannot be read is absent. */
#ifndef IPCBENCH_HARNESS_MACHINE_H
#define IPCBENCH_HARNESS_MACHINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct machine_fact {
    const char *group; /* "cpu", "kernel", "memory", "limits", "virtualisation", "build", "load" */
    const char *key;   /* with its unit where it has one: "total_bytes" */
    char *text;        /* owned; used where `is_number` is false */
    bool is_number;
    int64_t number;
};

struct machine {
    size_t count;
    struct machine_fact *facts; /* owned */
};

struct error;

/* Fills the list; fails only with ENOMEM. Free with machine_free. */
int machine_read(struct machine *machine, struct error *error);

/* The same from the files below a root folder, "" for the machine itself: recorded or made trees of
 * other machines. What only system calls tell is absent for them. */
int machine_read_at(const char *root, struct machine *machine, struct error *error);

void machine_free(struct machine *machine);

/* A fact's text or NULL; a number is not text. */
const char *machine_text(const struct machine *machine, const char *group, const char *key);

/* A fact's number; false: absent, or text. */
bool machine_number(const struct machine *machine, const char *group, const char *key,
                    int64_t *number);

#endif
