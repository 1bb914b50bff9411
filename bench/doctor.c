#include "bench/doctor.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "bench/command.h"
#include "bench/commands.h"
#include "bench/output.h"
#include "harness/checkup.h"
#include "harness/tuning.h"
#include "results/checkup_json.h"

enum doctor_task { EXAMINE, TUNE, RESTORE };

struct doctor_request {
    enum doctor_task task;
    bool as_json;
    bool force;
    const char *names; /* of settings, with commas; NULL: those that are bad */
    const char *root;
    const char *state_path; /* NULL: below the root */
};

/* Exit status of what could be done, EXIT_USAGE of what could not. */
enum { EXIT_SOMETHING_BAD = 1, EXIT_NOT_ALL_RESTORED = 1 };

static int examine(const struct doctor_request *request, struct error *error)
{
    struct checkup checkup;
    struct text out = {0};
    int failure = checkup_run(request->root, &checkup, error);
    if (!failure && request->as_json)
        failure = checkup_write_json(&checkup, &out, error);
    else if (!failure)
        doctor_write(&checkup, doctor_columns(), &out);
    if (!failure)
        failure = output_write(&out, error);
    text_free(&out);
    if (failure)
        return EXIT_USAGE;
    return checkup_count(&checkup, CHECKUP_BAD) > 0 ? EXIT_SOMETHING_BAD : EXIT_FINE;
}

/* --- tuning -------------------------------------------------------------------------------------- */

static int plan_named(const struct doctor_request *request, struct tuning_plan *plan,
                      struct error *error)
{
    char *names = strdup(request->names);
    char *rest = NULL;
    if (!names)
        return error_system(error, ENOMEM, "names of settings");
    char *name = strtok_r(names, ",", &rest);
    int failure = name ? 0 : error_plain(error, "'%s' names no setting", request->names);
    for (; !failure && name; name = strtok_r(NULL, ",", &rest)) {
        const struct tuning_setting *setting;
        failure = tuning_find(name, &setting, error);
        if (!failure)
            failure = tuning_plan_add(request->root, setting, plan, error);
    }
    free(names);
    return failure;
}

/* Of what is bad, all that this process may change, and the names of the rest; where it may change
 * none of it, why not. */
static int plan_bad(const struct doctor_request *request, struct tuning_plan *plan,
                    struct text *forbidden_names, struct error *error)
{
    struct checkup checkup;
    struct tuning_plan forbidden = {0};
    int failure = checkup_run(request->root, &checkup, error);
    for (size_t index = 0; !failure && index < checkup.count; ++index) {
        const struct checkup_finding *finding = &checkup.findings[index];
        const struct tuning_setting *setting;
        if (finding->state != CHECKUP_BAD || !finding->setting ||
            tuning_find(finding->setting, &setting, NULL))
            continue;
        const size_t before = forbidden.count;
        failure =
            tuning_plan_add(request->root, setting, finding->tunable ? plan : &forbidden, error);
        if (forbidden.count > before)
            text_append(forbidden_names, " %s", setting->name);
    }
    if (!failure && plan->count == 0)
        failure = tuning_plan_check(request->root, &forbidden, error);
    tuning_plan_free(&forbidden);
    return failure;
}

static void write_changes(const struct tuning_plan *plan, const struct text *forbidden_names,
                          const char *state_path, struct text *out)
{
    for (size_t index = 0; index < plan->count; ++index) {
        const struct tuning_change *change = &plan->changes[index];
        text_append(out, "%s: %s -> %s\n", change->path, change->previous, change->wanted);
    }
    if (plan->count == 0)
        text_append(out, "nothing to change\n");
    else
        text_append(out, "previous values: %s; ipcbench doctor --restore puts them back\n",
                    state_path);
    if (forbidden_names->length > 0)
        text_append(out, "left as they are, since they may not be written:%s\n",
                    text_string(forbidden_names));
}

static int tune(const struct doctor_request *request, struct error *error)
{
    const struct tuning_place place = {.root = request->root, .state_path = request->state_path};
    struct tuning_plan plan = {0};
    struct text forbidden_names = {0};
    struct text out = {0};
    int failure = request->names ? plan_named(request, &plan, error)
                                 : plan_bad(request, &plan, &forbidden_names, error);
    if (!failure)
        failure = tuning_apply(&place, &plan, error);
    if (!failure) {
        write_changes(&plan, &forbidden_names, request->state_path, &out);
        failure = output_write(&out, error);
    }
    text_free(&out);
    text_free(&forbidden_names);
    tuning_plan_free(&plan);
    if (!failure)
        return EXIT_FINE;
    error_prefix(error, "doctor --tune: ");
    return EXIT_USAGE;
}

/* --- restoring ----------------------------------------------------------------------------------- */

static void write_restored(const struct tuning_restored *item, struct text *out)
{
    const struct tuning_change *change = &item->change;
    switch (item->outcome) {
    case TUNING_RESTORED:
        text_append(out, "%s: %s -> %s\n", change->path, item->found, change->previous);
        break;
    case TUNING_UNCHANGED:
        text_append(out, "%s: is %s already\n", change->path, change->previous);
        break;
    case TUNING_OVERWRITTEN:
        text_append(out, "%s: %s -> %s, though somebody else had changed it\n", change->path,
                    item->found, change->previous);
        break;
    case TUNING_LEFT:
        text_append(out,
                    "%s: left at %s: it was set to %s and somebody else has changed it; "
                    "before that it was %s\n",
                    change->path, item->found, change->wanted, change->previous);
        break;
    case TUNING_MISSING:
        text_append(out, "%s: is gone; it was %s\n", change->path, change->previous);
        break;
    case TUNING_FAILED:
        text_append(out, "%s: could not be put back to %s\n", change->path, change->previous);
        break;
    }
}

static int restore(const struct doctor_request *request, struct error *error)
{
    const struct tuning_place place = {.root = request->root, .state_path = request->state_path};
    struct tuning_report report;
    struct text out = {0};
    int failure = tuning_restore(&place, request->force, &report, error);
    for (size_t index = 0; index < report.count; ++index)
        write_restored(&report.items[index], &out);
    if (!failure && report.count == 0)
        text_append(&out, "nothing to restore: there is no %s\n", request->state_path);
    if (!failure && report.left > 0)
        text_append(&out, "%zu kept in %s; --restore --force puts them back all the same\n",
                    report.left, request->state_path);
    const bool left = report.left > 0;
    const int unwritten = output_write(&out, failure ? NULL : error);
    text_free(&out);
    tuning_report_free(&report);
    if (!failure && !unwritten)
        return left ? EXIT_NOT_ALL_RESTORED : EXIT_FINE;
    error_prefix(error, "doctor --restore: ");
    return EXIT_USAGE;
}

/* --- command line -------------------------------------------------------------------------------- */

static int choose_task(struct doctor_request *request, enum doctor_task task, struct error *error)
{
    if (request->task != EXAMINE && request->task != task)
        return error_plain(error, "--tune or --restore, not both");
    request->task = task;
    return 0;
}

static int take_tune(const char *value, void *member, struct error *error)
{
    struct doctor_request *const request = member;
    request->names = value[0] ? value : NULL;
    return choose_task(request, TUNE, error);
}

static int take_restore(const char *value, void *member, struct error *error)
{
    (void)value;
    return choose_task(member, RESTORE, error);
}

static int take_root(const char *value, void *member, struct error *error)
{
    (void)error;
    *(const char **)member = strcmp(value, "/") == 0 ? "" : value;
    return 0;
}

static int check_request(const struct doctor_request *request, struct error *error)
{
    if (request->as_json && request->task != EXAMINE)
        return error_plain(error, "doctor: --json goes with neither --tune nor --restore");
    if (request->force && request->task != RESTORE)
        return error_plain(error, "doctor: --force goes with --restore alone");
    if (request->state_path && request->task == EXAMINE)
        return error_plain(error, "doctor: --state goes with --tune or --restore");
    return 0;
}

static int carry_out(void *request, const struct command_words *words, struct error *error)
{
    (void)words;
    struct doctor_request *const wanted = request;
    struct text state_path = {0};
    if (check_request(wanted, error))
        return EXIT_USAGE;
    text_append(&state_path, "%s" TUNING_STATE_PATH, wanted->root);
    if (!wanted->state_path)
        wanted->state_path = text_string(&state_path);
    const int status = wanted->task == TUNE      ? tune(wanted, error)
                       : wanted->task == RESTORE ? restore(wanted, error)
                                                 : examine(wanted, error);
    text_free(&state_path);
    return status;
}

static void prepare(void *request)
{
    ((struct doctor_request *)request)->root = "";
}

static const struct command_choice settings[] = {
    {"governor", "performance"},
    {"boost", "off"},
    {"mqueue", "1024 messages of 64 KiB"},
    {"pipe-size", "1 MiB"},
    {"hugepages", "64 of 2 MiB, or more"},
    {"thp-shmem", "advise"},
    {"xsi-mq", "messages of 64 KiB, queues of 1 MiB"},
    {"socket-buffers", "4 MiB"},
    {0},
};

static const struct command_option options[] = {
    {.name = "json",
     .text = "all of it as JSON",
     .take = take_flag,
     .member = offsetof(struct doctor_request, as_json)},
    {.name = "tune",
     .value = "NAME,...",
     .value_optional = true,
     .is_list = true,
     .choices = settings,
     .text = "changes settings; without names those that are bad and can be changed here. All or "
             "none; the previous values are kept in a file first",
     .take = take_tune},
    {.name = "restore",
     .text = "puts back the previous values; those that somebody else has changed meanwhile only "
             "with --force",
     .take = take_restore},
    {.name = "force",
     .text = "with --restore: all the same",
     .take = take_flag,
     .member = offsetof(struct doctor_request, force)},
    {.name = "state",
     .value = "FILE",
     .text = "the previous values (" TUNING_STATE_PATH ")",
     .take = take_string,
     .member = offsetof(struct doctor_request, state_path)},
    {.name = "root",
     .value = "DIR",
     .text = "/proc, /sys and /dev below DIR, state there too: for tests",
     .take = take_root,
     .member = offsetof(struct doctor_request, root)},
};

const struct command command_doctor = {
    .name = "doctor",
    .summary = "what on this machine would disturb or limit measurements",
    .synopsis = "ipcbench doctor [--json]\n"
                "ipcbench doctor --tune [NAME,...]\n"
                "ipcbench doctor --restore [--force]",
    .about = "What on this machine would disturb or limit measurements, what it means for the "
             "numbers, and the command that would change it. Changes nothing unless asked to.",
    .options = options,
    .option_count = sizeof(options) / sizeof(options[0]),
    .statuses = "0 nothing is bad, or done; 1 something is bad, or not all was put back; 2 usage, "
                "or nothing could be done.",
    .examples = "ipcbench doctor\n"
                "ipcbench doctor --json | jq '.checks[] | select(.state == \"bad\")'\n"
                "sudo ipcbench doctor --tune\n"
                "sudo ipcbench doctor --tune mqueue,thp-shmem; sudo ipcbench doctor --restore",
    .request_bytes = sizeof(struct doctor_request),
    .prepare = prepare,
    .run = carry_out,
};
