#include "base/file.h"
#include "base/error.h"
#include "base/random.h"
#include "base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static ssize_t read_some(int fd, char *buffer, size_t bytes)
{
    ssize_t got;

    do
        got = read(fd, buffer, bytes);
    while (got < 0 && errno == EINTR);
    return got;
}

int file_read(const char *path, struct text *out, struct error *error)
{
    return file_read_limited(path, UINT64_MAX, out, error);
}

int file_read_limited(const char *path, uint64_t bytes_most, struct text *out, struct error *error)
{
    char buffer[16384];
    uint64_t left = bytes_most;
    ssize_t got;

    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return error_system(error, errno, "reading %s", path);
    while ((got = read_some(fd, buffer, sizeof buffer)) > 0 && (uint64_t)got <= left) {
        text_append_bytes(out, buffer, (size_t)got);
        left -= (uint64_t)got;
    }
    const int code = got < 0 ? errno : got > 0 ? EFBIG : out->failed ? ENOMEM : 0;
    (void)close(fd);
    if (code == EFBIG)
        return error_system(error, code, "reading %s: over %" PRIu64 " MiB", path,
                            bytes_most >> 20);
    return code ? error_system(error, code, "reading %s", path) : 0;
}

int file_read_line(const char *path, char *line, size_t line_bytes)
{
    if (line_bytes == 0)
        return -EINVAL;
    line[0] = '\0';

    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return -errno;
    size_t length = 0;
    ssize_t got = 0;
    const char *newline = NULL;
    while (!newline && length < line_bytes &&
           (got = read_some(fd, line + length, line_bytes - length)) > 0) {
        newline = memchr(line + length, '\n', (size_t)got);
        length += (size_t)got;
    }
    const int code = got < 0 ? errno : 0;
    (void)close(fd);

    if (newline)
        length = (size_t)(newline - line);
    if (code != 0 || length == line_bytes) {
        line[0] = '\0';
        return code ? -code : -EOVERFLOW;
    }
    line[length] = '\0';
    return 0;
}

int file_read_number(const char *path, int64_t *number)
{
    char line[64];

    const int failed = file_read_line(path, line, sizeof line);
    if (failed)
        return failed;
    char *end;
    errno = 0;
    const long long parsed = strtoll(line, &end, 10);
    if (errno == ERANGE)
        return -ERANGE;
    if (end == line || end[strspn(end, " \t\r")] != '\0')
        return -EINVAL;
    *number = parsed;
    return 0;
}

char *file_chosen(char *line)
{
    char *const open = strpbrk(line, "[(");

    if (!open)
        return line;
    open[1 + strcspn(open + 1, "])")] = '\0';
    return open + 1;
}

static int write_all(int fd, const char *data, size_t bytes)
{
    while (bytes > 0) {
        const ssize_t written = write(fd, data, bytes);
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return errno;
        data += written;
        bytes -= (size_t)written;
    }
    return 0;
}

static int write_new_file(const char *path, const char *data, size_t bytes, struct error *error)
{
    const int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
    if (fd < 0)
        return error_system(error, errno, "creating %s", path);

    int code = write_all(fd, data, bytes);
    if (code == 0 && fsync(fd) < 0)
        code = errno;
    if (close(fd) < 0 && code == 0)
        code = errno;
    if (code == 0)
        return 0;
    (void)unlink(path);
    return error_system(error, code, "writing %s", path);
}

/* Makes the rename itself survive a power cut. */
static int sync_folder_of(const char *path, struct error *error)
{
    const char *const slash = strrchr(path, '/');
    struct text folder = {0};

    if (!slash)
        text_append(&folder, ".");
    else
        text_append_bytes(&folder, path, slash == path ? 1 : (size_t)(slash - path));
    if (folder.failed) {
        text_free(&folder);
        return error_system(error, ENOMEM, "writing %s", path);
    }

    const int fd = open(folder.data, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int code = fd < 0 ? errno : 0;
    /* EINVAL: a file system that has nothing to sync for folders. */
    if (fd >= 0 && fsync(fd) < 0 && errno != EINVAL)
        code = errno;
    if (fd >= 0)
        (void)close(fd);
    const int failed = code ? error_system(error, code, "syncing folder %s", folder.data) : 0;
    text_free(&folder);
    return failed;
}

static int replace_file(const char *path, const char *data, size_t bytes, struct error *error)
{
    struct text temporary = {0};

    text_append(&temporary, "%s.%016" PRIx64 ".tmp", path, random_unguessable());
    if (temporary.failed) {
        text_free(&temporary);
        return error_system(error, ENOMEM, "writing %s", path);
    }
    int failed = write_new_file(temporary.data, data, bytes, error);
    if (!failed && rename(temporary.data, path) < 0) {
        failed = error_system(error, errno, "renaming %s to %s", temporary.data, path);
        (void)unlink(temporary.data);
    }
    text_free(&temporary);
    return failed ? failed : sync_folder_of(path, error);
}

int file_write_atomic(const char *path, const char *data, size_t bytes, struct error *error)
{
    struct stat existing;

    if (stat(path, &existing) < 0)
        return replace_file(path, data, bytes, error);
    /* Renaming over /dev/stdout or a FIFO would replace it for everybody. */
    if (!S_ISREG(existing.st_mode))
        return error_plain(error, "writing %s: not a regular file", path);

    char *const resolved = realpath(path, NULL);
    if (!resolved)
        return error_system(error, errno, "resolving %s", path);
    const int failed = replace_file(resolved, data, bytes, error);
    free(resolved);
    return failed;
}

static int make_folder(const char *path, struct error *error)
{
    struct stat existing;

    if (mkdir(path, 0777) == 0)
        return 0;
    const int code = errno;
    /* Not only EEXIST: a folder above may exist on a read-only or forbidden file system. */
    if (stat(path, &existing) == 0)
        return S_ISDIR(existing.st_mode) ? 0 : error_system(error, ENOTDIR, "mkdir(%s)", path);
    return error_system(error, code, "mkdir(%s)", path);
}

int file_make_parents(const char *path, struct error *error)
{
    char *const folder = strdup(path);
    if (!folder)
        return error_system(error, ENOMEM, "making the folders of %s", path);

    int failed = 0;
    for (char *slash = folder; !failed && (slash = strchr(slash, '/')); slash++) {
        if (slash == folder)
            continue;
        *slash = '\0';
        failed = make_folder(folder, error);
        *slash = '/';
    }
    free(folder);
    return failed;
}
