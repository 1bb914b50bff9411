/* Inside plots/page*.c: writes compact JSON that may stand inside a <script> element. What would end
 * or confuse that element (<, >, &, U+2028, U+2029) is written as an escape, wherever it comes from.
 *
 * Members have a name, elements of arrays NULL in its place. Memory running out is remembered by the
 * text. */
#ifndef IPCBENCH_PLOTS_PAGE_JSON_H
#define IPCBENCH_PLOTS_PAGE_JSON_H

#include <stdbool.h>
#include <stddef.h>

struct text;

struct page_json {
    struct text *out;
    bool follows; /* something stands before the next member: a comma is due */
};

void page_open(struct page_json *json, const char *name, char bracket); /* '{' or '[' */
void page_close(struct page_json *json, char bracket);                  /* '}' or ']' */

/* A NULL text is null. */
void page_text(struct page_json *json, const char *name, const char *text);
void page_flag(struct page_json *json, const char *name, bool flag);
/* Six significant digits, as in result files; what is not finite is null. */
void page_number(struct page_json *json, const char *name, double number);
void page_whole(struct page_json *json, const char *name, long long number);
/* Nothing for 0, which figures have where they do not exist. */
void page_figure(struct page_json *json, const char *name, double number);
/* An array of two. */
void page_pair(struct page_json *json, const char *name, const double pair[2]);
/* A whole JSON value from elsewhere; loses its line ends and tabs. */
void page_value(struct page_json *json, const char *name, const char *value);

#endif
