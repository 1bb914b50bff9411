/* The untimed parts of loops_memory.h. */
#include "harness/loops_memory.h"

#include <sys/resource.h>
#include <time.h>

#include "base/error.h"

/* Of the measuring thread: an operation may have company of a second one. */
static uint64_t cpu_so_far_ns(void)
{
    struct timespec cpu;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &cpu);
    return (uint64_t)cpu.tv_sec * UINT64_C(1000000000) + (uint64_t)cpu.tv_nsec;
}

static struct worked worked_so_far(void)
{
    struct rusage usage;
    getrusage(RUSAGE_THREAD, &usage);
    return (struct worked){
        .voluntary_switches = (uint64_t)usage.ru_nvcsw,
        .involuntary_switches = (uint64_t)usage.ru_nivcsw,
        .minor_faults = (uint64_t)usage.ru_minflt,
        .major_faults = (uint64_t)usage.ru_majflt,
    };
}

void memory_pass_begins(struct loop_run *run)
{
    run->pass_begun = worked_so_far();
    run->pass_begun.cpu_ns = cpu_so_far_ns(); /* next to the pass, at either end */
}

void memory_pass_ends(struct loop_run *run)
{
    const uint64_t cpu_ns = cpu_so_far_ns();
    const struct worked now = worked_so_far(), *const begun = &run->pass_begun;
    struct worked *const sum = &run->worked;
    sum->cpu_ns += cpu_ns - begun->cpu_ns;
    sum->voluntary_switches += now.voluntary_switches - begun->voluntary_switches;
    sum->involuntary_switches += now.involuntary_switches - begun->involuntary_switches;
    sum->minor_faults += now.minor_faults - begun->minor_faults;
    sum->major_faults += now.major_faults - begun->major_faults;
}

bool memory_prepare(struct loop_run *run, memory_prepare_function *prepare,
                    struct memory_pass *pass)
{
    const int failure = prepare ? prepare(run->state, pass, run->error) : 0;
    if (failure)
        loop_failed(run, "prepare", failure);
    return !failure;
}

bool memory_finish(struct loop_run *run, memory_finish_function *finish)
{
    const int failure = finish ? finish(run->state, run->error) : 0;
    if (failure)
        loop_failed(run, "finish", failure);
    return !failure;
}
