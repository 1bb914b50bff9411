/* What is believed of operations on memory: the cells themselves say it, and what each is to be held
 * against, so that nothing here knows an operation. Judged as the table in results/beliefs.c is, by
 * bytes per second. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "results/beliefs_parts.h"
#include "results/finding_cells.h"
#include "results/run.h"

static const struct {
    const char *text;
    enum belief_claim claim;
} claims[] = {
    {"cheaper", CLAIM_FASTER},
    {"dearer", CLAIM_SLOWER},
    {"no dearer", CLAIM_NO_SLOWER},
};
enum { CLAIMS = sizeof(claims) / sizeof(claims[0]) };

/* One of `claims`; CLAIMS: the file says nothing, or something that is not known here. */
static size_t claim_of(const struct run_cell *cell)
{
    size_t claim = 0;
    while (claim < CLAIMS &&
           (!cell->belief_claim || strcmp(cell->belief_claim, claims[claim].text) != 0))
        ++claim;
    return claim;
}

static bool puts_to_the_test(const struct run_cell *cell)
{
    return cell->belief && cell->belief_against && strchr(cell->belief_against, '=') &&
           claim_of(cell) < CLAIMS;
}

static bool same_belief(const struct run_cell *a, const struct run_cell *b)
{
    return puts_to_the_test(b) && !strcmp(a->belief, b->belief) && claim_of(a) == claim_of(b);
}

/* Is it what the cell is to be held against: that option has that value, all else is the same? */
static bool is_reference(const struct run_cell *cell, const struct run_cell *other)
{
    const char *const value = strchr(cell->belief_against, '=') + 1;
    const size_t key_length = (size_t)(value - 1 - cell->belief_against);
    if (other == cell || strcmp(cell->transport, other->transport) != 0 ||
        cell->option_count != other->option_count || !finding_alike(cell, other))
        return false;
    bool is_named = false;
    for (size_t index = 0; index < cell->option_count; ++index) {
        const struct run_option *const own = &cell->options[index];
        const char *const text = finding_option(other, own->key);
        const bool named =
            strlen(own->key) == key_length && !strncmp(own->key, cell->belief_against, key_length);
        is_named |= named;
        if (!text || strcmp(text, named ? value : own->text) != 0)
            return false;
    }
    return is_named;
}

static int find_references(const struct run *run, const struct run_cell *cell,
                           struct inquiry *inquiry, struct error *error)
{
    int failure = 0;
    for (size_t index = 0; index < run->cell_count && !failure; ++index) {
        const struct run_cell *const other = &run->cells[index];
        if (!is_reference(cell, other))
            continue;
        if (other->status != TRIAL_OK) {
            inquiry->missing = inquiry->missing ? inquiry->missing : other;
            continue;
        }
        ++inquiry->second_cells;
        failure = belief_add_pair(inquiry, contest_of(cell, other, CONTEST_BANDWIDTH), error);
    }
    return failure;
}

static int find_pairs(const struct run *run, const struct run_cell *named, struct inquiry *inquiry,
                      struct error *error)
{
    const struct run_cell *missing = NULL;
    int failure = 0;
    for (size_t index = 0; index < run->cell_count && !failure; ++index) {
        const struct run_cell *const cell = &run->cells[index];
        if (!same_belief(named, cell))
            continue;
        if (cell->status == TRIAL_OK) {
            ++inquiry->first_cells;
            failure = find_references(run, cell, inquiry, error);
        } else if (!missing) {
            missing = cell;
        }
    }
    if (!inquiry->first_cells)
        inquiry->missing = missing;
    else if (inquiry->second_cells)
        inquiry->missing = NULL;
    return failure;
}

static int inquire(const struct run *run, const struct run_cell *named,
                   struct belief_finding *finding, struct error *error)
{
    const struct finding_name name = finding_name(named);
    struct text against = {0};
    text_append(&against, "the same with %s", named->belief_against);
    finding->words = strdup(named->belief);
    char *const second = text_take(&against, error);
    if (!finding->words || !second) {
        free(second);
        return error_system(error, ENOMEM, "findings");
    }
    text_clean(finding->words);
    text_clean(second);
    finding->belief = finding->words;
    const struct belief belief = {finding->words, claims[claim_of(named)].claim, "", "", name.text,
                                  second};
    struct inquiry inquiry = {.belief = &belief};
    int failure = find_pairs(run, named, &inquiry, error);
    if (!failure)
        failure = belief_conclude(&inquiry, finding, error);
    contest_list_free(&inquiry.pairs);
    free(inquiry.settings);
    free(second);
    return failure;
}

/* Once for each belief, by the first cell that names it. */
int beliefs_add_operations(const struct run *run, struct findings *findings, struct error *error)
{
    int failure = 0;
    for (size_t index = 0; index < run->cell_count && !failure; ++index) {
        const struct run_cell *const cell = &run->cells[index];
        bool is_first = puts_to_the_test(cell);
        for (size_t before = 0; before < index && is_first; ++before)
            is_first = !same_belief(cell, &run->cells[before]);
        if (is_first)
            failure = inquire(run, cell, &findings->beliefs[findings->belief_count++], error);
    }
    return failure;
}
