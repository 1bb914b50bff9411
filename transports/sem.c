/* A semaphore as a notification: posted by one side, waited for by the other. No payload: what waking
 * the other side costs. POSIX semaphores go to the kernel only where somebody sleeps, XSI semaphores
 * each time; those count to 32767, and a sender that finds one full pauses, since the kernel does not
 * tell when there is room. */
#include <errno.h>
#include <sys/ipc.h>
#include <sys/sem.h>

#include "base/error.h"
#include "harness/leftovers.h"
#include "harness/loop_set.h"
#include "harness/transport.h"
#include "transports/common/backpressure.h"
#include "transports/common/notices.h"

enum { SEM_KIND, SEM_OPTION_COUNT };
enum sem_kind { SEM_POSIX, SEM_XSI };

static const struct option_spec sem_options[SEM_OPTION_COUNT] = {
    [SEM_KIND] = {.key = "kind",
                  .kind = OPTION_CHOICE,
                  .choices = "posix|xsi",
                  .default_value = "posix",
                  .meaning = "sem_post, sem_wait in shared memory; or semop on an XSI set"},
};

struct sem_state {
    struct notices notices;
    int set; /* id + 1; 0: none */
    int slot;
    unsigned short out; /* numbers within the set */
    unsigned short in;
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

LOOP_SET_COPYING(sem_posix_loops, sem_send, sem_receive)
LOOP_SET_COPYING(sem_xsi_loops, sem_send_xsi, sem_receive_xsi)

static const struct loop_set *sem_loops_for(const struct options *options)
{
    return options->values[SEM_KIND] == SEM_XSI ? &sem_xsi_loops : &sem_posix_loops;
}

static int create_set(struct channel *channel, struct error *error)
{
    struct sem_state *state = channel->state;
    const int set = semget(IPC_PRIVATE, SIDE_COUNT, 0600); /* Linux sets them to 0 */
    if (set < 0 && (errno == ENOSPC || errno == ENOSYS))
        return error_unavailable(error, "sysctl kernel.sem", "semget: %s", error_name(errno));
    if (set < 0)
        return error_system(error, errno, "semget");
    state->set = set + 1;
    state->slot = leftovers_announce_id(channel->leftovers, LEFTOVER_XSI_SEMAPHORES, set);
    return 0;
}

static int sem_create(struct channel *channel, struct error *error)
{
    struct sem_state *state = channel->state;
    const bool xsi = channel->options.values[SEM_KIND] == SEM_XSI;
    obtained_text(&channel->obtained, "kind", xsi ? "xsi" : "posix");
    const int failure = notices_create(&state->notices, error);
    return failure || !xsi ? failure : create_set(channel, error);
}

static int sem_attach(struct channel *channel, enum side side, struct error *error)
{
    struct sem_state *state = channel->state;
    (void)error;
    notices_attach(&state->notices, side);
    state->out = (unsigned short)side;
    state->in = side == SIDE_SENDER ? SIDE_RECEIVER : SIDE_SENDER;
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
    .create = sem_create,
    .attach = sem_attach,
    .loops = sem_loops_for,
    .destroy = sem_destroy_channel,
};
