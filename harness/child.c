#include "harness/child.h"

#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <unistd.h>

void child_settle(int cpu, pid_t parent, unsigned seconds_most)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent)
        _exit(1);
    signal(SIGINT, SIG_IGN);
    alarm(seconds_most);
    cpu_set_t *set = CPU_ALLOC((size_t)cpu + 1);
    const size_t bytes = CPU_ALLOC_SIZE((size_t)cpu + 1);
    if (!set)
        _exit(1);
    CPU_ZERO_S(bytes, set);
    CPU_SET_S((size_t)cpu, bytes, set);
    if (sched_setaffinity(0, bytes, set))
        _exit(1);
    CPU_FREE(set);
}
