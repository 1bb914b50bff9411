#include "harness/interrupts.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* The heading has a column for each CPU that is online. */
struct columns {
    size_t count;
    size_t of_side[SIDE_COUNT]; /* from 0; SIZE_MAX: none */
};

/* "           CPU0       CPU1" */
static struct columns find_columns(const char *heading, const struct cpu_pair *cpus)
{
    struct columns columns = {.of_side = {SIZE_MAX, SIZE_MAX}};

    for (const char *at = strstr(heading, "CPU"); at; at = strstr(at, "CPU")) {
        at += strlen("CPU");
        const long cpu = strtol(at, NULL, 10);
        if (cpu == cpus->sender)
            columns.of_side[SIDE_SENDER] = columns.count;
        if (cpu == cpus->receiver)
            columns.of_side[SIDE_RECEIVER] = columns.count;
        columns.count++;
    }
    return columns;
}

/* Ends the line that `at` is in; returns the next one, NULL behind the last. */
static char *cut_line(char *at)
{
    char *const newline = strchr(at, '\n');
    if (!newline)
        return NULL;
    *newline = '\0';
    return newline[1] ? newline + 1 : NULL;
}

/* These count for the whole machine: one number, which with a single CPU would look like its own. */
static bool is_of_no_cpu(const char *name)
{
    return strncasecmp(name, "ERR:", 4) == 0 || strncmp(name, "MIS:", 4) == 0;
}

/* Takes the two sides' numbers; returns what follows the last column, NULL: there are too few. */
static const char *read_numbers(const char *at, const struct columns *columns,
                                int64_t numbers[SIDE_COUNT])
{
    for (size_t column = 0; column < columns->count; column++) {
        char *end;
        const int64_t number = strtoll(at, &end, 10);
        if (end == at)
            return NULL;
        for (int side = 0; side < SIDE_COUNT; side++) {
            if (columns->of_side[side] == column)
                numbers[side] = number;
        }
        at = end;
    }
    return at;
}

/* "24:  1  0  IO-APIC  5-edge  ACPI:Ged", "LOC: 592 594  Local timer interrupts",
 * "11: 123 456  GICv3  27 Level  arch_timer". */
static void add_line(const char *line, const struct columns *columns,
                     struct interrupts sides[SIDE_COUNT])
{
    int64_t numbers[SIDE_COUNT] = {0};
    const char *const name = line + strspn(line, " ");
    const char *const colon = strchr(name, ':');
    const char *const kind =
        colon && !is_of_no_cpu(name) ? read_numbers(colon + 1, columns, numbers) : NULL;

    if (!kind)
        return;
    const bool is_timer = strcasestr(kind, "timer") != NULL;
    for (int side = 0; side < SIDE_COUNT; side++) {
        sides[side].total += numbers[side];
        if (is_timer)
            sides[side].timer += numbers[side];
        else if (isdigit((unsigned char)*name))
            sides[side].device += numbers[side];
    }
}

void interrupts_count(char *text, const struct cpu_pair *cpus, struct interrupts sides[SIDE_COUNT])
{
    char *line = cut_line(text);
    const struct columns columns = find_columns(text, cpus);

    for (int side = 0; side < SIDE_COUNT; side++) {
        const int64_t start = columns.of_side[side] < columns.count ? 0 : -1;
        sides[side] = (struct interrupts){start, start, start};
    }
    while (line) {
        char *const next = cut_line(line);
        add_line(line, &columns, sides);
        line = next;
    }
}
