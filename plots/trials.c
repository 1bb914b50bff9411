/* Every trial of every cell, in the order of the run: drift, two modes, and whether the machine was
 * in another state. A panel for each cell. A trial's point is its median (its rate), the bar reaches
 * from the first to the third quartile of its messages; shape and colour tell how far apart the two
 * CPUs were, by the probes beside the trial. */
#include <math.h>
#include <stdlib.h>

#include "base/clusters.h"
#include "base/units.h"
#include "plots/axis.h"
#include "plots/figures.h"
#include "plots/pages.h"
#include "plots/script.h"
#include "plots/words.h"
#include "results/run.h"

enum {
    PANEL_COLUMNS = 3,
    PANEL_COLUMNS_TERMINAL = 2,
    STATES_MOST = CLUSTERS_STATES_MOST,
    STATE_UNSETTLED = STATES_MOST, /* the two probes disagree */
    STATE_UNKNOWN,                 /* no probes: one CPU, or not pinned */
    STATE_KINDS,
};

static double figure_of(const struct run_cell *cell, const struct run_trial *trial)
{
    if (trial->result.status != TRIAL_OK)
        return 0;
    return pattern_is_latency(cell->pattern) ? trial->figures.p50_ns : trial->figures.rate_per_s;
}

static bool has_trials(const struct run_cell *cell)
{
    size_t count = 0;
    for (size_t index = 0; index < cell->trial_count; ++index)
        count += figure_of(cell, &cell->trials[index]) > 0;
    return count > 1;
}

/* What is worth a look comes first. */
static double rank(const struct run_cell *cell)
{
    const struct summary *const summary = &cell->summary;
    const double noise = isfinite(summary->noise) ? fmin(summary->noise, 10) : 10;
    return -(noise + 20 * (summary->bimodal + (2 * summary->trials_drifting > summary->trials)));
}

/* The states of the whole run, so that a colour means the same in every panel. */
static struct clusters_states states_of(const struct plot_cells *cells)
{
    struct clusters_states states = {0};
    size_t count = 0, trials = 0;
    for (size_t index = 0; index < cells->count; ++index)
        trials += cells->cells[index]->trial_count;
    double *const probes = calloc(trials + 1, sizeof(*probes));
    for (size_t index = 0; probes && index < cells->count; ++index) {
        const struct run_cell *const cell = cells->cells[index];
        for (size_t at = 0; at < cell->trial_count; ++at) {
            const struct trial_result *const result = &cell->trials[at].result;
            const double probe = fmin(result->probe_before_ns, result->probe_after_ns);
            if (result->status == TRIAL_OK && probe > 0 && isfinite(probe))
                probes[count++] = probe;
        }
    }
    if (probes)
        states = clusters_states(probes, count, CLUSTERS_STATE_RATIO);
    free(probes);
    return states;
}

static size_t state_of(const struct clusters_states *states, const struct trial_result *result)
{
    const double probe = fmin(result->probe_before_ns, result->probe_after_ns);
    if (!(probe > 0) || !states->count)
        return STATE_UNKNOWN;
    return result->probes_disagree ? STATE_UNSETTLED : clusters_state_of(states, probe);
}

/* Colour and shape of the points of each state. */
static const struct {
    const char *colour;
    int points;
} looks[STATE_KINDS] = {
    {"#0072B2", 7},  {"#D55E00", 9}, {"#009E73", 5}, {"#AA4499", 13}, {"#000000", 11},
    {"#E69F00", 15}, {"#56B4E9", 4}, {"#7A5C00", 8}, {"#000000", 2},  {"#707070", 6},
};

/* $a<kind>...: time, value, quartiles, one block for each state that this cell was seen in. */
static void write_data(const struct run_cell *cell, const struct clusters_states *states,
                       struct axis *axis, struct text *commands)
{
    for (size_t kind = 0; kind < STATE_KINDS; ++kind) {
        script_data(commands, 'a', kind);
        for (size_t index = 0; index < cell->trial_count; ++index) {
            const struct run_trial *const trial = &cell->trials[index];
            const struct hdr *const hdr = &trial->result.histogram;
            double row[] = {trial->started_s, figure_of(cell, trial), NAN, NAN};
            if (row[1] <= 0 || state_of(states, &trial->result) != kind)
                continue;
            if (hdr->counter_count && hdr->total) {
                row[2] = (double)hdr_percentile(hdr, 25);
                row[3] = (double)hdr_percentile(hdr, 75);
            }
            for (size_t at = 1; at < 4; ++at)
                axis_take(axis, row[at]);
            script_row(commands, row, 4);
        }
        script_data_end(commands);
    }
}

static void write_state_name(const struct clusters_states *states, size_t kind, struct text *plot)
{
    struct text words = {0};
    if (kind == STATE_UNKNOWN) {
        text_append(&words, "no probe");
    } else if (kind == STATE_UNSETTLED) {
        text_append(&words, "changed meanwhile");
    } else {
        text_append(&words, "%s", units_ns(states->states[kind].low).text);
        if (states->states[kind].high > states->states[kind].low * 1.01)
            text_append(&words, " to %s", units_ns(states->states[kind].high).text);
    }
    script_title(plot, text_string(&words), 0);
    plot->failed |= words.failed;
    text_free(&words);
}

static bool is_seen(const struct page *page, const struct clusters_states *states, size_t kind)
{
    for (size_t index = page->first; index < page->first + page->count; ++index) {
        const struct run_cell *const cell = page->group->cells[index];
        for (size_t at = 0; at < cell->trial_count; ++at) {
            if (figure_of(cell, &cell->trials[at]) > 0 &&
                state_of(states, &cell->trials[at].result) == kind)
                return true;
        }
    }
    return false;
}

static void write_plot(const struct page *page, size_t index, const struct clusters_states *states,
                       struct text *commands)
{
    struct text plot = {0};
    for (size_t kind = 0; kind < STATE_KINDS; ++kind) {
        if (!is_seen(page, states, kind))
            continue;
        script_element(&plot,
                       "$a%zu using 1:2:3:4 with yerrorbars linecolor rgb '%s' linewidth 0.8 "
                       "pointtype %d pointsize 0.01",
                       kind, looks[kind].colour, looks[kind].points);
        script_element(&plot,
                       "$a%zu using 1:2 with points linecolor rgb '%s' pointtype %d pointsize 0.8",
                       kind, looks[kind].colour, looks[kind].points);
        if (index == page->first) {
            /* By itself: what has no points in this panel would be missing from the key. */
            script_element(&plot, "NaN with points linecolor rgb '%s' pointtype %d pointsize 0.8",
                           looks[kind].colour, looks[kind].points);
            write_state_name(states, kind, &plot);
        }
    }
    text_append(commands, "set bars 0\n");
    text_append_bytes(commands, text_string(&plot), plot.length);
    text_append(commands, "\nunset label\n");
    commands->failed |= plot.failed;
    text_free(&plot);
}

static void write_heading(const struct run_cell *cell, const struct area *area,
                          const struct canvas *canvas, struct text *commands)
{
    struct text name = {0}, words = {0};
    cell_append_name(cell, &name);
    words_append(&words, text_string(&name), 24);
    text_append(&words, "%s%s", cell->summary.bimodal ? "  two modes" : "",
                2 * cell->summary.trials_drifting > cell->summary.trials ? "  drifting" : "");
    picture_words(commands, area->left, area->top + 0.7 / canvas->lines, text_string(&words),
                  "left front font ',10'");
    commands->failed |= name.failed || words.failed;
    text_free(&name);
    text_free(&words);
}

static void write_panels(const struct page *page, struct picture *picture)
{
    const struct canvas *const canvas = &page->output->canvas;
    const struct clusters_states states = states_of(page->cells);
    const struct margins margins = {.left = 11, .right = 30, .above = 1};
    const struct area whole = picture_area(canvas, picture, &margins);
    const size_t most = canvas->is_terminal ? PANEL_COLUMNS_TERMINAL : PANEL_COLUMNS;
    const size_t columns = page->count < most ? page->count : most;
    const bool is_latency = pattern_is_latency(page->group->cells[0]->pattern);
    const char *const value_name = is_latency ? "latency" : "messages/s";
    struct axis x_axis = {.unit = AXIS_SECONDS};
    struct text *const commands = &picture->commands;
    axis_take(&x_axis, 0);
    axis_take(&x_axis, page->cells->run->elapsed_s);
    for (size_t index = page->first; index < page->first + page->count; ++index) {
        const struct run_cell *const cell = page->group->cells[index];
        for (size_t at = 0; at < cell->trial_count; ++at)
            axis_take(&x_axis, cell->trials[at].started_s);
    }
    axis_close(&x_axis);
    text_append(commands, "set multiplot\n");
    axis_write(commands, "x", &x_axis, 4);
    picture_key(commands, canvas, &whole, "cache line there and back");
    for (size_t panel = 0; panel < page->count; ++panel) {
        const struct run_cell *const cell = page->group->cells[page->first + panel];
        const struct grid_place grid = {.columns = columns,
                                        .rows = (page->count + columns - 1) / columns,
                                        .index = panel,
                                        .gap_columns = 10,
                                        .gap_lines = 3};
        const struct area area = picture_part(canvas, picture, &whole, &grid);
        struct axis y_axis = {.unit = is_latency ? AXIS_NS : AXIS_PER_S, .is_log = true};
        write_data(cell, &states, &y_axis, commands);
        axis_close(&y_axis);
        picture_use_area(commands, &area);
        write_heading(cell, &area, canvas, commands);
        axis_write(commands, "y", &y_axis, 4);
        picture_axis_names(
            picture, canvas, &area,
            &(struct axis_names){panel + columns >= page->count ? "seconds into the run" : "",
                                 panel % columns ? "" : value_name});
        write_plot(page, page->first + panel, &states, commands);
        picture_no_key(commands);
    }
    text_append(commands, "unset multiplot\n");
}

static int draw(const struct page *page, struct error *error)
{
    struct picture picture = {0};
    page_begin(page, "trials", true, &picture);
    text_append(&picture.title, "Trials in the order of the run: %s",
                pattern_name(page->group->cells[0]->pattern));
    text_append(&picture.note, "A point is a trial's median%s. Noisiest first.",
                pattern_is_latency(page->group->cells[0]->pattern)
                    ? ", the bar holds the middle half of its messages"
                    : " rate (of load, its knee)");
    write_panels(page, &picture);
    const int failure = plot_output_add(page->output, &picture, error);
    picture_free(&picture);
    return failure;
}

static size_t items(const struct cell_group *group)
{
    return group->count;
}

static int draw_all(const struct plot_cells *cells, struct plot_output *output, struct error *error)
{
    static const struct cell_rule cell_rule = {.usable = has_trials, .rank = rank};
    const size_t columns = output->canvas.is_terminal ? PANEL_COLUMNS_TERMINAL : PANEL_COLUMNS;
    const struct page_rule rule = {
        .figure = "trials",
        .needs = "no cell has two trials with a figure",
        .per_page = columns * columns,
        .items = items,
        .draw = draw,
    };
    return pages_draw(&rule, cells, &cell_rule, output, error);
}

const struct figure figure_trials = {
    .name = "trials",
    .summary = "every trial in the order of the run, by the machine's state",
    .draw = draw_all,
};
