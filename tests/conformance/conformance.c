#include "conformance.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench/registry.h"
#include "harness/transport.h"
#include "tap.h"
#include "traces.h"
#include "transports/builtin.h"

static const double timed_seconds_most = 4; /* as in cell.c: room for the samples */

static bool is_set(const char *variable)
{
    const char *const value = getenv(variable);
    return value && value[0] && strcmp(value, "0") != 0;
}

int stage_workspace_open(struct stage *stage, struct error *error)
{
    return workspace_open(&stage->workspace, timed_seconds_most, error);
}

int stage_open(struct stage *stage, struct error *error)
{
    struct topology topology;
    *stage = (struct stage){
        .full = is_set("IPCBENCH_TEST_FULL"),
        .quick = is_set("IPCBENCH_TEST_QUICK") || is_set("IPCBENCH_TEST_PRIVILEGES"),
        .privileges = is_set("IPCBENCH_TEST_PRIVILEGES"),
        .largest_bytes = (is_set("IPCBENCH_TEST_FULL") ? 64U : 4U) << 20,
    };
    int failure = topology_read("", &topology, error);
    if (failure)
        return failure;
    stage->cpus = topology_default_pair(&topology);
    const struct cpu *const sender = topology_cpu(&topology, stage->cpus.sender);
    const struct cpu *const receiver = topology_cpu(&topology, stage->cpus.receiver);
    stage->sender_node = sender ? sender->node : 0;
    stage->receiver_node = receiver ? receiver->node : 0;
    topology_free(&topology);
    clock_choose(&stage->clock);
    return stage_workspace_open(stage, error);
}

static void transport_test(struct stage *stage, const struct transport *transport)
{
    hooks_test(stage, transport);
    matrix_test(stage, transport);
    if (stage->privileges)
        return;
    placement_test(stage, transport);
    if (transport->loops)
        crew_test(stage, transport);
    kill_test(stage, transport);
    interrupt_test(stage, transport);
}

/* Skips everywhere would look like success. */
static void measured_test(const struct stage *stage)
{
    struct text problems = {0};
    if (!stage->measured[FAMILY_NONE] || !stage->measured[FAMILY_BYTE_STREAM] ||
        !stage->measured[FAMILY_SHARED_MEMORY] || !stage->measured[FAMILY_OPERATION])
        text_append(&problems, " every cell of a family was skipped;");
    tap_report(&problems, "pipes, sockets, shared memory and operations on it work on any Linux");
}

static void alone_test(void)
{
    struct text problems = {0};
    if (waitpid(-1, NULL, WNOHANG) != -1 || errno != ECHILD)
        text_append(&problems, " a child is left;");
    tap_report(&problems, "no child is left, the guard is gone");
}

/* The plug-in alone. */
static void plugin_test(struct stage *stage, const char *path)
{
    struct registry registry = {0};
    struct error error = {0};
    if (take_plugin(path, &registry, &error) || registry_load(&registry, &error))
        printf("Bail out! %s\n", error.message);
    else
        transport_test(stage, registry.plugins[0].transport);
    registry_free(&registry);
}

/* The whole test, or for a closer look the transports named on the command line; "hostile" for those. */
static void run(struct stage *stage, int name_count, char **names)
{
    for (size_t index = 0; index < transports_builtin_count; ++index) {
        bool chosen = name_count == 0;
        for (int name = 0; name < name_count; ++name)
            chosen = chosen || !strcmp(names[name], transports_builtin[index]->name);
        if (chosen)
            transport_test(stage, transports_builtin[index]);
    }
    if (name_count && strcmp(names[0], "hostile") != 0)
        return;
    if (!stage->privileges)
        hostile_test(stage);
    if (name_count)
        return;
    limits_test(stage);
    measured_test(stage);
}

int main(int argc, char **argv)
{
    struct stage stage;
    struct error error = {0};
    struct hang hang;
    if (tap_start() || traces_open()) {
        puts("Bail out! no memory, or no folder in TMPDIR");
        return 1;
    }
    if (stage_open(&stage, &error)) {
        printf("Bail out! %s\n", error.message);
        return 1;
    }
    tap_note("user %d, CPUs %d and %d, clock %s, messages up to %llu bytes%s", (int)geteuid(),
             stage.cpus.sender, stage.cpus.receiver, stage.clock.name,
             (unsigned long long)stage.largest_bytes, stage.quick ? ", quick" : "");
    if (is_set("IPCBENCH_TEST_PLUGIN")) {
        plugin_test(&stage, getenv("IPCBENCH_TEST_PLUGIN"));
    } else {
        hang_start(&stage, &hang);
        run(&stage, argc - 1, argv + 1);
        hang_test(&hang);
    }
    workspace_close(&stage.workspace);
    alone_test();
    traces_close();
    return tap_end();
}
