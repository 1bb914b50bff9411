/* Memory for the floor: shared regions, private buffers, all touched before anything is timed. */
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>

#include "tests/floor/descriptors.h"
#include "tests/floor/slots.h"

enum { PAGE_BYTES = 4096 };

static size_t whole_pages(size_t bytes)
{
    return (bytes + PAGE_BYTES - 1) / PAGE_BYTES * PAGE_BYTES;
}

static size_t region_bytes(size_t message_bytes)
{
    return whole_pages(WORDS_BYTES +
                       FLOOR_SIDES * slot_bytes(message_bytes) * slot_count(message_bytes));
}

static void *map(size_t bytes, int flags, int fd)
{
    void *address = mmap(NULL, bytes, PROT_READ | PROT_WRITE, flags, fd, 0);
    if (address == MAP_FAILED)
        floor_fail("mmap");
    return address;
}

void floor_map_anonymous(struct floor_channel *channel)
{
    channel->region_bytes = region_bytes(channel->message_bytes);
    channel->region = map(channel->region_bytes, MAP_SHARED | MAP_ANONYMOUS, -1);
}

void floor_map_shm(struct floor_channel *channel)
{
    char name[64];
    snprintf(name, sizeof(name), "/ipcbench-floor-%d", (int)getpid());
    const int fd = shm_open(name, O_CREAT | O_EXCL | O_RDWR, 0600);
    if (fd < 0)
        floor_fail("shm_open");
    shm_unlink(name);
    channel->region_bytes = region_bytes(channel->message_bytes);
    if (ftruncate(fd, (off_t)channel->region_bytes))
        floor_fail("ftruncate");
    channel->region = map(channel->region_bytes, MAP_SHARED, fd);
    close(fd);
}

/* Maps every page into this process, writable, without changing what is there. */
void floor_prefault(void *address, size_t bytes)
{
    for (size_t at = 0; at < bytes; at += PAGE_BYTES)
        atomic_fetch_or((_Atomic unsigned char *)address + at, 0);
}

void floor_buffers(struct floor_channel *channel, enum floor_side side)
{
    (void)side;
    channel->region_bytes = 2 * whole_pages(BUFFER_HEAD + channel->message_bytes);
    channel->region = map(channel->region_bytes, MAP_PRIVATE | MAP_ANONYMOUS, -1);
}

void floor_buffers_and_ends(struct floor_channel *channel, enum floor_side side)
{
    const enum floor_side peer = side == FLOOR_SENDER ? FLOOR_RECEIVER : FLOOR_SENDER;
    floor_buffers(channel, side);
    close(channel->in[peer]);
    if (channel->out[peer] != channel->in[peer])
        close(channel->out[peer]);
}
