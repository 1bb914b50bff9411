#include "harness/schedule.h"

#include <math.h>
#include <string.h>

#include "base/error.h"
#include "base/random.h"

static const char *const arrivals_names[ARRIVALS_COUNT] = {"constant", "poisson"};

const char *arrivals_name(enum arrivals arrivals)
{
    return arrivals_names[arrivals];
}

int arrivals_parse(const char *text, enum arrivals *arrivals, struct error *error)
{
    for (size_t index = 0; index < ARRIVALS_COUNT; ++index) {
        if (!strcmp(text, arrivals_names[index])) {
            *arrivals = (enum arrivals)index;
            return 0;
        }
    }
    return error_plain(error, "'%s': constant or poisson", text);
}

size_t schedule_count(const struct schedule *schedule)
{
    const double count = schedule->rate_per_s * schedule->seconds + 0.5;
    return count < 2 ? 2 : (size_t)count;
}

/* Uniform in (0, 1] from the top 53 bits. */
static double exponential(struct random *random)
{
    const double uniform = (double)((random_next(random) >> 11) + 1) * 0x1p-53;
    return -log(uniform);
}

static void fill_poisson(const struct schedule *schedule, size_t count, double span_ticks,
                         uint64_t *intended_ticks)
{
    struct random random;
    double whole = 0, passed = 0;
    random_seed(&random, schedule->seed);
    for (size_t index = 1; index < count; ++index)
        whole += exponential(&random);
    random_seed(&random, schedule->seed); /* the same gaps again, now that their sum is known */
    for (size_t index = 0; index < count; ++index) {
        intended_ticks[index] = (uint64_t)(passed / whole * span_ticks);
        passed += exponential(&random);
    }
}

void schedule_fill(const struct schedule *schedule, uint64_t *intended_ticks)
{
    const size_t count = schedule_count(schedule);
    const double gap_ticks = 1e9 / schedule->rate_per_s / schedule->ns_per_tick;
    if (schedule->arrivals == ARRIVALS_POISSON) {
        fill_poisson(schedule, count, gap_ticks * (double)(count - 1), intended_ticks);
        return;
    }
    for (size_t index = 0; index < count; ++index)
        intended_ticks[index] = (uint64_t)(gap_ticks * (double)index);
}
