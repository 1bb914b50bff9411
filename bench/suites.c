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

/* io_uring as programs that care set it up, and with a kernel thread that takes the submissions. */
#define URING_TUNED "io-uring:taskrun=defer,batch=8,io-uring:sqpoll=own-cpu"
#define URING_OPTIONS                                                                              \
    "io-uring:over=pipe,io-uring:fixed=files,io-uring:fixed=buffers,io-uring:fixed=both,"          \
    "io-uring:receive=multishot,io-uring:sqpoll=free-cpu,io-uring:sqpoll=free-cpu,wait=spin,"      \
    "io-uring:taskrun=coop,io-uring:taskrun=defer,io-uring:taskrun=defer,wait=spin,"               \
    "io-uring:wait=spin,io-uring:batch=8,io-uring:over=pipe,taskrun=defer,batch=8,"                \
    "io-uring:receive=multishot,taskrun=defer,batch=8"

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
    {URING_TUNED, "pingpong", "64", "default"},
    {MMAP_PAGES, BOTH, "4K", "default"},
    {OPEN_LOOP, "oneway,burst,paced", "64", "default"},
    {0},
};

/* Working sets from one page to 1 GiB, seen through small and through huge pages; then whole rings in
 * random order, and in sequence for comparison. */
#define PAGE_KINDS(options)                                                                        \
    "mmap:" options ",mmap:" options ",huge=thp,mmap:" options ",huge=hugetlb"

static const struct suite_block pages_blocks[] = {
    {PAGE_KINDS("copy=no"), "pagewalk", "4K,16K,64K,256K,1M,4M,16M,64M,256M,1G", "default"},
    {PAGE_KINDS("copy=no"), "linewalk", "4K,64K,1M,4M,16M,64M,256M,1G", "default"},
    {PAGE_KINDS("ring=256M,sync=spin,copy=no,order=random") "," PAGE_KINDS(
         "ring=256M,sync=spin,copy=no"),
     BOTH, "64", "default"},
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
    {"pipe:packet=yes,fifo:packet=yes,pipe:lock=yes,fifo:lock=yes,pipe:capacity=4K,pipe:capacity="
     "1M,"
     "fifo:capacity=1M,uds-dgram:sndbuf=64K,uds-stream:sndbuf=1M",
     BOTH, "64,4K", "default"},
    {"all,shm:sync=futex,shm:sync=spin,copy=no", "oneway,burst,paced", "64,4K", "default"},
    {NOTIFICATIONS
     ",eventfd:take=one,eventfd:wait=spin,eventfd:wait=epoll,futex:wake=always,"
     "futex:wait=spin,sem:kind=xsi,sem:kind=xsi-lock,sem:kind=xsi-undo,sem:kind=xsi-zero,sem:kind="
     "xsi,semaphores=16,sem:kind=xsi,timed=yes,sem:timed=yes,signal:recv=signalfd,signal:wait=spin",
     BOTH, "0", "default"},
    {NOTIFICATIONS, "pingpong", "0", "poll"},
    {LOOPBACK, BOTH, "64,4K", "default"},
    {URING_TUNED "," URING_OPTIONS, BOTH, "64,4K", "default"},
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

/* First touch of shared memory against what is believed to make it cheaper, and of other kinds. */
#define TOUCHES                                                                                    \
    "touch,touch:kind=private,touch:kind=memfd,touch:kind=xsi,touch:how=read,"                     \
    "touch:how=populate,touch:how=populate-read,touch:how=populate-write,touch:how=mlock,"         \
    "touch:how=map-locked,touch:noreserve=yes,touch:huge=thp,touch:huge=hugetlb,"                  \
    "touch:kind=private,huge=thp,touch:kind=private,huge=hugetlb,"                                 \
    "touch:kind=private,how=populate,touch:kind=private,uninitialized=yes,"                        \
    "touch:kind=memfd,huge=hugetlb,touch:huge=thp,how=populate-write,"                             \
    "touch:huge=hugetlb,how=populate"
#define TOUCHES_OF_FILES                                                                           \
    "touch:kind=file-warm,touch:kind=file-warm,how=read,touch:kind=file-warm,how=populate,"        \
    "touch:kind=file-cold,how=read,touch:kind=file-cold,how=populate-read"
#define TOUCHES_BY_SECOND                                                                          \
    "touch:by=second,touch:by=second,how=read,touch:by=second,how=populate-write,"                 \
    "touch:by=second,peer=active,touch:kind=memfd,by=second,touch:kind=xsi,by=second,"             \
    "touch:huge=thp,by=second,touch:kind=memfd,huge=hugetlb,by=second,"                            \
    "touch:kind=file-warm,how=read,by=second"

/* Advice before a cold file is read, in order and not, and on memory that is there. */
#define ADVICE                                                                                     \
    "advise,advise:advice=sequential,advise:advice=willneed,advise:advice=random,"                 \
    "advise:order=random,advise:advice=willneed,order=random,advise:advice=random,order=random,"   \
    "advise:time=both,advise:advice=willneed,time=both,"                                           \
    "advise:state=resident,advise:advice=dontneed,state=resident,"                                 \
    "advise:advice=pageout,state=resident,"                                                        \
    "advise:kind=private,advise:kind=private,advice=hugepage,"                                     \
    "advise:kind=private,state=resident,advise:kind=private,advice=dontneed,state=resident,"       \
    "advise:kind=private,advice=free,state=resident,"                                              \
    "advise:kind=private,advice=collapse,state=resident,"                                          \
    "advise:kind=memfd,advice=dontneed,state=resident,advise:kind=memfd,advice=remove,state="      \
    "resident"
#define ADVICE_ON_DESCRIPTORS                                                                      \
    "fadvise,fadvise:advice=sequential,fadvise:advice=willneed,fadvise:advice=random,"             \
    "fadvise:order=random,fadvise:advice=random,order=random,"                                     \
    "fadvise:state=resident,fadvise:advice=dontneed,state=resident"
/* The time until another process has read a file's content, and the time until it is durable. */
#define FILE_MOVES                                                                                 \
    "file-move,file-move:how=mmap,file-move:how=mmap,mapping=kept,file-move:how=pread,"            \
    "file-move:how=direct,file-move:how=copy-file-range,file-move:block=4K,"                       \
    "file-move:how=mmap,block=4K,file-move:state=dirty,file-move:how=mmap,state=dirty,"            \
    "file-move:how=mmap,mapping=kept,state=dirty,file-move:how=mmap,sync=msync-async,"             \
    "file-move:how=mmap,sync=msync-invalidate"
#define FILE_MOVES_DURABLE                                                                         \
    "file-move:sync=fdatasync,until=durable,file-move:sync=fsync,until=durable,"                   \
    "file-move:how=mmap,sync=fdatasync,until=durable,"                                             \
    "file-move:how=mmap,sync=msync-sync,until=durable,"                                            \
    "file-move:how=pread,sync=fdatasync,until=durable,"                                            \
    "file-move:how=direct,sync=fdatasync,until=durable"
/* Mappings: what is held against what is in each operation's belief. */
#define COPIES_ON_WRITE "cow,cow:shared=no,cow:kind=file,cow:huge=thp,cow:huge=hugetlb"
#define PROTECTIONS                                                                                \
    "protect,protect:per=range,protect:peer=process,protect:peer=thread,"                          \
    "protect:per=range,peer=thread,protect:huge=hugetlb"
#define REMAPPINGS                                                                                 \
    "remap,remap:what=copy,remap:peer=process,remap:peer=thread,remap:per=range,"                  \
    "remap:what=copy,per=range,remap:what=grow,remap:what=grow,per=range,remap:what=replace,"      \
    "remap:what=replace,per=range,remap:what=replace,peer=thread"
#define UNMAPPINGS                                                                                 \
    "unmap,unmap:touched=no,unmap:per=range,unmap:per=hole,unmap:peer=process,unmap:peer=thread,"  \
    "unmap:how=dontneed,unmap:how=dontneed,peer=thread,unmap:kind=private,"                        \
    "unmap:kind=private,touched=no,unmap:huge=hugetlb"
#define RESIZINGS                                                                                  \
    "grow,grow:per=range,grow:kind=file,grow:peer=mapped,grow:huge=hugetlb,grow:what=shrink,"      \
    "grow:what=shrink,per=range,grow:what=shrink,kind=file,grow:what=shrink,peer=mapped,"          \
    "grow:what=shrink,peer=process,grow:what=shrink,peer=thread"
#define SEGMENTS                                                                                   \
    "segment,segment:kind=xsi,segment:kind=memfd,segment:kind=memfd,seals=size,"                   \
    "segment:kind=xsi,access=rdonly,segment:kind=xsi,address=rnd,segment:touched=yes,"             \
    "segment:what=create,segment:kind=memfd,what=create,segment:kind=xsi,what=create,"             \
    "segment:what=destroy,segment:kind=memfd,what=destroy,segment:kind=xsi,what=destroy"

static const struct suite_block memory_blocks[] = {
    {"null", "memory", "16M", "default"},
    {TOUCHES, "memory", "16M", "default"},
    {TOUCHES_OF_FILES, "memory", "16M", "default"},
    {TOUCHES_BY_SECOND, "memory", "16M", "default"},
    {ADVICE "," ADVICE_ON_DESCRIPTORS, "memory", "16M", "default"},
    {FILE_MOVES "," FILE_MOVES_DURABLE, "memory", "16M", "default"},
    {COPIES_ON_WRITE, "memory", "16M", "default"},
    {PROTECTIONS, "memory", "16M", "default"},
    {REMAPPINGS, "memory", "16M", "default"},
    {UNMAPPINGS, "memory", "16M", "default"},
    {RESIZINGS, "memory", "16M", "default"},
    {SEGMENTS, "memory", "4K,16M", "default"},
    {0},
};

const struct suite suites[] = {
    {"quick", "every transport once, 64 bytes; under 45 s", 9, 0.03, 0.012, "1,100", quick_blocks},
    {"default", "every transport, the ways to wait, sizes, pages; under 5 minutes", 9, 0.09, 0.025,
     "1,100", default_blocks},
    {"full", "every option and sizes from 1 byte to 64 MiB; the better part of an hour", 10, 0.2,
     0.05, "1,10,100,1000", full_blocks},
    {"load", "latency against load, and its knee, of five transports; under 5 minutes", 6, 0.15,
     0.02, "1", load_blocks},
    {"pages",
     "the cost of translation: working sets to 1 GiB on small and huge pages; under 5 minutes", 6,
     0.1, 0.03, "1", pages_blocks},
    {"memory",
     "operations on memory and files: touching, advice, copying, mapping, segments; under 5 "
     "minutes",
     6, 0.15, 0.02, "1", memory_blocks},
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
