/* Two processes on one operation: the sender measures, the receiver is its peer. The peer does its part
 * when it is told to (turns), or something of its own until it is dismissed.
 *
 *     sender                                receiver, in its `attend`
 *     turns_peer_does(&turns);  (prepare)   while (turns_await(&turns)) { ...; turns_give_back(&turns); }
 *     turns_dismiss(&turns);    (dismiss)   or: while (!turns_are_over(&turns)) { ... }
 *
 * Both sleep while it is the other's turn (futex); turns are taken outside the timed part. A process that
 * dies in its turn leaves the other asleep, which the parent then ends.
 *
 * Memory order: the word is only changed and read by sequentially consistent operations; what a process did
 * in its turn happens before the other's turn begins. */
#ifndef IPCBENCH_TRANSPORTS_COMMON_TURNS_H
#define IPCBENCH_TRANSPORTS_COMMON_TURNS_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

struct error;

/* In the channel's state; each process has its own copy after fork. */
struct turns {
    _Atomic uint32_t *word; /* shared: bit 0, is it the peer's turn? above: how often dismissed */
    uint32_t dismissals;    /* peer: those it has followed */
};

/* In the parent, before fork and at the end; the second on a zeroed struct and twice as well. */
int turns_create(struct turns *turns, struct error *error);
void turns_destroy(struct turns *turns);

/* Sender. */
void turns_peer_does(const struct turns *turns); /* returns when the peer has given back */
void turns_dismiss(const struct turns *turns);   /* once for every loop */

/* Peer. */
bool turns_await(struct turns *turns); /* false: dismissed */
void turns_give_back(const struct turns *turns);
bool turns_are_over(struct turns *turns);      /* without waiting: dismissed? */
bool turns_is_mine(const struct turns *turns); /* without waiting */

#endif
