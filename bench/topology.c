/* ipcbench topology: the CPUs, what they share, and what a placement means here. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/date.h"
#include "base/error.h"
#include "base/text.h"
#include "base/units.h"
#include "bench/command.h"
#include "bench/commands.h"
#include "bench/grid.h"
#include "bench/interrupt.h"
#include "bench/output.h"
#include "harness/clock.h"
#include "harness/cpu_matrix.h"
#include "harness/machine.h"
#include "results/topology_json.h"

static const double seconds_worth_a_word = 2;

struct request {
    bool as_json;
    bool measures;
    const char *root;
};

static void fill_report(const struct topology *topology, struct topology_report *report)
{
    const struct cpu_pair chosen = topology_default_pair(topology);
    *report = (struct topology_report){.topology = topology};
    for (int index = 0; index < PLACEMENT_COUNT; ++index) {
        struct topology_class *class = &report->classes[index];
        class->placement = (enum placement)index;
        (void)placement_choose(topology, class->placement, &class->cpus, &class->objection);
        class->is_default = chosen.sender != CPU_ANY && cpu_pair_equal(&class->cpus, &chosen);
    }
}

static void write_number(int number, char *field)
{
    snprintf(field, GRID_FIELD_BYTES, number < 0 ? "-" : "%d", number);
}

/* Which cache is the last depends on the machine; its group is named by its first CPU. */
static void write_cache(const struct cpu *cpu, char *field)
{
    if (cpu->cache_group < 0)
        snprintf(field, GRID_FIELD_BYTES, "-");
    else
        snprintf(field, GRID_FIELD_BYTES, "L%d of %d", cpu->cache_level, cpu->cache_group);
}

static void write_cpus(const struct topology *topology, struct text *out)
{
    static const char *const headings[] = {"CPU",        "allowed",    "package", "core",
                                           "threads of", "last cache", "node",    "capacity"};
    enum { COLUMNS = sizeof(headings) / sizeof(headings[0]) };
    struct grid grid = {.columns = COLUMNS};
    char(*row)[GRID_FIELD_BYTES] = grid_row(&grid);
    for (size_t column = 0; row && column < COLUMNS; ++column)
        snprintf(row[column], GRID_FIELD_BYTES, "%s", headings[column]);
    for (size_t index = 0; index < topology->count && (row = grid_row(&grid)); ++index) {
        const struct cpu *cpu = &topology->cpus[index];
        write_number(cpu->id, row[0]);
        snprintf(row[1], GRID_FIELD_BYTES, cpu->allowed ? "yes" : "no");
        write_number(cpu->package, row[2]);
        write_number(cpu->core, row[3]);
        write_number(cpu->smt_group, row[4]);
        write_cache(cpu, row[5]);
        write_number(cpu->node, row[6]);
        write_number(cpu->capacity, row[7]);
    }
    grid_write(&grid, out);
    grid_free(&grid);
}

/* A node per line, with the firmware's distances. */
static void write_nodes(const struct topology *topology, struct text *out)
{
    for (size_t index = 0; index < topology->node_count; ++index) {
        const struct node *node = &topology->nodes[index];
        text_append(out, "  node %d: %zu CPUs, %s", node->id, node->cpu_count,
                    node->has_memory ? "memory" : "no memory");
        for (size_t other = 0; other < topology->node_count; ++other) {
            const int to = topology->nodes[other].id;
            const int distance = topology_node_distance(topology, node->id, to);
            if (other != index && distance >= 0)
                text_append(out, ", %d to node %d", distance, to);
        }
        text_append(out, "\n");
    }
}

static void write_classes(const struct topology_report *report, struct text *out)
{
    text_append(out, "\n--placement\n");
    for (int index = 0; index < PLACEMENT_COUNT; ++index) {
        const struct topology_class *class = &report->classes[index];
        text_append(out, "  %-12s ", placement_name(class->placement));
        if (class->objection.code)
            text_append(out, "not here: %s [%s]\n", class->objection.message,
                        class->objection.knob);
        else if (class->placement == PLACEMENT_UNPINNED)
            text_append(out, "any allowed CPU, as the scheduler likes\n");
        else
            text_append(out, "%d,%d%s\n", class->cpus.sender, class->cpus.receiver,
                        class->is_default ? " (default)" : "");
    }
}

/* Not a grid: as many columns as there are CPUs. */
static void write_matrix(const struct cpu_matrix *matrix, struct text *out)
{
    enum { WIDTH = 6 };
    text_append(out, "\ncache line there and back between two CPUs, ns (median of %zu rounds)\n%*s",
                matrix->rounds, WIDTH, "");
    for (size_t column = 0; column < matrix->count; ++column)
        text_append(out, " %*d", WIDTH, matrix->cpus[column]);
    for (size_t row = 0; row < matrix->count; ++row) {
        text_append(out, "\n%*d", WIDTH, matrix->cpus[row]);
        for (size_t column = 0; column < matrix->count; ++column) {
            const double round_trip_ns = cpu_matrix_at(matrix, row, column);
            if (round_trip_ns > 0)
                text_append(out, " %*.*f", WIDTH, round_trip_ns < 100 ? 1 : 0, round_trip_ns);
            else
                text_append(out, " %*s", WIDTH, "-");
        }
    }
    text_append(out, "\n");
}

static void write_report(const struct topology_report *report, struct text *out)
{
    const struct topology *topology = report->topology;
    struct text allowed = {0};
    topology_format_allowed(topology, &allowed);
    text_append(out, "%zu CPUs online, %zu offline; this process may use %s\n", topology->count,
                topology->offline_count, allowed.length ? text_string(&allowed) : "none");
    text_free(&allowed);
    write_nodes(topology, out);
    text_append(out, "\n");
    write_cpus(topology, out);
    write_classes(report, out);
    if (report->matrix)
        write_matrix(report->matrix, out);
}

static int print_report(const struct topology_report *report, bool as_json, struct error *error)
{
    struct text out = {0};
    int failure = 0;
    if (as_json)
        failure = topology_write_json(report, &out, error);
    else
        write_report(report, &out);
    if (!failure)
        failure = output_write(&out, error);
    text_free(&out);
    return failure;
}

static int measure(const struct topology *topology, struct cpu_matrix *matrix, struct error *error)
{
    struct clock clock;
    size_t allowed = 0;
    for (size_t index = 0; index < topology->count; ++index)
        allowed += topology->cpus[index].allowed;
    const double seconds = cpu_matrix_seconds(allowed);
    if (seconds > seconds_worth_a_word)
        fprintf(stderr, "ipcbench: topology: probing %zu CPUs, each with each: about %s\n", allowed,
                units_duration(seconds).text);
    interrupt_catch();
    clock_choose(&clock);
    return cpu_matrix_measure(topology, &clock, interrupt_flag(), matrix, error);
}

/* Which machine, in words, and when: what a figure says in its corner. */
static void describe_machine(const char *root, struct text *words)
{
    struct machine machine;
    if (machine_read_at(root, &machine, NULL))
        return;
    const char *const model = machine_text(&machine, "cpu", "model");
    const char *const release = machine_text(&machine, "kernel", "release");
    const char *const host = machine_text(&machine, "kernel", "hostname");
    text_append(words, "%s", model ? model : "unknown CPU");
    if (release)
        text_append(words, ", Linux %s", release);
    if (host)
        text_append(words, ", %s", host);
    machine_free(&machine);
}

/* Returns an exit status. */
static int report_topology(const struct request *request, struct error *error)
{
    struct topology topology;
    struct topology_report report;
    struct cpu_matrix matrix = {0};
    struct text machine = {0};
    const struct date_text now = date_time(time(NULL));
    bool interrupted = false;
    int failure = topology_read(request->root, &topology, error);
    if (failure) {
        error_prefix(error, "topology: ");
        return EXIT_USAGE;
    }
    fill_report(&topology, &report);
    describe_machine(request->root, &machine);
    report.machine = text_string(&machine);
    report.taken_at = request->root[0] ? NULL : now.text; /* a recorded tree is of another time */
    if (request->measures) {
        failure = measure(&topology, &matrix, error);
        report.matrix = &matrix;
        interrupted = failure && *interrupt_flag();
    }
    if (!failure || interrupted)
        failure = print_report(&report, request->as_json, error);
    if (interrupted && !failure)
        *error = (struct error){0}; /* the status says it */
    text_free(&machine);
    cpu_matrix_free(&matrix);
    topology_free(&topology);
    return failure ? EXIT_USAGE : interrupted ? EXIT_INTERRUPTED : EXIT_FINE;
}

static void prepare(void *request)
{
    ((struct request *)request)->root = "";
}

static int show_topology(void *request, const struct command_words *words, struct error *error)
{
    (void)words;
    const struct request *const wanted = request;
    if (!wanted->measures || !wanted->root[0])
        return report_topology(wanted, error);
    error_plain(error, "topology: --measure: only this machine can be measured, not the one under "
                       "--root");
    return EXIT_USAGE;
}

static const struct command_option options[] = {
    {.name = "measure",
     .text = "also how long a cache line takes there and back between any two allowed CPUs, as a "
             "matrix (64 CPUs: about 20 s)",
     .take = take_flag,
     .member = offsetof(struct request, measures)},
    {.name = "json",
     .text = "all of it as JSON, for a heat map",
     .take = take_flag,
     .member = offsetof(struct request, as_json)},
    {.name = "root",
     .value = "DIR",
     .text = "for tests: reads DIR/sys and DIR/proc instead of this machine's",
     .take = take_string,
     .member = offsetof(struct request, root)},
};

const struct command command_topology = {
    .name = "topology",
    .summary = "which CPUs there are, how far apart, and what --placement makes of them",
    .synopsis = "ipcbench topology [--measure] [--json]",
    .about = "The CPUs with what they share, which of them this process may use, and the pair that "
             "each class of --placement means here. Chosen: CPUs other than 0 and its siblings "
             "(they take most interrupts) and the fastest kind of core, where there is a choice; "
             "for cross-node the nodes farthest apart, for cross-cache two of one package.",
    .options = options,
    .option_count = sizeof(options) / sizeof(options[0]),
    .statuses = "0 fine, 2 usage error, 130 interrupted (the matrix as far as it got).",
    .examples = "ipcbench topology\n"
                "ipcbench topology --measure --json | jq '.cache_line_round_trip_ns[\"0\"]'",
    .request_bytes = sizeof(struct request),
    .prepare = prepare,
    .run = show_topology,
};
