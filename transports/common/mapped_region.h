/* A region that the operations on mappings work on: private memory or a memfd, made to order, mapped and
 * touched by the sender, with company or without (company.h).
 *
 *     mapped_region_probe    parent, probe
 *     mapped_region_create   parent, create
 *     mapped_region_attach   receiver, attach
 *     mapped_region_map      sender: a view with every page of it touched, its number written into each
 *     mapped_region_begin    sender, prepare: the company starts
 *     mapped_region_dismiss  sender, dismiss
 *     mapped_region_attend   receiver, attend
 *     mapped_region_destroy  parent, destroy
 *
 * The last three are the hooks themselves: the state of an operation begins with its region. */
#ifndef IPCBENCH_TRANSPORTS_COMMON_MAPPED_REGION_H
#define IPCBENCH_TRANSPORTS_COMMON_MAPPED_REGION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "transports/common/company.h"
#include "transports/common/memory_object.h"

struct channel;
struct error;
struct loop_run;
struct message_limits;
struct options;

/* Options that these operations have first and in common. */
enum { REGION_KIND, REGION_HUGE, REGION_PEER, REGION_OPTION_COUNT };
#define REGION_OPTION_KIND                                                                         \
    {                                                                                              \
        .key = "kind", .kind = OPTION_CHOICE, .choices = "memfd|private",                          \
        .default_value = "memfd", .meaning = "shared memory (a memfd), or private anonymous"       \
    }
#define REGION_OPTION_HUGE                                                                         \
    {                                                                                              \
        .key = "huge", .kind = OPTION_CHOICE, .choices = "none|hugetlb|hugetlb-1g|thp",            \
        .default_value = "none",                                                                   \
        .meaning = "pages asked for; an operation is about one page of that size"                  \
    }
#define REGION_OPTION_PEER                                                                         \
    {                                                                                              \
        .key = "peer", .kind = OPTION_CHOICE, .choices = COMPANY_CHOICES, .default_value = "idle", \
        .meaning = "asleep; reading the memory; a thread of the measuring process in its place"    \
    }

struct mapped_region {
    struct memory_object object;
    struct memory_view view; /* of this process */
    struct company company;
};

int mapped_region_probe(const struct options *options, size_t bytes, struct error *error);
int mapped_region_limits(const struct options *options, struct message_limits *limits,
                         struct error *error);
bool mapped_region_spins(const struct options *options);

int mapped_region_create(struct mapped_region *region, struct channel *channel,
                         struct error *error);
/* A peer that is to read has everything mapped and touched. */
int mapped_region_attach(struct mapped_region *region, struct error *error);
int mapped_region_map(struct mapped_region *region, struct error *error);
/* The thread reads so many of the view's pages; 0, where they do not stay: one page of the program. Its
 * CPU is told of every change all the same, since it runs in the same address space. */
int mapped_region_begin(struct mapped_region *region, uint64_t pages, struct error *error);
void mapped_region_dismiss(void *state);
void mapped_region_attend(struct loop_run *run);
void mapped_region_destroy(struct channel *channel);

uint64_t mapped_region_pages(const struct mapped_region *region);
void *mapped_region_page(const struct mapped_region *region, uint64_t index);

/* Each page begins with its number, where it has been touched and what was written is still there. */
void mapped_region_mark(const struct mapped_region *region);
bool mapped_region_is_marked(const void *page, uint64_t index);

/* Is there room for so many mappings more? Else unavailable, the knob is vm.max_map_count. */
int mapped_region_check_mappings(uint64_t more, struct error *error);

#endif
