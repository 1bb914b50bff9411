/* Inside machine.h: where its facts come from. Only machine*.c includes this. */
#ifndef IPCBENCH_HARNESS_MACHINE_FACTS_H
#define IPCBENCH_HARNESS_MACHINE_FACTS_H

#include <stdbool.h>
#include <stdint.h>

struct machine;

/* What the sources below fill. Once memory has run out nothing more is added. */
struct fact_list {
    struct machine *machine;
    const char *root; /* the folder that all paths are below; "": this machine itself */
    bool failed;
};

/* Adds a fact at the end of its group; group and key must be literals. Blanks at the ends of a text
 * go, those inside become single spaces, and bytes that are not ASCII question marks. An empty text
 * adds nothing, and of two facts under one key the first stays: sources are tried from the best to
 * the worst. */
void machine_add_text(struct fact_list *list, const char *group, const char *key, const char *text);
void machine_add_number(struct fact_list *list, const char *group, const char *key, int64_t number);

/* A path below the list's root; one that does not fit is "", which no file has. */
struct fact_path {
    char text[512];
};
struct fact_path machine_path(const struct fact_list *list, const char *path);

/* Does the list describe the machine that this runs on, so that system calls may be asked? */
bool machine_is_this(const struct fact_list *list);

void machine_add_sources(struct fact_list *list);        /* what stands in a file as it is */
void machine_add_cpu(struct fact_list *list);            /* topology, caches, idle states */
void machine_add_kernel(struct fact_list *list);         /* mitigations, boot options, preemption */
void machine_add_memory(struct fact_list *list);         /* huge pages, resource limits */
void machine_add_virtualisation(struct fact_list *list); /* hypervisor, container, cgroup quota */

#endif
