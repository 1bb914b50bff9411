#include "harness/cpu_matrix.h"

#include <errno.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/error.h"
#include "base/stats.h"
#include "harness/clock.h"
#include "harness/placement.h"
#include "harness/probe.h"

static const double probe_seconds = 0.002;
static const double fork_seconds = 0.001; /* two forks, pinning and reaping, from experience */
static const double seconds_enough = 20;
static const unsigned child_seconds_most = 5;
enum { ROUNDS_LEAST = 3, ROUNDS_MOST = 9 };

enum arrival { ARRIVAL_PENDING, ARRIVAL_PINNED, ARRIVAL_FAILED };

/* Shared between the parent and the two children of one probe; zeroed before each. */
struct shared {
    struct probe_line line;
    _Atomic int arrivals[2]; /* of the echoing and the measuring process */
    struct probe_result result;
};

/* What stays the same from probe to probe. */
struct session {
    struct shared *shared;
    const struct clock *clock;
    const volatile sig_atomic_t *interrupted;
    double *samples; /* pair by pair, ROUNDS_MOST each */
    size_t rounds;
};

static size_t pair_count(size_t count)
{
    return count * (count - 1) / 2;
}

static size_t rounds_for(size_t count)
{
    const double round_seconds = (double)pair_count(count) * (probe_seconds + fork_seconds);
    const double rounds = round_seconds > 0 ? seconds_enough / round_seconds : ROUNDS_MOST;
    return rounds < ROUNDS_LEAST  ? ROUNDS_LEAST
           : rounds > ROUNDS_MOST ? ROUNDS_MOST
                                  : (size_t)rounds;
}

double cpu_matrix_seconds(size_t count)
{
    return count < 2
               ? 0
               : (double)(rounds_for(count) * pair_count(count)) * (probe_seconds + fork_seconds);
}

/* In a child: pins, and waits until the other is in its place too. Who could not be pinned says so:
 * its peer must not spin for ever. */
static void settle(struct shared *shared, int self, int cpu, pid_t parent)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent)
        _exit(1);
    signal(SIGINT, SIG_IGN); /* the parent decides */
    alarm(child_seconds_most);
    const int refused = placement_pin(cpu, NULL);
    atomic_store(&shared->arrivals[self], refused ? ARRIVAL_FAILED : ARRIVAL_PINNED);
    int peer;
    while ((peer = atomic_load(&shared->arrivals[1 - self])) == ARRIVAL_PENDING)
        sched_yield();
    if (refused || peer == ARRIVAL_FAILED)
        _exit(1);
}

static _Noreturn void echo(const struct session *session, int cpu, pid_t parent)
{
    struct probe_echoed echoed;
    settle(session->shared, 0, cpu, parent);
    probe_echo(&session->shared->line, session->clock, &echoed);
    _exit(0);
}

static _Noreturn void measure(const struct session *session, int cpu, pid_t parent)
{
    settle(session->shared, 1, cpu, parent);
    probe_measure(&session->shared->line, session->clock, probe_seconds, &session->shared->result);
    _exit(0);
}

static int reap(pid_t pid)
{
    int status = 0;
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        continue;
    return status;
}

/* 0 in *round_trip_ns where the two could not be put on their CPUs. */
static int probe_pair(const struct session *session, struct cpu_pair cpus, double *round_trip_ns,
                      struct error *error)
{
    const pid_t parent = getpid();
    *session->shared = (struct shared){0};
    *round_trip_ns = 0;
    const pid_t first = fork();
    if (first == 0)
        echo(session, cpus.receiver, parent);
    if (first < 0)
        return error_system(error, errno, "fork for probing CPUs");
    const pid_t second = fork();
    if (second == 0)
        measure(session, cpus.sender, parent);
    const int failure = errno;
    const int status = second < 0 ? -1 : reap(second);
    if (status != 0)
        kill(first, SIGKILL); /* it would echo for ever */
    reap(first);
    if (second < 0)
        return error_system(error, failure, "fork for probing CPUs");
    *round_trip_ns = status == 0 ? session->shared->result.median_ns : 0;
    return 0;
}

/* Every pair once. */
static int measure_round(const struct session *session, const struct cpu_matrix *matrix,
                         size_t round, struct error *error)
{
    size_t pair = 0;

    for (size_t row = 0; row < matrix->count; row++) {
        for (size_t column = row + 1; column < matrix->count; column++, pair++) {
            const struct cpu_pair forth = {matrix->cpus[row], matrix->cpus[column]};
            const struct cpu_pair back = {matrix->cpus[column], matrix->cpus[row]};
            if (session->interrupted && *session->interrupted)
                return error_system(error, EINTR, "probing CPUs");
            const int failed = probe_pair(session, round % 2 ? back : forth,
                                          &session->samples[pair * ROUNDS_MOST + round], error);
            if (failed)
                return failed;
        }
    }
    return 0;
}

static double median_of_measured(double *samples)
{
    size_t measured = 0;

    for (size_t i = 0; i < ROUNDS_MOST; i++) {
        if (samples[i] > 0)
            samples[measured++] = samples[i];
    }
    return measured > 0 ? stats_median(samples, measured) : 0;
}

static void fill(const struct session *session, struct cpu_matrix *matrix)
{
    const size_t count = matrix->count;
    double *samples = session->samples;

    for (size_t row = 0; row < count; row++) {
        for (size_t column = row + 1; column < count; column++, samples += ROUNDS_MOST) {
            const double round_trip_ns = median_of_measured(samples);
            matrix->round_trip_ns[row * count + column] = round_trip_ns;
            matrix->round_trip_ns[column * count + row] = round_trip_ns;
        }
    }
}

static int matrix_open(const struct topology *topology, struct cpu_matrix *matrix,
                       struct error *error)
{
    *matrix = (struct cpu_matrix){.cpus = calloc(topology->count, sizeof *matrix->cpus)};
    for (size_t i = 0; matrix->cpus && i < topology->count; i++) {
        if (topology->cpus[i].allowed)
            matrix->cpus[matrix->count++] = topology->cpus[i].id;
    }
    matrix->round_trip_ns =
        calloc(matrix->count * matrix->count + 1, sizeof *matrix->round_trip_ns);
    if (matrix->cpus && matrix->round_trip_ns)
        return 0;
    return error_system(error, ENOMEM, "matrix of %zu CPUs", topology->count);
}

int cpu_matrix_measure(const struct topology *topology, const struct clock *clock,
                       const volatile sig_atomic_t *interrupted, struct cpu_matrix *matrix,
                       struct error *error)
{
    int failed = matrix_open(topology, matrix, error);
    if (failed || matrix->count < 2)
        return failed;
    const struct session session = {
        .shared = mmap(NULL, sizeof(struct shared), PROT_READ | PROT_WRITE,
                       MAP_SHARED | MAP_ANONYMOUS, -1, 0),
        .clock = clock,
        .interrupted = interrupted,
        .samples = calloc(pair_count(matrix->count) * ROUNDS_MOST, sizeof(double)),
        .rounds = rounds_for(matrix->count),
    };
    if (session.shared == MAP_FAILED || !session.samples)
        failed = error_system(error, ENOMEM, "probing %zu CPUs", matrix->count);
    for (size_t round = 0; !failed && round < session.rounds; round++) {
        failed = measure_round(&session, matrix, round, error);
        matrix->rounds += !failed;
    }
    if (session.samples)
        fill(&session, matrix);
    free(session.samples);
    if (session.shared != MAP_FAILED)
        munmap(session.shared, sizeof *session.shared);
    return failed;
}

void cpu_matrix_free(struct cpu_matrix *matrix)
{
    free(matrix->cpus);
    free(matrix->round_trip_ns);
    *matrix = (struct cpu_matrix){0};
}

double cpu_matrix_at(const struct cpu_matrix *matrix, size_t row, size_t column)
{
    return matrix->round_trip_ns[row * matrix->count + column];
}
