#include "transports/common/queue_notice.h"

#include <errno.h>
#include <string.h>

#include "base/error.h"

static void wake(union sigval value)
{
    sem_post(value.sival_ptr);
}

static int refused(int code, struct error *error)
{
    const char *const knob = code == EMFILE || code == ENFILE   ? "ulimit -n (RLIMIT_NOFILE)"
                             : code == EAGAIN || code == ENOMEM ? "ulimit -u, free memory"
                             : code == ENOSYS                   ? "a kernel with mq_notify"
                                                                : NULL;
    return knob ? error_unavailable(error, knob, "mq_notify: %s", error_name(code))
                : error_system(error, code, "mq_notify");
}

int queue_notice_attach(struct queue_notice *notice, enum queue_notify notify, mqd_t queue,
                        struct error *error)
{
    if (sem_init(&notice->woken, 0, 0))
        return error_system(error, errno, "sem_init");
    notice->is_registered = false;
    notice->event = (struct sigevent){.sigev_value.sival_ptr = &notice->woken};
    sigemptyset(&notice->signals);
    if (notify == NOTIFY_THREAD) {
        notice->event.sigev_notify = SIGEV_THREAD;
        notice->event.sigev_notify_function = wake;
    } else {
        notice->event.sigev_notify = SIGEV_SIGNAL;
        /* Not a real-time one: the kernel drops the registration even where the user's signal queue is full
         * and no more of those can be sent; this one becomes pending without a place in it. */
        notice->event.sigev_signo = SIGUSR1;
        sigaddset(&notice->signals, SIGUSR1);
        if (sigprocmask(SIG_BLOCK, &notice->signals, NULL))
            return error_system(error, errno, "sigprocmask");
    }
    if (mq_notify(queue, &notice->event) || mq_notify(queue, NULL))
        return refused(errno, error);
    return 0;
}

int queue_notice_wait(struct queue_notice *notice, mqd_t queue)
{
    if (!notice->is_registered) {
        notice->is_registered = true;
        return mq_notify(queue, &notice->event) ? -errno : 0;
    }
    notice->is_registered = false;
    int failure;
    do {
        failure = notice->event.sigev_notify == SIGEV_THREAD
                      ? sem_wait(&notice->woken)
                      : (sigwaitinfo(&notice->signals, NULL) < 0 ? -1 : 0);
    } while (failure && errno == EINTR);
    return failure ? -errno : 0;
}
