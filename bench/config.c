/* What ipcbench run was asked for: beginning, what goes together, end. Its options: bench/run_options.c. */
#include "bench/config.h"

#include <string.h>

#include "base/error.h"
#include "base/random.h"
#include "bench/command.h"
#include "bench/commands.h"

/* Whether an option says what or how to measure. */
static bool measures(const struct command_words *words)
{
    static const char *const others[] = {"resume", "plugin", "dry-run", "save-baseline"};
    uint64_t given = words->given;
    for (size_t index = 0; index < command_run.option_count; ++index) {
        for (size_t other = 0; other < sizeof(others) / sizeof(others[0]); ++other) {
            if (!strcmp(command_run.options[index].name, others[other]))
                given &= ~(UINT64_C(1) << index);
        }
    }
    return given != 0;
}

int config_check(struct config *config, const struct command_words *words, struct error *error)
{
    if (config->resume && measures(words))
        return error_plain(error, "run: --resume: the file says what to measure and how; "
                                  "beside it only --plugin, --dry-run and --save-baseline are "
                                  "possible");
    if (config->cpus && config->placements.length)
        return error_plain(error, "run: --cpus: --placement says where already; give one of them");
    if (config->pairs && (config->senders || config->receivers))
        return error_plain(error, "run: --pairs: each has a channel of its own; --senders and "
                                  "--receivers share one: give one of the two");
    if (config->cold && (config->senders || config->receivers))
        return error_plain(error, "run: --cold: round trips of one sender and one receiver; not "
                                  "with --senders, --receivers");
    if (!config->has_seed)
        config->seed = random_unguessable() >> 11; /* below 2^53: a plain number in JSON */
    return 0;
}

void config_prepare(void *request)
{
    *(struct config *)request = (struct config){
        .suite = suite_find("default"),
        .warmup_seconds = -1,
        .precision = -1,
        .touch = TOUCH_ALL,
        .memory = "local",
    };
}

int config_parse(struct config *config, int argc, char **argv, struct error *error)
{
    struct command_words words;
    bool help;
    config_prepare(config);
    int failure = command_parse(&command_run, config, argc, argv, &words, &help, error);
    if (!failure)
        failure = config_check(config, &words, error);
    command_words_free(&words);
    return failure;
}

void config_free(void *request)
{
    struct config *const config = request;
    text_free(&config->transports);
    text_free(&config->patterns);
    text_free(&config->sizes);
    text_free(&config->idles);
    text_free(&config->rates);
    text_free(&config->bursts);
    text_free(&config->placements);
    filter_free(&config->filter);
    registry_free(&config->registry);
}
