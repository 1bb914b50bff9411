/* The jitter baseline: what is made of gaps, that a disturbed CPU shows, and that no child stays. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/error.h"
#include "base/hdr.h"
#include "harness/child.h"
#include "harness/clock.h"
#include "harness/jitter.h"

/* Long enough that only an end by force ends it. */
static const double for_ever_seconds = 3600;

struct fixture {
    struct clock clock;
    struct cpu_pair cpus;
};

static int choose(void **state)
{
    static struct fixture fixture;
    struct topology topology;

    *state = &fixture;
    clock_choose(&fixture.clock);
    if (topology_read("", &topology, NULL))
        return -1;
    fixture.cpus = topology_default_pair(&topology);
    topology_free(&topology);
    return fixture.cpus.sender < 0;
}

static struct jitter_request request_of(const struct fixture *fixture, double seconds)
{
    return (struct jitter_request){
        .cpus = fixture->cpus, .seconds = seconds, .clock = &fixture->clock};
}

static void assert_no_children(void)
{
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
    assert_int_equal(errno, ECHILD);
}

static void assert_share(double share, double expected)
{
    if (!(share >= expected * 0.999 && share <= expected * 1.001))
        fail_msg("%g, expected %g", share, expected);
}

static void gaps_are_weighted_by_time(void **state)
{
    struct hdr gaps_ns;
    struct jitter jitter = {0};
    (void)state;

    assert_int_equal(hdr_init_latency(&gaps_ns, NULL), 0);
    jitter_describe(&gaps_ns, 1e9, &jitter);
    assert_true(jitter.seconds == 1 && jitter.gaps == 0 && jitter.lost_share == 0);
    assert_true(jitter.max_ns == 0 && jitter.p999_ns == 0);

    /* 999 us in all: less than a thousandth of a second. */
    hdr_record_many(&gaps_ns, 1000, 499);
    hdr_record(&gaps_ns, 500000);
    jitter_describe(&gaps_ns, 1e9, &jitter);
    assert_int_equal(jitter.gaps, 500);
    assert_share(jitter.lost_share, 999e-6);
    assert_true(jitter.max_ns == 500000 && jitter.p999_ns == 0);

    /* 500 us in the longest, the thousandth is reached among those of 2 us. */
    hdr_record_many(&gaps_ns, 2000, 1000);
    jitter_describe(&gaps_ns, 1e9, &jitter);
    assert_true(jitter.p999_ns >= 2000 && jitter.p999_ns < 2010);

    /* A single one that takes more than that by itself. */
    hdr_record(&gaps_ns, 3000000);
    jitter_describe(&gaps_ns, 1e9, &jitter);
    assert_true(jitter.p999_ns == 3000000 && jitter.max_ns == 3000000);
    assert_share(jitter.lost_share, 5.999e-3);
    hdr_free(&gaps_ns);
}

static void both_cpus_are_looked_at(void **state)
{
    const struct fixture *const fixture = *state;
    const struct jitter_request request = request_of(fixture, 0.02);
    struct jitter sides[SIDE_COUNT];
    struct error error = {0};

    if (jitter_measure(&request, sides, &error))
        fail_msg("%s", error.message);
    assert_int_equal(sides[SIDE_SENDER].cpu, fixture->cpus.sender);
    assert_int_equal(sides[SIDE_RECEIVER].cpu, fixture->cpus.receiver);
    for (int side = 0; side < SIDE_COUNT; side++) {
        const struct jitter *const jitter = &sides[side];
        assert_true(jitter->seconds >= request.seconds * 0.999);
        assert_true(jitter->minimum_ns > 0);
        assert_true(jitter->lost_share >= 0 && jitter->lost_share < 1);
        assert_int_equal(jitter->gaps > 0, jitter->max_ns > JITTER_GAP_FACTOR * jitter->minimum_ns);
        assert_true(jitter->p999_ns <= jitter->max_ns);
        assert_true(jitter->max_ns <= jitter->lost_share * jitter->seconds * 1e9 * 1.002);
    }
    assert_no_children();
}

static void one_cpu_stands_for_both(void **state)
{
    const struct fixture *const fixture = *state;
    struct jitter_request request = request_of(fixture, 0.01);
    struct jitter sides[SIDE_COUNT];

    request.cpus.receiver = request.cpus.sender;
    assert_int_equal(jitter_measure(&request, sides, NULL), 0);
    assert_true(sides[SIDE_SENDER].seconds > 0);
    assert_memory_equal(&sides[SIDE_SENDER], &sides[SIDE_RECEIVER], sizeof sides[0]);
    assert_no_children();
}

/* A process that spins on the same CPU gets half of it. */
static void a_rival_is_seen(void **state)
{
    const struct fixture *const fixture = *state;
    struct jitter_request request = request_of(fixture, 0.2);
    const pid_t parent = getpid();
    const int cpu = fixture->cpus.sender;
    struct jitter sides[SIDE_COUNT];
    int ready[2];
    char byte = 0;

    request.cpus.receiver = cpu;
    assert_int_equal(pipe(ready), 0);
    const pid_t rival = fork();
    assert_true(rival >= 0);
    if (rival == 0) {
        child_settle(cpu, parent, 60);
        (void)!write(ready[1], &byte, 1);
        for (;;)
            __asm__ volatile("");
    }
    assert_int_equal(read(ready[0], &byte, 1), 1); /* it is on that CPU */
    assert_int_equal(jitter_measure(&request, sides, NULL), 0);
    assert_int_equal(kill(rival, SIGKILL), 0);
    assert_int_equal(waitpid(rival, NULL, 0), rival);
    assert_int_equal(close(ready[0]), 0);
    assert_int_equal(close(ready[1]), 0);
    assert_true(sides[SIDE_SENDER].lost_share > 0.2);
    assert_true(sides[SIDE_SENDER].gaps > 0);
}

static void a_cpu_that_is_refused_is_an_error(void **state)
{
    struct jitter_request request = request_of(*state, for_ever_seconds);
    struct jitter sides[SIDE_COUNT];
    struct error error = {0};

    request.cpus.receiver = 8191;
    assert_true(jitter_measure(&request, sides, &error) < 0);
    assert_non_null(strstr(error.message, "jitter"));
    assert_true(sides[SIDE_SENDER].seconds == 0 && sides[SIDE_RECEIVER].seconds == 0);
    assert_no_children();
}

static volatile sig_atomic_t flag;

static void raise_flag(int number)
{
    (void)number;
    flag = 1;
}

static void an_interruption_ends_it(void **state)
{
    struct jitter_request request = request_of(*state, for_ever_seconds);
    struct jitter sides[SIDE_COUNT];
    const pid_t parent = getpid();

    flag = 1;
    request.interrupted = &flag;
    assert_int_equal(jitter_measure(&request, sides, NULL), -EINTR);
    assert_true(sides[SIDE_SENDER].seconds == 0);
    assert_no_children();

    flag = 0;
    assert_int_equal(sigaction(SIGTERM, &(struct sigaction){.sa_handler = raise_flag}, NULL), 0);
    const pid_t sender = fork();
    assert_true(sender >= 0);
    if (sender == 0) {
        usleep(50000);
        kill(parent, SIGTERM);
        _exit(0);
    }
    assert_int_equal(jitter_measure(&request, sides, NULL), -EINTR);
    assert_int_equal(waitpid(sender, NULL, 0), sender);
    assert_no_children();
    assert_int_equal(sigaction(SIGTERM, &(struct sigaction){.sa_handler = SIG_DFL}, NULL), 0);
}

/* Orphans come to us as the subreaper: dead, each by its own PR_SET_PDEATHSIG. */
static void no_child_outlives_the_parent(void **state)
{
    const struct jitter_request request = request_of(*state, for_ever_seconds);
    struct jitter sides[SIDE_COUNT];
    int status;

    assert_int_equal(prctl(PR_SET_CHILD_SUBREAPER, 1), 0);
    const pid_t measuring = fork();
    assert_true(measuring >= 0);
    if (measuring == 0) {
        (void)jitter_measure(&request, sides, NULL);
        _exit(1);
    }
    usleep(100000);
    assert_int_equal(kill(measuring, SIGKILL), 0);
    assert_int_equal(waitpid(measuring, &status, 0), measuring);
    alarm(60); /* instead of hanging */
    while (waitpid(-1, &status, 0) > 0)
        assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
    assert_int_equal(errno, ECHILD);
    alarm(0);
    assert_int_equal(prctl(PR_SET_CHILD_SUBREAPER, 0), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gaps_are_weighted_by_time),
        cmocka_unit_test(both_cpus_are_looked_at),
        cmocka_unit_test(one_cpu_stands_for_both),
        cmocka_unit_test(a_rival_is_seen),
        cmocka_unit_test(a_cpu_that_is_refused_is_an_error),
        cmocka_unit_test(an_interruption_ends_it),
        cmocka_unit_test(no_child_outlives_the_parent),
    };
    return cmocka_run_group_tests(tests, choose, NULL);
}
