/* The floor: what two hand-written processes reach with one mechanism and nothing around it.
 *
 *     floor MECHANISM pingpong|stream BYTES SENDER_CPU RECEIVER_CPU SECONDS
 *
 * `compare` holds ipcbench against it, so nothing here comes from harness/ or transports/. Each
 * mechanism is one file: it says how to send and receive one number in a message of BYTES bytes
 * (the rest is not touched) and includes loops.h, which makes the four loops out of that.
 *
 * Order: create (parent), fork, pin, open, probe, warm-up, timed loop, probe, report; the parent
 * sleeps until both have ended, destroys, prints one line. */
#ifndef IPCBENCH_TESTS_FLOOR_FLOOR_H
#define IPCBENCH_TESTS_FLOOR_FLOOR_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#define FLOOR_INLINE          static inline __attribute__((always_inline))
#define FLOOR_RARE(condition) __builtin_expect(!!(condition), 0)
#define FLOOR_STOP            UINT64_MAX /* the number that ends a loop */

enum floor_side { FLOOR_SENDER, FLOOR_RECEIVER };
enum { FLOOR_SIDES = 2 };

/* What the parent made before fork; one process's copy of it afterwards. */
struct floor_channel {
    size_t message_bytes;
    int in[FLOOR_SIDES]; /* descriptors or queue ids by side; -1: none */
    int out[FLOOR_SIDES];
    int semaphore_set;     /* XSI; -1: none */
    unsigned char *region; /* shared memory: a page of words, then slots (slots.h); or NULL */
    size_t region_bytes;
};

/* One process's run: the work order, and what came out of it. */
struct floor_run {
    struct floor_channel *channel;
    double seconds;
    uint32_t *samples; /* pingpong: stamped round trips, in ticks */
    size_t sample_capacity;
    size_t sample_count;
    uint32_t *batches; /* pingpong: ticks of FLOOR_BATCH unstamped round trips */
    size_t batch_capacity;
    size_t batch_count;
    uint64_t window_messages; /* stream: received in window_ns, after the warm-up */
    uint64_t window_ns;
};

struct floor_mechanism {
    const char *name;
    bool spins;                                    /* needs two CPUs */
    void (*create)(struct floor_channel *channel); /* in the parent, before fork */
    void (*open)(struct floor_channel *channel, enum floor_side side); /* in each child; or NULL */
    void (*destroy)(struct floor_channel *channel); /* what outlives processes; or NULL */
    void (*ping)(struct floor_run *run);
    void (*pong)(struct floor_run *run);
    void (*produce)(struct floor_run *run);
    void (*consume)(struct floor_run *run);
};

extern const struct floor_mechanism floor_pipe;
extern const struct floor_mechanism floor_uds_stream;
extern const struct floor_mechanism floor_io_uring;
extern const struct floor_mechanism floor_uds_dgram;
extern const struct floor_mechanism floor_tcp;
extern const struct floor_mechanism floor_udp;
extern const struct floor_mechanism floor_eventfd;
extern const struct floor_mechanism floor_signal;
extern const struct floor_mechanism floor_process_vm;
extern const struct floor_mechanism floor_splice;
extern const struct floor_mechanism floor_xsi_mq;
extern const struct floor_mechanism floor_posix_mq;
extern const struct floor_mechanism floor_shm_sem;
extern const struct floor_mechanism floor_shm_futex;
extern const struct floor_mechanism floor_shm_xsi_sem;
extern const struct floor_mechanism floor_shm_spin;
extern const struct floor_mechanism floor_mmap_spin;

enum {
    FLOOR_BATCH = 64,           /* round trips timed together */
    FLOOR_BATCHES_IN_A_ROW = 4, /* then as many round trips stamped one by one, and so on */
    FLOOR_STAMPED_IN_A_ROW = FLOOR_BATCH * FLOOR_BATCHES_IN_A_ROW,
};
#define FLOOR_WARMUP_NS UINT64_C(50000000)

/* What one run says; filled by the sender's process except for the window. */
struct floor_report {
    double median_ticks;
    double mean_ticks;
    double batch_ticks; /* one round trip's share of the median batch */
    double batch_rate_per_tick;
    double probe_before_ticks; /* cache-line round trip; 0 on one CPU */
    double probe_after_ticks;
    uint64_t window_messages;
    uint64_t window_ns;
};

/* In memory shared by the processes. */
struct floor_shared {
    _Alignas(128) _Atomic uint64_t probe_before;
    _Alignas(128) _Atomic uint64_t probe_after;
    _Alignas(128) struct floor_report report;
};

struct floor_job {
    const struct floor_mechanism *mechanism;
    bool stream;
    size_t message_bytes;
    int cpus[FLOOR_SIDES];
    double seconds;
    struct floor_shared *shared;
};

/* pair.c: forks both, waits for both; 0, or 1 when one failed, or 128 + the signal that ended us.
 */
int floor_pair(const struct floor_job *job);

/* probe.c: both call it; the sender gets the median round trip in ticks. */
double floor_probe(_Atomic uint64_t *line, enum floor_side side);

/* measure.c */
double floor_median(const uint32_t *values, size_t count);
double floor_mean(const uint32_t *values, size_t count);
void floor_samples_open(struct floor_run *run);

/* memory.c: shared pages for the words and two directions of slots. */
void floor_map_anonymous(struct floor_channel *channel);
void floor_map_shm(struct floor_channel *channel);
void floor_prefault(void *address, size_t bytes);

/* Prints "floor: what: reason" and ends the process: errno's reason, unless it is 0. */
_Noreturn void floor_fail(const char *what);

FLOOR_INLINE uint64_t floor_now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * UINT64_C(1000000000) + (uint64_t)now.tv_nsec;
}

/* Waits for earlier loads, so that what was received has been received. */
FLOOR_INLINE uint64_t floor_ticks(void)
{
#if defined(__x86_64__)
    __builtin_ia32_lfence();
    return __builtin_ia32_rdtsc();
#elif defined(__aarch64__)
    uint64_t ticks;
    __asm__ volatile("isb; mrs %0, cntvct_el0" : "=r"(ticks)::"memory");
    return ticks;
#else
    return floor_now_ns();
#endif
}

FLOOR_INLINE void floor_pause(void)
{
#if defined(FLOOR_NO_PAUSE)
#elif defined(__x86_64__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("yield" ::: "memory");
#endif
}

#endif
