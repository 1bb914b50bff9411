/* The catalogue of transports as JSON, for `ipcbench list --json`: what there is, with which
 * options and limits, and whether it can run here. */
#ifndef IPCBENCH_RESULTS_CATALOGUE_H
#define IPCBENCH_RESULTS_CATALOGUE_H

#include <stddef.h>

#include "base/error.h"
#include "harness/transport.h"

struct text;

/* A value of an option that cannot be had here. */
struct catalogue_refusal {
    const struct option_spec *option;
    char value[OPTION_TEXT_BYTES];
    struct error objection;
};

enum { CATALOGUE_REFUSALS_MAX = 16, CATALOGUE_BELIEFS_MAX = 24 };

struct catalogue_entry {
    const struct transport *transport;
    const char *plugin_path;      /* NULL: built in */
    struct message_limits limits; /* maximum_bytes UINT64_MAX: only memory limits it */
    struct error objection;       /* why it cannot run here; code 0: it can */
    struct catalogue_refusal refusals[CATALOGUE_REFUSALS_MAX]; /* the other options at defaults */
    size_t refusal_count;
    const struct operation_belief
        *beliefs[CATALOGUE_BELIEFS_MAX]; /* of an operation, that its variants put to the test */
    size_t belief_count;
};

/* Appends {"transports": [...]}, indented, with a final newline. */
int catalogue_write_json(const struct catalogue_entry *entries, size_t count, struct text *out,
                         struct error *error);

#endif
