#include "bench/plan.h"

#include <errno.h>
#include <regex.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "base/units.h"
#include "bench/config.h"
#include "bench/lists.h"
#include "transports/builtin.h"

/* Set-up, probes, verification and reaping of a trial, from experience. */
static const double trial_overhead_seconds = 0.025;

/* What is being expanded: one block with the command line's lists in place of its own. */
struct expansion {
    struct plan *plan;
    const struct config *config;
    const regex_t *filter; /* NULL: none */
    const struct suite_block *block;
};

/* What stands for a list not given beside -t: the suite then gives only its times. */
static const struct suite_block own_blocks[] = {{"all", "pingpong,stream", "64", "default"}, {0}};

static const char *chosen(const struct config *config, const struct text *given,
                          const char *otherwise)
{
    const bool own = config->transports.length > 0;
    return own && given->length ? text_string(given) : otherwise;
}

static char *cell_id(const struct plan *plan, const struct trial_request *request)
{
    struct text id = {0}, options = {0};
    char memory[MEMORY_POLICY_TEXT_BYTES];
    options_format(&request->options, &options);
    text_append(&id, "%s/%s%s%s/%s/%s", pattern_name(request->pattern), request->transport->name,
                options.length ? ":" : "", text_string(&options),
                units_bytes_exact(request->message_bytes).text, plan->placement);
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
    char **ids = realloc(plan->ids, capacity * sizeof(*ids));
    if (ids)
        plan->ids = ids;
    if (!requests || !ids)
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
        failure = parse_message_bytes(item.text, &bytes, error);
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

static int plan_add(const struct expansion *expansion, const struct trial_request *request,
                    struct error *error)
{
    struct plan *plan = expansion->plan;
    bool selected = true;
    const int failure = is_selected(expansion->config, request, &selected, error);
    if (failure || !selected)
        return failure;
    char *id = cell_id(plan, request);
    if (!id || plan_grow(plan)) {
        free(id);
        return error_system(error, ENOMEM, "plan");
    }
    if (plan_has(plan, id) ||
        (expansion->filter && regexec(expansion->filter, id, 0, NULL, 0) != 0)) {
        free(id);
        return 0;
    }
    plan->requests[plan->count] = *request;
    plan->ids[plan->count++] = id;
    return 0;
}

static int node_of(const struct topology *topology, int cpu)
{
    const struct cpu *known = topology_cpu(topology, cpu);
    return known ? known->node : 0;
}

/* Every pattern, size and idle policy for one transport with its options. */
static int expand_transport(const struct expansion *expansion, struct trial_request request,
                            struct error *error)
{
    const struct config *config = expansion->config;
    struct list patterns = list_of(chosen(config, &config->patterns, expansion->block->patterns));
    for (struct item pattern; list_next(&patterns, &pattern);) {
        int failure = pattern_parse(pattern.text, &request.pattern, error);
        struct list sizes = list_of(chosen(config, &config->sizes, expansion->block->sizes));
        for (struct item size; !failure && list_next(&sizes, &size);) {
            failure = parse_message_bytes(size.text, &request.message_bytes, error);
            struct list idles = list_of(chosen(config, &config->idles, expansion->block->idles));
            for (struct item idle; !failure && list_next(&idles, &idle);) {
                failure = idle_policy_parse(idle.text, &request.idle, error);
                if (!failure)
                    failure = plan_add(expansion, &request, error);
            }
        }
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
        for (size_t index = 0; !strcmp(item.text, "all") && index < transports_builtin_count;
             ++index) {
            const struct transport *transport = transports_builtin[index];
            request.transport = transport;
            int failure = options_parse(transport->options, transport->option_count, NULL,
                                        &request.options, error);
            if (!failure)
                failure = expand_transport(expansion, request, error);
            if (failure)
                return failure;
        }
        if (!strcmp(item.text, "all"))
            continue;
        int failure = parse_transport(item.text, &request.transport, &request.options, error);
        if (!failure)
            failure = expand_transport(expansion, request, error);
        if (failure)
            return failure;
    }
    return 0;
}

static int place(struct plan *plan, const struct config *config, struct error *error)
{
    int failure = topology_read("", &plan->topology, error);
    if (failure)
        return failure;
    plan->cpus = topology_default_pair(&plan->topology);
    if (config->cpus)
        failure = topology_parse_pair(&plan->topology, config->cpus, &plan->cpus, error);
    if (failure) {
        error_prefix(error, "run: --cpus: ");
        return failure;
    }
    const struct cpu *sender = topology_cpu(&plan->topology, plan->cpus.sender);
    const struct cpu *receiver = topology_cpu(&plan->topology, plan->cpus.receiver);
    if (!sender || !receiver)
        return error_plain(error, "run: no CPU found that this process may use");
    plan->placement = distance_name(topology_distance(sender, receiver));
    failure = memory_policy_parse(config->memory, &plan->memory, error);
    if (failure)
        error_prefix(error, "run: --mem: ");
    return failure;
}

static int expand(struct plan *plan, const struct config *config, const regex_t *filter,
                  struct error *error)
{
    const struct trial_request base = {
        .touch = config->touch,
        .cpus = plan->cpus,
        .sender_node = node_of(&plan->topology, plan->cpus.sender),
        .receiver_node = node_of(&plan->topology, plan->cpus.receiver),
        .memory = plan->memory,
        .warmup_seconds = plan->warmup_seconds,
        .timed_seconds = plan->timed_seconds,
    };
    const bool own = config->transports.length > 0;
    for (const struct suite_block *block = own ? own_blocks : config->suite->blocks;
         block->transports; ++block) {
        const struct expansion expansion = {plan, config, filter, block};
        const int failure = expand_block(&expansion, base, error);
        if (failure) {
            error_prefix(error, "run: ");
            return failure;
        }
    }
    if (!plan->count && config->filter)
        return error_plain(error, "run: nothing to measure: no cell matches '%s'; see --dry-run",
                           config->filter);
    if (!plan->count)
        return error_plain(error,
                           "run: nothing to measure: suite '%s' has no such cell; with -t you make "
                           "lists of your own",
                           config->suite->name);
    return 0;
}

int plan_make(struct plan *plan, const struct config *config, struct error *error)
{
    const struct suite *suite = config->suite;
    *plan = (struct plan){
        .trials = config->trials ? config->trials : suite->trials,
        .timed_seconds = config->timed_seconds > 0 ? config->timed_seconds : suite->timed_seconds,
        .warmup_seconds =
            config->warmup_seconds >= 0 ? config->warmup_seconds : suite->warmup_seconds,
    };
    const int failure = place(plan, config, error);
    if (failure)
        return failure;
    if (!config->filter)
        return expand(plan, config, NULL, error);
    regex_t filter;
    const int refused = regcomp(&filter, config->filter, REG_EXTENDED | REG_NOSUB);
    if (refused) {
        char reason[128];
        regerror(refused, &filter, reason, sizeof(reason));
        return error_plain(error, "run: --filter: '%s': %s", config->filter, reason);
    }
    const int result = expand(plan, config, &filter, error);
    regfree(&filter);
    return result;
}

void plan_free(struct plan *plan)
{
    for (size_t index = 0; index < plan->count; ++index)
        free(plan->ids[index]);
    free(plan->ids);
    free(plan->requests);
    topology_free(&plan->topology);
    *plan = (struct plan){0};
}

double plan_seconds(const struct plan *plan)
{
    return (double)(plan->count * plan->trials) *
           (plan->timed_seconds + plan->warmup_seconds + trial_overhead_seconds);
}
