/* What figures work out from their points before anything is drawn. */
#ifndef IPCBENCH_PLOTS_SHAPES_H
#define IPCBENCH_PLOTS_SHAPES_H

#include <stdbool.h>
#include <stddef.h>

struct point {
    double x, y;
};

/* Marks the points of which no other is as small in both and smaller in one. Equal points are both
 * on the front. */
void shape_pareto(const struct point *points, size_t count, bool *on_front);

/* The height of a curve at x, on the straight line between its neighbours where both axes are
 * logarithmic. False outside the curve, and where it has no points. Points ascend by x; all are
 * positive. */
bool shape_height(const struct point *points, size_t count, double x, double *y);

/* A short text beside each point, in characters and lines: where its left end goes so that it hides
 * as little of the others as can be. Places one after the other: give the important ones first. */
struct label {
    struct point anchor;
    double columns;  /* of its text */
    struct point at; /* found: left end, middle of the line */
    bool crowded;    /* found: nothing but places that hide others; later ones do not mind it */
};
struct label_field {
    double columns, lines; /* anchors and labels lie within 0..columns, 0..lines */
};
void shape_place_labels(struct label *labels, size_t count, const struct label_field *field);

#endif
