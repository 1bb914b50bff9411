/* What went wrong, in words a person can act on.
 *
 * Every function that can fail returns 0 or a negative errno and fills the caller's struct error.
 * Nothing below bench/ prints one. Texts say what was tried, on what, and what the system answered:
 *     uds-dgram: receiver: setsockopt(SO_RCVBUF=8M): Operation not permitted (EPERM)
 */
#ifndef IPCBENCH_BASE_ERROR_H
#define IPCBENCH_BASE_ERROR_H

#include <stdbool.h>

enum { ERROR_MESSAGE_BYTES = 320, ERROR_KNOB_BYTES = 160 };

/* Plain data: it may lie in shared memory and be copied between processes. */
struct error {
    int code;         /* a positive errno value; 0: no error */
    bool unavailable; /* this machine or user cannot do it: the cell is skipped, not failed */
    char message[ERROR_MESSAGE_BYTES];
    char knob[ERROR_KNOB_BYTES]; /* what would change it ("sysctl vm.nr_hugepages=64"), or "" */
};

/* Sets the message to "<formatted>: <strerror> (<ENAME>)". `code` is a positive errno value.
 * Returns -code, so that `return error_system(...)` reads well. `error` may be NULL. What does not
 * fit is cut from the formatted text, never from the system's answer. Arguments may point into
 * `error`. */
int error_system(struct error *error, int code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Bad input or a broken rule: the formatted text alone, code EINVAL. Returns -EINVAL. */
int error_plain(struct error *error, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* It cannot be done here: the formatted text, code ENOTSUP, and the knob that would change it
 * (NULL or "" where there is none). Returns -ENOTSUP. */
int error_unavailable(struct error *error, const char *knob, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Puts context in front of an existing message: "pipe: sender: " + message. The colon and the blank
 * are the caller's. `error` may be NULL. */
void error_prefix(struct error *error, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* "EPERM" for EPERM; "errno 4242" for an unknown value. Static or thread-local storage. */
const char *error_name(int code);

#endif
