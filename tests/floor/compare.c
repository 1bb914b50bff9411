/* Options, rounds and the exit status of `make floor`; compare.h says how it measures. */
#include "tests/floor/compare.h"

#include <errno.h>
#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { EXIT_OVER = 1, EXIT_USAGE = 2, EXIT_CELL_FAILED = 4, EXIT_INTERRUPTED = 130 };
enum { ROUNDS_MOST = 10000, ROW_NAME_BYTES = 64 };
static const double probe_ratio = 1.5; /* further apart: the CPUs were in different states */

static volatile sig_atomic_t interrupted;

static void interrupt(int signal_number)
{
    (void)signal_number;
    interrupted = 1;
}

struct command {
    struct compare_setting setting;
    bool idle_chosen;
    regex_t filter;
    bool filters;
};

static int usage(void)
{
    fputs("usage: compare [-r ROUNDS] [-s SECONDS] [-c SENDER,RECEIVER] [-i default|poll] "
          "[-f REGEX]\n"
          "  -r  rounds (21)          -s  seconds of each trial (0.15)\n"
          "  -c  the two CPUs of every row (nearest pair of cores; one CPU where both sleep in "
          "turn)\n"
          "  -i  idle CPUs halt (default) or poll; poll where that is allowed\n"
          "  -f  rows whose MECHANISM/PATTERN/BYTES matches, as 'spin/stream/64$'\n"
          "exit status: 0 no ratio over the limit, 1 some are, 2 usage, 4 a row failed\n",
          stderr);
    return EXIT_USAGE;
}

static bool parse_positive(const char *text, double most, double *value)
{
    char *end;
    *value = strtod(text, &end);
    return end != text && !*end && *value > 0 && *value <= most;
}

static int parse_option(struct command *command, int letter, const char *value, struct error *error)
{
    struct compare_setting *setting = &command->setting;
    double number;
    switch (letter) {
    case 'r':
        if (!parse_positive(value, ROUNDS_MOST, &number) || number < 1)
            return error_plain(error, "-r %s: a number of rounds", value);
        setting->rounds = (size_t)number;
        return 0;
    case 's':
        if (!parse_positive(value, 60, &setting->seconds))
            return error_plain(error, "-s %s: seconds, up to 60", value);
        return 0;
    case 'c':
        setting->cpus_for_all = true;
        return topology_parse_pair(&setting->topology, value, &setting->cpus, error);
    case 'i':
        command->idle_chosen = true;
        return idle_policy_parse(value, &setting->idle, error);
    case 'f':
        command->filters = !regcomp(&command->filter, value, REG_EXTENDED | REG_NOSUB);
        return command->filters ? 0 : error_plain(error, "-f %s: not a regular expression", value);
    default:
        return -EINVAL;
    }
}

static bool wanted(const struct command *command, const struct compare_row *row)
{
    char name[ROW_NAME_BYTES];
    snprintf(name, sizeof(name), "%s/%s/%zu", row->mechanism, pattern_name(row->pattern),
             row->message_bytes);
    return !command->filters || !regexec(&command->filter, name, 0, NULL, 0);
}

/* The floor program lies beside this one. */
static int find_floor(struct compare_setting *setting, struct error *error)
{
    static const char name[] = "floor";
    char *const path = setting->floor_path;
    const ssize_t length =
        readlink("/proc/self/exe", path, sizeof(setting->floor_path) - sizeof(name));
    if (length < 0)
        return error_system(error, errno, "readlink(/proc/self/exe)");
    path[length] = '\0';
    char *slash = strrchr(path, '/');
    memcpy(slash ? slash + 1 : path, name, sizeof(name));
    if (access(path, X_OK))
        return error_system(error, errno, "%s", path);
    return 0;
}

static bool like_with_like(const struct compare_figures *a, const struct compare_figures *b)
{
    const double probes[] = {a->probe_before_ns, a->probe_after_ns, b->probe_before_ns,
                             b->probe_after_ns};
    double least = probes[0], most = probes[0];
    for (size_t index = 1; index < sizeof(probes) / sizeof(probes[0]); ++index) {
        least = probes[index] < least ? probes[index] : least;
        most = probes[index] > most ? probes[index] : most;
    }
    return most <= least * probe_ratio;
}

static void measure_pair(struct compare_setting *setting, const struct compare_row *row,
                         struct compare_tally *tally, bool ours_first)
{
    struct compare_figures floor, ours;
    int failure = 0;
    if (ours_first)
        failure = compare_measure_ours(setting, row, &ours, &tally->error);
    if (!failure)
        failure = compare_measure_floor(setting, row, &floor, &tally->error);
    if (!failure && !ours_first)
        failure = compare_measure_ours(setting, row, &ours, &tally->error);
    if (failure && failure != -EAGAIN)
        return;
    if (failure || !like_with_like(&floor, &ours)) {
        ++tally->dropped;
        return;
    }
    tally->floor_ns[tally->kept] = floor.median_ns;
    tally->ours_ns[tally->kept] = ours.median_ns;
    tally->ratios[tally->kept] = ours.median_ns / floor.median_ns;
    tally->batch_ratios[tally->kept] = ours.batch_ns / floor.batch_ns;
    ++tally->kept;
}

static void measure(struct command *command, struct compare_tally *tallies)
{
    struct compare_setting *setting = &command->setting;
    for (size_t round = 0; round < setting->rounds && !interrupted; ++round) {
        for (size_t index = 0; index < compare_row_count && !interrupted; ++index) {
            const struct compare_row *row = &compare_rows[index];
            if (!wanted(command, row) || tallies[index].error.code)
                continue;
            if (isatty(STDERR_FILENO))
                fprintf(stderr, "\r\033[Kround %zu of %zu: %s %zu", round + 1, setting->rounds,
                        row->mechanism, row->message_bytes);
            measure_pair(setting, row, &tallies[index], round % 2 == 1);
        }
    }
    if (isatty(STDERR_FILENO))
        fputs("\r\033[K", stderr);
}

static int print(const struct command *command, struct compare_tally *tallies)
{
    size_t verdicts[VERDICT_NONE + 1] = {0};
    compare_print_head(&command->setting);
    for (size_t index = 0; index < compare_row_count; ++index) {
        if (wanted(command, &compare_rows[index]))
            ++verdicts[compare_print_row(&command->setting, &compare_rows[index], &tallies[index])];
    }
    printf("%zu ok, %zu unclear, %zu over, %zu not measured\n", verdicts[VERDICT_OK],
           verdicts[VERDICT_UNCLEAR], verdicts[VERDICT_OVER], verdicts[VERDICT_NONE]);
    if (interrupted)
        return EXIT_INTERRUPTED;
    return verdicts[VERDICT_OVER] ? EXIT_OVER : verdicts[VERDICT_NONE] ? EXIT_CELL_FAILED : 0;
}

/* One block of figures for each row. */
static bool tallies_open(struct compare_tally *tallies, size_t rounds)
{
    for (size_t index = 0; index < compare_row_count; ++index) {
        double *figures = calloc(4 * rounds, sizeof(*figures));
        if (!figures)
            return false;
        tallies[index] = (struct compare_tally){
            .floor_ns = figures,
            .ours_ns = figures + rounds,
            .ratios = figures + 2 * rounds,
            .batch_ratios = figures + 3 * rounds,
        };
    }
    return true;
}

/* Polling idle CPUs make what is measured ten times as sharp, so it is taken where it may be. */
static int hold_idle(struct command *command, int *hold, struct error *error)
{
    if (command->idle_chosen)
        return idle_hold(command->setting.idle, hold, error);
    command->setting.idle = IDLE_POLL;
    if (idle_hold(IDLE_POLL, hold, error)) {
        command->setting.idle = IDLE_DEFAULT;
        *error = (struct error){0};
        *hold = -1;
    }
    return 0;
}

static int run(struct command *command, struct error *error)
{
    struct compare_setting *setting = &command->setting;
    struct compare_tally *tallies = calloc(compare_row_count, sizeof(*tallies));
    int hold = -1, status = EXIT_CELL_FAILED;
    clock_choose(&setting->clock);
    if (!tallies || !tallies_open(tallies, setting->rounds))
        error_system(error, ENOMEM, "room for %zu rounds", setting->rounds);
    else if (!find_floor(setting, error) && !hold_idle(command, &hold, error) &&
             !workspace_open(&setting->workspace, setting->seconds, error)) {
        measure(command, tallies);
        status = print(command, tallies);
        workspace_close(&setting->workspace);
    }
    idle_release(&hold);
    for (size_t index = 0; tallies && index < compare_row_count; ++index)
        free(tallies[index].floor_ns);
    free(tallies);
    return status;
}

int main(int count, char **words)
{
    struct command command = {
        .setting = {.rounds = 21, .seconds = 0.15, .interrupted = &interrupted},
    };
    struct compare_setting *setting = &command.setting;
    const struct sigaction action = {.sa_handler = interrupt};
    struct error error = {0};
    int status = EXIT_CELL_FAILED;
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    if (!topology_read("", &setting->topology, &error)) {
        int failure = 0, letter;
        while (!failure && (letter = getopt(count, words, "r:s:c:i:f:")) != -1)
            failure = parse_option(&command, letter, optarg, &error);
        if (failure || optind != count) {
            status = error.code ? EXIT_USAGE : usage();
        } else {
            if (!setting->cpus_for_all)
                setting->cpus = topology_default_pair(&setting->topology);
            status = run(&command, &error);
        }
        topology_free(&setting->topology);
    }
    if (command.filters)
        regfree(&command.filter);
    if (error.code)
        fprintf(stderr, "compare: %s\n", error.message);
    return status;
}
