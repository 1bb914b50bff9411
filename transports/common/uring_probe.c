/* Can these options work here? Tried with a small ring of the same kind, for what a ring cannot be made
 * before the processes are there that it belongs to. */
#include <errno.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/error.h"
#include "harness/free_memory.h"
#include "transports/common/capabilities.h"
#include "transports/common/uring.h"
#include "transports/common/uring_parts.h"

/* 0 where the kernel does not tell. */
static int count_cpus(void)
{
    cpu_set_t allowed;
    return sched_getaffinity(0, sizeof(allowed), &allowed) ? 0 : CPU_COUNT(&allowed);
}

static int check_combination(const struct options *options, struct error *error)
{
    const uint64_t *values = options->values;
    const int cpus = count_cpus(), cpus_needed = 2 * SIDE_COUNT;
    if (values[URING_RECEIVE] == URING_RECEIVE_MULTISHOT && values[URING_OVER] == URING_OVER_PIPE)
        return error_unavailable(error, "over=uds-stream",
                                 "receive=multishot is for sockets, not for pipes");
    if (values[URING_SQPOLL] && values[URING_TASKRUN] != URING_TASKRUN_INTERRUPT)
        return error_unavailable(error, "taskrun=interrupt, or sqpoll=no",
                                 "taskrun= is about system calls, which sqpoll= does without");
    if (values[URING_SQPOLL] == URING_SQPOLL_OWN_CPU && values[URING_WAIT] == WAIT_SPIN)
        return error_unavailable(error, "wait=block, or sqpoll=free-cpu",
                                 "a process that spins leaves its CPU to no kernel thread");
    if (values[URING_SQPOLL] == URING_SQPOLL_FREE_CPU && cpus && cpus < cpus_needed)
        return error_unavailable(error, "more CPUs (taskset, cpuset), or sqpoll=own-cpu",
                                 "two processes and two kernel threads need %d CPUs: %d here",
                                 cpus_needed, cpus);
    return 0;
}

/* Both processes' buffers, against the limit of the user. */
static int check_locked(const struct uring_plan *plan, struct error *error)
{
    const size_t bytes = SIDE_COUNT * uring_memory_bytes(plan);
    struct rlimit limit;
    if (!uring_registers(plan, URING_FIXED_BUFFERS) ||
        capability_is_effective(CAPABILITY_IPC_LOCK) || getrlimit(RLIMIT_MEMLOCK, &limit) ||
        limit.rlim_cur >= bytes)
        return 0;
    return error_unavailable(error, URING_MEMLOCK_KNOB,
                             "registered buffers of both processes: %zu bytes, locked memory may "
                             "have %llu",
                             bytes, (unsigned long long)limit.rlim_cur);
}

/* Kernels before 6.0 take the flag for an error, in the completion. */
static int try_multishot(struct uring *uring, int peer, struct error *error)
{
    const char byte = 1;
    struct io_uring_cqe *completion;
    struct io_uring_sqe *const request = io_uring_get_sqe(&uring->ring);
    *request = uring->receive;
    if (send(peer, &byte, 1, MSG_NOSIGNAL) != 1)
        return error_system(error, errno, "send");
    int result = io_uring_submit_and_wait(&uring->ring, 1);
    if (result >= 0)
        result = io_uring_peek_cqe(&uring->ring, &completion);
    if (!result)
        result = completion->res;
    if (result > 0)
        return 0;
    return error_unavailable(error, "Linux 6.0, or receive=single", "multishot receive: %s",
                             error_name(-result));
}

/* A ring as the children will make theirs, with a message of one byte. */
static int try_ring(const struct options *options, struct error *error)
{
    int ends[2];
    struct uring *const uring = uring_new(error);
    if (!uring)
        return -ENOMEM;
    int failure = socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) ? -errno : 0;
    if (failure) {
        free(uring);
        return error_system(error, -failure, "socketpair");
    }
    const struct uring_plan plan = {
        .options = options,
        .message_bytes = 1,
        .in = ends[0],
        .out = ends[0],
        .sq_cpu = -1,
    };
    failure = uring_open(uring, &plan, error);
    if (!failure && uring_is_multishot(&plan))
        failure = try_multishot(uring, ends[1], error);
    uring_close(uring);
    close(ends[0]);
    close(ends[1]);
    return failure;
}

int uring_probe(const struct options *options, size_t message_bytes, struct error *error)
{
    const struct uring_plan plan = {.options = options, .message_bytes = message_bytes};
    int failure = check_combination(options, error);
    if (!failure)
        failure = check_locked(&plan, error);
    if (!failure)
        failure =
            free_memory_check("", SIDE_COUNT * uring_memory_bytes(&plan), "a smaller size", error);
    return failure ? failure : try_ring(options, error);
}
