#include "transports/common/notices.h"

#include <errno.h>
#include <sys/mman.h>

#include "base/error.h"

int notices_create(struct notices *notices, struct error *error)
{
    void *words = mmap(NULL, SIDE_COUNT * sizeof(struct notice_words), PROT_READ | PROT_WRITE,
                       MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (words == MAP_FAILED)
        return error_system(error, errno, "mmap");
    notices->words = words;
    for (int side = 0; side < SIDE_COUNT; ++side) {
        if (sem_init(&notices->words[side].semaphore, 1, 0))
            return error_system(error, errno, "sem_init");
    }
    return 0;
}

void notices_attach(struct notices *notices, enum side side)
{
    notices->out = &notices->words[side];
    notices->in = &notices->words[side == SIDE_SENDER ? SIDE_RECEIVER : SIDE_SENDER];
}

void notices_destroy(struct notices *notices)
{
    if (notices->words)
        munmap(notices->words, SIDE_COUNT * sizeof(struct notice_words));
    notices->words = NULL;
}

int notices_limits(const struct options *options, struct message_limits *limits,
                   struct error *error)
{
    (void)options, (void)error;
    *limits =
        (struct message_limits){.knob = "none: it notifies, and carries nothing", .is_fixed = true};
    return 0;
}
