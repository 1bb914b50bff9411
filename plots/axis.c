#include "plots/axis.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "base/units.h"
#include "plots/script.h"

void axis_take(struct axis *axis, double value)
{
    const double most = 1e30; /* files may hold any number; nothing measured is beyond that */
    if (!(fabs(value) <= most) || (axis->is_log && value < 1 / most))
        return;
    axis->low = axis->taken && axis->low < value ? axis->low : value;
    axis->high = axis->taken && axis->high > value ? axis->high : value;
    axis->taken = true;
}

void axis_want_tick(struct axis *axis, double value)
{
    struct axis_ticks *const ticks = &axis->wanted;
    size_t place = 0;
    while (place < ticks->count && ticks->at[place] < value)
        ++place;
    if ((place < ticks->count && ticks->at[place] <= value) || ticks->count == AXIS_TICKS_MOST)
        return;
    memmove(&ticks->at[place + 1], &ticks->at[place], (ticks->count - place) * sizeof(double));
    ticks->at[place] = value;
    ++ticks->count;
}

void axis_close(struct axis *axis)
{
    if (!axis->taken) {
        axis->low = axis->is_log ? 1 : 0;
        axis->high = 10;
        axis->taken = true;
    }
    if (axis->is_log) {
        const double span = log(axis->high / axis->low);
        const double least = log(1.02);
        const double margin = exp(0.04 * (span > least ? span : 5 * least));
        axis->low /= margin;
        axis->high *= margin;
    } else {
        const double span = axis->high - axis->low;
        const double size = fmax(fabs(axis->low), fabs(axis->high));
        const double margin = span > size * 1e-3 ? span * 0.04 : size > 0 ? size * 0.1 : 1;
        axis->low -= margin;
        axis->high += margin;
    }
}

double axis_share(const struct axis *axis, double value)
{
    return axis->is_log ? log(value / axis->low) / log(axis->high / axis->low)
                        : (value - axis->low) / (axis->high - axis->low);
}

/* --- where ------------------------------------------------------------------------------------- */

static void add_tick(struct axis_ticks *ticks, const struct axis *axis, double value)
{
    if (value >= axis->low && value <= axis->high && ticks->count < AXIS_TICKS_MOST)
        ticks->at[ticks->count++] = value;
}

/* Multiples of 1, 2 or 5 times a power of ten. */
static struct axis_ticks even_ticks(const struct axis *axis, size_t wanted)
{
    const double rough = (axis->high - axis->low) / (double)(wanted > 2 ? wanted : 2);
    const double decade = pow(10, floor(log10(rough)));
    const double part = rough / decade;
    const double step = decade * (part <= 1.5 ? 1 : part <= 3.5 ? 2 : part <= 7.5 ? 5 : 10);
    struct axis_ticks ticks = {0};
    const double first = ceil(axis->low / step);
    for (size_t index = 0; index < AXIS_TICKS_MOST; ++index)
        add_tick(&ticks, axis, (first + (double)index) * step);
    return ticks.count < 2 ? even_ticks(axis, 2 * wanted + 2) : ticks;
}

/* Powers of ten, each times these. */
static struct axis_ticks decade_ticks(const struct axis *axis, const double *digits, size_t count,
                                      int decade_step)
{
    struct axis_ticks ticks = {0};
    int decade = (int)floor(log10(axis->low));
    for (; pow(10, decade) <= axis->high; ++decade) {
        for (size_t index = 0; decade % decade_step == 0 && index < count; ++index)
            add_tick(&ticks, axis, digits[index] * pow(10, decade));
    }
    return ticks;
}

/* Powers of two, each so many times the last. */
static struct axis_ticks binary_ticks(const struct axis *axis, size_t wanted)
{
    const double doublings = log2(axis->high / axis->low);
    int step = 1;
    while (doublings / step > (double)wanted)
        ++step;
    struct axis_ticks ticks = {0};
    for (int power = 0; power < 64; power += step)
        add_tick(&ticks, axis, ldexp(1, power));
    return ticks;
}

/* Changes that a person reads easily, from none outwards, as many as there is room for. */
static struct axis_ticks change_ticks(const struct axis *axis, size_t wanted)
{
    static const double less[] = {0.99, 0.98, 0.95, 0.9, 0.8, 0.7, 0.5, 0.3, 0.2, 0.1, 0.03, 0.01};
    static const double more[] = {1.01, 1.02, 1.05, 1.1, 1.2, 1.5, 2, 3, 5, 10, 30, 100};
    enum { STEPS = sizeof(less) / sizeof(less[0]) };
    const double gap = 0.8 / (double)(wanted ? wanted : 1);
    double taken[2 * STEPS + 1];
    size_t first = STEPS, end = STEPS + 1;
    taken[STEPS] = 1;
    for (size_t index = 0; index < STEPS; ++index) {
        if (axis_share(axis, taken[first]) - axis_share(axis, less[index]) >= gap)
            taken[--first] = less[index];
        if (axis_share(axis, more[index]) - axis_share(axis, taken[end - 1]) >= gap)
            taken[end++] = more[index];
    }
    struct axis_ticks ticks = {0};
    for (size_t index = first; index < end; ++index)
        add_tick(&ticks, axis, taken[index]);
    return ticks.count >= 2 ? ticks : even_ticks(axis, wanted);
}

/* Side by side, without one label over the next. */
static bool wanted_ticks_fit(const struct axis *axis, size_t wanted)
{
    const struct axis_ticks *const ticks = &axis->wanted;
    bool fits = ticks->count >= 2 && ticks->count <= wanted;
    for (size_t index = 1; fits && index < ticks->count; ++index)
        fits = axis_share(axis, ticks->at[index]) - axis_share(axis, ticks->at[index - 1]) >
               1 / (double)(wanted + 1);
    return fits;
}

struct axis_ticks axis_ticks(const struct axis *axis, size_t wanted)
{
    static const double digits[][3] = {{1, 2, 5}, {1, 3, 0}, {1, 0, 0}};
    static const size_t digit_counts[] = {3, 2, 1};
    if (wanted_ticks_fit(axis, wanted))
        return axis->wanted;
    if (!axis->is_log)
        return even_ticks(axis, wanted);
    if (axis->unit == AXIS_CHANGE)
        return change_ticks(axis, wanted);
    if (axis->unit == AXIS_BYTES) {
        const struct axis_ticks ticks = binary_ticks(axis, wanted);
        return ticks.count >= 2 ? ticks : even_ticks(axis, wanted);
    }
    const double decades = log10(axis->high / axis->low);
    for (size_t index = 0; decades >= 0.7 && index < 3; ++index) {
        if (decades * (double)digit_counts[index] > (double)wanted * 1.2)
            continue;
        const struct axis_ticks ticks = decade_ticks(axis, digits[index], digit_counts[index], 1);
        return ticks.count >= 2 ? ticks : decade_ticks(axis, digits[1], digit_counts[1], 1);
    }
    if (decades < 0.7)
        return even_ticks(axis, wanted);
    const int step = 1 + (int)(decades / (double)(wanted ? wanted : 1));
    const struct axis_ticks ticks = decade_ticks(axis, digits[2], 1, step);
    return ticks.count >= 2 ? ticks : decade_ticks(axis, digits[2], 1, 1);
}

/* --- and how ----------------------------------------------------------------------------------- */

/* With the prefix that leaves 1 to 999 in front. */
static struct axis_text prefixed(double value, const char *const *units, size_t count)
{
    struct axis_text tick;
    size_t index = 0;
    while (index + 1 < count && fabs(value) >= 999.95) {
        value /= 1000;
        ++index;
    }
    snprintf(tick.text, sizeof(tick.text), "%.4g%s%s", value, units[index][0] ? " " : "",
             units[index]);
    return tick;
}

struct axis_text axis_tick_text(enum axis_unit unit, double value)
{
    static const char *const times[] = {"ns", "µs", "ms", "s"};
    static const char *const rates[] = {"", "k", "M", "G"};
    static const char *const widths[] = {"B/s", "kB/s", "MB/s", "GB/s", "TB/s"};
    struct axis_text tick = {""};
    switch (unit) {
    case AXIS_NS:
        return prefixed(value, times, sizeof(times) / sizeof(times[0]));
    case AXIS_PER_S:
        return prefixed(value, rates, sizeof(rates) / sizeof(rates[0]));
    case AXIS_BYTES_PER_S:
        return prefixed(value, widths, sizeof(widths) / sizeof(widths[0]));
    case AXIS_BYTES:
        snprintf(tick.text, sizeof(tick.text), "%s", units_bytes((uint64_t)value).text);
        break;
    case AXIS_SECONDS:
        snprintf(tick.text, sizeof(tick.text), "%.6g", value);
        break;
    case AXIS_CHANGE:
        if (value >= 2)
            snprintf(tick.text, sizeof(tick.text), "×%.4g", value);
        else if (fabs(value - 1) < 1e-9)
            snprintf(tick.text, sizeof(tick.text), "same");
        else
            snprintf(tick.text, sizeof(tick.text), "%+.4g %%", (value - 1) * 100);
        break;
    }
    return tick;
}

struct axis_text axis_figure_text(enum axis_unit unit, double value)
{
    const double decade = value > 0 ? pow(10, floor(log10(value)) - 2) : 1;
    return axis_tick_text(unit, round(value / decade) * decade);
}

/* Labels of ticks are formats to gnuplot. */
static void write_tick(struct text *script, const struct axis *axis, double at)
{
    const struct axis_text tick = axis_tick_text(axis->unit, at);
    text_append(script, "'");
    for (const char *from = tick.text; *from; ++from)
        text_append(script, *from == '%' ? "%%%%" : "%c", *from);
    text_append(script, "' ");
    text_append(script, "%.9g", at);
}

/* On a scale of decades unlabelled ticks at 2 to 9 times each say so. */
static void write_minor_ticks(struct text *script, const struct axis *axis)
{
    const double decades = log10(axis->high / axis->low);
    if (!axis->is_log || axis->unit == AXIS_BYTES || axis->unit == AXIS_CHANGE || decades < 1 ||
        decades > 8)
        return;
    for (int decade = (int)floor(log10(axis->low)); pow(10, decade) < axis->high; ++decade) {
        for (int digit = 2; digit < 10; ++digit) {
            const double at = digit * pow(10, decade);
            if (at > axis->low && at < axis->high)
                text_append(script, ", '' %.9g 1", at);
        }
    }
}

void axis_write(struct text *script, const char *which, const struct axis *axis, size_t wanted)
{
    const struct axis_ticks ticks = axis_ticks(axis, wanted);
    text_append(script, "%s logscale %s\nset %srange [%.9g:%.9g]\nset %stics (",
                axis->is_log ? "set" : "unset", which, which, axis->low, axis->high, which);
    for (size_t index = 0; index < ticks.count; ++index) {
        text_append(script, index ? ", " : "");
        write_tick(script, axis, ticks.at[index]);
    }
    write_minor_ticks(script, axis);
    text_append(script, ")\n");
}
