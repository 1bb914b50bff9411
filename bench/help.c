/* What --help prints, from the tables of the verbs. */
#include <string.h>

#include "base/text.h"
#include "bench/command.h"
#include "bench/wrap.h"

enum { WIDTH = 80, TEXT_COLUMN = 23, CHOICE_INDENT = 8 };

static void pad(struct text *out, size_t from, size_t to)
{
    if (from < to)
        text_append(out, "%*s", (int)(to - from), "");
}

/* How far the paragraph or the line that stands as it is goes. */
static size_t piece_bytes(const char *at)
{
    const char *end = at;
    do {
        end += strcspn(end, "\n");
        end += *end == '\n';
    } while (*at != ' ' && *end && *end != '\n' && *end != ' ');
    return (size_t)(end - at);
}

/* A text from `column` on; its other lines begin at `indent`. */
static void write_text(const char *text, size_t indent, size_t column, struct text *out)
{
    for (const char *at = text; *at; column = 0) {
        if (*at == '\n') {
            text_append(out, "\n");
            ++at;
            continue;
        }
        const size_t bytes = piece_bytes(at);
        pad(out, column, indent);
        if (*at == ' ')
            text_append(out, "%.*s\n", (int)(bytes - (at[bytes - 1] == '\n')), at);
        else
            wrap_words(at, bytes,
                       &(struct wrap){.columns = WIDTH,
                                      .indent = indent,
                                      .column = column > indent ? column : indent},
                       out);
        at += bytes;
    }
}

static void write_lines(const char *lines, const char *before, struct text *out)
{
    while (*lines) {
        const size_t length = strcspn(lines, "\n");
        text_append(out, "%s%.*s\n", before, (int)length, lines);
        lines += length + (lines[length] == '\n');
    }
}

static void write_choices(const struct command_choice *choices, size_t indent, size_t text_column,
                          struct text *out)
{
    for (; choices->name; ++choices) {
        const size_t end = indent + strlen(choices->name);
        pad(out, 0, indent);
        text_append(out, "%s", choices->name);
        if (choices->meaning) {
            pad(out, end, text_column);
            if (end >= text_column)
                text_append(out, "  ");
            write_text(choices->meaning, text_column, end >= text_column ? end + 2 : text_column,
                       out);
        } else {
            text_append(out, "\n");
        }
    }
}

static size_t widest(const struct command_choice *choices)
{
    size_t most = 0;
    for (; choices->name; ++choices)
        most = strlen(choices->name) > most ? strlen(choices->name) : most;
    return most;
}

static void write_option(const struct command_option *option, struct text *out)
{
    const size_t start = out->length;
    if (option->letter)
        text_append(out, "  -%c, --%s", option->letter, option->name);
    else
        text_append(out, "      --%s", option->name);
    if (option->value)
        text_append(out, option->value_optional ? " [%s]" : " %s", option->value);
    size_t column = out->length - start;
    if (column + 2 > TEXT_COLUMN) {
        text_append(out, "\n");
        column = 0;
    }
    pad(out, column, TEXT_COLUMN);
    write_text(option->text, TEXT_COLUMN, TEXT_COLUMN, out);
    if (option->choices)
        write_choices(option->choices, CHOICE_INDENT, TEXT_COLUMN, out);
}

static void write_options(const struct command *command, struct text *out)
{
    for (size_t index = 0; index < command->option_count; ++index) {
        const struct command_option *option = &command->options[index];
        if (option->group) {
            text_append(out, "\n");
            write_text(option->group, 0, 0, out);
        } else if (index == 0) {
            text_append(out, "\n");
        }
        write_option(option, out);
    }
}

static void write_inherited(const struct command *command, struct text *out)
{
    const struct command *const parent = command->inherits;
    struct text list = {0};
    text_append(&list, "And of ipcbench %s, see there:", parent->name);
    for (size_t index = 0; index < parent->option_count; ++index) {
        const struct command_option *const option = &parent->options[index];
        if (!command_passes(command, option))
            continue;
        if (option->letter)
            text_append(&list, " -%c", option->letter);
        else
            text_append(&list, " --%s", option->name);
    }
    text_append(out, "\n");
    write_text(text_string(&list), 0, 0, out);
    text_free(&list);
}

void help_command(const struct command *command, struct text *out)
{
    write_lines(command->synopsis, "", out);
    text_append(out, "\n");
    write_text(command->about, 0, 0, out);
    if (command->parts) {
        text_append(out, "\n");
        write_choices(command->parts, 2, 2 + widest(command->parts) + 2, out);
    }
    write_options(command, out);
    if (command->inherits)
        write_inherited(command, out);
    if (command->notes) {
        text_append(out, "\n");
        write_text(command->notes, 0, 0, out);
    }
    text_append(out, "\nExit status: ");
    write_text(command->statuses, 0, strlen("Exit status: "), out);
    text_append(out, "\nExamples:\n");
    write_lines(command->examples, "  ", out);
}

void help_program(struct text *out)
{
    text_append(out, "ipcbench: what does each way of moving bytes between two processes cost on "
                     "this machine?\n\n");
    for (size_t index = 0; index < command_count; ++index)
        text_append(out, "  ipcbench %-9s %s\n", commands[index]->name, commands[index]->summary);
    text_append(out, "  ipcbench --version\n"
                     "\n"
                     "Each verb has --help with examples. The everyday start: make bench\n");
}
