/* Ranges and ticks. gnuplot's own ticks know no units and put "10^4" where a person reads "10 µs",
 * so they are worked out here. */
#ifndef IPCBENCH_PLOTS_AXIS_H
#define IPCBENCH_PLOTS_AXIS_H

#include <stdbool.h>
#include <stddef.h>

struct text;

enum axis_unit {
    AXIS_NS,          /* "10 µs" */
    AXIS_PER_S,       /* "10 k": the axis's name says of what */
    AXIS_BYTES,       /* "4 KiB": powers of two */
    AXIS_BYTES_PER_S, /* "1 GB/s" */
    AXIS_SECONDS,     /* "20" */
    AXIS_CHANGE,      /* a ratio as "+25 %" */
};

enum { AXIS_TICKS_MOST = 40 };
struct axis_ticks {
    double at[AXIS_TICKS_MOST];
    size_t count;
};
/* Zero-initialise but for unit and is_log, take all values, close. */
struct axis {
    enum axis_unit unit;
    bool is_log; /* values up to 0 are not taken */
    bool taken;
    double low, high;
    struct axis_ticks wanted; /* ascending, no value twice */
};

void axis_take(struct axis *axis, double value); /* what cannot be drawn is ignored */

/* Values that make good ticks, where all of them fit. */
void axis_want_tick(struct axis *axis, double value);

/* Widens the range so that no point lies on its edge and it is no point itself. */
void axis_close(struct axis *axis);

/* Where along a closed axis a value lies: 0 at its low end, 1 at its high end. */
double axis_share(const struct axis *axis, double value);

/* The wanted ones where those are 2 to `wanted` and lie far enough apart, else round values inside the range of a closed axis,
 * ascending: at least two, about `wanted`. */
struct axis_ticks axis_ticks(const struct axis *axis, size_t wanted);

struct axis_text {
    char text[32];
};
struct axis_text axis_tick_text(enum axis_unit unit, double value);
struct axis_text axis_figure_text(enum axis_unit unit, double value); /* to three digits */

/* Range, scale and ticks of axis "x", "y" or "cb". */
void axis_write(struct text *script, const char *which, const struct axis *axis, size_t wanted);

#endif
