#include "harness/memory.h"
#include "base/error.h"
#include "base/file.h"
#include "base/random.h"
#include "base/text.h"
#include "base/units.h"

#include <errno.h>
#include <numa.h>
#include <numaif.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { SAMPLES_MAX = 64 };

static const char *const kind_names[] = {
    [MEMORY_LOCAL] = "local",
    [MEMORY_SENDER] = "sender",
    [MEMORY_RECEIVER] = "receiver",
    [MEMORY_INTERLEAVE] = "interleave",
};

/* libnuma works only after it was asked whether it does; its node mask stays empty where /proc does
 * not tell what this process is allowed. */
static bool numa_works(void)
{
    return numa_available() >= 0 && numa_bitmask_weight(numa_all_nodes_ptr) > 0;
}

/* The nodes that this process may take memory from (libnuma leaves out those without any). */
static bool node_has_memory(int node)
{
    if (!numa_works())
        return node == 0;
    return node >= 0 && numa_bitmask_isbitset(numa_all_nodes_ptr, (unsigned)node);
}

static bool one_node_only(void)
{
    return !numa_works() || numa_bitmask_weight(numa_all_nodes_ptr) < 2;
}

static int refuse_node(int node, struct error *error)
{
    struct text nodes = {0};
    const int highest = numa_works() ? numa_max_node() : 0;

    for (int i = 0; i <= highest; i++) {
        if (node_has_memory(i))
            text_append(&nodes, "%s%d", nodes.length > 0 ? "," : "", i);
    }
    const int failed =
        error_unavailable(error, "cpuset.mems of the control group, or another node",
                          "NUMA node %d does not exist or has no memory for this process; there "
                          "is memory on node %s",
                          node, text_string(&nodes));
    text_free(&nodes);
    return failed;
}

static int refuse_sandbox(const char *call, int code, struct error *error)
{
    return error_unavailable(error, "container: --cap-add SYS_NICE or its seccomp profile",
                             "%s: %s (%s)", call, strerror(code), error_name(code));
}

/* A sandbox may hide the nodes of a machine that has several: libnuma then reports no NUMA at all,
 * but a policy that was asked for has to be refused and not forgotten. */
static bool sandbox_hides_nodes(void)
{
    char nodes[64];
    const bool forbidden = get_mempolicy(NULL, NULL, 0, NULL, 0) < 0 && errno == EPERM;

    return forbidden &&
           file_read_line("/sys/devices/system/node/online", nodes, sizeof nodes) == 0 &&
           strcmp(nodes, "0") != 0;
}

int memory_policy_parse(const char *text, struct memory_policy *policy, struct error *error)
{
    uint64_t node;

    for (size_t i = 0; i < sizeof kind_names / sizeof kind_names[0]; i++) {
        if (strcmp(kind_names[i], text) == 0) {
            *policy = (struct memory_policy){.kind = (enum memory_kind)i};
            return 0;
        }
    }
    if (units_parse_count(text, &node, NULL) < 0 || node > MEMORY_NODE_MAX)
        return error_plain(
            error, "memory=%s: must be local, sender, receiver, interleave or a NUMA node", text);
    if (sandbox_hides_nodes())
        return refuse_sandbox("get_mempolicy", EPERM, error);
    if (!node_has_memory((int)node))
        return refuse_node((int)node, error);
    *policy = (struct memory_policy){.kind = MEMORY_NODE, .node = (int)node};
    return 0;
}

const char *memory_policy_text(const struct memory_policy *policy, char *buffer)
{
    if (policy->kind == MEMORY_NODE)
        (void)snprintf(buffer, MEMORY_POLICY_TEXT_BYTES, "%d", policy->node);
    else
        (void)snprintf(buffer, MEMORY_POLICY_TEXT_BYTES, "%s", kind_names[policy->kind]);
    return buffer;
}

/* The one node that a policy promises; -1: it promises none. */
static int promised_node(const struct memory_policy *policy, const struct memory_nodes *nodes)
{
    switch (policy->kind) {
    case MEMORY_LOCAL:
        /* Next to a node without memory, "local" is whatever the kernel finds nearest. */
        return node_has_memory(nodes->own_node) ? nodes->own_node : -1;
    case MEMORY_SENDER:
        return nodes->sender_node;
    case MEMORY_RECEIVER:
        return nodes->receiver_node;
    case MEMORY_NODE:
        return policy->node;
    case MEMORY_INTERLEAVE:
        break;
    }
    return -1;
}

static int set_policy(int mode, const struct bitmask *nodes, struct error *error)
{
    /* The kernel takes the mask's length in bits plus one. */
    const long result =
        set_mempolicy(mode, nodes ? nodes->maskp : NULL, nodes ? nodes->size + 1 : 0);
    if (result == 0)
        return 0;
    const int code = errno;
    if (code == EPERM || code == ENOSYS)
        return refuse_sandbox("set_mempolicy", code, error);
    return error_system(error, code, "set_mempolicy");
}

int memory_policy_apply(const struct memory_policy *policy, const struct memory_nodes *nodes,
                        struct error *error)
{
    /* "local" is what the kernel does by itself. */
    if (policy->kind != MEMORY_LOCAL && sandbox_hides_nodes())
        return refuse_sandbox("get_mempolicy", EPERM, error);
    const int node = promised_node(policy, nodes);
    /* Also with one node left to us: by a cpuset, the promised one may be another. */
    if (node >= 0 && !node_has_memory(node))
        return refuse_node(node, error);
    if (one_node_only())
        return 0;
    if (policy->kind == MEMORY_INTERLEAVE)
        return set_policy(MPOL_INTERLEAVE, numa_all_nodes_ptr, error);
    if (node < 0)
        return set_policy(MPOL_LOCAL, NULL, error);
    struct bitmask *const mask = numa_allocate_nodemask();
    if (!mask)
        return error_system(error, ENOMEM, "NUMA node mask");
    numa_bitmask_setbit(mask, (unsigned)node);
    const int failed = set_policy(MPOL_BIND, mask, error);
    numa_bitmask_free(mask);
    return failed;
}

/* Fills `pages` with up to SAMPLES_MAX page addresses, spread from the first page of the range to
 * its last: one anywhere in each equal step, since a fixed stride would see interleaved memory on
 * some of its nodes only. Returns how many. */
static size_t sample_pages(const void *address, size_t bytes, void **pages)
{
    const uintptr_t page_bytes = (uintptr_t)sysconf(_SC_PAGESIZE);
    const uintptr_t first = (uintptr_t)address / page_bytes;
    const uintptr_t last = ((uintptr_t)address + (bytes > 0 ? bytes - 1 : 0)) / page_bytes;
    const uintptr_t steps = last - first;
    const size_t count = steps < SAMPLES_MAX ? (size_t)steps + 1 : SAMPLES_MAX;
    struct random random;

    random_seed(&random, steps);
    for (size_t i = 0; i < count; i++) {
        const bool inside = i > 0 && i < count - 1;
        /* Split so that no product overflows: i * steps might. */
        const uintptr_t step = count > 1 ? steps / (count - 1) : 0;
        const uintptr_t rest = count > 1 ? steps % (count - 1) : 0;
        const uintptr_t page = first + i * step + (rest ? i * rest / (count - 1) : 0) +
                               (inside ? random_below(&random, step) : 0);
        pages[i] = (void *)(page * page_bytes);
    }
    return count;
}

static size_t count_equal(const int *values, size_t count, int value)
{
    size_t equal = 0;

    for (size_t i = 0; i < count; i++)
        equal += values[i] == value;
    return equal;
}

/* The nodes of the sampled pages that are present. Returns how many; none where the kernel cannot
 * tell. */
static size_t sample_nodes(const void *address, size_t bytes, int *nodes)
{
    void *pages[SAMPLES_MAX];
    const size_t count = sample_pages(address, bytes, pages);
    size_t present = 0;

    /* Without target nodes move_pages moves nothing: it tells where each page is, or a negative
     * errno for a page that is not there. */
    if (move_pages(0, count, pages, NULL, nodes, 0) != 0)
        return 0;
    for (size_t i = 0; i < count; i++) {
        if (nodes[i] >= 0)
            nodes[present++] = nodes[i];
    }
    return present;
}

int memory_node_of(const void *address, size_t bytes, bool *on_one_node)
{
    int nodes[SAMPLES_MAX];
    const size_t count = sample_nodes(address, bytes, nodes);
    int node = -1;
    size_t votes = 0;

    for (size_t i = 0; i < count; i++) {
        const size_t equal = count_equal(nodes, count, nodes[i]);
        if (equal > votes) {
            votes = equal;
            node = nodes[i];
        }
    }
    if (on_one_node)
        *on_one_node = count > 0 && votes == count;
    return node;
}

static int compare_nodes(const void *a, const void *b)
{
    const int first = *(const int *)a;
    const int second = *(const int *)b;
    return (first > second) - (first < second);
}

const char *memory_nodes_text(const void *address, size_t bytes, char *text)
{
    int nodes[SAMPLES_MAX];
    const size_t count = sample_nodes(address, bytes, nodes);
    size_t length = 0;

    qsort(nodes, count, sizeof *nodes, compare_nodes);
    text[0] = '\0';
    for (size_t i = 0; i < count;) {
        char range[MEMORY_NODES_TEXT_BYTES];
        const int first = nodes[i];
        int last = first;
        while (++i < count && nodes[i] <= last + 1)
            last = nodes[i];
        const int bytes_used = snprintf(range, sizeof range, last > first ? "%s%d-%d" : "%s%d",
                                        length > 0 ? "," : "", first, last);
        const bool fits = length + (size_t)bytes_used + sizeof "+" <= MEMORY_NODES_TEXT_BYTES;
        (void)strcpy(text + length, fits ? range : "+");
        if (!fits)
            break;
        length += (size_t)bytes_used;
    }
    return text;
}

int memory_check(const struct memory_policy *policy, const struct memory_nodes *nodes,
                 const void *address, size_t bytes, struct error *error)
{
    bool on_one_node;
    char requested[MEMORY_POLICY_TEXT_BYTES];

    /* Interleaved memory may rightly lie on one node: a single page, or a single huge page. */
    const int promised = promised_node(policy, nodes);
    if (promised < 0 || one_node_only())
        return 0;
    const int found = memory_node_of(address, bytes, &on_one_node);
    if (found < 0 || (found == promised && on_one_node))
        return 0;
    error_plain(error, "memory=%s: should lie on NUMA node %d, lies %s on node %d%s",
                memory_policy_text(policy, requested), promised, on_one_node ? "wholly" : "mostly",
                found, found == promised ? " but not wholly" : "");
    if (error)
        error->code = EXDEV;
    return -EXDEV;
}
