#include "plots/shapes.h"

#include <math.h>

void shape_pareto(const struct point *points, size_t count, bool *on_front)
{
    for (size_t index = 0; index < count; ++index) {
        const struct point *const point = &points[index];
        on_front[index] = true;
        for (size_t other = 0; other < count && on_front[index]; ++other) {
            const struct point *const rival = &points[other];
            on_front[index] = !(rival->x <= point->x && rival->y <= point->y &&
                                (rival->x < point->x || rival->y < point->y));
        }
    }
}

bool shape_height(const struct point *points, size_t count, double x, double *y)
{
    for (size_t index = 0; index < count; ++index) {
        const struct point *const right = &points[index];
        if (right->x < x)
            continue;
        if (right->x <= x) {
            *y = right->y;
            return true;
        }
        if (index == 0)
            return false;
        const struct point *const left = &points[index - 1];
        const double share = log(x / left->x) / log(right->x / left->x);
        *y = left->y * pow(right->y / left->y, share);
        return true;
    }
    return false;
}

/* --- labels ------------------------------------------------------------------------------------ */

struct box {
    double left, right, bottom, top;
};

static double overlap(const struct box *a, const struct box *b)
{
    const double width = fmin(a->right, b->right) - fmax(a->left, b->left);
    const double height = fmin(a->top, b->top) - fmax(a->bottom, b->bottom);
    return width > 0 && height > 0 ? width * height : 0;
}

static struct box box_of_label(const struct label *label, const struct point *at)
{
    return (struct box){at->x, at->x + label->columns, at->y - 0.5, at->y + 0.5};
}

/* From here on a label hides a good part of a point, or touches another label. */
static const double crowded_from = 0.45;

/* What a label at this place would hide: other labels are worse than points, and worst is to lie
 * outside. */
static double badness(const struct label *labels, size_t count, size_t index,
                      const struct point *at, const struct label_field *field)
{
    const struct box box = box_of_label(&labels[index], at);
    const struct box inside = {0, field->columns, 0, field->lines};
    double bad = 20 * (labels[index].columns - overlap(&box, &inside));
    for (size_t other = 0; other < count; ++other) {
        const struct point *const anchor = &labels[other].anchor;
        const struct box dot = {anchor->x - 0.6, anchor->x + 0.6, anchor->y - 0.3, anchor->y + 0.3};
        bad += overlap(&box, &dot);
        if (other < index && !labels[other].crowded) {
            const struct box placed = box_of_label(&labels[other], &labels[other].at);
            bad += 5 * overlap(&box, &placed);
        }
    }
    return bad;
}

void shape_place_labels(struct label *labels, size_t count, const struct label_field *field)
{
    /* Directions in which a label may lie, the first the best liked; near, then farther. */
    static const struct {
        double x, y; /* of its middle, from the anchor: -1, 0, 1 */
    } directions[] = {{1, 0}, {1, 1}, {1, -1}, {-1, 0}, {-1, 1}, {-1, -1}, {0, 1}, {0, -1}};
    enum { DIRECTIONS = sizeof(directions) / sizeof(directions[0]), RINGS = 3 };
    for (size_t index = 0; index < count; ++index) {
        struct label *const label = &labels[index];
        double least = INFINITY;
        for (size_t way = 0; way < (size_t)DIRECTIONS * RINGS; ++way) {
            const size_t ring = way / DIRECTIONS;
            const double reach = label->columns / 2 + 0.9 + 1.2 * (double)ring;
            const struct point at = {
                label->anchor.x + directions[way % DIRECTIONS].x * reach - label->columns / 2,
                label->anchor.y + directions[way % DIRECTIONS].y * (0.9 + 0.7 * (double)ring),
            };
            const double bad = badness(labels, count, index, &at, field) + 0.01 * (double)way;
            if (bad < least) {
                least = bad;
                label->at = at;
            }
        }
        label->crowded = least > crowded_from;
    }
}
