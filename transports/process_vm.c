/* process_vm_readv: the receiver copies the message out of the sender's memory, once and without a
 * buffer in between. The sender writes into slots of its own, and the notice that one has been filled
 * or given back is the ring's (transports/common/ring.h), whose header is all that lies in shared
 * memory here.
 *
 * The parent maps the slots before it forks, privately: both processes have theirs at the same
 * address, which so is known to the other. The right to look is ptrace's: each process grants it to
 * its siblings (PR_SET_PTRACER with their parent), which is enough unless Yama asks for more. */
#include <errno.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/uio.h>
#include <unistd.h>

#include "base/error.h"
#include "base/file.h"
#include "harness/loop_set.h"
#include "harness/prefault.h"
#include "harness/transport.h"
#include "transports/common/capabilities.h"
#include "transports/common/ring.h"
#include "transports/common/ring_notice.h"
#include "transports/common/ring_sync.h"

enum { PROCESS_VM_NOTICE, PROCESS_VM_SLOTS, PROCESS_VM_OPTION_COUNT };

static const struct option_spec process_vm_options[PROCESS_VM_OPTION_COUNT] = {
    [PROCESS_VM_NOTICE] = RING_NOTICE_OPTION,
    [PROCESS_VM_SLOTS] = RING_SLOTS_OPTION,
};

/* In shared memory; written by each side in attach, which is before anybody sends. */
struct process_ids {
    _Atomic pid_t pids[SIDE_COUNT];
};

/* What the loops work on, in registers while they run. */
struct process_vm_ends {
    struct ring_ends ends; /* out: slots of our own; in: the peer's, to be read from there alone */
    pid_t peer;            /* 0: not looked up yet */
    const _Atomic pid_t *peer_is;
};

struct process_vm_state {
    struct process_vm_ends hot; /* first: see LOOP_SET_ON_COPY */
    struct ring_state ring;
    unsigned char *slots; /* private; NULL: none */
    struct process_ids *ids;
};

/* What was asked for lies in one piece and is mapped: it comes whole or not at all. */
static ALWAYS_INLINE int read_peer(pid_t peer, unsigned char *message, const unsigned char *slot,
                                   size_t bytes)
{
    const struct iovec here = {.iov_base = message, .iov_len = bytes};
    const struct iovec there = {.iov_base = (void *)(uintptr_t)slot, .iov_len = bytes};
    const ssize_t moved = process_vm_readv(peer, &here, 1, &there, 1, 0);
    if (LIKELY(moved == (ssize_t)bytes))
        return 0;
    return moved < 0 ? -errno : -EBADMSG;
}

static ALWAYS_INLINE int read_slot(struct process_vm_ends *state, unsigned char *message,
                                   size_t bytes)
{
    if (UNLIKELY(!state->peer))
        state->peer = atomic_load(state->peer_is);
    return read_peer(state->peer, message, state->ends.in.next, bytes);
}

#define PROCESS_VM_LOOPS(sync)                                                                     \
    static ALWAYS_INLINE int vm_##sync##_reserve(void *state, unsigned char *own, size_t bytes,    \
                                                 unsigned char **slot)                             \
    {                                                                                              \
        struct ring_end *const end = &((struct process_vm_ends *)state)->ends.out;                 \
        (void)own, (void)bytes;                                                                    \
        *slot = end->next;                                                                         \
        return sync##_wait_free(end);                                                              \
    }                                                                                              \
    static ALWAYS_INLINE int vm_##sync##_commit(void *state, unsigned char *slot, size_t bytes)    \
    {                                                                                              \
        struct ring_end *const end = &((struct process_vm_ends *)state)->ends.out;                 \
        (void)slot, (void)bytes;                                                                   \
        ring_step(end);                                                                            \
        return sync##_publish(end);                                                                \
    }                                                                                              \
    static ALWAYS_INLINE int vm_##sync##_acquire(void *state, unsigned char *own, size_t bytes,    \
                                                 unsigned char **message)                          \
    {                                                                                              \
        struct process_vm_ends *const process = state;                                             \
        int failure = sync##_wait_filled(&process->ends.in);                                       \
        if (LIKELY(!failure))                                                                      \
            failure = read_slot(process, own, bytes);                                              \
        if (UNLIKELY(failure))                                                                     \
            return failure;                                                                        \
        *message = own;                                                                            \
        ring_step(&process->ends.in);                                                              \
        return sync##_give_back(&process->ends.in);                                                \
    }                                                                                              \
    static const struct exchange vm_##sync##_exchange = {                                          \
        .reserve = vm_##sync##_reserve,                                                            \
        .commit = vm_##sync##_commit,                                                              \
        .acquire = vm_##sync##_acquire,                                                            \
        .release = loop_release_nothing,                                                           \
    };                                                                                             \
    LOOP_SET_ON_COPY(vm_##sync##_loops, vm_##sync##_exchange, struct process_vm_ends)

PROCESS_VM_LOOPS(ring_futex)
PROCESS_VM_LOOPS(ring_event)
PROCESS_VM_LOOPS(ring_spin)

static const struct loop_set *process_vm_loops_for(const struct options *options)
{
    static const struct loop_set *const sets[RING_NOTICES] = {
        [RING_NOTICE_FUTEX] = &vm_ring_futex_loops,
        [RING_NOTICE_EVENTFD] = &vm_ring_event_loops,
        [RING_NOTICE_SPIN] = &vm_ring_spin_loops,
    };
    return sets[options->values[PROCESS_VM_NOTICE]];
}

static bool process_vm_spins(const struct options *options)
{
    return options->values[PROCESS_VM_NOTICE] == RING_NOTICE_SPIN;
}

/* ptrace(2): 0 and 1 leave it to us, 2 wants a capability, 3 refuses everybody. */
static int process_vm_probe(const struct options *options, size_t message_bytes,
                            struct error *error)
{
    static const char scope_path[] = "/proc/sys/kernel/yama/ptrace_scope";
    int64_t scope = 0;
    (void)options, (void)message_bytes;
    if (process_vm_readv(getpid(), NULL, 0, NULL, 0, 0) < 0)
        return error_unavailable(error,
                                 errno == ENOSYS ? "a kernel with CONFIG_CROSS_MEMORY_ATTACH"
                                                 : "the container's seccomp profile",
                                 "process_vm_readv: %s", error_name(errno));
    if (file_read_number(scope_path, &scope))
        return 0; /* no Yama */
    if (scope > 2 || (scope == 2 && !capability_is_effective(CAPABILITY_SYS_PTRACE)))
        return error_unavailable(error,
                                 scope == 2 ? "sysctl kernel.yama.ptrace_scope, or CAP_SYS_PTRACE"
                                            : "a reboot: sysctl kernel.yama.ptrace_scope",
                                 "process_vm_readv: Yama forbids it (ptrace_scope %lld)",
                                 (long long)scope);
    return 0;
}

static int process_vm_create(struct channel *channel, struct error *error)
{
    struct process_vm_state *state = channel->state;
    struct ring_state *ring = &state->ring;
    const uint64_t *values = channel->options.values;
    int failure = ring_notice_plan(channel, ring, (enum ring_notice)values[PROCESS_VM_NOTICE],
                                   values[PROCESS_VM_SLOTS], error);
    if (!failure)
        failure = ring_notice_create(channel, ring, error);
    if (failure)
        return failure;
    const size_t bytes = ring_notice_slots_bytes(ring) / SIDE_COUNT;
    void *slots = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (slots == MAP_FAILED)
        return error_unavailable(error, "free memory, ulimit -v", "mmap(%zu bytes): %s", bytes,
                                 error_name(errno));
    state->slots = slots;
    obtained_number(&channel->obtained, "slots_bytes", (int64_t)bytes);
    void *ids = mmap(NULL, sizeof(struct process_ids), PROT_READ | PROT_WRITE,
                     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (ids == MAP_FAILED)
        return error_system(error, errno, "mmap");
    state->ids = ids;
    return 0;
}

static void place_slots(struct ring_end *end, unsigned char *slots)
{
    end->next = end->first = slots;
    end->beyond = slots + end->slot_count * end->stride_bytes;
}

/* The receiver attaches last: it finds out whether it may look into the sender. */
static int check_peer(const struct process_vm_state *state, struct error *error)
{
    unsigned char byte;
    const int failure =
        read_peer(atomic_load(&state->ids->pids[SIDE_SENDER]), &byte, state->slots, 1);
    if (!failure)
        return 0;
    return error_unavailable(error, "sysctl kernel.yama.ptrace_scope, or CAP_SYS_PTRACE",
                             "process_vm_readv: %s", error_name(-failure));
}

static int process_vm_attach(struct channel *channel, enum side side, struct error *error)
{
    struct process_vm_state *state = channel->state;
    const size_t bytes = ring_notice_slots_bytes(&state->ring) / SIDE_COUNT;
    int failure = prefault(state->slots, bytes);
    if (failure)
        return error_unavailable(error, "free memory, a memory cgroup's limit",
                                 "prefault of %zu bytes: %s", bytes, error_name(-failure));
    failure = ring_attach(channel, &state->ring, side, error);
    if (failure)
        return failure;
    state->hot = (struct process_vm_ends){
        .ends = state->ring.ends,
        .peer_is = &state->ids->pids[side == SIDE_SENDER ? SIDE_RECEIVER : SIDE_SENDER],
    };
    place_slots(&state->hot.ends.out, state->slots);
    place_slots(&state->hot.ends.in, state->slots);
    prctl(PR_SET_PTRACER, getppid(), 0, 0, 0); /* EINVAL without Yama: then it needs no grant */
    atomic_store(&state->ids->pids[side], getpid());
    return side == SIDE_RECEIVER ? check_peer(state, error) : 0;
}

static void process_vm_destroy(struct channel *channel)
{
    struct process_vm_state *state = channel->state;
    if (state->slots)
        munmap(state->slots, ring_notice_slots_bytes(&state->ring) / SIDE_COUNT);
    state->slots = NULL;
    if (state->ids)
        munmap(state->ids, sizeof(struct process_ids));
    state->ids = NULL;
    ring_notice_destroy(channel, &state->ring);
}

const struct transport transport_process_vm = {
    .abi = TRANSPORT_ABI,
    .name = "process-vm",
    .summary = "process_vm_readv out of the sender's memory, with a notice",
    .family = FAMILY_SHARED_MEMORY,
    .options = process_vm_options,
    .option_count = PROCESS_VM_OPTION_COUNT,
    .state_bytes = sizeof(struct process_vm_state),
    .spins = process_vm_spins,
    .probe = process_vm_probe,
    .create = process_vm_create,
    .attach = process_vm_attach,
    .loops = process_vm_loops_for,
    .destroy = process_vm_destroy,
};
