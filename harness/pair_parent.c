/* The parent's side of a pair: forks both, sleeps until they end or the deadline passes, ends what is
 * left and says what went wrong. */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness/pair.h"

/* On top of the loops: set-up, verification and probes, and at least this speed for the messages that
 * each phase waits for. */
static const double grace_seconds = 15;
static const double slowest_bytes_per_s = 2 << 20;
static const char *const side_names[SIDE_COUNT] = {"sender", "receiver"};

/* One forked child as the parent follows it. */
struct follower {
    pid_t pid;
    int pidfd; /* -1 once it has ended */
    int wait_status;
};

static void follower_reap(struct follower *follower)
{
    while (waitpid(follower->pid, &follower->wait_status, 0) < 0 && errno == EINTR)
        continue;
    close(follower->pidfd);
    follower->pidfd = -1;
}

static void followers_kill(struct follower *followers)
{
    for (int side = 0; side < SIDE_COUNT; ++side) {
        if (followers[side].pidfd >= 0) {
            kill(followers[side].pid, SIGKILL);
            follower_reap(&followers[side]);
            followers[side].wait_status = 0; /* our doing: not what went wrong */
        }
    }
}

static int followers_fork(struct follower *followers, const struct pair *pair,
                          const sigset_t *original, struct error *error)
{
    for (int side = 0; side < SIDE_COUNT; ++side)
        followers[side] = (struct follower){.pid = -1, .pidfd = -1};
    for (int side = 0; side < SIDE_COUNT; ++side) {
        const pid_t pid = fork();
        if (pid == 0) {
            sigprocmask(SIG_SETMASK, original, NULL);
            pair_child(pair, (enum side)side);
        }
        if (pid < 0) {
            error_system(error, errno, "fork of the %s", side_names[side]);
            followers_kill(followers);
            return -EAGAIN;
        }
        followers[side].pid = pid;
        followers[side].pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
        if (followers[side].pidfd < 0) {
            error_system(error, errno, "pidfd_open of the %s", side_names[side]);
            kill(pid, SIGKILL);
            waitpid(pid, NULL, 0);
            followers_kill(followers);
            return -ENOSYS;
        }
    }
    return 0;
}

static double allowed_seconds(const struct trial_request *request)
{
    return grace_seconds + (double)request->message_bytes / slowest_bytes_per_s +
           3 * (request->warmup_seconds + request->timed_seconds);
}

/* Describes a child that ended badly; its own error goes first. */
static void describe_end(const struct follower *follower, const struct side_report *report,
                         enum side side, struct error *error)
{
    if (report->error.code) {
        *error = report->error;
        error_prefix(error, "%s: ", side_names[side]);
    } else if (WIFSIGNALED(follower->wait_status)) {
        error_plain(error, "%s: killed by signal %d (%s)", side_names[side],
                    WTERMSIG(follower->wait_status), strsignal(WTERMSIG(follower->wait_status)));
    } else {
        error_plain(error, "%s: exited with status %d", side_names[side],
                    WEXITSTATUS(follower->wait_status));
    }
}

static bool is_interrupted(const struct trial_request *request)
{
    return request->interrupted && *request->interrupted;
}

/* Sleeps until both have ended well (0), or one has not: then the other is ended too. */
static int followers_wait(struct follower *followers, const struct pair *pair,
                          const sigset_t *original, struct error *error)
{
    const struct trial_request *request = pair->request;
    const uint64_t deadline_ns = clock_monotonic_ns() + (uint64_t)(allowed_seconds(request) * 1e9);
    while (followers[SIDE_SENDER].pidfd >= 0 || followers[SIDE_RECEIVER].pidfd >= 0) {
        struct pollfd ends[SIDE_COUNT];
        for (int side = 0; side < SIDE_COUNT; ++side)
            ends[side] = (struct pollfd){.fd = followers[side].pidfd, .events = POLLIN};
        const uint64_t now_ns = clock_monotonic_ns();
        const uint64_t left_ns = now_ns < deadline_ns ? deadline_ns - now_ns : 0;
        const struct timespec left = {.tv_sec = (time_t)(left_ns / 1000000000),
                                      .tv_nsec = (long)(left_ns % 1000000000)};
        /* A signal handled before it was masked has left nothing to wake ppoll with but its flag. */
        const int ready = is_interrupted(request) ? -1 : ppoll(ends, SIDE_COUNT, &left, original);
        if (is_interrupted(request)) {
            followers_kill(followers);
            return error_system(error, EINTR, "trial");
        }
        if (ready == 0) {
            followers_kill(followers);
            return error_plain(error, "no end after %.0f s: both processes were killed",
                               allowed_seconds(request));
        }
        for (int side = 0; ready > 0 && side < SIDE_COUNT; ++side) {
            if (!ends[side].revents)
                continue;
            follower_reap(&followers[side]);
            const struct side_report *report = &pair->workspace->shared->reports[side];
            if (report->finished && followers[side].wait_status == 0)
                continue;
            followers_kill(followers);
            describe_end(&followers[side], report, (enum side)side, error);
            return error->unavailable ? -ENOTSUP : -EIO;
        }
    }
    return 0;
}

int pair_run(const struct pair *pair, struct error *error)
{
    sigset_t handled, original;
    sigemptyset(&handled);
    sigaddset(&handled, SIGINT);
    sigaddset(&handled, SIGTERM);
    sigaddset(&handled, SIGHUP);
    sigprocmask(SIG_BLOCK, &handled, &original);
    memset(pair->workspace->shared, 0, sizeof(*pair->workspace->shared));
    struct follower followers[SIDE_COUNT];
    int failure = followers_fork(followers, pair, &original, error);
    if (!failure)
        failure = followers_wait(followers, pair, &original, error);
    sigprocmask(SIG_SETMASK, &original, NULL);
    return failure;
}
