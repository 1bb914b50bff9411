#include "bench/wrap.h"

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

static size_t word_bytes(const char *at, const char *end)
{
    size_t bytes = 0;
    while (at + bytes < end && at[bytes] != ' ' && at[bytes] != '\n')
        ++bytes;
    return bytes;
}

/* With the sign of per cent behind it. */
static size_t piece_bytes(const char *at, const char *end)
{
    const size_t bytes = word_bytes(at, end);
    if (at + bytes + 1 < end && at[bytes] == ' ' && at[bytes + 1] == '%')
        return bytes + 1 + word_bytes(at + bytes + 1, end);
    return bytes;
}

void wrap_words(const char *words, size_t bytes, const struct wrap *wrap, struct text *out)
{
    const char *const end = words + bytes;
    size_t column = wrap->column;
    bool begun = false;
    for (const char *at = words; at < end; ++at) {
        if (*at == ' ' || *at == '\n')
            continue;
        const size_t piece = piece_bytes(at, end);
        const size_t width = columns_of(at, piece);
        if (begun && column + 1 + width > wrap->columns) {
            text_append(out, "\n%*s", (int)wrap->indent, "");
            column = wrap->indent;
        } else if (begun) {
            text_append(out, " ");
            ++column;
        }
        text_append_bytes(out, at, piece);
        column += width;
        begun = true;
        at += piece - 1;
    }
    text_append(out, "\n");
}

void wrap_write(const char *words, size_t indent, size_t column, struct text *out)
{
    const struct wrap wrap = {.columns = WRAP_COLUMNS, .indent = indent, .column = column};
    wrap_words(words, strlen(words), &wrap, out);
}
