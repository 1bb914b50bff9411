/* make_sysfs MACHINE FOLDER: a made sysfs tree (tests/unit/sysfs_fixture.h) for command-line tests. */
#include "sysfs_fixture.h"

int main(int argc, char **argv)
{
    for (size_t i = 0; argc == 3 && i < SYSFS_MACHINES; i++) {
        if (strcmp(sysfs_machines[i].name, argv[1]) != 0)
            continue;
        sysfs_machines[i].make(argv[2]);
        return 0;
    }
    (void)fputs("usage: make_sysfs MACHINE FOLDER\n", stderr);
    return 2;
}
