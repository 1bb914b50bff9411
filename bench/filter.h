/* A regular expression on cell ids, from the command line. Zero-initialised it lets all through. */
#ifndef IPCBENCH_BENCH_FILTER_H
#define IPCBENCH_BENCH_FILTER_H

#include <regex.h>
#include <stdbool.h>

struct error;

struct filter {
    const char *text; /* as typed; NULL: none */
    regex_t regex;    /* in use where there is a text */
};

/* For tables of options: the member is a struct filter. The last of several counts. */
int take_filter(const char *value, void *member, struct error *error);

/* For those that want the expression alone; NULL: none. */
const regex_t *filter_regex(const struct filter *filter);

bool filter_matches(const struct filter *filter, const char *id);
void filter_free(struct filter *filter);

#endif
