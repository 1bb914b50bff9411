/* A made tree to tune, and what the tests of tuning do with it. Included after cmocka.h. */
#ifndef IPCBENCH_TESTS_UNIT_TUNING_FIXTURE_H
#define IPCBENCH_TESTS_UNIT_TUNING_FIXTURE_H

#include <unistd.h>

#include "base/error.h"
#include "harness/tuning.h"
#include "tree_fixture.h"

#define MSG_MAX     "/proc/sys/fs/mqueue/msg_max"
#define MSGSIZE_MAX "/proc/sys/fs/mqueue/msgsize_max"
#define SHMEM       "/sys/kernel/mm/transparent_hugepage/shmem_enabled"
#define HUGE_PAGES  "/sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages"
#define POLICY      "/sys/devices/system/cpu/cpufreq/policy%d/scaling_governor"

struct place {
    struct tree tree;
    char state_path[TREE_PATH_BYTES];
    struct tuning_place where;
};

static inline int make(void **state)
{
    static struct place place;

    const int failed = tree_make(&place.tree);
    if (failed)
        return failed;
    (void)snprintf(place.state_path, sizeof place.state_path, "%s/var/lib/x/state",
                   place.tree.root);
    place.where = (struct tuning_place){.root = place.tree.root, .state_path = place.state_path};
    *state = &place;
    return 0;
}

static inline int unmake(void **state)
{
    const struct place *const place = *state;

    return tree_remove(&place->tree);
}

static inline void assert_value(const struct place *place, const char *path, const char *expected)
{
    char line[128];

    tree_get(&place->tree, path, line, sizeof line);
    if (strcmp(line, expected) != 0)
        fail_msg("%s is '%s', expected '%s'", path, line, expected);
}

static inline bool has_state(const struct place *place)
{
    return access(place->state_path, F_OK) == 0;
}

/* Names with blanks between. Returns what tuning_apply does. */
static inline int tune(const struct place *place, const char *names, struct error *error)
{
    struct tuning_plan plan = {0};
    char copy[128];
    char *rest;

    (void)snprintf(copy, sizeof copy, "%s", names);
    for (char *name = strtok_r(copy, " ", &rest); name; name = strtok_r(NULL, " ", &rest)) {
        const struct tuning_setting *setting;
        assert_int_equal(tuning_find(name, &setting, error), 0);
        if (tuning_plan_add(place->tree.root, setting, &plan, error) < 0)
            fail_msg("%s", error->message);
    }
    const int failed = tuning_apply(&place->where, &plan, error);
    tuning_plan_free(&plan);
    return failed;
}

static inline void must_tune(const struct place *place, const char *names)
{
    struct error error = {0};

    if (tune(place, names, &error) < 0)
        fail_msg("%s", error.message);
}

/* The outcomes counted; the report is checked to be about as many files. */
struct outcomes {
    size_t of[TUNING_FAILED + 1];
    size_t left;
    size_t count;
};

static inline struct outcomes restore(const struct place *place, bool force)
{
    struct tuning_report report;
    struct outcomes outcomes = {0};
    struct error error = {0};

    if (tuning_restore(&place->where, force, &report, &error) < 0)
        fail_msg("%s", error.message);
    for (size_t i = 0; i < report.count; i++)
        outcomes.of[report.items[i].outcome]++;
    outcomes.left = report.left;
    outcomes.count = report.count;
    tuning_report_free(&report);
    return outcomes;
}

#define IN_TREE(test) cmocka_unit_test_setup_teardown(test, make, unmake)

#endif
