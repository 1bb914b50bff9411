/* B: the same by the harness, through the public way of running a trial. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/stats.h"
#include "tests/floor/compare.h"
#include "transports/builtin.h"

enum { BATCH = 64 };
static const double warmup_seconds = 0.05;

static const struct transport *find_transport(const char *name)
{
    for (size_t index = 0; index < transports_builtin_count; ++index) {
        if (!strcmp(transports_builtin[index]->name, name))
            return transports_builtin[index];
    }
    return NULL;
}

static int node_of(const struct topology *topology, int id)
{
    const struct cpu *cpu = topology_cpu(topology, id);
    return cpu ? cpu->node : 0;
}

static int make_request(const struct compare_setting *setting, const struct compare_row *row,
                        struct trial_request *request, struct error *error)
{
    const struct transport *transport = find_transport(row->transport);
    if (!transport)
        return error_plain(error, "no transport '%s' in this build", row->transport);
    const struct cpu_pair cpus = compare_cpus(setting, row);
    *request = (struct trial_request){
        .transport = transport,
        .pattern = row->pattern,
        .message_bytes = row->message_bytes,
        .touch = TOUCH_NONE,
        .cpus = cpus,
        .sender_node = node_of(&setting->topology, cpus.sender),
        .receiver_node = node_of(&setting->topology, cpus.receiver),
        .memory = {.kind = MEMORY_LOCAL},
        .idle = IDLE_DEFAULT, /* compare holds it, if at all: for both alike */
        .warmup_seconds = warmup_seconds,
        .timed_seconds = setting->seconds,
        .clock = &setting->clock,
        .interrupted = setting->interrupted,
    };
    return options_parse(transport->options, transport->option_count, row->options,
                         &request->options, error);
}

/* The value of rank count / 2, as the floor takes it; reorders the samples (Hoare's selection). */
static uint32_t select_median(uint32_t *samples, size_t count)
{
    const size_t rank = count / 2;
    size_t low = 0, high = count - 1;
    while (low < high) {
        const uint32_t pivot = samples[low + (high - low) / 2];
        size_t left = low, right = high;
        while (left <= right) {
            while (samples[left] < pivot)
                ++left;
            while (samples[right] > pivot)
                --right;
            if (left > right)
                break;
            const uint32_t swapped = samples[left];
            samples[left++] = samples[right];
            samples[right] = swapped;
            if (!right)
                break;
            --right;
        }
        if (rank <= right && right < left)
            high = right;
        else if (rank >= left)
            low = left;
        else
            break;
    }
    return samples[rank];
}

/* A round trip's share of the median group of BATCH that followed each other. */
static double batch_median_ticks(const uint32_t *samples, size_t count)
{
    const size_t batches = count / BATCH;
    double *sums = calloc(batches ? batches : 1, sizeof(*sums));
    if (!sums)
        return 0;
    for (size_t index = 0; index < batches * BATCH; ++index)
        sums[index / BATCH] += samples[index];
    const double median = stats_median(sums, batches);
    free(sums);
    return median / BATCH;
}

static int judge(const struct trial_result *result, struct error *error)
{
    if (result->status == TRIAL_OK)
        return 0;
    if (result->status == TRIAL_INVALID && !result->messages)
        return -EAGAIN;
    *error = result->error;
    if (result->status == TRIAL_INTERRUPTED)
        return -EINTR;
    error_prefix(error, "%s: ", trial_status_name(result->status));
    return result->status == TRIAL_SKIPPED ? -ENOTSUP : -EIO;
}

int compare_measure_ours(struct compare_setting *setting, const struct compare_row *row,
                         struct compare_figures *figures, struct error *error)
{
    struct trial_request request;
    int failure = make_request(setting, row, &request, error);
    if (failure)
        return failure;
    struct trial_result result;
    trial_run(&request, &setting->workspace, &result);
    failure = judge(&result, error);
    *figures = (struct compare_figures){
        .probe_before_ns = result.probe_before_ns,
        .probe_after_ns = result.probe_after_ns,
    };
    if (!failure && row->pattern == PATTERN_STREAM) {
        figures->median_ns = figures->batch_ns = 1e9 / result.rate_per_s;
    } else if (!failure) {
        uint32_t *samples = setting->workspace.samples;
        const size_t count = (size_t)result.messages;
        figures->batch_ns = batch_median_ticks(samples, count) * setting->clock.ns_per_tick;
        figures->median_ns = clock_ns(&setting->clock, select_median(samples, count));
    }
    trial_result_free(&result);
    return failure;
}
