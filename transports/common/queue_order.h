/* Messages of two priorities, and their order. A sender gives every other message the higher one; a queue
 * then gives out higher ones first, and in order within a priority. So a receiver knows the number of what
 * it gets by the priority and by how many of that priority came before, and puts the messages back into
 * the order of sending: what the harness checks is then, message by message, that each priority kept its
 * order.
 *
 * A higher message can be ahead of a lower one by as many pairs as lower ones fit into the queue, and one
 * that is being sent: there is room for that. */
#ifndef IPCBENCH_TRANSPORTS_COMMON_QUEUE_ORDER_H
#define IPCBENCH_TRANSPORTS_COMMON_QUEUE_ORDER_H

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "harness/relax.h"

struct error;

struct queue_order {
    unsigned char **places; /* buffers, by number; one more is `spare` */
    bool *is_there;         /* by number */
    unsigned char *spare;   /* what the next message is received into */
    uint64_t place_mask;
    uint64_t sent;    /* even ones have the higher priority */
    uint64_t given;   /* to the loop, in order */
    uint64_t next[2]; /* numbers of the next message of the lower and of the higher priority */
};

/* In attach, for queues of this depth. Unavailable where the buffers are more than is sensible. */
int queue_order_attach(struct queue_order *order, uint64_t depth, size_t message_bytes,
                       struct error *error);

/* Is the next message in order a higher one? */
static ALWAYS_INLINE unsigned queue_order_raise(const struct queue_order *order)
{
    return (order->sent & 1) == 0;
}

static ALWAYS_INLINE unsigned char *queue_order_first(const struct queue_order *order)
{
    const uint64_t place = order->given & order->place_mask;
    return order->is_there[place] ? order->places[place] : NULL;
}

/* What was received into `spare`, by how much its priority is above the lower one. */
static ALWAYS_INLINE int queue_order_put(struct queue_order *order, unsigned raised)
{
    if (UNLIKELY(raised > 1))
        return -EBADMSG;
    const uint64_t number = order->next[raised];
    const uint64_t place = number & order->place_mask;
    if (UNLIKELY(number - order->given > order->place_mask || order->is_there[place]))
        return -EBADMSG;
    unsigned char *const filled = order->spare;
    order->next[raised] = number + 2;
    order->spare = order->places[place];
    order->places[place] = filled;
    order->is_there[place] = true;
    return 0;
}

static ALWAYS_INLINE void queue_order_release(struct queue_order *order)
{
    order->is_there[order->given++ & order->place_mask] = false;
}

#endif
