/* Notifications without payload: how a loop's end is told, and what the mechanisms keep in shared
 * memory.
 *
 * Messages of 0 bytes carry nothing but one bit that is 1 for the message that ends a loop
 * (harness/loops.h). It travels beside the notifications: a sender counts what it sends and, before
 * it sends the last, writes down which number that is; a receiver counts what it takes and compares.
 * Memory ordering: the number is stored (release) before the notification is sent, which is at least
 * as strong as a release, and taking the notification is at least an acquire; until a loop ends the
 * line is only read, so that it stays in both caches. */
#ifndef IPCBENCH_TRANSPORTS_COMMON_NOTICES_H
#define IPCBENCH_TRANSPORTS_COMMON_NOTICES_H

#include <semaphore.h>
#include <stdatomic.h>
#include <stdint.h>

#include "harness/relax.h"
#include "harness/transport.h"

/* One direction. What is written often lies 128 bytes apart from the rest. */
struct notice_words {
    _Alignas(128) _Atomic uint64_t stop_at; /* the number of the last one; 0: none so far */
    _Alignas(128) sem_t semaphore;
    _Alignas(128) _Atomic uint32_t posted; /* futex: notifications ever sent */
    _Alignas(128) _Atomic uint32_t sleeps; /* futex: the receiver, or is about to */
};

struct notices {
    struct notice_words *out; /* this side's, set by attach */
    struct notice_words *in;
    uint64_t sent;
    uint64_t received;
    struct notice_words *words; /* of both, in shared memory; NULL: none */
};

/* In create: zeroed words for both directions, semaphores at 0. */
int notices_create(struct notices *notices, struct error *error);
void notices_attach(struct notices *notices, enum side side);
void notices_destroy(struct notices *notices);

/* 0 bytes and no more. */
int notices_limits(const struct options *options, struct message_limits *limits,
                   struct error *error);

/* Before a notification is sent. */
static ALWAYS_INLINE void notice_leaves(struct notices *notices, const unsigned char *message)
{
    ++notices->sent;
    if (UNLIKELY(message[0] & 1))
        atomic_store_explicit(&notices->out->stop_at, notices->sent, memory_order_release);
}

/* After one has been taken. */
static ALWAYS_INLINE void notice_arrives(struct notices *notices, unsigned char *message)
{
    const uint64_t stop_at = atomic_load_explicit(&notices->in->stop_at, memory_order_acquire);
    message[0] = ++notices->received == stop_at;
}

#endif
