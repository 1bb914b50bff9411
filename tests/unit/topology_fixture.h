/* The made machines of sysfs_fixture.h, read. Included after cmocka.h. */
#ifndef IPCBENCH_TESTS_UNIT_TOPOLOGY_FIXTURE_H
#define IPCBENCH_TESTS_UNIT_TOPOLOGY_FIXTURE_H

#include "base/error.h"
#include "folder_fixture.h"
#include "harness/topology.h"
#include "sysfs_fixture.h"

static inline void fixture_topology(const char *name, struct topology *topology)
{
    char root[] = "/tmp/ipcbench-topology-XXXXXX";
    struct error error = {0};

    assert_non_null(mkdtemp(root));
    for (size_t i = 0; i < SYSFS_MACHINES; i++) {
        if (strcmp(sysfs_machines[i].name, name) == 0)
            sysfs_machines[i].make(root);
    }
    const int failed = topology_read(root, topology, &error);
    assert_int_equal(folder_remove(root), 0);
    if (failed)
        fail_msg("%s: %s", name, error.message);
}

#endif
