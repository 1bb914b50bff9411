/* What a run says, in sentences: statements about this machine, verdicts on common beliefs, and advice
 * for a workload. From a run alone; each sentence names the cells that it rests on and is made by the
 * statistics of results/contest.h. What the data do not decide is said to be undecided.
 *
 *     struct findings findings;
 *     findings_make(&run, &findings, &error)
 *     findings_write_json(&findings, &text, &error)     or bench/findings.c
 *     findings_free(&findings)                          before run_free: it points into the run */
#ifndef IPCBENCH_RESULTS_FINDINGS_H
#define IPCBENCH_RESULTS_FINDINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct error;
struct run;
struct run_cell;
struct text;

/* The topic of the statement about other work on the CPUs, which bears on all the others. */
#define FINDINGS_TOPIC_QUIET "how quiet the machine was"

/* The cells that a sentence rests on; each once. */
struct evidence {
    const struct run_cell **cells;
    size_t count;
    size_t capacity;
};

struct statement {
    const char *topic; /* "fastest round trip, small messages" */
    char *text;        /* owned */
    struct evidence evidence;
};

enum verdict {
    VERDICT_CONFIRMED,    /* in all comparisons that decided, and at least half of them did */
    VERDICT_REFUTED,      /* the same, but it is not so */
    VERDICT_UNDECIDED,    /* by these data; or it depends, see below */
    VERDICT_NOT_MEASURED, /* no two cells that could be compared */
};
const char *verdict_name(enum verdict verdict); /* "confirmed", "not measured" */

struct belief_finding {
    const char *belief; /* "shared memory is faster than message queues" */
    char *words; /* owned, what `belief` points to: of an operation, from the file; else NULL */
    enum verdict verdict;
    bool depends; /* undecided not for want of data: it is so here and not so there */
    char *text;   /* owned */
    struct evidence evidence;
};

enum workload {
    WORKLOAD_REQUEST_REPLY, /* ping-pong */
    WORKLOAD_STREAM,
    WORKLOAD_EVENTS, /* messages that come when they come: paced, else oneway, else burst; its
                        throughput: load */
};
enum { WORKLOADS = 3 };
const char *workload_name(enum workload workload);

enum aim { AIM_P50, AIM_P99, AIM_THROUGHPUT, AIM_CPU };
enum { AIMS = 4 };
const char *aim_name(enum aim aim);

enum { CHOICE_LINES = 3 };
struct choice {
    const struct run_cell *cell;
    size_t place;     /* from 1; several may have it: not told apart. 0: not ranked */
    bool tied;        /* with others of that place */
    double cpu_share; /* of the CPUs of both processes, 0..1 (events: of the receiver's); -1: not
                          known */
    char *lines[CHOICE_LINES]; /* owned: the figure, what it costs, what to mind */
};

/* One for each size, workload and aim that the run has cells of. */
struct advice {
    uint64_t size_bytes;
    enum workload workload;
    enum aim aim;
    char *setting;          /* owned: "round trips of 64 B (same-cache)" */
    struct choice *choices; /* best first, those that are not ranked last */
    size_t count;
    size_t without_figure;             /* left out: trials too short for a p99 */
    size_t left_out;                   /* for taking more CPU than asked for, see findings_advise */
    const struct run_cell *thriftiest; /* of all whose share of CPU is known; NULL: none */
    double least_cpu_share;            /* its share */
};

struct findings {
    struct statement *statements;
    size_t statement_count;
    struct belief_finding
        *beliefs; /* one for each row of the table in results/beliefs.c, and for each
                                       belief that the run's operations name; those that it has no
                                       figures of come last */
    size_t belief_count;
    struct advice *advice;
    size_t advice_count;
};

/* What somebody wants to build. */
struct advice_request {
    enum workload workload;
    enum aim aim;
    uint64_t size_bytes; /* 0: 64 */
};

/* ENOMEM alone. */
int findings_make(const struct run *run, struct findings *findings, struct error *error);
/* Only the advice, and how quiet the machine was. Cells that take more than this share of their CPUs,
 * or whose share is not known, are no choices; 0: all are. */
int findings_advise(const struct run *run, double cpu_share_most, struct findings *findings,
                    struct error *error);
void findings_free(struct findings *findings);

/* Appends { "statements": [{topic, text, cells}], "beliefs": [{belief, verdict, depends, text,
 * cells}], "advice": [{size_bytes, pattern, optimise, setting, choices: [{cell, place, tied,
 * cpu_share, lines}]}] }, with a final newline. */
int findings_write_json(const struct findings *findings, struct text *out, struct error *error);

/* The advice for a request, of the size that is nearest by ratio; NULL and EINVAL, with what would be
 * right, where there is none for that workload and aim. */
const struct advice *advice_find(const struct findings *findings,
                                 const struct advice_request *request, struct error *error);

/* Appends one advice as above, with `left_out`, and with `requested_bytes` where that is another
 * size. */
int advice_write_json(const struct advice_request *request, const struct advice *advice,
                      struct text *out, struct error *error);

#endif
