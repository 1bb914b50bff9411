#include "tap.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

struct tap_counts {
    int tests;
    int failures;
};
static struct tap_counts *counts;

int tap_start(void)
{
    void *const shared = mmap(NULL, sizeof(struct tap_counts), PROT_READ | PROT_WRITE,
                              MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (shared == MAP_FAILED)
        return -errno;
    counts = shared;
    return setvbuf(stdout, NULL, _IOLBF, 0) ? -EINVAL : 0;
}

/* Messages of the harness may hold what TAP would take for its own. */
static void print_in_line(const char *text)
{
    for (; *text; ++text)
        putchar(*text == '\n' ? ' ' : *text);
}

void tap_report(struct text *problems, const char *format, ...)
{
    const bool passed = problems->length == 0 && !problems->failed;
    va_list arguments;
    printf("%sok %d - ", passed ? "" : "not ", ++counts->tests);
    va_start(arguments, format);
    vprintf(format, arguments);
    va_end(arguments);
    putchar('\n');
    if (!passed) {
        ++counts->failures;
        fputs("#   ", stdout);
        print_in_line(text_string(problems));
        putchar('\n');
    }
    fflush(stdout);
    text_free(problems);
}

void tap_skip(const char *reason, const char *format, ...)
{
    va_list arguments;
    printf("ok %d - ", ++counts->tests);
    va_start(arguments, format);
    vprintf(format, arguments);
    va_end(arguments);
    fputs(" # SKIP ", stdout);
    print_in_line(reason);
    putchar('\n');
    fflush(stdout);
}

void tap_note(const char *format, ...)
{
    va_list arguments;
    fputs("# ", stdout);
    va_start(arguments, format);
    vprintf(format, arguments);
    va_end(arguments);
    putchar('\n');
    fflush(stdout);
}

int tap_end(void)
{
    printf("1..%d\n", counts->tests);
    return counts->failures ? 1 : 0;
}
