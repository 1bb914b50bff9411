/* Whole files: reading small ones, replacing one atomically. */
#ifndef IPCBENCH_BASE_FILE_H
#define IPCBENCH_BASE_FILE_H

#include <stddef.h>
#include <stdint.h>

struct error;
struct text;

/* Appends the whole file to `out`. Works for /proc and /sys, which give no size. */
int file_read(const char *path, struct text *out, struct error *error);

/* The same, but a file of more than `bytes_most` is EFBIG; what never ends (a device) is not read
 * further than that. */
int file_read_limited(const char *path, uint64_t bytes_most, struct text *out, struct error *error);

/* The first line of a small file without its newline, for sysfs and procfs. Returns 0 or -errno;
 * on failure `line` is "" (-EOVERFLOW: the line does not fit). */
int file_read_line(const char *path, char *line, size_t line_bytes);

/* The first line as a decimal number. 0 or -errno (-EINVAL: not a number). */
int file_read_number(const char *path, int64_t *number);

/* The choice in force in a line like "always [madvise] never", as kernel files mark it (sched/preempt
 * by round brackets); the whole line where none is marked. Cuts the line. */
char *file_chosen(char *line);

/* Writes a sibling temporary file, fsyncs it, renames it over `path`, fsyncs the folder: `path` has
 * the old content or the new, never half. The temporary is removed on failure. Mode 0644 & ~umask.
 */
int file_write_atomic(const char *path, const char *data, size_t bytes, struct error *error);

/* Creates every missing folder above the file (mkdir -p of its dirname). */
int file_make_parents(const char *path, struct error *error);

#endif
