#include "bench/states.h"

#include <stdio.h>

#include "base/text.h"
#include "base/units.h"
#include "bench/grid.h"
#include "results/run.h"

/* Do the intervals of two states with enough trials exclude each other? */
static bool makes_a_difference(const struct summary *summary)
{
    const double coverage_least = 0.95; /* fewer trials differ by chance */
    for (size_t left = 0; left < summary->state_count; ++left) {
        for (size_t right = left + 1; right < summary->state_count; ++right) {
            const struct summary_state *a = &summary->states[left], *b = &summary->states[right];
            if (a->figure.coverage >= coverage_least && b->figure.coverage >= coverage_least &&
                (a->figure.high < b->figure.low || b->figure.high < a->figure.low))
                return true;
        }
    }
    return false;
}

static void write_cell(const struct run_cell *cell, struct grid *grid)
{
    const bool latency = pattern_is_latency(cell->pattern);
    for (size_t index = 0; index < cell->summary.state_count; ++index) {
        const struct summary_state *state = &cell->summary.states[index];
        char(*row)[GRID_FIELD_BYTES] = state->trials ? grid_row(grid) : NULL;
        if (!row)
            continue;
        snprintf(row[0], GRID_FIELD_BYTES, "%s", cell->id);
        snprintf(row[1], GRID_FIELD_BYTES, "%.0f to %.0f ns", state->probe_low_ns,
                 state->probe_high_ns);
        snprintf(row[2], GRID_FIELD_BYTES, "%zu", state->trials);
        snprintf(row[3], GRID_FIELD_BYTES, "%s",
                 latency ? units_ns(state->figure.value).text
                         : units_rate(state->figure.value).text);
        snprintf(row[4], GRID_FIELD_BYTES, "%s",
                 latency ? units_ns(state->figure.low).text : units_rate(state->figure.low).text);
        snprintf(row[5], GRID_FIELD_BYTES, "%s",
                 latency ? units_ns(state->figure.high).text : units_rate(state->figure.high).text);
    }
}

void states_write(const struct run *run, struct text *out)
{
    enum { COLUMNS = 6 };
    static const char *const headings[COLUMNS] = {"",       "cache line", "trials",
                                                  "median", "from",       "to"};
    size_t several = 0;
    struct grid grid = {.columns = COLUMNS};
    char(*row)[GRID_FIELD_BYTES] = grid_row(&grid);
    for (size_t column = 0; row && column < COLUMNS; ++column)
        snprintf(row[column], GRID_FIELD_BYTES, "%s", headings[column]);
    for (size_t index = 0; row && index < run->cell_count; ++index) {
        const struct run_cell *cell = &run->cells[index];
        several += cell->summary.state_count > 1;
        if (cell->status == TRIAL_OK && makes_a_difference(&cell->summary))
            write_cell(cell, &grid);
    }
    if (several)
        text_append(out,
                    "\nThe two CPUs were not always equally far apart: in %zu cells the cache "
                    "line's way differed by over 1.5x\nbetween trials, as a virtual machine's "
                    "CPUs are moved about%s\n",
                    several, grid.rows > 1 ? ". It makes a difference to:" : ".");
    if (grid.rows > 1)
        grid_write(&grid, out);
    grid_free(&grid);
}
