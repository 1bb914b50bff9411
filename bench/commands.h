/* The tables of the verbs, each defined in the verb's own file. */
#ifndef IPCBENCH_BENCH_COMMANDS_H
#define IPCBENCH_BENCH_COMMANDS_H

struct command;

extern const struct command command_run;
extern const struct command command_list;
extern const struct command command_show;
extern const struct command command_compare;
extern const struct command command_ab;
extern const struct command command_history;
extern const struct command command_findings;
extern const struct command command_advise;
extern const struct command command_plot;
extern const struct command command_report;
extern const struct command command_export;
extern const struct command command_import;
extern const struct command command_topology;
extern const struct command command_doctor;
extern const struct command command_help;

#endif
