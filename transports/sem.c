/* A semaphore as a notification: posted by one side, waited for by the other. No payload: what waking
 * the other side costs. POSIX semaphores go to the kernel only where somebody sleeps, XSI semaphores
 * each time; those count to 32767, and a sender that finds one full pauses, since the kernel does not
 * tell when there is room.
 *
 * What else semop does in one call: several semaphores at once (semaphores=N); a lock taken before and
 * given back after (xsi-lock), which the kernel would give back for a process that dies (xsi-undo,
 * SEM_UNDO); and waiting for zero (xsi-zero): the sender takes the semaphore down from 1 and waits where
 * it is still 0, the receiver waits for 0 and raises it again, so that one notification is under way at
 * most. SEM_UNDO is for locks alone: of a process that only ever posts the adjustments add up, and are
 * refused at 32767. */
#include <errno.h>
#include <stdio.h>
#include <sys/ipc.h>
#include <sys/sem.h>
#include <time.h>

#include "base/error.h"
#include "harness/leftovers.h"
#include "harness/loop_set.h"
#include "harness/transport.h"
#include "transports/common/backpressure.h"
#include "transports/common/notices.h"

enum { SEM_KIND, SEM_SEMAPHORES, SEM_TIMED, SEM_OPTION_COUNT };
enum sem_kind { SEM_POSIX, SEM_XSI, SEM_XSI_LOCK, SEM_XSI_UNDO, SEM_XSI_ZERO };

static const struct option_spec sem_options[SEM_OPTION_COUNT] = {
    [SEM_KIND] = {.key = "kind",
                  .kind = OPTION_CHOICE,
                  .choices = "posix|xsi|xsi-lock|xsi-undo|xsi-zero",
                  .default_value = "posix",
                  .meaning = "sem_post; semop; with a lock, that is undone (SEM_UNDO); for zero"},
    [SEM_SEMAPHORES] = {.key = "semaphores",
                        .kind = OPTION_COUNT,
                        .default_value = "1",
                        .minimum = 1,
                        .maximum = 64,
                        .meaning = "changed by one semop"},
    [SEM_TIMED] = {.key = "timed",
                   .kind = OPTION_CHOICE,
                   .choices = "no|yes",
                   .default_value = "no",
                   .meaning = "sem_clockwait, semtimedop: a minute, from each call on"},
};

enum { PATIENCE_SECONDS = 60, SEMAPHORES_MOST = 64, OPERATIONS_MOST = 2 * SEMAPHORES_MOST + 2 };

/* One call's. */
struct operations {
    size_t count;
    struct sembuf list[OPERATIONS_MOST];
};

struct sem_state {
    struct notices notices;
    int set; /* id + 1; 0: none */
    int slot;
    unsigned short out; /* numbers within the set */
    unsigned short in;
    struct operations notify; /* where more than one is changed, or in another way */
    struct operations wait;
};

static ALWAYS_INLINE int sem_send(void *state, const unsigned char *message, size_t bytes)
{
    struct sem_state *const channel = state;
    (void)bytes;
    notice_leaves(&channel->notices, message);
    return UNLIKELY(sem_post(&channel->notices.out->semaphore)) ? -errno : 0;
}

static ALWAYS_INLINE int sem_receive(void *state, unsigned char *message, size_t bytes)
{
    struct sem_state *const channel = state;
    (void)bytes;
    while (UNLIKELY(sem_wait(&channel->notices.in->semaphore))) {
        if (errno != EINTR)
            return -errno;
    }
    notice_arrives(&channel->notices, message);
    return 0;
}

static ALWAYS_INLINE int sem_send_xsi(void *state, const unsigned char *message, size_t bytes)
{
    struct sem_state *const channel = state;
    struct sembuf up = {.sem_num = channel->out, .sem_op = 1};
    (void)bytes;
    notice_leaves(&channel->notices, message);
    while (UNLIKELY(semop(channel->set - 1, &up, 1))) {
        if (errno == ERANGE)
            backpressure_pause();
        else if (errno != EINTR)
            return -errno;
    }
    return 0;
}

static ALWAYS_INLINE int sem_receive_xsi(void *state, unsigned char *message, size_t bytes)
{
    struct sem_state *const channel = state;
    struct sembuf down = {.sem_num = channel->in, .sem_op = -1};
    (void)bytes;
    while (UNLIKELY(semop(channel->set - 1, &down, 1))) {
        if (errno != EINTR)
            return -errno;
    }
    notice_arrives(&channel->notices, message);
    return 0;
}

/* The moment is told as sem_clockwait wants it, and so reckoned anew for each. */
static ALWAYS_INLINE int sem_receive_timed(void *state, unsigned char *message, size_t bytes)
{
    struct sem_state *const channel = state;
    struct timespec end;
    (void)bytes;
    clock_gettime(CLOCK_MONOTONIC, &end);
    end.tv_sec += PATIENCE_SECONDS;
    while (UNLIKELY(sem_clockwait(&channel->notices.in->semaphore, CLOCK_MONOTONIC, &end))) {
        if (errno != EINTR)
            return -errno;
    }
    notice_arrives(&channel->notices, message);
    return 0;
}

static ALWAYS_INLINE int change(const struct sem_state *channel, struct sembuf *list, size_t count,
                                bool timed)
{
    const struct timespec patience = {.tv_sec = PATIENCE_SECONDS};
    return timed ? semtimedop(channel->set - 1, list, count, &patience)
                 : semop(channel->set - 1, list, count);
}

static ALWAYS_INLINE int notify_listed(void *state, const unsigned char *message, bool timed)
{
    struct sem_state *const channel = state;
    notice_leaves(&channel->notices, message);
    while (UNLIKELY(change(channel, channel->notify.list, channel->notify.count, timed))) {
        if (errno == ERANGE)
            backpressure_pause();
        else if (errno != EINTR)
            return -errno;
    }
    return 0;
}

static ALWAYS_INLINE int wait_listed(void *state, unsigned char *message, bool timed)
{
    struct sem_state *const channel = state;
    while (UNLIKELY(change(channel, channel->wait.list, channel->wait.count, timed))) {
        if (errno != EINTR)
            return -errno;
    }
    notice_arrives(&channel->notices, message);
    return 0;
}

static ALWAYS_INLINE int sem_send_listed(void *state, const unsigned char *message, size_t bytes)
{
    (void)bytes;
    return notify_listed(state, message, false);
}
static ALWAYS_INLINE int sem_receive_listed(void *state, unsigned char *message, size_t bytes)
{
    (void)bytes;
    return wait_listed(state, message, false);
}
static ALWAYS_INLINE int sem_send_until(void *state, const unsigned char *message, size_t bytes)
{
    (void)bytes;
    return notify_listed(state, message, true);
}
static ALWAYS_INLINE int sem_receive_until(void *state, unsigned char *message, size_t bytes)
{
    (void)bytes;
    return wait_listed(state, message, true);
}

LOOP_SET_COPYING(sem_posix_loops, sem_send, sem_receive)
LOOP_SET_COPYING(sem_posix_timed_loops, sem_send, sem_receive_timed)
LOOP_SET_COPYING(sem_xsi_loops, sem_send_xsi, sem_receive_xsi)
LOOP_SET_COPYING(sem_xsi_listed_loops, sem_send_listed, sem_receive_listed)
LOOP_SET_COPYING(sem_xsi_timed_loops, sem_send_until, sem_receive_until)

static const struct loop_set *sem_loops_for(const struct options *options)
{
    const uint64_t *const values = options->values;
    if (values[SEM_KIND] == SEM_POSIX)
        return values[SEM_TIMED] ? &sem_posix_timed_loops : &sem_posix_loops;
    if (values[SEM_TIMED])
        return &sem_xsi_timed_loops;
    return values[SEM_KIND] == SEM_XSI && values[SEM_SEMAPHORES] == 1 ? &sem_xsi_loops
                                                                      : &sem_xsi_listed_loops;
}

static int sem_probe(const struct options *options, size_t message_bytes, struct error *error)
{
    (void)message_bytes;
    if (options->values[SEM_KIND] == SEM_POSIX && options->values[SEM_SEMAPHORES] > 1)
        return error_unavailable(error, "kind=xsi, or semaphores=1",
                                 "sem_post changes one semaphore");
    return 0;
}

/* Within the set: those of one side's notifications, then the other's, then the lock. */
static unsigned short semaphore_of(const struct channel *channel, enum side from, uint64_t index)
{
    return (unsigned short)(from * channel->options.values[SEM_SEMAPHORES] + index);
}

static unsigned short lock_of(const struct channel *channel)
{
    return (unsigned short)(SIDE_COUNT * channel->options.values[SEM_SEMAPHORES]);
}

static void operations_add(struct operations *operations, unsigned short number, short value,
                           short flags)
{
    operations->list[operations->count++] =
        (struct sembuf){.sem_num = number, .sem_op = value, .sem_flg = flags};
}

static void list_operations(const struct channel *channel, enum side from, bool notifies,
                            struct operations *operations)
{
    const enum sem_kind kind = (enum sem_kind)channel->options.values[SEM_KIND];
    const bool locks = kind == SEM_XSI_LOCK || kind == SEM_XSI_UNDO;
    const short undo = kind == SEM_XSI_UNDO ? SEM_UNDO : 0;
    operations->count = 0;
    if (locks)
        operations_add(operations, lock_of(channel), -1, undo);
    for (uint64_t index = 0; index < channel->options.values[SEM_SEMAPHORES]; ++index) {
        const unsigned short number = semaphore_of(channel, from, index);
        const bool for_zero = kind == SEM_XSI_ZERO;
        if (for_zero && !notifies)
            operations_add(operations, number, 0, 0);
        operations_add(operations, number, notifies == for_zero ? -1 : 1, 0);
    }
    if (locks)
        operations_add(operations, lock_of(channel), 1, undo);
}

/* Which a call may have: the third of the four limits, proc(5). */
static int check_operations(size_t count, struct error *error)
{
    int most = 0;
    FILE *const limits = fopen("/proc/sys/kernel/sem", "re");
    const bool is_known = limits && fscanf(limits, "%*d %*d %d", &most) == 1;
    if (limits)
        fclose(limits);
    if (!is_known || count <= (size_t)most)
        return 0;
    return error_unavailable(error, "sysctl kernel.sem", "%zu operations by one semop: at most %d",
                             count, most);
}

/* Linux sets them to 0; the lock is free, and for zero nothing is under way at 1. */
static int create_set(struct channel *channel, struct error *error)
{
    struct sem_state *state = channel->state;
    const uint64_t each = channel->options.values[SEM_SEMAPHORES];
    const bool plain = channel->options.values[SEM_KIND] == SEM_XSI;
    const int count = (int)(SIDE_COUNT * each) + (plain ? 0 : 1);
    list_operations(channel, SIDE_SENDER, false, &state->wait);
    const int refused = check_operations(state->wait.count, error);
    if (refused)
        return refused;
    const int set = semget(IPC_PRIVATE, count, 0600);
    if (set < 0 && (errno == ENOSPC || errno == ENOSYS || errno == EINVAL))
        return error_unavailable(error, "sysctl kernel.sem", "semget: %s", error_name(errno));
    if (set < 0)
        return error_system(error, errno, "semget");
    state->set = set + 1;
    state->slot = leftovers_announce_id(channel->leftovers, LEFTOVER_XSI_SEMAPHORES, set);
    const int first = channel->options.values[SEM_KIND] == SEM_XSI_ZERO ? 0 : count - 1;
    for (int number = first; !plain && number < count; ++number) {
        if (semctl(set, number, SETVAL, 1))
            return error_system(error, errno, "semctl(SETVAL)");
    }
    obtained_number(&channel->obtained, "operations", (int64_t)state->wait.count);
    return 0;
}

static int sem_create(struct channel *channel, struct error *error)
{
    struct sem_state *state = channel->state;
    const bool xsi = channel->options.values[SEM_KIND] != SEM_POSIX;
    obtained_text(&channel->obtained, "kind", xsi ? "xsi" : "posix");
    const int failure = notices_create(&state->notices, error);
    return failure || !xsi ? failure : create_set(channel, error);
}

static int sem_attach(struct channel *channel, enum side side, struct error *error)
{
    struct sem_state *state = channel->state;
    (void)error;
    notices_attach(&state->notices, side);
    const enum side peer = side == SIDE_SENDER ? SIDE_RECEIVER : SIDE_SENDER;
    state->out = (unsigned short)side;
    state->in = (unsigned short)peer;
    list_operations(channel, side, true, &state->notify);
    list_operations(channel, peer, false, &state->wait);
    return 0;
}

static void sem_destroy_channel(struct channel *channel)
{
    struct sem_state *state = channel->state;
    if (state->set) {
        semctl(state->set - 1, 0, IPC_RMID);
        leftovers_forget(channel->leftovers, state->slot);
    }
    state->set = 0;
    notices_destroy(&state->notices);
}

const struct transport transport_sem = {
    .abi = TRANSPORT_ABI,
    .name = "sem",
    .summary = "semaphore as notification: no payload, waking alone",
    .family = FAMILY_SHARED_MEMORY,
    .options = sem_options,
    .option_count = SEM_OPTION_COUNT,
    .state_bytes = sizeof(struct sem_state),
    .limits = notices_limits,
    .probe = sem_probe,
    .create = sem_create,
    .attach = sem_attach,
    .loops = sem_loops_for,
    .destroy = sem_destroy_channel,
};
