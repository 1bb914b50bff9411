/* Checks of the limits of IPC mechanisms. Bad: the default suite, with its messages of 4 KiB, skips
 * cells. A note: those of 64 KiB do not fit. */
#include "base/units.h"
#include "harness/checkup_parts.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NEEDED_BYTES = 4 << 10, WANTED_BYTES = 64 << 10 };

/* Several facts of "limits"; false where one is missing. */
struct limit_value {
    const char *key;
    int64_t value;
};

static bool read_limits(const struct examination *machine, struct limit_value *limits, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (!machine_number(&machine->machine, "limits", limits[i].key, &limits[i].value))
            return false;
    }
    return true;
}

static struct units_text size_of(int64_t bytes)
{
    return units_bytes(bytes > 0 ? (uint64_t)bytes : 0);
}

static enum checkup_state judge(int64_t value, int64_t needed, int64_t wanted)
{
    return value < needed ? CHECKUP_BAD : value < wanted ? CHECKUP_NOTE : CHECKUP_OK;
}

static void check_mqueue(const struct examination *machine, struct checkup_finding *finding)
{
    struct limit_value limits[] = {
        {"mqueue_msg_max", 0}, {"mqueue_msgsize_max_bytes", 0}, {"mqueue_queues_max", 0}};

    if (!read_limits(machine, limits, 3))
        return;
    const bool is_free = examination_capable(machine, CAPABILITY_SYS_RESOURCE);
    finding_is(finding, is_free ? CHECKUP_OK : judge(limits[1].value, NEEDED_BYTES, WANTED_BYTES),
               "%" PRId64 " messages of %s in a queue, %" PRId64 " queues%s", limits[0].value,
               size_of(limits[1].value).text, limits[2].value,
               is_free ? "; CAP_SYS_RESOURCE is not bound" : "");
    if (finding->state == CHECKUP_OK)
        return;
    finding_means(finding, "posix-mq with larger messages, or depth= over %" PRId64 ", is skipped.",
                  limits[0].value);
    finding_root_command(finding, "sysctl -w fs.mqueue.msg_max=1024 fs.mqueue.msgsize_max=65536");
}

/* A queue is charged for all it could hold, per user (mq_overview(7), getrlimit(2)); a channel is
 * two queues. */
static void check_mqueue_bytes(const struct examination *machine, struct checkup_finding *finding)
{
    enum { MESSAGE_OVERHEAD_BYTES = 128 };
    struct limit_value limits[] = {{"mqueue_msg_default", 0}, {"rlimit_msgqueue_bytes", 0}};

    if (machine_text(&machine->machine, "limits", "rlimit_msgqueue_bytes")) {
        finding_is(finding, CHECKUP_OK, "unlimited");
        return;
    }
    if (!read_limits(machine, limits, 2) || limits[0].value <= 0)
        return;
    const int64_t largest = limits[1].value / (2 * limits[0].value) - MESSAGE_OVERHEAD_BYTES;
    finding_is(finding, judge(largest, NEEDED_BYTES, WANTED_BYTES),
               "%s for all queues of this user", size_of(limits[1].value).text);
    if (finding->state == CHECKUP_OK)
        return;
    finding_means(finding, "posix-mq at its default depth is skipped for messages over about %s.",
                  size_of(largest).text);
    finding_root_command(finding, "prlimit --msgqueue=%" PRId64 " --pid $$",
                         2 * limits[0].value * (WANTED_BYTES + MESSAGE_OVERHEAD_BYTES));
}

static void check_xsi_mq(const struct examination *machine, struct checkup_finding *finding)
{
    struct limit_value limits[] = {{"msgmax_bytes", 0}, {"msgmnb_bytes", 0}, {"msgmni", 0}};

    if (!read_limits(machine, limits, 3))
        return;
    const int64_t largest = limits[0].value < limits[1].value ? limits[0].value : limits[1].value;
    finding_is(finding,
               limits[2].value < 2 ? CHECKUP_BAD : judge(largest, NEEDED_BYTES, WANTED_BYTES),
               "messages of %s, queues of %s, %" PRId64 " queues", size_of(limits[0].value).text,
               size_of(limits[1].value).text, limits[2].value);
    if (finding->state == CHECKUP_OK)
        return;
    finding_means(finding,
                  "xsi-mq is skipped for larger messages, and a queue holds %" PRId64
                  " of the largest: its stream waits for the receiver.",
                  largest > 0 ? limits[1].value / largest : 0);
    finding_root_command(finding, "sysctl -w kernel.msgmax=65536 kernel.msgmnb=1048576");
}

static void check_xsi_sem(const struct examination *machine, struct checkup_finding *finding)
{
    const char *const text = machine_text(&machine->machine, "limits", "sem");
    long per_set, in_all, operations, sets;

    if (!text || sscanf(text, "%ld %ld %ld %ld", &per_set, &in_all, &operations, &sets) != 4)
        return;
    const bool suffices = per_set >= 4 && in_all >= 4 && operations >= 1 && sets >= 1;
    finding_is(finding, suffices ? CHECKUP_OK : CHECKUP_BAD, "%ld per set, %ld sets, %ld in all",
               per_set, sets, in_all);
    if (suffices)
        return;
    finding_means(finding, "shm:sync=xsi-sem is skipped: it needs a set of four semaphores.");
    finding_root_command(finding, "sysctl -w kernel.sem='32000 1024000000 500 32000'");
}

/* Over 63 bits the facts hold text: no limit worth the name. shmall counts pages. */
static void check_xsi_shm(const struct examination *machine, struct checkup_finding *finding)
{
    static const int64_t needed_bytes = 16 << 20;
    static const int64_t wanted_bytes = 256 << 20;
    static const int64_t page_bytes = 4096; /* the smallest there is */
    int64_t segment_bytes = INT64_MAX;
    int64_t pages = INT64_MAX;

    (void)machine_number(&machine->machine, "limits", "shmmax_bytes", &segment_bytes);
    (void)machine_number(&machine->machine, "limits", "shmall_pages", &pages);
    if (segment_bytes == INT64_MAX && pages == INT64_MAX) {
        if (machine_text(&machine->machine, "limits", "shmmax_bytes"))
            finding_is(finding, CHECKUP_OK, "without limit");
        return;
    }
    const int64_t all_bytes = pages < INT64_MAX / page_bytes ? pages * page_bytes : INT64_MAX;
    finding_is(
        finding,
        judge(segment_bytes < all_bytes ? segment_bytes : all_bytes, needed_bytes, wanted_bytes),
        "segments of %s, %s in all", size_of(segment_bytes).text, size_of(all_bytes).text);
    if (finding->state == CHECKUP_OK)
        return;
    finding_means(finding, "shm:backing=xsi is skipped where its ring is larger.");
    finding_root_command(finding, "sysctl -w kernel.shmmax=%" PRId64 " kernel.shmall=%" PRId64,
                         4 * wanted_bytes, 4 * wanted_bytes / page_bytes);
}

static void check_pipes(const struct examination *machine, struct checkup_finding *finding)
{
    enum { PAGES_NEEDED = 64, PAGES_WANTED = 1024 };
    struct limit_value limits[] = {{"pipe_max_size_bytes", 0}, {"pipe_user_soft_pages", 0}};

    if (!read_limits(machine, limits, 2))
        return;
    const bool is_free = examination_capable(machine, CAPABILITY_SYS_RESOURCE);
    const int64_t pages = limits[1].value == 0 ? INT64_MAX : limits[1].value;
    const enum checkup_state by_size = judge(limits[0].value, WANTED_BYTES, 1 << 20);
    const enum checkup_state by_pages = judge(pages, PAGES_NEEDED, PAGES_WANTED);
    finding_is(finding,
               is_free              ? CHECKUP_OK
               : by_size < by_pages ? by_size
                                    : by_pages,
               "%s in a pipe, %" PRId64 " pages in all pipes of a user (0: any)%s",
               size_of(limits[0].value).text, limits[1].value,
               is_free ? "; CAP_SYS_RESOURCE is not bound" : "");
    if (finding->state == CHECKUP_OK)
        return;
    finding_means(finding, "pipe and fifo with a larger capacity= are skipped; beyond the pages of "
                           "a user new pipes hold one page or two.");
    finding_root_command(finding,
                         "sysctl -w fs.pipe-max-size=1048576 fs.pipe-user-pages-soft=16384");
}

static void check_sockets(const struct examination *machine, struct checkup_finding *finding)
{
    struct limit_value limits[] = {{"wmem_max_bytes", 0}, {"rmem_max_bytes", 0}};

    if (!read_limits(machine, limits, 2))
        return;
    finding_is(finding, judge(limits[0].value, 2 * NEEDED_BYTES, 1 << 20),
               "%s to send, %s to receive", size_of(limits[0].value).text,
               size_of(limits[1].value).text);
    if (finding->state == CHECKUP_OK)
        return;
    finding_means(finding, "sndbuf= and rcvbuf= beyond are skipped, and with them larger messages "
                           "over uds-dgram and uds-seqpacket.");
    finding_root_command(finding, "sysctl -w net.core.wmem_max=4194304 net.core.rmem_max=4194304");
}

const struct check checkup_limit_checks[] = {
    {"mqueue", "limits", CHECKUP_LIMITS, "mqueue", check_mqueue},
    {"mqueue-bytes", "limits", CHECKUP_LIMITS, NULL, check_mqueue_bytes},
    {"xsi-mq", "limits", CHECKUP_LIMITS, "xsi-mq", check_xsi_mq},
    {"xsi-sem", "limits", CHECKUP_LIMITS, NULL, check_xsi_sem},
    {"xsi-shm", "limits", CHECKUP_LIMITS, NULL, check_xsi_shm},
    {"pipe-size", "limits", CHECKUP_LIMITS, "pipe-size", check_pipes},
    {"socket-buffers", "limits", CHECKUP_LIMITS, "socket-buffers", check_sockets},
    {0},
};
