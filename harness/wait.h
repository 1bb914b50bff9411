/* How a process waits for a channel that is not ready: an axis of its own, shared by all
 * transports.
 *
 *     block   the system call sleeps until it can go on
 *     spin    non-blocking call, tried again at once; burns the CPU
 *     poll    poll(2) for readiness, then the call, as a simple event loop does
 *     epoll   the same with epoll_wait(2) on a descriptor registered once, level-triggered
 *
 * Event loops (poll, epoll) wait before every receive and, since a send hardly ever has to wait,
 * only after a send was refused. All functions return 0 or -errno. */
#ifndef IPCBENCH_HARNESS_WAIT_H
#define IPCBENCH_HARNESS_WAIT_H

#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/epoll.h>

#include "harness/clock.h"
#include "harness/relax.h"

enum wait_kind { WAIT_BLOCK, WAIT_SPIN, WAIT_POLL, WAIT_EPOLL };
enum { WAIT_KINDS = 4 };

/* The option every descriptor transport has: put it in the option table under the index it reads.
 */
#define WAIT_OPTION                                                                                \
    {                                                                                              \
        .key = "wait", .kind = OPTION_CHOICE, .choices = "block|spin|poll|epoll",                  \
        .default_value = "block", .meaning = "how to wait: sleep in the call, retry, poll, epoll", \
    }

/* What waiting has cost a spinning process. One episode is one operation that found the channel not
 * ready. Stamping each would disturb what is measured, so one episode in 16 is stamped and the sum
 * scaled: blocked time ~ sampled_ticks * episodes / sampled. Own cache lines: only the owner
 * writes. */
struct wait_meter {
    uint64_t episodes;
    uint64_t retries;
    uint64_t sampled;
    uint64_t sampled_ticks; /* of CLOCK_KIND_COUNTER or, where it is not used, of CLOCK_MONOTONIC */
    enum clock_kind clock_kind;
};

enum { WAIT_SAMPLE_EVERY = 16 };

/* Spins until `ready` (an expression) is true. Starts with a test that has already failed once. */
#define WAIT_SPIN_UNTIL(meter, ready)                                                              \
    do {                                                                                           \
        struct wait_meter *const meter_ = (meter);                                                 \
        const bool sampled_ = (++meter_->episodes % WAIT_SAMPLE_EVERY) == 0;                       \
        const uint64_t start_ = UNLIKELY(sampled_) ? clock_ticks(meter_->clock_kind) : 0;          \
        uint64_t retries_ = 0;                                                                     \
        do {                                                                                       \
            cpu_relax();                                                                           \
            ++retries_;                                                                            \
        } while (!(ready));                                                                        \
        meter_->retries += retries_;                                                               \
        if (UNLIKELY(sampled_)) {                                                                  \
            meter_->sampled_ticks += clock_ticks(meter_->clock_kind) - start_;                     \
            ++meter_->sampled;                                                                     \
        }                                                                                          \
    } while (false)

/* One descriptor's readiness, prepared in attach. */
struct waiter {
    int fd;
    short events; /* POLLIN or POLLOUT */
    int epoll_fd; /* WAIT_EPOLL: registered for `events`; else -1 */
};

static inline int waiter_sleep(const struct waiter *waiter, enum wait_kind kind)
{
    int ready;
    do {
        if (kind == WAIT_EPOLL) {
            struct epoll_event event;
            ready = epoll_wait(waiter->epoll_fd, &event, 1, -1);
        } else {
            struct pollfd descriptor = {.fd = waiter->fd, .events = waiter->events};
            ready = poll(&descriptor, 1, -1);
        }
    } while (ready < 0 && errno == EINTR);
    return ready < 0 ? -errno : 0;
}

#endif
