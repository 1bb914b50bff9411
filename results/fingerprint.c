#include "results/fingerprint.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "harness/machine.h"

static const struct fingerprint_fact facts[] = {
    {"cpu", "architecture"},
    {"cpu", "model"},
    {"cpu", "vendor"},
    {"cpu", "implementer"},
    {"cpu", "variant"},
    {"cpu", "part"},
    {"cpu", "revision"},
    {"cpu", "packages"},
    {"cpu", "cores"},
    {"cpu", "threads"},
    {"cpu", "last_level_caches"},
    {"cpu", "l1d_bytes"},
    {"cpu", "l2_bytes"},
    {"cpu", "l3_bytes"},
    {"cpu", "l4_bytes"},
    {"cpu", "smt_active"},
    {"cpu", "frequency_governor"},
    {"cpu", "boost"},
    {"cpu", "no_turbo"},
    {"cpu", "idle_driver"},
    {"cpu", "haltpoll_ns"},
    {"kernel", "clocksource"},
    {"kernel", "preempt_model"},
    {"memory", "numa_nodes"},
    {"memory", "page_bytes"},
    {"memory", "thp_enabled"},
    {"memory", "thp_shmem_enabled"},
    {"virtualisation", "hypervisor"},
    {"virtualisation", "product_vendor"},
    {"virtualisation", "product"},
    {"build", "sanitize"},
    {"build", "native"},
};

const struct fingerprint_fact *fingerprint_fact_at(size_t index)
{
    return index < sizeof facts / sizeof facts[0] ? &facts[index] : NULL;
}

uint64_t fingerprint_add(uint64_t hash, const void *data, size_t bytes)
{
    const unsigned char *const octets = data;

    for (size_t i = 0; i < bytes; i++)
        hash = (hash ^ octets[i]) * UINT64_C(0x100000001b3);
    return hash;
}

/* With its end, so that "ab" "c" is not "a" "bc". */
static uint64_t add_text(uint64_t hash, const char *text)
{
    return fingerprint_add(hash, text, strlen(text) + 1);
}

uint64_t fingerprint_of(const struct machine *machine)
{
    uint64_t hash = FINGERPRINT_START;

    for (size_t i = 0; i < sizeof facts / sizeof facts[0]; i++) {
        const struct fingerprint_fact *const fact = &facts[i];
        const char *const text = machine_text(machine, fact->group, fact->key);
        char number_text[24];
        int64_t number;
        if (!text && !machine_number(machine, fact->group, fact->key, &number))
            continue;
        if (!text)
            (void)snprintf(number_text, sizeof number_text, "%" PRId64, number);
        hash = add_text(hash, fact->group);
        hash = add_text(hash, fact->key);
        hash = add_text(hash, text ? text : number_text);
    }
    return hash;
}

struct fingerprint_text fingerprint_text(uint64_t fingerprint)
{
    struct fingerprint_text text;

    (void)snprintf(text.text, sizeof text.text, "%016" PRIx64, fingerprint);
    return text;
}

void fingerprint_describe(const struct machine *machine, struct text *out)
{
    const char *const model = machine_text(machine, "cpu", "model");
    const char *const architecture = machine_text(machine, "cpu", "architecture");
    const char *const hypervisor = machine_text(machine, "virtualisation", "hypervisor");
    const char *const sanitize = machine_text(machine, "build", "sanitize");
    int64_t cpus, native;

    text_append(out, "%s", model ? model : architecture ? architecture : "unknown CPU");
    if (machine_number(machine, "cpu", "threads", &cpus))
        text_append(out, ", %" PRId64 " CPU%s", cpus, cpus == 1 ? "" : "s");
    if (hypervisor && strcmp(hypervisor, "none") != 0)
        text_append(out, ", %s", hypervisor);
    if (sanitize && strcmp(sanitize, "none") != 0)
        text_append(out, ", sanitizers: %s", sanitize);
    if (machine_number(machine, "build", "native", &native) && native)
        text_append(out, ", -march=native");
}
