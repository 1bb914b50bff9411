/* A pipe each way into which pages are lent by vmsplice, and from which they are read. More pages than a
 * pipe has buffers are used in turn, so that none is written before it has been read. */
#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <unistd.h>

#include "tests/floor/floor.h"

enum { LOOK_EVERY = 256, PAGE_BYTES = 4096, PIPE_BUFFERS = 16 };

struct end {
    int in;
    int out;
    size_t bytes;
    size_t stride_bytes;
    unsigned char *next;
    unsigned char *first;
    unsigned char *beyond;
    unsigned char *receiving;
};

static size_t stride_of(size_t message_bytes)
{
    return (message_bytes + PAGE_BYTES - 1) / PAGE_BYTES * PAGE_BYTES;
}

static size_t pool_of(size_t message_bytes)
{
    return stride_of(message_bytes) * (PIPE_BUFFERS + 1);
}

FLOOR_INLINE struct end end_open(const struct floor_channel *channel, enum floor_side side)
{
    return (struct end){
        .in = channel->in[side],
        .out = channel->out[side],
        .bytes = channel->message_bytes,
        .stride_bytes = stride_of(channel->message_bytes),
        .next = channel->region,
        .first = channel->region,
        .beyond = channel->region + pool_of(channel->message_bytes),
        .receiving = channel->region + pool_of(channel->message_bytes),
    };
}

FLOOR_INLINE void send_number(struct end *end, uint64_t number)
{
    __builtin_memcpy(end->next, &number, sizeof(number));
    for (size_t done = 0; done < end->bytes;) {
        const struct iovec pages = {end->next + done, end->bytes - done};
        const ssize_t moved = vmsplice(end->out, &pages, 1, 0);
        if (FLOOR_RARE(moved < 0) && errno != EINTR)
            floor_fail("vmsplice");
        done += moved > 0 ? (size_t)moved : 0;
    }
    end->next += end->stride_bytes;
    if (FLOOR_RARE(end->next == end->beyond))
        end->next = end->first;
}

FLOOR_INLINE uint64_t receive_number(struct end *end)
{
    for (size_t done = 0; done < end->bytes;) {
        const ssize_t moved = read(end->in, end->receiving + done, end->bytes - done);
        if (FLOOR_RARE(moved <= 0) && !(moved < 0 && errno == EINTR)) {
            errno = moved ? errno : EPIPE;
            floor_fail("read");
        }
        done += moved > 0 ? (size_t)moved : 0;
    }
    uint64_t number;
    __builtin_memcpy(&number, end->receiving, sizeof(number));
    return number;
}

#include "tests/floor/loops.h"

static void create(struct floor_channel *channel)
{
    for (int side = 0; side < FLOOR_SIDES; ++side) {
        int ends[2];
        if (pipe2(ends, O_CLOEXEC))
            floor_fail("pipe2");
        channel->out[side] = ends[1];
        channel->in[!side] = ends[0];
        if (fcntl(ends[0], F_GETPIPE_SZ) != PIPE_BUFFERS * PAGE_BYTES)
            floor_fail("a pipe does not have 16 buffers");
    }
}

static void open_side(struct floor_channel *channel, enum floor_side side)
{
    const size_t bytes = pool_of(channel->message_bytes) + stride_of(channel->message_bytes);
    channel->region_bytes = bytes;
    channel->region = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (channel->region == MAP_FAILED)
        floor_fail("mmap");
    close(channel->in[!side]);
    close(channel->out[!side]);
}

const struct floor_mechanism floor_splice = {
    .name = "splice",
    .create = create,
    .open = open_side,
    .ping = ping,
    .pong = pong,
    .produce = produce,
    .consume = consume,
};
