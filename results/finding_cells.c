#include "results/finding_cells.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "base/units.h"
#include "results/run.h"

/* --- names ------------------------------------------------------------------------------------- */

/* The second part of the id, between slashes: [start, end). */
static const char *name_in_id(const struct run_cell *cell, size_t *length)
{
    const char *const slash = strchr(cell->id, '/');
    *length = slash ? strcspn(slash + 1, "/") : 0;
    return slash ? slash + 1 : "";
}

struct finding_name finding_name(const struct run_cell *cell)
{
    struct finding_name name;
    size_t length;
    const char *start = name_in_id(cell, &length);
    if (!length) {
        start = cell->transport;
        length = strlen(start);
    }
    if (length < sizeof(name.text)) {
        snprintf(name.text, sizeof(name.text), "%.*s", (int)length, start);
    } else {
        size_t kept = sizeof(name.text) - 4;
        while (kept && ((unsigned char)start[kept] & 0xc0) == 0x80)
            --kept; /* not within a character */
        snprintf(name.text, sizeof(name.text), "%.*s...", (int)kept, start);
    }
    text_clean(name.text);
    return name;
}

bool finding_is_yardstick(const struct run_cell *cell)
{
    return !strcmp(cell->transport, "null");
}

/* --- alike ------------------------------------------------------------------------------------- */

static bool same_crew(const struct run_crew *a, const struct run_crew *b)
{
    if (!a || !b)
        return a == b;
    return a->pairs == b->pairs && a->senders == b->senders && a->receivers == b->receivers &&
           a->oversubscribed == b->oversubscribed;
}

bool finding_alike_but_size(const struct run_cell *a, const struct run_cell *b)
{
    return a->pattern == b->pattern && !strcmp(a->placement, b->placement) &&
           cpu_pair_equal(&a->cpus, &b->cpus) && a->rate_per_s == b->rate_per_s &&
           a->burst_messages == b->burst_messages && a->arrivals == b->arrivals &&
           a->idle == b->idle && a->touch == b->touch && !strcmp(a->memory, b->memory) &&
           same_crew(a->crew, b->crew);
}

bool finding_alike(const struct run_cell *a, const struct run_cell *b)
{
    return a->size_bytes == b->size_bytes && finding_alike_but_size(a, b);
}

/* --- options ----------------------------------------------------------------------------------- */

const char *finding_option(const struct run_cell *cell, const char *key)
{
    for (size_t index = 0; index < cell->option_count; ++index) {
        if (!strcmp(cell->options[index].key, key))
            return cell->options[index].text;
    }
    return NULL;
}

bool finding_is_usual(const struct run_cell *cell, const char *key)
{
    size_t length;
    const char *const name = name_in_id(cell, &length);
    const size_t key_length = strlen(key);
    for (size_t at = 1; at + key_length < length; ++at) {
        if ((name[at - 1] == ':' || name[at - 1] == ',') && name[at + key_length] == '=' &&
            !strncmp(name + at, key, key_length))
            return false;
    }
    return true;
}

static bool option_is(const struct run_cell *cell, const char *key, const char *value)
{
    const char *const text = finding_option(cell, key);
    return text && !strcmp(text, value);
}

bool finding_spins(const struct run_cell *cell)
{
    static const char *const spinning[][2] = {
        {"wait", "spin"},   {"sync", "spin"},      {"sync", "rwlock"},     {"sync", "spinlock"},
        {"notice", "spin"}, {"sqpoll", "own-cpu"}, {"sqpoll", "free-cpu"},
    };
    for (size_t index = 0; index < sizeof(spinning) / sizeof(spinning[0]); ++index) {
        if (option_is(cell, spinning[index][0], spinning[index][1]))
            return true;
    }
    /* One from outside this tree says it otherwise: by never giving up its CPU, where it is known
     * how often it did. */
    return cell->pattern == PATTERN_PINGPONG && cell->trial_count > 0 &&
           cell->trials[0].result.sides[SIDE_RECEIVER].messages > 0 &&
           cell->summary.switches_per_message[SIDE_RECEIVER] < 0.05 &&
           !finding_option(cell, "wait") && !finding_option(cell, "sync");
}

/* --- specifications ---------------------------------------------------------------------------- */

/* One "key=value|value" or "key>=bytes" of an alternative. */
struct condition {
    const char *key;
    size_t key_length;
    bool at_least;
    const char *values;
    size_t values_length;
};

/* The next condition at `*at`, which is behind ':' or ','; false at the end of the alternative. */
static bool next_condition(const char **at, struct condition *condition)
{
    const char *const start = *at;
    if (*start != ':' && *start != ',')
        return false;
    condition->key = start + 1;
    condition->key_length = strcspn(condition->key, "=>");
    const char *values = condition->key + condition->key_length;
    condition->at_least = *values == '>';
    condition->values = values + (condition->at_least ? 2 : 1);
    condition->values_length = strcspn(condition->values, ", ");
    *at = condition->values + condition->values_length;
    return true;
}

static bool is_among(const char *text, const char *values, size_t length)
{
    const size_t wanted = strlen(text);
    for (size_t at = 0; at <= length;) {
        size_t part = 0;
        while (at + part < length && values[at + part] != '|')
            ++part;
        if ((part == 1 && values[at] == '*') ||
            (part == wanted && !strncmp(values + at, text, part)))
            return true;
        at += part + 1;
    }
    return false;
}

static bool is_key(const struct condition *condition, const char *key)
{
    return condition->key_length == strlen(key) &&
           !strncmp(condition->key, key, condition->key_length);
}

static bool is_at_least(uint64_t value, const struct condition *condition)
{
    char bytes[24];
    uint64_t least;
    snprintf(bytes, sizeof(bytes), "%.*s", (int)condition->values_length, condition->values);
    return !units_parse_bytes(bytes, &least, NULL) && value >= least;
}

/* What no transport has an option for: the cell's own pattern and size. */
static bool meets(const struct run_cell *cell, const struct condition *condition)
{
    if (is_key(condition, "pattern"))
        return is_among(pattern_name(cell->pattern), condition->values, condition->values_length);
    if (is_key(condition, "size"))
        return is_at_least(cell->size_bytes, condition);
    for (size_t index = 0; index < cell->option_count; ++index) {
        const struct run_option *const option = &cell->options[index];
        if (!is_key(condition, option->key))
            continue;
        if (!condition->at_least)
            return is_among(option->text, condition->values, condition->values_length);
        return option->is_number && is_at_least(option->number, condition);
    }
    return false;
}

static bool matches(const struct run_cell *cell, const char *alternative)
{
    const size_t name_length = strcspn(alternative, ": ");
    const char *at = alternative + name_length;
    struct condition condition;
    if (strlen(cell->transport) != name_length ||
        strncmp(cell->transport, alternative, name_length) != 0)
        return false;
    while (next_condition(&at, &condition)) {
        if (!meets(cell, &condition))
            return false;
    }
    return true;
}

const char *finding_match(const struct run_cell *cell, const char *specification)
{
    for (const char *at = specification; *at; at += strspn(at, " ")) {
        if (matches(cell, at))
            return at;
        at += strcspn(at, " ");
    }
    return NULL;
}

/* A least value leaves it open which; it must still be the same on both sides. */
static bool names_option(const char *alternative, const char *key)
{
    const char *at = alternative + strcspn(alternative, ": ");
    struct condition condition;
    while (next_condition(&at, &condition)) {
        if (!condition.at_least && strlen(key) == condition.key_length &&
            !strncmp(key, condition.key, condition.key_length))
            return true;
    }
    return false;
}

/* What `a` has over what the alternatives name is the same in b, or, where b has no such thing, what
 * it usually is. */
static bool options_fit(const struct run_cell *a, const struct run_cell *b,
                        const char *alternative_a, const char *alternative_b)
{
    for (size_t index = 0; index < a->option_count; ++index) {
        const char *const key = a->options[index].key;
        if (names_option(alternative_a, key) || names_option(alternative_b, key))
            continue;
        const char *const other = finding_option(b, key);
        if (other ? strcmp(other, a->options[index].text) != 0 : !finding_is_usual(a, key))
            return false;
    }
    return true;
}

bool finding_comparable(const struct run_cell *a, const char *alternative_a,
                        const struct run_cell *b, const char *alternative_b)
{
    return finding_alike(a, b) && finding_spins(a) == finding_spins(b) &&
           options_fit(a, b, alternative_a, alternative_b) &&
           options_fit(b, a, alternative_b, alternative_a);
}

/* --- words ------------------------------------------------------------------------------------- */

static void write_pattern(const struct run_cell *cell, const char *size, struct text *out)
{
    switch (cell->pattern) {
    case PATTERN_PINGPONG:
        text_append(out, "round trips of %s", size);
        break;
    case PATTERN_ONEWAY:
        text_append(out, "single messages of %s", size);
        break;
    case PATTERN_BURST:
        text_append(out, "bursts of %llu x %s", (unsigned long long)cell->burst_messages, size);
        break;
    case PATTERN_PACED:
        text_append(out, "messages of %s at %s", size, units_rate(cell->rate_per_s).text);
        break;
    case PATTERN_LOAD:
        text_append(out, "messages of %s under load", size);
        break;
    case PATTERN_STREAM:
        text_append(out, "streams of %s", size);
        break;
    case PATTERN_PAGEWALK:
        text_append(out, "loads at random pages of %s", size);
        break;
    case PATTERN_LINEWALK:
        text_append(out, "loads at random lines of %s", size);
        break;
    case PATTERN_MEMORY:
        text_append(out, "operations on %s of memory", size);
        break;
    }
}

void finding_write_setting(const struct run_cell *cell, struct text *out)
{
    char placement[40], memory[40];
    snprintf(placement, sizeof(placement), "%s", cell->placement);
    snprintf(memory, sizeof(memory), "%s", cell->memory);
    text_clean(placement);
    text_clean(memory);
    write_pattern(cell, units_bytes(cell->size_bytes).text, out);
    if (cell->arrivals == ARRIVALS_POISSON)
        text_append(out, ", Poisson arrivals");
    if (cell->crew && cell->crew->pairs)
        text_append(out, ", %zu pairs at once", cell->crew->pairs);
    else if (cell->crew)
        text_append(out, ", %zu senders and %zu receivers", cell->crew->senders,
                    cell->crew->receivers);
    if (cell->touch != TOUCH_ALL)
        text_append(out, ", payload not touched");
    if (strcmp(memory, "local") != 0)
        text_append(out, ", memory %s", memory);
    if (cell->idle == IDLE_POLL)
        text_append(out, ", idle CPUs kept awake");
    text_append(out, " (%s)", placement);
}
