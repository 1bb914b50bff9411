/* Where memory lies: NUMA policy by libnuma, checked with move_pages; page sizes read from smaps.
 * Everything works unchanged on a machine with one node or a kernel without NUMA. */
#ifndef IPCBENCH_HARNESS_MEMORY_H
#define IPCBENCH_HARNESS_MEMORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct error;

enum memory_kind {
    MEMORY_LOCAL,      /* each process's memory on its own CPU's node; what is shared, on the
                          sender's, since the sender attaches (touches) first */
    MEMORY_SENDER,     /* both on the sender's node */
    MEMORY_RECEIVER,   /* both on the receiver's node */
    MEMORY_INTERLEAVE, /* page by page over all nodes with memory */
    MEMORY_NODE,       /* both on one named node */
};

struct memory_policy {
    enum memory_kind kind;
    int node; /* MEMORY_NODE only */
};
enum { MEMORY_NODE_MAX = 1023 }; /* the kernel's largest CONFIG_NODES_SHIFT is 10 */

/* "local", "sender", "receiver", "interleave" or a node number; a node that does not exist or has
 * no memory is unavailable, with the list of those that have. */
int memory_policy_parse(const char *text, struct memory_policy *policy, struct error *error);

enum { MEMORY_POLICY_TEXT_BYTES = 16 };
const char *memory_policy_text(const struct memory_policy *policy, char *buffer);

/* In a child, after pinning: binds this process's future pages. `own_node` is the node of the CPU
 * it runs on, `sender_node` and `receiver_node` those of the pair. A machine without NUMA or with
 * memory on one node: does nothing. A promised node without memory for this process (a cpuset may
 * leave out the CPU's own) and a sandbox that forbids it are unavailable. */
struct memory_nodes {
    int own_node;
    int sender_node;
    int receiver_node;
};
int memory_policy_apply(const struct memory_policy *policy, const struct memory_nodes *nodes,
                        struct error *error);

/* The node that most of the present pages of [address, address + bytes) lie on, sampled at up to 64
 * pages spread over the range: >= 0, or -1 where the kernel cannot tell. `*on_one_node` (may be
 * NULL) says whether all sampled pages agree; false with -1. */
int memory_node_of(const void *address, size_t bytes, bool *on_one_node);

/* All nodes that those pages lie on, the way the kernel writes lists: "0", "0-3", "0,2"; "" where it
 * cannot tell. A list that does not fit ends in "+". Returns `text`. */
enum { MEMORY_NODES_TEXT_BYTES = 28 };
const char *memory_nodes_text(const void *address, size_t bytes, char *text);

/* The policy's promise against memory_node_of: 0 where it holds or cannot be checked, else -EXDEV
 * and a line that names both nodes. `nodes` as above for the process that touched the memory first.
 * Interleaving cannot be checked. */
int memory_check(const struct memory_policy *policy, const struct memory_nodes *nodes,
                 const void *address, size_t bytes, struct error *error);

/* What /proc/self/smaps says about the mapping that holds `address`. */
struct memory_pages {
    uint64_t kernel_page_bytes; /* KernelPageSize: 4096, or the huge page size of hugetlb */
    uint64_t resident_bytes;    /* Rss; hugetlb pages counted in */
    uint64_t huge_bytes;        /* mapped by huge pages, of any kind: AnonHugePages +
                                   ShmemPmdMapped + FilePmdMapped + Shared_Hugetlb + Private_Hugetlb */
    uint64_t share_bytes;       /* Pss: a page mapped by two processes counts half in each */
    uint64_t shared_bytes;      /* mapped by other processes as well */
    uint64_t locked_bytes;      /* Locked, counted like Pss: all of it is locked where they agree */
    uint64_t
        referenced_bytes;     /* Referenced: touched since that was last cleared (MADV_COLD does) */
    uint64_t lazy_free_bytes; /* LazyFree: may be taken back (MADV_FREE) */
    bool unreserved;          /* VmFlags has "nr": no memory is set aside for it */
    char flags[128];          /* VmFlags, a blank before each: " rd wr sr" */
};
int memory_pages_of(const void *address, struct memory_pages *pages, struct error *error);

#endif
