/* Sentences on a terminal. */
#ifndef IPCBENCH_BENCH_WRAP_H
#define IPCBENCH_BENCH_WRAP_H

#include <stddef.h>

struct text;

enum { WRAP_COLUMNS = 96 };

/* Appends the words in lines of at most WRAP_COLUMNS columns, where words allow, with so many blanks
 * before each line but the first, and a final newline. `column` is where the first line stands. */
void wrap_write(const char *words, size_t indent, size_t column, struct text *out);

#endif
