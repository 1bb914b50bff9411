/* A file that a memory_object is, and its pages in the page cache: opened anew, read in an order, looked
 * at. All in the process that measures. */
#ifndef IPCBENCH_TRANSPORTS_COMMON_FILE_CACHE_H
#define IPCBENCH_TRANSPORTS_COMMON_FILE_CACHE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct error;
struct memory_object;
struct obtained;

/* What the kernel remembers of how a file was read (read-ahead, POSIX_FADV_RANDOM, faults that missed)
 * belongs to the open file: each pass gets one of its own, as a program that has just opened it. */
int file_cache_reopen(struct memory_object *object, struct error *error);

/* The numbers from 0 to below `count`, ascending or shuffled, the same on every machine. Owned by the
 * caller; NULL and the error where there is no memory for it. */
size_t *file_cache_order(size_t count, bool shuffled, struct error *error);

/* Bytes of the file that are in the page cache, and up to date: those on their way do not count. */
int file_cache_resident(const struct memory_object *object, uint64_t *bytes, struct error *error);

/* The same after what is on its way has arrived: when all is there, or nothing has come for 50 ms. */
int file_cache_settled(const struct memory_object *object, uint64_t *bytes, struct error *error);

/* "read_ahead_bytes": how far the kernel reads ahead on the file's device, where it says so. */
void file_cache_obtained(const struct memory_object *object, struct obtained *obtained);

#endif
