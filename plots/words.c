#include "plots/words.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "base/text.h"

enum { SLUG_BYTES_MOST = 100 };

/* Bytes of the UTF-8 character at `at`, and which it is; 0: none. */
static size_t decode(const char *at, uint32_t *character)
{
    const unsigned char first = (unsigned char)*at;
    const size_t bytes = first < 0x80             ? 1
                         : (first & 0xe0) == 0xc0 ? 2
                         : (first & 0xf0) == 0xe0 ? 3
                         : (first & 0xf8) == 0xf0 ? 4
                                                  : 0;
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    *character = bytes == 1 ? first : first & (0x7fu >> bytes);
    for (size_t index = 1; index < bytes; ++index) {
        const unsigned char next = (unsigned char)at[index];
        if ((next & 0xc0) != 0x80)
            return 0;
        *character = *character << 6 | (next & 0x3f);
    }
    const bool surrogate = *character >= 0xd800 && *character <= 0xdfff;
    return bytes && *character >= least[bytes] && *character <= 0x10ffff && !surrogate ? bytes : 0;
}

/* Not a character that XML refuses, that is unseen, or that reorders its neighbours. */
static bool is_visible(uint32_t character)
{
    static const struct {
        uint32_t first, last;
    } unseen[] = {
        {0x00, 0x1f},     {0x7f, 0x9f},     {0xad, 0xad},     {0x61c, 0x61c},   {0x180e, 0x180e},
        {0x200b, 0x200f}, {0x2028, 0x202e}, {0x2060, 0x206f}, {0xfeff, 0xfeff}, {0xfff0, 0xfffb},
    };
    for (size_t index = 0; index < sizeof(unseen) / sizeof(unseen[0]); ++index) {
        if (character >= unseen[index].first && character <= unseen[index].last)
            return false;
    }
    return (character & 0xfffe) != 0xfffe;
}

static void append_visible(struct text *out, const char *foreign)
{
    while (*foreign) {
        uint32_t character;
        const size_t bytes = decode(foreign, &character);
        if (bytes == 1 && isspace((int)character))
            text_append(out, " ");
        else if (bytes && is_visible(character))
            text_append_bytes(out, foreign, bytes);
        else
            text_append(out, "?");
        foreign += bytes ? bytes : 1;
    }
}

/* Where the character number `index` begins. */
static size_t offset_of(const char *utf8, size_t index)
{
    size_t offset = 0;
    for (; utf8[offset]; ++offset) {
        const bool begins = ((unsigned char)utf8[offset] & 0xc0) != 0x80;
        if (begins && index-- == 0)
            break;
    }
    return offset;
}

void words_append(struct text *out, const char *foreign, size_t columns_most)
{
    struct text whole = {0};
    append_visible(&whole, foreign);
    out->failed |= whole.failed;
    const char *const words = text_string(&whole);
    const size_t columns = text_columns(words);
    if (columns_most < 2 || columns <= columns_most) {
        text_append_bytes(out, words, strlen(words));
    } else {
        const size_t head = columns_most / 2, tail = columns_most - 1 - head;
        text_append_bytes(out, words, offset_of(words, head));
        text_append(out, "…%s", words + offset_of(words, columns - tail));
    }
    text_free(&whole);
}

void words_append_slug(struct text *out, const char *foreign)
{
    size_t length = 0;
    bool gap = false;
    for (; *foreign && length < SLUG_BYTES_MOST; ++foreign) {
        const unsigned char byte = (unsigned char)*foreign;
        const bool kept = byte < 0x80 && (isalnum(byte) || (byte == '.' && length));
        if (kept) {
            text_append(out, gap && length ? "-%c" : "%c", tolower(byte));
            length += gap && length ? 2 : 1;
        }
        gap = !kept;
    }
}
