/* The state file: what the values were, one change a line.
 *
 *     ipcbench-tuning 1 changing
 *     <previous> TAB <set> TAB <path below the root>
 *
 * "changing" until all changes are made, then "changed". */
#include "base/error.h"
#include "base/file.h"
#include "base/text.h"
#include "harness/tuning_parts.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

static const char changing_line[] = "ipcbench-tuning 1 changing";
static const char changed_line[] = "ipcbench-tuning 1 changed";

/* Splits "a\tb\tc" in place; false: not three parts. */
static bool split(char *line, char *parts[3])
{
    for (size_t i = 0; i < 3; i++) {
        parts[i] = line;
        line = i < 2 ? strchr(line, '\t') : NULL;
        if (i < 2 && !line)
            return false;
        if (line)
            *line++ = '\0';
    }
    return true;
}

static bool is_value(const char *text)
{
    return text[0] != '\0' && strlen(text) < TUNING_VALUE_BYTES;
}

static int read_entry(char *line, struct tuning_state *state, struct error *error)
{
    struct tuning_change change;
    char *parts[3];

    if (!split(line, parts) || !is_value(parts[0]) || !is_value(parts[1]))
        return error_plain(error, "expected 'previous TAB set TAB path'");
    if (strlen(parts[2]) >= sizeof change.path || !tuning_file_of(parts[2]))
        return error_plain(error, "%s belongs to no setting of ipcbench", parts[2]);
    strcpy(change.previous, parts[0]);
    strcpy(change.wanted, parts[1]);
    strcpy(change.path, parts[2]);
    return tuning_state_add(state, &change, error);
}

/* A last line without its newline was cut: its value may be half a number. */
static int read_state(char *content, struct tuning_state *state, struct error *error)
{
    int failed = 0;

    for (size_t number = 1; !failed && *content != '\0'; number++) {
        char *const newline = strchr(content, '\n');
        if (!newline)
            return error_plain(error, "line %zu: the line is cut off", number);
        *newline = '\0';
        if (number == 1 && strcmp(content, changing_line) == 0)
            state->changing = true;
        else if (number == 1 && strcmp(content, changed_line) != 0)
            failed = error_plain(error, "expected '%s'", changed_line);
        else if (number > 1)
            failed = read_entry(content, state, error);
        if (failed)
            error_prefix(error, "line %zu: ", number);
        content = newline + 1;
    }
    return failed;
}

int tuning_state_load(const char *state_path, struct tuning_state *state, struct error *error)
{
    struct text content = {0};

    *state = (struct tuning_state){0};
    if (access(state_path, F_OK) < 0 && errno == ENOENT)
        return 0;
    int failed = file_read(state_path, &content, error);
    if (!failed && (content.length == 0 || strlen(content.data) != content.length))
        failed = error_plain(error, "%s: not a state file of ipcbench", state_path);
    else if (!failed && (failed = read_state(content.data, state, error)))
        error_prefix(error, "%s: ", state_path);
    text_free(&content);
    if (failed)
        tuning_state_free(state);
    return failed;
}

int tuning_state_save(const char *state_path, const struct tuning_state *state, struct error *error)
{
    struct text content = {0};

    if (state->count == 0) {
        if (unlink(state_path) < 0 && errno != ENOENT)
            return error_system(error, errno, "removing %s", state_path);
        return 0;
    }
    text_append(&content, "%s\n", state->changing ? changing_line : changed_line);
    for (size_t i = 0; i < state->count; i++) {
        const struct tuning_change *const entry = &state->entries[i];
        text_append(&content, "%s\t%s\t%s\n", entry->previous, entry->wanted, entry->path);
    }
    const int failed = content.failed
                           ? error_system(error, ENOMEM, "writing %s", state_path)
                           : file_write_atomic(state_path, content.data, content.length, error);
    text_free(&content);
    return failed;
}

int tuning_state_add(struct tuning_state *state, const struct tuning_change *change,
                     struct error *error)
{
    struct tuning_change *const entries =
        realloc(state->entries, (state->count + 1) * sizeof *entries);

    if (!entries)
        return error_system(error, ENOMEM, "list of previous values");
    state->entries = entries;
    entries[state->count++] = *change;
    return 0;
}

void tuning_state_free(struct tuning_state *state)
{
    free(state->entries);
    *state = (struct tuning_state){0};
}

int tuning_state_lock(const char *state_path, int *lock, struct error *error)
{
    const char *const slash = strrchr(state_path, '/');
    struct text folder = {0};

    *lock = -1;
    const int failed = file_make_parents(state_path, error);
    if (failed)
        return failed;
    text_append_bytes(&folder, slash ? state_path : ".",
                      slash > state_path ? (size_t)(slash - state_path) : 1);
    *lock = open(text_string(&folder), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    text_free(&folder);
    if (*lock < 0)
        return error_system(error, errno, "opening the folder of %s", state_path);
    if (flock(*lock, LOCK_EX | LOCK_NB) == 0)
        return 0;
    const int code = errno;
    (void)close(*lock);
    *lock = -1;
    if (code == EWOULDBLOCK)
        return error_plain(error, "%s: another ipcbench is at it", state_path);
    return error_system(error, code, "locking the folder of %s", state_path);
}
