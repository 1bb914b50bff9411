/* A verb of the command line as a table: what it is called, which options it takes, what is said of
 * them. The parser, --help, the manual page and the completion of the shell are all made from it. */
#ifndef IPCBENCH_BENCH_COMMAND_H
#define IPCBENCH_BENCH_COMMAND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct error;
struct text;

/* Exit statuses, the same for every verb. */
enum {
    EXIT_FINE = 0,
    EXIT_REGRESSED = 1,
    EXIT_USAGE = 2, /* bad usage, or a file that cannot be read or written */
    EXIT_NOT_COMPARABLE = 3,
    EXIT_CELL_FAILED = 4,
    EXIT_INTERRUPTED = 130,
};

/* A word with a meaning; a list of them ends with a NULL name. */
struct command_choice {
    const char *name;
    const char *meaning; /* NULL: the name says it */
};

/* `text`s are prose, filled to the width of whoever prints them. An empty line parts paragraphs; a
 * line that begins with a blank is printed as it stands. */
struct command_option {
    const char *name;                     /* of the long form, without dashes */
    char letter;                          /* of the short form; 0: none */
    bool is_list;                         /* several with commas, for the completion */
    bool value_optional;                  /* as a word of its own or behind '=', or not at all */
    const char *value;                    /* what its value is called, or NULL: it takes none.
                                           * FILE and a|b|c are completed */
    const struct command_choice *choices; /* values that need a word said of them, or NULL */
    const char *text;
    const char *group; /* heading of the options from here on, or NULL: as before */
    const char *parts; /* the command's parts that take it, with blanks; NULL: all */
    /* Takes the value ("" for none) into the member of the request at this offset. */
    int (*take)(const char *value, void *member, struct error *error);
    size_t member;
};

struct command_words {
    int count;
    char **values; /* what is no option, in order */
    int argc;      /* all of it, from the verb on */
    char **argv;
    char **
        passed; /* options of the command inherited from, "--name=value" each; owned by the parser */
    size_t passed_count;
    size_t part;    /* index in the command's parts */
    uint64_t given; /* bit i: options[i] was given */
};

struct command {
    const char *name;
    const char *summary;                /* one line, for the list of verbs */
    const char *synopsis;               /* lines, each beginning with "ipcbench" */
    const char *about;                  /* text */
    const struct command_choice *parts; /* words that must follow the verb, or NULL */
    const struct command_option *options;
    size_t option_count;            /* at most 64 */
    const struct command *inherits; /* some of its options are passed on; or NULL */
    const char *inherited;          /* their long names, with blanks */
    size_t words_most;              /* words that are no options; COMMAND_ANY: no limit */
    const char *notes;              /* text behind the options, or NULL */
    const char *statuses;
    const char *examples; /* lines */
    size_t request_bytes;
    void (*prepare)(void *request); /* defaults other than 0; or NULL */
    void (*release)(void *request); /* of what was taken; or NULL */
    /* Returns an exit status; what went wrong is left in the error and printed by main. */
    int (*run)(void *request, const struct command_words *words, struct error *error);
};

#define COMMAND_ANY ((size_t)-1)

/* argv[0] is the verb. Parses, and runs or prints help; returns the exit status. */
int command_carry_out(const struct command *command, int argc, char **argv, struct error *error);

/* Parses alone, into a request that was prepared; *help: that was asked for, and nothing else is
 * set. Reorders argv: the words come last. The strings stay the caller's; command_words_free
 * whatever is returned. */
int command_parse(const struct command *command, void *request, int argc, char **argv,
                  struct command_words *words, bool *help, struct error *error);

void command_words_free(struct command_words *words);

/* Whether `command` passes on that option of the one it inherits from. */
bool command_passes(const struct command *command, const struct command_option *option);

/* Whether the option of that long name was given. */
bool command_given(const struct command *command, const struct command_words *words,
                   const char *name);

/* Of members that are a bool, a const char * as typed, and one that must not be empty. */
int take_flag(const char *value, void *member, struct error *error);
int take_string(const char *value, void *member, struct error *error);
int take_path(const char *value, void *member, struct error *error);

/* The verbs, in the order in which they are listed. */
extern const struct command *const commands[];
extern const size_t command_count;

/* The verb of that name; that there is none is an error that lists them. */
int command_find(const char *name, const struct command **command, struct error *error);

/* What is printed. help_program and help_command wrap at 80 columns; help_manual is a page for
 * man(1), help_completion a script for bash. */
void help_program(struct text *out);
void help_command(const struct command *command, struct text *out);
void help_manual(struct text *out);
void help_completion(struct text *out);

#endif
