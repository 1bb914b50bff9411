#include <stddef.h>
#include <string.h>

#include "bench/verbs.h"

static const char program_help[] =
    "ipcbench: what does each way of moving bytes between two processes cost on this machine?\n"
    "\n"
    "  ipcbench run      measure; prints a table and writes a JSON result file\n"
    "  ipcbench list     the transports, their options and limits, and whether they can run here\n"
    "  ipcbench show     the table of a result file\n"
    "  ipcbench compare  did it get slower? two result files, cell by cell\n"
    "  ipcbench export   a result file in the format of another tool\n"
    "  ipcbench import   a result file of an older ipcbench, written as this one writes them\n"
    "  ipcbench topology which CPUs there are, how far apart, and what --placement makes of them\n"
    "  ipcbench doctor   what on this machine would disturb or limit measurements\n"
    "  ipcbench report   one page for the browser, from one result file or several\n"
    "  ipcbench history  the figures of many runs: trends, and where levels changed\n"
    "  ipcbench --version\n"
    "\n"
    "Each verb has --help with examples. The everyday start: make bench\n";

/* clang-format off */
static const char run_help[] =
    "ipcbench run [options]: measures transports; table on standard output, JSON in a file\n"
    "\n"
    "What to measure: a suite, cut by -p, -s, --idle and -f; or, with -t, lists of your\n"
    "own (the others then default to pingpong and stream, 64 bytes, idle default). Each\n"
    "several times or with commas.\n"
    "  -t, --transport NAME[:key=value,...]   with options, see ipcbench list; or all\n"
    "  -p, --pattern PATTERN\n"
    "        pingpong   round trips, one at a time\n"
    "        oneway     one message at a time, with pauses: send to receipt\n"
    "        burst      several at once, then idle: until the last is received\n"
    "        paced      at a given rate: from when it should have been sent to receipt\n"
    "        load       the same at 1 to 100 % of the saturation rate, and the knee\n"
    "        stream     one way at full speed\n"
    "  -s, --size BYTES                       1 to 64M (K, M: powers of 1024)\n"
    "      --burst N                          messages at once (1,10,100,1000)\n"
    "      --rate N                           messages per second of paced (10k)\n"
    "      --arrivals constant|poisson        equal or exponential gaps of paced and load\n"
    "      --idle default|poll                let idle CPUs halt, or keep them awake\n"
    "                                         (/dev/cpu_dma_latency held at 0)\n"
    "  -f, --filter REGEX                     only cells whose id matches (ids: --dry-run)\n"
    "      --suite quick|default|full|load    cells and times (default)\n"
    "\n"
    "How:\n"
    "      --trials N       fresh sender and receiver pairs per cell; exactly N unless\n"
    "                       --precision or --budget is given too. 6 give a 95 % interval\n"
    "      --precision 3%   then more for cells whose interval is wider either way (3 %)\n"
    "      --budget SECONDS until the run has taken this long (a third more than without)\n"
    "      --time SECONDS   timed loop of each trial (0.1, 200ms)\n"
    "      --warmup SECONDS before it\n"
    "      --cold           also the first 1000 round trips after attach, with page faults\n"
    "      --seed N         order of cells within rounds, arrivals, layout of buffers\n"
    "      --touch all|none write and read every payload byte, or only the number\n"
    "      --placement WHERE   same-cpu, smt (two threads of a core), same-cache,\n"
    "                       cross-cache, cross-node, unpinned (left to the scheduler), two\n"
    "                       CPUs S,R, or all: each of these classes that exists here. Several\n"
    "                       times or with commas (smt,2,3,unpinned). Default: two CPUs that\n"
    "                       share a cache. Which CPUs a class means: ipcbench topology\n"
    "      --pairs N        N independent pairs at once, each as far apart as the first\n"
    "      --senders N --receivers M   that many on one channel (stream over pipes,\n"
    "                       datagrams, queues)\n"
    "      --cpus S,R       the same as --placement S,R: CPUs of sender and receiver\n"
    "      --mem POLICY     local, sender, receiver, interleave or a NUMA node\n"
    "\n"
    "Result:\n"
    "  -o, --output FILE    default results/runs/<time>-<suite>.json; - prints JSON alone\n"
    "      --save-baseline NAME   also keep it for compare --baseline NAME, in\n"
    "                       results/baseline/<machine>/NAME.json\n"
    "      --resume FILE    go on with a run that was interrupted or killed\n"
    "      --dry-run        print the plan and its expected time, measure nothing\n"
    "\n"
    "Exit status: 0 fine, 2 usage or file error, 4 a cell failed or is invalid,\n"
    "130 interrupted.\n"
    "\n"
    "Examples:\n"
    "  ipcbench run --suite quick\n"
    "  ipcbench run -t pipe,uds-stream -p pingpong -s 64,4K --trials 10\n"
    "  ipcbench run -t pipe,shm:sync=futex -p load\n"
    "  ipcbench run -t posix-mq -p paced --rate 1k,10k,100k --arrivals poisson\n"
    "  ipcbench run -t shm:sync=spin,copy=no -p stream -s 64 --touch none --time 1\n"
    "  ipcbench run -t all -p pingpong -s 64 --idle default,poll\n"
    "  ipcbench run -t pipe,shm -p pingpong --placement all\n"
    "  ipcbench run -t pipe,uds-stream,shm:sync=futex -p stream --pairs 4\n"
    "  ipcbench run -t posix-mq,xsi-mq,uds-dgram -p stream --senders 3 --receivers 2\n"
    "  ipcbench run -f 'stream/(pipe|fifo)' --dry-run\n";
/* clang-format on */

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

/* clang-format off */
static const char export_help[] =
    "ipcbench export FILE --format NAME [options]: a result file in the format of another\n"
    "tool, on standard output. Cells that are not ok are left out.\n"
    "\n"
    "      --format NAME    list names them:\n"
    "        gbench         Google Benchmark JSON, for its compare.py\n"
    "        gha-smaller, gha-bigger   github-action-benchmark: latencies, rates\n"
    "        bmf            Bencher Metric Format\n"
    "        gobench        Go benchmark text, for benchstat\n"
    "        otava          Apache Otava JSON\n"
    "        hlog, hgrm     HdrHistogram log, percentile distributions\n"
    "        csv            tidy: a row per cell, trial and metric\n"
    "        md             Markdown tables\n"
    "        prom           OpenMetrics text, for Prometheus's textfile collector\n"
    "  -f, --filter REGEX   only cells whose id matches\n"
    "  -o, --output FILE    replaces the file at once or not at all\n"
    "\n"
    "Exit status: 0 fine, 2 usage or file error.\n"
    "\n"
    "Examples:\n"
    "  ipcbench export run.json --format csv -o run.csv\n"
    "  ipcbench export run.json --format gobench >new.txt && benchstat old.txt new.txt\n"
    "  ipcbench export run.json --format hgrm -f '^pingpong/pipe/64/' -o pipe.hgrm\n";

static const char import_help[] =
    "ipcbench import FILE [-o OUT]: reads a result file that an older ipcbench wrote and\n"
    "writes it as this one does: every figure that its trials allow is derived again. To\n"
    "standard output, or with -o to a file, which is replaced at once or not at all. A\n"
    "version that this ipcbench does not know is refused.\n"
    "\n"
    "  -o, --output OUT     may be FILE itself\n"
    "\n"
    "Exit status: 0 fine, 2 usage or file error.\n"
    "\n"
    "Example:\n"
    "  ipcbench import old.json -o old.json\n";
/* clang-format on */

static const char topology_help[] =
    "ipcbench topology [--measure] [--json]: the CPUs with what they share, which of them this\n"
    "process may use, and the pair that each class of --placement means here. Chosen: CPUs other\n"
    "than 0 and its siblings (they take most interrupts) and the fastest kind of core, where "
    "there\n"
    "is a choice; for cross-node the nodes farthest apart, for cross-cache two of one package.\n"
    "\n"
    "      --measure   also how long a cache line takes there and back between any two allowed\n"
    "                  CPUs, as a matrix (64 CPUs: about 20 s)\n"
    "      --json      all of it as JSON, for a heat map\n"
    "      --root DIR  for tests: reads DIR/sys and DIR/proc instead of this machine's\n"
    "\n"
    "Exit status: 0 fine, 2 usage error, 130 interrupted (the matrix as far as it got).\n"
    "\n"
    "Examples:\n"
    "  ipcbench topology\n"
    "  ipcbench topology --measure --json | jq '.cache_line_round_trip_ns[\"0\"]'\n";

static const char doctor_help[] =
    "ipcbench doctor [--json]: what on this machine would disturb or limit measurements, what it "
    "means\n"
    "for the numbers, and the command that would change it. Changes nothing.\n"
    "\n"
    "ipcbench doctor --tune [NAME,...]: changes settings; without names those that are bad and can "
    "be\n"
    "changed here. All or none; the previous values are kept in a file first.\n"
    "  governor        performance               hugepages       64 of 2 MiB, or more\n"
    "  boost           off                       thp-shmem       advise\n"
    "  mqueue          1024 messages of 64 KiB   xsi-mq          messages of 64 KiB, queues of 1 "
    "MiB\n"
    "  pipe-size       1 MiB                     socket-buffers  4 MiB\n"
    "  dgram-qlen      512\n"
    "ipcbench doctor --restore [--force]: puts back the previous values; those that somebody else "
    "has\n"
    "changed meanwhile only with --force.\n"
    "\n"
    "      --state FILE   the previous values (/var/lib/ipcbench/tuning.state)\n"
    "      --root DIR     /proc, /sys and /dev below DIR, state there too: for tests\n"
    "\n"
    "Exit status: 0 nothing is bad, or done; 1 something is bad, or not all was put back; 2 usage, "
    "or\n"
    "nothing could be done.\n"
    "\n"
    "Examples:\n"
    "  ipcbench doctor\n"
    "  ipcbench doctor --json | jq '.checks[] | select(.state == \"bad\")'\n"
    "  sudo ipcbench doctor --tune\n"
    "  sudo ipcbench doctor --tune mqueue,dgram-qlen; sudo ipcbench doctor --restore\n";

/* clang-format off */
static const char compare_help[] =
    "ipcbench compare [options] BASE NEW: did it get slower? Two result files, cell by cell\n"
    "ipcbench compare [options] --baseline NAME [NEW]: the same with a baseline of this machine\n"
    "(ipcbench run --save-baseline NAME); without NEW the newest file in results/runs.\n"
    "\n"
    "A cell regressed if its trials are significantly slower than BASE's (Mann-Whitney,\n"
    "corrected for the number of figures) AND by more than the threshold AND by more than\n"
    "its own noise; it is unchanged if the whole 95 % interval of the ratio lies within the\n"
    "threshold; else it could not be decided, and more trials might tell.\n"
    "\n"
    "      --metric p50,p99,rate   what decides (p50,rate): p50 and p99 of latencies, the\n"
    "                       rate of stream and load; p99 is shown in any case\n"
    "      --threshold 5%   that much slower is still the same (5 %; p99: 10 %)\n"
    "      --min-abs 50ns   latencies that differ by less are the same (50ns)\n"
    "      --correct holm|bh|none   against false alarms: any (holm), the share of them among\n"
    "                       the alarms (Benjamini-Hochberg), or no correction\n"
    "  -f, --filter REGEX   only cells whose id matches\n"
    "      --allow-different   although machine or parameters differ; lists what does\n"
    "      --baseline NAME  instead of BASE; IPCBENCH_BASELINES names another folder than\n"
    "                       results/baseline\n"
    "      --format text|md|json|junit\n"
    "      --all            the unchanged cells too\n"
    "\n"
    "Exit status: 0 fine, 1 a cell regressed, 2 usage or file error, 3 not comparable,\n"
    "4 a cell failed that did not in BASE.\n"
    "\n"
    "Examples:\n"
    "  ipcbench compare before.json after.json\n"
    "  ipcbench compare -f 'pingpong/.*/64/' --metric p50,p99 before.json after.json\n"
    "  ipcbench run --suite quick --save-baseline main\n"
    "  ipcbench run --suite quick; ipcbench compare --baseline main\n"
    "  ipcbench compare --format junit before.json after.json >compare.xml\n";

static const char history_help[] =
    "ipcbench history add FILE...: keeps the figures of result files; one that is in\n"
    "already is left alone.\n"
    "\n"
    "ipcbench history show: the latest figure of each cell beside those before\n"
    "ipcbench history trend CELL: one cell's figures over time\n"
    "ipcbench history changes: where the level of a cell changed, between which commits,\n"
    "and by how much (E-divisive, p at most 0.001 for each series)\n"
    "  -f, --filter REGEX   show, changes: only cells whose id matches\n"
    "      --since DATE     runs from then on: 2026-01-31 or 2026-01-31T12:00:00Z\n"
    "      --machine FP     only machines whose fingerprint starts so (show prints them)\n"
    "      --metric NAME    p50, p99, rate, all; or main: p50 of times, rate of streams\n"
    "      --last N         only the last N runs (show 20, trend all, changes 500 of at\n"
    "                       most 2000: its time grows with the square)\n"
    "      --json           all of it as JSON; trend: with the figures of every trial\n"
    "\n"
    "      --history FILE   an SQLite database; add makes it. Default: IPCBENCH_HISTORY,\n"
    "                       or ipcbench/history.sqlite in XDG_DATA_HOME (~/.local/share)\n"
    "\n"
    "Figures of one machine never meet those of another: see docs/history.md.\n"
    "Exit status: 0 fine, 2 usage or file error, or nothing fits.\n"
    "\n"
    "Examples:\n"
    "  ipcbench history add results/runs/*.json\n"
    "  ipcbench history show -f '^pingpong/.*/64/'\n"
    "  ipcbench history trend pingpong/pipe/64/same-cache --metric p99\n"
    "  ipcbench history changes --since 2026-01-01\n";
static const char report_help[] =
    "ipcbench report [FILE...] [-o PAGE]: one page for the browser, from result files alone.\n"
    "It opens from disk, needs no network and holds its data. Of several files (at most 8) the\n"
    "first is compared with each of the others. Default: the newest file in results/runs.\n"
    "  -o, --output PAGE    default report.html; -: standard output\n"
    "\n"
    "Exit status: 0 fine, 2 usage or file error.\n"
    "\n"
    "Examples:\n"
    "  ipcbench report run.json -o run.html\n"
    "  ipcbench report before.json after.json -o compared.html\n";
/* clang-format on */

static const struct {
    const char *verb;
    const char *text;
} texts[] = {
    {"run", run_help},           {"list", list_help},     {"show", show_help},
    {"topology", topology_help}, {"doctor", doctor_help}, {"compare", compare_help},
    {"history", history_help},   {"export", export_help}, {"import", import_help},
    {"report", report_help},
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
