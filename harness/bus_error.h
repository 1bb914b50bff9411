/* SIGBUS in a child: a page of a mapping that nothing stands behind any more, since somebody cut the
 * file short, the file system is full or the huge pages have run out. It ends the child, and the parent
 * tells which address of which mapping it was, instead of a signal's number. */
#ifndef IPCBENCH_HARNESS_BUS_ERROR_H
#define IPCBENCH_HARNESS_BUS_ERROR_H

#include <stdbool.h>
#include <stdint.h>

struct error;

enum { BUS_ERROR_NAME_BYTES = 96 };

/* Plain data, in memory that child and parent share. */
struct bus_error {
    bool happened;
    int code; /* si_code */
    uint64_t address;
    uint64_t mapping_address; /* 0: not found */
    uint64_t mapping_bytes;
    uint64_t page_bytes;             /* KernelPageSize; 0: not known */
    char name[BUS_ERROR_NAME_BYTES]; /* as in /proc/self/maps, "" where it has none */
};

/* In a child: from here on a SIGBUS fills in *record and ends the process with status 1. For the rest
 * of its life; `record` must stay. */
void bus_error_catch(struct bus_error *record);

/* In the parent, of a record that happened: one line with the address, the mapping and what it means. */
void bus_error_describe(const struct bus_error *record, struct error *error);

#endif
