/* What a belief depends on, where it is so here and not so there. */
#include <stdlib.h>

#include "base/text.h"
#include "base/units.h"
#include "results/beliefs_parts.h"
#include "results/run.h"

/* What the pairs of one size, or of one pattern, say together. */
struct tally {
    uint64_t key;
    bool in_favour;
    bool against;
    size_t decided;
    size_t pairs;
};

static uint64_t key_of(const struct contest *pair, bool by_size)
{
    return by_size ? pair->first->size_bytes : (uint64_t)pair->first->pattern;
}

static int by_key(const void *left, const void *right)
{
    const struct tally *const a = left, *const b = right;
    return (a->key > b->key) - (a->key < b->key);
}

static void count_pair(const struct inquiry *inquiry, const struct contest *pair,
                       struct tally *tally)
{
    const enum stance stance = belief_stance(inquiry->belief, pair);
    tally->in_favour |= stance == STANCE_FOR;
    tally->against |= stance == STANCE_AGAINST;
    tally->decided += stance != STANCE_OPEN;
    ++tally->pairs;
}

/* Those with a decided pair; ascending. `tallies` has room for all pairs. */
static size_t tally(const struct inquiry *inquiry, bool by_size, struct tally *tallies)
{
    size_t count = 0, kept = 0;
    for (size_t index = 0; index < inquiry->pairs.count; ++index) {
        const struct contest *const pair = &inquiry->pairs.contests[index];
        size_t at = 0;
        while (at < count && tallies[at].key != key_of(pair, by_size))
            ++at;
        if (at == count)
            tallies[count++] = (struct tally){.key = key_of(pair, by_size)};
        count_pair(inquiry, pair, &tallies[at]);
    }
    for (size_t index = 0; index < count; ++index) {
        if (tallies[index].decided)
            tallies[kept++] = tallies[index];
    }
    qsort(tallies, kept, sizeof(*tallies), by_key);
    return kept;
}

/* " (3 of 4 pairs)": of [start, end) together. */
static void write_share(const struct tally *tallies, size_t start, size_t end, struct text *out)
{
    size_t decided = 0, pairs = 0;
    for (size_t index = start; index < end; ++index) {
        decided += tallies[index].decided;
        pairs += tallies[index].pairs;
    }
    text_append(out, " (%zu of %zu pair%s)", decided, pairs, pairs == 1 ? "" : "s");
}

static bool are_pure(const struct tally *tallies, size_t count)
{
    for (size_t index = 0; index < count; ++index) {
        if (tallies[index].in_favour && tallies[index].against)
            return false;
    }
    return count > 1;
}

/* The sizes fall into two: up to one it is so, above not, or the other way round. */
static bool write_by_size(const struct tally *tallies, size_t count, struct text *out)
{
    size_t change = 0;
    for (size_t index = 1; index < count; ++index) {
        if (tallies[index].in_favour == tallies[index - 1].in_favour)
            continue;
        if (change)
            return false;
        change = index;
    }
    text_append(out, "It depends on the size: %s up to %s", tallies[0].in_favour ? "so" : "not so",
                units_bytes(tallies[change - 1].key).text);
    write_share(tallies, 0, change, out);
    text_append(out, ", %s from %s on", tallies[0].in_favour ? "not so" : "so",
                units_bytes(tallies[change].key).text);
    write_share(tallies, change, count, out);
    return true;
}

static void write_by_pattern(const struct tally *tallies, size_t count, struct text *out)
{
    const char *link = "";
    text_append(out, "It depends on the pattern: ");
    for (size_t index = 0; index < count; ++index) {
        text_append(out, "%s%s in %s", link, tallies[index].in_favour ? "so" : "not so",
                    pattern_name((enum pattern)tallies[index].key));
        write_share(tallies, index, index + 1, out);
        link = ", ";
    }
}

void belief_write_depends(const struct inquiry *inquiry, struct text *out)
{
    struct tally *const tallies = calloc(inquiry->pairs.count + 1, sizeof(*tallies));
    if (!tallies) {
        out->failed = true;
        return;
    }
    size_t count = tally(inquiry, true, tallies);
    if (!are_pure(tallies, count) || !write_by_size(tallies, count, out)) {
        count = tally(inquiry, false, tallies);
        if (are_pure(tallies, count))
            write_by_pattern(tallies, count, out);
        else
            text_append(out, "It depends: so in %zu pair%s of cells, not in %zu",
                        inquiry->stances[STANCE_FOR], inquiry->stances[STANCE_FOR] == 1 ? "" : "s",
                        inquiry->stances[STANCE_AGAINST]);
    }
    free(tallies);
    text_append(out, ". So: ");
    belief_write_examples(inquiry, STANCE_FOR, out);
    text_append(out, ". Not so: ");
    belief_write_examples(inquiry, STANCE_AGAINST, out);
    text_append(out, ".");
}
