/* Made runs for the tests of findings: cells by transport and options, figures as wanted. Include
 * after cmocka.h. */
#ifndef IPCBENCH_TESTS_FINDINGS_FIXTURE_H
#define IPCBENCH_TESTS_FINDINGS_FIXTURE_H

#include "compare_fixture.h"

#include "base/units.h"
#include "results/findings.h"

enum { MADE_CELLS_MOST = 64 };

/* What every option of a transport is when nothing is said. */
static const struct {
    const char *transport;
    const char *options;
} made_usual[] = {
    {"pipe", "capacity=default,wait=block"},
    {"fifo", "capacity=default,wait=block"},
    {"uds-stream", "address=pair,sndbuf=default,wait=block"},
    {"uds-dgram", "address=pair,sndbuf=default,wait=block"},
    {"posix-mq", "depth=default,priority=0,wait=block"},
    {"xsi-mq", "qbytes=default"},
    {"shm", "backing=posix,sync=sem,copy=yes"},
    {"mmap", "backing=anon,huge=none,advice=none,ring=default,sync=sem,copy=yes"},
    {"tcp", "nodelay=yes,wait=block"},
    {"udp", "wait=block"},
    {"file-move", "how=read,mapping=new,state=clean,block=64K,sync=none,until=visible"},
    {"fold", "paper=thin,hand=left"},
};

static inline void made_empty(struct run *run)
{
    fixture_setting(run);
    run->noise.before.jitter[SIDE_SENDER].lost_share = 0;
    run->noise.before.jitter[SIDE_RECEIVER].lost_share = 0;
    run->cells = calloc(MADE_CELLS_MOST, sizeof *run->cells);
    assert_non_null(run->cells);
}

static inline void made_option(struct run_cell *cell, const char *key, const char *value)
{
    struct run_option *option = NULL;
    for (size_t i = 0; i < cell->option_count; i++) {
        if (!strcmp(cell->options[i].key, key))
            option = &cell->options[i];
    }
    if (!option) {
        cell->options = realloc(cell->options, (cell->option_count + 1) * sizeof *cell->options);
        assert_non_null(cell->options);
        option = &cell->options[cell->option_count++];
        *option = (struct run_option){.key = fixture_text(key)};
    }
    free(option->text);
    option->text = fixture_text(value);
    option->is_number = !units_parse_bytes(value, &option->number, NULL);
}

static inline void made_options(struct run_cell *cell, const char *options)
{
    char *const copy = fixture_text(options);
    char *rest = copy;
    for (char *part; (part = strsep(&rest, ",")) && *part;) {
        char *const value = strchr(part, '=');
        assert_non_null(value);
        *value = '\0';
        made_option(cell, part, value + 1);
    }
    free(copy);
}

/* A cell without trials: "shm:sync=spin" has the other options as usual. */
static inline struct run_cell *made_cell(struct run *run, enum pattern pattern, const char *name,
                                         uint64_t bytes)
{
    struct text id = {0};
    char *const transport = fixture_text(name);
    char *const options = strchr(transport, ':');
    if (options)
        *options = '\0';
    assert_true(run->cell_count < MADE_CELLS_MOST);
    struct run_cell *const cell = &run->cells[run->cell_count++];
    text_append(&id, "%s/%s/%s/same-cache", pattern_name(pattern), name,
                units_bytes_exact(bytes).text);
    *cell = (struct run_cell){
        .id = fixture_text(text_string(&id)),
        .pattern = pattern,
        .transport = transport,
        .size_bytes = bytes,
        .placement = fixture_text("same-cache"),
        .cpus = {0, 1},
        .touch = TOUCH_ALL,
        .memory = fixture_text("local"),
        .status = TRIAL_INTERRUPTED,
    };
    text_free(&id);
    for (size_t i = 0; i < sizeof made_usual / sizeof made_usual[0]; i++) {
        if (!strcmp(made_usual[i].transport, transport))
            made_options(cell, made_usual[i].options);
    }
    if (options)
        made_options(cell, options + 1);
    return cell;
}

static uint64_t made_seed; /* so that no two cells have the same trials */

/* Eight trials within 1 % of this p50 or rate. */
static inline struct run_cell *made_measured(struct run *run, enum pattern pattern,
                                             const char *name, uint64_t bytes, double figure)
{
    struct run_cell *const cell = made_cell(run, pattern, name, bytes);
    made_trials(cell, &(struct made){8, figure, 0.01, ++made_seed % 1000});
    for (size_t i = 0; i < cell->trial_count; i++) {
        struct figures *const figures = &cell->trials[i].figures;
        if (pattern_is_latency(pattern))
            figures->rate_per_s = 1e9 / figures->p50_ns;
        figures->cpu_ns_per_message[SIDE_SENDER] = 0.1e9 / figures->rate_per_s;
        figures->cpu_ns_per_message[SIDE_RECEIVER] = 0.3e9 / figures->rate_per_s;
    }
    return cell;
}

static inline void made_skipped(struct run_cell *cell, enum trial_status status, const char *reason)
{
    cell->status = status;
    cell->reason = fixture_text(reason);
}

/* The file would have been summarised. */
static inline void made_findings(struct run *run, struct findings *findings)
{
    struct error error = {0};
    assert_int_equal(run_summarise(run, &error), 0);
    if (findings_make(run, findings, &error) != 0)
        fail_msg("%s", error.message);
}

static inline const struct belief_finding *belief_of(const struct findings *findings,
                                                     const char *part)
{
    for (size_t i = 0; i < findings->belief_count; i++) {
        if (strstr(findings->beliefs[i].belief, part))
            return &findings->beliefs[i];
    }
    fail_msg("no belief with '%s'", part);
    return NULL;
}

static inline const struct statement *statement_of(const struct findings *findings,
                                                   const char *topic)
{
    for (size_t i = 0; i < findings->statement_count; i++) {
        if (!strcmp(findings->statements[i].topic, topic))
            return &findings->statements[i];
    }
    return NULL;
}

static inline bool rests_on(const struct evidence *evidence, const struct run_cell *cell)
{
    for (size_t i = 0; i < evidence->count; i++) {
        if (evidence->cells[i] == cell)
            return true;
    }
    return false;
}

#endif
