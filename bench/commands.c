/* The verbs. A new one: a line each here, its table in a file of its own. */
#include "bench/commands.h"

#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "bench/command.h"

const struct command *const commands[] = {
    &command_run,     &command_list,     &command_show,     &command_compare, &command_ab,
    &command_history, &command_findings, &command_advise,   &command_plot,    &command_report,
    &command_export,  &command_import,   &command_topology, &command_doctor,  &command_help,
};
const size_t command_count = sizeof(commands) / sizeof(commands[0]);

int command_find(const char *name, const struct command **command, struct error *error)
{
    struct text names = {0};
    for (size_t index = 0; index < command_count; ++index) {
        *command = commands[index];
        if (!strcmp(name, commands[index]->name))
            break;
        *command = NULL;
        text_append(&names, "%s%s",
                    index == 0                   ? ""
                    : index + 1 == command_count ? " or "
                                                 : ", ",
                    commands[index]->name);
    }
    if (!*command)
        error_plain(error, "no verb '%.60s': %s; see ipcbench --help", name, text_string(&names));
    text_free(&names);
    return *command ? 0 : error->code;
}
