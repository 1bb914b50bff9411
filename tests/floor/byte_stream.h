/* Whole messages over a byte stream by read and write. */
#ifndef IPCBENCH_TESTS_FLOOR_BYTE_STREAM_H
#define IPCBENCH_TESTS_FLOOR_BYTE_STREAM_H

#include "tests/floor/descriptors.h"

FLOOR_INLINE void send_number(struct end *end, uint64_t number)
{
    number_put(end, number);
    for (size_t done = 0; done < end->bytes;) {
        const ssize_t moved = write(end->out, end->sending + done, end->bytes - done);
        if (FLOOR_RARE(moved < 0) && errno != EINTR)
            floor_fail("write");
        done += moved > 0 ? (size_t)moved : 0;
    }
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
    return number_take(end);
}

#endif
