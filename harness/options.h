/* Transport options: a table per transport, values chosen on the command line.
 *
 * A transport declares `static const struct option_spec pipe_options[]` and an enum that indexes
 * it;
 * `-t pipe:capacity=64K,wait=poll` becomes a struct options whose values stand in table order. */
#ifndef IPCBENCH_HARNESS_OPTIONS_H
#define IPCBENCH_HARNESS_OPTIONS_H

#include <stddef.h>
#include <stdint.h>

struct error;
struct text;

enum { OPTIONS_MAX = 16 };

enum option_kind {
    OPTION_CHOICE, /* one of `choices`; the value is its position. One that ends in ":N" takes a whole
                      number there, from `minimum` to `maximum`: see options_choice */
    OPTION_BYTES, /* a size with an optional K, M or G */
    OPTION_COUNT, /* a whole number */
};

struct option_spec {
    const char *key;
    enum option_kind kind;
    const char *choices;       /* OPTION_CHOICE: "block|spin|poll|epoll"; else NULL */
    const char *default_value; /* as typed. For numbers "default" (value 0) lets the system or the
                                  transport choose; it can be typed only where it is the default */
    uint64_t minimum;          /* numbers: smallest allowed, "default" apart */
    uint64_t maximum;          /* numbers: largest allowed; 0: no limit */
    const char *meaning;       /* one line for `ipcbench list` */
};

/* Plain data; a copy is as good as the original. `specs` points to the transport's const table. */
struct options {
    const struct option_spec *specs;
    size_t count;
    uint64_t values[OPTIONS_MAX]; /* position of the choice, or the number; 0: "default" */
};

/* What a choice's value says: which one, and the number of one that takes it. */
enum { OPTION_CHOICE_BITS = 8 };
static inline size_t options_choice(uint64_t value)
{
    return (size_t)(value & ((1 << OPTION_CHOICE_BITS) - 1));
}
static inline uint64_t options_choice_number(uint64_t value)
{
    return value >> OPTION_CHOICE_BITS;
}

/* All defaults, then each `key=value` of `text` ("" or NULL for none). An unknown key or value, a
 * repeated key and a number out of range give one line that names what would be right; *options is
 * then worth nothing. A wrong default in the table is an error as well. */
int options_parse(const struct option_spec *specs, size_t count, const char *text,
                  struct options *options, struct error *error);

/* One option's value as it would be typed: "poll", "64K", "default". Valid until the next call with
 * the same buffer. */
enum { OPTION_TEXT_BYTES = 64 };
const char *options_value_text(const struct options *options, size_t index, char *buffer);

/* Appends "key=value,key=value" for the options that differ from their default. */
void options_format(const struct options *options, struct text *out);

/* Steps through "a|b|c": copies choice number `index` into `buffer` (OPTION_TEXT_BYTES). Returns
 * the buffer, or NULL beyond the last. */
const char *options_choice_text(const struct option_spec *spec, size_t index, char *buffer);

#endif
