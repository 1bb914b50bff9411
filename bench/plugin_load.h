/* One plug-in: a shared object with a transport in it (harness/plugin.h), loaded and checked. */
#ifndef IPCBENCH_BENCH_PLUGIN_LOAD_H
#define IPCBENCH_BENCH_PLUGIN_LOAD_H

#include "results/run.h"

struct error;
struct transport;

struct plugin_file {
    void *handle;
    const struct transport *transport; /* in the shared object: gone when it is unloaded */
    struct run_plugin identity;        /* owned */
};

/* Loads exactly this file: `path` has a slash, so that no search path has a say. What it needs itself
 * is found as for any program. Code of the file runs while it is loaded. On failure nothing is held,
 * and the error says in one line what is wrong with the file. */
int plugin_load(const char *path, struct plugin_file *plugin, struct error *error);

/* Safe on a zeroed struct. */
void plugin_unload(struct plugin_file *plugin);

#endif
