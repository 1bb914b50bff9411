/* Which facts about the machine must be the same in two runs that are compared. */
#ifndef IPCBENCH_RESULTS_COMPARE_RULES_H
#define IPCBENCH_RESULTS_COMPARE_RULES_H

#include <stdbool.h>
#include <stddef.h>

struct machine_fact;

enum compare_rule {
    COMPARE_MUST, /* be the same; what no row of the table names */
    COMPARE_NEAR, /* numbers within 5 % of each other */
    COMPARE_TOLD, /* may differ, and is told */
    COMPARE_MAY,  /* may differ: it does all the time */
};

/* The rows, for documentation and tests; NULL behind the last. */
struct compare_exception {
    const char *group;
    const char *key; /* NULL: the whole group */
    enum compare_rule rule;
    const char *why;
};
const struct compare_exception *compare_exception_at(size_t index);

enum compare_rule compare_rule_of(const char *group, const char *key);

/* Is it the same by its rule? One of them may be NULL: absent. */
bool compare_fact_same(const struct machine_fact *base, const struct machine_fact *now,
                       enum compare_rule rule);

#endif
