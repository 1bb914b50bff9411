#include "harness/topology_files.h"

#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "harness/topology.h"

enum { PATH_BYTES = 512 };

int ids_next(const char **list, struct id_range *range)
{
    char *end;

    *list += strspn(*list, " \t\n");
    if (**list == '\0')
        return 0;
    const long first = strtol(*list, &end, 10);
    if (end == *list)
        return -EINVAL;
    long last = first;
    if (*end == '-') {
        const char *const digits = end + 1;
        last = strtol(digits, &end, 10);
        if (end == digits)
            return -EINVAL;
    }
    if (first < 0 || last < first || last >= CPU_IDS_MAX || !strchr(", \n", *end))
        return -EINVAL;
    *list = *end == ',' ? end + 1 : end;
    *range = (struct id_range){.first = (int)first, .last = (int)last};
    return 1;
}

struct text topology_file(const char *format, ...)
{
    struct text content = {0};
    char path[PATH_BYTES];
    va_list arguments;

    va_start(arguments, format);
    const int length = vsnprintf(path, sizeof path, format, arguments);
    va_end(arguments);
    if (length > 0 && length < PATH_BYTES)
        (void)file_read(path, &content, NULL);
    return content;
}

int take_number(struct text content)
{
    char *end;
    const char *const text = text_string(&content);
    const long number = strtol(text, &end, 10);
    const bool usable = end != text && number >= 0 && number <= INT_MAX;

    text_free(&content);
    return usable ? (int)number : -1;
}

int take_smallest(struct text content)
{
    const char *list = text_string(&content);
    struct id_range range;
    int smallest = -1;

    while (ids_next(&list, &range) == 1) {
        if (smallest < 0 || range.first < smallest)
            smallest = range.first;
    }
    text_free(&content);
    return smallest;
}

int take_count(struct text content)
{
    const char *list = text_string(&content);
    struct id_range range;
    int count = 0;

    while (ids_next(&list, &range) == 1)
        count += range.last - range.first + 1;
    text_free(&content);
    return count > 0 ? count : -1;
}
