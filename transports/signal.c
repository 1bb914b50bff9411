/* Queued real-time signals: sigqueue carries a word of 8 bytes; the other side, which keeps the signal
 * blocked, takes one after the other by sigwaitinfo or from a signalfd.
 *
 * A signal is sent to a process, so each writes its id into shared memory before the loops begin.
 * How many may be queued is limited for all processes of a user together; a sender that finds no
 * room pauses, since the kernel does not tell when there is. Signals of strangers are left out. */
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "base/error.h"
#include "harness/loop_set.h"
#include "harness/transport.h"
#include "transports/common/backpressure.h"
#include "transports/common/descriptors.h"

enum { SIGNAL_RECV, SIGNAL_WAIT, SIGNAL_OPTION_COUNT };
enum recv { RECV_SIGWAITINFO, RECV_SIGNALFD };

static const struct option_spec signal_options[SIGNAL_OPTION_COUNT] = {
    [SIGNAL_RECV] = {.key = "recv",
                     .kind = OPTION_CHOICE,
                     .choices = "sigwaitinfo|signalfd",
                     .default_value = "sigwaitinfo",
                     .meaning = "sigwaitinfo(2), or reading from a signalfd"},
    [SIGNAL_WAIT] = WAIT_OPTION,
};

/* In shared memory; written by each side in attach, which is before anybody sends. */
struct signal_words {
    _Atomic pid_t pids[SIDE_COUNT];
};

struct signal_state {
    struct descriptors descriptors; /* in: the signalfd */
    pid_t peer;                     /* 0: not looked up yet */
    int number;
    sigset_t awaited;
    enum side side;
    struct signal_words *words;
};

static ALWAYS_INLINE pid_t signal_peer(struct signal_state *channel)
{
    if (UNLIKELY(!channel->peer))
        channel->peer = atomic_load(&channel->words->pids[!channel->side]);
    return channel->peer;
}

static ALWAYS_INLINE int signal_send(void *state, const unsigned char *message, size_t bytes,
                                     enum wait_kind wait)
{
    struct signal_state *const channel = state;
    union sigval value;
    (void)bytes, (void)wait;
    memcpy(&value, message, sizeof(value)); /* buffers are longer than the shortest message */
    while (UNLIKELY(sigqueue(signal_peer(channel), channel->number, value))) {
        if (errno != EAGAIN)
            return -errno;
        backpressure_pause();
    }
    return 0;
}

static ALWAYS_INLINE int signal_take(const struct signal_state *channel, siginfo_t *info,
                                     enum wait_kind wait)
{
    static const struct timespec at_once = {0};
    return wait == WAIT_SPIN ? sigtimedwait(&channel->awaited, info, &at_once)
                             : sigwaitinfo(&channel->awaited, info);
}

static ALWAYS_INLINE int signal_receive(void *state, unsigned char *message, size_t bytes,
                                        enum wait_kind wait)
{
    struct signal_state *const channel = state;
    siginfo_t info;
    (void)bytes;
    for (;;) {
        int number = signal_take(channel, &info, wait);
        if (wait == WAIT_SPIN && number < 0 && errno == EAGAIN)
            WAIT_SPIN_UNTIL(&channel->descriptors.meter,
                            (number = signal_take(channel, &info, wait)) >= 0 || errno != EAGAIN);
        if (UNLIKELY(number < 0)) {
            if (errno != EINTR && errno != EAGAIN)
                return -errno;
        } else if (LIKELY(info.si_code == SI_QUEUE && info.si_pid == signal_peer(channel))) {
            memcpy(message, &info.si_value, sizeof(info.si_value));
            return 0;
        }
    }
}

static ALWAYS_INLINE int signal_receive_by_fd(void *state, unsigned char *message, size_t bytes,
                                              enum wait_kind wait)
{
    struct signal_state *const channel = state;
    struct descriptors *const descriptors = &channel->descriptors;
    const int fd = descriptors->in.fd;
    struct signalfd_siginfo info;
    (void)bytes;
    for (;;) {
        if (wait > WAIT_SPIN) {
            const int failure = waiter_sleep(&descriptors->in, wait);
            if (UNLIKELY(failure))
                return failure;
        }
        ssize_t moved = read(fd, &info, sizeof(info));
        if (wait == WAIT_SPIN && moved < 0 && errno == EAGAIN)
            WAIT_SPIN_UNTIL(&descriptors->meter,
                            (moved = read(fd, &info, sizeof(info))) >= 0 || errno != EAGAIN);
        if (UNLIKELY(moved != (ssize_t)sizeof(info))) {
            if (moved >= 0)
                return -EBADMSG;
            if (errno != EINTR && errno != EAGAIN)
                return -errno;
        } else if (LIKELY(info.ssi_code == SI_QUEUE &&
                          info.ssi_pid == (uint32_t)signal_peer(channel))) {
            memcpy(message, &info.ssi_ptr, sizeof(info.ssi_ptr));
            return 0;
        }
    }
}

LOOP_SETS_BY_WAIT(signal_loops, signal_send, signal_receive)
LOOP_SETS_BY_WAIT(signal_fd_loops, signal_send, signal_receive_by_fd)

static const struct loop_set *signal_loops_for(const struct options *options)
{
    const enum wait_kind wait = (enum wait_kind)options->values[SIGNAL_WAIT];
    return options->values[SIGNAL_RECV] == RECV_SIGNALFD ? signal_fd_loops[wait]
                                                         : signal_loops[wait];
}

static bool signal_spins(const struct options *options)
{
    return wait_kind_spins((enum wait_kind)options->values[SIGNAL_WAIT]);
}

static int signal_limits(const struct options *options, struct message_limits *limits,
                         struct error *error)
{
    if (options->values[SIGNAL_RECV] == RECV_SIGWAITINFO &&
        options->values[SIGNAL_WAIT] > WAIT_SPIN)
        return error_unavailable(error, "recv=signalfd",
                                 "sigwaitinfo has no descriptor to wait for");
    *limits = (struct message_limits){.maximum_bytes = sizeof(union sigval),
                                      .knob = "none: a signal carries one word",
                                      .is_fixed = true};
    return 0;
}

static int signal_create(struct channel *channel, struct error *error)
{
    struct signal_state *state = channel->state;
    struct rlimit pending;
    descriptors_init(&state->descriptors);
    if (getrlimit(RLIMIT_SIGPENDING, &pending))
        return error_system(error, errno, "getrlimit(RLIMIT_SIGPENDING)");
    if (pending.rlim_cur < SIDE_COUNT)
        return error_unavailable(error, "ulimit -i (RLIMIT_SIGPENDING)",
                                 "%llu signals may be queued",
                                 (unsigned long long)pending.rlim_cur);
    obtained_number(&channel->obtained, "queued_most", (int64_t)pending.rlim_cur);
    void *words = mmap(NULL, sizeof(struct signal_words), PROT_READ | PROT_WRITE,
                       MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (words == MAP_FAILED)
        return error_system(error, errno, "mmap");
    state->words = words;
    return 0;
}

static int signal_attach(struct channel *channel, enum side side, struct error *error)
{
    struct signal_state *state = channel->state;
    const bool by_fd = channel->options.values[SIGNAL_RECV] == RECV_SIGNALFD;
    state->side = side;
    state->number = SIGRTMIN;
    sigemptyset(&state->awaited);
    sigaddset(&state->awaited, state->number);
    if (sigprocmask(SIG_BLOCK, &state->awaited, NULL))
        return error_system(error, errno, "sigprocmask");
    atomic_store(&state->words->pids[side], getpid());
    if (!by_fd) {
        channel->meter = signal_spins(&channel->options) ? &state->descriptors.meter : NULL;
        return 0;
    }
    const int fd = signalfd(-1, &state->awaited, SFD_CLOEXEC);
    if (fd < 0)
        return error_system(error, errno, "signalfd");
    state->descriptors.ends[side][DIRECTION_IN] = fd;
    return descriptors_attach(channel, &state->descriptors, side,
                              (enum wait_kind)channel->options.values[SIGNAL_WAIT], error);
}

static void signal_destroy(struct channel *channel)
{
    struct signal_state *state = channel->state;
    descriptors_close(&state->descriptors);
    if (state->words)
        munmap(state->words, sizeof(struct signal_words));
    state->words = NULL;
}

const struct transport transport_signal = {
    .abi = TRANSPORT_ABI,
    .name = "signal",
    .summary = "queued real-time signal: sigqueue, up to 8 bytes",
    .family = FAMILY_MESSAGE,
    .options = signal_options,
    .option_count = SIGNAL_OPTION_COUNT,
    .state_bytes = sizeof(struct signal_state),
    .spins = signal_spins,
    .limits = signal_limits,
    .create = signal_create,
    .attach = signal_attach,
    .loops = signal_loops_for,
    .destroy = signal_destroy,
};
