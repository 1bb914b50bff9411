/* Base64 as RFC 4648 section 4 has it: the standard alphabet, "=" padding, no line breaks. */
#ifndef IPCBENCH_BASE_BASE64_H
#define IPCBENCH_BASE_BASE64_H

#include <stddef.h>
#include <stdint.h>

struct text;

/* Appends the encoded bytes to `out`. */
void base64_encode(const uint8_t *data, size_t bytes, struct text *out);

/* Decodes `length` characters into `data`, which has room for length / 4 * 3 bytes, and sets
 * `bytes`. 0 or -EINVAL: a foreign character, a length that is no multiple of 4, misplaced padding,
 * or bits set behind the last byte (two texts would mean the same). */
int base64_decode(const char *text, size_t length, uint8_t *data, size_t *bytes);

#endif
