/* What this process and this user have: descriptors, children, names, XSI objects. Taken before and
 * after a trial, the difference is what the trial left behind. */
#ifndef IPCBENCH_TESTS_CONFORMANCE_TRACES_H
#define IPCBENCH_TESTS_CONFORMANCE_TRACES_H

#include <sys/types.h>

#include "base/text.h"

struct traces {
    struct text lines; /* "\n" before and behind each */
};

/* Makes an empty folder of our own and points TMPDIR to it, so that whatever appears there is ours.
 */
int traces_open(void);
void traces_close(void);

void traces_take(struct traces *traces);
void traces_free(struct traces *traces);

/* Notes what is there now but was not before. Other programs come and go meanwhile: what vanishes
 * within seconds was theirs, what we leave behind stays. */
void traces_check(const struct traces *before, struct text *problems);

/* Calls back for each child of `parent` with its name. -errno where the kernel does not tell. */
typedef void child_visitor(pid_t child, const char *name, void *context);
int traces_children(pid_t parent, child_visitor *visit, void *context);

#endif
