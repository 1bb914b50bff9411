/* How sysfs writes numbers and lists of CPUs or nodes; for topology*.c alone. */
#ifndef IPCBENCH_HARNESS_TOPOLOGY_FILES_H
#define IPCBENCH_HARNESS_TOPOLOGY_FILES_H

#include "base/text.h"

struct error;
struct topology;

#define CPU_FOLDER  "%s/sys/devices/system/cpu"
#define NODE_FOLDER "%s/sys/devices/system/node"

struct id_range {
    int first;
    int last;
};

/* Takes the next range off a kernel list ("0-3,8,10-11"). 1: one was taken, 0: the list is at its
 * end, -EINVAL: not such a list. */
int ids_next(const char **list, struct id_range *range);

/* Reads a whole file named by a format: lists of a large machine have no fixed length. Empty where
 * the file cannot be read. The caller frees the text. */
struct text topology_file(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* From a file's content, which they free: a whole number, the smallest number of a list, how many
 * numbers a list holds. -1: there is no such thing in it. */
int take_number(struct text content);
int take_smallest(struct text content);
int take_count(struct text content);

/* The NUMA part of topology_read, after the CPUs. On failure the caller frees the topology. */
int topology_read_nodes(const char *root, struct topology *topology, struct error *error);

#endif
