#include "transports/common/queue_order.h"

#include <string.h>
#include <sys/mman.h>

#include "base/error.h"
#include "harness/prefault.h"
#include "harness/transport.h"

static const size_t buffers_most_bytes = 256 << 20;

int queue_order_attach(struct queue_order *order, uint64_t depth, size_t message_bytes,
                       struct error *error)
{
    const size_t stride_bytes = message_padded_bytes(message_bytes);
    uint64_t places = 4;
    while (places < 2 * depth + 4)
        places *= 2;
    const size_t each_bytes = stride_bytes + sizeof(*order->places) + sizeof(*order->is_there);
    if (places + 1 > buffers_most_bytes / each_bytes)
        return error_unavailable(
            error, "a smaller depth=", "mixed=yes: room to put %llu messages of %zu bytes in order",
            (unsigned long long)places, message_bytes);
    const size_t bytes = (places + 1) * each_bytes;
    unsigned char *memory =
        mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED || prefault(memory, bytes))
        return error_unavailable(error, "free memory, ulimit -v, a smaller depth=",
                                 "%zu bytes to put messages in order", bytes);
    /* Buffers first, which are aligned; then the pointers to them. */
    *order = (struct queue_order){
        .places = (unsigned char **)(void *)(memory + (places + 1) * stride_bytes),
        .spare = memory + places * stride_bytes,
        .place_mask = places - 1,
        .next = {1, 0},
    };
    order->is_there = (bool *)(order->places + places + 1);
    for (uint64_t index = 0; index < places; ++index)
        order->places[index] = memory + index * stride_bytes;
    return 0;
}
