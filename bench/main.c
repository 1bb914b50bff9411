/* ipcbench VERB ...: finds the verb, prints what went wrong, exits. The only place that prints
 * errors. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "bench/verbs.h"
#include "bench/version.h"

static const struct {
    const char *name;
    verb_function *run;
} verbs[] = {
    {"run", verb_run},           {"list", verb_list},     {"show", verb_show},
    {"topology", verb_topology}, {"doctor", verb_doctor}, {"compare", verb_compare},
    {"history", verb_history},   {"export", verb_export}, {"import", verb_import},
    {"report", verb_report},
};

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

static int refuse_verb(const char *verb)
{
    struct error error;
    error_plain(&error,
                "no verb '%s': run, list, show, compare, history, topology, doctor, export, "
                "import or report; see ipcbench --help",
                verb);
    print_error(&error);
    return EXIT_USAGE;
}

static int run_verb(int argc, char **argv)
{
    for (size_t index = 0; index < sizeof(verbs) / sizeof(verbs[0]); ++index) {
        if (strcmp(argv[0], verbs[index].name) != 0)
            continue;
        struct error error = {0};
        const int status = verbs[index].run(argc, argv, &error);
        if (error.code)
            print_error(&error);
        return status;
    }
    return refuse_verb(argv[0]);
}

/* `ipcbench help run` is `ipcbench run --help`. */
static int print_help(const char *verb)
{
    const char *text = help_text(verb);
    if (!text)
        return refuse_verb(verb);
    fputs(text, stdout);
    return EXIT_FINE;
}

static int carry_out(int argc, char **argv)
{
    if (argc < 2) {
        fputs(help_text(NULL), stderr);
        return EXIT_USAGE;
    }
    if (!strcmp(argv[1], "--version")) {
        printf("ipcbench %s (%s)\n", ipcbench_version, ipcbench_commit);
        return EXIT_FINE;
    }
    if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h"))
        return print_help(NULL);
    if (!strcmp(argv[1], "help"))
        return print_help(argc > 2 ? argv[2] : NULL);
    return run_verb(argc - 1, argv + 1);
}

int main(int argc, char **argv)
{
    const int status = carry_out(argc, argv);
    errno = 0;
    if (status == EXIT_USAGE || (!fflush(stdout) && !ferror(stdout)))
        return status;
    struct error error;
    error_system(&error, errno ? errno : EIO, "standard output");
    print_error(&error);
    return EXIT_USAGE;
}
