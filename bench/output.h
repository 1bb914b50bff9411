/* Standard output, where a full disk or a closed pipe must not pass for success. */
#ifndef IPCBENCH_BENCH_OUTPUT_H
#define IPCBENCH_BENCH_OUTPUT_H

struct error;
struct text;

int output_write(const struct text *text, struct error *error);

#endif
