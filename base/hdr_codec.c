#include "base/hdr_codec.h"
#include "base/base64.h"
#include "base/error.h"
#include "base/hdr.h"
#include "base/text.h"

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

enum {
    OUTER_COOKIE = 0x1c849314,
    INNER_COOKIE = 0x1c849313,
    OUTER_BYTES = 8,
    HEADER_BYTES = 40,
    WORD_BYTES_MAX = 9,
};
#define RATIO_ONE UINT64_C(0x3ff0000000000000) /* 1.0 as an IEEE 754 double */

static void put_big_endian(uint8_t *at, size_t bytes, uint64_t value)
{
    for (size_t i = 0; i < bytes; i++)
        at[i] = (uint8_t)(value >> (8 * (bytes - 1 - i)));
}

static uint64_t get_big_endian(const uint8_t *at, size_t bytes)
{
    uint64_t value = 0;

    for (size_t i = 0; i < bytes; i++)
        value = value << 8 | at[i];
    return value;
}

/* LEB128-64b9B: seven bits a byte, low first; a ninth byte is the last and carries eight. */
static size_t put_word(uint8_t *at, uint64_t word)
{
    size_t bytes = 0;

    while (word > 0x7f && bytes < WORD_BYTES_MAX - 1) {
        at[bytes++] = (uint8_t)(word | 0x80);
        word >>= 7;
    }
    at[bytes++] = (uint8_t)word;
    return bytes;
}

/* ZigZag: n >= 0 is 2n; -n, a run of n zeros, is 2n - 1. */
static size_t put_counters(const struct hdr *hdr, uint8_t *payload)
{
    const size_t count = hdr_index(hdr, hdr->maximum) + 1;
    size_t bytes = 0;

    for (size_t i = 0; i < count;) {
        if (hdr->counters[i] > 0) {
            bytes += put_word(payload + bytes, hdr->counters[i] * 2);
            i++;
            continue;
        }
        const size_t run_start = i;
        while (i < count && hdr->counters[i] == 0)
            i++;
        bytes += put_word(payload + bytes, (uint64_t)(i - run_start) * 2 - 1);
    }
    return bytes;
}

static size_t put_histogram(const struct hdr *hdr, uint8_t *inner)
{
    const size_t payload_bytes = put_counters(hdr, inner + HEADER_BYTES);

    put_big_endian(inner, 4, INNER_COOKIE);
    put_big_endian(inner + 4, 4, payload_bytes);
    put_big_endian(inner + 8, 4, 0);
    put_big_endian(inner + 12, 4, (uint64_t)hdr->digits);
    put_big_endian(inner + 16, 8, hdr->lowest);
    put_big_endian(inner + 24, 8, hdr->highest);
    put_big_endian(inner + 32, 8, RATIO_ONE);
    return HEADER_BYTES + payload_bytes;
}

int hdr_encode(const struct hdr *hdr, struct text *out, struct error *error)
{
    if (hdr->total > INT64_MAX)
        return error_plain(error, "encoding histogram: %" PRIu64 " values, over 2^63-1",
                           hdr->total);

    const size_t counters = hdr_index(hdr, hdr->maximum) + 1;
    const size_t inner_bytes_max = HEADER_BYTES + counters * WORD_BYTES_MAX;
    uLongf zipped_bytes = compressBound(inner_bytes_max);
    uint8_t *const inner = malloc(inner_bytes_max);
    uint8_t *const outer = malloc(OUTER_BYTES + zipped_bytes);
    int code = inner && outer ? 0 : ENOMEM;

    if (code == 0) {
        const size_t inner_bytes = put_histogram(hdr, inner);
        if (compress2(outer + OUTER_BYTES, &zipped_bytes, inner, inner_bytes, Z_BEST_COMPRESSION) !=
            Z_OK)
            code = ENOMEM;
    }
    if (code == 0) {
        put_big_endian(outer, 4, OUTER_COOKIE);
        put_big_endian(outer + 4, 4, zipped_bytes);
        base64_encode(outer, OUTER_BYTES + zipped_bytes, out);
        code = out->failed ? ENOMEM : 0;
    }
    free(inner);
    free(outer);
    return code ? error_system(error, code, "encoding histogram") : 0;
}

static int reject(struct error *error, const char *what)
{
    return error_plain(error, "encoded histogram: %s", what);
}

/* Bits 4 to 7 give the word size of older forms; readers ignore them. */
static bool has_cookie(const uint8_t *at, uint32_t cookie)
{
    return (get_big_endian(at, 4) | 0xf0) == (cookie | 0xf0);
}

/* The next word, or false where the payload ends within it. */
static bool get_word(const uint8_t **at, const uint8_t *end, uint64_t *word)
{
    *word = 0;
    for (int i = 0; i < WORD_BYTES_MAX; i++) {
        if (*at == end)
            return false;
        const uint8_t byte = *(*at)++;
        const bool last = i == WORD_BYTES_MAX - 1;
        *word |= (uint64_t)(last ? byte : byte & 0x7f) << (7 * i);
        if (last || byte < 0x80)
            return true;
    }
    return false;
}

/* Indices come in ascending order. */
static void set_counter(struct hdr *hdr, size_t index, uint64_t count)
{
    hdr->counters[index] = count;
    hdr->total += count;
    if (hdr->minimum == UINT64_MAX)
        hdr->minimum = hdr_index_lowest(hdr, index);
    hdr->maximum = hdr_index_highest(hdr, index);
}

static int get_counters(struct hdr *hdr, const uint8_t *payload, size_t bytes, struct error *error)
{
    const uint8_t *const end = payload + bytes;
    size_t index = 0;

    while (payload < end) {
        uint64_t word;
        if (!get_word(&payload, end, &word))
            return reject(error, "the last counter is cut off");
        const bool is_run = word & 1;
        const uint64_t magnitude = (word >> 1) + (word & 1);
        if (is_run) {
            if (magnitude > hdr->counter_count - index)
                return reject(error, "a run of zeros goes past the last counter");
            index += (size_t)magnitude;
            continue;
        }
        if (index >= hdr->counter_count)
            return reject(error, "more counters than the range has");
        if (magnitude > INT64_MAX - hdr->total)
            return reject(error, "the counts add up to more than 2^63-1");
        if (magnitude > 0)
            set_counter(hdr, index, magnitude);
        index++;
    }
    return 0;
}

/* Checks the header and initialises the empty histogram it describes. */
static int get_header(const uint8_t *header, struct hdr *hdr, size_t *payload_bytes,
                      struct error *error)
{
    const int digits = (int)get_big_endian(header + 12, 4);

    if (!has_cookie(header, INNER_COOKIE))
        return reject(error, "not a V2 histogram (inner cookie)");
    if (get_big_endian(header + 8, 4) != 0)
        return reject(error, "normalizing index offset is not 0");
    if (get_big_endian(header + 32, 8) != RATIO_ONE)
        return reject(error, "conversion ratio is not 1.0");

    *payload_bytes = get_big_endian(header + 4, 4);
    const int failed = hdr_init(hdr, get_big_endian(header + 16, 8), get_big_endian(header + 24, 8),
                                digits, error);
    if (failed) {
        error_prefix(error, "encoded histogram: ");
        return failed;
    }
    if (*payload_bytes > hdr->counter_count * WORD_BYTES_MAX)
        return reject(error, "payload longer than its counters can take");
    return 0;
}

/* Fills `bytes` exactly; whatever more the stream holds is never unpacked. */
static int inflate_exactly(z_stream *stream, uint8_t *out, size_t bytes, struct error *error)
{
    stream->next_out = out;
    stream->avail_out = (uInt)bytes;
    while (stream->avail_out > 0) {
        const int status = inflate(stream, Z_NO_FLUSH);
        if (status == Z_STREAM_END && stream->avail_out == 0)
            break;
        if (status == Z_MEM_ERROR)
            return error_system(error, ENOMEM, "unpacking encoded histogram");
        if (status != Z_OK)
            return reject(error, "the zlib stream is damaged or too short");
    }
    return 0;
}

/* The stream must end here, with its checksum right and nothing behind it. */
static int check_stream_end(z_stream *stream, struct error *error)
{
    uint8_t surplus;

    stream->next_out = &surplus;
    stream->avail_out = 1;
    const int status = inflate(stream, Z_FINISH);
    if (stream->avail_out == 0)
        return reject(error, "more data than its payload length says");
    if (status != Z_STREAM_END)
        return reject(error, "the zlib stream is damaged or too short");
    return stream->avail_in == 0 ? 0 : reject(error, "bytes behind the zlib stream");
}

static int get_histogram(z_stream *stream, struct hdr *hdr, struct error *error)
{
    uint8_t header[HEADER_BYTES];
    size_t payload_bytes = 0;

    int failed = inflate_exactly(stream, header, sizeof header, error);
    if (!failed)
        failed = get_header(header, hdr, &payload_bytes, error);
    if (failed)
        return failed;

    uint8_t *const payload = malloc(payload_bytes + 1);
    if (!payload)
        return error_system(error, ENOMEM, "decoding histogram");
    failed = inflate_exactly(stream, payload, payload_bytes, error);
    if (!failed)
        failed = check_stream_end(stream, error);
    if (!failed)
        failed = get_counters(hdr, payload, payload_bytes, error);
    free(payload);
    return failed;
}

static int get_outer(const uint8_t *outer, size_t bytes, struct hdr *hdr, struct error *error)
{
    if (bytes < OUTER_BYTES)
        return reject(error, "too short");
    if (!has_cookie(outer, OUTER_COOKIE))
        return reject(error, "not a compressed V2 histogram (outer cookie)");
    if (get_big_endian(outer + 4, 4) != bytes - OUTER_BYTES)
        return reject(error, "its length field disagrees with its length");

    z_stream stream = {
        .next_in = (uint8_t *)outer + OUTER_BYTES,
        .avail_in = (uInt)(bytes - OUTER_BYTES),
    };
    if (inflateInit(&stream) != Z_OK)
        return error_system(error, ENOMEM, "unpacking encoded histogram");
    const int failed = get_histogram(&stream, hdr, error);
    (void)inflateEnd(&stream);
    return failed;
}

int hdr_decode(const char *text, struct hdr *hdr, struct error *error)
{
    const size_t length = strlen(text);
    size_t bytes;

    *hdr = (struct hdr){0};
    uint8_t *const outer = malloc(length / 4 * 3 + 1);
    if (!outer)
        return error_system(error, ENOMEM, "decoding histogram");
    int failed = base64_decode(text, length, outer, &bytes);
    failed = failed ? reject(error, "not base64") : get_outer(outer, bytes, hdr, error);
    free(outer);
    if (failed)
        hdr_free(hdr);
    return failed;
}
