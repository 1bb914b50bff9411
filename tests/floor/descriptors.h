/* What the mechanisms made of descriptors or queue ids share: an end with two of them and a buffer
 * each way, of which only the number is ever touched. */
#ifndef IPCBENCH_TESTS_FLOOR_DESCRIPTORS_H
#define IPCBENCH_TESTS_FLOOR_DESCRIPTORS_H

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "tests/floor/floor.h"

enum { LOOK_EVERY = 256 };

struct end {
    int in;
    int out;
    size_t bytes;
    unsigned char *sending;
    unsigned char *receiving;
};

/* pair.c gives each process `region`: two page-aligned buffers with BUFFER_HEAD bytes before each
 * message for a message type. */
enum { BUFFER_HEAD = 64 };

FLOOR_INLINE struct end end_open(const struct floor_channel *channel, enum floor_side side)
{
    return (struct end){
        .in = channel->in[side],
        .out = channel->out[side],
        .bytes = channel->message_bytes,
        .sending = channel->region + BUFFER_HEAD,
        .receiving = channel->region + channel->region_bytes / 2 + BUFFER_HEAD,
    };
}

FLOOR_INLINE void number_put(struct end *end, uint64_t number)
{
    memcpy(end->sending, &number, sizeof(number));
}

FLOOR_INLINE uint64_t number_take(const struct end *end)
{
    uint64_t number;
    memcpy(&number, end->receiving, sizeof(number));
    return number;
}

/* sockets.c: a connected pair of Unix domain sockets of `type`, an end for each side. */
void floor_socket_pair(struct floor_channel *channel, int type);

/* After fork each process writes to its own copy: call it in `open`. */
void floor_buffers(struct floor_channel *channel, enum floor_side side);
/* The same, and closes the peer's ends. */
void floor_buffers_and_ends(struct floor_channel *channel, enum floor_side side);

#endif
