/* ipcbench VERB ...: finds the verb, prints what went wrong, exits. The only place that prints
 * errors. */
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "bench/verbs.h"
#include "bench/version.h"

static const struct {
    const char *name;
    verb_function *run;
} verbs[] = {
    {"run", verb_run},
    {"list", verb_list},
    {"show", verb_show},
};

static int run_verb(int argc, char **argv)
{
    for (size_t index = 0; index < sizeof(verbs) / sizeof(verbs[0]); ++index) {
        if (strcmp(argv[0], verbs[index].name) != 0)
            continue;
        struct error error = {0};
        const int status = verbs[index].run(argc, argv, &error);
        if (error.code && error.knob[0])
            fprintf(stderr, "ipcbench: %s [%s]\n", error.message, error.knob);
        else if (error.code)
            fprintf(stderr, "ipcbench: %s\n", error.message);
        return status;
    }
    fprintf(stderr, "ipcbench: no verb '%s': run, list or show; see ipcbench --help\n", argv[0]);
    return EXIT_USAGE;
}

/* `ipcbench help run` is `ipcbench run --help`. */
static int print_help(const char *verb)
{
    const char *text = help_text(verb);
    if (text) {
        fputs(text, stdout);
        return EXIT_FINE;
    }
    fprintf(stderr, "ipcbench: no verb '%s': run, list or show\n", verb);
    return EXIT_USAGE;
}

int main(int argc, char **argv)
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
