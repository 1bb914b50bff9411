/* A comparison for a terminal: the sentence, what it was between, then tables by verdict, the gravest
 * first. */
#ifndef IPCBENCH_BENCH_COMPARE_TEXT_H
#define IPCBENCH_BENCH_COMPARE_TEXT_H

#include <stdbool.h>

struct comparison;
struct error;
struct text;

struct compare_text_style {
    bool all;    /* equivalent figures too */
    bool colour; /* ANSI */
};

int compare_write_text(const struct comparison *comparison, const struct compare_text_style *style,
                       struct text *out, struct error *error);

#endif
