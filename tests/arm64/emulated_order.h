/* Included before every source by `make test-arm64`, and by nothing else.
 *
 * A sequentially consistent store followed by such a load is STLR, LDAR on arm64, and the two must
 * not pass each other. qemu-user (7.2) makes them a plain store and a plain load on x86, which lets
 * the load go first: two processes that each store and then look at the other's word both see the
 * old one, a few times in 100,000. The futex ring then loses a wake-up. An explicit barrier it does
 * respect; here is one before each such load. */
#ifndef IPCBENCH_TESTS_ARM64_EMULATED_ORDER_H
#define IPCBENCH_TESTS_ARM64_EMULATED_ORDER_H

#include <stdatomic.h>

#undef atomic_load_explicit
#define atomic_load_explicit(object, order)                                                        \
    ((order) == memory_order_seq_cst ? atomic_thread_fence(memory_order_seq_cst) : (void)0,        \
     __atomic_load_n((object), (order)))

#endif
