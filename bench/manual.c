/* ipcbench(1) in the man macros, from the tables of the verbs and of the transports. */
#include <string.h>

#include "base/text.h"
#include "bench/command.h"
#include "bench/version.h"
#include "harness/transport.h"
#include "transports/builtin.h"

static const char description[] =
    "Measures what each way of moving bytes between two processes costs on this machine. A sender "
    "and a receiver are forked for each trial, over pluggable transports; latencies are kept as "
    "HDR histograms, and everything that was measured goes to one JSON file, from which tables, "
    "comparisons and exports are made. The everyday start is ipcbench run.";

static const struct command_choice environment[] = {
    {"IPCBENCH_BASELINES", "where baselines are kept, instead of results/baseline"},
    {"IPCBENCH_HISTORY", "the history's database"},
    {"XDG_DATA_HOME", "without IPCBENCH_HISTORY it is ipcbench/history.sqlite in here"},
    {"COLUMNS", "how wide tables may be"},
    {"NO_COLOR", "set and not empty: no colour, though it is a terminal"},
    {"TMPDIR", "where FIFOs, sockets and mapped files are made (/tmp)"},
    {0},
};

static const struct command_choice files[] = {
    {"results/runs/", "result files, unless -o names one"},
    {"results/baseline/", "baselines, by machine; may be committed"},
    {"FILE.journal", "trials of a run that is not finished; ipcbench run --resume FILE"},
    {"/var/lib/ipcbench/tuning.state", "what ipcbench doctor --tune found"},
    {0},
};

/* Bytes as roff text; `at_start`: of a line, where a full stop would be a request. */
static void escape(const char *bytes, size_t count, bool at_start, struct text *out)
{
    for (size_t index = 0; index < count; ++index) {
        const char byte = bytes[index];
        if (at_start && (byte == '.' || byte == '\''))
            text_append(out, "\\&");
        if (byte == '\\')
            text_append(out, "\\e");
        else if (byte == '-')
            text_append(out, "\\-");
        else if (byte == '\'')
            text_append(out, "\\(aq");
        else if (byte == '|')
            text_append(out, "|\\:"); /* a line may break here */
        else
            text_append_bytes(out, &byte, 1);
        at_start = byte == '\n';
    }
}

static void write_line(const char *line, struct text *out)
{
    escape(line, strlen(line), true, out);
    text_append(out, "\n");
}

/* Paragraphs; lines that begin with a blank stay as they are. */
static void write_prose(const char *text, struct text *out)
{
    bool as_it_stands = false;
    while (*text) {
        const size_t length = strcspn(text, "\n");
        if ((*text == ' ') != as_it_stands) {
            as_it_stands = !as_it_stands;
            text_append(out, as_it_stands ? ".nf\n" : ".fi\n");
        }
        if (length == 0)
            text_append(out, ".sp");
        escape(text, length, true, out);
        text_append(out, "\n");
        text += length + (text[length] == '\n');
    }
    if (as_it_stands)
        text_append(out, ".fi\n");
}

static void write_choices(const struct command_choice *choices, struct text *out)
{
    for (; choices->name; ++choices) {
        text_append(out, ".TP\n.B ");
        write_line(choices->name, out);
        write_line(choices->meaning ? choices->meaning : "\\&", out);
    }
}

static void write_option(const struct command_option *option, struct text *out)
{
    text_append(out, ".TP\n");
    if (option->letter)
        text_append(out, "\\fB\\-%c\\fR, ", option->letter);
    text_append(out, "\\fB\\-\\-");
    escape(option->name, strlen(option->name), false, out);
    text_append(out, "\\fR");
    if (option->value) {
        text_append(out, option->value_optional ? " [\\fI" : " \\fI");
        escape(option->value, strlen(option->value), false, out);
        text_append(out, option->value_optional ? "\\fR]" : "\\fR");
    }
    text_append(out, "\n");
    write_prose(option->text, out);
    if (!option->choices)
        return;
    text_append(out, ".RS\n");
    for (const struct command_choice *choice = option->choices; choice->name; ++choice) {
        text_append(out, ".TP\n.B ");
        write_line(choice->name, out);
        if (choice->meaning)
            write_line(choice->meaning, out);
    }
    text_append(out, ".RE\n");
}

static void write_command(const struct command *command, struct text *out)
{
    text_append(out, ".SS ipcbench %s\n", command->name);
    text_append(out, ".nf\n");
    write_prose(command->synopsis, out);
    text_append(out, ".fi\n.PP\n");
    write_prose(command->about, out);
    if (command->parts)
        write_choices(command->parts, out);
    for (size_t index = 0; index < command->option_count; ++index) {
        if (command->options[index].group) {
            text_append(out, ".PP\n");
            write_prose(command->options[index].group, out);
        }
        write_option(&command->options[index], out);
    }
    if (command->inherits) {
        text_append(out, ".PP\nAnd of ipcbench %s:", command->inherits->name);
        for (size_t index = 0; index < command->inherits->option_count; ++index) {
            if (command_passes(command, &command->inherits->options[index]))
                text_append(out, " \\-\\-%s", command->inherits->options[index].name);
        }
        text_append(out, ".\n");
    }
    if (command->notes) {
        text_append(out, ".PP\n");
        write_prose(command->notes, out);
    }
    text_append(out, ".PP\nExit status: ");
    write_prose(command->statuses, out);
    text_append(out, ".PP\nExamples:\n.PP\n.nf\n.RS\n");
    write_prose(command->examples, out);
    text_append(out, ".RE\n.fi\n");
}

static void write_transport(const struct transport *transport, struct text *out)
{
    text_append(out, ".TP\n.B ");
    write_line(transport->name, out);
    write_line(transport->summary, out);
    text_append(out, ".RS\n");
    for (size_t index = 0; index < transport->option_count; ++index) {
        const struct option_spec *const spec = &transport->options[index];
        struct text term = {0};
        text_append(&term, "%s=%s (%s)", spec->key,
                    spec->choices                ? spec->choices
                    : spec->kind == OPTION_BYTES ? "BYTES"
                                                 : "N",
                    spec->default_value);
        text_append(out, ".TP\n");
        write_line(text_string(&term), out);
        write_line(spec->meaning, out);
        text_free(&term);
    }
    text_append(out, ".RE\n");
}

void help_manual(struct text *out)
{
    text_append(out, ".TH IPCBENCH 1 \"\" \"ipcbench %s\" \"User Commands\"\n", ipcbench_version);
    text_append(out, ".nh\n.ad l\n.SH NAME\n"
                     "ipcbench \\- what does each way of moving bytes between two processes cost?\n"
                     ".SH SYNOPSIS\n.nf\n");
    for (size_t index = 0; index < command_count; ++index)
        write_prose(commands[index]->synopsis, out);
    text_append(out, ".fi\n.SH DESCRIPTION\n");
    write_line(description, out);
    text_append(out, ".SH VERBS\n");
    for (size_t index = 0; index < command_count; ++index)
        write_command(commands[index], out);
    text_append(out, ".SH TRANSPORTS\nWhat \\-\\-transport takes; in parentheses the default. "
                     "Which values can be had on a machine: ipcbench list.\n");
    for (size_t index = 0; index < transports_builtin_count; ++index)
        write_transport(transports_builtin[index], out);
    text_append(out, ".SH ENVIRONMENT\n");
    write_choices(environment, out);
    text_append(out, ".SH FILES\n");
    write_choices(files, out);
    text_append(out, ".SH SEE ALSO\n"
                     ".BR pipe (7),\n.BR fifo (7),\n.BR unix (7),\n.BR mq_overview (7),\n"
                     ".BR sysvipc (7),\n.BR shm_overview (7),\n.BR mmap (2),\n.BR madvise (2)\n");
}
