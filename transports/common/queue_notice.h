/* mq_notify: a process has itself told when a message comes into an empty queue, by a signal or by a
 * function that the C library runs in a thread of its own, and does not wait in the queue meanwhile.
 *
 * A registration serves once. A receiver that finds the queue empty registers, looks again, and waits if
 * it is still empty: what comes after the registration is told, what came before is there. Where the second
 * look finds a message, the registration is kept for the next time; if it was used up meanwhile, what told
 * so is still pending, and the next wait returns at once. */
#ifndef IPCBENCH_TRANSPORTS_COMMON_QUEUE_NOTICE_H
#define IPCBENCH_TRANSPORTS_COMMON_QUEUE_NOTICE_H

#include <mqueue.h>
#include <semaphore.h>
#include <signal.h>
#include <stdbool.h>

struct error;

enum queue_notify { NOTIFY_NONE, NOTIFY_SIGNAL, NOTIFY_THREAD };

struct queue_notice {
    struct sigevent event;
    sigset_t signals;
    sem_t woken; /* by the thread */
    bool is_registered;
};

/* In attach: prepares, and tries a registration, which starts the C library's thread. Unavailable where
 * that is refused. */
int queue_notice_attach(struct queue_notice *notice, enum queue_notify notify, mqd_t queue,
                        struct error *error);

/* The queue was found empty: registers, or waits where that is done. 0: look again; or -errno. */
int queue_notice_wait(struct queue_notice *notice, mqd_t queue);

#endif
