#include <stddef.h>
#include <string.h>

#include "bench/verbs.h"

static const char program_help[] =
    "ipcbench: what does each way of moving bytes between two processes cost on this machine?\n"
    "\n"
    "  ipcbench run      measure; prints a table and writes a JSON result file\n"
    "  ipcbench list     the transports, their options and limits, and whether they can run here\n"
    "  ipcbench show     the table of a result file\n"
    "  ipcbench --version\n"
    "\n"
    "Each verb has --help with examples. The everyday start: make bench\n";

static const char run_help[] =
    "ipcbench run [options]: measures transports; table on standard output, JSON in a file\n"
    "\n"
    "What to measure: a suite, cut by -p, -s, --idle and -f; or, with -t, lists of your own (the "
    "others\n"
    "then default to both patterns, 64 bytes, idle default). Each several times or with commas.\n"
    "  -t, --transport NAME[:key=value,...]   a transport with options, see ipcbench list; or all\n"
    "  -p, --pattern pingpong|stream          round trips one at a time; one way at full speed\n"
    "  -s, --size BYTES                       message sizes, 1 to 64M (K, M: powers of 1024)\n"
    "      --idle default|poll                let idle CPUs halt, or hold /dev/cpu_dma_latency at "
    "0\n"
    "  -f, --filter REGEX                     only cells whose id matches (ids: --dry-run)\n"
    "      --suite quick|default|full         cells and times (default)\n"
    "\n"
    "How:\n"
    "      --trials N       fresh sender and receiver pairs per cell; 6 give a 95 % interval\n"
    "      --time SECONDS   timed loop of each trial (0.1, 200ms)\n"
    "      --warmup SECONDS before it\n"
    "      --seed N         order of cells within rounds\n"
    "      --touch all|none write and read every payload byte, or only the sequence number\n"
    "      --cpus S,R       CPUs of sender and receiver (default: two that share a cache)\n"
    "      --mem POLICY     local, sender, receiver, interleave or a NUMA node\n"
    "\n"
    "Result:\n"
    "  -o, --output FILE    default results/runs/<time>-<suite>.json; - prints the JSON alone\n"
    "      --resume FILE    go on with a run that was interrupted or killed\n"
    "      --dry-run        print the plan and its expected time, measure nothing\n"
    "\n"
    "Exit status: 0 fine, 2 usage or file error, 4 a cell failed or is invalid, 130 interrupted.\n"
    "\n"
    "Examples:\n"
    "  ipcbench run --suite quick\n"
    "  ipcbench run -t pipe,uds-stream -p pingpong -s 64,4K --trials 10\n"
    "  ipcbench run -t shm:sync=spin,copy=no -p stream -s 64 --touch none --time 1\n"
    "  ipcbench run -t all -p pingpong -s 64 --idle default,poll\n"
    "  ipcbench run -f 'stream/(pipe|fifo)' --dry-run\n";

static const char list_help[] =
    "ipcbench list [--json]: every transport with its options, its limits as they stand on this\n"
    "machine, and whether it can run here; if not, why, and in brackets what would change it.\n"
    "\n"
    "Examples:\n"
    "  ipcbench list\n"
    "  ipcbench list --json | jq '.transports[] | select(.available | not)'\n";

static const char show_help[] = "ipcbench show FILE: prints the table of a result file.\n"
                                "\n"
                                "Example:\n"
                                "  ipcbench show results/runs/20260102-030405-quick.json\n";

static const struct {
    const char *verb;
    const char *text;
} texts[] = {
    {"run", run_help},
    {"list", list_help},
    {"show", show_help},
};

const char *help_text(const char *verb)
{
    if (!verb)
        return program_help;
    for (size_t index = 0; index < sizeof(texts) / sizeof(texts[0]); ++index) {
        if (!strcmp(verb, texts[index].verb))
            return texts[index].text;
    }
    return NULL;
}
