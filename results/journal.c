/* The journal's lines:
 *     {"run": <the document, its cells without trials>}
 *     {"cell": "<id>", "trial": <trial>}
 *     {"cell": "<id>", "status": "skipped", "reason": "...", "knob": "..."} */
#include "results/journal.h"

#include "base/file.h"
#include "base/text.h"
#include "results/json.h"
#include "results/json_parts.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Appends the finished tree as one line. */
static int print_line(cJSON *tree, const struct json_writer *writer, struct text *out,
                      struct error *error)
{
    char *const printed = writer->failed ? NULL : cJSON_PrintUnformatted(tree);

    cJSON_Delete(tree);
    if (printed)
        text_append(out, "%s\n", printed);
    cJSON_free(printed);
    return !printed || out->failed ? error_system(error, ENOMEM, "writing a journal line") : 0;
}

static int print_run(const struct run *run, struct text *out, struct error *error)
{
    struct json_writer writer = {0};
    cJSON *const line = cJSON_CreateObject();

    json_add(&writer, line, "run", json_write_run(&writer, run, JSON_WITHOUT_TRIALS));
    return print_line(line, &writer, out, error);
}

static int print_outcome(const struct run_cell *cell, const struct run_trial *trial,
                         struct text *out, struct error *error)
{
    struct json_writer writer = {0};
    cJSON *const line = cJSON_CreateObject();

    json_add(&writer, line, "cell", json_text(cell->id));
    if (trial)
        json_add(&writer, line, "trial", json_write_trial(&writer, cell->pattern, trial));
    else
        json_write_status(&writer, line, cell);
    return print_line(line, &writer, out, error);
}

static int print_journal(const struct run *run, struct text *out, struct error *error)
{
    int failed = print_run(run, out, error);

    for (size_t c = 0; c < run->cell_count && !failed; c++) {
        const struct run_cell *const cell = &run->cells[c];
        for (size_t t = 0; t < cell->trial_count && !failed; t++)
            failed = print_outcome(cell, &cell->trials[t], out, error);
    }
    return failed;
}

/* All or nothing: half a line, left by a full disk, would spoil those that follow. Returns an
 * errno.
 */
static int write_whole(const struct journal *journal, const char *data, size_t bytes)
{
    struct stat before = {0};
    size_t written = 0;
    int code = fstat(journal->fd, &before) < 0 ? errno : 0;

    while (code == 0 && written < bytes) {
        const ssize_t step = write(journal->fd, data + written, bytes - written);
        if (step > 0)
            written += (size_t)step;
        else if (step == 0)
            code = EIO;
        else if (errno != EINTR)
            code = errno;
    }
    if (code != 0 && written > 0 && ftruncate(journal->fd, before.st_size) < 0)
        return errno;
    return code;
}

static int append_text(const struct journal *journal, const struct text *text, struct error *error)
{
    const int code = write_whole(journal, text->data, text->length);
    if (code)
        return error_system(error, code, "journal %s: writing %zu bytes", journal->path,
                            text->length);
    /* EINVAL: what lies there has nothing to flush. */
    if (fdatasync(journal->fd) < 0 && errno != EINVAL)
        return error_system(error, errno, "journal %s: flushing to disk", journal->path);
    return 0;
}

static int open_failure(const char *path, int code, struct error *error)
{
    if (code != EEXIST)
        return error_system(error, code, "journal %s: open", path);
    error_plain(error, "journal %s is there already: resume that run, or remove the file", path);
    if (error)
        error->code = EEXIST;
    return -EEXIST;
}

static int open_journal(struct journal *journal, const char *path, int flags, struct error *error)
{
    char *const copy = strdup(path);
    if (!copy)
        return error_system(error, ENOMEM, "journal %s", path);
    const int fd = open(path, O_WRONLY | O_APPEND | O_CLOEXEC | flags, 0644);
    if (fd < 0) {
        const int failed = open_failure(path, errno, error);
        free(copy);
        return failed;
    }
    *journal = (struct journal){.fd = fd, .path = copy};
    return 0;
}

int journal_create(struct journal *journal, const char *path, const struct run *run,
                   struct error *error)
{
    struct text lines = {0};

    *journal = (struct journal){.fd = -1};
    int failed = print_journal(run, &lines, error);
    if (!failed)
        failed = file_make_parents(path, error);
    if (!failed)
        failed = open_journal(journal, path, O_CREAT | O_EXCL, error);
    if (!failed) {
        failed = append_text(journal, &lines, error);
        if (failed)
            journal_close(journal, 1);
    }
    text_free(&lines);
    return failed;
}

int journal_reopen(struct journal *journal, const char *path, const struct run *run,
                   struct error *error)
{
    struct text lines = {0};

    *journal = (struct journal){.fd = -1};
    int failed = print_journal(run, &lines, error);
    if (!failed)
        failed = file_make_parents(path, error);
    if (!failed)
        failed = file_write_atomic(path, lines.data, lines.length, error);
    if (!failed)
        failed = open_journal(journal, path, 0, error);
    text_free(&lines);
    return failed;
}

int journal_append(struct journal *journal, const struct run_cell *cell,
                   const struct run_trial *trial, struct error *error)
{
    struct text line = {0};

    int failed = print_outcome(cell, trial, &line, error);
    if (!failed)
        failed = append_text(journal, &line, error);
    text_free(&line);
    return failed;
}

void journal_close(struct journal *journal, int remove)
{
    if (journal->fd >= 0)
        (void)close(journal->fd);
    if (remove && journal->path)
        (void)unlink(journal->path);
    free(journal->path);
    *journal = (struct journal){.fd = -1};
}

static int add_trial(const struct json_node *node, struct run_cell *cell, struct error *error)
{
    struct run_trial trial = {0};

    int failed = json_read_trial(node, cell->pattern, &trial, error);
    if (!failed)
        failed =
            run_cell_add(cell, &trial.result, trial.round, trial.order, trial.started_s, error);
    if (failed)
        trial_result_free(&trial.result);
    return failed;
}

static int read_outcome(const struct json_node *line, struct run *run, struct error *error)
{
    const struct json_node id = json_child(line, "cell");
    const struct json_node trial = json_child(line, "trial");

    const int failed = json_expect_object(line, error);
    if (failed)
        return failed;
    if (!cJSON_IsString(id.item))
        return json_expected(&id, error, "the name of a cell");
    struct run_cell *const cell = run_find(run, id.item->valuestring);
    if (!cell)
        return json_wrong(&id, error, "\"%.80s\" is no cell of this run", id.item->valuestring);
    return trial.item ? add_trial(&trial, cell, error) : json_read_status(line, cell, error);
}

/* The first line: takes the document out of its wrapping and reads it. */
static int read_head(cJSON *line, struct run *run, struct error *error)
{
    cJSON *const document = cJSON_DetachItemFromObjectCaseSensitive(line, "run");
    if (!document)
        return error_plain(error, "run: missing; expected a journal that ipcbench wrote");

    const int failed = json_read_run(document, run, error);
    if (failed) {
        cJSON_Delete(document);
        error_prefix(error, "run: ");
    }
    return failed;
}

static int read_line(const char *text, bool first, struct run *run, struct error *error)
{
    cJSON *line = NULL;

    int failed = json_parse(text, &line, error);
    if (failed)
        return failed;
    const struct json_node node = {.item = line};
    failed = first ? read_head(line, run, error) : read_outcome(&node, run, error);
    cJSON_Delete(line);
    return failed;
}

static int read_lines(char *text, const char *path, struct run *run, struct error *error)
{
    size_t number = 0;
    char *newline = NULL;

    /* What follows the last newline was being written when the run died. */
    for (char *line = text; (newline = strchr(line, '\n')); line = newline + 1) {
        *newline = '\0';
        const int failed = read_line(line, number++ == 0, run, error);
        if (failed) {
            error_prefix(error, "%s: line %zu: ", path, number);
            return failed;
        }
    }
    if (number == 0)
        return error_plain(error, "%s: no whole line; expected a journal that ipcbench wrote",
                           path);
    return 0;
}

int journal_load(const char *path, struct run *run, struct error *error)
{
    struct text text = {0};

    *run = (struct run){0};
    int failed = file_read_limited(path, RUN_FILE_BYTES_MOST, &text, error);
    /* A power cut may leave NULs where the last line was to be; anywhere else they are damage. */
    const size_t intact = strlen(text_string(&text));
    if (!failed && intact < text.length &&
        memchr(text.data + intact, '\n', text.length - intact) != NULL)
        failed = error_plain(error, "%s: byte %zu is NUL; expected text", path, intact);
    if (!failed && intact == 0)
        failed = error_plain(error, "%s: empty; expected a journal that ipcbench wrote", path);
    if (!failed)
        failed = read_lines(text.data, path, run, error);
    if (!failed) {
        run->status = RUN_INTERRUPTED;
        failed = run_summarise(run, error);
    }
    if (failed)
        run_free(run);
    text_free(&text);
    return failed;
}
