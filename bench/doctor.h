/* The doctor's findings as text. */
#ifndef IPCBENCH_BENCH_DOCTOR_H
#define IPCBENCH_BENCH_DOCTOR_H

#include <stddef.h>

struct checkup;
struct text;

/* Grouped, worst first, lines of at most `columns`; ends with a line that counts. */
void doctor_write(const struct checkup *checkup, size_t columns, struct text *out);

/* The terminal's width, $COLUMNS, or 80; between 60 and 120. */
size_t doctor_columns(void);

#endif
