#include "harness/pattern.h"

#include <stddef.h>
#include <string.h>

#include "base/error.h"

static const struct {
    const char *name;
    bool is_latency;
    bool is_across_clocks;
    bool has_rate;
    bool has_burst;
    bool walks;
    bool is_of_memory;
} patterns[PATTERN_COUNT] = {
    [PATTERN_PINGPONG] = {.name = "pingpong", .is_latency = true},
    [PATTERN_ONEWAY] = {.name = "oneway", .is_latency = true, .is_across_clocks = true},
    [PATTERN_BURST] = {.name = "burst",
                       .is_latency = true,
                       .is_across_clocks = true,
                       .has_burst = true},
    [PATTERN_PACED] = {.name = "paced",
                       .is_latency = true,
                       .is_across_clocks = true,
                       .has_rate = true},
    [PATTERN_LOAD] = {.name = "load", .is_across_clocks = true},
    [PATTERN_STREAM] = {.name = "stream"},
    [PATTERN_PAGEWALK] = {.name = "pagewalk", .is_latency = true, .walks = true},
    [PATTERN_LINEWALK] = {.name = "linewalk", .is_latency = true, .walks = true},
    [PATTERN_MEMORY] = {.name = "memory", .is_latency = true, .is_of_memory = true},
};

const char *pattern_name(enum pattern pattern)
{
    return patterns[pattern].name;
}

int pattern_parse(const char *text, enum pattern *pattern, struct error *error)
{
    for (size_t index = 0; index < PATTERN_COUNT; ++index) {
        if (!strcmp(text, patterns[index].name)) {
            *pattern = (enum pattern)index;
            return 0;
        }
    }
    return error_plain(error,
                       "pattern '%s' is not known: pingpong, oneway, burst, paced, load, stream, "
                       "pagewalk, linewalk or memory",
                       text);
}

bool pattern_is_latency(enum pattern pattern)
{
    return patterns[pattern].is_latency;
}

bool pattern_is_across_clocks(enum pattern pattern)
{
    return patterns[pattern].is_across_clocks;
}

bool pattern_has_rate(enum pattern pattern)
{
    return patterns[pattern].has_rate;
}

bool pattern_has_burst(enum pattern pattern)
{
    return patterns[pattern].has_burst;
}

bool pattern_walks(enum pattern pattern)
{
    return patterns[pattern].walks;
}

bool pattern_has_messages(enum pattern pattern)
{
    return !patterns[pattern].is_of_memory;
}
