#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "base/text.h"
#include "bench/session.h"
#include "results/json.h"

/* The journal is ahead of the file wherever both exist. */
static int load(const char *path, struct run *run, struct error *error)
{
    struct text journal = {0};
    text_append(&journal, "%s.journal", path);
    const int failure = access(text_string(&journal), F_OK) == 0
                            ? journal_load(text_string(&journal), run, error)
                            : run_load(path, run, error);
    text_free(&journal);
    return failure;
}

/* A result file comes from anywhere: what it names is never loaded, only what was typed now. */
static int check_plugins(const struct registry *named, const struct registry *typed,
                         struct error *error)
{
    if (named->path_count == typed->path_count)
        return 0;
    if (!named->path_count)
        return error_plain(error, "run: --resume: the run began without --plugin");
    return error_plain(error,
                       "run: --resume: the run began with --plugin %s%s; give it again, since a "
                       "file's word loads nothing",
                       named->paths[0], named->path_count > 1 ? " and others" : "");
}

int session_load(struct session *session, const char *path, struct error *error)
{
    struct run *run = &session->run;
    int failure = load(path, run, error);
    if (failure) {
        error_prefix(error, "run: --resume: ");
        return failure;
    }
    if (run->status != RUN_INTERRUPTED)
        return error_plain(error, "run: --resume: %s: this run is complete", path);
    const struct config given = session->config;
    const size_t count = run->request.argument_count;
    char **arguments = calloc(count + 2, sizeof(*arguments)); /* the verb in front, NULL behind */
    if (!arguments)
        return error_system(error, ENOMEM, "run: --resume");
    arguments[0] = "run";
    memcpy(arguments + 1, run->request.arguments, count * sizeof(*arguments));
    session->config.registry = (struct registry){0}; /* in `given` */
    config_free(&session->config);
    failure = config_parse(&session->config, (int)count + 1, arguments, error);
    free(arguments);
    if (!failure)
        failure = check_plugins(&session->config.registry, &given.registry, error);
    session->config.registry = given.registry; /* not loaded yet */
    session->config.seed = run->request.seed;
    session->config.output = path;
    session->config.dry_run = given.dry_run;
    if (given.baseline)
        session->config.baseline = given.baseline;
    session->resumed = true;
    return failure;
}

static int check_fact(const struct session *session, const struct machine *now, const char *group,
                      const char *key, struct error *error)
{
    const char *before = machine_text(&session->run.machine, group, key);
    const char *here = machine_text(now, group, key);
    if (!before || !here || !strcmp(before, here))
        return 0;
    return error_plain(error, "run: --resume: %s: the run began on '%s', this machine has '%s'",
                       key, before, here);
}

/* The same name may stand for other CPUs when other ones are allowed now. */
static int check_place(const struct session *session, size_t index, struct error *error)
{
    const struct run_cell *cell = &session->run.cells[index];
    const struct cpu_pair *planned = &session->plan.requests[index].cpus;
    if (!cell->trial_count || cpu_pair_equal(&cell->cpus, planned))
        return 0;
    return error_plain(error, "run: --resume: %s ran on CPUs %d and %d, planned are %d and %d",
                       cell->id, cell->cpus.sender, cell->cpus.receiver, planned->sender,
                       planned->receiver);
}

static int check_plugin(const struct session *session, size_t index, struct error *error)
{
    const struct run_cell *cell = &session->run.cells[index];
    const struct run_plugin *now =
        registry_origin(&session->config.registry, session->plan.requests[index].transport);
    if (run_plugin_same(cell->plugin, now))
        return 0;
    return error_plain(error, "run: --resume: %s: the run began with another %s", cell->id,
                       now ? now->path : cell->transport);
}

int session_check_resumed(const struct session *session, struct error *error)
{
    struct machine now;
    int failure = machine_read(&now, error);
    if (failure)
        return failure;
    failure = check_fact(session, &now, "cpu", "model", error);
    if (!failure)
        failure = check_fact(session, &now, "kernel", "release", error);
    if (!failure)
        failure = check_fact(session, &now, "build", "commit", error);
    machine_free(&now);
    const bool same_count = session->run.cell_count == session->plan.count;
    for (size_t index = 0; !failure && same_count && index < session->plan.count; ++index) {
        if (strcmp(session->run.cells[index].id, session->plan.ids[index]) != 0)
            failure = error_plain(error, "run: --resume: cell %zu is '%s', planned is '%s'", index,
                                  session->run.cells[index].id, session->plan.ids[index]);
        else
            failure = check_place(session, index, error);
        if (!failure)
            failure = check_plugin(session, index, error);
    }
    if (!failure && !same_count)
        failure = error_plain(error, "run: --resume: the file has %zu cells, planned are %zu",
                              session->run.cell_count, session->plan.count);
    return failure;
}

void session_say_how_to_resume(const struct session *session, struct text *out)
{
    const struct registry *const registry = &session->config.registry;
    text_append(out, "ipcbench run --resume %s", session->output);
    for (size_t index = 0; index < registry->plugin_count; ++index)
        text_append(out, " --plugin %s", registry->plugins[index].identity.path);
}
