/* What `ipcbench compare` was asked for, from the command line. */
#ifndef IPCBENCH_BENCH_COMPARE_REQUEST_H
#define IPCBENCH_BENCH_COMPARE_REQUEST_H

#include <regex.h>
#include <stdbool.h>

#include "results/compare.h"

enum compare_format {
    COMPARE_FORMAT_TEXT,
    COMPARE_FORMAT_MARKDOWN,
    COMPARE_FORMAT_JSON,
    COMPARE_FORMAT_JUNIT,
};

struct compare_request {
    struct compare_options options; /* its filter is `pattern` */
    enum compare_format format;
    bool all;
    bool help;
    const char *baseline; /* a name, or NULL */
    const char *filter;   /* as typed, or NULL */
    regex_t pattern;      /* in use where filter is set */
    int first_file;       /* of argv, which is reordered: the files are behind the options */
};

/* Reads the arguments after the verb; strings stay the caller's, and *request stays where it is. Free
 * it whatever is returned. */
int compare_request_parse(struct compare_request *request, int argc, char **argv,
                          struct error *error);
void compare_request_free(struct compare_request *request);

#endif
