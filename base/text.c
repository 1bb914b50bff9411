#include "base/text.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TEXT_FIRST_BYTES = 128 };

/* Makes room for `bytes` more and the NUL behind them. */
static bool text_reserve(struct text *text, size_t bytes)
{
    if (text->failed)
        return false;
    if (bytes < text->capacity - text->length)
        return true;

    size_t capacity = text->capacity ? text->capacity : TEXT_FIRST_BYTES;
    while (capacity - text->length <= bytes) {
        if (capacity > SIZE_MAX / 2) {
            text->failed = true;
            return false;
        }
        capacity *= 2;
    }
    char *data = realloc(text->data, capacity);
    if (!data) {
        text->failed = true;
        return false;
    }
    text->data = data;
    text->capacity = capacity;
    return true;
}

void text_append(struct text *text, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    const int length = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    if (length < 0)
        text->failed = true;
    if (text->failed || !text_reserve(text, (size_t)length))
        return;

    va_start(arguments, format);
    (void)vsnprintf(text->data + text->length, (size_t)length + 1, format, arguments);
    va_end(arguments);
    text->length += (size_t)length;
}

void text_append_bytes(struct text *text, const char *data, size_t bytes)
{
    if (!text_reserve(text, bytes))
        return;
    if (bytes > 0)
        memcpy(text->data + text->length, data, bytes);
    text->length += bytes;
    text->data[text->length] = '\0';
}

void text_free(struct text *text)
{
    free(text->data);
    *text = (struct text){0};
}

const char *text_string(const struct text *text)
{
    return text->data ? text->data : "";
}

void text_clean(char *utf8)
{
    for (unsigned char *at = (unsigned char *)utf8; *at; ++at) {
        if (*at < ' ' || *at == 0x7f)
            *at = '?';
        else if (at[0] == 0xc2 && at[1] >= 0x80 && at[1] < 0xa0)
            at[0] = at[1] = '?';
    }
}

size_t text_columns(const char *utf8)
{
    size_t columns = 0;

    for (; *utf8; utf8++) {
        const bool continues_character = ((unsigned char)*utf8 & 0xc0) == 0x80;
        if (!continues_character)
            columns++;
    }
    return columns;
}
