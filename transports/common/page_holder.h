/* Another process that holds on to private pages: a child forked for the purpose, which has them in its
 * page tables and sleeps. While it lives, the first write to each of them has to copy it.
 *
 *     page_holder_begin(&holder, address, bytes, &error)   sender, prepare
 *     page_holder_sees(&holder, value)                     does it still see this byte in every base page?
 *     page_holder_end(&holder)                             sender, finish
 *
 * It dies with the process that made it. */
#ifndef IPCBENCH_TRANSPORTS_COMMON_PAGE_HOLDER_H
#define IPCBENCH_TRANSPORTS_COMMON_PAGE_HOLDER_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct error;

enum { BASE_PAGE_BYTES = 4096 };

struct page_holder {
    pid_t process; /* 0: none */
    int answers;   /* a socket */
};

/* Returns when it has read a byte of every base page. */
int page_holder_begin(struct page_holder *holder, const void *address, size_t bytes,
                      struct error *error);
bool page_holder_sees(const struct page_holder *holder, unsigned char value);
void page_holder_end(struct page_holder *holder);

#endif
