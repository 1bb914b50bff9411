/* Lists as typed on the command line, and the words in them. */
#ifndef IPCBENCH_BENCH_LISTS_H
#define IPCBENCH_BENCH_LISTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct error;
struct registry;
struct trial_request;

struct list {
    const char *rest;
};

enum { ITEM_BYTES = 256 };
struct item {
    char text[ITEM_BYTES]; /* cut where longer: no valid word is */
};

/* "a,b,c", item by item; empty items are passed over. */
struct list list_of(const char *text);
bool list_next(struct list *list, struct item *item);

/* Transports carry commas of their own: in "pipe,shm:sync=spin,copy=no,fifo" an item with '=' but
 * no
 * ':' before it belongs to the transport in front of it. */
bool list_next_transport(struct list *list, struct item *item);

/* A pair of CPUs is written with a comma: in "smt,0,1,same-cpu" two numbers in a row are one item,
 * unless an empty item lies between them. */
bool list_next_placement(struct list *list, struct item *item);

/* "shm:sync=spin,copy=no" into the request's transport and options. An unknown name gives a line
 * that lists the known ones. */
int parse_transport(const char *text, const struct registry *registry,
                    struct trial_request *request, struct error *error);

/* Messages per second: 1 to 1G, with k, M or G for powers of 1000. Messages in a burst: 1 to 1000000.
 */
int parse_rate(const char *text, double *per_s, struct error *error);
int parse_burst(const char *text, uint64_t *messages, struct error *error);

/* A message size: 0 bytes (for transports that can notify without a payload) to 64 MiB. */
int parse_message_bytes(const char *text, size_t *bytes, struct error *error);
/* The size of a region that an operation is done to: to 64 GiB. */
int parse_region_bytes(const char *text, size_t *bytes, struct error *error);

#endif
