/* What mapping.c (attaching and checking), mapping_create.c (making) and mapping_pages.c (which pages
 * there are) share. */
#ifndef IPCBENCH_TRANSPORTS_COMMON_MAPPING_PARTS_H
#define IPCBENCH_TRANSPORTS_COMMON_MAPPING_PARTS_H

#include "transports/common/mapping.h"

enum { BASE_PAGE_BYTES = 4096 };

static inline bool mapping_is_hugetlb(const struct mapping_request *request)
{
    return request->huge == HUGE_HUGETLB || request->huge == HUGE_HUGETLB_1G;
}

/* The size of a transparent huge page, which is a page table's whole range. */
int mapping_transparent_bytes(uint64_t *page_bytes, struct error *error);

/* Of bytes that a file or a file system may not hold. */
int mapping_refuse_file(const struct mapping_request *request, const char *call, int code,
                        struct error *error);

/* What would give such a mapping its transparent huge pages. */
const char *mapping_transparent_knob(enum mapping_backing backing);

#endif
