#include "bench/wrap.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"

/* Columns of the first bytes of a string. */
static size_t columns_of(const char *start, size_t bytes)
{
    size_t columns = 0;
    for (size_t index = 0; index < bytes; ++index)
        columns += ((unsigned char)start[index] & 0xc0) != 0x80;
    return columns;
}

void wrap_write(const char *words, size_t indent, size_t column, struct text *out)
{
    bool begun = false;
    for (const char *at = words + strspn(words, " "); *at;) {
        const size_t bytes = strcspn(at, " ");
        const size_t width = columns_of(at, bytes);
        if (begun && column + 1 + width > WRAP_COLUMNS) {
            text_append(out, "\n%*s", (int)indent, "");
            column = indent;
        } else if (begun) {
            text_append(out, " ");
            ++column;
        }
        text_append_bytes(out, at, bytes);
        column += width;
        begun = true;
        at += bytes;
        at += strspn(at, " ");
    }
    text_append(out, "\n");
}
