/* A JSON file that ipcbench wrote, of whichever kind: a run, or a machine's topology. */
#ifndef IPCBENCH_RESULTS_DOCUMENT_H
#define IPCBENCH_RESULTS_DOCUMENT_H

#include <stdbool.h>

#include "results/run.h"
#include "results/topology_json.h"

struct document {
    bool is_topology;
    struct run run;                  /* else this */
    struct topology_matrix topology; /* of `ipcbench topology --json` */
};

/* Bounded and checked as run_load does; errors name the path. On success free with document_free.
 * document_read takes the text of a file. */
int document_load(const char *path, struct document *document, struct error *error);
int document_read(const char *text, struct document *document, struct error *error);
void document_free(struct document *document);

#endif
