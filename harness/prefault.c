#include "harness/prefault.h"

#include <errno.h>
#include <link.h>
#include <stdatomic.h>
#include <stdint.h>
#include <sys/mman.h>

#ifndef MADV_POPULATE_WRITE
#define MADV_POPULATE_READ  22
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

static int prefault_object(struct dl_phdr_info *object, size_t bytes, void *unused)
{
    (void)bytes, (void)unused;
    for (size_t index = 0; index < object->dlpi_phnum; ++index) {
        const ElfW(Phdr) *const segment = &object->dlpi_phdr[index];
        const uintptr_t start = object->dlpi_addr + segment->p_vaddr;
        const uintptr_t page = start / SMALLEST_PAGE_BYTES * SMALLEST_PAGE_BYTES;
        if (segment->p_type == PT_LOAD && !(segment->p_flags & PF_W))
            madvise((void *)page, start + segment->p_memsz - page, MADV_POPULATE_READ);
    }
    return 0;
}

void prefault_program(void)
{
    dl_iterate_phdr(prefault_object, NULL);
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
