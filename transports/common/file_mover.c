#include "transports/common/file_mover.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/error.h"
#include "transports/common/file_cache.h"
#include "transports/common/file_content.h"

int file_mover_open(struct file_mover *mover, struct error *error)
{
    const size_t alignment = 4096; /* enough for O_DIRECT on any disk's blocks */
    const int failure = file_cache_reopen(&mover->file, error);
    if (failure)
        return failure;
    if (mover->how == MOVE_BY_DIRECT && fcntl(mover->file.fd, F_SETFL, O_DIRECT))
        return error_unavailable(error, "TMPDIR on another file system",
                                 "O_DIRECT: this file system refuses it (%s)", error_name(errno));
    mover->block = aligned_alloc(alignment, mover->block_bytes);
    if (!mover->block)
        return error_system(error, ENOMEM, "room for a block of %zu bytes", mover->block_bytes);
    memset(mover->block, 0, mover->block_bytes);
    return 0;
}

/* Counts what a call has moved of a block; 0 or -errno. A call that moves part of it says why with the rest. */
static int count(ssize_t moved, size_t *done)
{
    if (moved <= 0)
        return moved < 0 ? -errno : -EIO;
    *done += (size_t)moved;
    return 0;
}

/* --- writing ----------------------------------------------------------------------------------- */

static int write_mapped(struct file_mover *mover)
{
    int failure = 0;
    if (!mover->view.address)
        failure = memory_object_map(&mover->file, &mover->view, NULL);
    unsigned char *const address = mover->view.address;
    if (failure || !address)
        return failure;
    for (size_t at = 0; at < mover->file.bytes; at += mover->block_bytes)
        file_content_fill(address + at, mover->block_bytes,
                          file_content_word(mover->report->pass, at));
    return 0;
}

static int write_block(const struct file_mover *mover, int fd, bool in_turn, size_t at)
{
    int failure = 0;
    file_content_fill(mover->block, mover->block_bytes, file_content_word(mover->report->pass, at));
    for (size_t done = 0; !failure && done < mover->block_bytes;) {
        const unsigned char *const rest = mover->block + done;
        const size_t bytes = mover->block_bytes - done;
        failure = count(
            in_turn ? write(fd, rest, bytes) : pwrite(fd, rest, bytes, (off_t)(at + done)), &done);
    }
    return failure;
}

static int write_file(const struct file_mover *mover, int fd, bool in_turn)
{
    int failure = in_turn && lseek(fd, 0, SEEK_SET) < 0 ? -errno : 0;
    for (size_t at = 0; !failure && at < mover->file.bytes; at += mover->block_bytes)
        failure = write_block(mover, fd, in_turn, at);
    return failure;
}

int file_mover_fill_source(struct file_mover *mover)
{
    return write_file(mover, mover->source.fd, false);
}

static int copy_file(const struct file_mover *mover)
{
    int failure = 0;
    for (size_t at = 0; !failure && at < mover->file.bytes;) {
        off_t from = (off_t)at, to = (off_t)at;
        const size_t bytes = mover->block_bytes - at % mover->block_bytes;
        failure =
            count(copy_file_range(mover->source.fd, &from, mover->file.fd, &to, bytes, 0), &at);
    }
    return failure;
}

static int write_all(struct file_mover *mover)
{
    switch (mover->how) {
    case MOVE_BY_MMAP:
        return write_mapped(mover);
    case MOVE_BY_COPY:
        return copy_file(mover);
    case MOVE_BY_READ:
    case MOVE_BY_PREAD:
    case MOVE_BY_DIRECT:
        break;
    }
    return write_file(mover, mover->file.fd, mover->how == MOVE_BY_READ);
}

static int sync_file(const struct file_mover *mover)
{
    void *const address = mover->view.address;
    const size_t bytes = mover->file.bytes;
    int failed = 0;
    switch (mover->sync) {
    case MOVE_SYNC_NONE:
        break;
    case MOVE_SYNC_MSYNC_ASYNC:
        failed = msync(address, bytes, MS_ASYNC);
        break;
    case MOVE_SYNC_MSYNC_SYNC:
        failed = msync(address, bytes, MS_SYNC);
        break;
    case MOVE_SYNC_MSYNC_INVALIDATE:
        failed = msync(address, bytes, MS_INVALIDATE);
        break;
    case MOVE_SYNC_FSYNC:
        failed = fsync(mover->file.fd);
        break;
    case MOVE_SYNC_FDATASYNC:
        failed = fdatasync(mover->file.fd);
        break;
    case MOVE_SYNC_RANGE:
        failed = sync_file_range(mover->file.fd, 0, (off_t)bytes,
                                 SYNC_FILE_RANGE_WAIT_BEFORE | SYNC_FILE_RANGE_WRITE |
                                     SYNC_FILE_RANGE_WAIT_AFTER);
        break;
    }
    return failed ? -errno : 0;
}

int file_mover_write(struct file_mover *mover)
{
    static const char *const calls[] = {
        [MOVE_BY_MMAP] = "mmap",
        [MOVE_BY_READ] = "write",
        [MOVE_BY_PREAD] = "pwrite",
        [MOVE_BY_DIRECT] = "pwrite (O_DIRECT)",
        [MOVE_BY_COPY] = "copy_file_range",
    };
    static const char *const syncs[] = {
        [MOVE_SYNC_NONE] = "",
        [MOVE_SYNC_MSYNC_ASYNC] = "msync(MS_ASYNC)",
        [MOVE_SYNC_MSYNC_SYNC] = "msync(MS_SYNC)",
        [MOVE_SYNC_MSYNC_INVALIDATE] = "msync(MS_INVALIDATE)",
        [MOVE_SYNC_FSYNC] = "fsync",
        [MOVE_SYNC_FDATASYNC] = "fdatasync",
        [MOVE_SYNC_RANGE] = "sync_file_range",
    };
    int failure = write_all(mover);
    mover->failed_call = failure ? calls[mover->how] : NULL;
    if (!failure) {
        failure = sync_file(mover);
        mover->failed_call = failure ? syncs[mover->sync] : NULL;
    }
    mover->failed_code = -failure;
    return failure;
}

/* --- reading ----------------------------------------------------------------------------------- */

static int read_block(const struct file_mover *mover, size_t at)
{
    const int fd = mover->file.fd;
    const ssize_t got = mover->how == MOVE_BY_READ
                            ? read(fd, mover->block, mover->block_bytes)
                            : pread(fd, mover->block, mover->block_bytes, (off_t)at);
    return got < 0 ? -errno : got == (ssize_t)mover->block_bytes ? 0 : -EIO;
}

int file_mover_read(struct file_mover *mover)
{
    int failure = 0;
    if (mover->how == MOVE_BY_MMAP && !mover->view.address)
        failure = memory_object_map(&mover->file, &mover->view, NULL);
    if (mover->how == MOVE_BY_READ && lseek(mover->file.fd, 0, SEEK_SET) < 0)
        failure = -errno;
    for (size_t at = 0; !failure && at < mover->file.bytes; at += mover->block_bytes) {
        const unsigned char *block = mover->block;
        if (mover->how == MOVE_BY_MMAP)
            block = (const unsigned char *)mover->view.address + at;
        else
            failure = read_block(mover, at);
        mover->report->wrong_at = at;
        if (!failure &&
            !file_content_is(block, mover->block_bytes, file_content_word(mover->report->pass, at)))
            failure = -EBADMSG;
    }
    return failure;
}
