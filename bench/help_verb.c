/* ipcbench help: of the program, of a verb, and for those who package it. */
#include "base/error.h"
#include "base/text.h"
#include "bench/command.h"
#include "bench/commands.h"
#include "bench/output.h"

struct help_request {
    bool manual;
    bool completion;
};

static int write_help(const struct help_request *request, const struct command_words *words,
                      struct text *out, struct error *error)
{
    const struct command *command = NULL;
    if (request->manual + request->completion + (words->count > 0) > 1)
        return error_plain(error, "help: --man, --bash or one verb");
    if (words->count > 0 && command_find(words->values[0], &command, error))
        return error->code;
    if (request->manual)
        help_manual(out);
    else if (request->completion)
        help_completion(out);
    else if (command)
        help_command(command, out);
    else
        help_program(out);
    return 0;
}

static int help(void *request, const struct command_words *words, struct error *error)
{
    struct text out = {0};
    int failure = write_help(request, words, &out, error);
    if (!failure)
        failure = output_write(&out, error);
    text_free(&out);
    return failure ? EXIT_USAGE : EXIT_FINE;
}

static const struct command_option options[] = {
    {.name = "man",
     .text = "the manual page, for man -l",
     .take = take_flag,
     .member = offsetof(struct help_request, manual)},
    {.name = "bash",
     .text = "a completion script for bash: . <(ipcbench help --bash)",
     .take = take_flag,
     .member = offsetof(struct help_request, completion)},
};

const struct command command_help = {
    .name = "help",
    .summary = "of a verb; the manual page; completion for bash",
    .synopsis = "ipcbench help [VERB]\n"
                "ipcbench help --man|--bash",
    .about = "The same as ipcbench VERB --help. make install puts the manual page and the "
             "completion where man and bash look for them.",
    .options = options,
    .option_count = sizeof(options) / sizeof(options[0]),
    .words_most = 1,
    .statuses = "0 fine, 2 usage error.",
    .examples = "ipcbench help run\n"
                "ipcbench help --man | man -l -",
    .request_bytes = sizeof(struct help_request),
    .run = help,
};
