/* The message buffers of one process, private and prefaulted. */
#ifndef IPCBENCH_HARNESS_BUFFERS_H
#define IPCBENCH_HARNESS_BUFFERS_H

#include <stddef.h>

struct error;

struct buffers {
    void *mapping;
    size_t mapped_bytes;
    unsigned char *send;    /* aligned, padded and with headroom as harness/transport.h promises */
    unsigned char *receive; /* on pages of its own */
};

/* Both begin `offset_bytes` (under 4096, a multiple of the alignment) further into their first page
 * than they would otherwise. Freed by the end of the process. */
int buffers_open(struct buffers *buffers, size_t message_bytes, size_t offset_bytes,
                 struct error *error);

#endif
