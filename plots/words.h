/* Text from files and command lines, made fit for one line of a picture. It may be anything: bytes
 * that are no UTF-8, control characters, marks that turn the direction of writing. */
#ifndef IPCBENCH_PLOTS_WORDS_H
#define IPCBENCH_PLOTS_WORDS_H

#include <stddef.h>

struct text;

/* Appends the text as one line: white space becomes a blank, what is no visible character a '?'. Of
 * more than `columns_most` characters the middle gives way to "…"; 0: all are kept. */
void words_append(struct text *out, const char *foreign, size_t columns_most);

/* Appends the text as part of a file's name: small letters, digits, '.', and '-' for each run of
 * anything else, at most 100 bytes; never a '-' or '.' first. */
void words_append_slug(struct text *out, const char *foreign);

#endif
