#include "bench/suites.h"

#include <string.h>

#define BOTH "pingpong,stream"

/* Ways to wait on shared memory besides the default semaphores. */
#define SHM_SYNCS                                                                                  \
    "shm:sync=named-sem,shm:sync=xsi-sem,shm:sync=futex,shm:sync=mutex,shm:sync=eventfd,"          \
    "shm:sync=spin,shm:sync=spin,copy=no"

#define DESCRIPTOR_WAITS                                                                           \
    "pipe:wait=spin,pipe:wait=poll,pipe:wait=epoll,uds-stream:wait=spin,uds-stream:wait=epoll"

/* The working set beyond the first-level TLB's reach, on small and on huge pages. */
#define MMAP_PAGES                                                                                 \
    "mmap:sync=spin,copy=no,ring=16M,mmap:sync=spin,copy=no,ring=16M,huge=thp,"                    \
    "mmap:sync=spin,copy=no,ring=16M,huge=hugetlb"

/* What wakes the other side and carries nothing, or one word. */
#define NOTIFICATIONS "eventfd,futex,sem,signal"

/* Ways to spare large messages a copy. */
#define FEWER_COPIES "splice,process-vm,memfd-pass,memfd-pass:pool=yes"

#define LOOPBACK                                                                                   \
    "tcp:family=ipv6,tcp:nodelay=no,tcp:quickack=always,tcp:busy-poll=50,tcp:wait=spin,"           \
    "tcp:wait=epoll,udp:family=ipv6,udp:wait=spin,udp:wait=epoll"

/* What the open-loop patterns are measured over: one transport of each kind. */
#define OPEN_LOOP "pipe,uds-stream,posix-mq,shm:sync=futex,shm:sync=spin,copy=no"

/* Several messages for one wake-up. */
#define BATCHES                                                                                    \
    "shm:batch=16,shm:sync=xsi-sem,batch=16,shm:sync=futex,batch=16,shm:sync=mutex,batch=16,"      \
    "shm:sync=eventfd,batch=16,shm:sync=spin,copy=no,batch=16,uds-dgram:batch=16,"                 \
    "uds-seqpacket:batch=16,mmap:sync=spin,copy=no,batch=16"

/* What goes along with a message. */
#define UNIX_EXTRAS                                                                                \
    "uds-stream:iov=2,uds-stream:creds=yes,uds-stream:rights=1,uds-dgram:iov=2,"                   \
    "uds-dgram:creds=yes,uds-dgram:rights=1,uds-seqpacket:iov=2,uds-seqpacket:creds=yes,"          \
    "uds-seqpacket:rights=1"

static const struct suite_block quick_blocks[] = {
    {"all", BOTH, "64", "default"},
    {"shm:sync=futex,shm:sync=spin,copy=no", BOTH, "64", "default"},
    {"mmap:sync=spin,copy=no", BOTH, "64", "default"},
    {NOTIFICATIONS, BOTH, "0", "default"},
    {0},
};

static const struct suite_block default_blocks[] = {
    {"all", BOTH, "64,4K", "default"},
    {SHM_SYNCS "," DESCRIPTOR_WAITS, BOTH, "64", "default"},
    {"null,pipe,uds-stream,tcp,udp,xsi-mq,posix-mq,shm", "pingpong", "64", "poll"},
    {NOTIFICATIONS, BOTH, "0", "default"},
    {"pipe,uds-stream,shm,shm:sync=spin,copy=no", BOTH, "64K,1M", "default"},
    {FEWER_COPIES, BOTH, "1M", "default"},
    {MMAP_PAGES, BOTH, "4K", "default"},
    {OPEN_LOOP, "oneway,burst,paced", "64", "default"},
    {0},
};

static const struct suite_block load_blocks[] = {
    {OPEN_LOOP, "load", "64", "default"},
    {0},
};

static const struct suite_block full_blocks[] = {
    {"all", BOTH, "1,8,64,512,4K,32K,256K,1M,16M,64M", "default"},
    {"all", "pingpong", "64,4K", "poll"},
    {SHM_SYNCS "," DESCRIPTOR_WAITS, BOTH, "1,64,4K,64K,1M", "default"},
    {"uds-dgram:wait=epoll,uds-seqpacket:wait=epoll,posix-mq:wait=epoll,posix-mq:wait=spin,fifo:"
     "wait=epoll",
     BOTH, "64,4K", "default"},
    {"uds-stream:address=path,uds-dgram:address=path,uds-seqpacket:address=path,"
     "uds-stream:address=abstract,uds-dgram:address=abstract,uds-seqpacket:address=abstract",
     BOTH, "64,4K", "default"},
    {"pipe:packet=yes,fifo:packet=yes,pipe:capacity=4K,pipe:capacity=1M,fifo:capacity=1M,uds-dgram:"
     "sndbuf=64K,uds-stream:sndbuf=1M",
     BOTH, "64,4K", "default"},
    {"all,shm:sync=futex,shm:sync=spin,copy=no", "oneway,burst,paced", "64,4K", "default"},
    {NOTIFICATIONS
     ",eventfd:take=one,eventfd:wait=spin,eventfd:wait=epoll,futex:wake=always,"
     "futex:wait=spin,sem:kind=xsi,sem:kind=xsi-lock,sem:kind=xsi-undo,sem:kind=xsi-zero,sem:kind="
     "xsi,semaphores=16,sem:kind=xsi,timed=yes,sem:timed=yes,signal:recv=signalfd,signal:wait=spin",
     BOTH, "0", "default"},
    {NOTIFICATIONS, "pingpong", "0", "poll"},
    {LOOPBACK, BOTH, "64,4K", "default"},
    {"tcp:sndbuf=64K,tcp:rcvbuf=64K,udp:window=1", BOTH, "64,4K", "default"},
    {"file:notice=eventfd,file:notice=spin,process-vm:notice=eventfd,process-vm:notice=spin,"
     "pty:wait=spin,splice:wait=spin",
     BOTH, "64,4K,1M", "default"},
    {FEWER_COPIES ",splice:gift=yes,splice:capacity=1M,memfd-pass:slots=1", BOTH, "64K,1M,16M",
     "default"},
    {"posix-mq:depth=1,posix-mq:priority=1,posix-mq:mixed=yes,posix-mq:timed=yes,posix-mq:notify="
     "signal,posix-mq:notify=thread,xsi-mq:qbytes=8K,xsi-mq:mtype=any,"
     "xsi-mq:mtype=lowest,xsi-mq:noerror=yes,xsi-mq:queues=1,xsi-mq:wait=spin",
     BOTH, "64,4K", "default"},
    {"shm:sync=rwlock,shm:sync=spinlock,shm:slots=1,shm:backing=xsi,shm:backing=memfd,shm:copy=no",
     BOTH, "64,4K,1M", "default"},
    {UNIX_EXTRAS, BOTH, "64,4K", "default"},
    {BATCHES, BOTH, "64,4K", "default"},
    {"mmap:sync=spin,copy=no,mmap:backing=file,mmap:lock=yes,mmap:populate=no", BOTH, "64,4K,1M",
     "default"},
    {MMAP_PAGES ",mmap:sync=spin,copy=no,ring=256M,mmap:sync=spin,copy=no,ring=256M,huge=thp,"
                "mmap:sync=spin,copy=no,ring=256M,huge=hugetlb,mmap:huge=hugetlb-1g,"
                "mmap:advice=sequential,mmap:advice=random,mmap:advice=willneed,"
                "mmap:advice=hugepage,mmap:advice=nohugepage,mmap:advice=collapse",
     BOTH, "64,4K", "default"},
    {0},
};

const struct suite suites[] = {
    {"quick", "every transport once, 64 bytes; under 45 s", 6, 0.05, 0.02, "1,100", quick_blocks},
    {"default", "every transport, the ways to wait, sizes, pages; under 5 minutes", 6, 0.15, 0.04,
     "1,100", default_blocks},
    {"full", "every option and sizes from 1 byte to 64 MiB; the better part of an hour", 10, 0.2,
     0.05, "1,10,100,1000", full_blocks},
    {"load", "latency against load, and its knee, of five transports; under 5 minutes", 6, 0.15,
     0.02, "1", load_blocks},
    {0},
};

const struct suite *suite_find(const char *name)
{
    for (const struct suite *suite = suites; suite->name; ++suite) {
        if (!strcmp(suite->name, name))
            return suite;
    }
    return NULL;
}
