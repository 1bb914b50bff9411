/* Whole messages over connected datagram sockets. */
#ifndef IPCBENCH_TESTS_FLOOR_DATAGRAMS_H
#define IPCBENCH_TESTS_FLOOR_DATAGRAMS_H

#include <sys/socket.h>

#include "tests/floor/descriptors.h"

FLOOR_INLINE void send_number(struct end *end, uint64_t number)
{
    number_put(end, number);
    while (FLOOR_RARE(send(end->out, end->sending, end->bytes, 0) < 0)) {
        if (errno != EINTR)
            floor_fail("send");
    }
}

FLOOR_INLINE uint64_t receive_number(struct end *end)
{
    while (FLOOR_RARE(recv(end->in, end->receiving, end->bytes, 0) != (ssize_t)end->bytes)) {
        if (errno != EINTR)
            floor_fail("recv");
    }
    return number_take(end);
}

#endif
