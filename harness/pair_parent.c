/* The parent's side of a pair or crew: forks all, sleeps until they end or the deadline passes, ends
 * what is left and says what went wrong. */
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
static const double lane_seconds = 0.1;

enum { MEMBERS_MAX = SIDE_COUNT * CREW_LANES_MAX };

/* One forked child as the parent follows it. */
struct follower {
    size_t lane;
    enum side side;
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

struct followers {
    size_t count;
    size_t running;
    struct follower items[MEMBERS_MAX];
};

/* All at once, so that none finds its peer dead and complains. */
static void followers_kill(struct followers *followers)
{
    for (size_t index = 0; index < followers->count; ++index) {
        if (followers->items[index].pidfd >= 0)
            kill(followers->items[index].pid, SIGKILL);
    }
    for (size_t index = 0; index < followers->count; ++index) {
        if (followers->items[index].pidfd < 0)
            continue;
        follower_reap(&followers->items[index]);
        followers->items[index].wait_status = 0; /* our doing: not what went wrong */
    }
    followers->running = 0;
}

static int follower_fork(struct follower *follower, const struct pair *pair,
                         const sigset_t *original, struct error *error)
{
    char name[CREW_NAME_BYTES];
    const struct crew *crew = &pair->request->crew;
    follower->pid = fork();
    if (follower->pid == 0) {
        sigprocmask(SIG_SETMASK, original, NULL);
        pair_child(pair, follower->lane, follower->side);
    }
    if (follower->pid < 0) {
        error_system(error, errno, "fork of the %s",
                     crew_member_name(crew, follower->lane, follower->side, name));
        return -EAGAIN;
    }
    follower->pidfd = (int)syscall(SYS_pidfd_open, follower->pid, 0);
    if (follower->pidfd >= 0)
        return 0;
    error_system(error, errno, "pidfd_open of the %s",
                 crew_member_name(crew, follower->lane, follower->side, name));
    kill(follower->pid, SIGKILL);
    waitpid(follower->pid, NULL, 0);
    return -ENOSYS;
}

static int followers_fork(struct followers *followers, const struct pair *pair,
                          const sigset_t *original, struct error *error)
{
    const struct crew *crew = &pair->request->crew;
    followers->count = followers->running = 0;
    for (size_t member = 0; member < SIDE_COUNT * crew_lanes(crew); ++member) {
        const size_t lane = member / SIDE_COUNT;
        const enum side side = (enum side)(member % SIDE_COUNT);
        if (!crew_has(crew, lane, side))
            continue;
        struct follower *follower = &followers->items[followers->count];
        *follower = (struct follower){.lane = lane, .side = side, .pid = -1, .pidfd = -1};
        const int failure = follower_fork(follower, pair, original, error);
        if (failure) {
            followers_kill(followers);
            return failure;
        }
        ++followers->count;
        ++followers->running;
    }
    return 0;
}

static double allowed_seconds(const struct trial_request *request)
{
    const double lanes = (double)crew_lanes(&request->crew);
    return grace_seconds + lane_seconds * lanes +
           lanes * (double)request->message_bytes / slowest_bytes_per_s +
           3 * (request->warmup_seconds + request->timed_seconds);
}

/* Describes a child that ended badly; its own error goes first. */
static void describe_end(const struct follower *follower, const struct side_report *report,
                         const struct crew *crew, struct error *error)
{
    char name[CREW_NAME_BYTES];
    crew_member_name(crew, follower->lane, follower->side, name);
    if (report->bus_error.happened) {
        bus_error_describe(&report->bus_error, error);
        error_prefix(error, "%s: ", name);
    } else if (report->error.code) {
        *error = report->error;
        error_prefix(error, "%s: ", name);
    } else if (WIFSIGNALED(follower->wait_status)) {
        error_plain(error, "%s: killed by signal %d (%s)", name, WTERMSIG(follower->wait_status),
                    strsignal(WTERMSIG(follower->wait_status)));
    } else {
        error_plain(error, "%s: exited with status %d", name, WEXITSTATUS(follower->wait_status));
    }
}

static bool is_interrupted(const struct trial_request *request)
{
    return request->interrupted && *request->interrupted;
}

/* Reaps those that have ended; where one ended badly, ends all and says why. */
static int followers_reap(struct followers *followers, const struct pollfd *ends,
                          const struct pair *pair, struct error *error)
{
    for (size_t index = 0; index < followers->count; ++index) {
        struct follower *follower = &followers->items[index];
        if (!ends[index].revents)
            continue;
        follower_reap(follower);
        --followers->running;
        const struct side_report *report =
            &pair->workspace->shared[follower->lane].reports[follower->side];
        if (report->finished && follower->wait_status == 0)
            continue;
        followers_kill(followers);
        describe_end(follower, report, &pair->request->crew, error);
        return error->unavailable ? -ENOTSUP : -EIO;
    }
    return 0;
}

/* Sleeps until all have ended well (0), or one has not: then the others are ended too. */
static int followers_wait(struct followers *followers, const struct pair *pair,
                          const sigset_t *original, struct error *error)
{
    const struct trial_request *request = pair->request;
    const uint64_t deadline_ns = clock_monotonic_ns() + (uint64_t)(allowed_seconds(request) * 1e9);
    while (followers->running) {
        struct pollfd ends[MEMBERS_MAX];
        for (size_t index = 0; index < followers->count; ++index)
            ends[index] = (struct pollfd){.fd = followers->items[index].pidfd, .events = POLLIN};
        const uint64_t now_ns = clock_monotonic_ns();
        const uint64_t left_ns = now_ns < deadline_ns ? deadline_ns - now_ns : 0;
        const struct timespec left = {.tv_sec = (time_t)(left_ns / 1000000000),
                                      .tv_nsec = (long)(left_ns % 1000000000)};
        /* A signal handled before it was masked has left nothing to wake ppoll with but its flag. */
        const int ready =
            is_interrupted(request) ? -1 : ppoll(ends, followers->count, &left, original);
        if (is_interrupted(request)) {
            followers_kill(followers);
            return error_system(error, EINTR, "trial");
        }
        if (ready == 0) {
            followers_kill(followers);
            return error_plain(error, "no end after %.0f s: %s processes were killed",
                               allowed_seconds(request), request->crew.lanes ? "all" : "both");
        }
        const int failure = ready > 0 ? followers_reap(followers, ends, pair, error) : 0;
        if (failure)
            return failure;
    }
    return 0;
}

/* Everything that the children share, as it is before they begin. */
static void prepare_shared(const struct pair *pair)
{
    const struct crew *crew = &pair->request->crew;
    struct crew_shared *all = pair->workspace->crew;
    struct pair_shared *lanes = pair->workspace->shared;
    memset(lanes, 0, crew_lanes(crew) * sizeof(*lanes));
    for (size_t lane = 0; lane < crew_lanes(crew); ++lane)
        lanes[lane].barrier.members = SIDE_COUNT;
    memset(all, 0, sizeof(*all));
    all->barrier.members = (uint32_t)crew_members(crew);
    all->senders_left = (uint32_t)crew->senders;
}

int pair_run(const struct pair *pair, struct error *error)
{
    sigset_t handled, original;
    sigemptyset(&handled);
    sigaddset(&handled, SIGINT);
    sigaddset(&handled, SIGTERM);
    sigaddset(&handled, SIGHUP);
    sigprocmask(SIG_BLOCK, &handled, &original);
    prepare_shared(pair);
    struct followers followers;
    int failure = followers_fork(&followers, pair, &original, error);
    if (!failure)
        failure = followers_wait(&followers, pair, &original, error);
    sigprocmask(SIG_SETMASK, &original, NULL);
    return failure;
}
