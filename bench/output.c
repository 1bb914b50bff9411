#include "bench/output.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "base/text.h"

/* https://no-color.org: set and not empty. */
bool output_wants_colour(void)
{
    const char *const no_colour = getenv("NO_COLOR");
    const char *const terminal = getenv("TERM");
    return !(no_colour && no_colour[0]) && terminal && strcmp(terminal, "dumb") != 0 &&
           isatty(STDOUT_FILENO);
}

int output_write(const struct text *text, struct error *error)
{
    if (text->failed)
        return error_system(error, ENOMEM, "standard output");
    if (fwrite(text_string(text), 1, text->length, stdout) == text->length && !fflush(stdout))
        return 0;
    return error_system(error, errno, "standard output");
}
