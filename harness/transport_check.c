#include "harness/transport_check.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "harness/loop_run.h"
#include "harness/loops_memory.h"
#include "harness/transport.h"

/* As names of transports and options are typed: "uds-stream", "busy-poll". */
static bool is_word(const char *text, size_t most)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789-";
    return islower((unsigned char)text[0]) && text[strspn(text, letters)] == '\0' &&
           strlen(text) <= most;
}

/* Something to read, on one line, that a terminal can take. */
static bool is_line(const char *text)
{
    if (!text[0])
        return false;
    for (; *text; ++text) {
        if (iscntrl((unsigned char)*text))
            return false;
    }
    return true;
}

static int check_words(const struct transport *transport, struct error *error)
{
    const char *const name = transport->name;
    if (!name)
        return error_plain(error, "it has no name");
    if (!is_word(name, TRANSPORT_NAME_MOST))
        return error_plain(error,
                           "its name '%.40s' cannot be typed: a-z, then a-z, 0-9 and -, at most %d",
                           name, TRANSPORT_NAME_MOST);
    if (!strcmp(name, "all"))
        return error_plain(error, "its name is 'all', which means every transport");
    if (!transport->summary || !is_line(transport->summary) ||
        strlen(transport->summary) > TRANSPORT_SUMMARY_MOST)
        return error_plain(error, "%s: summary: one line of at most %d characters is needed", name,
                           TRANSPORT_SUMMARY_MOST);
    if ((unsigned)transport->family > FAMILY_OPERATION)
        return error_plain(error, "%s: there is no family %u", name, (unsigned)transport->family);
    if (transport->state_bytes > TRANSPORT_STATE_MOST_BYTES)
        return error_plain(error, "%s: state_bytes is %zu; at most %d (create maps what is larger)",
                           name, transport->state_bytes, TRANSPORT_STATE_MOST_BYTES);
    return 0;
}

/* "block|spin|poll": words, none twice, none empty. */
static int check_choices(const struct option_spec *spec, struct error *error)
{
    char choice[OPTION_TEXT_BYTES], other[OPTION_TEXT_BYTES];
    if (!spec->choices || !spec->choices[0])
        return error_plain(error, "option '%s': no choices", spec->key);
    static const char letters[] = /* sizes such as 4K; stride:N is followed by a number */
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-:|";
    if (spec->choices[strspn(spec->choices, letters)])
        return error_plain(error,
                           "option '%s': choices '%.60s': words of letters, 0-9 and - with |",
                           spec->key, spec->choices);
    for (const char *at = spec->choices; *at; at += at[0] == '|') {
        const size_t length = strcspn(at, "|");
        if (length == 0 || length >= OPTION_TEXT_BYTES || !strcmp(at + length, "|"))
            return error_plain(error, "option '%s': choices '%.60s': an empty or too long one",
                               spec->key, spec->choices);
        at += length;
    }
    for (size_t i = 0; options_choice_text(spec, i, choice); ++i) {
        for (size_t j = 0; j < i && options_choice_text(spec, j, other); ++j) {
            if (!strcmp(choice, other))
                return error_plain(error, "option '%s': choice '%s' is there twice", spec->key,
                                   choice);
        }
    }
    return 0;
}

static int check_number(const struct option_spec *spec, struct error *error)
{
    if (spec->choices)
        return error_plain(error, "option '%s': a number has no choices", spec->key);
    if (spec->maximum && spec->minimum > spec->maximum)
        return error_plain(error, "option '%s': its minimum is above its maximum", spec->key);
    return 0;
}

static int check_option(const struct transport *transport, size_t index, struct error *error)
{
    const struct option_spec *const spec = &transport->options[index];
    if (!spec->key || !is_word(spec->key, OPTION_TEXT_BYTES / 2))
        return error_plain(error, "option %zu: its key must be of a-z, 0-9 and -", index);
    for (size_t other = 0; other < index; ++other) {
        if (!strcmp(transport->options[other].key, spec->key))
            return error_plain(error, "option '%s' is there twice", spec->key);
    }
    if (!spec->meaning || !is_line(spec->meaning))
        return error_plain(error, "option '%s': its meaning must be one line", spec->key);
    if (!spec->default_value || !spec->default_value[0])
        return error_plain(error, "option '%s': no default", spec->key);
    if ((unsigned)spec->kind > OPTION_COUNT)
        return error_plain(error, "option '%s': there is no kind %u", spec->key,
                           (unsigned)spec->kind);
    return spec->kind == OPTION_CHOICE ? check_choices(spec, error) : check_number(spec, error);
}

/* The table, and the defaults that it gives. */
static int check_table(const struct transport *transport, struct options *defaults,
                       struct error *error)
{
    const size_t count = transport->option_count;
    if (count > OPTIONS_MAX)
        return error_plain(error, "%zu options; at most %d", count, OPTIONS_MAX);
    if (count && !transport->options)
        return error_plain(error, "%zu options without a table", count);
    for (size_t index = 0; index < count; ++index) {
        const int failure = check_option(transport, index, error);
        if (failure)
            return failure;
    }
    return options_parse(transport->options, count, NULL, defaults, error);
}

static int check_options(const struct transport *transport, struct options *defaults,
                         struct error *error)
{
    const int failure = check_table(transport, defaults, error);
    if (failure)
        error_prefix(error, "%s: ", transport->name);
    return failure;
}

static bool has_both(loop_function *const loops[TOUCH_KINDS])
{
    return loops[TOUCH_NONE] && loops[TOUCH_ALL];
}

static bool is_complete(const struct loop_set *loops)
{
    return has_both(loops->ping) && has_both(loops->pong) && has_both(loops->produce) &&
           has_both(loops->consume) && has_both(loops->paced) && has_both(loops->collect) &&
           has_both(loops->burst) && has_both(loops->answer) && loops->fill &&
           loops->verify_produce && loops->verify_consume;
}

static int check_loops(const struct transport *transport, const struct options *defaults,
                       struct error *error)
{
    const char *const name = transport->name;
    const struct loop_set *const loops = transport->loops(defaults);
    if (!loops || !is_complete(loops))
        return error_plain(error,
                           "%s: the hook 'loops' gives %s for its default options; use the macros "
                           "of loop_set.h",
                           name, loops ? "a set with loops missing" : "nothing");
    if (transport->crowd_most_bytes && transport->crowd_most_bytes(defaults) &&
        !(has_both(loops->crowd_produce) && has_both(loops->crowd_consume)))
        return error_plain(error,
                           "%s: 'crowd_most_bytes' allows several senders, and its loops do not: "
                           "use LOOP_SET_COPYING",
                           name);
    return 0;
}

static int check_memory_loops(const struct transport *transport, const struct options *defaults,
                              struct error *error)
{
    const struct memory_loops *const loops = transport->memory_loops(defaults);
    if (loops && loops->work)
        return 0;
    return error_plain(error,
                       "%s: the hook 'memory_loops' gives %s for its default options; use the "
                       "macros of loops_memory.h",
                       transport->name, loops ? "a set with loops missing" : "nothing");
}

static int check_hooks(const struct transport *transport, const struct options *defaults,
                       struct error *error)
{
    const char *const name = transport->name;
    const bool is_operation = transport->family == FAMILY_OPERATION;
    if (is_operation ? !transport->memory_loops : !transport->loops)
        return error_plain(error, "%s: the hook '%s' is missing", name,
                           is_operation ? "memory_loops" : "loops");
    if (is_operation && transport->loops)
        return error_plain(error, "%s: an operation on memory has no 'loops'", name);
    if (transport->create && !transport->destroy)
        return error_plain(error, "%s: it has 'create' and no 'destroy'", name);
    int failure = transport->loops ? check_loops(transport, defaults, error) : 0;
    if (!failure && transport->memory_loops)
        failure = check_memory_loops(transport, defaults, error);
    return failure;
}

int transport_check(const struct transport *transport, struct error *error)
{
    struct options defaults;
    if (transport->abi != TRANSPORT_ABI)
        return error_plain(error, "its struct transport says ABI %u; this ipcbench has %d",
                           transport->abi, TRANSPORT_ABI);
    int failure = check_words(transport, error);
    if (!failure)
        failure = check_options(transport, &defaults, error);
    return failure ? failure : check_hooks(transport, &defaults, error);
}
