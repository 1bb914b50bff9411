/* Ctrl-C and SIGTERM end a run in good order: the flag is looked at between and during trials. */
#ifndef IPCBENCH_BENCH_INTERRUPT_H
#define IPCBENCH_BENCH_INTERRUPT_H

#include <signal.h>

/* From here on SIGINT, SIGTERM and SIGHUP set the flag instead of killing. A second one while the
 * first is being dealt with does nothing more. */
void interrupt_catch(void);

const volatile sig_atomic_t *interrupt_flag(void);

/* As if a signal had come. */
void interrupt_raise(void);

#endif
