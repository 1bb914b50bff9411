/* What bench/plan*.c share; nobody else includes it. */
#ifndef IPCBENCH_BENCH_PLAN_PARTS_H
#define IPCBENCH_BENCH_PLAN_PARTS_H

#include "bench/plan.h"

/* Adds the cells to a plan whose places, crews, memory policy and times are known. */
int plan_expand(struct plan *plan, const struct config *config, struct error *error);

#endif
