/* The rows: each mechanism at 64 B and 4 KiB, round trips; pipe and rings also as streams. In place
 * where there is shared memory, since the floor works in place. */
#include <string.h>

#include "tests/floor/compare.h"

#define ROW(mechanism, transport, options, pattern)                                                \
    {mechanism, transport, options, pattern, 64},                                                  \
    {                                                                                              \
        mechanism, transport, options, pattern, 4096                                               \
    }

const struct compare_row compare_rows[] = {
    ROW("pipe", "pipe", "", PATTERN_PINGPONG),
    ROW("uds-stream", "uds-stream", "", PATTERN_PINGPONG),
    ROW("io-uring", "io-uring", "", PATTERN_PINGPONG),
    ROW("uds-dgram", "uds-dgram", "", PATTERN_PINGPONG),
    ROW("tcp", "tcp", "", PATTERN_PINGPONG),
    ROW("udp", "udp", "", PATTERN_PINGPONG),
    {"eventfd", "eventfd", "", PATTERN_PINGPONG, 0},
    {"signal", "signal", "", PATTERN_PINGPONG, 8},
    ROW("process-vm", "process-vm", "", PATTERN_PINGPONG),
    ROW("splice", "splice", "", PATTERN_PINGPONG),
    ROW("xsi-mq", "xsi-mq", "", PATTERN_PINGPONG),
    ROW("posix-mq", "posix-mq", "", PATTERN_PINGPONG),
    ROW("shm-sem", "shm", "sync=sem,copy=no", PATTERN_PINGPONG),
    ROW("shm-futex", "shm", "sync=futex,copy=no", PATTERN_PINGPONG),
    ROW("shm-xsi-sem", "shm", "sync=xsi-sem,copy=no", PATTERN_PINGPONG),
    ROW("shm-spin", "shm", "sync=spin,copy=no", PATTERN_PINGPONG),
    ROW("mmap-spin", "mmap", "sync=spin,copy=no", PATTERN_PINGPONG),
    ROW("pipe", "pipe", "", PATTERN_STREAM),
    ROW("io-uring", "io-uring", "", PATTERN_STREAM),
    ROW("shm-spin", "shm", "sync=spin,copy=no", PATTERN_STREAM),
    ROW("mmap-spin", "mmap", "sync=spin,copy=no", PATTERN_STREAM),
};
const size_t compare_row_count = sizeof(compare_rows) / sizeof(compare_rows[0]);

struct cpu_pair compare_cpus(const struct compare_setting *setting, const struct compare_row *row)
{
    const bool needs_two = row->pattern == PATTERN_STREAM || strstr(row->mechanism, "spin");
    if (setting->cpus_for_all || needs_two)
        return setting->cpus;
    return (struct cpu_pair){setting->cpus.sender, setting->cpus.sender};
}
