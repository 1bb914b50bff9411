/* The conformance test: every registered transport must keep the contract of harness/transport.h
 * and the promises of harness/trial.h. No transport is named: the test walks their option tables.
 *
 *     IPCBENCH_TEST_FULL=1     messages up to 64 MiB, every pair of choices
 *     IPCBENCH_TEST_QUICK=1    for slow sanitizers: one size for each variant
 *     IPCBENCH_TEST_PRIVILEGES=1   quicker: what may differ by who runs it, one round trip for each variant
 *     IPCBENCH_TEST_PLUGIN=./libfoo.so   that plug-in's transport instead
 *     IPCBENCH_TEST_MQUEUE     where mqueue(7) is mounted; /dev/mqueue by default */
#ifndef IPCBENCH_TESTS_CONFORMANCE_CONFORMANCE_H
#define IPCBENCH_TESTS_CONFORMANCE_CONFORMANCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/text.h"
#include "harness/clock.h"
#include "harness/topology.h"
#include "harness/trial.h"

struct transport;

/* What all parts work with. */
struct stage {
    struct workspace workspace;
    struct clock clock;
    struct cpu_pair cpus;
    int sender_node;
    int receiver_node;
    bool full;
    bool quick;
    bool privileges;                         /* quick, and only what they may change */
    uint64_t largest_bytes;                  /* where a transport has no limit of its own */
    unsigned measured[FAMILY_OPERATION + 1]; /* cells that were measured, by transport family */
};

/* One way to run one transport; the options as typed after the colon. */
struct variant {
    char options[4 * OPTION_TEXT_BYTES];
};

/* Cells ----------------------------------------------------------------------------------------*/

struct cell {
    const struct transport *transport;
    const char *options;
    enum pattern pattern;
    size_t message_bytes;
    const char *circumstances; /* for the test's name, NULL: none */
};

enum { CELL_NAME_BYTES = 200 };
const char *cell_name(const struct cell *cell, char *buffer);

/* A short trial between the stage's CPUs. -EINVAL where the options do not parse. */
int cell_request(const struct stage *stage, const struct cell *cell, struct trial_request *request,
                 struct error *error);

/* Checks, runs and judges one cell: one test. The trial is made longer while too few messages
 * passed for a figure. */
/* The machine's doing, not the transport's: other CPUs under the pair, CPUs taken away, or too busy for the
 * pace. */
bool trial_is_disturbed(const struct trial_request *request, const struct trial_result *result);
/* trial_run, some times over while that is so, or while the kernel takes pages away. */
void trial_run_in_peace(struct stage *stage, const struct trial_request *request,
                        struct trial_result *result);

void cell_test(struct stage *stage, const struct cell *cell);
void cell_test_request(struct stage *stage, const struct cell *cell,
                       const struct trial_request *request);

/* Variants -------------------------------------------------------------------------------------*/

/* The first is "", all defaults; then each choice and some numbers, one option at a time; then
 * every `sync` with every `copy`, every `sync` and `wait` with a batch and
 * the like; with `pairs` every pair of
 * choices. Free it. */
struct variant *variants_of(const struct transport *transport, bool pairs, size_t *count);

/* How these options wait is told by the keys `wait` and `sync`, which all transports share. */
bool variant_is_about(const struct variant *variant, const char *key);

/* A way to wait together with a batch: one size is enough. */
bool variant_is_of_batches(const struct variant *variant);

/* `wanted` bytes, or the nearest size that these options allow. */
/* The first of the two that the transport is measured by: messages, or an operation on memory. */
enum pattern pattern_of(const struct transport *transport, enum pattern wanted);
size_t bytes_within(const struct transport *transport, const char *options, size_t wanted);

/* Roles ----------------------------------------------------------------------------------------*/

/* A process beside the trial that sends a signal once both children of this process are there and
 * some time has passed. */
enum victim { VICTIM_SENDER, VICTIM_RECEIVER, VICTIM_PARENT };
struct assassin {
    enum victim victim;
    int signal;
    unsigned delay_ms;
};
int assassin_start(const struct assassin *assassin); /* its process, or -errno */
bool assassin_succeeded(int process);                /* waits for its end */

/* Parts ----------------------------------------------------------------------------------------*/

void matrix_test(struct stage *stage, const struct transport *transport);
void hooks_test(struct stage *stage, const struct transport *transport);
void placement_test(struct stage *stage, const struct transport *transport);
void crew_test(struct stage *stage, const struct transport *transport);
void kill_test(struct stage *stage, const struct transport *transport);
void interrupt_test(struct stage *stage, const struct transport *transport);
void limits_test(struct stage *stage);
void hostile_test(struct stage *stage);

/* A transport that does mischief, for hostile_test; all its messages have one size. */
extern const struct transport transport_hostile;
enum { HOSTILE_MESSAGE_BYTES = 64 };

/* A pair that hangs is ended by the deadline, which takes its time: started first, judged last. */
struct hang {
    int pid;
};
void hang_start(const struct stage *stage, struct hang *hang);
void hang_test(struct hang *hang);

/* Reads topology and clock, opens a workspace. */
int stage_open(struct stage *stage, struct error *error);
int stage_workspace_open(struct stage *stage, struct error *error);

#endif
