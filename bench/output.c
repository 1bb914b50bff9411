#include "bench/output.h"

#include <errno.h>
#include <stdio.h>

#include "base/error.h"
#include "base/text.h"

int output_write(const struct text *text, struct error *error)
{
    if (text->failed)
        return error_system(error, ENOMEM, "standard output");
    if (fwrite(text_string(text), 1, text->length, stdout) == text->length && !fflush(stdout))
        return 0;
    return error_system(error, errno, "standard output");
}
