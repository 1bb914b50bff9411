/* What this program calls itself; from the build. */
#ifndef IPCBENCH_BENCH_VERSION_H
#define IPCBENCH_BENCH_VERSION_H

extern const char ipcbench_version[]; /* "0.1.0" */
extern const char ipcbench_commit[];  /* "1a2b3c4d5e6f", "...-dirty", "unknown" */

#endif
