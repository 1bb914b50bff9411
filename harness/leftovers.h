/* What the kernel keeps when a process dies: names and XSI objects, and the guard that removes
 * them.
 *
 * Some objects outlive their maker (an XSI queue for the whole trial, a name between its creation
 * and its unlinking). Each is announced here before or right after it is made and forgotten once it
 * is gone. A small guard process sleeps on a pipe whose other end the parent holds; when the parent
 * dies, however it dies, the guard removes everything still announced and exits.
 *
 * What is known by name is announced before it is made; an XSI object gets its id from the kernel and
 * is announced by the next instruction after the call. A kill between those two, and one inside
 * sem_open (which the C library does in two steps), would leave something behind: microseconds, which
 * is too often for a process that makes segments all the time. Such a one is announced itself.
 *
 *     struct leftovers leftovers;
 *     leftovers_open(&leftovers, &error)          once, in the parent, before anything is made
 *     slot = leftovers_announce_name(&leftovers, LEFTOVER_SHM_NAME, name);
 *     shm_open(name, ...); shm_unlink(name);
 *     leftovers_forget(&leftovers, slot);
 *     leftovers_close(&leftovers)                 the guard exits and is reaped */
#ifndef IPCBENCH_HARNESS_LEFTOVERS_H
#define IPCBENCH_HARNESS_LEFTOVERS_H

#include <dirent.h>
#include <stddef.h>
#include <sys/types.h>

struct error;
struct leftover_table;

enum leftover_kind {
    LEFTOVER_NONE,
    LEFTOVER_XSI_QUEUE,      /* by id */
    LEFTOVER_XSI_MEMORY,     /* by id */
    LEFTOVER_XSI_MEMORY_OF,  /* by the process that made segments and has died: all of them */
    LEFTOVER_XSI_SEMAPHORES, /* by id */
    LEFTOVER_SHM_NAME,       /* shm_open name */
    LEFTOVER_QUEUE_NAME,     /* mq_open name */
    LEFTOVER_SEMAPHORE_NAME, /* sem_open name */
    LEFTOVER_FOLDER,         /* absolute path: its files, then itself */
    LEFTOVER_FILE,           /* absolute path */
};

enum { LEFTOVER_NAME_BYTES = 128 };

struct leftovers {
    struct leftover_table *table; /* shared with the guard */
    pid_t guard;
    int lifeline; /* the end of the pipe to the guard; every child has it too */
};

int leftovers_open(struct leftovers *leftovers, struct error *error);
/* Tells the guard to end, whatever children there still are. */
void leftovers_close(struct leftovers *leftovers);

/* A slot to forget later. The table has room for 256; -1 when it is full or `leftovers` is NULL,
 * which leftovers_forget accepts. */
int leftovers_announce_name(struct leftovers *leftovers, enum leftover_kind kind, const char *name);
int leftovers_announce_id(struct leftovers *leftovers, enum leftover_kind kind, int id);
void leftovers_forget(struct leftovers *leftovers, int slot);
/* Removes what was announced there as the guard would, then forgets it. */
void leftovers_remove(struct leftovers *leftovers, int slot);

/* An unguessable name for a kernel object, "/ipcbench-<16 hex digits>". */
struct unguessable_name {
    char text[32];
};
struct unguessable_name unguessable_name(void);

/* A folder of our own, mode 0700, under $TMPDIR or /tmp, announced while it exists. */
struct private_folder {
    char path[LEFTOVER_NAME_BYTES]; /* "" : none */
    int slot;
    DIR *entries; /* opened with the folder: removing it must not lack a descriptor */
};
int private_folder_create(struct leftovers *leftovers, struct private_folder *folder,
                          struct error *error);
/* Removes its files and itself. Safe on a zeroed struct and twice. */
void private_folder_remove(struct leftovers *leftovers, struct private_folder *folder);

#endif
