/* Which cells a configuration asks for: its lists, or those of a suite, multiplied out. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "base/units.h"
#include "bench/config.h"
#include "bench/lists.h"
#include "bench/plan_parts.h"

/* Loads of paced and burst that are not given. */
static const char default_rates[] = "10k";
static const char default_bursts[] = "1,10,100,1000";

static const size_t message_most_bytes = 64 << 20;

/* What is being expanded: one block with the command line's lists in place of its own. */
struct expansion {
    struct plan *plan;
    const struct config *config;
    const struct suite_block *block;
    bool is_all;    /* a suite's "all": not this very transport was asked for */
    bool among_all; /* any "all": what the pattern does not take is left out */
};

/* More than this mechanism can carry on any machine? */
static bool is_beyond(const struct trial_request *request)
{
    struct message_limits limits = {0};
    return request->transport->limits &&
           !request->transport->limits(&request->options, &limits, NULL) && limits.is_fixed &&
           request->message_bytes > limits.maximum_bytes;
}

/* What stands for a list not given beside -t: the suite then gives only its times. */
static const struct suite_block own_blocks[] = {{"all", "pingpong,stream", "64", "default"}, {0}};
static const char own_operation_patterns[] = "memory";
static const char own_region_sizes[] = "16M";

static const char *either(const struct text *given, const char *otherwise)
{
    return given->length ? text_string(given) : otherwise;
}

/* A suite's block keeps its lists: those given cut it (is_selected). */
static const char *chosen(const struct config *config, const struct text *given,
                          const char *otherwise)
{
    return config->transports.length > 0 ? either(given, otherwise) : otherwise;
}

static const char *patterns_of(const struct expansion *expansion, const struct transport *transport)
{
    const struct config *config = expansion->config;
    const bool own = config->transports.length && !config->patterns.length;
    return own && !transport->loops && !expansion->among_all
               ? own_operation_patterns
               : chosen(config, &config->patterns, expansion->block->patterns);
}

static const char *sizes_of(const struct expansion *expansion, enum pattern pattern)
{
    const struct config *config = expansion->config;
    const bool own = config->transports.length && !config->sizes.length;
    return own && !pattern_has_messages(pattern)
               ? own_region_sizes
               : chosen(config, &config->sizes, expansion->block->sizes);
}

static int parse_size(const char *text, enum pattern pattern, size_t *bytes, struct error *error)
{
    return pattern_has_messages(pattern) ? parse_message_bytes(text, bytes, error)
                                         : parse_region_bytes(text, bytes, error);
}

static char *cell_id(const struct placement_choice *choice, const struct trial_request *request)
{
    struct text id = {0}, options = {0};
    char memory[MEMORY_POLICY_TEXT_BYTES];
    options_format(&request->options, &options);
    text_append(&id, "%s/%s%s%s/%s/", pattern_name(request->pattern), request->transport->name,
                options.length ? ":" : "", text_string(&options),
                units_bytes_exact(request->message_bytes).text);
    placement_format(choice, &id);
    if (pattern_has_burst(request->pattern))
        text_append(&id, "/burst=%llu", (unsigned long long)request->burst_messages);
    if (pattern_has_rate(request->pattern))
        text_append(&id, "/rate=%.15g", request->offered_per_s);
    if (request->crew.shares_channel)
        text_append(&id, "/senders=%zu/receivers=%zu", request->crew.senders,
                    request->crew.receivers);
    else if (request->crew.lanes)
        text_append(&id, "/pairs=%zu", request->crew.lanes);
    if (request->arrivals != ARRIVALS_CONSTANT)
        text_append(&id, "/arrivals=%s", arrivals_name(request->arrivals));
    if (request->idle != IDLE_DEFAULT)
        text_append(&id, "/idle=%s", idle_policy_name(request->idle));
    if (request->touch != TOUCH_ALL)
        text_append(&id, "/touch=none");
    if (request->memory.kind != MEMORY_LOCAL)
        text_append(&id, "/mem=%s", memory_policy_text(&request->memory, memory));
    text_free(&options);
    return id.failed ? NULL : id.data; /* ours from here on */
}

static bool plan_has(const struct plan *plan, const char *id)
{
    for (size_t index = 0; index < plan->count; ++index) {
        if (!strcmp(plan->ids[index], id))
            return true;
    }
    return false;
}

static int plan_grow(struct plan *plan)
{
    if (plan->count < plan->capacity)
        return 0;
    const size_t capacity = plan->capacity ? 2 * plan->capacity : 64;
    struct trial_request *requests = realloc(plan->requests, capacity * sizeof(*requests));
    if (requests)
        plan->requests = requests;
    size_t *choices = realloc(plan->choices, capacity * sizeof(*choices));
    if (choices)
        plan->choices = choices;
    char **ids = realloc(plan->ids, capacity * sizeof(*ids));
    if (ids)
        plan->ids = ids;
    if (!requests || !choices || !ids)
        return -ENOMEM;
    plan->capacity = capacity;
    return 0;
}

/* Without -t the other lists select from the suite: is this cell's pattern, size and idle policy among
 * those given? */
static int is_selected(const struct config *config, const struct trial_request *request,
                       bool *selected, struct error *error)
{
    bool pattern_is = !config->patterns.length, size_is = !config->sizes.length,
         idle_is = !config->idles.length;
    int failure = 0;
    struct list patterns = list_of(text_string(&config->patterns));
    for (struct item item; !failure && list_next(&patterns, &item);) {
        enum pattern pattern = PATTERN_PINGPONG;
        failure = pattern_parse(item.text, &pattern, error);
        pattern_is |= pattern == request->pattern;
    }
    struct list sizes = list_of(text_string(&config->sizes));
    for (struct item item; !failure && list_next(&sizes, &item);) {
        size_t bytes = 0;
        failure = parse_size(item.text, request->pattern, &bytes, error);
        size_is |= bytes == request->message_bytes;
    }
    struct list idles = list_of(text_string(&config->idles));
    for (struct item item; !failure && list_next(&idles, &item);) {
        enum idle_policy idle = IDLE_DEFAULT;
        failure = idle_policy_parse(item.text, &idle, error);
        idle_is |= idle == request->idle;
    }
    *selected = pattern_is && size_is && idle_is;
    return failure;
}

/* What several processes can do at once. */
static int check_crew(const struct trial_request *request, struct error *error)
{
    if (request->crew.shares_channel && request->pattern != PATTERN_STREAM)
        return error_plain(error,
                           "--senders, --receivers: not with %s: several on one channel only "
                           "stream; add -p stream",
                           pattern_name(request->pattern));
    if (request->crew.lanes && !pattern_has_messages(request->pattern))
        return error_plain(error,
                           "--pairs, --senders, --receivers: not with %s, which one process "
                           "measures",
                           pattern_name(request->pattern));
    if (request->crew.lanes && request->pattern == PATTERN_LOAD)
        return error_plain(error, "--pairs: not with load, which is the curve of one pair");
    if (request->crew.lanes && pattern_walks(request->pattern))
        return error_plain(error, "--pairs: not with %s, in which one process works at a time",
                           pattern_name(request->pattern));
    return 0;
}

/* A message that is passed on has to be written and read in the time there is; a working set has not. */
static int check_size(const struct trial_request *request, struct error *error)
{
    if (pattern_walks(request->pattern) || !pattern_has_messages(request->pattern) ||
        request->message_bytes <= message_most_bytes)
        return 0;
    return error_plain(error, "size '%s': 0 bytes to 64 MiB (pagewalk and linewalk: to 1 TiB)",
                       units_bytes_exact(request->message_bytes).text);
}

/* Of sizes that select from a suite and find nothing there: can there be such messages at all? */
static int check_sizes(const struct config *config, struct error *error)
{
    struct list sizes = list_of(text_string(&config->sizes));
    struct trial_request request = {.pattern = PATTERN_PINGPONG};
    int failure = 0;
    for (struct item item; !failure && list_next(&sizes, &item);) {
        failure = parse_message_bytes(item.text, &request.message_bytes, error);
        if (!failure)
            failure = check_size(&request, error);
    }
    return failure;
}

/* The cell of a request at one place. */
static int plan_add(const struct expansion *expansion, struct trial_request request,
                    size_t choice_index, struct error *error)
{
    struct plan *plan = expansion->plan;
    const struct placement_choice *choice = &plan->placements.items[choice_index];
    request.cpus = choice->cpus;
    request.sender_node = choice->sender_node;
    request.receiver_node = choice->receiver_node;
    if (plan->crews)
        request.crew = plan->crews[choice_index];
    char *id = cell_id(choice, &request);
    if (!id || plan_grow(plan)) {
        free(id);
        return error_system(error, ENOMEM, "plan");
    }
    if (plan_has(plan, id) || !filter_matches(&expansion->config->filter, id)) {
        free(id);
        return 0;
    }
    const int refused = check_crew(&request, error);
    if (refused) {
        free(id);
        return refused;
    }
    plan->requests[plan->count] = request;
    plan->choices[plan->count] = choice_index;
    plan->ids[plan->count++] = id;
    return 0;
}

/* One cell for each place. */
static int expand_places(const struct expansion *expansion, const struct trial_request *request,
                         struct error *error)
{
    bool selected = true;
    int failure = is_selected(expansion->config, request, &selected, error);
    for (size_t index = 0; !failure && selected && index < expansion->plan->placements.count;
         ++index)
        failure = plan_add(expansion, *request, index, error);
    return failure;
}

/* One place after the other, once or for each rate or burst where the pattern is measured at several. */
static int expand_loads(const struct expansion *expansion, struct trial_request request,
                        struct error *error)
{
    const struct config *config = expansion->config;
    const bool is_burst = pattern_has_burst(request.pattern);
    if (!is_burst && !pattern_has_rate(request.pattern))
        return expand_places(expansion, &request, error);
    const bool own = config->transports.length > 0;
    struct list loads =
        list_of(is_burst ? either(&config->bursts, own ? default_bursts : config->suite->bursts)
                         : either(&config->rates, default_rates));
    for (struct item load; list_next(&loads, &load);) {
        int failure = is_burst ? parse_burst(load.text, &request.burst_messages, error)
                               : parse_rate(load.text, &request.offered_per_s, error);
        if (!failure)
            failure = expand_places(expansion, &request, error);
        if (failure)
            return failure;
    }
    return 0;
}

/* Every size and idle policy of one pattern. */
static int expand_pattern(const struct expansion *expansion, struct trial_request request,
                          struct error *error)
{
    const struct config *config = expansion->config;
    struct list sizes = list_of(sizes_of(expansion, request.pattern));
    for (struct item size; list_next(&sizes, &size);) {
        int failure = parse_size(size.text, request.pattern, &request.message_bytes, error);
        if (!failure)
            failure = check_size(&request, error);
        if (!failure && expansion->is_all && is_beyond(&request))
            continue;
        struct list idles = list_of(chosen(config, &config->idles, expansion->block->idles));
        for (struct item idle; !failure && list_next(&idles, &idle);) {
            failure = idle_policy_parse(idle.text, &request.idle, error);
            if (!failure)
                failure = expand_loads(expansion, request, error);
        }
        if (failure)
            return failure;
    }
    return 0;
}

/* Every pattern for one transport with its options. */
static int expand_transport(const struct expansion *expansion, struct trial_request request,
                            struct error *error)
{
    const struct config *config = expansion->config;
    const enum touch touch = request.touch;
    struct list patterns = list_of(patterns_of(expansion, request.transport));
    for (struct item pattern; list_next(&patterns, &pattern);) {
        int failure = pattern_parse(pattern.text, &request.pattern, error);
        if (!failure && expansion->among_all &&
            transport_takes(request.transport, request.pattern, NULL))
            continue;
        if (!failure)
            failure = transport_takes(request.transport, request.pattern, error);
        request.touch = pattern_has_messages(request.pattern) ? touch : TOUCH_ALL;
        request.arrivals = pattern_has_rate(request.pattern) || request.pattern == PATTERN_LOAD
                               ? config->arrivals
                               : ARRIVALS_CONSTANT;
        if (!failure)
            failure = expand_pattern(expansion, request, error);
        if (failure)
            return failure;
    }
    return 0;
}

static int expand_all(const struct expansion *expansion, struct trial_request request,
                      struct error *error)
{
    struct expansion all = *expansion;
    all.is_all = !expansion->config->transports.length;
    all.among_all = true;
    const struct registry *const registry = &expansion->config->registry;
    for (size_t index = 0; index < registry_count(registry); ++index) {
        request.transport = registry_at(registry, index);
        int failure = options_parse(request.transport->options, request.transport->option_count,
                                    NULL, &request.options, error);
        if (!failure)
            failure = expand_transport(&all, request, error);
        if (failure)
            return failure;
    }
    return 0;
}

static int expand_block(const struct expansion *expansion, struct trial_request request,
                        struct error *error)
{
    struct list transports = list_of(
        chosen(expansion->config, &expansion->config->transports, expansion->block->transports));
    for (struct item item; list_next_transport(&transports, &item);) {
        int failure;
        if (!strcmp(item.text, "all")) {
            failure = expand_all(expansion, request, error);
        } else {
            failure = parse_transport(item.text, &expansion->config->registry, &request, error);
            if (!failure)
                failure = expand_transport(expansion, request, error);
        }
        if (failure)
            return failure;
    }
    return 0;
}

int plan_expand(struct plan *plan, const struct config *config, struct error *error)
{
    const struct trial_request base = {
        .touch = config->touch,
        .cold = config->cold,
        .memory = plan->memory,
        .warmup_seconds = plan->warmup_seconds,
        .timed_seconds = plan->timed_seconds,
    };
    const bool own = config->transports.length > 0;
    for (const struct suite_block *block = own ? own_blocks : config->suite->blocks;
         block->transports; ++block) {
        const struct expansion expansion = {plan, config, block, false, false};
        const int failure = expand_block(&expansion, base, error);
        if (failure) {
            error_prefix(error, "run: ");
            return failure;
        }
    }
    const int oversized = plan->count ? 0 : check_sizes(config, error);
    if (oversized) {
        error_prefix(error, "run: ");
        return oversized;
    }
    if (!plan->count && config->filter.text)
        return error_plain(error, "run: nothing to measure: no cell matches '%s'; see --dry-run",
                           config->filter.text);
    if (!plan->count)
        return error_plain(error,
                           "run: nothing to measure: suite '%s' has no such cell; with -t you make "
                           "lists of your own",
                           config->suite->name);
    return 0;
}
