/* Content that tells where in the file and in which pass it was written, so that a block that is old, missing
 * or in the wrong place is found: 64-bit words, one more than the word before. Block sizes and offsets
 * are multiples of 8. */
#ifndef IPCBENCH_TRANSPORTS_COMMON_FILE_CONTENT_H
#define IPCBENCH_TRANSPORTS_COMMON_FILE_CONTENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The first word of what pass number `pass` has at `offset`. Passes are 2^40 words apart. */
static inline uint64_t file_content_word(uint64_t pass, uint64_t offset)
{
    return (pass << 40) + offset / sizeof(uint64_t);
}

static inline void file_content_fill(void *block, size_t bytes, uint64_t first_word)
{
    uint64_t *const words = block;
    for (size_t index = 0; index < bytes / sizeof(*words); ++index)
        words[index] = first_word + index;
}

/* Reads all of it, also where the first word is wrong: the same work each time. */
static inline bool file_content_is(const void *block, size_t bytes, uint64_t first_word)
{
    const uint64_t *const words = block;
    uint64_t difference = 0;
    for (size_t index = 0; index < bytes / sizeof(*words); ++index)
        difference |= words[index] ^ (first_word + index);
    return !difference;
}

#endif
