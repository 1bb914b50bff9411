#include "base/changes.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/random.h"

struct cut {
    size_t at;
    double q;
};

struct search {
    const double *values;
    const struct changes_rule *rule;
    struct random random;
    double *shuffled;
    double *within;     /* [t]: sum of |x - y| over all pairs from t to k */
    double *before;     /* [t]: over all pairs before t */
    double *pair_share; /* [n]: 1 / the pairs among n values */
    struct changes *found;
    size_t capacity;
    struct error *error;
};

struct changes_rule changes_rule_default(void)
{
    return (struct changes_rule){.side_least = 5, .permutations = 999, .level = 0.001, .seed = 1};
}

/* k Q of a cut at t, of the values up to k: so written that the inner loop has no division. */
static double statistic(const struct search *search, size_t t, size_t k)
{
    const double left = (double)t, right = (double)(k - t);
    const double between = search->within[0] - search->before[t] - search->within[t];
    const double inside =
        search->before[t] * search->pair_share[t] + search->within[t] * search->pair_share[k - t];
    return 2 * between - left * right * inside;
}

/* One value more at the end: every sum that it is part of grows by its distances. The sum over all
 * pairs before k is that from 0 on. */
static void append_value(struct search *search, const double *values, size_t k)
{
    double distances = 0;

    search->before[k] = search->within[0];
    search->within[k] = 0;
    for (size_t t = k; t-- > 0;) {
        distances += fabs(values[t] - values[k]);
        search->within[t] += distances;
    }
}

/* The largest Q over all t and k. Quadratic: the sums of k are those of k - 1 and a row. */
static struct cut best_cut(struct search *search, const double *values, size_t count)
{
    const size_t least = search->rule->side_least;
    struct cut best = {.q = -INFINITY};

    search->within[0] = 0;
    for (size_t last = 0; last < count; last++) {
        const size_t k = last + 1;
        append_value(search, values, last);
        const double scale = 1 / (double)k;
        for (size_t t = least; t + least <= k; t++) {
            const double q = statistic(search, t, k) * scale;
            if (q > best.q)
                best = (struct cut){.at = t, .q = q};
        }
    }
    return best;
}

static void shuffle(struct search *search, size_t count)
{
    for (size_t i = count; i > 1; i--) {
        const size_t other = (size_t)random_below(&search->random, i);
        const double value = search->shuffled[i - 1];
        search->shuffled[i - 1] = search->shuffled[other];
        search->shuffled[other] = value;
    }
}

/* The p of a cut, or 1 as soon as it is sure to be over the level. Sums are added in another order
 * after a shuffle: what differs by rounding alone counts as equal. */
static double permutation_p(struct search *search, const double *values, size_t count, double q)
{
    const size_t permutations = search->rule->permutations;
    const double as_large = q - 1e-9 * fabs(q);
    size_t larger = 0;

    memcpy(search->shuffled, values, count * sizeof *values);
    for (size_t i = 0; i < permutations; i++) {
        shuffle(search, count);
        larger += best_cut(search, search->shuffled, count).q >= as_large;
        if ((double)(larger + 1) > search->rule->level * (double)(permutations + 1))
            return 1;
    }
    return (double)(larger + 1) / (double)(permutations + 1);
}

static int keep(struct search *search, struct change change)
{
    struct changes *const found = search->found;

    if (found->count == search->capacity) {
        const size_t capacity = search->capacity ? 2 * search->capacity : 8;
        struct change *const items = reallocarray(found->items, capacity, sizeof *items);
        if (!items)
            return error_system(search->error, ENOMEM, "%zu change points", capacity);
        found->items = items;
        search->capacity = capacity;
    }
    found->items[found->count++] = change;
    return 0;
}

/* Left part first, so that what is found is in the order of the series. */
static int divide(struct search *search, size_t from, size_t count)
{
    if (count < 2 * search->rule->side_least)
        return 0;
    const struct cut cut = best_cut(search, search->values + from, count);
    const double p = cut.q > 0 ? permutation_p(search, search->values + from, count, cut.q) : 1;
    if (p > search->rule->level)
        return 0;
    int failed = divide(search, from, cut.at);
    if (!failed)
        failed = keep(search, (struct change){.at = from + cut.at, .p = p});
    return failed ? failed : divide(search, from + cut.at, count - cut.at);
}

int changes_find(const double *values, size_t count, const struct changes_rule *rule,
                 struct changes *found, struct error *error)
{
    struct search search = {.values = values, .rule = rule, .found = found, .error = error};

    *found = (struct changes){0};
    if (count > CHANGES_VALUES_MOST)
        return error_plain(error, "change points of %zu values: at most %d can be searched", count,
                           CHANGES_VALUES_MOST);
    if (rule->side_least < 2)
        return error_plain(error, "change points: at least 2 values on each side, not %zu",
                           rule->side_least);
    double *const room = calloc(4 * (count + 1), sizeof *room);
    if (!room)
        return error_system(error, ENOMEM, "change points of %zu values", count);
    search.shuffled = room;
    search.within = room + count + 1;
    search.before = room + 2 * (count + 1);
    search.pair_share = room + 3 * (count + 1);
    for (size_t n = 2; n <= count; n++)
        search.pair_share[n] = 2 / ((double)n * (double)(n - 1));
    random_seed(&search.random, rule->seed);
    const int failed = divide(&search, 0, count);
    free(room);
    if (failed)
        changes_free(found);
    return failed;
}

void changes_free(struct changes *found)
{
    free(found->items);
    *found = (struct changes){0};
}
