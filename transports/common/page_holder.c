#include "transports/common/page_holder.h"

#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/error.h"

static bool all_are(const unsigned char *address, size_t bytes, unsigned char value)
{
    bool are = true;
    for (size_t at = 0; at < bytes; at += BASE_PAGE_BYTES)
        are &= atomic_load_explicit((const _Atomic unsigned char *)(address + at),
                                    memory_order_relaxed) == value;
    return are;
}

/* Answers each byte that comes with whether that is what it sees. */
static _Noreturn void hold(const unsigned char *address, size_t bytes, pid_t parent, int questions)
{
    unsigned char value = 0;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent)
        _exit(1);
    do {
        const bool are = all_are(address, bytes, value);
        if (write(questions, &are, sizeof(are)) != sizeof(are))
            _exit(1);
    } while (read(questions, &value, sizeof(value)) == sizeof(value));
    _exit(0);
}

int page_holder_begin(struct page_holder *holder, const void *address, size_t bytes,
                      struct error *error)
{
    int ends[2];
    bool answer;
    const pid_t self = getpid();
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends))
        return error_system(error, errno, "socketpair to a process that shares the pages");
    const pid_t process = fork();
    if (process == 0)
        hold(address, bytes, self, ends[1]);
    const int code = errno;
    close(ends[1]);
    if (process < 0) {
        close(ends[0]);
        return error_system(error, code, "fork of a process that shares the pages");
    }
    *holder = (struct page_holder){.process = process, .answers = ends[0]};
    if (read(holder->answers, &answer, sizeof(answer)) == sizeof(answer))
        return 0;
    page_holder_end(holder);
    return error_plain(error, "the process that shares the pages died");
}

bool page_holder_sees(const struct page_holder *holder, unsigned char value)
{
    bool answer = false;
    return write(holder->answers, &value, sizeof(value)) == sizeof(value) &&
           read(holder->answers, &answer, sizeof(answer)) == sizeof(answer) && answer;
}

void page_holder_end(struct page_holder *holder)
{
    if (!holder->process)
        return;
    close(holder->answers);
    kill(holder->process, SIGKILL);
    while (waitpid(holder->process, NULL, 0) < 0 && errno == EINTR)
        continue;
    *holder = (struct page_holder){0};
}
