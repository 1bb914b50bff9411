/* Segments of shared memory, made and given up step by step: XSI, POSIX, memfd. One process makes and uses
 * them; a pass has several, so that each step has one to work on.
 *
 *     segments_create           parent, create
 *     segments_announce_maker   sender, attach
 *     segments_find_room        sender, before the first step, where is_rounded
 *     segments_name             sender, before STEP_CREATE
 *     segments_step             sender: the steps, timed or not
 *     segments_remove           sender, finish: what of them there still is
 *     segments_destroy          parent
 *
 * Names and ids are kept where the parent sees them: what a sender that died has left is removed by
 * segments_destroy, and by the guard (harness/leftovers.h) where the parent dies as well. Of XSI segments the
 * process that makes them is announced, once: nothing but the steps is timed. */
#ifndef IPCBENCH_TRANSPORTS_COMMON_SEGMENTS_H
#define IPCBENCH_TRANSPORTS_COMMON_SEGMENTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct error;
struct leftovers;
struct segment_records;

enum { SEGMENTS_MOST = 16 };

enum segment_kind { SEGMENT_POSIX, SEGMENT_XSI, SEGMENT_MEMFD };
enum segment_seals { SEALS_NONE, SEALS_SIZE, SEALS_ALL };
enum segment_step { STEP_CREATE, STEP_ATTACH, STEP_TOUCH, STEP_DETACH, STEP_DESTROY, STEPS };

struct segments {
    /* set by whoever makes them */
    enum segment_kind kind;
    enum segment_seals seals; /* memfd */
    bool is_read_only;
    bool is_rounded; /* xsi: attached at places of our own (SHM_RND) */
    bool is_touched;
    size_t bytes;   /* of each */
    uint64_t count; /* in a pass, up to SEGMENTS_MOST */
    struct leftovers *leftovers;
    /* */
    struct segment_records *records; /* shared with the parent */
    int fds[SEGMENTS_MOST];          /* -1: none */
    void *addresses[SEGMENTS_MOST];  /* NULL: none */
    char *room;                      /* free addresses, for SHM_RND */
    uint64_t sink;
};

int segments_create(struct segments *segments, struct error *error);
void segments_destroy(struct segments *segments); /* safe on a zeroed struct and twice */

void segments_announce_maker(struct segments *segments);

/* Where all segments have their place; free again at once, and nothing else is mapped before they are. */
int segments_find_room(struct segments *segments, struct error *error);
/* Where one is attached: NULL, unless is_rounded, for the kernel's choice. */
char *segments_place(const struct segments *segments, uint64_t index);

void segments_name(struct segments *segments, uint64_t index);

/* Steps `first` to before `end` of one segment. 0 or -errno. */
int segments_step(struct segments *segments, uint64_t index, int first, int end);

void segments_remove(struct segments *segments);

/* Segment 0: its size as the kernel has it, 0 or -errno; is its name still there (posix)? */
int segments_first_size(const struct segments *segments, uint64_t *bytes);
bool segments_first_is_named(const struct segments *segments);

#endif
