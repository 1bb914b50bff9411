/* The loop of the pattern `memory`: an operation on memory, pass after pass, each step timed.
 *
 * A pass is one region from its beginning to its end: `prepare` makes it ready (fresh pages, an emptied
 * cache, ...) and says how many operations it is good for, `operate` does number `index` of them,
 * `finish` puts everything back. Only `operate` is timed, and only its CPU time, faults and context
 * switches are counted. Passes go on until the deadline or until there is no room for samples.
 *
 * Where each operation is a step of its own (a page touched), every one is a sample, from the stamp after
 * the step before to the stamp after itself: one reading of the clock is in each (`-t null -p memory`
 * shows that floor; it is never subtracted). Where one call does them all (`is_bulk`: MAP_POPULATE of a
 * region), `operate` is called once per pass and the sample is its time divided by the operations: no
 * clock in it to speak of, and no tail either, since p99 is then one of means. `operations_per_sample`
 * in the result tells the two apart.
 *
 * An operation gives its transport the loops (struct transport, `memory_loops`):
 *
 *     static const struct memory_operation touch = {touch_prepare, touch_page, touch_finish, ...};
 *     MEMORY_LOOPS(touch_loops, touch)            static const struct memory_loops touch_loops
 *     MEMORY_LOOPS_WITH_PEER(set, touch, attend)  the same, with the peer's part
 */
#ifndef IPCBENCH_HARNESS_LOOPS_MEMORY_H
#define IPCBENCH_HARNESS_LOOPS_MEMORY_H

#include "harness/loops.h"

struct error;

/* A pass goes on for so long after the deadline at most. `prepare` chooses its operations so that a pass
 * takes far less. */
#define MEMORY_PATIENCE_SECONDS 2.0

/* What `prepare` says about the pass that it has made ready. */
struct memory_pass {
    uint64_t operations;      /* at least 1 */
    uint64_t operation_bytes; /* that each of them is about; 0: none */
};

typedef int memory_prepare_function(void *state, struct memory_pass *pass, struct error *error);
typedef int memory_finish_function(void *state, struct error *error);

/* All in the measuring process, the sender; functions that fail return -errno. `state` is the channel's. */
struct memory_operation {
    /* Untimed. With an error that says what could not be done. NULL: one operation of no bytes. */
    memory_prepare_function *prepare;
    /* Timed. */
    int (*operate)(void *state, uint64_t index);
    /* Untimed, after every pass that was prepared. NULL: nothing to put back. */
    memory_finish_function *finish;
    /* Untimed, once after the last pass: lets a peer that attends return. NULL: none does. */
    void (*dismiss)(void *state);
    bool is_bulk; /* `operate` does all operations of the pass at once: index 0 */
};

struct memory_loops {
    loop_function *work; /* sender: what is measured */
    loop_function
        *attend; /* receiver: from the beginning until dismissed; NULL: sleeps meanwhile */
};

/* The process's own figures where a pass's timed part begins and ends (loops_memory.c). */
void memory_pass_begins(struct loop_run *run);
void memory_pass_ends(struct loop_run *run);
/* The untimed parts with what they return; false where that is a failure, which is then in the run. */
bool memory_prepare(struct loop_run *run, memory_prepare_function *prepare,
                    struct memory_pass *pass);
bool memory_finish(struct loop_run *run, memory_finish_function *finish);

static ALWAYS_INLINE void memory_sample(struct loop_run *run, uint64_t ticks)
{
    if (UNLIKELY(ticks >= UINT32_MAX))
        loop_keep_long_sample(run, ticks);
    run->samples[run->sample_count++] = ticks >= UINT32_MAX ? UINT32_MAX : (uint32_t)ticks;
}

/* The timed part of one pass. Gives how many operations were done; fewer than asked for where one failed,
 * the room for samples is used up or the pass goes on for long after the deadline. A pass that the deadline
 * falls into is finished: its beginning alone would count for more than the rest of the region. */
static ALWAYS_INLINE uint64_t memory_pass_of_steps(struct loop_run *run,
                                                   const struct memory_operation operation,
                                                   uint64_t operations)
{
    const enum clock_kind clock_kind = run->clock_kind;
    const uint64_t cut_ticks =
        run->deadline_ticks + (uint64_t)(MEMORY_PATIENCE_SECONDS * 1e9 / run->ns_per_tick);
    const uint64_t begun_ticks = clock_ticks(clock_kind);
    uint64_t last_ticks = begun_ticks, index = 0;
    while (index < operations) {
        const int failure = operation.operate(run->state, index);
        if (UNLIKELY(failure)) {
            loop_failed(run, "operate", failure);
            break;
        }
        ++index;
        const uint64_t now_ticks = clock_ticks(clock_kind);
        memory_sample(run, now_ticks - last_ticks);
        last_ticks = now_ticks;
        if (UNLIKELY(run->sample_count == run->sample_capacity || now_ticks >= cut_ticks))
            break;
    }
    run->worked_ticks += last_ticks - begun_ticks;
    return index;
}

static ALWAYS_INLINE uint64_t memory_pass_at_once(struct loop_run *run,
                                                  const struct memory_operation operation,
                                                  uint64_t operations)
{
    const enum clock_kind clock_kind = run->clock_kind;
    const uint64_t begun_ticks = clock_ticks(clock_kind);
    const int failure = operation.operate(run->state, 0);
    const uint64_t ticks = clock_ticks(clock_kind) - begun_ticks;
    if (UNLIKELY(failure)) {
        loop_failed(run, "operate", failure);
        return 0;
    }
    memory_sample(run, ticks); /* of all; divided when it is folded */
    run->worked_ticks += ticks;
    return operations;
}

static ALWAYS_INLINE void loop_memory(struct loop_run *run, const struct memory_operation operation)
{
    run->sample_count = 0;
    run->worked_ticks = 0;
    run->worked = (struct worked){0};
    run->first_ticks = clock_ticks(run->clock_kind);
    do {
        struct memory_pass pass = {.operations = 1};
        if (!memory_prepare(run, operation.prepare, &pass))
            break;
        memory_pass_begins(run);
        const uint64_t done = operation.is_bulk
                                  ? memory_pass_at_once(run, operation, pass.operations)
                                  : memory_pass_of_steps(run, operation, pass.operations);
        memory_pass_ends(run);
        run->messages += done;
        run->operation_bytes = pass.operation_bytes;
        run->operations_per_sample = operation.is_bulk ? pass.operations : 1;
        if (!memory_finish(run, operation.finish))
            break;
    } while (!run->failure && run->sample_count < run->sample_capacity &&
             clock_ticks(run->clock_kind) < run->deadline_ticks);
    run->last_ticks = clock_ticks(run->clock_kind);
    if (operation.dismiss)
        operation.dismiss(run->state);
}

#define MEMORY_LOOPS(set, operation) MEMORY_LOOPS_WITH_PEER(set, operation, NULL)

#define MEMORY_LOOPS_WITH_PEER(set, operation, peer)                                               \
    static void set##_work(struct loop_run *run)                                                   \
    {                                                                                              \
        loop_memory(run, operation);                                                               \
    }                                                                                              \
    static const struct memory_loops set = {                                                       \
        .work = set##_work,                                                                        \
        .attend = (peer),                                                                          \
    };

#endif
