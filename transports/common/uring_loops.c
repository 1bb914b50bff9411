/* The hot loops over a ring.
 *
 * A send is a request whose completion is waited for, since the slot is the loop's again as soon as
 * the send returns. What went short is sent again from there: a byte stream has to stay in order, so
 * several at once are linked, and where one goes short the kernel cancels those behind it.
 *
 * With batch=N sends are gathered: they go when there are N, with the next receive in one system call,
 * or at a loop's last message, which is known by its number. That needs a loop that receives after it
 * sends, or sends without pause until its end; the others (paced, fill, verify) send each at once. */
#include <string.h>

#include "harness/loop_set.h"
#include "transports/common/uring.h"
#include "transports/common/uring_parts.h"

/* How the loops differ, constants to the compiler. */
enum { SINGLE = 0, MULTISHOT = 1, GATHER = 2 };

static ALWAYS_INLINE struct uring *uring_of(void *state)
{
    return ((struct uring_channel *)state)->uring;
}

/* There is room: no more is ever under way than the ring was made for. */
static ALWAYS_INLINE struct io_uring_sqe *put_request(struct uring *uring,
                                                      const struct io_uring_sqe *prepared,
                                                      const void *address, size_t bytes)
{
    struct io_uring_sqe *const request = io_uring_get_sqe(&uring->ring);
    *request = *prepared;
    request->addr = (uintptr_t)address;
    request->len = (uint32_t)bytes;
    return request;
}

static ALWAYS_INLINE bool is_transient(int result)
{
    return result == -EINTR || result == -EAGAIN || result == -ECANCELED;
}

static ALWAYS_INLINE void note_sent(struct uring *uring, int result, size_t bytes)
{
    struct uring_sends *const sends = &uring->sends;
    --sends->pending;
    if (LIKELY(result >= 0 && (size_t)result == bytes - sends->moved_bytes)) {
        ++sends->done;
        sends->moved_bytes = 0;
    } else if (result > 0) {
        sends->moved_bytes += (size_t)result;
    } else if (!is_transient(result)) {
        uring->failure = result ? result : -EIO;
    }
}

static ALWAYS_INLINE void note_received(struct uring *uring, const struct io_uring_cqe *completion,
                                        int shape)
{
    if (!(shape & MULTISHOT)) {
        uring->received = true;
        uring->received_result = completion->res;
        return;
    }
    struct uring_buffers *const buffers = &uring->buffers;
    if (UNLIKELY(!(completion->flags & IORING_CQE_F_MORE)))
        buffers->armed = false;
    buffers->arrivals[buffers->tail++ % URING_ARRIVALS] = (struct uring_arrival){
        .result = completion->res,
        .buffer = (uint16_t)(completion->flags >> IORING_CQE_BUFFER_SHIFT),
    };
}

/* Takes in all completions that are there. */
static ALWAYS_INLINE void reap(struct uring *uring, size_t bytes, int shape)
{
    struct io_uring_cqe *completion;
    unsigned head, count = 0;
    io_uring_for_each_cqe(&uring->ring, head, completion)
    {
        if (completion->user_data == URING_SEND)
            note_sent(uring, completion->res, bytes);
        else
            note_received(uring, completion, shape);
        ++count;
    }
    io_uring_cq_advance(&uring->ring, count);
}

/* Submits what has been put into the ring, and waits: asleep for `awaited` completions, spinning for
 * one. */
static ALWAYS_INLINE int step(struct uring *uring, size_t bytes, unsigned awaited,
                              enum wait_kind wait, int shape)
{
    int result;
    if (wait == WAIT_SPIN) {
        struct io_uring_cqe *completion;
        result = io_uring_submit(&uring->ring);
        if (LIKELY(result >= 0) && io_uring_peek_cqe(&uring->ring, &completion))
            WAIT_SPIN_UNTIL(&uring->meter, !io_uring_peek_cqe(&uring->ring, &completion));
    } else {
        result = io_uring_submit_and_wait(&uring->ring, awaited);
    }
    if (UNLIKELY(result < 0 && !is_transient(result)))
        return result;
    reap(uring, bytes, shape);
    return uring->failure;
}

/* Linked, but for the last. */
static ALWAYS_INLINE void put_sends(struct uring *uring, size_t bytes, unsigned count)
{
    struct uring_sends *const sends = &uring->sends;
    size_t moved_bytes = sends->moved_bytes;
    for (unsigned index = sends->done; index < count; ++index) {
        struct io_uring_sqe *const request = put_request(
            uring, &uring->send, sends->slots + index * uring->stride_bytes + moved_bytes,
            bytes - moved_bytes);
        if (index + 1 < count)
            request->flags |= IOSQE_IO_LINK;
        moved_bytes = 0;
    }
    sends->pending = count - sends->done;
}

/* Sends the first `count` slots. */
static ALWAYS_INLINE int send_slots(struct uring *uring, size_t bytes, unsigned count,
                                    enum wait_kind wait, int shape)
{
    struct uring_sends *const sends = &uring->sends;
    int failure = 0;
    while (sends->done < count && !failure) {
        if (!sends->pending)
            put_sends(uring, bytes, count);
        failure = step(uring, bytes, sends->pending, wait, shape);
    }
    sends->done = sends->gathered = 0;
    return failure;
}

static ALWAYS_INLINE int uring_commit(struct uring *uring, unsigned char *slot, size_t bytes,
                                      enum wait_kind wait, int shape)
{
    struct uring_sends *const sends = &uring->sends;
    if (!(shape & GATHER))
        return send_slots(uring, bytes, 1, wait, shape);
    const bool is_last = loop_load_sequence(slot, sends->stop_mask) == sends->stop_mask;
    if (++sends->gathered < sends->batch && LIKELY(!is_last))
        return 0;
    return send_slots(uring, bytes, sends->gathered, wait, shape);
}

/* Gathered sends go along with a receive, in front of it. */
static ALWAYS_INLINE void put_gathered(struct uring *uring, size_t bytes, int shape)
{
    const struct uring_sends *const sends = &uring->sends;
    if (shape & GATHER && sends->gathered && !sends->pending)
        put_sends(uring, bytes, sends->gathered);
}

/* One step towards an arrival. Sends of a size that is written whole or not at all are waited for
 * together with what answers them; for others that could be for ever: nobody answers half a message. */
static ALWAYS_INLINE int step_to_arrival(struct uring *uring, size_t bytes, enum wait_kind wait,
                                         int shape)
{
    struct uring_sends *const sends = &uring->sends;
    if (!(shape & GATHER))
        return step(uring, bytes, 1, wait, shape);
    put_gathered(uring, bytes, shape);
    const int failure = step(uring, bytes, 1 + (sends->pending & sends->awaited_mask), wait, shape);
    if (sends->gathered && sends->done == sends->gathered)
        sends->done = sends->gathered = 0;
    return failure;
}

/* Sends that go with a receive and have not come back: the slots are needed again. */
static ALWAYS_INLINE int finish_sends(struct uring *uring, size_t bytes, enum wait_kind wait,
                                      int shape)
{
    if (!(shape & GATHER) || LIKELY(!uring->sends.gathered))
        return 0;
    return send_slots(uring, bytes, uring->sends.gathered, wait, shape);
}

static ALWAYS_INLINE int receive_single(struct uring *uring, size_t bytes, enum wait_kind wait,
                                        int shape)
{
    for (size_t at = 0; at < bytes;) {
        uring->received = false;
        put_gathered(uring, bytes, shape);
        put_request(uring, &uring->receive, uring->message + at, bytes - at);
        while (!uring->received) {
            const int failure = step_to_arrival(uring, bytes, wait, shape);
            if (UNLIKELY(failure))
                return failure;
        }
        const int result = uring->received_result;
        if (LIKELY(result > 0))
            at += (size_t)result;
        else if (!is_transient(result))
            return result ? result : -EPIPE; /* the peer closed its end */
    }
    return finish_sends(uring, bytes, wait, shape);
}

static ALWAYS_INLINE void give_back_buffer(struct uring_buffers *buffers)
{
    io_uring_buf_ring_add(
        buffers->ring, buffers->memory + (size_t)buffers->held * buffers->stride_bytes,
        buffers->chunk_bytes, (unsigned short)buffers->held, (int)buffers->count - 1, 0);
    io_uring_buf_ring_advance(buffers->ring, 1);
    buffers->held = -1;
}

/* Holds the next buffer that something came in. What has come already costs no system call. */
static ALWAYS_INLINE int next_buffer(struct uring *uring, size_t bytes, enum wait_kind wait,
                                     int shape)
{
    struct uring_buffers *const buffers = &uring->buffers;
    for (;;) {
        if (buffers->head == buffers->tail && !uring->sends.gathered)
            reap(uring, bytes, shape);
        while (buffers->head == buffers->tail) {
            put_gathered(uring, bytes, shape);
            if (UNLIKELY(!buffers->armed)) {
                put_request(uring, &uring->receive, NULL, 0);
                buffers->armed = true;
            }
            const int failure = step_to_arrival(uring, bytes, wait, shape);
            if (UNLIKELY(failure))
                return failure;
        }
        const struct uring_arrival arrival = buffers->arrivals[buffers->head++ % URING_ARRIVALS];
        if (LIKELY(arrival.result > 0)) {
            buffers->held = arrival.buffer;
            buffers->held_at = 0;
            buffers->held_bytes = (unsigned)arrival.result;
            return 0;
        }
        if (arrival.result != -ENOBUFS && !is_transient(arrival.result))
            return arrival.result ? arrival.result : -EPIPE;
    }
}

/* A message that fills a buffer is read there; one that came in pieces is put together. */
static ALWAYS_INLINE int receive_multishot(struct uring *uring, size_t bytes,
                                           unsigned char **message, enum wait_kind wait, int shape)
{
    struct uring_buffers *const buffers = &uring->buffers;
    for (size_t at = 0; at < bytes;) {
        if (buffers->held < 0) {
            const int failure = next_buffer(uring, bytes, wait, shape);
            if (UNLIKELY(failure))
                return failure;
        }
        unsigned char *const from =
            buffers->memory + (size_t)buffers->held * buffers->stride_bytes + buffers->held_at;
        if (LIKELY(at == 0 && buffers->held_bytes == bytes)) {
            *message = from;
            return finish_sends(uring, bytes, wait, shape);
        }
        const size_t wanted = bytes - at;
        const unsigned taken =
            buffers->held_bytes < wanted ? buffers->held_bytes : (unsigned)wanted;
        memcpy(uring->message + at, from, taken);
        at += taken;
        buffers->held_at += taken;
        buffers->held_bytes -= taken;
        if (!buffers->held_bytes)
            give_back_buffer(buffers);
    }
    *message = uring->message;
    return finish_sends(uring, bytes, wait, shape);
}

static ALWAYS_INLINE int uring_acquire(struct uring *uring, size_t bytes, unsigned char **message,
                                       enum wait_kind wait, int shape)
{
    if (shape & MULTISHOT)
        return receive_multishot(uring, bytes, message, wait, shape);
    *message = uring->message;
    return receive_single(uring, bytes, wait, shape);
}

static ALWAYS_INLINE int uring_release(struct uring *uring, const unsigned char *message, int shape)
{
    if (shape & MULTISHOT && LIKELY(message != uring->message))
        give_back_buffer(&uring->buffers);
    return 0;
}

static ALWAYS_INLINE int uring_reserve(void *state, unsigned char *own, size_t bytes,
                                       unsigned char **slot)
{
    const struct uring *const uring = uring_of(state);
    (void)own, (void)bytes;
    *slot = uring->sends.slots + uring->sends.gathered * uring->stride_bytes;
    return 0;
}

/* Out of line, a direct call from the loop: behind each is a system call, beside which it does not show.
 * Inlined into every loop they made three quarters of a megabyte. */
#define URING_EXCHANGE(set, wait, shape)                                                           \
    static OUT_OF_LINE int set##_commit(void *state, unsigned char *slot, size_t bytes)            \
    {                                                                                              \
        return uring_commit(uring_of(state), slot, bytes, wait, shape);                            \
    }                                                                                              \
    static OUT_OF_LINE int set##_acquire(void *state, unsigned char *own, size_t bytes,            \
                                         unsigned char **message)                                  \
    {                                                                                              \
        (void)own;                                                                                 \
        return uring_acquire(uring_of(state), bytes, message, wait, shape);                        \
    }                                                                                              \
    static ALWAYS_INLINE int set##_release(void *state, unsigned char *message, size_t bytes)      \
    {                                                                                              \
        (void)bytes;                                                                               \
        return uring_release(uring_of(state), message, shape);                                     \
    }                                                                                              \
    static const struct exchange set##_exchange = {                                                \
        .reserve = uring_reserve,                                                                  \
        .commit = set##_commit,                                                                    \
        .acquire = set##_acquire,                                                                  \
        .release = set##_release,                                                                  \
    };

/* The loops that may gather by `set`, the others by `each`, which sends each at once. */
/* clang-format off */
#define URING_GATHERING_LOOPS(set, each)                                                           \
    LOOP_ON_STATE(set##_ping_none, loop_ping, void, set##_exchange, false)                         \
    LOOP_ON_STATE(set##_ping_all, loop_ping, void, set##_exchange, true)                           \
    LOOP_ON_STATE(set##_pong_none, loop_pong, void, set##_exchange, false)                         \
    LOOP_ON_STATE(set##_pong_all, loop_pong, void, set##_exchange, true)                           \
    LOOP_ON_STATE(set##_produce_none, loop_produce, void, set##_exchange, false)                   \
    LOOP_ON_STATE(set##_produce_all, loop_produce, void, set##_exchange, true)                     \
    LOOP_ON_STATE(set##_burst_none, loop_burst, void, set##_exchange, false)                       \
    LOOP_ON_STATE(set##_burst_all, loop_burst, void, set##_exchange, true)                         \
    LOOP_ON_STATE(set##_answer_none, loop_answer, void, set##_exchange, false)                     \
    LOOP_ON_STATE(set##_answer_all, loop_answer, void, set##_exchange, true)                       \
    static const struct loop_set set = {                                                           \
        .ping = LOOP_BY_TOUCH(set##_ping),                                                         \
        .pong = LOOP_BY_TOUCH(set##_pong),                                                         \
        .produce = LOOP_BY_TOUCH(set##_produce),                                                   \
        .consume = LOOP_BY_TOUCH(each##_consume),                                                  \
        .paced = LOOP_BY_TOUCH(each##_paced),                                                      \
        .collect = LOOP_BY_TOUCH(each##_collect),                                                  \
        .burst = LOOP_BY_TOUCH(set##_burst),                                                       \
        .answer = LOOP_BY_TOUCH(set##_answer),                                                     \
        .fill = each##_fill,                                                                       \
        .verify_produce = each##_verify_produce,                                                   \
        .verify_consume = each##_verify_consume,                                                   \
    };
/* clang-format on */

#define URING_LOOPS(each, gathering, wait, shape)                                                  \
    URING_EXCHANGE(each, wait, shape)                                                              \
    LOOP_SET(each, each##_exchange)                                                                \
    URING_EXCHANGE(gathering, wait, (shape) | GATHER)                                              \
    URING_GATHERING_LOOPS(gathering, each)

URING_LOOPS(block_single, block_single_gathering, WAIT_BLOCK, SINGLE)
URING_LOOPS(spin_single, spin_single_gathering, WAIT_SPIN, SINGLE)
URING_LOOPS(block_multishot, block_multishot_gathering, WAIT_BLOCK, MULTISHOT)
URING_LOOPS(spin_multishot, spin_multishot_gathering, WAIT_SPIN, MULTISHOT)

const struct loop_set *uring_loops_for(const struct options *options)
{
    static const struct loop_set *const sets[][2][2] = {
        {{&block_single, &block_single_gathering}, {&block_multishot, &block_multishot_gathering}},
        {{&spin_single, &spin_single_gathering}, {&spin_multishot, &spin_multishot_gathering}},
    };
    const uint64_t *values = options->values;
    return sets[values[URING_WAIT]][values[URING_RECEIVE]][values[URING_BATCH] > 1];
}
