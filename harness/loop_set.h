/* How a transport instantiates the hot loops with its own functions:
 *
 *     LOOP_SET_COPYING(null_loops, null_send, null_receive)     send(state, message, bytes)
 *     LOOP_SETS_BY_WAIT(pipe_loops, pipe_send, pipe_receive)    send(state, message, bytes, wait)
 *     LOOP_SET(passing_loops, passing_exchange)                 a static const struct exchange
 *     LOOP_SET_GATHERING(...)                                   one that hands over several at once
 *
 * Transports that lend slots (zero copy) give the whole exchange; transports that copy give send
 * and receive, and the harness's own buffers stand in for the slots. */
#ifndef IPCBENCH_HARNESS_LOOP_SET_H
#define IPCBENCH_HARNESS_LOOP_SET_H

#include "harness/loops.h"
#include "harness/loops_crowd.h"
#include "harness/loops_scheduled.h"
#include "harness/wait.h"

/* The halves of an exchange that a copying transport does not need. */
static ALWAYS_INLINE int loop_reserve_own(void *state, unsigned char *own, size_t bytes,
                                          unsigned char **slot)
{
    (void)state, (void)bytes;
    *slot = own;
    return 0;
}

static ALWAYS_INLINE int loop_release_nothing(void *state, unsigned char *message, size_t bytes)
{
    (void)state, (void)message, (void)bytes;
    return 0;
}

/* Instantiates every loop for one exchange, as `static const struct loop_set set`. The exchange's
 * functions get the channel's state. */
#define LOOP_SET(set, exchange) LOOP_SET_IN(LOOP_ON_STATE, set, exchange, void, LOOP_NO_MORE)

/* The same on a copy of the state's beginning, a struct of this type, kept in registers while the loop
 * runs and written back when it ends: for transports whose state changes with every message. */
#define LOOP_SET_ON_COPY(set, exchange, type)                                                      \
    LOOP_SET_IN(LOOP_ON_COPY, set, exchange, type, LOOP_NO_MORE)

/* The same for slots in memory that both processes see: with the loops that lend one. */
#define LOOP_SET_LENT_ON_COPY(set, exchange, type)                                                 \
    LOOP_SET_IN(LOOP_ON_COPY, set, exchange, type, LOOP_LENT)

#define LOOP_ON_STATE(name, loop, type, ...)                                                       \
    static void name(struct loop_run *run)                                                         \
    {                                                                                              \
        loop(run, run->state, __VA_ARGS__);                                                        \
    }

#define LOOP_ON_COPY(name, loop, type, ...)                                                        \
    static void name(struct loop_run *run)                                                         \
    {                                                                                              \
        type copy = *(type *)run->state;                                                           \
        loop(run, &copy, __VA_ARGS__);                                                             \
        *(type *)run->state = copy;                                                                \
    }

/* Transports that keep messages back until there are some to hand over at once. `gathering` and `prompt`
 * are exchanges of which the second keeps no message of its own back; int flush(void *state) hands over
 * what is kept, whatever it is. Loops whose next step is to wait for an answer have the prompt one; of
 * the others an acquire has to flush before it waits, a paced loop flushes when the next message is not
 * due yet, and every loop when it ends: nothing is left behind, and nobody waits for what was not sent.
 * On a copy of the state's beginning, as LOOP_SET_ON_COPY. */
#define LOOP_SET_GATHERING(set, gathering, prompt, flush, type)                                    \
    static ALWAYS_INLINE void set##_end(struct loop_run *run, void *state)                         \
    {                                                                                              \
        const int failure = run->failure ? 0 : flush(state);                                       \
        if (UNLIKELY(failure))                                                                     \
            loop_failed(run, "send", failure);                                                     \
    }                                                                                              \
    static ALWAYS_INLINE void set##_pace(struct loop_run *run, void *state,                        \
                                         const struct exchange exchange, bool touch)               \
    {                                                                                              \
        loop_paced_flushing(run, state, exchange, touch, flush);                                   \
    }                                                                                              \
    LOOP_SET_OF(LOOP_GATHERING_ON_COPY, set, gathering, prompt, set##_pace, (type, set##_end),     \
                LOOP_NO_MORE)

#define LOOP_GATHERING_ON_COPY(name, loop, type_and_end, ...)                                      \
    static void name(struct loop_run *run)                                                         \
    {                                                                                              \
        LOOP_FIRST type_and_end copy = *(LOOP_FIRST type_and_end *)run->state;                     \
        loop(run, &copy, __VA_ARGS__);                                                             \
        LOOP_SECOND type_and_end(run, &copy);                                                      \
        *(LOOP_FIRST type_and_end *)run->state = copy;                                             \
    }
#define LOOP_FIRST(one, other)  one
#define LOOP_SECOND(one, other) other

#define LOOP_BY_TOUCH(name)                                                                        \
    {                                                                                              \
        [TOUCH_NONE] = name##_none, [TOUCH_ALL] = name##_all                                       \
    }

/* With the loops of several senders and receivers, with those that lend a slot, or with no more. */
/* clang-format off */
#define LOOP_CROWD(how, set, exchange, type)                                                       \
    how(set##_crowd_produce_none, loop_crowd_produce, type, exchange, false)                       \
    how(set##_crowd_produce_all, loop_crowd_produce, type, exchange, true)                         \
    how(set##_crowd_consume_none, loop_crowd_consume, type, exchange, false)                       \
    how(set##_crowd_consume_all, loop_crowd_consume, type, exchange, true)
#define LOOP_CROWD_MEMBERS(set)                                                                    \
    .crowd_produce = LOOP_BY_TOUCH(set##_crowd_produce),                                           \
    .crowd_consume = LOOP_BY_TOUCH(set##_crowd_consume),
#define LOOP_LENT(how, set, exchange, type)                                                        \
    how(set##_lend, loop_lend, type, exchange)                                                     \
    how(set##_borrow, loop_borrow, type, exchange)                                                 \
    how(set##_give_back, loop_give_back, type, exchange)
#define LOOP_LENT_MEMBERS(set)                                                                     \
    .lend = set##_lend, .borrow = set##_borrow, .give_back = set##_give_back,
#define LOOP_NO_MORE(how, set, exchange, type)
#define LOOP_NO_MORE_MEMBERS(set)

#define LOOP_SET_IN(how, set, exchange, type, more)                                                \
    LOOP_SET_OF(how, set, exchange, exchange, loop_paced, type, more)

/* One instance a line. */
#define LOOP_SET_OF(how, set, exchange, prompt, pace, type, more)                                  \
    how(set##_ping_none, loop_ping, type, prompt, false)                                           \
    how(set##_ping_all, loop_ping, type, prompt, true)                                             \
    how(set##_pong_none, loop_pong, type, prompt, false)                                           \
    how(set##_pong_all, loop_pong, type, prompt, true)                                             \
    how(set##_produce_none, loop_produce, type, exchange, false)                                   \
    how(set##_produce_all, loop_produce, type, exchange, true)                                     \
    how(set##_consume_none, loop_consume, type, exchange, false)                                   \
    how(set##_consume_all, loop_consume, type, exchange, true)                                     \
    how(set##_paced_none, pace, type, exchange, false)                                             \
    how(set##_paced_all, pace, type, exchange, true)                                               \
    how(set##_collect_none, loop_collect, type, exchange, false)                                   \
    how(set##_collect_all, loop_collect, type, exchange, true)                                     \
    how(set##_burst_none, loop_burst, type, exchange, false)                                       \
    how(set##_burst_all, loop_burst, type, exchange, true)                                         \
    how(set##_answer_none, loop_answer, type, prompt, false)                                       \
    how(set##_answer_all, loop_answer, type, prompt, true)                                         \
    how(set##_fill, loop_fill, type, prompt)                                                       \
    how(set##_verify_produce, loop_verify_produce, type, exchange)                                 \
    how(set##_verify_consume, loop_verify_consume, type, exchange)                                 \
    more(how, set, exchange, type)                                                                 \
    static const struct loop_set set = {                                                           \
        .ping = LOOP_BY_TOUCH(set##_ping),                                                         \
        .pong = LOOP_BY_TOUCH(set##_pong),                                                         \
        .produce = LOOP_BY_TOUCH(set##_produce),                                                   \
        .consume = LOOP_BY_TOUCH(set##_consume),                                                   \
        .paced = LOOP_BY_TOUCH(set##_paced),                                                       \
        .collect = LOOP_BY_TOUCH(set##_collect),                                                   \
        .burst = LOOP_BY_TOUCH(set##_burst),                                                       \
        .answer = LOOP_BY_TOUCH(set##_answer),                                                     \
        .fill = set##_fill,                                                                        \
        .verify_produce = set##_verify_produce,                                                    \
        .verify_consume = set##_verify_consume,                                                    \
        more##_MEMBERS(set)                                                                        \
    };
/* clang-format on */

/* For transports that copy: int send(void *state, const unsigned char *message, size_t bytes) and
 * int receive(void *state, unsigned char *message, size_t bytes), both moving one whole message. Those
 * on the state itself, where several may use the channel, have the loops for that too. */
#define LOOP_SET_COPYING(set, send, receive)                                                       \
    LOOP_COPYING_EXCHANGE(set, send, receive)                                                      \
    LOOP_SET_IN(LOOP_ON_STATE, set, set##_exchange, void, LOOP_CROWD)
#define LOOP_SET_COPYING_ON_COPY(set, send, receive, type)                                         \
    LOOP_COPYING_EXCHANGE(set, send, receive)                                                      \
    LOOP_SET_ON_COPY(set, set##_exchange, type)

#define LOOP_COPYING_EXCHANGE(set, send, receive)                                                  \
    static ALWAYS_INLINE int set##_commit(void *state, unsigned char *slot, size_t bytes)          \
    {                                                                                              \
        return send(state, slot, bytes);                                                           \
    }                                                                                              \
    static ALWAYS_INLINE int set##_acquire(void *state, unsigned char *own, size_t bytes,          \
                                           unsigned char **message)                                \
    {                                                                                              \
        *message = own;                                                                            \
        return receive(state, own, bytes);                                                         \
    }                                                                                              \
    static const struct exchange set##_exchange = {                                                \
        .reserve = loop_reserve_own,                                                               \
        .commit = set##_commit,                                                                    \
        .acquire = set##_acquire,                                                                  \
        .release = loop_release_nothing,                                                           \
    };

/* For descriptors: send and receive take the wait kind as a last, constant argument. Defines
 * `static const struct loop_set *const sets[WAIT_KINDS]`. */
#define LOOP_SETS_BY_WAIT(sets, send, receive)                                                     \
    LOOP_SET_FOR_WAIT(sets##_block, send, receive, WAIT_BLOCK)                                     \
    LOOP_SET_FOR_WAIT(sets##_spin, send, receive, WAIT_SPIN)                                       \
    LOOP_SET_FOR_WAIT(sets##_poll, send, receive, WAIT_POLL)                                       \
    LOOP_SET_FOR_WAIT(sets##_epoll, send, receive, WAIT_EPOLL)                                     \
    static const struct loop_set *const sets[WAIT_KINDS] = {                                       \
        [WAIT_BLOCK] = &sets##_block,                                                              \
        [WAIT_SPIN] = &sets##_spin,                                                                \
        [WAIT_POLL] = &sets##_poll,                                                                \
        [WAIT_EPOLL] = &sets##_epoll,                                                              \
    };

#define LOOP_SET_FOR_WAIT(set, send, receive, wait)                                                \
    static ALWAYS_INLINE int set##_send(void *state, const unsigned char *message, size_t bytes)   \
    {                                                                                              \
        return send(state, message, bytes, wait);                                                  \
    }                                                                                              \
    static ALWAYS_INLINE int set##_receive(void *state, unsigned char *message, size_t bytes)      \
    {                                                                                              \
        return receive(state, message, bytes, wait);                                               \
    }                                                                                              \
    LOOP_SET_COPYING(set, set##_send, set##_receive)

#endif
