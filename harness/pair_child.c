#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "harness/pair_child.h"
#include "harness/placement.h"
#include "harness/prefault.h"
#include "harness/wait.h"

static const double usual_probe_seconds = 0.003;
static const double batch_seconds = 0.0005;
enum { PROBE_BEFORE, PROBE_AFTER };

void child_barrier(const struct child *child)
{
    pair_barrier(&child->workspace->crew->barrier);
}

/* Walks work in the slot itself. */
static size_t buffer_bytes(const struct trial_request *request)
{
    return pattern_walks(request->pattern) ? WALK_LINE_BYTES : request->message_bytes;
}

static int settle(struct child *child, struct error *error)
{
    const struct trial_request *request = child->request;
    const bool sends = child_sends(child);
    int failure = placement_pin(sends ? request->cpus.sender : request->cpus.receiver, error);
    if (failure)
        return failure;
    child->nodes = (struct memory_nodes){
        .own_node = sends ? request->sender_node : request->receiver_node,
        .sender_node = request->sender_node,
        .receiver_node = request->receiver_node,
    };
    failure = memory_policy_apply(&request->memory, &child->nodes, error);
    if (!failure)
        failure = buffers_open(&child->buffers, buffer_bytes(request),
                               request->layout.buffer_offset_bytes, error);
    if (!failure)
        failure = memory_check(&request->memory, &child->nodes, child->buffers.mapping,
                               child->buffers.mapped_bytes, error);
    bool on_one_node = false;
    const int node =
        failure ? -1
                : memory_node_of(child->buffers.mapping, child->buffers.mapped_bytes, &on_one_node);
    child->report->cost.memory_node = on_one_node ? node : -1;
    return failure;
}

/* On which node the shared memory lies; interleaved memory lies on several. */
static void record_nodes(struct channel *channel)
{
    const struct region *const region = &channel->region;
    bool on_one_node;
    char nodes[MEMORY_NODES_TEXT_BYTES];
    const int node = memory_node_of(region->address, region->bytes, &on_one_node);

    if (node < 0 || on_one_node)
        obtained_number(&channel->obtained, "memory_node", node);
    else
        obtained_text(&channel->obtained, "memory_nodes",
                      memory_nodes_text(region->address, region->bytes, nodes));
}

/* The sender first: what attach touches lies under its memory policy. */
static int attach(struct child *child, struct error *error)
{
    struct channel *channel = child->channel;
    if (child->side == SIDE_RECEIVER)
        child_barrier(child);
    const int failure =
        channel->transport->attach ? channel->transport->attach(channel, child->side, error) : 0;
    if (failure)
        return failure;
    if (channel->region.bytes && child_sends(child)) {
        const int misplaced = memory_check(&child->request->memory, &child->nodes,
                                           channel->region.address, channel->region.bytes, error);
        if (misplaced)
            return misplaced;
    }
    if (channel->region.bytes)
        record_nodes(channel);
    child->report->obtained = channel->obtained;
    child->report->prefaulted = channel->prefaulted && prefault_is_complete();
    if (child_sends(child))
        child_barrier(child);
    child_barrier(child);
    return 0;
}

static void prepare_run(struct child *child)
{
    const struct trial_request *request = child->request;
    if (pattern_has_messages(request->pattern))
        child->loops = request->transport->loops(&request->options);
    else
        child->memory_loops = request->transport->memory_loops(&request->options);
    child->run = (struct loop_run){
        .state = child->channel->state,
        .send_buffer = child->buffers.send,
        .receive_buffer = child->buffers.receive,
        .message_bytes = request->message_bytes,
        .clock_kind = request->clock->kind,
        .sequence_mask = loop_sequence_mask(request->message_bytes),
        .ns_per_tick = request->clock->ns_per_tick,
        .batch_ticks = clock_ticks_of_seconds(request->clock, batch_seconds),
        .interval_ticks = clock_ticks_of_seconds(request->clock, INTERVAL_SECONDS),
        .error = &child->report->error,
        .lane = child->lane,
        .crowd_senders = (uint32_t)request->crew.senders,
        .crowd_receivers = (uint32_t)request->crew.receivers,
        .senders_left = &child->workspace->crew->senders_left,
        .walk = {.pattern = request->pattern,
                 .seed = request->seed,
                 .bytes = request->message_bytes},
    };
    if (child->channel->meter)
        child->channel->meter->clock_kind = request->clock->kind;
}

/* The probe before the timed loop, or the one after it: of this child's lane. */
static void probe_lane(struct child *child, int which)
{
    const struct trial_request *request = child->request;
    struct side_report *report = child->report;
    struct probe_line *line =
        which == PROBE_BEFORE ? &child->shared->probe_before : &child->shared->probe_after;
    if (child->side == SIDE_RECEIVER) {
        struct probe_echoed echoed;
        probe_echo(line, request->clock, &echoed);
        report->way_minimum_ticks[which] = echoed.way_there_minimum_ticks;
        report->warps += echoed.warps;
        return;
    }
    struct probe_result result;
    probe_measure(line, request->clock,
                  request->probe_seconds > 0 ? request->probe_seconds : usual_probe_seconds,
                  &result);
    *(which == PROBE_BEFORE ? &report->probe_before_ns : &report->probe_after_ns) =
        result.median_ns;
    report->way_minimum_ticks[which] = result.way_back_minimum_ticks;
    report->warps += result.warps;
}

/* One lane after the other, the rest asleep. Of one channel for all, the distance of lane 0 speaks for
 * the trial. */
static void probe(struct child *child, int which)
{
    const struct crew *crew = &child->request->crew;
    const size_t lanes = crew->shares_channel ? 1 : crew_lanes(crew);
    for (size_t lane = 0; lane < lanes; ++lane) {
        const struct trial_request probed = crew_lane_request(child->request, lane);
        if (probed.cpus.sender == probed.cpus.receiver)
            continue;
        child_barrier(child);
        if (lane == child->lane)
            probe_lane(child, which);
    }
    if (crew->lanes)
        child_barrier(child);
}

static int live(struct child *child, struct error *error)
{
    int failure = settle(child, error);
    if (!failure)
        failure = attach(child, error);
    if (failure)
        return failure;
    prepare_run(child);
    failure = work_cold(child, error);
    if (failure)
        return failure;
    probe(child, PROBE_BEFORE);
    failure = work_verify(child, error);
    if (!failure)
        failure = work_fill(child, error);
    if (!failure)
        failure = work_warm_up(child, error);
    if (!failure)
        failure = work_timed(child, error);
    if (failure)
        return failure;
    probe(child, PROBE_AFTER);
    work_give_back(child);
    child_barrier(child); /* none lets go of the channel while another still uses it */
    if (child->request->transport->detach)
        child->request->transport->detach(child->channel, child->side);
    return 0;
}

/* Further down the stack by a number of bytes that differs from trial to trial, as with another
 * environment. */
static int live_below(struct child *child, struct error *error)
{
    unsigned char room[child->request->layout.stack_offset_bytes + 1];
    __asm__ volatile("" ::"r"(room) : "memory");
    return live(child, error);
}

_Noreturn void pair_child(const struct pair *pair, size_t lane, enum side side)
{
    const struct trial_request request = crew_lane_request(pair->request, lane);
    const struct workspace workspace = workspace_of_lane(pair->workspace, lane);
    struct child child = {
        .pair = pair,
        .request = &request,
        .workspace = &workspace,
        .channel = &pair->channels[request.crew.shares_channel ? 0 : lane],
        .lane = lane,
        .shared = workspace.shared,
        .report = &workspace.shared->reports[side],
        .side = side,
    };
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != pair->parent) /* it died before the line above */
        _exit(1);
    prctl(PR_SET_NAME, side == SIDE_SENDER ? "ipcbench-send" : "ipcbench-recv");
    prctl(PR_SET_TIMERSLACK, 1); /* sleeps end when they should */
    signal(SIGINT, SIG_IGN);     /* the terminal sends it to all; the parent decides */
    signal(SIGTERM, SIG_DFL);
    signal(SIGPIPE, SIG_IGN); /* a dead peer is an error to report, not a death */
    bus_error_catch(&child.report->bus_error);
    const int failure = live_below(&child, &child.report->error);
    child.report->finished = !failure;
    _exit(failure ? 1 : 0);
}
