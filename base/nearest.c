#include "base/nearest.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

enum { NEAREST_MOST = 8 };

/* The row of Wagner and Fischer's table for each character of `from`, in place. */
static size_t distance(const char *from, const char *to, size_t to_length, size_t *row)
{
    for (size_t j = 0; j <= to_length; j++)
        row[j] = j;
    for (size_t i = 0; from[i]; i++) {
        size_t diagonal = row[0];
        row[0] = i + 1;
        for (size_t j = 0; j < to_length; j++) {
            const size_t replaced = diagonal + (from[i] != to[j]);
            const size_t least = (row[j] < row[j + 1] ? row[j] : row[j + 1]) + 1;
            diagonal = row[j + 1];
            row[j + 1] = replaced < least ? replaced : least;
        }
    }
    return row[to_length];
}

struct nearest {
    const char *name;
    size_t distance;
};

static void insert(struct nearest *best, size_t most, struct nearest candidate)
{
    for (size_t i = 0; i < most; i++) {
        if (candidate.distance >= best[i].distance)
            continue;
        const struct nearest pushed = best[i];
        best[i] = candidate;
        candidate = pushed;
    }
}

void nearest_write(const char *name, const char *const *names, size_t count, size_t most,
                   struct text *out)
{
    struct nearest best[NEAREST_MOST] = {0};
    const size_t length = strlen(name);
    size_t *const row = calloc(length + 1, sizeof *row);

    most = most < NEAREST_MOST ? most : NEAREST_MOST;
    for (size_t i = 0; i < most; i++)
        best[i] = (struct nearest){.distance = SIZE_MAX};
    for (size_t i = 0; row && i < count; i++)
        insert(best, most, (struct nearest){names[i], distance(names[i], name, length, row)});
    for (size_t i = 0; i < most && best[i].name; i++)
        text_append(out, "%s%s", i ? ", " : "", best[i].name);
    free(row);
}
