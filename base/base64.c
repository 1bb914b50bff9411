#include "base/base64.h"
#include "base/text.h"

#include <errno.h>
#include <string.h>

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void base64_encode(const uint8_t *data, size_t bytes, struct text *out)
{
    for (size_t at = 0; at < bytes; at += 3) {
        const size_t taken = bytes - at < 3 ? bytes - at : 3;
        uint32_t group = (uint32_t)data[at] << 16;
        if (taken > 1)
            group |= (uint32_t)data[at + 1] << 8;
        if (taken > 2)
            group |= data[at + 2];

        const char characters[4] = {
            alphabet[group >> 18],
            alphabet[group >> 12 & 63],
            taken > 1 ? alphabet[group >> 6 & 63] : '=',
            taken > 2 ? alphabet[group & 63] : '=',
        };
        text_append_bytes(out, characters, sizeof characters);
    }
}

/* 0..63, or -1. */
static int digit_of(char character)
{
    if (character >= 'A' && character <= 'Z')
        return character - 'A';
    if (character >= 'a' && character <= 'z')
        return character - 'a' + 26;
    if (character >= '0' && character <= '9')
        return character - '0' + 52;
    return character == '+' ? 62 : character == '/' ? 63 : -1;
}

static size_t count_padding(const char *text, size_t length)
{
    if (length == 0 || text[length - 1] != '=')
        return 0;
    return text[length - 2] == '=' ? 2 : 1;
}

int base64_decode(const char *text, size_t length, uint8_t *data, size_t *bytes)
{
    if (length % 4 != 0)
        return -EINVAL;
    const size_t padding = count_padding(text, length);
    const size_t digits = length - padding;
    uint32_t bits = 0;
    size_t count = 0;

    for (size_t i = 0; i < digits; i++) {
        const int digit = digit_of(text[i]);
        if (digit < 0)
            return -EINVAL;
        bits = (bits << 6 | (uint32_t)digit) & 0xffffff;
        /* The first digit of a group completes no byte, each other one does: 8 of its 6, 12,
         * 18, 24. */
        const unsigned position = (unsigned)(i % 4);
        if (position > 0)
            data[count++] = (uint8_t)(bits >> (6 - 2 * position));
    }
    const uint32_t behind_last_byte = padding == 2 ? bits & 15 : padding == 1 ? bits & 3 : 0;
    if (behind_last_byte != 0)
        return -EINVAL;
    *bytes = count;
    return 0;
}
