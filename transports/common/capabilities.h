/* What this process may do beyond an ordinary user's rights, capabilities(7). */
#ifndef IPCBENCH_TRANSPORTS_COMMON_CAPABILITIES_H
#define IPCBENCH_TRANSPORTS_COMMON_CAPABILITIES_H

#include <stdbool.h>

enum capability {
    CAPABILITY_IPC_LOCK = 14,
    CAPABILITY_SYS_PTRACE = 19,
    CAPABILITY_SYS_RESOURCE = 24
};

/* In effect now. False where the kernel does not tell. */
bool capability_is_effective(enum capability capability);

#endif
