#include "bench/version.h"

#ifndef IPCBENCH_VERSION
#define IPCBENCH_VERSION "unknown"
#endif
#ifndef IPCBENCH_COMMIT
#define IPCBENCH_COMMIT "unknown"
#endif

const char ipcbench_version[] = IPCBENCH_VERSION;
const char ipcbench_commit[] = IPCBENCH_COMMIT;
