/* Which machine a figure is of: a number that is the same for runs whose figures may stand in one
 * series, made from the facts of `struct machine` that decide it. It holds what the machine is and how
 * it is set (CPU, topology, caches, governor, boost, clock, hypervisor, huge pages, sanitizers). It
 * leaves out what moves on while a machine stays the same (kernel, microcode, mitigations, compiler,
 * commit): what those do to figures is what a history is to show. It leaves out names, so that equal
 * machines of a pool share a history and none can be recognised by it. */
#ifndef IPCBENCH_RESULTS_FINGERPRINT_H
#define IPCBENCH_RESULTS_FINGERPRINT_H

#include <stddef.h>
#include <stdint.h>

struct machine;
struct text;

/* FNV-1a (64 bits) over group, key and value of the facts that count, in the order of their table;
 * an absent fact counts as absent. */
uint64_t fingerprint_of(const struct machine *machine);

/* The facts that count: NULL behind the last. */
struct fingerprint_fact {
    const char *group;
    const char *key;
};
const struct fingerprint_fact *fingerprint_fact_at(size_t index);

/* 16 hexadecimal digits. */
struct fingerprint_text {
    char text[17];
};
struct fingerprint_text fingerprint_text(uint64_t fingerprint);

/* "AMD EPYC 7R13, 2 CPUs, KVM": the same for people, in short. */
void fingerprint_describe(const struct machine *machine, struct text *out);

/* The hash itself: `hash` is FINGERPRINT_START, or what an earlier call returned. */
#define FINGERPRINT_START UINT64_C(0xcbf29ce484222325)
uint64_t fingerprint_add(uint64_t hash, const void *data, size_t bytes);

#endif
