#include "harness/buffers.h"

#include <errno.h>
#include <sys/mman.h>

#include "base/error.h"
#include "harness/prefault.h"
#include "harness/transport.h"

int buffers_open(struct buffers *buffers, size_t message_bytes, size_t offset_bytes,
                 struct error *error)
{
    const size_t padded = message_padded_bytes(message_bytes);
    /* Page-aligned halves, so that send and receive buffer share no page. */
    const size_t half = (MESSAGE_HEADROOM_BYTES + offset_bytes + padded + 4095) / 4096 * 4096;
    buffers->mapped_bytes = 2 * half;
    buffers->mapping = mmap(NULL, buffers->mapped_bytes, PROT_READ | PROT_WRITE,
                            MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (buffers->mapping == MAP_FAILED)
        return error_system(error, errno, "mmap of %zu bytes for message buffers",
                            buffers->mapped_bytes);
    const int failure = prefault(buffers->mapping, buffers->mapped_bytes);
    if (failure)
        return error_system(error, -failure, "prefault of %zu bytes for message buffers",
                            buffers->mapped_bytes);
    buffers->send = (unsigned char *)buffers->mapping + MESSAGE_HEADROOM_BYTES + offset_bytes;
    buffers->receive = buffers->send + half;
    return 0;
}
