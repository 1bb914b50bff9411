/* One picture: what every figure has around what it shows. Layout is counted in characters and
 * lines, of which a picture has as many as fit and a text terminal as many as it has. */
#ifndef IPCBENCH_PLOTS_PICTURE_H
#define IPCBENCH_PLOTS_PICTURE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/text.h"

/* A character and a line of the text around the data, in pixels. */
enum { PICTURE_CHARACTER_PIXELS = 8, PICTURE_LINE_PIXELS = 18 };
/* 1200 by 675 pixels, as slides are. */
enum { PICTURE_COLUMNS = 150, PICTURE_LINES_HUNDREDTHS = 3750 };

struct canvas {
    bool is_terminal;
    double columns, lines;
};

/* Fill in name, title and commands, then hand it to plot_output (plots/output.h). Zero-initialise;
 * picture_free when done. All texts may hold anything. */
struct picture {
    struct text name;     /* of its file, without extension: made of words_append_slug */
    struct text title;    /* what is shown */
    struct text subtitle; /* of what, under which conditions */
    struct text note;     /* what the reader should know, below the picture: up to two lines */
    struct text commands; /* for gnuplot: data and plots */
    double lines;         /* height; 0: the canvas's own */
};
void picture_free(struct picture *picture);

/* Part of the canvas, as shares of it from its lower left corner. */
struct area {
    double left, right, bottom, top;
};

struct axis_names {
    const char *x, *y;
};

/* Space around the data, in characters and lines. Above is the title, below are the axis's name, the
 * note and the machine: neither is counted here. */
struct margins {
    double left, right, above, below;
};
struct area picture_area(const struct canvas *canvas, const struct picture *picture,
                         const struct margins *margins);

/* The height of a picture whose data take so many lines. */
double picture_lines_for(const struct canvas *canvas, const struct margins *margins, double lines);

/* One of several areas side by side and one above the other, in reading order. `gap_columns` lie
 * between neighbours, `gap_lines` between rows. */
struct grid_place {
    size_t columns, rows, index;
    double gap_columns, gap_lines;
};
struct area picture_part(const struct canvas *canvas, const struct picture *picture,
                         const struct area *whole, const struct grid_place *place);

/* From here on plots fill this area. */
void picture_use_area(struct text *commands, const struct area *area);

/* The key: right of the area, its first line at the top, entries in the order of the plots. */
void picture_key(struct text *commands, const struct canvas *canvas, const struct area *area,
                 const char *heading);
void picture_no_key(struct text *commands);

/* Text at a place in shares of the canvas, from its left end on; `look` is our own gnuplot: fonts,
 * colours, alignment. */
void picture_words(struct text *commands, double x, double y, const char *words, const char *look);

/* Names of an area's axes; "": none. Placed here, since gnuplot's terminals differ in how far away from
 * the ticks they put them. */
void picture_axis_names(struct picture *picture, const struct canvas *canvas,
                        const struct area *area, const struct axis_names *names);

/* The whole script of a picture for one terminal. `corner` says which machine and when. */
enum picture_format { PICTURE_SVG, PICTURE_PNG, PICTURE_TERMINAL };
struct picture_dress {
    enum picture_format format;
    const struct canvas *canvas;
    bool colour; /* text terminals alone */
    const char *corner;
};
void picture_script(const struct picture *picture, const struct picture_dress *dress,
                    struct text *script);

#endif
