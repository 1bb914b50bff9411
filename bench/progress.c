#include "bench/progress.h"

#include <stdio.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/units.h"
#include "harness/clock.h"

enum { BAR_COLUMNS = 24, NARROW_COLUMNS = 50, DEFAULT_COLUMNS = 80 };

void progress_start(struct progress *progress, size_t total)
{
    *progress = (struct progress){
        .shown = isatty(STDERR_FILENO),
        .total = total,
        .started_ns = clock_monotonic_ns(),
    };
}

static int terminal_columns(void)
{
    struct winsize size;
    return ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col ? size.ws_col
                                                                       : DEFAULT_COLUMNS;
}

void progress_show(const struct progress *progress, const char *cell_id)
{
    if (!progress->shown)
        return;
    const int columns = terminal_columns();
    const double spent = (double)(clock_monotonic_ns() - progress->started_ns) / 1e9;
    const double left =
        progress->done ? spent / (double)progress->done * (double)(progress->total - progress->done)
                       : 0;
    char bar[BAR_COLUMNS + 1];
    const size_t filled = progress->done * BAR_COLUMNS / (progress->total ? progress->total : 1);
    for (size_t column = 0; column < BAR_COLUMNS; ++column)
        bar[column] = column < filled ? '#' : '.';
    bar[BAR_COLUMNS] = '\0';
    char line[512];
    snprintf(line, sizeof(line), "[%s] %zu/%zu  %s left  %s", bar, progress->done, progress->total,
             progress->done ? units_duration(left).text : "?", cell_id);
    const char *shown = columns < NARROW_COLUMNS ? line + BAR_COLUMNS + 3 : line;
    fprintf(stderr, "\r%.*s\033[K", columns - 1, shown);
    fflush(stderr);
}

void progress_extend(struct progress *progress, size_t trials)
{
    progress->total += trials;
}

void progress_advance(struct progress *progress)
{
    ++progress->done;
}

void progress_end(const struct progress *progress)
{
    if (progress->shown)
        fputs("\r\033[K", stderr);
}
