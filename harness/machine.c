#include "harness/machine.h"
#include "base/error.h"
#include "base/file.h"
#include "harness/machine_facts.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* The build tells about itself through these; the Makefile defines them for this file alone. */
#ifndef IPCBENCH_CFLAGS
#define IPCBENCH_CFLAGS "unknown"
#endif
#ifndef IPCBENCH_COMMIT
#define IPCBENCH_COMMIT "unknown"
#endif
#ifndef IPCBENCH_VERSION
#define IPCBENCH_VERSION "unknown"
#endif
#ifndef IPCBENCH_SANITIZE
#define IPCBENCH_SANITIZE "unknown"
#endif
#ifndef IPCBENCH_NATIVE
#define IPCBENCH_NATIVE 0
#endif

#ifdef __clang__
#define COMPILER_NAME "clang"
#else
#define COMPILER_NAME "gcc"
#endif

#ifdef __GLIBC__
#include <gnu/libc-version.h>
#define LIBC_NAME      "glibc"
#define LIBC_VERSION() gnu_get_libc_version()
#else
#define LIBC_NAME      "not glibc"
#define LIBC_VERSION() ""
#endif

enum { FACTS_PER_GROWTH = 64 };

static const struct machine_fact *find(const struct machine *machine, const char *group,
                                       const char *key)
{
    for (size_t i = 0; i < machine->count; i++) {
        const struct machine_fact *const fact = &machine->facts[i];
        if (strcmp(fact->group, group) == 0 && strcmp(fact->key, key) == 0)
            return fact;
    }
    return NULL;
}

static bool make_room(struct machine *machine)
{
    if (machine->count % FACTS_PER_GROWTH != 0)
        return true;
    struct machine_fact *const facts =
        realloc(machine->facts, (machine->count + FACTS_PER_GROWTH) * sizeof *facts);
    if (facts)
        machine->facts = facts;
    return facts != NULL;
}

/* Behind the last fact of its group, so that groups stay together. Takes over the fact's text. */
static void insert(struct fact_list *list, const struct machine_fact *fact)
{
    struct machine *const machine = list->machine;

    if (list->failed || !make_room(machine)) {
        list->failed = true;
        free(fact->text);
        return;
    }
    size_t place = machine->count;
    while (place > 0 && strcmp(machine->facts[place - 1].group, fact->group) != 0)
        place--;
    if (place == 0)
        place = machine->count;
    memmove(&machine->facts[place + 1], &machine->facts[place],
            (machine->count - place) * sizeof *fact);
    machine->facts[place] = *fact;
    machine->count++;
}

/* Firmware and host names may hold any byte, result files only UTF-8: what is not plain ASCII
 * becomes a question mark. */
static void clean_text(char *text)
{
    char *to = text;

    for (const char *from = text; *from != '\0'; from++) {
        if (!isspace((unsigned char)*from))
            *to++ = *from > ' ' && *from <= '~' ? *from : '?';
        else if (to > text && to[-1] != ' ')
            *to++ = ' ';
    }
    if (to > text && to[-1] == ' ')
        to--;
    *to = '\0';
}

void machine_add_text(struct fact_list *list, const char *group, const char *key, const char *text)
{
    if (list->failed || find(list->machine, group, key))
        return;
    char *const copy = strdup(text);
    if (!copy) {
        list->failed = true;
        return;
    }
    clean_text(copy);
    if (copy[0] == '\0')
        free(copy);
    else
        insert(list, &(struct machine_fact){.group = group, .key = key, .text = copy});
}

void machine_add_number(struct fact_list *list, const char *group, const char *key, int64_t number)
{
    if (list->failed || find(list->machine, group, key))
        return;
    insert(list,
           &(struct machine_fact){.group = group, .key = key, .is_number = true, .number = number});
}

static void add_build(struct fact_list *list)
{
    machine_add_text(list, "build", "version", IPCBENCH_VERSION);
    machine_add_text(list, "build", "commit", IPCBENCH_COMMIT);
    machine_add_text(list, "build", "compiler", COMPILER_NAME " " __VERSION__);
    machine_add_text(list, "build", "flags", IPCBENCH_CFLAGS);
    machine_add_text(list, "build", "sanitize", IPCBENCH_SANITIZE);
    machine_add_text(list, "build", "sanitize", "none"); /* where the Makefile gave no kinds */
    machine_add_number(list, "build", "native", IPCBENCH_NATIVE);

    char libc[64];
    (void)snprintf(libc, sizeof libc, "%s %s", LIBC_NAME, LIBC_VERSION());
    machine_add_text(list, "build", "libc", libc);
}

static void add_load(struct fact_list *list)
{
    char averages[64];
    int end = 0;
    struct timespec since_boot;

    /* Behind the three averages stand figures of no use here. */
    if (file_read_line(machine_path(list, "/proc/loadavg").text, averages, sizeof averages) == 0 &&
        sscanf(averages, "%*s %*s %*s%n", &end) == 0 && end > 0) {
        averages[end] = '\0';
        machine_add_text(list, "load", "average_1_5_15_min", averages);
    }
    if (machine_is_this(list) && clock_gettime(CLOCK_BOOTTIME, &since_boot) == 0)
        machine_add_number(list, "load", "uptime_s", since_boot.tv_sec);
}

struct fact_path machine_path(const struct fact_list *list, const char *path)
{
    struct fact_path full;
    const int length = snprintf(full.text, sizeof full.text, "%s%s", list->root, path);

    if (length < 0 || length >= (int)sizeof full.text)
        full.text[0] = '\0';
    return full;
}

bool machine_is_this(const struct fact_list *list)
{
    return list->root[0] == '\0';
}

int machine_read_at(const char *root, struct machine *machine, struct error *error)
{
    struct fact_list list = {.machine = machine, .root = root};

    *machine = (struct machine){0};
    machine_add_sources(&list); /* first: where a file tells it, nothing else is asked */
    machine_add_cpu(&list);
    machine_add_kernel(&list);
    machine_add_memory(&list);
    machine_add_virtualisation(&list);
    add_build(&list);
    add_load(&list);
    if (machine_is_this(&list))
        machine_add_number(&list, "user", "root", geteuid() == 0);
    if (!list.failed)
        return 0;
    machine_free(machine);
    return error_system(error, ENOMEM, "reading the machine's facts");
}

int machine_read(struct machine *machine, struct error *error)
{
    return machine_read_at("", machine, error);
}

void machine_free(struct machine *machine)
{
    for (size_t i = 0; i < machine->count; i++)
        free(machine->facts[i].text);
    free(machine->facts);
    *machine = (struct machine){0};
}

const char *machine_text(const struct machine *machine, const char *group, const char *key)
{
    const struct machine_fact *const fact = find(machine, group, key);

    return fact && !fact->is_number ? fact->text : NULL;
}

bool machine_number(const struct machine *machine, const char *group, const char *key,
                    int64_t *number)
{
    const struct machine_fact *const fact = find(machine, group, key);

    if (!fact || !fact->is_number)
        return false;
    *number = fact->number;
    return true;
}
