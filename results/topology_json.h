/* A machine's topology as JSON, for `ipcbench topology --json`: CPUs, nodes, the pair that each
 * placement means, and the matrix of cache-line round trips for a heat map.
 *
 * {"cpus": [{"id", "allowed", "package", "core", "smt_group", "cache_group", "cache_level", "node",
 *            "capacity"}], "offline_count": ...,
 *  "nodes": [{"id", "has_memory", "cpu_count", "distances": {"<node>": ...}}],
 *  "placements": [{"name", "cpus": {"sender", "receiver"}, "default": true} or
 *                 {"name", "reason", "knob"}],
 *  "cache_line_rounds": ..., "cache_line_round_trip_ns": {"<CPU>": {"<CPU>": ns}},
 *  "taken_at": ..., "machine": "<CPU model, kernel, host>"}
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
    const char *taken_at;            /* RFC 3339, UTC; NULL: left out */
    const char *machine;             /* which, in words; NULL: left out */
};

/* Appends the document, indented, with a final newline. */
int topology_write_json(const struct topology_report *report, struct text *out,
                        struct error *error);

/* The part of such a document that a heat map is made of. */
struct topology_matrix {
    size_t count;
    struct cpu *cpus;      /* of rows and columns, ascending by id; owned */
    double *round_trip_ns; /* row by row; 0: not measured; NULL: nothing was; owned */
    size_t rounds;
    char *taken_at; /* owned; NULL: the document does not say */
    char *machine;  /* likewise */
};
void topology_matrix_free(struct topology_matrix *matrix); /* also after a failed read */

struct cJSON;
/* Is a document of this kind, rather than a run? */
bool topology_is_document(const struct cJSON *document);
int topology_read_document(const struct cJSON *document, struct topology_matrix *matrix,
                           struct error *error);

#endif
