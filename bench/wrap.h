/* Sentences on a terminal. */
#ifndef IPCBENCH_BENCH_WRAP_H
#define IPCBENCH_BENCH_WRAP_H

#include <stddef.h>

struct text;

enum { WRAP_COLUMNS = 96 };

struct wrap {
    size_t columns; /* of a line, at most, where words allow */
    size_t indent;  /* blanks before each line but the first */
    size_t column;  /* where the first line stands */
};

/* Appends the words, parted by blanks and line breaks, and a final newline. A sign of per cent stays
 * with its number. */
void wrap_words(const char *words, size_t bytes, const struct wrap *wrap, struct text *out);

/* The same for a string in WRAP_COLUMNS columns. */
void wrap_write(const char *words, size_t indent, size_t column, struct text *out);

#endif
