/* A string of options as a shell would cut it into words. */
#ifndef IPCBENCH_BENCH_SPLIT_H
#define IPCBENCH_BENCH_SPLIT_H

#include <stddef.h>

struct error;

struct split {
    char *letters; /* the words, each with its NUL; owned */
    char **words;  /* owned; NULL behind the last */
    size_t count;
};

/* Words end at blanks; '...' and "..." hold blanks, and nothing in them is special. EINVAL where a
 * quote is not closed. */
int split_words(const char *text, struct split *split, struct error *error);
void split_free(struct split *split);

#endif
