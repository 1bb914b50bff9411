/* ipcbench list: what could be measured here. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "base/units.h"
#include "bench/command.h"
#include "bench/commands.h"
#include "bench/output.h"
#include "harness/trial.h"
#include "results/catalogue.h"
#include "transports/builtin.h"

/* What is asked about: the largest that can be had where that is less. */
static const size_t ordinary_bytes = 64;

/* As part of the value of a choice that takes one ("stride:N"), else 0. */
static uint64_t smallest_number(const struct option_spec *spec, const char *choice)
{
    const size_t length = strlen(choice);
    return length > 2 && !strcmp(choice + length - 2, ":N") ? spec->minimum << OPTION_CHOICE_BITS
                                                            : 0;
}

/* Each value of one option that cannot be had here, the others at their defaults. */
static void examine_choices(struct trial_request request, size_t option,
                            struct workspace *workspace, struct catalogue_entry *entry)
{
    const struct option_spec *spec = &request.transport->options[option];
    char value[OPTION_TEXT_BYTES];
    for (size_t choice = 0;
         spec->kind == OPTION_CHOICE && entry->refusal_count < CATALOGUE_REFUSALS_MAX &&
         options_choice_text(spec, choice, value);
         ++choice) {
        struct catalogue_refusal *refusal = &entry->refusals[entry->refusal_count];
        *refusal = (struct catalogue_refusal){.option = spec};
        request.options.values[option] = choice | smallest_number(spec, value);
        if (!trial_check(&request, workspace, &refusal->objection))
            continue;
        snprintf(refusal->value, sizeof(refusal->value), "%s",
                 options_value_text(&request.options, option, value));
        ++entry->refusal_count;
    }
}

/* Fills in what this machine says about one transport with its default options. */
static int examine(const struct transport *transport, const struct cpu_pair *cpus,
                   struct workspace *workspace, struct catalogue_entry *entry, struct error *error)
{
    *entry = (struct catalogue_entry){
        .transport = transport,
        .limits = {.minimum_bytes = 1, .maximum_bytes = UINT64_MAX},
    };
    struct trial_request request = {
        .transport = transport,
        .message_bytes = ordinary_bytes,
        .cpus = *cpus,
    };
    int failure =
        options_parse(transport->options, transport->option_count, NULL, &request.options, error);
    if (failure)
        return failure;
    failure = transport->limits
                  ? transport->limits(&request.options, &entry->limits, &entry->objection)
                  : 0;
    if (request.message_bytes > entry->limits.maximum_bytes)
        request.message_bytes = (size_t)entry->limits.maximum_bytes;
    if (!failure)
        failure = trial_check(&request, workspace, &entry->objection);
    for (size_t option = 0; !failure && option < transport->option_count; ++option)
        examine_choices(request, option, workspace, entry);
    return 0;
}

static void write_refusals(const struct catalogue_entry *entry, const struct option_spec *spec,
                           struct text *out)
{
    for (size_t index = 0; index < entry->refusal_count; ++index) {
        const struct catalogue_refusal *refusal = &entry->refusals[index];
        if (refusal->option == spec)
            text_append(out, "        not here: %s: %s [%s]\n", refusal->value,
                        refusal->objection.message, refusal->objection.knob);
    }
}

static void write_entry(const struct catalogue_entry *entry, struct text *out)
{
    const struct transport *transport = entry->transport;
    text_append(out, "%-14s %s\n", transport->name, transport->summary);
    if (entry->objection.code)
        text_append(out, "    cannot run here: %s%s%s%s\n", entry->objection.message,
                    entry->objection.knob[0] ? " [" : "", entry->objection.knob,
                    entry->objection.knob[0] ? "]" : "");
    else if (entry->limits.maximum_bytes != UINT64_MAX)
        text_append(out, "    messages of %s to %s [%s]\n",
                    units_bytes(entry->limits.minimum_bytes).text,
                    units_bytes(entry->limits.maximum_bytes).text, entry->limits.knob);
    for (size_t index = 0; index < transport->option_count; ++index) {
        const struct option_spec *spec = &transport->options[index];
        text_append(out, "    %s=%s (%s)\n        %s\n", spec->key,
                    spec->choices                ? spec->choices
                    : spec->kind == OPTION_BYTES ? "BYTES"
                                                 : "N",
                    spec->default_value, spec->meaning);
        write_refusals(entry, spec, out);
    }
}

static int write_list(const struct catalogue_entry *entries, size_t count, bool as_json,
                      struct error *error)
{
    struct text out = {0};
    int failure = 0;
    if (as_json)
        failure = catalogue_write_json(entries, count, &out, error);
    for (size_t index = 0; !as_json && index < count; ++index)
        write_entry(&entries[index], &out);
    if (!failure)
        failure = output_write(&out, error);
    text_free(&out);
    return failure;
}

static int examine_all(struct catalogue_entry *entries, struct error *error)
{
    struct workspace workspace;
    struct topology topology;
    int failure = topology_read("", &topology, error);
    if (failure)
        return failure;
    const struct cpu_pair cpus = topology_default_pair(&topology);
    topology_free(&topology);
    failure = workspace_open(&workspace, 0, error);
    if (failure)
        return failure;
    for (size_t index = 0; !failure && index < transports_builtin_count; ++index)
        failure = examine(transports_builtin[index], &cpus, &workspace, &entries[index], error);
    workspace_close(&workspace);
    return failure;
}

static int list(bool as_json, struct error *error)
{
    struct catalogue_entry *entries = calloc(transports_builtin_count, sizeof(*entries));
    if (!entries)
        return error_system(error, ENOMEM, "list");
    int failure = examine_all(entries, error);
    if (!failure)
        failure = write_list(entries, transports_builtin_count, as_json, error);
    free(entries);
    return failure;
}

struct list_request {
    bool as_json;
};

static int list_transports(void *request, const struct command_words *words, struct error *error)
{
    (void)words;
    const struct list_request *const wanted = request;
    return list(wanted->as_json, error) ? EXIT_USAGE : EXIT_FINE;
}

static const struct command_option options[] = {
    {.name = "json", .text = "all of it as JSON", .take = take_flag},
};

const struct command command_list = {
    .name = "list",
    .summary = "the transports, their options and limits, and whether they can run here",
    .synopsis = "ipcbench list [--json]",
    .about = "Every transport with its options, its limits as they stand on this machine, and "
             "whether it can run here; if not, why, and in brackets what would change it.",
    .options = options,
    .option_count = sizeof(options) / sizeof(options[0]),
    .statuses = "0 fine, 2 usage or file error.",
    .examples = "ipcbench list\n"
                "ipcbench list --json | jq '.transports[] | select(.available | not)'",
    .request_bytes = sizeof(struct list_request),
    .run = list_transports,
};
