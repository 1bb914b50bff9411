#include "traces.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { NAME_BYTES = 512, RETRIES = 30 };
static const struct timespec retry_pause = {.tv_nsec = 100000000};

static char private_folder[NAME_BYTES];

/* One kind of XSI object: its table, and which column of it holds the owner. */
static const struct xsi_table {
    const char *path;
    const char *kind;
    int owner_column;
} xsi_tables[] = {
    {"/proc/sysvipc/msg", "XSI queue", 8},
    {"/proc/sysvipc/sem", "XSI semaphores", 5},
    {"/proc/sysvipc/shm", "XSI memory", 8},
};

int traces_open(void)
{
    const char *parent = getenv("TMPDIR");
    const int length = snprintf(private_folder, sizeof(private_folder), "%s/conformance-XXXXXX",
                                parent && parent[0] == '/' ? parent : "/tmp");
    if (length < 0 || (size_t)length >= sizeof(private_folder))
        return -ENAMETOOLONG;
    return mkdtemp(private_folder) && !setenv("TMPDIR", private_folder, 1) ? 0 : -errno;
}

void traces_close(void)
{
    if (private_folder[0])
        rmdir(private_folder);
}

static void add_descriptors(struct text *lines)
{
    DIR *const folder = opendir("/proc/self/fd");
    if (!folder)
        return;
    for (const struct dirent *entry; (entry = readdir(folder));) {
        char target[NAME_BYTES] = "";
        if (entry->d_name[0] == '.' || atoi(entry->d_name) == dirfd(folder))
            continue;
        if (readlinkat(dirfd(folder), entry->d_name, target, sizeof(target) - 1) < 0)
            continue;
        text_append(lines, "\ndescriptor %s %s\n", entry->d_name, target);
    }
    closedir(folder);
}

static void add_names(struct text *lines, const char *path)
{
    DIR *const folder = opendir(path);
    if (!folder)
        return;
    for (const struct dirent *entry; (entry = readdir(folder));) {
        struct stat status;
        if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, ".."))
            continue;
        if (fstatat(dirfd(folder), entry->d_name, &status, AT_SYMLINK_NOFOLLOW) ||
            status.st_uid != geteuid())
            continue;
        text_append(lines, "\nname %s/%s\n", path, entry->d_name);
    }
    closedir(folder);
}

static void add_xsi(struct text *lines, const struct xsi_table *table)
{
    FILE *const file = fopen(table->path, "re");
    char line[NAME_BYTES];
    if (!file)
        return;
    const bool headed = fgets(line, sizeof(line), file) != NULL;
    while (headed && fgets(line, sizeof(line), file)) {
        char *rest = line;
        long id = -1, owner = -1;
        for (int column = 1; column <= table->owner_column; ++column) {
            const long number = strtol(rest, &rest, 0);
            if (column == 2)
                id = number;
            owner = number;
        }
        if (owner == (long)geteuid())
            text_append(lines, "\n%s %ld\n", table->kind, id);
    }
    fclose(file);
}

int traces_children(pid_t parent, child_visitor *visit, void *context)
{
    char path[64];
    snprintf(path, sizeof(path), "/proc/%d/task/%d/children", (int)parent, (int)parent);
    FILE *const children = fopen(path, "re");
    if (!children)
        return -errno;
    for (int child; fscanf(children, "%d", &child) == 1;) {
        char name[32] = "";
        snprintf(path, sizeof(path), "/proc/%d/comm", child);
        FILE *const file = fopen(path, "re");
        if (file && fgets(name, sizeof(name), file))
            name[strcspn(name, "\n")] = '\0';
        if (file)
            fclose(file);
        visit((pid_t)child, name, context);
    }
    fclose(children);
    return 0;
}

static void add_child(pid_t child, const char *name, void *context)
{
    (void)name; /* it may still change */
    text_append(context, "\nchild process %d\n", (int)child);
}

void traces_take(struct traces *traces)
{
    const char *const queues = getenv("IPCBENCH_TEST_MQUEUE");
    traces->lines = (struct text){0};
    add_descriptors(&traces->lines);
    add_names(&traces->lines, "/dev/shm");
    add_names(&traces->lines, queues ? queues : "/dev/mqueue");
    add_names(&traces->lines, private_folder);
    for (size_t index = 0; index < sizeof(xsi_tables) / sizeof(xsi_tables[0]); ++index)
        add_xsi(&traces->lines, &xsi_tables[index]);
    traces_children(getpid(), add_child, &traces->lines);
}

void traces_free(struct traces *traces)
{
    text_free(&traces->lines);
}

/* The lines of `after` that `before` lacks. */
static void difference(const struct traces *before, const struct traces *after, struct text *out)
{
    for (const char *line = text_string(&after->lines); *line;) {
        const size_t bytes = strcspn(line + 1, "\n") + 2;
        struct text one = {0};
        text_append_bytes(&one, line, bytes);
        if (!strstr(text_string(&before->lines), text_string(&one)))
            text_append(out, " left behind: %.*s;", (int)(bytes - 2), line + 1);
        text_free(&one);
        line += bytes;
    }
}

void traces_check(const struct traces *before, struct text *problems)
{
    for (int attempt = 0;; ++attempt) {
        struct traces after;
        struct text found = {0};
        traces_take(&after);
        difference(before, &after, &found);
        traces_free(&after);
        const bool more = found.length > 0 && attempt < RETRIES;
        if (!more && found.length)
            text_append(problems, "%s", text_string(&found));
        text_free(&found);
        if (!more)
            return;
        nanosleep(&retry_pause, NULL);
    }
}
