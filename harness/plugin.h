/* What a transport outside this tree includes, and how ipcbench finds it in a shared object.
 *
 *     #include <ipcbench/plugin.h>
 *     static const struct transport foo = { .abi = TRANSPORT_ABI, .name = "foo", ... };
 *     IPCBENCH_PLUGIN(foo)
 *
 * is a whole plug-in: `ipcbench run --plugin ./libfoo.so -t foo`. docs/plugin.md walks through one.
 * The hooks and loops are those of a built-in transport (harness/transport.h); what of ipcbench they
 * may call is listed in harness/plugin.symbols and comes from the program when it loads them. */
#ifndef IPCBENCH_HARNESS_PLUGIN_H
#define IPCBENCH_HARNESS_PLUGIN_H

#include <stdint.h>

#include "base/error.h"
#include "harness/leftovers.h"
#include "harness/loop_set.h"
#include "harness/loops_memory.h"
#include "harness/options.h"
#include "harness/transport.h"

/* The loops are compiled into the plug-in and work on the program's structs. TRANSPORT_ABI says that
 * both mean the same by them; the sizes find out where somebody forgot to raise it. */
struct plugin_sizes {
    uint32_t transport_bytes;
    uint32_t channel_bytes;
    uint32_t option_spec_bytes;
    uint32_t options_bytes;
    uint32_t loop_set_bytes;
    uint32_t loop_run_bytes;
    uint32_t memory_loops_bytes;
    uint32_t error_bytes;
};

#define PLUGIN_SIZES                                                                               \
    {                                                                                              \
        .transport_bytes = sizeof(struct transport), .channel_bytes = sizeof(struct channel),      \
        .option_spec_bytes = sizeof(struct option_spec), .options_bytes = sizeof(struct options),  \
        .loop_set_bytes = sizeof(struct loop_set), .loop_run_bytes = sizeof(struct loop_run),      \
        .memory_loops_bytes = sizeof(struct memory_loops), .error_bytes = sizeof(struct error),    \
    }

/* The one symbol that is looked up. `abi` and `plugin_bytes` keep their places in every version. */
struct plugin {
    uint32_t abi;          /* TRANSPORT_ABI */
    uint32_t plugin_bytes; /* of this struct */
    struct plugin_sizes sizes;
    const struct transport *transport;
};

#define PLUGIN_SYMBOL "ipcbench_plugin"

#define IPCBENCH_PLUGIN(transport_)                                                                \
    extern __attribute__((visibility("default"))) const struct plugin ipcbench_plugin;             \
    const struct plugin ipcbench_plugin = {                                                        \
        .abi = TRANSPORT_ABI,                                                                      \
        .plugin_bytes = sizeof(struct plugin),                                                     \
        .sizes = PLUGIN_SIZES,                                                                     \
        .transport = &(transport_),                                                                \
    };

#endif
