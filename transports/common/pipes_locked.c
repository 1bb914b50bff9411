/* lock=yes: a process-shared mutex at each end of each pipe, held while one message is moved. The kernel
 * has a lock of its own in every pipe, but lets it go whenever the pipe is full or empty, which in the
 * middle of a message above PIPE_BUF lets others' bytes in.
 *
 * Whoever holds a mutex may sleep in the pipe; the others then sleep at the mutex. A process that dies
 * with one leaves them there: the parent ends a trial that has lost a process. */
#include <pthread.h>
#include <sys/mman.h>

#include "base/error.h"
#include "harness/loop_set.h"
#include "transports/common/pipes.h"
#include "transports/common/stream_io.h"

struct pipe_lock {
    _Alignas(128) pthread_mutex_t mutex; /* 128: neighbouring cache lines are fetched in pairs */
};

struct pipe_locks {
    struct pipe_lock ends[SIDE_COUNT][DIRECTION_COUNT]; /* by whose end it is */
};

static int locks_init(struct pipe_locks *locks, const pthread_mutexattr_t *attributes)
{
    int failure = 0;
    for (int side = 0; side < SIDE_COUNT; ++side) {
        for (int direction = 0; direction < DIRECTION_COUNT && !failure; ++direction)
            failure = pthread_mutex_init(&locks->ends[side][direction].mutex, attributes);
    }
    return failure;
}

int pipe_locks_create(struct pipes *pipes, struct error *error)
{
    void *const shared = mmap(NULL, sizeof(*pipes->locks), PROT_READ | PROT_WRITE,
                              MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (shared == MAP_FAILED)
        return error_system(error, errno, "mmap of the pipes' mutexes");
    pipes->locks = shared;
    pthread_mutexattr_t attributes;
    int failure = pthread_mutexattr_init(&attributes);
    if (!failure) {
        failure = pthread_mutexattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED);
        if (!failure)
            failure = locks_init(shared, &attributes);
        pthread_mutexattr_destroy(&attributes);
    }
    return failure ? error_system(error, failure, "making the pipes' mutexes") : 0;
}

void pipe_locks_destroy(struct pipes *pipes)
{
    if (pipes->locks)
        munmap(pipes->locks, sizeof(*pipes->locks));
    pipes->locks = NULL;
}

static ALWAYS_INLINE pthread_mutex_t *own_lock(const struct pipes *pipes, enum direction direction)
{
    return &pipes->locks->ends[pipes->side][direction].mutex;
}

static ALWAYS_INLINE int locked_send(void *state, const unsigned char *message, size_t bytes,
                                     enum wait_kind wait)
{
    pthread_mutex_t *const mutex = own_lock(state, DIRECTION_OUT);
    int failure = -pthread_mutex_lock(mutex);
    if (LIKELY(!failure)) {
        failure = stream_send(state, message, bytes, wait);
        pthread_mutex_unlock(mutex);
    }
    return failure;
}

static ALWAYS_INLINE int locked_receive(void *state, unsigned char *message, size_t bytes,
                                        enum wait_kind wait)
{
    pthread_mutex_t *const mutex = own_lock(state, DIRECTION_IN);
    int failure = -pthread_mutex_lock(mutex);
    if (LIKELY(!failure)) {
        failure = stream_receive(state, message, bytes, wait);
        pthread_mutex_unlock(mutex);
    }
    return failure;
}

LOOP_SETS_BY_WAIT(locked_loops, locked_send, locked_receive)

const struct loop_set *pipe_locks_loops(enum wait_kind wait)
{
    return locked_loops[wait];
}
