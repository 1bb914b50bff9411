/* One process's ring, as uring_setup.c makes it, uring_probe.c tries it and the loops of uring_loops.c
 * use it.
 *
 * What the options choose is in two prepared requests, so that the loops copy one, fill in address and
 * length, and test nothing: pipe or socket, registered or not, is all the same to them. */
#ifndef IPCBENCH_TRANSPORTS_COMMON_URING_PARTS_H
#define IPCBENCH_TRANSPORTS_COMMON_URING_PARTS_H

#include <liburing.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "harness/options.h"
#include "harness/wait.h"
#include "transports/common/uring.h"

struct error;

/* What a completion answers (user_data). */
enum uring_request { URING_SEND = 1, URING_RECEIVE_REQUEST = 2 };

/* Multishot: what has come and has not been looked at. At least one per provided buffer, and one more
 * for the completion that says that there were no more. */
enum { URING_BUFFERS_MOST = 256, URING_ARRIVALS = 2 * URING_BUFFERS_MOST };
struct uring_arrival {
    int32_t result; /* bytes, or -errno */
    uint16_t buffer;
};

/* Sends: slots 0 to batch - 1, filled in order and sent in order. */
struct uring_sends {
    unsigned char *slots;
    unsigned batch;
    unsigned gathered;     /* slots filled and not sent yet */
    unsigned done;         /* of those, arrived as a whole in the kernel */
    unsigned pending;      /* requests under way */
    size_t moved_bytes;    /* of the first one that is not done */
    uint64_t stop_mask;    /* a message that is all of these bits ends a loop: nothing follows it */
    unsigned awaited_mask; /* all ones where a receive may wait for its sends as well, else 0 */
};

/* Provided buffers, of chunk_bytes each. */
struct uring_buffers {
    struct io_uring_buf_ring *ring; /* NULL: none */
    size_t ring_bytes;
    unsigned char *memory;
    size_t memory_bytes;
    size_t stride_bytes;
    unsigned chunk_bytes;
    unsigned count; /* a power of two */
    bool armed;     /* the one request is under way */
    int held;       /* a buffer that the message or a part of it lies in; -1: none */
    unsigned held_at;
    unsigned held_bytes; /* not taken yet */
    unsigned head;       /* of arrivals */
    unsigned tail;
    struct uring_arrival arrivals[URING_ARRIVALS];
};

struct uring {
    struct wait_meter meter;
    struct io_uring ring;
    struct io_uring_sqe send;
    struct io_uring_sqe receive;
    struct uring_sends sends;
    unsigned char *message; /* where one is received to, or put together */
    bool received;          /* single: the answer is here */
    int received_result;
    int failure; /* -errno of a send; 0: none */
    size_t stride_bytes;
    struct uring_buffers buffers;
    unsigned char *memory; /* the slots and the message */
    size_t memory_bytes;
    bool has_ring;
    bool has_registered_buffers;
};

/* What a ring is made from. */
struct uring_plan {
    const struct options *options;
    size_t message_bytes;
    int in;
    int out;
    int sq_cpu; /* sqpoll: where its thread is pinned; -1: nowhere */
};

#define URING_MEMLOCK_KNOB "ulimit -l (RLIMIT_MEMLOCK), or CAP_IPC_LOCK"

static inline bool uring_registers(const struct uring_plan *plan, enum uring_fixed what)
{
    return plan->options->values[URING_FIXED] & what;
}

static inline bool uring_is_multishot(const struct uring_plan *plan)
{
    return plan->options->values[URING_RECEIVE] == URING_RECEIVE_MULTISHOT;
}

/* Slots and message of one process. */
size_t uring_memory_bytes(const struct uring_plan *plan);

/* Zeroed, or NULL with the error filled. uring_close frees it, opened wholly, in part or not at all. */
struct uring *uring_new(struct error *error);
int uring_open(struct uring *uring, const struct uring_plan *plan, struct error *error);
void uring_close(struct uring *uring);

#endif
