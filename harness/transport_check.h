/* Is a struct transport complete and consistent? Asked once of each plug-in when it is loaded, so
 * that nothing later has to doubt it. What only running can tell (does it lose messages?) is the
 * conformance test's to find out. */
#ifndef IPCBENCH_HARNESS_TRANSPORT_CHECK_H
#define IPCBENCH_HARNESS_TRANSPORT_CHECK_H

#include <stddef.h>

struct error;
struct transport;

enum { TRANSPORT_NAME_MOST = 31, TRANSPORT_SUMMARY_MOST = 70 };

/* A channel's state is what the loops touch; larger memory is create's to map. */
enum { TRANSPORT_STATE_MOST_BYTES = 16 << 20 };

/* The first thing that is wrong, in one line, or 0. Calls `loops`, with the default options. */
int transport_check(const struct transport *transport, struct error *error);

#endif
