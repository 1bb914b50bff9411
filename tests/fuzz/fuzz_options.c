/* libFuzzer: any text as "NAME:key=value,..." on the command line, and as the options of every
 * transport there is. What is taken can be written down and taken again, to the same values. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "bench/lists.h"
#include "bench/registry.h"
#include "harness/options.h"
#include "harness/transport.h"
#include "harness/trial.h"
#include "transports/builtin.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

static void parse_for(const struct transport *transport, const char *text)
{
    struct options options;
    struct options again;
    struct error error = {0};
    struct text formatted = {0};

    if (options_parse(transport->options, transport->option_count, text, &options, &error) != 0) {
        if (error.message[0] == '\0')
            abort();
        return;
    }
    options_format(&options, &formatted);
    if (options_parse(transport->options, transport->option_count, text_string(&formatted), &again,
                      &error) != 0 ||
        memcmp(options.values, again.values, options.count * sizeof *options.values) != 0)
        abort();
    text_free(&formatted);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    char *const text = malloc(bytes + 1);
    const struct registry registry = {0}; /* those built in */
    struct trial_request request = {0};
    struct error error = {0};

    if (!text)
        return 0;
    memcpy(text, data, bytes);
    text[bytes] = '\0';
    if (parse_transport(text, &registry, &request, &error) != 0 && error.message[0] == '\0')
        abort();
    for (size_t i = 0; i < transports_builtin_count; i++)
        parse_for(transports_builtin[i], text);
    free(text);
    return 0;
}
