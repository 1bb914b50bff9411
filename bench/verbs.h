/* The verbs of the command line. Each gets its own arguments (argv[0] is the verb) and returns the
 * exit status; what went wrong is left in the error and printed by main. */
#ifndef IPCBENCH_BENCH_VERBS_H
#define IPCBENCH_BENCH_VERBS_H

struct error;

/* Exit statuses, the same for every verb. */
enum {
    EXIT_FINE = 0,
    EXIT_REGRESSED = 1,
    EXIT_USAGE = 2, /* bad usage, or a file that cannot be read or written */
    EXIT_NOT_COMPARABLE = 3,
    EXIT_CELL_FAILED = 4,
    EXIT_INTERRUPTED = 130,
};

typedef int verb_function(int argc, char **argv, struct error *error);

verb_function verb_run;
verb_function verb_list;
verb_function verb_show;
verb_function verb_topology;
verb_function verb_doctor;
verb_function verb_compare;
verb_function verb_history;
verb_function verb_export;
verb_function verb_import;
verb_function verb_report;

/* The help text of a verb, or of the program for NULL. */
const char *help_text(const char *verb);

#endif
