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
#include "bench/registry.h"
#include "harness/trial.h"
#include "results/catalogue.h"

/* What is asked about: the largest that can be had where that is less. */
static const size_t ordinary_bytes = 64;
static const size_t ordinary_region_bytes = 4 << 20;

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

static void add_belief(const struct operation_belief *belief, struct catalogue_entry *entry)
{
    for (size_t index = 0; index < entry->belief_count; ++index) {
        if (entry->beliefs[index] == belief)
            return;
    }
    if (entry->belief_count < CATALOGUE_BELIEFS_MAX)
        entry->beliefs[entry->belief_count++] = belief;
}

/* Those of the default options, and of each value of one with the others at their defaults. */
static void collect_beliefs(const struct options *defaults, struct catalogue_entry *entry)
{
    const struct transport *transport = entry->transport;
    char value[OPTION_TEXT_BYTES];
    for (size_t option = 0; transport->belief && option < transport->option_count; ++option) {
        const struct option_spec *spec = &transport->options[option];
        struct options options = *defaults;
        for (size_t choice = 0;
             spec->kind == OPTION_CHOICE && options_choice_text(spec, choice, value); ++choice) {
            options.values[option] = choice;
            const struct operation_belief *const belief = transport->belief(&options);
            if (belief)
                add_belief(belief, entry);
        }
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
        .pattern = transport->loops ? PATTERN_PINGPONG : PATTERN_MEMORY,
        .message_bytes = transport->loops ? ordinary_bytes : ordinary_region_bytes,
        .cpus = *cpus,
    };
    int failure =
        options_parse(transport->options, transport->option_count, NULL, &request.options, error);
    if (failure)
        return failure;
    collect_beliefs(&request.options, entry);
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
    if (entry->plugin_path)
        text_append(out, "    from %s\n", entry->plugin_path);
    if (entry->objection.code)
        text_append(out, "    cannot run here: %s%s%s%s\n", entry->objection.message,
                    entry->objection.knob[0] ? " [" : "", entry->objection.knob,
                    entry->objection.knob[0] ? "]" : "");
    else if (transport->loops && entry->limits.maximum_bytes != UINT64_MAX)
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
    for (size_t index = 0; index < entry->belief_count; ++index)
        text_append(out, "    puts to the test: \"%s\"\n", entry->beliefs[index]->text);
}

static void write_entries(const struct catalogue_entry *entries, size_t count, struct text *out)
{
    for (size_t index = 0; index < count; ++index) {
        const bool is_operation = !entries[index].transport->loops;
        if (is_operation && (!index || entries[index - 1].transport->loops))
            text_append(out, "\nOperations on memory, measured with -p memory:\n\n");
        write_entry(&entries[index], out);
    }
}

static int write_list(const struct catalogue_entry *entries, size_t count, bool as_json,
                      struct error *error)
{
    struct text out = {0};
    int failure = 0;
    if (as_json)
        failure = catalogue_write_json(entries, count, &out, error);
    else
        write_entries(entries, count, &out);
    if (!failure)
        failure = output_write(&out, error);
    text_free(&out);
    return failure;
}

static int examine_all(const struct registry *registry, struct catalogue_entry *entries,
                       struct error *error)
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
    for (int operations = 0; operations <= 1; ++operations) { /* first what moves messages */
        for (size_t index = 0; !failure && index < registry_count(registry); ++index) {
            const struct transport *const transport = registry_at(registry, index);
            const struct run_plugin *const origin = registry_origin(registry, transport);
            if ((transport->loops ? 0 : 1) != operations)
                continue;
            failure = examine(transport, &cpus, &workspace, entries, error);
            entries++->plugin_path = origin ? origin->path : NULL;
        }
    }
    workspace_close(&workspace);
    return failure;
}

static int list(const struct registry *registry, bool as_json, struct error *error)
{
    struct catalogue_entry *entries = calloc(registry_count(registry), sizeof(*entries));
    if (!entries)
        return error_system(error, ENOMEM, "list");
    int failure = examine_all(registry, entries, error);
    if (!failure)
        failure = write_list(entries, registry_count(registry), as_json, error);
    free(entries);
    return failure;
}

struct list_request {
    bool as_json;
    struct registry registry;
};

static int list_transports(void *request, const struct command_words *words, struct error *error)
{
    (void)words;
    struct list_request *const wanted = request;
    int failure = registry_load(&wanted->registry, error);
    if (failure)
        error_prefix(error, "list: ");
    else
        failure = list(&wanted->registry, wanted->as_json, error);
    return failure ? EXIT_USAGE : EXIT_FINE;
}

static void release(void *request)
{
    registry_free(&((struct list_request *)request)->registry);
}

static const struct command_option options[] = {
    {.name = "json", .text = "all of it as JSON", .take = take_flag},
    REGISTRY_PLUGIN_OPTION(offsetof(struct list_request, registry)),
};

const struct command command_list = {
    .name = "list",
    .summary = "the transports, their options and limits, and whether they can run here",
    .synopsis = "ipcbench list [--json] [--plugin FILE]",
    .about = "Every transport with its options, its limits as they stand on this machine, and "
             "whether it can run here; if not, why, and in brackets what would change it.",
    .options = options,
    .option_count = sizeof(options) / sizeof(options[0]),
    .statuses = "0 fine, 2 usage or file error.",
    .examples = "ipcbench list\n"
                "ipcbench list --json | jq '.transports[] | select(.available | not)'",
    .request_bytes = sizeof(struct list_request),
    .release = release,
    .run = list_transports,
};
