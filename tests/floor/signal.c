/* A queued real-time signal each way, its value the number, taken by sigwaitinfo. */
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <unistd.h>

#include "tests/floor/floor.h"

enum { LOOK_EVERY = 256 };

/* At the start of the region; each process writes its own before it measures. */
struct words {
    _Atomic int pids[FLOOR_SIDES];
};

struct end {
    int peer;
    sigset_t awaited;
};

static sigset_t awaited_set(void)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGRTMIN);
    return set;
}

FLOOR_INLINE struct end end_open(const struct floor_channel *channel, enum floor_side side)
{
    struct words *words = (struct words *)(void *)channel->region;
    struct end end = {.awaited = awaited_set()};
    while (!(end.peer = atomic_load(&words->pids[!side])))
        sched_yield();
    return end;
}

FLOOR_INLINE void send_number(struct end *end, uint64_t number)
{
    const union sigval value = {.sival_ptr = (void *)(uintptr_t)number};
    while (FLOOR_RARE(sigqueue(end->peer, SIGRTMIN, value))) {
        if (errno != EAGAIN)
            floor_fail("sigqueue");
        sched_yield();
    }
}

FLOOR_INLINE uint64_t receive_number(struct end *end)
{
    siginfo_t info;
    while (FLOOR_RARE(sigwaitinfo(&end->awaited, &info) < 0)) {
        if (errno != EINTR)
            floor_fail("sigwaitinfo");
    }
    return (uintptr_t)info.si_value.sival_ptr;
}

#include "tests/floor/loops.h"

/* Blocked before the other side can know whom to send to. */
static void open_side(struct floor_channel *channel, enum floor_side side)
{
    const sigset_t set = awaited_set();
    struct words *words = (struct words *)(void *)channel->region;
    if (sigprocmask(SIG_BLOCK, &set, NULL))
        floor_fail("sigprocmask");
    atomic_store(&words->pids[side], (int)getpid());
}

const struct floor_mechanism floor_signal = {
    .name = "signal",
    .create = floor_map_anonymous,
    .open = open_side,
    .ping = ping,
    .pong = pong,
    .produce = produce,
    .consume = consume,
};
