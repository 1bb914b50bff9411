/* Options, subjects and the table of `make closure`; closure.h says what it checks. */
#include "tests/proof/closure.h"

#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"

enum { EXIT_BROKEN = 1, EXIT_USAGE = 2, EXIT_CELL_FAILED = 4, EXIT_INTERRUPTED = 130 };
enum { TRIALS_MOST = 1000, NAME_BYTES = 120 };
static const double seconds_most = 10;

/* Streams, messages, shared memory; asleep and spinning; on one CPU and across. */
static const struct stage_cell cells[] = {
    {"pipe", "", true},
    {"uds-stream", "", false},
    {"shm", "sync=futex,copy=no", true},
    {"shm", "sync=spin,copy=no", false},
};
enum { CELLS = sizeof(cells) / sizeof(cells[0]) };

static const struct identity {
    const char *name;
    const char *unit;
    identity_check *check;
} identities[] = {
    {"elapsed", "ns", closure_check_elapsed},    {"recorded", "messages", closure_check_recorded},
    {"batch", "%", closure_check_batch},         {"ways", "ns", closure_check_ways},
    {"window", "% of it", closure_check_window}, {"schedule", "ns", closure_check_schedule},
};
enum { IDENTITIES = sizeof(identities) / sizeof(identities[0]) };

struct command {
    regex_t filter;
    bool filters;
    const char *spoiled;
};

static int usage(void)
{
    fputs("usage: closure [-n TRIALS] [-s SECONDS] [-f REGEX] [-x IDENTITY]\n"
          "  -n  trials of each (5)   -s  seconds of each trial (0.2)\n"
          "  -f  what matches IDENTITY/TRANSPORT:OPTIONS alone\n"
          "  -x  spoils this identity's raw figures by 1 us: it must fail\n"
          "identities:",
          stderr);
    for (size_t index = 0; index < IDENTITIES; ++index)
        fprintf(stderr, " %s", identities[index].name);
    fputs("\nexit status: 0 all hold, 1 some do not, 2 usage, 4 a trial failed\n", stderr);
    return EXIT_USAGE;
}

static bool is_identity(const char *name)
{
    for (size_t index = 0; index < IDENTITIES; ++index) {
        if (!strcmp(name, identities[index].name))
            return true;
    }
    return false;
}

static bool parse_option(struct closure *closure, struct command *command, int letter,
                         const char *value)
{
    char *end;
    const double number = letter == 'n' || letter == 's' ? strtod(value, &end) : 0;
    switch (letter) {
    case 'n':
        closure->trials = (size_t)number;
        return !*end && number >= 1 && number <= TRIALS_MOST;
    case 's':
        closure->stage.timed_seconds = number;
        return !*end && number >= 0.05 && number <= seconds_most;
    case 'f':
        command->filters = !regcomp(&command->filter, value, REG_EXTENDED | REG_NOSUB);
        return command->filters;
    case 'x':
        command->spoiled = value;
        return is_identity(value);
    default:
        return false;
    }
}

/* 0: holds, or is unclear, which is counted. */
static int check(struct closure *closure, const struct identity *identity,
                 const struct stage_cell *cell, const char *name, int *unclear)
{
    struct finding finding = {.holds = true, .note = ""};
    struct error error = {0};
    const int failure = identity->check(closure, cell, &finding, &error);
    if (*closure->stage.interrupted)
        return EXIT_INTERRUPTED;
    if (failure) {
        printf("%-36s %s: %s\n", name, error.unavailable ? "skipped" : "failed", error.message);
        return error.unavailable ? 0 : EXIT_CELL_FAILED;
    }
    printf("%-36s %-7s %10.3g %10.3g %-9s %s\n", name,
           !finding.holds    ? "BROKEN"
           : finding.unclear ? "unclear"
                             : "holds",
           finding.off, finding.allowed, identity->unit, finding.note);
    *unclear += finding.holds && finding.unclear;
    return finding.holds ? 0 : EXIT_BROKEN;
}

static int check_all(struct closure *closure, const struct command *command)
{
    int worst = 0, checked = 0, unclear = 0;
    printf("Closure: %zu trials of %g s; a clock reading costs %.1f ns%s%s\n", closure->trials,
           closure->stage.timed_seconds, closure->stage.clock.cost_ns,
           command->spoiled ? "; spoiled: " : "", command->spoiled ? command->spoiled : "");
    printf("%-36s %-7s %10s %10s\n", "identity/transport", "", "worst", "allowed");
    for (size_t index = 0; index < IDENTITIES; ++index) {
        for (size_t which = 0; which < CELLS && worst != EXIT_INTERRUPTED; ++which) {
            const struct identity *const identity = &identities[index];
            char name[NAME_BYTES];
            snprintf(name, sizeof(name), "%s/%s%s%s", identity->name, cells[which].name,
                     cells[which].options[0] ? ":" : "", cells[which].options);
            if (command->filters && regexec(&command->filter, name, 0, NULL, 0))
                continue;
            closure->spoil = command->spoiled && !strcmp(command->spoiled, identity->name);
            const int status = check(closure, identity, &cells[which], name, &unclear);
            worst = status > worst ? status : worst;
            ++checked;
        }
    }
    printf("verdict: %s\n", !checked               ? "nothing matches"
                            : worst == EXIT_BROKEN ? "BROKEN"
                            : worst                ? "a trial failed"
                            : unclear              ? "none broken, some unclear"
                                                   : "all hold");
    return checked ? worst : EXIT_USAGE;
}

int main(int count, char **words)
{
    struct closure closure = {
        .stage = {.warmup_seconds = 0.02,
                  .timed_seconds = 0.2,
                  .interrupted = stage_watch_signals()},
        .trials = 5,
    };
    struct command command = {0};
    struct error error = {0};
    bool good = true;
    for (int letter; good && (letter = getopt(count, words, "n:s:f:x:")) != -1;)
        good = letter != '?' && parse_option(&closure, &command, letter, optarg);
    if (!good || optind != count)
        return usage();
    int status = EXIT_CELL_FAILED;
    if (!stage_open(&closure.stage, closure.stage.timed_seconds, &error)) {
        status = check_all(&closure, &command);
        stage_close(&closure.stage);
    } else {
        fprintf(stderr, "closure: %s\n", error.message);
    }
    if (command.filters)
        regfree(&command.filter);
    return status;
}
