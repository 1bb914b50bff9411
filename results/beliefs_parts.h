/* Common beliefs and what was found about one; shared by results/beliefs*.c alone. */
#ifndef IPCBENCH_RESULTS_BELIEFS_PARTS_H
#define IPCBENCH_RESULTS_BELIEFS_PARTS_H

#include "results/findings_parts.h"

struct run;

enum belief_claim {
    CLAIM_FASTER,    /* the first than the second */
    CLAIM_SLOWER,    /* likewise */
    CLAIM_DIFFERENT, /* either way */
    CLAIM_NO_SLOWER, /* faster, or alike */
};

/* A row of the table. Every cell of `first` is held against every comparable one of `second`, see
 * finding_match and finding_comparable. */
struct belief {
    const char *words; /* as people say it */
    enum belief_claim claim;
    const char *first;
    const char *second;
    const char *first_words; /* what a file lacks that has none: "TCP" */
    const char *second_words;
};

/* What a pair says about the claim. */
enum stance { STANCE_OPEN, STANCE_FOR, STANCE_AGAINST };
enum stance belief_stance(const struct belief *belief, const struct contest *contest);

/* A setting is what the two cells of a pair are alike in; the pairs of one follow each other. */
struct setting {
    size_t start; /* among the pairs */
    size_t count;
    size_t stances[3];
};

struct inquiry {
    const struct belief *belief;
    const char *first; /* specifications: the belief's, or of the cells that tell more */
    const char *second;
    struct contest_list pairs;
    struct setting *settings; /* owned */
    size_t setting_count;
    size_t decided_settings;          /* with a pair that is not open */
    size_t stances[3];                /* of pairs */
    size_t weak_pairs;                /* left out */
    const char *weakness;             /* of the first of them */
    size_t first_cells, second_cells; /* that are ok */
    const struct run_cell
        *missing; /* of the side without any: one that was skipped or is invalid */
};

/* Groups and corrects the pairs that were found, judges, writes. */
int belief_conclude(struct inquiry *inquiry, struct belief_finding *finding, struct error *error);

/* Appends a pair, unless one of its cells is too weak. */
int belief_add_pair(struct inquiry *inquiry, struct contest pair, struct error *error);

/* What the operations of a run put to the test, as their cells say (results/beliefs_operations.c): appends
 * to findings->beliefs, which has room for one more for each cell. */
int beliefs_add_operations(const struct run *run, struct findings *findings, struct error *error);

void belief_write_text(const struct inquiry *inquiry, const struct belief_finding *finding,
                       struct text *out);

/* The widest and the narrowest of the pairs that say so. */
void belief_write_examples(const struct inquiry *inquiry, enum stance stance, struct text *out);
void belief_write_depends(const struct inquiry *inquiry, struct text *out);

#endif
