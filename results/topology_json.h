/* A machine's topology as JSON, for `ipcbench topology --json`: CPUs, nodes, the pair that each
 * placement means, and the matrix of cache-line round trips for a heat map.
 *
 * {"cpus": [{"id", "allowed", "package", "core", "smt_group", "cache_group", "cache_level", "node",
 *            "capacity"}], "offline_count": ...,
 *  "nodes": [{"id", "has_memory", "cpu_count", "distances": {"<node>": ...}}],
 *  "placements": [{"name", "cpus": {"sender", "receiver"}, "default": true} or
 *                 {"name", "reason", "knob"}],
 *  "cache_line_rounds": ..., "cache_line_round_trip_ns": {"<CPU>": {"<CPU>": ns}}}
 *
 * Members mean what struct cpu and struct node say; unknown ones are left out, and so are pairs of
 * the matrix that were not measured: there is no null. */
#ifndef IPCBENCH_RESULTS_TOPOLOGY_JSON_H
#define IPCBENCH_RESULTS_TOPOLOGY_JSON_H

#include "base/error.h"
#include "harness/placement.h"

struct cpu_matrix;
struct text;

/* What one placement means on this machine. */
struct topology_class {
    enum placement placement;
    struct cpu_pair cpus;
    bool is_default;
    struct error objection; /* why there is none; code 0: there is */
};

struct topology_report {
    const struct topology *topology;
    struct topology_class classes[PLACEMENT_COUNT];
    const struct cpu_matrix *matrix; /* NULL: not asked for */
};

/* Appends the document, indented, with a final newline. */
int topology_write_json(const struct topology_report *report, struct text *out,
                        struct error *error);

#endif
