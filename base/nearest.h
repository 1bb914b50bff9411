/* "Did you mean ...?" */
#ifndef IPCBENCH_BASE_NEAREST_H
#define IPCBENCH_BASE_NEAREST_H

#include <stddef.h>

struct text;

/* Appends the names that take the fewest insertions, deletions and replaced characters (Levenshtein)
 * to become `name`, at most `most`, "a, b, c", nearest first; nothing where there are none. */
void nearest_write(const char *name, const char *const *names, size_t count, size_t most,
                   struct text *out);

#endif
