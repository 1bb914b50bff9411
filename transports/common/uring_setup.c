/* Makes one process's ring, and says why where it cannot be made. */
#include <errno.h>
#include <limits.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/error.h"
#include "base/file.h"
#include "harness/loop_run.h"
#include "harness/prefault.h"
#include "transports/common/uring.h"
#include "transports/common/uring_parts.h"

/* pipe(7), PIPE_BUF; a Unix socket takes as much in one piece. */
enum { WHOLE_BYTES_MOST = 4096, SQPOLL_IDLE_MS = 1000 };
/* A larger one would be a second and third copy of what the socket holds anyway. */
enum { CHUNK_BYTES_MOST = 64 << 10, BUFFERS_LEAST = 8, BUFFERS_BYTES = 1 << 20 };

static size_t whole_pages(size_t bytes)
{
    const size_t page = (size_t)sysconf(_SC_PAGESIZE);
    return (bytes + page - 1) / page * page;
}

static size_t slots_bytes(const struct uring_plan *plan)
{
    return whole_pages(plan->options->values[URING_BATCH] *
                       message_padded_bytes(plan->message_bytes));
}

size_t uring_memory_bytes(const struct uring_plan *plan)
{
    return slots_bytes(plan) + whole_pages(message_padded_bytes(plan->message_bytes));
}

/* Setting up ------------------------------------------------------------------------------------*/

static const char *kernel_for(const struct options *options)
{
    switch ((enum uring_taskrun)options->values[URING_TASKRUN]) {
    case URING_TASKRUN_DEFER:
        return "Linux 6.1, or taskrun=interrupt";
    case URING_TASKRUN_COOP:
        return "Linux 5.19, or taskrun=interrupt";
    case URING_TASKRUN_INTERRUPT:
        break;
    }
    return options->values[URING_SQPOLL] ? "Linux 5.13, or sqpoll=no" : "Linux 5.13";
}

/* EPERM is the administrator's word, or that of whoever made the container. */
static const char *permission(void)
{
    int64_t disabled = 0;
    if (file_read_number("/proc/sys/kernel/io_uring_disabled", &disabled) || !disabled)
        return "the container's seccomp profile";
    return disabled == 1 ? "sysctl kernel.io_uring_disabled=0, or kernel.io_uring_group"
                         : "sysctl kernel.io_uring_disabled=0";
}

static int refuse_setup(const struct options *options, int failure, struct error *error)
{
    const char *knob = NULL;
    switch (failure) {
    case ENOSYS:
        knob = "a kernel with CONFIG_IO_URING, or the container's seccomp profile";
        break;
    case EPERM:
    case EACCES:
        knob = permission();
        break;
    case ENOMEM:
        knob = "ulimit -l (RLIMIT_MEMLOCK), free memory";
        break;
    case EMFILE:
    case ENFILE:
        knob = "ulimit -n (RLIMIT_NOFILE)";
        break;
    case EINVAL:
        knob = kernel_for(options);
        break;
    default:
        return error_system(error, failure, "io_uring_setup");
    }
    return error_unavailable(error, knob, "io_uring_setup: %s", error_name(failure));
}

static unsigned power_of_two_from(unsigned least)
{
    unsigned power = 1;
    while (power < least)
        power *= 2;
    return power;
}

static int open_ring(struct uring *uring, const struct uring_plan *plan, struct error *error)
{
    const uint64_t *values = plan->options->values;
    const unsigned under_way = (unsigned)values[URING_BATCH] + 1;
    struct io_uring_params params = {
        .flags = IORING_SETUP_CQSIZE,
        .cq_entries =
            power_of_two_from(under_way + (uring_is_multishot(plan) ? URING_ARRIVALS : 1)),
        .sq_thread_idle = SQPOLL_IDLE_MS,
    };
    if (values[URING_TASKRUN] == URING_TASKRUN_COOP)
        params.flags |= IORING_SETUP_COOP_TASKRUN | IORING_SETUP_TASKRUN_FLAG;
    if (values[URING_TASKRUN] == URING_TASKRUN_DEFER)
        params.flags |=
            IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN | IORING_SETUP_TASKRUN_FLAG;
    if (values[URING_SQPOLL])
        params.flags |= IORING_SETUP_SQPOLL;
    if (values[URING_SQPOLL] && plan->sq_cpu >= 0) {
        params.flags |= IORING_SETUP_SQ_AFF;
        params.sq_thread_cpu = (unsigned)plan->sq_cpu;
    }
    /* Its thread tells of completions before it gives their entries back. */
    const unsigned entries = values[URING_SQPOLL] ? 2 * under_way : under_way;
    const int failure =
        io_uring_queue_init_params(power_of_two_from(entries), &uring->ring, &params);
    if (failure)
        return refuse_setup(plan->options, -failure, error);
    uring->has_ring = true;
    return 0;
}

static int map(size_t bytes, unsigned char **memory, struct error *error)
{
    void *const address =
        mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    const int failure = address == MAP_FAILED ? -errno : prefault(address, bytes);
    if (address != MAP_FAILED)
        *memory = address;
    return failure ? error_unavailable(error, "free memory, ulimit -v, a memory cgroup's limit",
                                       "%zu bytes for messages: %s", bytes, error_name(-failure))
                   : 0;
}

static int open_memory(struct uring *uring, const struct uring_plan *plan, struct error *error)
{
    uring->memory_bytes = uring_memory_bytes(plan);
    const int failure = map(uring->memory_bytes, &uring->memory, error);
    if (failure)
        return failure;
    uring->stride_bytes = message_padded_bytes(plan->message_bytes);
    uring->message = uring->memory + slots_bytes(plan);
    uring->sends = (struct uring_sends){
        .slots = uring->memory,
        .batch = (unsigned)plan->options->values[URING_BATCH],
        .stop_mask = loop_sequence_mask(plan->message_bytes),
        .awaited_mask = plan->message_bytes <= WHOLE_BYTES_MOST ? UINT_MAX : 0,
    };
    return 0;
}

/* In a pool of the user's own: those of the peer count as well, and those of other programs. */
static int register_buffers(struct uring *uring, const struct uring_plan *plan, struct error *error)
{
    const size_t slots = slots_bytes(plan);
    if (slots > URING_AREA_BYTES_MOST)
        return error_unavailable(error, "a smaller batch=", "a buffer of %zu bytes: at most %zu",
                                 slots, (size_t)URING_AREA_BYTES_MOST);
    const struct iovec areas[] = {
        {.iov_base = uring->memory, .iov_len = slots},
        {.iov_base = uring->message, .iov_len = uring->memory_bytes - slots},
    };
    const int failure = io_uring_register_buffers(&uring->ring, areas, 2);
    if (failure == -ENOMEM || failure == -EPERM)
        return error_unavailable(error, URING_MEMLOCK_KNOB, "registering buffers of %zu bytes: %s",
                                 uring->memory_bytes, error_name(-failure));
    if (failure)
        return error_system(error, -failure, "registering buffers of %zu bytes",
                            uring->memory_bytes);
    uring->has_registered_buffers = true;
    return 0;
}

static void choose_chunks(struct uring_buffers *buffers, size_t message_bytes)
{
    buffers->chunk_bytes =
        message_bytes < CHUNK_BYTES_MOST ? (unsigned)message_bytes : CHUNK_BYTES_MOST;
    buffers->stride_bytes = message_padded_bytes(buffers->chunk_bytes);
    buffers->count = URING_BUFFERS_MOST;
    while (buffers->count > BUFFERS_LEAST && buffers->count * buffers->stride_bytes > BUFFERS_BYTES)
        buffers->count /= 2;
}

static int provide_buffers(struct uring *uring, const struct uring_plan *plan, struct error *error)
{
    struct uring_buffers *const buffers = &uring->buffers;
    choose_chunks(buffers, plan->message_bytes);
    buffers->ring_bytes = whole_pages(buffers->count * sizeof(struct io_uring_buf));
    buffers->memory_bytes = whole_pages(buffers->count * buffers->stride_bytes);
    unsigned char *ring = NULL;
    int failure = map(buffers->memory_bytes, &buffers->memory, error);
    if (!failure)
        failure = map(buffers->ring_bytes, &ring, error);
    buffers->ring = (struct io_uring_buf_ring *)(void *)ring;
    if (failure)
        return failure;
    struct io_uring_buf_reg reg = {.ring_addr = (uintptr_t)ring, .ring_entries = buffers->count};
    failure = io_uring_register_buf_ring(&uring->ring, &reg, 0);
    if (failure == -EINVAL)
        return error_unavailable(error, "Linux 6.0, or receive=single",
                                 "registering a ring of buffers: EINVAL");
    if (failure)
        return error_system(error, -failure, "registering a ring of %u buffers", buffers->count);
    io_uring_buf_ring_init(buffers->ring);
    for (unsigned index = 0; index < buffers->count; ++index)
        io_uring_buf_ring_add(buffers->ring, buffers->memory + index * buffers->stride_bytes,
                              buffers->chunk_bytes, (unsigned short)index, (int)buffers->count - 1,
                              (int)index);
    io_uring_buf_ring_advance(buffers->ring, (int)buffers->count);
    buffers->held = -1;
    return 0;
}

/* The two requests, but for address and length. Reads and writes of what has no position take none:
 * the offset of -1. */
static void prepare_requests(struct uring *uring, const struct uring_plan *plan)
{
    const bool files = uring_registers(plan, URING_FIXED_FILES);
    const bool buffers = uring_registers(plan, URING_FIXED_BUFFERS);
    const bool sockets = plan->options->values[URING_OVER] == URING_OVER_UDS_STREAM;
    const int in = files ? 0 : plan->in, out = files ? 1 : plan->out;
    const __u64 nowhere = (__u64)-1;
    if (buffers)
        io_uring_prep_write_fixed(&uring->send, out, NULL, 0, nowhere, 0);
    else if (sockets)
        io_uring_prep_send(&uring->send, out, NULL, 0, MSG_NOSIGNAL | MSG_WAITALL);
    else
        io_uring_prep_write(&uring->send, out, NULL, 0, nowhere);
    if (uring_is_multishot(plan))
        io_uring_prep_recv_multishot(&uring->receive, in, NULL, 0, 0);
    else if (buffers)
        io_uring_prep_read_fixed(&uring->receive, in, NULL, 0, nowhere, 1);
    else if (sockets)
        io_uring_prep_recv(&uring->receive, in, NULL, 0, MSG_WAITALL);
    else
        io_uring_prep_read(&uring->receive, in, NULL, 0, nowhere);
    const unsigned fixed_file = files ? IOSQE_FIXED_FILE : 0;
    uring->send.flags |= (__u8)fixed_file;
    uring->receive.flags |=
        (__u8)(fixed_file | (uring_is_multishot(plan) ? IOSQE_BUFFER_SELECT : 0));
    uring->send.user_data = URING_SEND;
    uring->receive.user_data = URING_RECEIVE_REQUEST;
}

int uring_open(struct uring *uring, const struct uring_plan *plan, struct error *error)
{
    int failure = open_ring(uring, plan, error);
    if (!failure)
        failure = open_memory(uring, plan, error);
    if (!failure && uring_registers(plan, URING_FIXED_BUFFERS))
        failure = register_buffers(uring, plan, error);
    if (!failure && uring_registers(plan, URING_FIXED_FILES)) {
        const int files[] = {plan->in, plan->out};
        failure = io_uring_register_files(&uring->ring, files, 2);
        if (failure)
            failure = error_system(error, -failure, "registering two files");
    }
    if (!failure && uring_is_multishot(plan))
        failure = provide_buffers(uring, plan, error);
    if (!failure)
        prepare_requests(uring, plan);
    return failure;
}

static void unmap(void *memory, size_t bytes)
{
    if (memory)
        munmap(memory, bytes);
}

/* A ring is taken down some time after it is closed. What it has pinned counts until then against the
 * limit that the next trial meets: given back first, it is free at once. */
void uring_close(struct uring *uring)
{
    /* Before 6.13 a receive that is still armed holds on to what is registered, and unregistering waits. */
    struct io_uring_sync_cancel_reg all = {
        .fd = -1,
        .flags = IORING_ASYNC_CANCEL_ANY | IORING_ASYNC_CANCEL_ALL,
        .timeout = {.tv_sec = -1, .tv_nsec = -1},
    };
    if (uring->has_registered_buffers && uring->has_ring)
        (void)io_uring_register_sync_cancel(&uring->ring, &all);
    if (uring->has_registered_buffers)
        io_uring_unregister_buffers(&uring->ring);
    if (uring->has_ring)
        io_uring_queue_exit(&uring->ring);
    unmap(uring->memory, uring->memory_bytes);
    unmap(uring->buffers.memory, uring->buffers.memory_bytes);
    unmap(uring->buffers.ring, uring->buffers.ring_bytes);
    free(uring);
}

struct uring *uring_new(struct error *error)
{
    const size_t alignment = 128;
    const size_t bytes = (sizeof(struct uring) + alignment - 1) / alignment * alignment;
    struct uring *const uring = aligned_alloc(alignment, bytes);
    if (!uring)
        error_system(error, ENOMEM, "ring");
    else
        memset(uring, 0, bytes);
    return uring;
}

/* Attaching -------------------------------------------------------------------------------------*/

/* The CPU that this process is pinned to; -1: it may run on several. */
static int own_cpu(void)
{
    cpu_set_t allowed;
    if (sched_getaffinity(0, sizeof(allowed), &allowed) || CPU_COUNT(&allowed) != 1)
        return -1;
    return sched_getcpu();
}

static void record(struct channel *channel, const struct uring *uring,
                   const struct uring_plan *plan)
{
    struct obtained *const obtained = &channel->obtained;
    obtained_number(obtained, "sq_entries", (int64_t)uring->ring.sq.ring_entries);
    obtained_number(obtained, "cq_entries", (int64_t)uring->ring.cq.ring_entries);
    if (plan->options->values[URING_SQPOLL] && plan->sq_cpu >= 0)
        obtained_number(obtained, "sq_cpu", plan->sq_cpu);
    else if (plan->options->values[URING_SQPOLL])
        obtained_text(obtained, "sq_cpu", "any");
    if (uring->has_registered_buffers)
        obtained_number(obtained, "registered_bytes", (int64_t)uring->memory_bytes);
    if (uring->buffers.ring) {
        obtained_number(obtained, "buffers", uring->buffers.count);
        obtained_number(obtained, "buffer_bytes", uring->buffers.chunk_bytes);
    }
}

int uring_attach(struct channel *channel, enum side side, struct error *error)
{
    struct uring_channel *state = channel->state;
    const uint64_t *values = channel->options.values;
    const struct uring_plan plan = {
        .options = &channel->options,
        .message_bytes = channel->message_bytes,
        .in = state->descriptors.ends[side][DIRECTION_IN],
        .out = state->descriptors.ends[side][DIRECTION_OUT],
        .sq_cpu = values[URING_SQPOLL] == URING_SQPOLL_OWN_CPU ? own_cpu() : -1,
    };
    struct uring *const uring = uring_new(error);
    if (!uring)
        return -ENOMEM;
    const int failure = uring_open(uring, &plan, error);
    if (failure) {
        uring_close(uring);
        return failure;
    }
    state->uring = uring;
    channel->meter = values[URING_WAIT] == WAIT_SPIN ? &uring->meter : NULL;
    record(channel, uring, &plan);
    return 0;
}

void uring_detach(struct channel *channel, enum side side)
{
    struct uring_channel *state = channel->state;
    (void)side;
    if (state->uring)
        uring_close(state->uring);
    state->uring = NULL;
    channel->meter = NULL;
}
