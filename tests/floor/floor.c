/* The floor's command line and its one line of output; floor.h says what it is for. */
#include "tests/floor/floor.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

static const struct floor_mechanism *const mechanisms[] = {
    &floor_pipe,     &floor_uds_stream, &floor_io_uring, &floor_uds_dgram,  &floor_tcp,
    &floor_udp,      &floor_eventfd,    &floor_signal,   &floor_process_vm, &floor_splice,
    &floor_xsi_mq,   &floor_posix_mq,   &floor_shm_sem,  &floor_shm_futex,  &floor_shm_xsi_sem,
    &floor_shm_spin, &floor_mmap_spin,
};
enum { MECHANISMS = sizeof(mechanisms) / sizeof(mechanisms[0]), USAGE_EXIT = 2 };

static int usage(void)
{
    fputs("usage: floor MECHANISM pingpong|stream BYTES SENDER_CPU RECEIVER_CPU SECONDS\n"
          "       BYTES from 8, which the number takes; 0 for eventfd; mechanisms:",
          stderr);
    for (int index = 0; index < MECHANISMS; ++index)
        fprintf(stderr, " %s", mechanisms[index]->name);
    fputc('\n', stderr);
    return USAGE_EXIT;
}

static const struct floor_mechanism *find(const char *name)
{
    for (int index = 0; index < MECHANISMS; ++index) {
        if (!strcmp(mechanisms[index]->name, name))
            return mechanisms[index];
    }
    return NULL;
}

static bool parse_number(const char *text, double least, double most, double *number)
{
    char *end;
    *number = strtod(text, &end);
    return end != text && !*end && *number >= least && *number <= most;
}

static bool parse(char **words, struct floor_job *job)
{
    double bytes, sender, receiver;
    job->mechanism = find(words[0]);
    job->stream = !strcmp(words[1], "stream");
    if (!job->mechanism || (!job->stream && strcmp(words[1], "pingpong") != 0) ||
        !parse_number(words[2], 0, 1 << 30, &bytes) || !parse_number(words[3], 0, 65535, &sender) ||
        !parse_number(words[4], 0, 65535, &receiver) ||
        !parse_number(words[5], 0.001, 3600, &job->seconds))
        return false;
    job->message_bytes = (size_t)bytes;
    job->cpus[FLOOR_SENDER] = (int)sender;
    job->cpus[FLOOR_RECEIVER] = (int)receiver;
    return true;
}

static void print(const struct floor_job *job, double ns_per_tick)
{
    const struct floor_report *report = &job->shared->report;
    double median_ns = report->median_ticks * ns_per_tick;
    double mean_ns = report->mean_ticks * ns_per_tick;
    double batch_ns = report->batch_ticks * ns_per_tick;
    double rate_per_s = report->batch_rate_per_tick / ns_per_tick * 1e9;
    if (job->stream) {
        rate_per_s = report->window_ns
                         ? (double)report->window_messages * 1e9 / (double)report->window_ns
                         : 0;
        median_ns = mean_ns = batch_ns = rate_per_s > 0 ? 1e9 / rate_per_s : 0;
    }
    const double before_ns = report->probe_before_ticks * ns_per_tick;
    const double after_ns = report->probe_after_ticks * ns_per_tick;
    printf("mechanism=%s pattern=%s bytes=%zu median_ns=%.1f mean_ns=%.1f batch_ns=%.1f "
           "rate_per_s=%.0f probe_ns=%.1f probe_before_ns=%.1f probe_after_ns=%.1f\n",
           job->mechanism->name, job->stream ? "stream" : "pingpong", job->message_bytes, median_ns,
           mean_ns, batch_ns, rate_per_s, (before_ns + after_ns) / 2, before_ns, after_ns);
}

int main(int count, char **words)
{
    struct floor_job job = {0};
    if (count != 7 || !parse(words + 1, &job))
        return usage();
    if (job.mechanism->spins && job.cpus[FLOOR_SENDER] == job.cpus[FLOOR_RECEIVER]) {
        fputs("floor: two spinning processes need two CPUs\n", stderr);
        return USAGE_EXIT;
    }
    job.shared =
        mmap(NULL, sizeof(*job.shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (job.shared == MAP_FAILED)
        floor_fail("mmap");
    /* The run itself is the calibration: a tenth of a second and more between two readings. */
    const uint64_t first_ns = floor_now_ns(), first_ticks = floor_ticks();
    const int outcome = floor_pair(&job);
    const uint64_t last_ns = floor_now_ns(), last_ticks = floor_ticks();
    if (!outcome)
        print(&job, (double)(last_ns - first_ns) / (double)(last_ticks - first_ticks));
    return outcome;
}
