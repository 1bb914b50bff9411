#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/text.h"
#include "bench/doctor.h"
#include "harness/checkup.h"

enum { NAME_COLUMNS = 18 };

/* Titles worst first; the bad ones by what they do. */
static const struct {
    const char *title;
    enum checkup_state state;
    enum checkup_effect effect; /* of bad ones */
    bool in_short;              /* one line for each: all is well, or nothing is known */
} sections[] = {
    {"Disturbs the numbers", CHECKUP_BAD, CHECKUP_DISTURBS, false},
    {"Limits what can be measured", CHECKUP_BAD, CHECKUP_LIMITS, false},
    {"Worth knowing", CHECKUP_NOTE, CHECKUP_INFORMS, false},
    {"Fine", CHECKUP_OK, CHECKUP_INFORMS, true},
    {"Not known here", CHECKUP_UNKNOWN, CHECKUP_INFORMS, true},
};

size_t doctor_columns(void)
{
    enum { LEAST = 60, MOST = 120, USUAL = 80 };
    const char *variable = getenv("COLUMNS");
    struct winsize size = {0};
    long columns = variable ? strtol(variable, NULL, 10) : 0;
    if (columns <= 0 && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0)
        columns = size.ws_col;
    if (columns <= 0)
        columns = USUAL;
    return (size_t)(columns < LEAST ? LEAST : columns > MOST ? MOST : columns);
}

/* Breaks a text at blanks; a word longer than a line stands alone and whole, so that commands can
 * be copied. The first line begins where the caller has stopped, at `indent`. */
static void write_wrapped(struct text *out, const char *text, size_t indent, size_t columns)
{
    size_t column = indent;
    while (*text) {
        const size_t word_bytes = strcspn(text, " ");
        if (column > indent && column + 1 + word_bytes > columns) {
            text_append(out, "\n%*s", (int)indent, "");
            column = indent;
        } else if (column > indent) {
            text_append(out, " ");
            ++column;
        }
        text_append_bytes(out, text, word_bytes);
        column += word_bytes;
        text += word_bytes;
        text += strspn(text, " ");
    }
    text_append(out, "\n");
}

/* Commands stay on one line, to be copied. */
static void write_remedy(const struct checkup_finding *finding, struct text *out)
{
    if (finding->command[0])
        text_append(out, "%*s$ %s\n", NAME_COLUMNS, "", finding->command);
    if (finding->tunable)
        text_append(out, "%*s$ ipcbench doctor --tune %s\n", NAME_COLUMNS, "", finding->setting);
    if (finding->advice[0])
        text_append(out, "%*s(%s)\n", NAME_COLUMNS, "", finding->advice);
}

static void write_finding(const struct checkup_finding *finding, bool in_short, size_t columns,
                          struct text *out)
{
    text_append(out, "  %-*s", NAME_COLUMNS - 2, finding->name);
    write_wrapped(out, finding->found, NAME_COLUMNS, columns);
    if (in_short)
        return;
    if (finding->meaning[0]) {
        text_append(out, "%*s", NAME_COLUMNS, "");
        write_wrapped(out, finding->meaning, NAME_COLUMNS, columns);
    }
    write_remedy(finding, out);
}

static void write_counts(const struct checkup *checkup, struct text *out)
{
    const size_t disturb = checkup_count_bad(checkup, CHECKUP_DISTURBS);
    const size_t limit = checkup_count_bad(checkup, CHECKUP_LIMITS);
    text_append(out, "%zu %s, %zu %s; %zu worth knowing, %zu fine, %zu not known here\n", disturb,
                disturb == 1 ? "thing disturbs" : "things disturb", limit,
                limit == 1 ? "limits" : "limit", checkup_count(checkup, CHECKUP_NOTE),
                checkup_count(checkup, CHECKUP_OK), checkup_count(checkup, CHECKUP_UNKNOWN));
}

void doctor_write(const struct checkup *checkup, size_t columns, struct text *out)
{
    for (size_t section = 0; section < sizeof(sections) / sizeof(sections[0]); ++section) {
        bool has_title = false;
        for (size_t index = 0; index < checkup->count; ++index) {
            const struct checkup_finding *finding = &checkup->findings[index];
            if (finding->state != sections[section].state ||
                (finding->state == CHECKUP_BAD && finding->effect != sections[section].effect))
                continue;
            if (!has_title)
                text_append(out, "%s\n", sections[section].title);
            has_title = true;
            write_finding(finding, sections[section].in_short, columns, out);
        }
        if (has_title)
            text_append(out, "\n");
    }
    write_counts(checkup, out);
}
