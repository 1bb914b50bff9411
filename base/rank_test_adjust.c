/* Many tests at once. */
#include <errno.h>
#include <stdlib.h>

#include "base/error.h"
#include "base/rank_test.h"

struct entry {
    double p;
    size_t place; /* where it came from */
};

static int compare_entries(const void *left, const void *right)
{
    const double a = ((const struct entry *)left)->p;
    const double b = ((const struct entry *)right)->p;
    return (a > b) - (a < b);
}

/* Step down: the smallest p counts all tests, each further one fewer; none below an earlier one. */
static void adjust_holm(struct entry *entries, size_t count)
{
    double least = 0;
    for (size_t index = 0; index < count; ++index) {
        const double adjusted = entries[index].p * (double)(count - index);
        least = adjusted > least ? adjusted : least;
        entries[index].p = least < 1 ? least : 1;
    }
}

/* Step up: the largest p stays, the one of rank i counts count / i; none above a later one. */
static void adjust_benjamini_hochberg(struct entry *entries, size_t count)
{
    double most = 1;
    for (size_t index = count; index-- > 0;) {
        const double adjusted = entries[index].p * (double)count / (double)(index + 1);
        most = adjusted < most ? adjusted : most;
        entries[index].p = most;
    }
}

int rank_adjust(enum rank_correction correction, double *p, size_t count, struct error *error)
{
    struct entry *const entries = malloc((count ? count : 1) * sizeof(*entries));
    if (!entries)
        return error_system(error, ENOMEM, "%zu p-values", count);
    for (size_t index = 0; index < count; ++index)
        entries[index] = (struct entry){p[index], index};
    qsort(entries, count, sizeof(*entries), compare_entries);
    if (correction == RANK_HOLM)
        adjust_holm(entries, count);
    else
        adjust_benjamini_hochberg(entries, count);
    for (size_t index = 0; index < count; ++index)
        p[entries[index].place] = entries[index].p;
    free(entries);
    return 0;
}
