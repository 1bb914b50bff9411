/* The rings' own loops between two threads of one process, where the thread sanitizer sees both
 * sides: it watches one process alone, and the pairs that are measured are two. Everything else is
 * as in a trial: the parent creates, each side has its own copy of the state as after a fork and
 * attaches, both verify contents both ways, then play ping-pong or stream. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "base/error.h"
#include "harness/buffers.h"
#include "harness/leftovers.h"
#include "harness/loop_run.h"
#include "transports/common/ring.h"

#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define UNDER_THREAD_SANITIZER
#endif
#elif defined(__SANITIZE_THREAD__)
#define UNDER_THREAD_SANITIZER
#endif

/* The sanitizer knows the C library's semaphores, locks and eventfd; semop is to it a call like any
 * other, and what one orders would look unordered. This one, used by the rings in place of the C
 * library's, says what the kernel's does: it orders memory as a semaphore does. */
#ifdef UNDER_THREAD_SANITIZER
#include <sanitizer/tsan_interface.h>
#include <sys/sem.h>
#include <sys/syscall.h>
#include <unistd.h>

static const char
    xsi_semaphores[8]; /* addresses that stand for the semaphores of the one set in use */

int semop(int set, struct sembuf *operations, size_t count)
{
    void *const semaphore = (void *)&xsi_semaphores[operations[0].sem_num];
    assert_true(count == 1 && operations[0].sem_num < sizeof(xsi_semaphores));
    if (operations[0].sem_op > 0)
        __tsan_release(semaphore);
    const long status = syscall(SYS_semop, set, operations, count);
    if (!status && operations[0].sem_op < 0)
        __tsan_acquire(semaphore);
    return (int)status;
}
#endif

enum { PAGE_BYTES = 4096 };

/* Each byte of the large ones is read as part of a word; the small ones end within a word. Both
 * take the same slots. */
enum { MESSAGE_BYTES = 128, VERIFIED_BYTES = 99, MESSAGE_WORDS = MESSAGE_BYTES / 8 };

/* What a stream without a deadline sends: batches of 1, 2 and 4, since STREAM_MESSAGES_LEAST is 5. */
enum { BURST_MESSAGES = 7 };

/* For each loop. Where two threads that spin have one CPU, every message costs a time slice. */
enum { MESSAGES = 100 * BURST_MESSAGES, MESSAGES_SPINNING = 4 * BURST_MESSAGES };

static const uint64_t slot_counts[] = {1, 2, 7};

struct variant {
    enum ring_sync sync;
    enum ring_copy copy;
    uint64_t order; /* as the option has it */
    uint64_t batch;
};

/* Of the slot counts, those that hold it. */
enum { BATCH = 2 };

static bool batches(enum ring_sync sync)
{
    return sync != RING_RWLOCK && sync != RING_SPINLOCK;
}

/* One thread. */
struct actor {
    enum side side;
    bool streams; /* else plays ping-pong */
    size_t messages;
    const struct loop_set *loops;
    struct channel channel;
    struct ring_state state;
    struct loop_run verified; /* the pass that receives */
    struct loop_run run;      /* ping, pong, produce or consume */
};

/* What all tests share; made before there are threads. */
struct stage {
    struct leftovers leftovers;
    struct buffers buffers[SIDE_COUNT];
    uint32_t samples[MESSAGES];
};

static int open_stage(void **state)
{
    struct stage *const stage = calloc(1, sizeof(*stage));
    struct error error = {0};

    assert_non_null(stage);
    if (leftovers_open(&stage->leftovers, &error) ||
        buffers_open(&stage->buffers[SIDE_SENDER], MESSAGE_BYTES, 0, &error) ||
        buffers_open(&stage->buffers[SIDE_RECEIVER], MESSAGE_BYTES, 0, &error))
        fail_msg("%s", error.message);
    *state = stage;
    return 0;
}

static int close_stage(void **state)
{
    struct stage *const stage = *state;

    leftovers_close(&stage->leftovers);
    free(stage);
    return 0;
}

/* A loop that failed leaves its peer waiting for ever: the test ends here. */
static void play(loop_function *loop, struct loop_run *run)
{
    loop(run);
    if (!run->failure)
        return;
    fprintf(stderr, "%s: %s\n", run->failed_step, error_name(-run->failure));
    abort();
}

/* Forward if this side sends, else backward, and the other way round. */
static void verify(struct actor *actor)
{
    struct loop_run sent = actor->run;

    sent.message_bytes = VERIFIED_BYTES;
    sent.verify_messages = actor->messages;
    actor->verified = sent;
    if (actor->side == SIDE_SENDER)
        play(actor->loops->verify_produce, &sent);
    play(actor->loops->verify_consume, &actor->verified);
    if (actor->side == SIDE_RECEIVER)
        play(actor->loops->verify_produce, &sent);
}

static void *act(void *argument)
{
    struct actor *const actor = argument;
    const struct loop_set *const loops = actor->loops;
    const bool sends = actor->side == SIDE_SENDER;

    verify(actor);
    if (!actor->streams)
        play(sends ? loops->ping[TOUCH_ALL] : loops->pong[TOUCH_ALL], &actor->run);
    for (size_t sent = 0; actor->streams && sent < actor->messages; sent += BURST_MESSAGES) {
        const uint64_t before = actor->run.sequence;
        play(sends ? loops->produce[TOUCH_ALL] : loops->consume[TOUCH_ALL], &actor->run);
        actor->run.messages = actor->run.sequence - before;
        if (actor->run.messages != BURST_MESSAGES)
            break;
    }
    return NULL;
}

static void attach(struct actor *actor, struct stage *stage)
{
    struct error error = {0};

    actor->channel.state = &actor->state;
    if (ring_attach(&actor->channel, &actor->state, actor->side, &error))
        fail_msg("%s", error.message);
    actor->state.meter.clock_kind = CLOCK_KIND_MONOTONIC;
    actor->run = (struct loop_run){
        .state = &actor->state,
        .send_buffer = stage->buffers[actor->side].send,
        .receive_buffer = stage->buffers[actor->side].receive,
        .message_bytes = MESSAGE_BYTES,
        .clock_kind = CLOCK_KIND_MONOTONIC,
        .sequence_mask = UINT64_MAX,
        .batch_ticks = UINT64_MAX, /* batches grow whatever the time */
        .deadline_ticks = actor->streams ? 0 : UINT64_MAX,
        .samples = stage->samples,
        .sample_capacity = actor->messages - 1, /* spans between that many messages */
    };
}

/* Every word of a message is its number, that of a stop marker -1: the sum of all that was read. */
static uint64_t expected_sink(const struct actor *actor)
{
    const uint64_t numbers = (uint64_t)actor->messages * (actor->messages - 1) / 2;
    const uint64_t stops = actor->side == SIDE_SENDER ? 0
                           : actor->streams           ? actor->messages / BURST_MESSAGES
                                                      : 1;
    return actor->side == SIDE_SENDER && actor->streams ? 0 : MESSAGE_WORDS * (numbers - stops);
}

static void assert_intact(const struct actor *actor)
{
    const struct integrity intact = {0};

    assert_memory_equal(&actor->verified.integrity, &intact, sizeof(intact));
    assert_memory_equal(&actor->run.integrity, &intact, sizeof(intact));
    assert_int_equal(actor->run.sequence, actor->messages);
    assert_int_equal(actor->run.sink, expected_sink(actor));
}

static void run_actors(struct actor *sender, struct actor *receiver)
{
    pthread_t thread;

    assert_int_equal(pthread_create(&thread, NULL, act, receiver), 0);
    act(sender);
    assert_int_equal(pthread_join(thread, NULL), 0);
    assert_intact(sender);
    assert_intact(receiver);
}

/* One trial with a region of its own. */
static void run_trial(struct stage *stage, const struct variant *variant, uint64_t slot_count,
                      bool streams)
{
    struct error error = {0};
    const enum ring_sync sync = variant->sync;
    struct ring_state state = {.sync = sync, .order = variant->order};
    struct channel channel = {
        .state = &state, .leftovers = &stage->leftovers, .metered = streams, .seed = 7};

    const struct ring_size size = {.message_bytes = MESSAGE_BYTES, .slot_count = slot_count};
    assert_int_equal(ring_plan(&state.plan, &size, PAGE_BYTES, &error), 0);
    assert_int_equal(ring_plan_batch(&state, variant->batch, PAGE_BYTES, &error), 0);
    void *const region = mmap(NULL, state.plan.region_bytes, PROT_READ | PROT_WRITE,
                              MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    assert_ptr_not_equal(region, MAP_FAILED);
    state.region = region;
    const int failure = ring_create(&channel, &state, &error);
    struct actor sender = {
        .side = SIDE_SENDER,
        .streams = streams,
        .messages = ring_sync_spins(sync) ? MESSAGES_SPINNING : MESSAGES,
        .loops = variant->batch > 1 ? ring_batch_loops(sync, variant->copy)
                                    : ring_loops(sync, variant->copy, variant->order),
        .channel = channel,
        .state = state,
    };
    struct actor receiver = sender;
    receiver.side = SIDE_RECEIVER;
    if (!failure) {
        attach(&sender, stage);
        attach(&receiver, stage);
        run_actors(&sender, &receiver);
    }
    ring_destroy(&channel, &state);
    munmap(region, state.plan.region_bytes);
    if (failure && error.unavailable) {
        print_message("skipped: %s\n", error.message);
        skip();
    }
    if (failure)
        fail_msg("%s", error.message);
}

static void run_order(struct stage *stage, const struct variant *variant)
{
    for (size_t index = 0; index < sizeof(slot_counts) / sizeof(slot_counts[0]); ++index) {
        run_trial(stage, variant, slot_counts[index], false);
        run_trial(stage, variant, slot_counts[index], true);
    }
}

static void run_variant(struct stage *stage, enum ring_sync sync, enum ring_copy copy)
{
    const struct variant batching = {sync, copy, RING_SEQUENTIAL, BATCH};

    run_order(stage, &(struct variant){sync, copy, RING_SEQUENTIAL, 1});
    for (size_t index = 0; index < sizeof(slot_counts) / sizeof(slot_counts[0]); ++index) {
        if (slot_counts[index] < BATCH || !batches(sync))
            continue;
        run_trial(stage, &batching, slot_counts[index], false);
        run_trial(stage, &batching, slot_counts[index], true);
    }
}

/* Both sides find the same slots, whatever the order. */
static void run_orders(struct stage *stage, enum ring_sync sync)
{
    run_order(stage, &(struct variant){sync, RING_COPY_NO, RING_RANDOM, 1});
    run_order(stage,
              &(struct variant){sync, RING_COPY_NO, RING_STRIDE | 3 << OPTION_CHOICE_BITS, 1});
}

static void futex_in_other_orders(void **state)
{
    run_orders(*state, RING_FUTEX);
}

static void eventfd_in_other_orders(void **state)
{
    run_orders(*state, RING_EVENTFD);
}

#define TEST_SYNC(name, sync)                                                                      \
    static void name##_copying(void **state)                                                       \
    {                                                                                              \
        run_variant(*state, sync, RING_COPY_YES);                                                  \
    }                                                                                              \
    static void name##_in_place(void **state)                                                      \
    {                                                                                              \
        run_variant(*state, sync, RING_COPY_NO);                                                   \
    }

TEST_SYNC(sem, RING_SEM)
TEST_SYNC(named_sem, RING_NAMED_SEM)
TEST_SYNC(xsi_sem, RING_XSI_SEM)
TEST_SYNC(futex, RING_FUTEX)
TEST_SYNC(mutex, RING_MUTEX)
TEST_SYNC(eventfd, RING_EVENTFD)
TEST_SYNC(spin, RING_SPIN)
TEST_SYNC(rwlock, RING_RWLOCK)
TEST_SYNC(spinlock, RING_SPINLOCK)
_Static_assert(RING_SYNCS == 9, "each sync is tested");

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sem_copying),           cmocka_unit_test(sem_in_place),
        cmocka_unit_test(named_sem_copying),     cmocka_unit_test(named_sem_in_place),
        cmocka_unit_test(xsi_sem_copying),       cmocka_unit_test(xsi_sem_in_place),
        cmocka_unit_test(futex_copying),         cmocka_unit_test(futex_in_place),
        cmocka_unit_test(mutex_copying),         cmocka_unit_test(mutex_in_place),
        cmocka_unit_test(eventfd_copying),       cmocka_unit_test(eventfd_in_place),
        cmocka_unit_test(spin_copying),          cmocka_unit_test(spin_in_place),
        cmocka_unit_test(futex_in_other_orders), cmocka_unit_test(eventfd_in_other_orders),
        cmocka_unit_test(rwlock_copying),        cmocka_unit_test(rwlock_in_place),
        cmocka_unit_test(spinlock_copying),      cmocka_unit_test(spinlock_in_place),
    };
    return cmocka_run_group_tests(tests, open_stage, close_stage);
}
