/* The parts of the plug-in that tests load (fixture.c), whose variants share one set of loops. */
#ifndef FIXTURE_H
#define FIXTURE_H

#include <ipcbench/plugin.h>

enum fixture_fault { FIXTURE_RIGHT, FIXTURE_LOSES, FIXTURE_CORRUPTS };

struct fixture {
    int ends[SIDE_COUNT];
    int own;
    enum fixture_fault fault;
    uint64_t in_a_row; /* sent since one was received */
};

const struct loop_set *fixture_loops_for(const struct options *options);

#endif
