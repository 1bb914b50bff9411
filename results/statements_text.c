/* The fastest, in words. */
#include "base/text.h"
#include "results/finding_cells.h"
#include "results/run.h"
#include "results/statements_parts.h"

/* Names before "and N more". */
enum { NAMED_MOST = 4 };

/* "a (1 µs), b (2 µs) and 3 more": [start, end). */
static void write_names(const struct ranking *ranking, size_t start, size_t end, struct text *out)
{
    for (size_t index = start; index < end; ++index) {
        const struct ranked_cell *const entry = &ranking->cells[index];
        if (index - start == NAMED_MOST) {
            text_append(out, " and %zu more", end - index);
            return;
        }
        text_append(out, "%s%s (", index == start ? "" : ", ", finding_name(entry->cell).text);
        finding_write_value(entry->with_best.figure, entry->figure.value, out);
        text_append(out, ")");
    }
}

static void write_winners(const struct question *question, const struct ranking *ranking,
                          size_t group, struct text *out)
{
    const struct ranked_cell *const best = &ranking->cells[0];
    const char *const name_end = group == ranking->ranked ? " leads, but not significantly" : " ";
    text_append(out, "%s%s%s: ", finding_name(best->cell).text, name_end,
                group == ranking->ranked ? ""
                : group == 1             ? question->best
                                         : "leads");
    finding_write_figure(best->with_best.figure, &best->figure, out);
    text_append(out, ".");
    if (group == 1)
        return;
    text_append(out, " Not told from it by these trials: ");
    write_names(ranking, 1, group, out);
    text_append(out, ".");
    if (ranking->is_hopeless)
        text_append(out, " With so few trials nothing could be (--trials 10 or more).");
}

/* Who is not among the winners, by the best of them. */
static void write_next(const struct question *question, const struct ranking *ranking, size_t group,
                       struct text *out)
{
    if (group == ranking->ranked)
        return;
    size_t others = 0;
    for (size_t index = group + 1; index < ranking->ranked; ++index)
        others += ranking->cells[index].place > 0;
    const struct ranked_cell *const next = &ranking->cells[group];
    text_append(out, " Significantly behind: %s with ", finding_name(next->cell).text);
    finding_write_figure(next->with_best.figure, &next->figure, out);
    if (others)
        text_append(out, ", and %zu more", others);
    text_append(out, "; %s %s ", finding_name(ranking->cells[0].cell).text, question->is);
    finding_write_times(&next->with_best.advantage, out);
    text_append(out, " %s %s.", question->as_good, finding_name(next->cell).text);
}

static void write_unjudged(const struct run_cell *cell, const char *why, size_t *count,
                           struct text *out)
{
    text_append(out, "%s%s (%s)", (*count)++ ? ", " : " Not judged: ", finding_name(cell).text,
                why);
}

/* Those that are too weak, and those that were tried and have no figures. */
static void write_unranked(const struct task *task, const struct ranking *ranking, struct text *out)
{
    size_t count = 0;
    for (size_t index = 0; index < ranking->count; ++index) {
        if (!ranking->cells[index].place)
            write_unjudged(ranking->cells[index].cell, ranking->cells[index].weakness, &count, out);
    }
    for (size_t index = 0; index < task->run->cell_count; ++index) {
        const struct run_cell *const cell = &task->run->cells[index];
        const bool is_tried = cell->status == TRIAL_INVALID || cell->status == TRIAL_FAILED;
        if (is_tried && !finding_is_yardstick(cell) && finding_alike(cell, task->like) &&
            !(task->sleeping && finding_spins(cell)))
            write_unjudged(cell, trial_status_name(cell->status), &count, out);
    }
    text_append(out, count ? "." : "");
}

void statement_write_ranking(const struct task *task, const struct ranking *ranking, size_t group,
                             struct text *out)
{
    text_append(out, "For ");
    finding_write_setting(task->like, out);
    text_append(out, task->sleeping ? ", among those that sleep while they wait: " : ": ");
    write_winners(task->question, ranking, group, out);
    write_next(task->question, ranking, group, out);
    write_unranked(task, ranking, out);
}
