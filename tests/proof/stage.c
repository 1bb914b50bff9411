#include "tests/proof/stage.h"

static volatile sig_atomic_t interrupted;

static void interrupt(int signal_number)
{
    (void)signal_number;
    interrupted = 1;
}

const volatile sig_atomic_t *stage_watch_signals(void)
{
    const struct sigaction action = {.sa_handler = interrupt};
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    return &interrupted;
}

int stage_open(struct stage *stage, double seconds_most, struct error *error)
{
    int failure = topology_read("", &stage->topology, error);
    if (failure)
        return failure;
    stage->cpus = topology_default_pair(&stage->topology);
    clock_choose(&stage->clock);
    failure = workspace_open(&stage->workspace, seconds_most, error);
    if (failure)
        topology_free(&stage->topology);
    return failure;
}

void stage_close(struct stage *stage)
{
    workspace_close(&stage->workspace);
    topology_free(&stage->topology);
}

bool stage_has_two_cpus(const struct stage *stage)
{
    return stage->cpus.sender != stage->cpus.receiver;
}

int stage_request(struct stage *stage, const struct transport *transport,
                  const struct stage_cell *cell, struct trial_request *request, struct error *error)
{
    const int receiver = stage->cpus.receiver;
    const struct cpu_pair cpus = {cell->one_cpu ? receiver : stage->cpus.sender, receiver};
    const struct cpu *const sender_cpu = topology_cpu(&stage->topology, cpus.sender);
    const struct cpu *const receiver_cpu = topology_cpu(&stage->topology, cpus.receiver);
    *request = (struct trial_request){
        .transport = transport,
        .pattern = PATTERN_PINGPONG,
        .message_bytes = 64,
        .touch = TOUCH_ALL,
        .cpus = cpus,
        .sender_node = sender_cpu ? sender_cpu->node : 0,
        .receiver_node = receiver_cpu ? receiver_cpu->node : 0,
        .memory = {.kind = MEMORY_LOCAL},
        .idle = IDLE_DEFAULT,
        .warmup_seconds = stage->warmup_seconds,
        .timed_seconds = stage->timed_seconds,
        .clock = &stage->clock,
        .interrupted = stage->interrupted,
    };
    return options_parse(transport->options, transport->option_count, cell->options,
                         &request->options, error);
}
