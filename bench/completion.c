/* A completion script for bash, from the tables of the verbs and of the transports. It stands by
 * itself: no bash-completion package is needed. */
#include <string.h>

#include "base/text.h"
#include "bench/command.h"
#include "harness/transport.h"
#include "transports/builtin.h"

static const char functions[] =
    "# Bash completion of ipcbench; made by ipcbench help --bash.\n"
    "\n"
    "# Offers words that begin with what is typed.\n"
    "_ipcbench_words() {\n"
    "    mapfile -t COMPREPLY < <(compgen -W \"$1\" -- \"$2\")\n"
    "}\n"
    "\n"
    "# The same for the last of several with commas.\n"
    "_ipcbench_list() {\n"
    "    local before=\n"
    "    [[ $2 == *,* ]] && before=${2%,*},\n"
    "    mapfile -t COMPREPLY < <(compgen -P \"$before\" -W \"$1\" -- \"${2##*,}\")\n"
    "    compopt -o nospace\n"
    "}\n"
    "\n"
    "_ipcbench_files() {\n"
    "    compopt -o filenames\n"
    "    mapfile -t COMPREPLY < <(compgen -f -- \"$1\")\n"
    "}\n"
    "\n"
    "# Options of a transport behind NAME:, else the transports. Bash cuts words at ':' and '=', "
    "so\n"
    "# what is typed is read from the line.\n"
    "_ipcbench_transports() {\n"
    "    local line=${COMP_LINE:0:COMP_POINT}\n"
    "    local typed=${line##* } options\n"
    "    typed=${typed#--transport=}\n"
    "    if [[ $typed =~ ^(.*,)?([a-z0-9-]+):(.*,)?([a-z0-9-]*)$ ]]; then\n"
    "        options=$(_ipcbench_transport_options \"${BASH_REMATCH[2]}\")\n"
    "        mapfile -t COMPREPLY < <(compgen -W \"$options\" -- \"${BASH_REMATCH[4]}\")\n"
    "        [[ -n ${BASH_REMATCH[3]} ]] &&\n"
    "            COMPREPLY=(\"${COMPREPLY[@]/#/${BASH_REMATCH[3]}}\")\n"
    "        compopt -o nospace\n"
    "    elif [[ $typed =~ ([a-z0-9-]+):(.*,)?([a-z0-9-]+)=([a-z0-9|-]*)$ ]]; then\n"
    "        options=$(_ipcbench_transport_values \"${BASH_REMATCH[1]}:${BASH_REMATCH[3]}\")\n"
    "        mapfile -t COMPREPLY < <(compgen -W \"$options\" -- \"${BASH_REMATCH[4]}\")\n"
    "    else\n"
    "        _ipcbench_list \"$(_ipcbench_transport_names)\" \"$typed\"\n"
    "    fi\n"
    "}\n"
    "\n";

static void write_choices(const struct command_choice *choices, struct text *out)
{
    for (; choices->name; ++choices)
        text_append(out, "%s%s", choices->name, choices[1].name ? " " : "");
}

/* "a|b|c" as words. */
static void write_alternatives(const char *alternatives, struct text *out)
{
    for (; *alternatives; ++alternatives)
        text_append(out, "%c", *alternatives == '|' ? ' ' : *alternatives);
}

static bool is_file(const char *value)
{
    return !strcmp(value, "FILE") || !strcmp(value, "DIR");
}

/* What completes the value of an option, as a line of a case; nothing where it is free. */
static void write_value(const struct command_option *option, struct text *out)
{
    const bool is_transport = !strcmp(option->name, "transport");
    const bool has_alternatives = strchr(option->value, '|') != NULL;
    if (!is_transport && !option->choices && !has_alternatives && !is_file(option->value))
        return;
    text_append(out, "        ");
    if (option->letter)
        text_append(out, "-%c | ", option->letter);
    text_append(out, "--%s) ", option->name);
    if (is_transport) {
        text_append(out, "_ipcbench_transports");
    } else if (is_file(option->value)) {
        text_append(out, "_ipcbench_files \"$word\"");
    } else {
        text_append(out, option->is_list ? "_ipcbench_list \"" : "_ipcbench_words \"");
        if (option->choices)
            write_choices(option->choices, out);
        else
            write_alternatives(option->value, out);
        text_append(out, "\" \"$word\"");
    }
    text_append(out, "; return ;;\n");
}

/* Options that are passed on are completed as where they come from. */
static void write_passed_values(const struct command *command, struct text *out)
{
    const struct command *const parent = command->inherits;
    const char *link = "        ";
    for (size_t index = 0; parent && index < parent->option_count; ++index) {
        const struct command_option *const option = &parent->options[index];
        if (!option->value || !command_passes(command, option))
            continue;
        text_append(out, "%s", link);
        if (option->letter)
            text_append(out, "-%c | ", option->letter);
        text_append(out, "--%s", option->name);
        link = " | ";
    }
    if (parent)
        text_append(out, ") _ipcbench_verb_%s \"$word\" \"$2\"; return ;;\n", parent->name);
}

static void write_command(const struct command *command, struct text *out)
{
    text_append(out, "_ipcbench_verb_%s() {\n    local word=$1\n    case $2 in\n", command->name);
    for (size_t index = 0; index < command->option_count; ++index) {
        if (command->options[index].value)
            write_value(&command->options[index], out);
    }
    write_passed_values(command, out);
    text_append(out, "        *) ;;\n    esac\n    case $word in\n        -*) _ipcbench_words \"");
    for (size_t index = 0; index < command->option_count; ++index)
        text_append(out, "--%s ", command->options[index].name);
    for (size_t index = 0; command->inherits && index < command->inherits->option_count; ++index) {
        if (command_passes(command, &command->inherits->options[index]))
            text_append(out, "--%s ", command->inherits->options[index].name);
    }
    text_append(out, "--help\" \"$word\" ;;\n        *) ");
    if (command->parts) {
        text_append(out, "if ((COMP_CWORD == 2)); then _ipcbench_words \"");
        write_choices(command->parts, out);
        text_append(out, "\" \"$word\"; else _ipcbench_files \"$word\"; fi ;;\n");
    } else if (command->words_most > 0) {
        text_append(out, "_ipcbench_files \"$word\" ;;\n");
    } else {
        text_append(out, ";;\n");
    }
    text_append(out, "    esac\n}\n\n");
}

static void write_transports(struct text *out)
{
    text_append(out, "_ipcbench_transport_names() {\n    echo \"all");
    for (size_t index = 0; index < transports_builtin_count; ++index)
        text_append(out, " %s", transports_builtin[index]->name);
    text_append(out, "\"\n}\n\n_ipcbench_transport_options() {\n    case $1 in\n");
    for (size_t index = 0; index < transports_builtin_count; ++index) {
        const struct transport *const transport = transports_builtin[index];
        text_append(out, "        %s) echo \"", transport->name);
        for (size_t option = 0; option < transport->option_count; ++option)
            text_append(out, "%s%s=", option ? " " : "", transport->options[option].key);
        text_append(out, "\" ;;\n");
    }
    text_append(out, "    esac\n}\n\n_ipcbench_transport_values() {\n    case $1 in\n");
    for (size_t index = 0; index < transports_builtin_count; ++index) {
        const struct transport *const transport = transports_builtin[index];
        for (size_t option = 0; option < transport->option_count; ++option) {
            if (!transport->options[option].choices)
                continue;
            text_append(out, "        %s:%s) echo \"", transport->name,
                        transport->options[option].key);
            write_alternatives(transport->options[option].choices, out);
            text_append(out, "\" ;;\n");
        }
    }
    text_append(out, "    esac\n}\n\n");
}

void help_completion(struct text *out)
{
    text_append(out, "%s", functions);
    write_transports(out);
    for (size_t index = 0; index < command_count; ++index)
        write_command(commands[index], out);
    text_append(
        out, "_ipcbench() {\n"
             "    local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]}\n"
             "    COMPREPLY=()\n"
             "    # Within the value of --transport bash stands behind ':', ',' or '='.\n"
             "    if [[ ${COMP_LINE:0:COMP_POINT} =~ \\ (-t|--transport)[\\ =][^\\ ]*$ ]]; then\n"
             "        before=--transport\n"
             "    elif [[ $before == = ]]; then\n"
             "        before=${COMP_WORDS[COMP_CWORD - 2]}\n"
             "    elif [[ $word == = ]]; then\n"
             "        word=\n"
             "    fi\n"
             "    case ${COMP_WORDS[1]} in\n");
    text_append(out, "        \"$word\") ((COMP_CWORD == 1)) && _ipcbench_words \"");
    for (size_t index = 0; index < command_count; ++index)
        text_append(out, "%s ", commands[index]->name);
    text_append(out, "--help --version\" \"$word\" ;;\n");
    for (size_t index = 0; index < command_count; ++index)
        text_append(out, "        %s) _ipcbench_verb_%s \"$word\" \"$before\" ;;\n",
                    commands[index]->name, commands[index]->name);
    text_append(out, "    esac\n}\n\ncomplete -F _ipcbench ipcbench\n");
}
