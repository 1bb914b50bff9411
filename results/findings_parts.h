/* What the files that make findings share; nobody else includes it. */
#ifndef IPCBENCH_RESULTS_FINDINGS_PARTS_H
#define IPCBENCH_RESULTS_FINDINGS_PARTS_H

#include "base/stats.h"
#include "results/contest.h"
#include "results/findings.h"

struct text;

/* Each appends to its part of the findings. */
int statements_make(const struct run *run, struct findings *findings, struct error *error);
int statements_add_variants(const struct run *run, struct findings *findings, struct error *error);
int beliefs_make(const struct run *run, struct findings *findings, struct error *error);
int statements_add_quiet(const struct run *run, struct findings *findings, struct error *error);
/* As findings_advise says. */
int advice_make(const struct run *run, double cpu_share_most, struct findings *findings,
                struct error *error);

int evidence_add(struct evidence *evidence, const struct run_cell *cell, struct error *error);
void evidence_free(struct evidence *evidence);

/* Takes the text over, and the evidence. */
int statement_add(struct findings *findings, const char *topic, struct text *text,
                  struct evidence *evidence, struct error *error);

/* Takes what was written; NULL and ENOMEM where memory ran out. */
char *text_take(struct text *text, struct error *error);

/* --- contests, in growing lists ---------------------------------------------------------------- */

struct contest_list {
    struct contest *contests;
    size_t count;
    size_t capacity;
};
/* Measures it and appends it. */
int contest_list_add(struct contest_list *list, struct contest contest, struct error *error);
void contest_list_free(struct contest_list *list);

/* --- ranking ----------------------------------------------------------------------------------- */

struct ranked_cell {
    const struct run_cell *cell;
    struct stats_median figure;
    size_t place;             /* 0: not ranked */
    bool tied;                /* not told apart from all others of its place */
    const char *weakness;     /* why it is not; "" */
    struct contest with_best; /* first: the best of all; of the best itself: all zero */
};

struct ranking {
    struct ranked_cell *cells; /* owned; best first */
    size_t count;
    size_t ranked; /* those that were held against others, by median; weak ones follow */
    bool
        is_hopeless; /* so few trials that even a complete separation from the best shows nothing */
};

/* Orders alike cells by the median of a figure, best first, and groups what these data do not tell
 * apart: the first place is shared by the best and those that follow, up to the first one that is
 * significantly behind the best; that one is held against the rest in turn. What comes after such a
 * one without being behind the best itself has no place. Each step is corrected for its number of
 * comparisons (Bonferroni: the best was not chosen beforehand). Were all of 21 cells equal, one of them
 * would be called worse in 9 % of rankings, were half of them, in 4 % (simulated). Cells without the
 * figure are left out. What spins is not ranked by its CPU time per message, which depends on how
 * often messages come. */
int ranking_make(const struct run_cell *const *cells, size_t count, enum contest_figure figure,
                 struct ranking *ranking, struct error *error);
void ranking_free(struct ranking *ranking);

/* --- words ------------------------------------------------------------------------------------- */

/* "26.9 µs", "1.04 M/s". */
void finding_write_value(enum contest_figure figure, double value, struct text *out);
/* "26.9 µs [19.2 µs, 65.1 µs]"; without the brackets where there is no interval. */
void finding_write_figure(enum contest_figure figure, const struct stats_median *median,
                          struct text *out);
/* "5.2 times [3.1, 9.8]" of a ratio that is above 1. */
void finding_write_times(const struct rank_ratio *ratio, struct text *out);
/* 1/ratio, with the ends of its interval in their places. */
struct rank_ratio finding_inverse(const struct rank_ratio *ratio);

/* How many CPUs its share is of: two, or one, where both processes have the same, or where only the
 * receiver's counts (paced). */
size_t finding_cpus(const struct run_cell *cell);

/* The share of the CPUs of both processes that the cell takes, 0..1 (open loops: of the
 * receiver's); -1: not known. */
double finding_cpu_share(const struct run_cell *cell);

#endif
