/* Standard output, where a full disk or a closed pipe must not pass for success. */
#ifndef IPCBENCH_BENCH_OUTPUT_H
#define IPCBENCH_BENCH_OUTPUT_H

#include <stdbool.h>

struct error;
struct text;

/* Is it a terminal that shows colours, and are they wanted? */
bool output_wants_colour(void);

int output_write(const struct text *text, struct error *error);

#endif
