/* Who else is running while one process changes its own mapping of memory:
 *
 *     idle      nobody: the peer is asleep
 *     process   the peer, on its CPU, reading the same memory through a mapping of its own
 *     thread    a second thread of the measuring process, pinned where the peer would be, reading the very
 *               mapping (or what is left of it): its CPU has to be told of changes (TLB shootdown)
 *
 *     company_create     parent, create
 *     company_introduce  receiver, attach: where it runs
 *     company_begin      sender, prepare: the thread starts, once until company_end
 *     company_end        sender, dismiss: the thread or the peer leaves off
 *     company_attend     receiver, attend
 *     company_destroy    parent
 *
 * What is read must stay readable until company_end.
 *
 * Memory order: the thread and its owner share two words that say nothing about other memory, but for
 * what the thread reads, which is set before it is created. */
#ifndef IPCBENCH_TRANSPORTS_COMMON_COMPANY_H
#define IPCBENCH_TRANSPORTS_COMMON_COMPANY_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "transports/common/turns.h"

struct error;
struct company_place;

#define COMPANY_CHOICES "idle|process|thread"
enum company_kind { COMPANY_IDLE, COMPANY_PROCESS, COMPANY_THREAD };

/* Pages to read, one byte of each. */
struct company_pages {
    const void *address;
    size_t bytes;
    size_t page_bytes;
};

/* In the channel's state; each process has its own copy after fork. */
struct company {
    enum company_kind kind;
    struct company_place *place; /* thread: shared, the CPUs that the receiver may use */
    struct turns turns;          /* process; others may make them, company_end dismisses */
    /* sender, thread */
    bool is_running;
    pthread_t thread;
    struct company_pages pages;
    _Atomic uint32_t rounds; /* that it has read everything */
    _Atomic bool is_over;
};

int company_create(struct company *company, enum company_kind kind, struct error *error);
/* Safe on a zeroed struct and twice. */
void company_destroy(struct company *company);

void company_introduce(const struct company *company);

/* Returns when the thread has read everything once. */
int company_begin(struct company *company, const struct company_pages *pages, struct error *error);
void company_end(struct company *company);

/* Reads until the sender ends it; at once where the company is no process. */
void company_attend(struct company *company, const struct company_pages *pages);

#endif
