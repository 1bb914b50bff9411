#include "results/advice_words.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "base/units.h"
#include "harness/machine.h"
#include "results/finding_cells.h"
#include "results/run.h"

/* --- the figure -------------------------------------------------------------------------------- */

/* Of which kind a figure is, in words behind it. */
static const char *kind_of(const struct run_cell *cell, enum contest_figure figure)
{
    switch (figure) {
    case CONTEST_P50:
        return cell->pattern == PATTERN_PINGPONG ? " round trip, half are quicker"
               : cell->pattern == PATTERN_PACED  ? " from due to received, half are quicker"
                                                 : " from sent to received, half are quicker";
    case CONTEST_P99:
        return cell->pattern == PATTERN_PINGPONG ? " round trip, 99 of 100 are quicker"
               : cell->pattern == PATTERN_PACED  ? " from due to received, 99 of 100 are quicker"
                                                 : " from sent to received, 99 of 100 are quicker";
    case CONTEST_RATE:
        return cell->pattern == PATTERN_PINGPONG ? " round trips, one at a time"
               : cell->pattern == PATTERN_LOAD   ? " messages before the tail grows (knee)"
                                                 : " messages";
    case CONTEST_BANDWIDTH: /* of operations, which are no advice */
        break;
    case CONTEST_CPU:
        return cell->pattern == PATTERN_PINGPONG ? " CPU per round trip, both sides"
               : cell->pattern == PATTERN_STREAM ? " CPU per message, both sides"
                                                 : " CPU per message, receiver";
    }
    return "";
}

static void write_relation(const struct ranking *ranking, size_t index, struct text *out)
{
    const struct ranked_cell *const entry = &ranking->cells[index];
    const struct contest *const contest = &entry->with_best;
    const char *const figure = contest->figure == CONTEST_CPU    ? "cheap"
                               : contest->figure == CONTEST_RATE ? "much"
                                                                 : "fast";
    if (!entry->place) {
        text_append(out, "; not ranked: %s", entry->weakness);
        return;
    }
    if (entry->place > 1) {
        text_append(out, "; %s is ", finding_name(ranking->cells[0].cell).text);
        finding_write_times(&contest->advantage, out);
        text_append(out, " as %s", figure);
        return;
    }
    if (index > 0 && contest->outcome == CONTEST_EQUAL)
        text_append(out, "; no more than %.0f %% from %s", 100 * contest->limit,
                    finding_name(ranking->cells[0].cell).text);
    else if (index > 0)
        text_append(out, "; not told apart from %s by these trials",
                    finding_name(ranking->cells[0].cell).text);
    else if (entry->tied)
        text_append(out, "; others are not told apart from it by these trials");
    else if (ranking->ranked > 1)
        text_append(out, "; significantly better than all others");
}

void advice_write_figure(const struct ranking *ranking, size_t index, struct text *out)
{
    const struct ranked_cell *const entry = &ranking->cells[index];
    finding_write_figure(entry->with_best.figure, &entry->figure, out);
    text_append(out, "%s, %zu trial%s", kind_of(entry->cell, entry->with_best.figure),
                entry->figure.count, entry->figure.count == 1 ? "" : "s");
    write_relation(ranking, index, out);
}

/* --- the cost ---------------------------------------------------------------------------------- */

static bool tells_both_sides(const struct run_cell *cell)
{
    return cell->pattern == PATTERN_PINGPONG || cell->pattern == PATTERN_STREAM;
}

int advice_write_cost(const struct run_cell *cell, double cpu_share, struct text *out,
                      struct error *error)
{
    struct stats_median cpu;
    const int failure = contest_median(cell, CONTEST_CPU, &cpu, error);
    if (failure)
        return failure;
    if (cpu.count) {
        text_append(out, "CPU per message ");
        finding_write_figure(CONTEST_CPU, &cpu, out);
        text_append(out, tells_both_sides(cell) ? ", both sides" : ", the receiver's alone");
    } else {
        text_append(out, "CPU per message not known");
    }
    if (finding_spins(cell))
        text_append(out, "; spins: all of %s, whatever there is to do",
                    tells_both_sides(cell) ? "both CPUs" : "the receiver's CPU");
    else if (cpu_share >= 0)
        text_append(out, "; %.0f %% of %s %s", 100 * cpu_share,
                    !tells_both_sides(cell)   ? "the receiver's CPU"
                    : finding_cpus(cell) == 1 ? "the one CPU"
                                              : "two CPUs",
                    cell->pattern == PATTERN_PACED ? "at this rate" : "at full speed");
    if (tells_both_sides(cell))
        text_append(out, "; %.2f + %.2f context switches",
                    cell->summary.switches_per_message[SIDE_SENDER],
                    cell->summary.switches_per_message[SIDE_RECEIVER]);
    return 0;
}

/* --- caveats ----------------------------------------------------------------------------------- */

/* What anybody must know who takes this transport, and the limit that this machine sets. */
static const struct {
    const char *transport;
    const char *words;
    const char *fact_group, *fact; /* NULL: none */
    const char *fact_words;        /* "messages of up to %s": bytes */
} transports[] = {
    {"pipe", "a stream of bytes: message boundaries are yours to keep; one direction each", NULL,
     NULL, NULL},
    {"fifo",
     "a stream of bytes: message boundaries are yours to keep; one direction each; a name "
     "in the file system",
     NULL, NULL, NULL},
    {"uds-stream", "a stream of bytes: message boundaries are yours to keep", NULL, NULL, NULL},
    {"uds-dgram",
     "keeps messages whole and in order; the sender waits while the queue is full (at a socket "
     "that is "
     "connected to no sender after a few, net.unix.max_dgram_qlen)",
     NULL, NULL, NULL},
    {"uds-seqpacket", "keeps messages whole and in order, over a connection", NULL, NULL, NULL},
    {"posix-mq", "keeps messages whole, by priority", "limits", "mqueue_msgsize_max_bytes",
     "messages of up to %s (fs.mqueue.msgsize_max)"},
    {"xsi-mq", "keeps messages whole; the queue outlives its users until it is removed", "limits",
     "msgmax_bytes", "messages of up to %s (kernel.msgmax)"},
    {"shm", "a protocol of your own in shared memory: a peer that dies leaves the other waiting",
     NULL, NULL, NULL},
    {"mmap", "a protocol of your own in a mapping: a peer that dies leaves the other waiting", NULL,
     NULL, NULL},
    {"tcp", "a stream of bytes: message boundaries are yours to keep; also works between machines",
     NULL, NULL, NULL},
    {"udp", "datagrams: may be lost when the receiver is slow; also works between machines", NULL,
     NULL, NULL},
    {"file", "readers must be told when to look", NULL, NULL, NULL},
};

/* Options that change what one must know. */
static const struct {
    const char *key, *value, *words;
} options[] = {
    {"wait", "spin", "give each side a CPU of its own"},
    {"sync", "spin", "give each side a CPU of its own"},
    {"copy", "no", "works in place: done with a message before the next one needs its slot"},
    {"backing", "anon", "only between relatives (fork)"},
};

struct list {
    struct text *out;
    bool begun;
};

static struct text *next_item(struct list *list)
{
    text_append(list->out, list->begun ? "; " : "");
    list->begun = true;
    return list->out;
}

static void write_limit(const struct run *run, size_t row, struct list *list)
{
    int64_t limit;
    if (!transports[row].fact ||
        !machine_number(&run->machine, transports[row].fact_group, transports[row].fact, &limit) ||
        limit < 0)
        return;
    const struct units_text bytes = units_bytes((uint64_t)limit);
    const char *const words = transports[row].fact_words, *const place = strstr(words, "%s");
    text_append(next_item(list), "%.*s%s%s", (int)(place - words), words, bytes.text, place + 2);
}

static void write_of_transport(const struct run *run, const struct run_cell *cell,
                               struct list *list)
{
    for (size_t row = 0; row < sizeof(transports) / sizeof(transports[0]); ++row) {
        if (strcmp(transports[row].transport, cell->transport) != 0)
            continue;
        text_append(next_item(list), "%s", transports[row].words);
        write_limit(run, row, list);
    }
    for (size_t row = 0; row < sizeof(options) / sizeof(options[0]); ++row) {
        const char *const value = finding_option(cell, options[row].key);
        if (value && !strcmp(value, options[row].value))
            text_append(next_item(list), "%s", options[row].words);
    }
}

/* What these data themselves warn of, the gravest first. */
static void write_of_data(const struct run_cell *cell, struct list *list)
{
    const struct summary *const summary = &cell->summary;
    const bool latency = pattern_is_latency(cell->pattern);
    const enum contest_figure figure = contest_main_figure(cell);
    if (summary->bimodal) {
        text_append(next_item(list), "its trials fall into two groups, around ");
        finding_write_value(figure, summary->mode_low, list->out);
        text_append(list->out, " and ");
        finding_write_value(figure, summary->mode_high, list->out);
    }
    if (summary->trials_failed || summary->trials_invalid)
        text_append(next_item(list), "%zu trials invalid or failed, left out",
                    summary->trials_failed + summary->trials_invalid);
    if (summary->clock_limited)
        text_append(next_item(list), "no better known than the clocks of the two CPUs");
    if (2 * summary->trials_drifting > summary->trials)
        text_append(next_item(list), "most trials drift: not in a steady state");
    if (summary->trials_faulted)
        text_append(next_item(list), "page faults while it was timed");
    if (latency && summary->p999_ns > 0)
        text_append(next_item(list), "1 in 1000 takes %s or more", units_ns(summary->p999_ns).text);
}

void advice_write_caveats(const struct run *run, const struct run_cell *cell, struct text *out)
{
    struct list list = {.out = out};
    write_of_data(cell, &list);
    write_of_transport(run, cell, &list);
    if (!list.begun)
        text_append(out, "nothing is known here of this transport's limits");
}
