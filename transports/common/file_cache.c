#include "transports/common/file_cache.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <time.h>
#include <unistd.h>

#include "base/error.h"
#include "base/file.h"
#include "base/random.h"
#include "harness/transport.h"
#include "transports/common/memory_object.h"

/* Looks while pages are on their way: 5 ms apart, until ten in a row have found no more. */
enum { LOOK_APART_NS = 5000000, LOOKS_IN_VAIN_MOST = 10 };

int file_cache_reopen(struct memory_object *object, struct error *error)
{
    char path[40];
    snprintf(path, sizeof(path), "/proc/self/fd/%d", object->fd);
    const int fd = open(path, O_RDWR | O_CLOEXEC);
    if (fd < 0)
        return error_system(error, errno, "opening a file in TMPDIR again by %s", path);
    close(object->fd);
    object->fd = fd;
    return 0;
}

size_t *file_cache_order(size_t count, bool shuffled, struct error *error)
{
    size_t *const order = malloc(count * sizeof(*order));
    if (!order) {
        (void)error_system(error, ENOMEM, "the order of %zu accesses", count);
        return NULL;
    }
    for (size_t index = 0; index < count; ++index)
        order[index] = index;
    if (shuffled) {
        struct random random;
        random_seed(&random, count);
        random_shuffle(&random, order, count);
    }
    return order;
}

int file_cache_resident(const struct memory_object *object, uint64_t *bytes, struct error *error)
{
    struct memory_view view = {0};
    int failure = memory_object_map(object, &view, error);
    if (!failure)
        failure = memory_view_resident(object, &view, bytes, error);
    memory_object_unmap(object, &view);
    return failure;
}

int file_cache_settled(const struct memory_object *object, uint64_t *bytes, struct error *error)
{
    const struct timespec pause = {.tv_nsec = LOOK_APART_NS};
    uint64_t last_bytes = 0;
    int failure = file_cache_resident(object, bytes, error);
    for (int in_vain = 0; !failure && *bytes < object->bytes && in_vain < LOOKS_IN_VAIN_MOST;) {
        last_bytes = *bytes;
        nanosleep(&pause, NULL);
        failure = file_cache_resident(object, bytes, error);
        in_vain = *bytes > last_bytes ? 0 : in_vain + 1;
    }
    return failure;
}

void file_cache_obtained(const struct memory_object *object, struct obtained *obtained)
{
    struct stat status;
    char path[64];
    int64_t kilobytes;
    if (fstat(object->fd, &status))
        return;
    snprintf(path, sizeof(path), "/sys/class/bdi/%u:%u/read_ahead_kb", major(status.st_dev),
             minor(status.st_dev));
    if (!file_read_number(path, &kilobytes))
        obtained_number(obtained, "read_ahead_bytes", kilobytes << 10);
}
