#include "harness/crew.h"
#include "harness/loops_crowd.h"
#include "harness/loops_scheduled.h"

#include <time.h>

enum { MISMATCHES_ENOUGH = 64 };

_Static_assert(CREW_LANES_MAX <= 1 << (63 - CROWD_NUMBER_BITS), "a lane must fit above the number");

void loop_failed(struct loop_run *run, const char *step, int failure)
{
    run->failed_step = step;
    run->failure = failure;
}

/* Sequence numbers travel cut to the message's size; `expected` is the full one. */
uint64_t loop_mismatch(struct loop_run *run, uint64_t expected, uint64_t got)
{
    const uint64_t number_mask = run->sequence_mask >> 1;
    const uint64_t ahead = (got - expected) & number_mask;
    const uint64_t behind = (expected - got) & number_mask;
    if (!ahead) { /* the number is right, the bit above it is not */
        ++run->integrity.corrupt;
        return expected;
    }
    if (ahead <= behind) {
        run->integrity.lost += ahead;
        return expected + ahead;
    }
    if (behind == 1)
        ++run->integrity.duplicated;
    else
        ++run->integrity.reordered;
    return expected - 1; /* the caller counts on from here: the next in order is `expected` */
}

/* Enough went wrong for the trial to be invalid. A ping-pong with surplus echoes under way would go on
 * to fill its channel, and its end would find no room. */
bool loop_is_hopeless(const struct loop_run *run)
{
    const struct integrity *const integrity = &run->integrity;
    return integrity->lost + integrity->duplicated + integrity->reordered + integrity->corrupt >=
           MISMATCHES_ENOUGH;
}

void loop_crowd_mismatch(struct loop_run *run, uint64_t next, uint64_t number)
{
    if (number + 1 == next)
        ++run->integrity.duplicated;
    else
        ++run->integrity.reordered;
}

bool loop_crowd_is_last(struct loop_run *run)
{
    if (atomic_fetch_sub_explicit(run->senders_left, 1, memory_order_acq_rel) != 1)
        return false;
    atomic_store_explicit(run->senders_left, run->crowd_senders, memory_order_relaxed);
    return true;
}

void loop_keep_long_sample(struct loop_run *run, uint64_t ticks)
{
    if (run->long_sample_count < LONG_SAMPLES_MAX)
        run->long_samples[run->long_sample_count++] = ticks;
}

void loop_sleep_until(const struct loop_run *run, uint64_t now_ticks, uint64_t due_ticks)
{
    const uint64_t ns = (uint64_t)((double)(due_ticks - now_ticks) * run->ns_per_tick);
    const struct timespec pause = {.tv_sec = (time_t)(ns / 1000000000),
                                   .tv_nsec = (long)(ns % 1000000000)};
    nanosleep(&pause, NULL);
}

void loop_progress(struct loop_run *run, uint64_t now_ticks, uint64_t received)
{
    if (run->interval_counts && now_ticks >= run->start_ticks) {
        const uint64_t interval = (now_ticks - run->start_ticks) / run->interval_ticks;
        if (interval < run->interval_capacity) {
            run->interval_counts[interval] += (uint32_t)(received - run->messages);
            if (interval >= run->interval_count)
                run->interval_count = interval + 1;
        }
    }
    run->messages = received;
    if (now_ticks < run->window_start_ticks ||
        (now_ticks > run->window_end_ticks && run->window_marks >= STREAM_MARKS_LEAST))
        return;
    ++run->window_marks;
    if (!run->window_first_ticks) {
        run->window_first_ticks = now_ticks;
        run->window_first_messages = received;
    }
    run->window_last_ticks = now_ticks;
    run->window_last_messages = received;
}

/* splitmix64's finaliser: every byte of the word depends on message and position. */
static uint64_t pattern_word(uint64_t sequence, uint64_t position)
{
    uint64_t word = sequence * UINT64_C(0x9e3779b97f4a7c15) + position + 1;
    word = (word ^ (word >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    word = (word ^ (word >> 27)) * UINT64_C(0x94d049bb133111eb);
    return word ^ (word >> 31);
}

void loop_fill_pattern(unsigned char *message, size_t bytes, uint64_t sequence)
{
    if (!bytes)
        loop_store_sequence(message, 0); /* not the stop marker */
    for (size_t at = 0; at < bytes; at += sizeof(uint64_t)) {
        const uint64_t word = pattern_word(sequence, at);
        const size_t left = bytes - at;
        memcpy(message + at, &word, left < sizeof(word) ? left : sizeof(word));
    }
}

bool loop_check_pattern(const unsigned char *message, size_t bytes, uint64_t sequence)
{
    for (size_t at = 0; at < bytes; at += sizeof(uint64_t)) {
        const uint64_t word = pattern_word(sequence, at);
        const size_t left = bytes - at;
        if (memcmp(message + at, &word, left < sizeof(word) ? left : sizeof(word)) != 0)
            return false;
    }
    return true;
}
