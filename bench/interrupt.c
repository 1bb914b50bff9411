#include "bench/interrupt.h"

#include <stddef.h>

static volatile sig_atomic_t interrupted; /* the one global: a signal handler has no other way */

static void on_signal(int number)
{
    (void)number;
    interrupted = 1;
}

void interrupt_catch(void)
{
    static const int caught[] = {SIGINT, SIGTERM, SIGHUP};
    struct sigaction action = {.sa_handler = on_signal};
    for (size_t index = 0; index < sizeof(caught) / sizeof(caught[0]); ++index) {
        struct sigaction before;
        sigaction(caught[index], NULL, &before);
        if (caught[index] == SIGHUP && before.sa_handler == SIG_IGN)
            continue; /* nohup */
        sigaction(caught[index], &action, NULL);
    }
    signal(SIGPIPE, SIG_IGN); /* a closed standard output is an error to report */
    signal(SIGXFSZ, SIG_IGN); /* so is a file over `ulimit -f` */
}

void interrupt_raise(void)
{
    interrupted = 1;
}

const volatile sig_atomic_t *interrupt_flag(void)
{
    return &interrupted;
}
