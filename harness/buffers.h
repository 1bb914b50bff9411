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

/* Freed by the end of the process. */
int buffers_open(struct buffers *buffers, size_t message_bytes, struct error *error);

#endif
