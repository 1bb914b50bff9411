/* A record socket that, told to, changes a byte now and then, or loses a message where many are sent
 * in a row. (One lost from a round trip would hang until the harness gives up, which takes its time.) */
#include "fixture.h"

#include <errno.h>
#include <sys/socket.h>

enum { CORRUPT_EVERY = 7, LOSE_EVERY = 1000 };

static bool is_due(const struct fixture *fixture, const unsigned char *message, size_t bytes)
{
    /* Never the stop marker, which is all ones: whoever waits for it would wait for ever. */
    if (message[0] == UINT8_MAX && message[bytes - 1] == UINT8_MAX)
        return false;
    switch (fixture->fault) {
    case FIXTURE_RIGHT:
        return false;
    case FIXTURE_LOSES:
        return fixture->in_a_row % LOSE_EVERY == 0;
    case FIXTURE_CORRUPTS:
        return fixture->in_a_row % CORRUPT_EVERY == 0;
    }
    return false;
}

static int fixture_send(void *state, const unsigned char *message, size_t bytes)
{
    struct fixture *const fixture = state;
    unsigned char last = message[bytes - 1];
    ++fixture->in_a_row;
    if (is_due(fixture, message, bytes)) {
        if (fixture->fault == FIXTURE_LOSES)
            return 0;
        last ^= 1;
    }
    struct iovec parts[] = {{(void *)(uintptr_t)message, bytes - 1}, {&last, 1}};
    const struct msghdr header = {.msg_iov = parts, .msg_iovlen = 2};
    return sendmsg(fixture->own, &header, MSG_NOSIGNAL) == (ssize_t)bytes ? 0 : -errno;
}

static int fixture_receive(void *state, unsigned char *message, size_t bytes)
{
    struct fixture *const fixture = state;
    const ssize_t got = recv(fixture->own, message, bytes, 0);
    fixture->in_a_row = 0;
    return got == (ssize_t)bytes ? 0 : got < 0 ? -errno : -EPIPE;
}

LOOP_SET_COPYING(fixture_loops, fixture_send, fixture_receive)

const struct loop_set *fixture_loops_for(const struct options *options)
{
    (void)options;
    return &fixture_loops;
}
