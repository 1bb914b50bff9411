/* libFuzzer: any bytes as an encoded histogram, as base64 text where the first byte is even, and as
 * the contents of an intact zlib stream where it is odd, which chance would never make. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "base/base64.h"
#include "base/error.h"
#include "base/hdr.h"
#include "base/hdr_codec.h"
#include "base/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

enum { OUTER_BYTES = 8 };

static void wrap(const uint8_t *inner, size_t bytes, struct text *text)
{
    uLongf zipped_bytes = compressBound(bytes);
    uint8_t *const outer = malloc(OUTER_BYTES + zipped_bytes);
    static const uint8_t cookie[] = {0x1c, 0x84, 0x93, 0x14};

    if (outer && compress2(outer + OUTER_BYTES, &zipped_bytes, inner, bytes, 1) == Z_OK) {
        memcpy(outer, cookie, sizeof cookie);
        for (int i = 0; i < 4; i++)
            outer[4 + i] = (uint8_t)(zipped_bytes >> (24 - 8 * i));
        base64_encode(outer, OUTER_BYTES + zipped_bytes, text);
    }
    free(outer);
}

/* What was decoded is a histogram like any other, and its total is that of its counters. */
static void use(struct hdr *hdr)
{
    struct text again = {0};
    uint64_t total = 0;

    for (size_t i = 0; i < hdr->counter_count; i++)
        total += hdr->counters[i];
    if (total != hdr->total)
        abort();
    hdr_trim(hdr);
    if (hdr_percentile(hdr, 50) > hdr_percentile(hdr, 99.9) ||
        hdr_count_beyond(hdr, 99) > hdr->total)
        abort();
    struct hdr_steps steps = hdr_steps(hdr, 5);
    while (hdr_steps_next(&steps))
        continue;
    (void)hdr_standard_deviation(hdr);
    if (hdr_encode(hdr, &again, NULL) != 0)
        abort();
    text_free(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    struct text text = {0};
    struct error error = {0};
    struct hdr hdr;

    if (bytes == 0)
        return 0;
    if (data[0] & 1)
        wrap(data + 1, bytes - 1, &text);
    else
        text_append_bytes(&text, (const char *)data + 1, bytes - 1);
    if (hdr_decode(text_string(&text), &hdr, &error) == 0)
        use(&hdr);
    else if (error.message[0] == '\0')
        abort();
    hdr_free(&hdr);
    text_free(&text);
    return 0;
}
