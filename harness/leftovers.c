#include "harness/leftovers.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <mqueue.h>
#include <semaphore.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/msg.h>
#include <sys/prctl.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/error.h"
#include "base/random.h"

enum { LEFTOVERS_MAX = 256 }; /* a lane of 64 has up to three queues, segments or sets */

/* `kind` is stored last and cleared first: the guard acts only on complete entries. */
struct leftover {
    _Atomic int kind;
    int id;
    int64_t announced_s; /* since 1970 */
    char name[LEFTOVER_NAME_BYTES];
};

struct leftover_table {
    struct leftover entries[LEFTOVERS_MAX];
};

/* `entries` may be NULL; it is closed. */
static void folder_remove(const char *path, DIR *entries)
{
    if (entries) {
        for (const struct dirent *entry; (entry = readdir(entries));)
            unlinkat(dirfd(entries), entry->d_name, 0); /* "." and ".." refuse */
        closedir(entries);
    }
    rmdir(path);
}

/* One reading of the kernel's table; how many were removed, because it may end early as its entries
 * go. A segment from before belongs to another process that had this number. */
static int remove_memory_once(const struct leftover *maker)
{
    FILE *const table = fopen("/proc/sysvipc/shm", "re");
    if (!table)
        return 0;
    int removed = 0;
    char line[512];
    while (fgets(line, sizeof(line), table)) {
        int id, creator;
        unsigned owner;
        long long made_s;
        if (sscanf(line, "%*d %d %*o %*u %d %*d %*u %u %*u %*u %*u %*u %*u %lld", &id, &creator,
                   &owner, &made_s) == 4 &&
            creator == maker->id && owner == geteuid() && made_s >= maker->announced_s &&
            shmctl(id, IPC_RMID, NULL) == 0)
            removed++;
    }
    fclose(table);
    return removed;
}

/* A system call that a kill meets still makes its segment, and dies before it returns the id. */
static void remove_memory_of(const struct leftover *maker)
{
    for (int pass = 0; pass < 4 && remove_memory_once(maker) > 0; pass++)
        continue;
}

static void leftover_remove(enum leftover_kind kind, const struct leftover *entry)
{
    switch (kind) {
    case LEFTOVER_NONE:
        break;
    case LEFTOVER_XSI_QUEUE:
        msgctl(entry->id, IPC_RMID, NULL);
        break;
    case LEFTOVER_XSI_MEMORY:
        shmctl(entry->id, IPC_RMID, NULL);
        break;
    case LEFTOVER_XSI_MEMORY_OF:
        remove_memory_of(entry);
        break;
    case LEFTOVER_XSI_SEMAPHORES:
        semctl(entry->id, 0, IPC_RMID);
        break;
    case LEFTOVER_SHM_NAME:
        shm_unlink(entry->name);
        break;
    case LEFTOVER_QUEUE_NAME:
        mq_unlink(entry->name);
        break;
    case LEFTOVER_SEMAPHORE_NAME:
        sem_unlink(entry->name);
        break;
    case LEFTOVER_FOLDER:
        folder_remove(entry->name, opendir(entry->name));
        break;
    case LEFTOVER_FILE:
        unlink(entry->name);
        break;
    }
}

/* Signals meant for the terminal's foreground group must not end the guard before its parent. */
static void guard_detach(int lifeline)
{
    setsid();
    prctl(PR_SET_NAME, "ipcbench-guard");
    static const int ignored[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGPIPE};
    for (size_t index = 0; index < sizeof(ignored) / sizeof(ignored[0]); ++index)
        signal(ignored[index], SIG_IGN);
    const long open_max = sysconf(_SC_OPEN_MAX);
    const int limit = open_max > 0 && open_max < 4096 ? (int)open_max : 4096;
    for (int fd = 0; fd < limit; ++fd) {
        if (fd != lifeline)
            close(fd);
    }
}

static _Noreturn void guard_run(struct leftover_table *table, int lifeline)
{
    guard_detach(lifeline);
    char
        byte; /* comes where the parent is done with us; else all who hold the other end have died */
    while (read(lifeline, &byte, 1) < 0 && errno == EINTR)
        continue;
    for (size_t index = 0; index < LEFTOVERS_MAX; ++index) {
        struct leftover *entry = &table->entries[index];
        leftover_remove((enum leftover_kind)atomic_load(&entry->kind), entry);
    }
    _exit(0);
}

int leftovers_open(struct leftovers *leftovers, struct error *error)
{
    *leftovers = (struct leftovers){.guard = -1, .lifeline = -1};
    void *table = mmap(NULL, sizeof(struct leftover_table), PROT_READ | PROT_WRITE,
                       MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (table == MAP_FAILED)
        return error_system(error, errno, "mmap of the guard's table");
    int ends[2];
    if (pipe2(ends, O_CLOEXEC)) {
        const int failure = errno;
        munmap(table, sizeof(struct leftover_table));
        return error_system(error, failure, "pipe to the guard");
    }
    const pid_t guard = fork();
    if (guard == 0)
        guard_run(table, ends[0]); /* closes ends[1] with the rest */
    const int failure = errno;
    close(ends[0]);
    if (guard < 0) {
        close(ends[1]);
        munmap(table, sizeof(struct leftover_table));
        return error_system(error, failure, "fork of the guard");
    }
    *leftovers = (struct leftovers){.table = table, .guard = guard, .lifeline = ends[1]};
    return 0;
}

void leftovers_close(struct leftovers *leftovers)
{
    if (leftovers->lifeline >= 0) {
        while (write(leftovers->lifeline, "", 1) < 0 && errno == EINTR)
            continue;
        close(leftovers->lifeline);
    }
    leftovers->lifeline = -1;
    if (leftovers->guard > 0) {
        while (waitpid(leftovers->guard, NULL, 0) < 0 && errno == EINTR)
            continue;
    }
    leftovers->guard = -1;
    if (leftovers->table)
        munmap(leftovers->table, sizeof(struct leftover_table));
    leftovers->table = NULL;
}

static int leftovers_announce(struct leftovers *leftovers, enum leftover_kind kind, int id,
                              const char *name)
{
    if (!leftovers || !leftovers->table)
        return -1;
    for (int slot = 0; slot < LEFTOVERS_MAX; ++slot) {
        struct leftover *entry = &leftovers->table->entries[slot];
        if (atomic_load(&entry->kind) != LEFTOVER_NONE)
            continue;
        entry->id = id;
        entry->announced_s = time(NULL);
        snprintf(entry->name, sizeof(entry->name), "%s", name);
        atomic_store(&entry->kind, (int)kind);
        return slot;
    }
    return -1;
}

int leftovers_announce_name(struct leftovers *leftovers, enum leftover_kind kind, const char *name)
{
    return leftovers_announce(leftovers, kind, -1, name);
}

int leftovers_announce_id(struct leftovers *leftovers, enum leftover_kind kind, int id)
{
    return leftovers_announce(leftovers, kind, id, "");
}

void leftovers_forget(struct leftovers *leftovers, int slot)
{
    if (leftovers && leftovers->table && slot >= 0)
        atomic_store(&leftovers->table->entries[slot].kind, LEFTOVER_NONE);
}

void leftovers_remove(struct leftovers *leftovers, int slot)
{
    if (!leftovers || !leftovers->table || slot < 0)
        return;
    const struct leftover *const entry = &leftovers->table->entries[slot];
    leftover_remove((enum leftover_kind)atomic_load(&entry->kind), entry);
    leftovers_forget(leftovers, slot);
}

struct unguessable_name unguessable_name(void)
{
    struct unguessable_name name;
    snprintf(name.text, sizeof(name.text), "/ipcbench-%016llx",
             (unsigned long long)random_unguessable());
    return name;
}

int private_folder_create(struct leftovers *leftovers, struct private_folder *folder,
                          struct error *error)
{
    const char *parent = getenv("TMPDIR");
    if (!parent || parent[0] != '/')
        parent = "/tmp";
    const int length =
        snprintf(folder->path, sizeof(folder->path), "%s%s", parent, unguessable_name().text);
    if (length < 0 || (size_t)length >= sizeof(folder->path)) {
        folder->path[0] = '\0';
        return error_plain(error, "TMPDIR=%s: the path is too long for a private folder", parent);
    }
    folder->slot = leftovers_announce_name(leftovers, LEFTOVER_FOLDER, folder->path);
    if (mkdir(folder->path, 0700)) {
        const int failure = errno;
        leftovers_forget(leftovers, folder->slot);
        error_system(error, failure, "mkdir(%s)", folder->path);
        folder->path[0] = '\0';
        return -failure;
    }
    folder->entries = opendir(folder->path);
    if (!folder->entries) {
        const int failure = errno;
        error_system(error, failure, "opendir(%s)", folder->path);
        private_folder_remove(leftovers, folder);
        return -failure;
    }
    return 0;
}

void private_folder_remove(struct leftovers *leftovers, struct private_folder *folder)
{
    if (!folder->path[0])
        return;
    if (folder->entries)
        rewinddir(folder->entries); /* to see what came after it was opened */
    folder_remove(folder->path, folder->entries);
    folder->entries = NULL;
    leftovers_forget(leftovers, folder->slot);
    folder->path[0] = '\0';
}
