#include "bench/lockstep.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "base/error.h"
#include "bench/interrupt.h"

int take_lockstep(const char *value, void *member, struct error *error)
{
    struct lockstep *const lockstep = member;
    int used = -1;
    if (sscanf(value, "%d,%d%n", &lockstep->in, &lockstep->out, &used) != 2 || value[used] ||
        fcntl(lockstep->in, F_GETFD) < 0 || fcntl(lockstep->out, F_GETFD) < 0)
        return error_plain(error, "'%s': two open descriptors, to read from and to write to",
                           value);
    return 0;
}

static void say(const struct lockstep *lockstep, const char *line, int bytes)
{
    if (lockstep->out && write(lockstep->out, line, (size_t)bytes) != bytes)
        interrupt_raise();
}

static void wait_for_leave(const struct lockstep *lockstep)
{
    char leave;
    while (lockstep->out && !*interrupt_flag()) {
        const ssize_t got = read(lockstep->in, &leave, 1);
        if (got == 1)
            return;
        if (got == 0 || errno != EINTR)
            interrupt_raise();
    }
}

void lockstep_plan(const struct lockstep *lockstep, size_t cells, size_t trials)
{
    char line[64];
    say(lockstep, line, snprintf(line, sizeof(line), "plan %zu %zu\n", cells, trials));
}

void lockstep_trial(const struct lockstep *lockstep, size_t order, size_t cell, size_t round)
{
    char line[96];
    if (!lockstep->out)
        return;
    say(lockstep, line, snprintf(line, sizeof(line), "trial %zu %zu %zu\n", order, cell, round));
    wait_for_leave(lockstep);
}

void lockstep_end(const struct lockstep *lockstep)
{
    static const char line[] = "end\n";
    if (!lockstep->out)
        return;
    say(lockstep, line, sizeof(line) - 1);
    wait_for_leave(lockstep);
}
