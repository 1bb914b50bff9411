#include "bench/noise.h"

#include <errno.h>

#include "base/error.h"
#include "base/text.h"
#include "base/units.h"
#include "bench/interrupt.h"
#include "bench/session.h"

/* A baseline is long enough to see what comes a few times a second; of a short run it is a share, so
 * that it does not take longer than what it is about. */
static const double baseline_seconds_most = 0.25;
static const double baseline_seconds_least = 0.02;
static const double baseline_share = 0.05;

static double baseline_seconds(const struct plan *plan)
{
    const double seconds = baseline_share * plan_seconds(plan);
    return seconds > baseline_seconds_most    ? baseline_seconds_most
           : seconds < baseline_seconds_least ? baseline_seconds_least
                                              : seconds;
}

static int take_baseline(const struct session *session, struct baseline *baseline,
                         struct error *error)
{
    const struct jitter_request request = {
        .cpus = session->plan.cpus,
        .seconds = baseline_seconds(&session->plan),
        .clock = &session->clock,
        .interrupted = interrupt_flag(),
    };
    *baseline = (struct baseline){.load_average = load_average_read("")}; /* before it adds to it */
    const int failure = jitter_measure(&request, baseline->jitter, error);
    baseline->taken = !failure;
    return failure == -EINTR ? 0 : failure;
}

int noise_begin(struct session *session, struct error *error)
{
    const int failure =
        session->resumed ? 0 : take_baseline(session, &session->run.noise.before, error);
    disturbance_read(session->workspace.disturbances, &session->plan.cpus,
                     &session->counts_at_start);
    return failure;
}

void noise_end(struct session *session)
{
    struct run_noise *noise = &session->run.noise;
    struct disturbance now;
    disturbance_read(session->workspace.disturbances, &session->plan.cpus, &now);
    noise->during = disturbance_between(&session->counts_at_start, &now);
    if (!*interrupt_flag())
        (void)take_baseline(session, &noise->after, NULL);
}

static void write_jitter(const struct run_noise *noise, enum side side, struct text *out)
{
    const bool both = noise->before.taken && noise->after.taken;
    const struct baseline *first = noise->before.taken ? &noise->before : &noise->after;
    const struct jitter *jitter = &first->jitter[side];
    text_append(out, " CPU %d lost %.1f %% in %llu gaps", jitter->cpu, jitter->lost_share * 100,
                (unsigned long long)jitter->gaps);
    if (jitter->gaps)
        text_append(out, " up to %s", units_ns(jitter->max_ns).text);
    text_append(out, first == &noise->before ? " before" : " after");
    if (both)
        text_append(out, ", %.1f %% after", noise->after.jitter[side].lost_share * 100);
    text_append(out, ";");
}

/* Steal of the CPU that had more of it. */
static void write_disturbance(const struct disturbance *during, struct text *out)
{
    const int64_t sender_ns = during->sides[SIDE_SENDER].steal_ns;
    const int64_t receiver_ns = during->sides[SIDE_RECEIVER].steal_ns;
    const int64_t steal_ns = sender_ns > receiver_ns ? sender_ns : receiver_ns;
    if (steal_ns >= 0)
        text_append(out, " steal %.1f %%;", (double)steal_ns / (double)during->wall_ns * 100);
    if (during->throttled_ns > 0)
        text_append(out, " throttled for %s;", units_ns((double)during->throttled_ns).text);
}

void noise_write(const struct run *run, struct text *out)
{
    const struct run_noise *noise = &run->noise;
    struct text line = {0};
    if (noise->before.taken || noise->after.taken) {
        write_jitter(noise, SIDE_SENDER, &line);
        if (run->request.cpus.sender != run->request.cpus.receiver)
            write_jitter(noise, SIDE_RECEIVER, &line);
    }
    if (noise->during.wall_ns)
        write_disturbance(&noise->during, &line);
    /* After the run it is the run's own. */
    if (noise->before.taken && noise->before.load_average >= 0)
        text_append(&line, " load %.1f;", noise->before.load_average);
    if (line.length) /* less the last semicolon */
        text_append(out, "noise:%.*s\n", (int)line.length - 1, line.data);
    text_free(&line);
}
