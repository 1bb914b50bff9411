/* ipcbench VERB ...: finds the verb, prints what went wrong, exits. The only place that prints
 * errors. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "bench/command.h"
#include "bench/version.h"

/* One line, whatever came from the command line or a file. */
static void print_error(struct error *error)
{
    for (char *at = error->message; *at; ++at) {
        if ((unsigned char)*at < ' ' || *at == 0x7f)
            *at = '?';
    }
    fprintf(stderr, "ipcbench: %s", error->message);
    if (error->knob[0])
        fprintf(stderr, " [%s]", error->knob);
    fputc('\n', stderr);
}

static int print_help_of_program(FILE *stream)
{
    struct text out = {0};
    help_program(&out);
    fputs(text_string(&out), stream);
    text_free(&out);
    return EXIT_FINE;
}

static int carry_out(int argc, char **argv, struct error *error)
{
    if (argc < 2) {
        print_help_of_program(stderr);
        return EXIT_USAGE;
    }
    if (!strcmp(argv[1], "--version")) {
        printf("ipcbench %s (%s)\n", ipcbench_version, ipcbench_commit);
        return EXIT_FINE;
    }
    if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h"))
        return print_help_of_program(stdout);
    const struct command *command;
    if (command_find(argv[1], &command, error))
        return EXIT_USAGE;
    return command_carry_out(command, argc - 1, argv + 1, error);
}

int main(int argc, char **argv)
{
    struct error error = {0};
    const int status = carry_out(argc, argv, &error);
    if (error.code)
        print_error(&error);
    errno = 0;
    if (status == EXIT_USAGE || (!fflush(stdout) && !ferror(stdout)))
        return status;
    error_system(&error, errno ? errno : EIO, "standard output");
    print_error(&error);
    return EXIT_USAGE;
}
