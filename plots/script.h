/* Writing commands for gnuplot. Whatever comes from a file enters a script as a number or through
 * script_quote, and nowhere else: then it is text in single quotes, in which gnuplot sees no
 * command, no backquote, no macro and no escape. Terminals are set to `noenhanced`, so that braces,
 * '_' and '^' are characters too. */
#ifndef IPCBENCH_PLOTS_SCRIPT_H
#define IPCBENCH_PLOTS_SCRIPT_H

#include <stddef.h>

struct text;

/* 'it''s'. The text is made fit by words_append, cut to `columns_most` characters (0: all). Not
 * for labels of ticks: those are formats, in which '%' means something. */
void script_quote(struct text *script, const char *foreign, size_t columns_most);

/* Six digits, "NaN" for what is not finite, which gnuplot leaves out. */
void script_number(struct text *script, double number);

/* Opens $<letter><index>, a block of data; rows follow, and script_data_end. */
void script_data(struct text *script, char letter, size_t index);
void script_row(struct text *script, const double *numbers, size_t count);
void script_data_end(struct text *script);

/* The next element of the plot command under way: "plot " in front of the first, ", " of others.
 * `plot` is a text of its own, appended to the script when all elements are there. */
void script_element(struct text *plot, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* Its title in the key. */
void script_title(struct text *plot, const char *foreign, size_t columns_most);

/* Line styles 1 to SCRIPT_STYLES differ in colour, dashes and points: colours of Okabe and Ito,
 * which those who see two colours alike can tell apart, and the rest for black and white. */
enum { SCRIPT_STYLES = 8 };
void script_styles(struct text *script);
unsigned script_style_of(size_t index); /* 1 ... SCRIPT_STYLES, over and over */

#endif
