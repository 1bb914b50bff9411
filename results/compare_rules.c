#include "results/compare_rules.h"

#include <math.h>
#include <string.h>

#include "harness/machine.h"

static const struct compare_exception exceptions[] = {
    {"build", "version", COMPARE_TOLD, "what changed is often the question"},
    {"build", "commit", COMPARE_TOLD, "likewise"},
    {"kernel", "hostname", COMPARE_TOLD, "equal machines of a pool"},
    {"kernel", "perf_event_paranoid", COMPARE_MAY, "who may count, not what it costs"},
    {"memory", "total_bytes", COMPARE_NEAR, "the kernel keeps more or less from boot to boot"},
    {"memory", "available_bytes", COMPARE_MAY, "moves all the time"},
    {"memory", "swap_free_bytes", COMPARE_MAY, "moves all the time"},
    {"memory", "huge_pages_free", COMPARE_MAY, "moves all the time"},
    {"limits", "rlimit_nproc", COMPARE_MAY, "made of the size of memory; two processes suffice"},
    {"virtualisation", "steal_ticks", COMPARE_MAY, "counts since boot"},
    {"load", NULL, COMPARE_MAY, "moves all the time; trials look after themselves"},
};

const struct compare_exception *compare_exception_at(size_t index)
{
    return index < sizeof exceptions / sizeof exceptions[0] ? &exceptions[index] : NULL;
}

enum compare_rule compare_rule_of(const char *group, const char *key)
{
    const struct compare_exception *row;
    for (size_t index = 0; (row = compare_exception_at(index)); ++index) {
        if (!strcmp(group, row->group) && (!row->key || !strcmp(key, row->key)))
            return row->rule;
    }
    return COMPARE_MUST;
}

bool compare_fact_same(const struct machine_fact *base, const struct machine_fact *now,
                       enum compare_rule rule)
{
    if (!base || !now || base->is_number != now->is_number)
        return base == now;
    if (!base->is_number)
        return !strcmp(base->text, now->text);
    if (rule != COMPARE_NEAR)
        return base->number == now->number;
    const double a = (double)base->number, b = (double)now->number;
    return fabs(a - b) <= 0.05 * fmax(fabs(a), fabs(b));
}
