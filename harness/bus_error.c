#include "harness/bus_error.h"

#include <fcntl.h>
#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"

/* The one place that a handler can find: set once in a child, before its first mapping is touched. */
static struct bus_error *recorded;

/* What follows runs in the handler: nothing but system calls and code of our own. */

enum { LINE_BYTES = 512 };

/* Lines of a file as they come; longer ones are cut. */
struct line_reader {
    int fd;
    size_t next, end;
    char buffer[1024];
    char line[LINE_BYTES];
};

static bool next_byte(struct line_reader *reader, char *byte)
{
    if (reader->next == reader->end) {
        const ssize_t got = read(reader->fd, reader->buffer, sizeof(reader->buffer));
        if (got <= 0)
            return false;
        reader->next = 0;
        reader->end = (size_t)got;
    }
    *byte = reader->buffer[reader->next++];
    return true;
}

static bool next_line(struct line_reader *reader)
{
    size_t length = 0;
    char byte;
    while (next_byte(reader, &byte) && byte != '\n') {
        if (length + 1 < LINE_BYTES)
            reader->line[length++] = byte;
        byte = 0;
    }
    reader->line[length] = '\0';
    return length > 0;
}

static int digit_of(char byte)
{
    if (byte >= '0' && byte <= '9')
        return byte - '0';
    return byte >= 'a' && byte <= 'f' ? byte - 'a' + 10 : 16;
}

/* Digits of that base from *text on, which is then behind them; false where there are none. */
static bool take_number(const char **text, int base, uint64_t *number)
{
    const char *const begin = *text;
    *number = 0;
    for (; digit_of(**text) < base; ++*text)
        *number = *number * (uint64_t)base + (uint64_t)digit_of(**text);
    return *text > begin;
}

/* "7f12a000-7f13a000 rw-s 00000000 fe:00 123  /tmp/name (deleted)" */
static bool take_mapping(const char *line, uint64_t address, struct bus_error *record)
{
    uint64_t begin, end;
    if (!take_number(&line, 16, &begin) || *line++ != '-' || !take_number(&line, 16, &end) ||
        *line != ' ' || address < begin || address >= end)
        return false;
    record->mapping_address = begin;
    record->mapping_bytes = end - begin;
    for (int field = 0; field < 4; ++field) {
        while (*line == ' ')
            ++line;
        while (*line && *line != ' ')
            ++line;
    }
    while (*line == ' ')
        ++line;
    for (size_t at = 0; at + 1 < sizeof(record->name) && line[at]; ++at)
        record->name[at] = line[at];
    return true;
}

static void find_mapping(struct bus_error *record)
{
    static const char page_size[] = "KernelPageSize:";
    struct line_reader reader = {.fd = open("/proc/self/smaps", O_RDONLY | O_CLOEXEC)};
    while (reader.fd >= 0 && next_line(&reader)) {
        if (!record->mapping_bytes) {
            (void)take_mapping(reader.line, record->address, record);
            continue;
        }
        if (strncmp(reader.line, page_size, sizeof(page_size) - 1) != 0)
            continue;
        const char *value = reader.line + sizeof(page_size) - 1;
        while (*value == ' ')
            ++value;
        if (take_number(&value, 10, &record->page_bytes))
            record->page_bytes *= 1024;
        break;
    }
}

static void handle(int signal_number, siginfo_t *info, void *context)
{
    (void)signal_number, (void)context;
    recorded->code = info->si_code;
    recorded->address = (uint64_t)(uintptr_t)info->si_addr;
    find_mapping(recorded);
    recorded->happened = true;
    _exit(1);
}

void bus_error_catch(struct bus_error *record)
{
    struct sigaction action = {.sa_sigaction = handle, .sa_flags = SA_SIGINFO};
    recorded = record;
    sigemptyset(&action.sa_mask);
    sigaction(SIGBUS, &action, NULL);
}

static const char *meaning_of(const struct bus_error *record, bool huge)
{
    switch (record->code) {
    case BUS_ADRERR:
        return huge ? "no huge page is left for it"
                    : "no memory or file stands behind it any more "
                      "(cut short, or no space left)";
    case BUS_MCEERR_AR:
    case BUS_MCEERR_AO:
        return "the memory itself is faulty";
    case BUS_ADRALN:
        return "the access is not aligned";
    default:
        return "sent by another process";
    }
}

void bus_error_describe(const struct bus_error *record, struct error *error)
{
    const uint64_t base_page_bytes = (uint64_t)sysconf(_SC_PAGESIZE);
    const bool huge = record->page_bytes > base_page_bytes;
    if (!record->mapping_bytes) {
        error_plain(error, "SIGBUS at address 0x%llx: %s", (unsigned long long)record->address,
                    meaning_of(record, huge));
        return;
    }
    error_plain(error, "SIGBUS at byte %llu of the %llu mapped of %s: %s",
                (unsigned long long)(record->address - record->mapping_address),
                (unsigned long long)record->mapping_bytes,
                record->name[0] ? record->name : "memory without a name", meaning_of(record, huge));
}
