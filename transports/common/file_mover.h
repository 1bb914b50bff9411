/* A file's content from one process to the other: the sender writes all of it, the receiver reads and checks it,
 * block by block, each process with a descriptor, a mapping and a block of its own.
 *
 *     file_mover_open         both, attach     after the file has been made and filled
 *     file_mover_write        sender           all of it, as of the pass in the report, then sync
 *     file_mover_read         receiver         all of it, held against that pass */
#ifndef IPCBENCH_TRANSPORTS_COMMON_FILE_MOVER_H
#define IPCBENCH_TRANSPORTS_COMMON_FILE_MOVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "transports/common/memory_object.h"

struct error;

enum file_move_how {
    MOVE_BY_MMAP,
    MOVE_BY_READ,
    MOVE_BY_PREAD,
    MOVE_BY_DIRECT,
    MOVE_BY_COPY, /* copy_file_range from another file, read by pread */
};

enum file_move_sync {
    MOVE_SYNC_NONE,
    MOVE_SYNC_MSYNC_ASYNC,
    MOVE_SYNC_MSYNC_SYNC,
    MOVE_SYNC_MSYNC_INVALIDATE,
    MOVE_SYNC_FSYNC,
    MOVE_SYNC_FDATASYNC,
    MOVE_SYNC_RANGE,
};

/* In shared memory; whose turn it is may use it. */
struct file_move_report {
    uint64_t pass;
    uint64_t wrong_at; /* the block that was not as written */
    bool over;         /* nothing is to be read any more in this pass */
    int failure;       /* the receiver's, 0 or -errno; EBADMSG: a block was wrong */
};

struct file_mover {
    struct memory_object file;
    struct memory_object source; /* MOVE_BY_COPY: what is copied */
    struct memory_view view;     /* MOVE_BY_MMAP: made where there is none */
    struct file_move_report *report;
    unsigned char *block; /* owned */
    size_t block_bytes;
    enum file_move_how how;
    enum file_move_sync sync;
    const char *failed_call; /* of the last write; NULL: it was fine */
    int failed_code;
};

int file_mover_open(struct file_mover *mover, struct error *error);

/* 0 or -errno, and what failed. */
int file_mover_write(struct file_mover *mover);
/* 0 or -errno; `wrong_at` of the report is where it ended. */
int file_mover_read(struct file_mover *mover);

/* MOVE_BY_COPY: puts the pass's content where it is copied from. */
int file_mover_fill_source(struct file_mover *mover);

#endif
