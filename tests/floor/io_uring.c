/* A pair of connected Unix domain stream sockets, each request put into a ring and its completion waited
 * for in the same system call. */
#include <liburing.h>
#include <sys/socket.h>

#include "tests/floor/descriptors.h"

enum { RING_ENTRIES = 4 };
static struct io_uring ring; /* of this process: made in `open`, after fork */

/* How many bytes the one request has moved. */
FLOOR_INLINE size_t complete(const char *what)
{
    struct io_uring_cqe *completion;
    const int refused = io_uring_submit_and_wait(&ring, 1);
    if (FLOOR_RARE(refused < 0 && refused != -EINTR))
        floor_fail("io_uring_enter");
    while (FLOOR_RARE(io_uring_wait_cqe(&ring, &completion)))
        continue;
    const int moved = completion->res;
    io_uring_cqe_seen(&ring, completion);
    if (FLOOR_RARE(moved <= 0) && moved != -EINTR) {
        errno = moved ? -moved : EPIPE;
        floor_fail(what);
    }
    return moved > 0 ? (size_t)moved : 0;
}

FLOOR_INLINE void send_number(struct end *end, uint64_t number)
{
    number_put(end, number);
    for (size_t done = 0; done < end->bytes;) {
        io_uring_prep_send(io_uring_get_sqe(&ring), end->out, end->sending + done,
                           end->bytes - done, MSG_NOSIGNAL | MSG_WAITALL);
        done += complete("send");
    }
}

FLOOR_INLINE uint64_t receive_number(struct end *end)
{
    for (size_t done = 0; done < end->bytes;) {
        io_uring_prep_recv(io_uring_get_sqe(&ring), end->in, end->receiving + done,
                           end->bytes - done, MSG_WAITALL);
        done += complete("recv");
    }
    return number_take(end);
}

#include "tests/floor/loops.h"

static void create(struct floor_channel *channel)
{
    floor_socket_pair(channel, SOCK_STREAM);
}

static void open_side(struct floor_channel *channel, enum floor_side side)
{
    floor_buffers_and_ends(channel, side);
    const int failure = io_uring_queue_init(RING_ENTRIES, &ring, 0);
    errno = -failure;
    if (failure)
        floor_fail("io_uring_setup");
}

const struct floor_mechanism floor_io_uring = {
    .name = "io-uring",
    .create = create,
    .open = open_side,
    .ping = ping,
    .pong = pong,
    .produce = produce,
    .consume = consume,
};
