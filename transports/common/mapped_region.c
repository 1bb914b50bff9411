#include "transports/common/mapped_region.h"

#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/file.h"
#include "base/text.h"
#include "harness/loop_run.h"
#include "harness/transport.h"

enum { KIND_MEMFD, KIND_PRIVATE };

/* What the program itself maps in a child: libraries, workspace, buffers. */
enum { MAPPINGS_ELSEWHERE = 400 };

static struct memory_object object_of(const struct options *options, size_t bytes)
{
    return (struct memory_object){
        .kind = options->values[REGION_KIND] == KIND_PRIVATE ? OBJECT_PRIVATE : OBJECT_MEMFD,
        .huge = (enum mapping_huge)options->values[REGION_HUGE],
        .bytes = bytes,
    };
}

int mapped_region_probe(const struct options *options, size_t bytes, struct error *error)
{
    struct memory_object object = object_of(options, bytes);
    if (object.kind == OBJECT_PRIVATE && options->values[REGION_PEER] == COMPANY_PROCESS)
        return error_unavailable(error, "kind=memfd, peer=thread",
                                 "peer=process: private pages are no other process's");
    return memory_object_plan(&object, error);
}

int mapped_region_limits(const struct options *options, struct message_limits *limits,
                         struct error *error)
{
    (void)options, (void)error;
    *limits = (struct message_limits){.minimum_bytes = 4096, .maximum_bytes = UINT64_MAX};
    return 0;
}

bool mapped_region_spins(const struct options *options)
{
    return options->values[REGION_PEER] != COMPANY_IDLE;
}

int mapped_region_create(struct mapped_region *region, struct channel *channel, struct error *error)
{
    region->object = object_of(&channel->options, channel->message_bytes);
    int failure = memory_object_plan(&region->object, error);
    if (!failure)
        failure = memory_object_create(&region->object, channel->leftovers, error);
    if (!failure)
        failure = company_create(&region->company,
                                 (enum company_kind)channel->options.values[REGION_PEER], error);
    return failure;
}

int mapped_region_attach(struct mapped_region *region, struct error *error)
{
    company_introduce(&region->company);
    return region->company.kind == COMPANY_PROCESS ? mapped_region_map(region, error) : 0;
}

uint64_t mapped_region_pages(const struct mapped_region *region)
{
    return region->object.bytes / region->object.page_bytes;
}

void *mapped_region_page(const struct mapped_region *region, uint64_t index)
{
    return (char *)region->view.address + index * region->object.page_bytes;
}

void mapped_region_mark(const struct mapped_region *region)
{
    for (uint64_t index = 0; index < mapped_region_pages(region); ++index)
        atomic_store_explicit((_Atomic uint64_t *)mapped_region_page(region, index), index + 1,
                              memory_order_relaxed);
}

bool mapped_region_is_marked(const void *page, uint64_t index)
{
    return atomic_load_explicit((const _Atomic uint64_t *)page, memory_order_relaxed) == index + 1;
}

int mapped_region_map(struct mapped_region *region, struct error *error)
{
    const int failure = memory_object_map(&region->object, &region->view, error);
    if (!failure)
        mapped_region_mark(region);
    return failure;
}

static struct company_pages pages_to_read(const struct mapped_region *region, uint64_t pages)
{
    return (struct company_pages){
        .address = region->view.address,
        .bytes = pages * region->object.page_bytes,
        .page_bytes = region->object.page_bytes,
    };
}

int mapped_region_begin(struct mapped_region *region, uint64_t pages, struct error *error)
{
    static const unsigned char own[1] = {0};
    const struct company_pages read =
        pages ? pages_to_read(region, pages) : (struct company_pages){own, sizeof(own), 1};
    return company_begin(&region->company, &read, error);
}

void mapped_region_dismiss(void *state)
{
    struct mapped_region *const region = state;
    company_end(&region->company);
}

void mapped_region_attend(struct loop_run *run)
{
    struct mapped_region *const region = run->state;
    const struct company_pages read = pages_to_read(region, mapped_region_pages(region));
    company_attend(&region->company, &read);
}

void mapped_region_destroy(struct channel *channel)
{
    struct mapped_region *const region = channel->state;
    memory_object_destroy(&region->object);
    company_destroy(&region->company);
}

int mapped_region_check_mappings(uint64_t more, struct error *error)
{
    int64_t most = 65530;
    file_read_number("/proc/sys/vm/max_map_count", &most);
    const uint64_t needed = more + MAPPINGS_ELSEWHERE;
    char knob[80];
    if (most < 0 || needed <= (uint64_t)most)
        return 0;
    snprintf(knob, sizeof(knob), "sysctl vm.max_map_count=%llu, a smaller size (-s)",
             (unsigned long long)needed);
    return error_unavailable(error, knob,
                             "%llu mappings are needed, the limit is %lld (vm.max_map_count)",
                             (unsigned long long)needed, (long long)most);
}
