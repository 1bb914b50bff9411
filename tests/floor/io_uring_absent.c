/* In place of io_uring.c where liburing is missing. */
#include <errno.h>

#include "tests/floor/floor.h"

static void create(struct floor_channel *channel)
{
    (void)channel;
    errno = 0;
    floor_fail("built without liburing");
}

const struct floor_mechanism floor_io_uring = {.name = "io-uring", .create = create};
