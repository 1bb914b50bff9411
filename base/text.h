/* A string that grows. Zero-initialise to start; text_free when done. */
#ifndef IPCBENCH_BASE_TEXT_H
#define IPCBENCH_BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>

struct text {
    char *data; /* NUL-terminated once anything was appended; NULL before */
    size_t length;
    size_t capacity;
    bool failed; /* memory ran out: further appends do nothing */
};

void text_append(struct text *text, const char *format, ...) __attribute__((format(printf, 2, 3)));
void text_append_bytes(struct text *text, const char *data, size_t bytes);
void text_free(struct text *text);

/* The string so far, "" where nothing was appended. Owned by the text. */
const char *text_string(const struct text *text);

/* Replaces, in place by '?', what terminals obey instead of printing: control characters, DEL, and U+0080 to
 * U+009F. */
void text_clean(char *utf8);

/* Columns a UTF-8 string takes in a terminal: code points, which is right for what we print. */
size_t text_columns(const char *utf8);

#endif
