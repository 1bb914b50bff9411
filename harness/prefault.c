#include "harness/prefault.h"

#include <errno.h>
#include <stdatomic.h>
#include <sys/mman.h>

#ifndef MADV_POPULATE_WRITE
#define MADV_POPULATE_WRITE 23
#endif

enum { SMALLEST_PAGE_BYTES = 4096 };

int prefault(void *address, size_t bytes)
{
    if (!madvise(address, bytes, MADV_POPULATE_WRITE))
        return 0;
    if (errno != EINVAL)
        return -errno;
    for (size_t at = 0; at < bytes; at += SMALLEST_PAGE_BYTES)
        atomic_fetch_or_explicit((_Atomic unsigned char *)address + at, 0, memory_order_relaxed);
    return 0;
}

/* gcc says it by a macro, clang by a feature. */
#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define HAS_SHADOW true
#endif
#elif defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define HAS_SHADOW true
#endif
#ifndef HAS_SHADOW
#define HAS_SHADOW false
#endif

bool prefault_is_complete(void)
{
    return !HAS_SHADOW;
}
