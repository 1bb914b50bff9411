#include "results/baseline.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "results/fingerprint.h"

enum { NAME_BYTES_MOST = 64 };

static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

const char *baseline_folder(void)
{
    const char *const folder = getenv("IPCBENCH_BASELINES");
    return folder && folder[0] ? folder : BASELINE_FOLDER;
}

int baseline_check_name(const char *name, struct error *error)
{
    size_t length = 0;
    while (name[length] && (strchr(letters, name[length]) || strchr("-_.", name[length])))
        ++length;
    if (name[0] && strchr(letters, name[0]) && !name[length] && length <= NAME_BYTES_MOST)
        return 0;
    return error_plain(error,
                       "'%.80s': a baseline's name has 1 to %d letters, digits, '-', '_' or '.', "
                       "the first a letter or digit",
                       name, NAME_BYTES_MOST);
}

int baseline_path(const struct machine *machine, const char *name, struct text *path,
                  struct error *error)
{
    const int failure = baseline_check_name(name, error);
    if (failure)
        return failure;
    text_append(path, "%s/%s/%s.json", baseline_folder(),
                fingerprint_text(fingerprint_of(machine)).text, name);
    return path->failed ? error_system(error, ENOMEM, "baseline %s", name) : 0;
}

static int is_baseline(const struct dirent *entry)
{
    const size_t length = strlen(entry->d_name);
    return entry->d_name[0] != '.' && length > 5 && !strcmp(entry->d_name + length - 5, ".json");
}

static int is_visible(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

/* Appends the names below the folder of one machine, in front of each what stands between them. */
static void list_machine(const char *fingerprint, const char *lead, struct text *out)
{
    struct text path = {0};
    struct dirent **entries;
    text_append(&path, "%s/%s", baseline_folder(), fingerprint);
    const int count = scandir(text_string(&path), &entries, is_baseline, alphasort);
    text_free(&path);
    for (int index = 0; index < count; ++index) {
        text_append(out, "%s%.*s", index ? ", " : lead, (int)strlen(entries[index]->d_name) - 5,
                    entries[index]->d_name);
        free(entries[index]);
    }
    if (count >= 0)
        free(entries);
}

static void list_others(const char *own, struct text *out)
{
    struct dirent **machines;
    const int count = scandir(baseline_folder(), &machines, is_visible, alphasort);
    for (int index = 0; index < count; ++index) {
        char lead[NAME_MAX + 32];
        snprintf(lead, sizeof(lead), "%smachine %s has ", out->length ? "; " : "",
                 machines[index]->d_name);
        if (strcmp(machines[index]->d_name, own) != 0)
            list_machine(machines[index]->d_name, lead, out);
        free(machines[index]);
    }
    if (count >= 0)
        free(machines);
}

int baseline_missing(const struct machine *machine, const char *name, struct error *error)
{
    const struct fingerprint_text own = fingerprint_text(fingerprint_of(machine));
    struct text there = {0};
    list_machine(own.text, "there are ", &there);
    list_others(own.text, &there);
    error_plain(error, "no baseline '%.64s' for this machine (%s) in %.80s: %s", name, own.text,
                baseline_folder(), there.length ? text_string(&there) : "there is none at all");
    text_free(&there);
    if (error)
        error->code = ENOENT;
    return -ENOENT;
}
