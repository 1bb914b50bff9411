#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/error.h"
#include "base/file.h"
#include "base/text.h"
#include "base/units.h"
#include "bench/command.h"
#include "bench/interrupt.h"
#include "bench/noise.h"
#include "bench/output.h"
#include "bench/session.h"
#include "bench/table.h"
#include "bench/version.h"
#include "results/baseline.h"
#include "results/json.h"

static char *time_now(const char *format)
{
    char text[64];
    const time_t now = time(NULL);
    struct tm utc;
    gmtime_r(&now, &utc);
    strftime(text, sizeof(text), format, &utc);
    return strdup(text);
}

static const char *const rfc3339 = "%Y-%m-%dT%H:%M:%SZ";

/* Where the result goes: as asked, or a name made of time and suite. "-" leaves it NULL. */
static int choose_output(struct session *session, struct error *error)
{
    const char *asked = session->config.output;
    struct text path = {0};
    if (asked && !strcmp(asked, "-"))
        return 0;
    if (asked) {
        text_append(&path, "%s", asked);
    } else {
        char *now = time_now("%Y%m%d-%H%M%S");
        text_append(&path, "results/runs/%s-%s.json", now ? now : "run",
                    session->config.suite->name);
        free(now);
    }
    if (path.failed)
        return error_system(error, ENOMEM, "output path");
    session->output = path.data;
    return file_make_parents(session->output, error);
}

/* What can be known before anything is measured. */
static int check_output(const char *output, struct error *error)
{
    struct stat existing;
    if (stat(output, &existing))
        return 0;
    if (!S_ISREG(existing.st_mode))
        return error_plain(error, "run: --output: %s is no regular file; - is standard output",
                           output);
    return access(output, W_OK) ? error_system(error, errno, "%s", output) : 0;
}

static int open_journal(struct session *session, struct error *error)
{
    struct text path = {0};
    if (!session->output)
        return 0;
    const int refused = session->resumed ? 0 : check_output(session->output, error);
    if (refused)
        return refused;
    text_append(&path, "%s.journal", session->output);
    const int failure =
        session->resumed
            ? journal_reopen(&session->journal, text_string(&path), &session->run, error)
            : journal_create(&session->journal, text_string(&path), &session->run, error);
    text_free(&path);
    return failure;
}

static int keep_arguments(struct run_request *request, int argc, char **argv)
{
    request->arguments = calloc((size_t)argc, sizeof(*request->arguments));
    if (!request->arguments)
        return -ENOMEM;
    for (int index = 1; index < argc; ++index) {
        if (!strncmp(argv[index], "--lockstep=", strlen("--lockstep=")))
            continue; /* means nothing later */
        request->arguments[request->argument_count] = strdup(argv[index]);
        if (!request->arguments[request->argument_count])
            return -ENOMEM;
        ++request->argument_count;
    }
    return 0;
}

/* A new run: the request, the machine, the bounds, the cells. */
static int describe_run(struct session *session, int argc, char **argv, struct error *error)
{
    struct run *run = &session->run;
    const struct plan *plan = &session->plan;
    run->status = RUN_INTERRUPTED; /* until it is complete */
    run->version = strdup(ipcbench_version);
    run->started_at = time_now(rfc3339);
    run->request.seed = session->config.seed;
    run->request.trials = plan->trials;
    run->request.timed_seconds = plan->timed_seconds;
    run->request.warmup_seconds = plan->warmup_seconds;
    run->request.precision = plan->precision;
    run->request.budget_seconds = plan->budget_seconds;
    run->request.cold = session->config.cold;
    run->request.cpus = plan->cpus;
    if (!run->version || !run->started_at || keep_arguments(&run->request, argc, argv))
        return error_system(error, ENOMEM, "run");
    int failure = machine_read(&run->machine, error);
    if (!failure)
        failure = plan_describe(plan, &session->config.registry, run, error);
    if (!failure)
        failure = bounds_measure(&plan->cpus, &session->clock, &run->bounds, error);
    run->clock = session->clock;
    return failure;
}

static int print_plan(const struct plan *plan)
{
    for (size_t index = 0; index < plan->count; ++index)
        printf("%s\n", plan->ids[index]);
    struct text places = {0};
    for (size_t index = 0; index < plan->placements.count; ++index) {
        const struct placement_choice *choice = &plan->placements.items[index];
        text_append(&places, index ? ", " : "");
        placement_describe(placement_name(choice->placement), &choice->cpus, &places);
        if (choice->objection.code)
            text_append(&places, " (not here)");
    }
    printf("%zu cells, %zu trials of %g s each: about %s on %s", plan->count, plan->trials,
           plan->timed_seconds, units_duration(plan_seconds(plan)).text, text_string(&places));
    if (plan->precision > 0)
        printf("; up to %s with the trials that ±%g %% takes",
               units_duration(plan->budget_seconds).text, plan->precision * 100);
    printf("\n");
    text_free(&places);
    return EXIT_FINE;
}

static bool has_failures(const struct run *run)
{
    for (size_t index = 0; index < run->cell_count; ++index) {
        const struct run_cell *cell = &run->cells[index];
        if (cell->status == TRIAL_FAILED || cell->status == TRIAL_INVALID ||
            cell->summary.trials_failed)
            return true;
    }
    return false;
}

/* Noise and clock once more, the summaries, the file or the JSON on standard output. */
static int finish(struct session *session, struct error *error)
{
    struct run *run = &session->run;
    noise_end(session);
    const bool interrupted = *interrupt_flag();
    if (!interrupted && !session->resumed) {
        struct error drift = {0};
        run->clock_drifted = clock_recheck(&session->clock, &drift) != 0;
        run->clock.drift_ppm = session->clock.drift_ppm;
    }
    run->status = interrupted ? RUN_INTERRUPTED : RUN_COMPLETE;
    run->elapsed_s = (double)(clock_monotonic_ns() - session->began_ns) / 1e9;
    free(run->finished_at);
    run->finished_at = time_now(rfc3339);
    int failure = run_summarise(run, error);
    if (failure || session->output)
        return failure ? failure : run_save(run, session->output, error);
    struct text json = {0};
    failure = run_write_json(run, &json, error);
    if (!failure)
        failure = output_write(&json, error);
    text_free(&json);
    return failure;
}

/* Only what is whole is worth comparing with. */
static int save_baseline(const struct session *session, struct error *error)
{
    struct text path = {0};
    if (!session->config.baseline || session->run.status == RUN_INTERRUPTED)
        return 0;
    int failure = baseline_path(&session->run.machine, session->config.baseline, &path, error);
    if (!failure)
        failure = run_save(&session->run, text_string(&path), error);
    if (!failure && session->output)
        printf("baseline: %s\n", text_string(&path));
    text_free(&path);
    return failure;
}

/* From the file as it was written: the same figures, to the last digit, as `show` prints. */
static int print_table(const char *path, struct error *error)
{
    struct run run;
    struct text table = {0};
    int failure = run_load(path, &run, error);
    if (failure)
        return failure;
    table_write(&run, &table);
    text_append(&table, "\nresult: %s\n", path);
    failure = output_write(&table, error);
    text_free(&table);
    run_free(&run);
    return failure;
}

/* Returns an exit status; the error is set for EXIT_USAGE. */
static int report(const struct session *session, struct error *error)
{
    const bool interrupted = session->run.status == RUN_INTERRUPTED;
    if (session->output && print_table(session->output, error))
        return EXIT_USAGE;
    if (save_baseline(session, error))
        return EXIT_USAGE;
    if (interrupted && session->output) {
        struct text command = {0};
        session_say_how_to_resume(session, &command);
        fprintf(stderr, "ipcbench: interrupted: what is complete is kept; go on with %s\n",
                text_string(&command));
        text_free(&command);
    }
    if (interrupted)
        return EXIT_INTERRUPTED;
    return has_failures(&session->run) ? EXIT_CELL_FAILED : EXIT_FINE;
}

/* Behind the reason: nothing measured is lost. */
static void say_what_is_kept(const struct session *session, struct error *error)
{
    const struct error reason = *error;
    struct text command = {0};
    session_say_how_to_resume(session, &command);
    error_plain(error, "%s; what is measured is kept: %s", reason.message, text_string(&command));
    error->code = reason.code;
    text_free(&command);
}

/* How far into the run its last trial began; 0 for a new one. A journal knows no total. */
static double seconds_measured(const struct run *run)
{
    double seconds = run->elapsed_s;
    for (size_t index = 0; index < run->cell_count; ++index) {
        const struct run_cell *cell = &run->cells[index];
        for (size_t trial = 0; trial < cell->trial_count; ++trial) {
            if (cell->trials[trial].started_s > seconds)
                seconds = cell->trials[trial].started_s;
        }
    }
    return seconds;
}

static int carry_out(struct session *session, int argc, char **argv, struct error *error)
{
    struct plan *plan = &session->plan;
    interrupt_catch();
    int failure = workspace_open(&session->workspace, plan->timed_seconds, error);
    if (failure)
        return failure;
    clock_choose(&session->clock);
    if (session->resumed && session->run.clock.kind == CLOCK_KIND_MONOTONIC)
        clock_distrust(&session->clock, session->run.clock.reason); /* as when the run began */
    session->began_ns = clock_monotonic_ns() - (uint64_t)(seconds_measured(&session->run) * 1e9);
    failure = session->resumed ? session_check_resumed(session, error)
                               : describe_run(session, argc, argv, error);
    if (!failure)
        failure = noise_begin(session, error);
    if (!failure)
        failure = choose_output(session, error);
    if (!failure)
        failure = open_journal(session, error);
    if (!failure)
        failure = session_measure(session, error);
    if (!failure)
        failure = finish(session, error);
    if (failure && session->journal.path)
        say_what_is_kept(session, error);
    journal_close(&session->journal, !failure);
    return failure;
}

static void session_free(struct session *session)
{
    workspace_close(&session->workspace);
    plan_free(&session->plan);
    config_free(&session->config);
    run_free(&session->run);
    free(session->output);
}

static int load_plugins(struct registry *registry, struct error *error)
{
    const int failure = registry_load(registry, error);
    if (failure)
        error_prefix(error, "run: ");
    return failure;
}

int run_verb(void *request, const struct command_words *words, struct error *error)
{
    struct session session = {
        .config = *(struct config *)request,
        .journal = {.fd = -1},
        .workspace = {.leftovers = {.guard = -1, .lifeline = -1}},
    };
    int status = EXIT_USAGE;
    *(struct config *)request = (struct config){0}; /* the session owns it now */
    int failure = config_check(&session.config, words, error);
    if (!failure && session.config.resume)
        failure = session_load(&session, session.config.resume, error);
    if (!failure)
        failure = load_plugins(&session.config.registry, error);
    if (!failure)
        failure = plan_make(&session.plan, &session.config, error);
    if (!failure && session.config.dry_run)
        status = print_plan(&session.plan);
    else if (!failure && !carry_out(&session, words->argc, words->argv, error))
        status = report(&session, error);
    session_free(&session);
    return status;
}
