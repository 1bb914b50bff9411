#include "harness/tuning.h"
#include "base/error.h"
#include "base/file.h"
#include "base/text.h"
#include "harness/tuning_parts.h"

#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CPU    "/sys/devices/system/cpu/"
#define KERNEL "/proc/sys/kernel/"
#define FS     "/proc/sys/fs/"
#define NET    "/proc/sys/net/"

/* Wide enough for what the suites ask for: messages of 64 KiB, rings of 16 MiB on huge pages. */
const struct tuning_setting tuning_settings[] = {
    {"governor",
     "clock rate held at the maximum",
     {{CPU "cpufreq/policy*/scaling_governor", "performance", false, false}}},
    {"boost",
     "no clock rates that depend on temperature and neighbours",
     {{CPU "cpufreq/boost", "0", false, false}, {CPU "intel_pstate/no_turbo", "1", false, false}}},
    {"thp-shmem",
     "transparent huge pages for shared memory that asks for them",
     {{"/sys/kernel/mm/transparent_hugepage/shmem_enabled", "advise", false, false}}},
    {"hugepages",
     "64 huge pages of 2 MiB",
     {{"/sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages", "64", true, true}}},
    {"mqueue",
     "POSIX message queues of 1024 messages, messages of 64 KiB",
     {{FS "mqueue/msg_max", "1024", true, false},
      {FS "mqueue/msgsize_max", "65536", true, false},
      {FS "mqueue/queues_max", "256", true, false}}},
    {"xsi-mq",
     "XSI message queues of 1 MiB, messages of 64 KiB",
     {{KERNEL "msgmax", "65536", true, false}, {KERNEL "msgmnb", "1048576", true, false}}},
    {"pipe-size", "pipes of 1 MiB", {{FS "pipe-max-size", "1048576", true, false}}},
    {"socket-buffers",
     "socket buffers of 4 MiB",
     {{NET "core/wmem_max", "4194304", true, false},
      {NET "core/rmem_max", "4194304", true, false}}},
    {0},
};

int tuning_find(const char *name, const struct tuning_setting **setting, struct error *error)
{
    struct text names = {0};

    for (*setting = tuning_settings; (*setting)->name; (*setting)++) {
        if (strcmp((*setting)->name, name) == 0) {
            text_free(&names);
            return 0;
        }
        text_append(&names, "%s%s", names.length > 0 ? ", " : "", (*setting)->name);
    }
    int failed;
    if (strcmp(name, "dma-latency") == 0)
        failed = error_plain(error, "dma-latency is no setting that stays: "
                                    "ipcbench run --idle poll holds it while it measures");
    else
        failed = error_plain(error, "no setting '%s': %s", name, text_string(&names));
    text_free(&names);
    return failed;
}

const struct tuning_file *tuning_file_of(const char *path)
{
    for (const struct tuning_setting *setting = tuning_settings; setting->name; setting++) {
        for (size_t i = 0; i < TUNING_FILES_MAX && setting->files[i].pattern; i++) {
            if (fnmatch(setting->files[i].pattern, path, FNM_PATHNAME) == 0)
                return &setting->files[i];
        }
    }
    return NULL;
}

int tuning_value_read(const char *root, const char *path, char value[TUNING_VALUE_BYTES])
{
    char full[TUNING_PATH_BYTES * 2];
    char line[256];

    if (snprintf(full, sizeof full, "%s%s", root, path) >= (int)sizeof full)
        return -ENAMETOOLONG;
    const int failed = file_read_line(full, line, sizeof line);
    if (failed)
        return failed;
    const char *const chosen = file_chosen(line);
    if (strlen(chosen) >= TUNING_VALUE_BYTES)
        return -EOVERFLOW;
    strcpy(value, chosen);
    return 0;
}

/* One write, as the kernel's files want it. The file of a made tree would keep the end of a longer
 * value; cut beforehand it would be empty for a moment in which this process may be killed. */
static int write_line(const char *path, const char *value)
{
    char line[TUNING_VALUE_BYTES + 1];
    const int length = snprintf(line, sizeof line, "%s\n", value);
    const int fd = open(path, O_WRONLY | O_CLOEXEC);

    if (fd < 0)
        return errno;
    const ssize_t written = write(fd, line, (size_t)length);
    int code = written == length ? 0 : written < 0 ? errno : EIO;
    if (code == 0)
        (void)!ftruncate(fd, length);
    if (close(fd) < 0 && code == 0)
        code = errno;
    return code;
}

int tuning_value_write(const char *root, const char *path, const char *value, struct error *error)
{
    char full[TUNING_PATH_BYTES * 2];
    char obtained[TUNING_VALUE_BYTES] = "";

    if (snprintf(full, sizeof full, "%s%s", root, path) >= (int)sizeof full)
        return error_system(error, ENAMETOOLONG, "writing %s to %s%s", value, root, path);
    const int code = write_line(full, value);
    if (code)
        return error_system(error, code, "writing %s to %s", value, full);
    const int failed = tuning_value_read(root, path, obtained);
    if (failed)
        return error_system(error, -failed, "reading %s", full);
    if (strcmp(obtained, value) == 0)
        return 0;
    return error_plain(error, "%s: wrote %s, obtained %s", full, value, obtained);
}

static bool holds(const struct tuning_file *file, const char *value)
{
    if (!file->at_least)
        return strcmp(value, file->wanted) == 0;
    return strtoull(value, NULL, 10) >= strtoull(file->wanted, NULL, 10);
}

static int add_change(struct tuning_plan *plan, const struct tuning_change *change,
                      struct error *error)
{
    struct tuning_change *const changes =
        realloc(plan->changes, (plan->count + 1) * sizeof *changes);

    if (!changes)
        return error_system(error, ENOMEM, "list of changes");
    plan->changes = changes;
    changes[plan->count++] = *change;
    return 0;
}

static int plan_file(const char *root, const char *path, const struct tuning_file *file,
                     struct tuning_plan *plan, struct error *error)
{
    struct tuning_change change;

    if (snprintf(change.path, sizeof change.path, "%s", path) >= (int)sizeof change.path)
        return error_system(error, ENAMETOOLONG, "%s", path);
    const int failed = tuning_value_read(root, path, change.previous);
    if (failed)
        return error_system(error, -failed, "reading %s%s", root, path);
    if (holds(file, change.previous))
        return 0;
    strcpy(change.wanted, file->wanted);
    return add_change(plan, &change, error);
}

/* glob(3) takes the root as a pattern, too. */
static void append_literally(struct text *pattern, const char *root)
{
    for (; *root != '\0'; root++)
        text_append(pattern, strchr("*?[\\", *root) ? "\\%c" : "%c", *root);
}

/* Plans for every file that matches; *found counts them. */
static int plan_matches(const char *root, const struct tuning_file *file, struct tuning_plan *plan,
                        size_t *found, struct error *error)
{
    struct text pattern = {0};
    glob_t matches = {0};
    int failed = 0;

    append_literally(&pattern, root);
    text_append(&pattern, "%s", file->pattern);
    const int status = glob(text_string(&pattern), 0, NULL, &matches);
    text_free(&pattern);
    if (status != 0 && status != GLOB_NOMATCH)
        failed = error_system(error, status == GLOB_NOSPACE ? ENOMEM : EIO, "looking for %s%s",
                              root, file->pattern);
    for (size_t i = 0; status == 0 && !failed && i < matches.gl_pathc; i++, (*found)++)
        failed = plan_file(root, matches.gl_pathv[i] + strlen(root), file, plan, error);
    globfree(&matches);
    return failed;
}

int tuning_plan_add(const char *root, const struct tuning_setting *setting,
                    struct tuning_plan *plan, struct error *error)
{
    size_t found = 0;
    int failed = 0;

    for (size_t i = 0; !failed && i < TUNING_FILES_MAX && setting->files[i].pattern; i++)
        failed = plan_matches(root, &setting->files[i], plan, &found, error);
    if (!failed && found == 0)
        failed = error_unavailable(error, NULL, "%s: this machine has no %s", setting->name,
                                   setting->files[0].pattern);
    return failed;
}

int tuning_plan_check(const char *root, const struct tuning_plan *plan, struct error *error)
{
    for (size_t i = 0; i < plan->count; i++) {
        char full[TUNING_PATH_BYTES * 2];
        (void)snprintf(full, sizeof full, "%s%s", root, plan->changes[i].path);
        if (access(full, W_OK) == 0)
            continue;
        const int code = errno;
        const char *const knob = code == EROFS ? "from outside the container" : "run as root";
        return error_unavailable(error, knob, "may not write %s: %s (%s)", full, strerror(code),
                                 error_name(code));
    }
    return 0;
}

void tuning_plan_free(struct tuning_plan *plan)
{
    free(plan->changes);
    *plan = (struct tuning_plan){0};
}
