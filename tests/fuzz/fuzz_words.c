/* libFuzzer: any text as a size, a count, a time, a rate, a burst or a list. What is taken lies
 * within its limits, and a size can be written and read back. */
#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/units.h"
#include "bench/lists.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

static void expect(int holds)
{
    if (!holds)
        abort();
}

static void parse_sizes(const char *text)
{
    struct error error = {0};
    uint64_t number;
    uint64_t again;
    size_t message_bytes;

    if (units_parse_bytes(text, &number, &error) == 0) {
        expect(number <= INT64_MAX);
        expect(units_parse_bytes(units_bytes_exact(number).text, &again, NULL) == 0);
        expect(again == number);
    } else {
        expect(error.message[0] != '\0');
    }
    if (units_parse_count(text, &number, &error) == 0)
        expect(number <= INT64_MAX);
    if (parse_message_bytes(text, &message_bytes, &error) == 0)
        expect(message_bytes <= UINT64_C(1) << 40);
    if (parse_region_bytes(text, &message_bytes, &error) == 0)
        expect(message_bytes <= UINT64_C(64) << 30);
    if (parse_burst(text, &number, &error) == 0)
        expect(number >= 1 && number <= 1000000);
}

static void parse_times(const char *text)
{
    struct error error = {0};
    double number;

    if (units_parse_seconds(text, &number, &error) == 0)
        expect(isfinite(number) && number >= 0 && units_duration(number).text[0] != '\0');
    else
        expect(error.message[0] != '\0');
    if (parse_rate(text, &number, &error) == 0)
        expect(number >= 1 && number <= 1e9);
}

/* Every step goes on, so that no list is endless. */
static void walk(const char *text, bool (*next)(struct list *, struct item *))
{
    struct list list = list_of(text);
    struct item item;
    size_t steps = 0;

    while (next(&list, &item))
        expect(++steps <= strlen(text) + 1 && strlen(item.text) < ITEM_BYTES);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    char *const text = malloc(bytes + 1);

    if (!text)
        return 0;
    memcpy(text, data, bytes);
    text[bytes] = '\0';
    parse_sizes(text);
    parse_times(text);
    walk(text, list_next);
    walk(text, list_next_transport);
    walk(text, list_next_placement);
    free(text);
    return 0;
}
