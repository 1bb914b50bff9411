/* A comparison on standard output, and as an exit status. */
#ifndef IPCBENCH_BENCH_COMPARE_PRINT_H
#define IPCBENCH_BENCH_COMPARE_PRINT_H

#include "bench/compare_request.h"

struct error;

int compare_print(const struct compare_request *request, const struct comparison *comparison,
                  struct error *error);

int compare_status(const struct comparison *comparison);

#endif
