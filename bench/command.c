#include "bench/command.h"

#include <errno.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "bench/output.h"

enum { OPTIONS_MAX = 64, FIRST_NUMBER = 256, FIRST_PASSED_NUMBER = 1024 };

/* What getopt_long wants to know. Long options are told by FIRST_NUMBER + their index, those that are
 * passed on by FIRST_PASSED_NUMBER + theirs; letters by themselves. */
struct getopt_tables {
    struct option long_options[2 * OPTIONS_MAX + 2];
    size_t count;
    char letters[6 * OPTIONS_MAX + 4];
    size_t letter_count;
};

/* Whether a word is in a list with blanks between them. */
static bool is_in(const char *list, const char *word)
{
    const size_t length = strlen(word);
    for (const char *at = list; (at = strstr(at, word)); at += length) {
        if ((at == list || at[-1] == ' ') && (at[length] == ' ' || !at[length]))
            return true;
    }
    return false;
}

bool command_passes(const struct command *command, const struct command_option *option)
{
    return command->inherits && is_in(command->inherited, option->name);
}

static void add_to_tables(const struct command_option *option, int number,
                          struct getopt_tables *tables)
{
    tables->long_options[tables->count++] = (struct option){
        .name = option->name,
        .has_arg = option->value_optional ? optional_argument
                   : option->value        ? required_argument
                                          : no_argument,
        .val = number,
    };
    if (!option->letter)
        return;
    tables->letters[tables->letter_count++] = option->letter;
    if (option->value)
        tables->letters[tables->letter_count++] = ':';
}

static void fill_tables(const struct command *command, struct getopt_tables *tables)
{
    const struct command *const parent = command->inherits;
    *tables = (struct getopt_tables){.letters = ":h", .letter_count = 2};
    for (size_t index = 0; index < command->option_count; ++index)
        add_to_tables(&command->options[index], FIRST_NUMBER + (int)index, tables);
    for (size_t index = 0; parent && index < parent->option_count; ++index) {
        if (command_passes(command, &parent->options[index]))
            add_to_tables(&parent->options[index], FIRST_PASSED_NUMBER + (int)index, tables);
    }
    tables->long_options[tables->count] = (struct option){.name = "help", .val = 'h'};
}

static const struct command_option *find_letter(const struct command *command, int letter)
{
    for (size_t index = 0; index < command->option_count; ++index) {
        if (command->options[index].letter == letter)
            return &command->options[index];
    }
    return NULL;
}

/* NULL: none. */
static const struct command_option *find_option(const struct command *command, int value,
                                                bool *is_passed)
{
    *is_passed = value >= FIRST_PASSED_NUMBER;
    if (*is_passed)
        return &command->inherits->options[value - FIRST_PASSED_NUMBER];
    if (value >= FIRST_NUMBER)
        return &command->options[value - FIRST_NUMBER];
    const struct command_option *const option = find_letter(command, value);
    if (option || !command->inherits)
        return option;
    *is_passed = true;
    return find_letter(command->inherits, value);
}

static bool takes(const struct command *command, const struct command_words *words,
                  const struct command_option *option)
{
    return !option->parts || !command->parts ||
           is_in(option->parts, command->parts[words->part].name);
}

static int take(const struct command_option *option, void *request, char *value,
                struct error *error)
{
    const int failure = option->take(value ? value : "", (char *)request + option->member, error);
    if (failure)
        error_prefix(error, "--%s: ", option->name);
    return failure;
}

/* Kept for the one who runs the command that it belongs to. */
static int pass(const struct command_option *option, const char *value, struct command_words *words,
                struct error *error)
{
    struct text text = {0};
    char **const more = realloc(words->passed, (words->passed_count + 1) * sizeof(*words->passed));
    if (more)
        words->passed = more;
    text_append(&text, "--%s%s%s", option->name, option->value ? "=" : "", value ? value : "");
    if (!more || text.failed) {
        text_free(&text);
        return error_system(error, ENOMEM, "--%s", option->name);
    }
    words->passed[words->passed_count++] = text.data;
    return 0;
}

static int refuse(const struct command *command, struct error *error, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static int refuse(const struct command *command, struct error *error, const char *format, ...)
{
    char what[256];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(what, sizeof(what), format, arguments);
    va_end(arguments);
    return error_plain(error, "%s; see ipcbench %s --help", what, command->name);
}

/* getopt_long, called when it stood at `word`, has moved on behind the option, unless it is within
 * several letters behind one dash. */
static const char *typed_option(int word, int argc, char **argv)
{
    if (optind > word && argv[optind - 1][0] == '-')
        return argv[optind - 1];
    return argv[optind < argc ? optind : argc - 1];
}

static int parse_options(const struct command *command, void *request, int argc, char **argv,
                         struct command_words *words, bool *help, struct error *error)
{
    struct getopt_tables tables;
    fill_tables(command, &tables);
    optind = 0; /* glibc: start over */
    opterr = 0;
    for (;;) {
        const int word = optind ? optind : 1;
        const int value = getopt_long(argc, argv, tables.letters, tables.long_options, NULL);
        if (value < 0)
            return 0;
        if (value == 'h') {
            *help = true;
            return 0;
        }
        if (value == ':')
            return refuse(command, error, "option %s needs a value",
                          typed_option(word, argc, argv));
        bool is_passed = false;
        const struct command_option *option =
            value == '?' ? NULL : find_option(command, value, &is_passed);
        if (!option || !takes(command, words, option))
            return refuse(command, error, "unknown option %s", typed_option(word, argc, argv));
        if (option->value_optional && !optarg && optind < argc && argv[optind][0] != '-')
            optarg = argv[optind++];
        const int failure =
            is_passed ? pass(option, optarg, words, error) : take(option, request, optarg, error);
        if (failure)
            return failure;
        if (!is_passed)
            words->given |= UINT64_C(1) << (option - command->options);
    }
}

static int refuse_part(const struct command *command, const char *typed, struct error *error)
{
    struct text names = {0};
    if (typed)
        text_append(&names, "no '%.60s': ", typed);
    for (const struct command_choice *part = command->parts; part->name; ++part)
        text_append(&names, "%s%s",
                    part == command->parts ? ""
                    : part[1].name         ? ", "
                                           : " or ",
                    part->name);
    refuse(command, error, "%s", text_string(&names));
    text_free(&names);
    return error->code;
}

/* Takes the part's name off the arguments. */
static int choose_part(const struct command *command, int *argc, char ***argv,
                       struct command_words *words, bool *help, struct error *error)
{
    const char *const typed = *argc > 1 ? (*argv)[1] : NULL;
    if (typed && (!strcmp(typed, "--help") || !strcmp(typed, "-h"))) {
        *help = true;
        return 0;
    }
    for (; typed && command->parts[words->part].name; ++words->part) {
        if (!strcmp(typed, command->parts[words->part].name)) {
            ++*argv;
            --*argc;
            return 0;
        }
    }
    return refuse_part(command, typed, error);
}

static int parse_words(const struct command *command, void *request, int argc, char **argv,
                       struct command_words *words, bool *help, struct error *error)
{
    int failure = 0;
    if (command->parts)
        failure = choose_part(command, &argc, &argv, words, help, error);
    if (!failure && !*help)
        failure = parse_options(command, request, argc, argv, words, help, error);
    if (failure || *help)
        return failure;
    words->values = argv + optind;
    words->count = argc - optind;
    if (words->count >= 0 && (size_t)words->count > command->words_most)
        return refuse(command, error, "unexpected '%s'", words->values[command->words_most]);
    return 0;
}

int command_parse(const struct command *command, void *request, int argc, char **argv,
                  struct command_words *words, bool *help, struct error *error)
{
    *words = (struct command_words){.argc = argc, .argv = argv};
    *help = false;
    const int failure = parse_words(command, request, argc, argv, words, help, error);
    if (!failure)
        return 0;
    error_prefix(error, "%s: ", command->name);
    return failure;
}

void command_words_free(struct command_words *words)
{
    for (size_t index = 0; index < words->passed_count; ++index)
        free(words->passed[index]);
    free(words->passed);
    words->passed = NULL;
    words->passed_count = 0;
}

bool command_given(const struct command *command, const struct command_words *words,
                   const char *name)
{
    for (size_t index = 0; index < command->option_count; ++index) {
        if (!strcmp(command->options[index].name, name))
            return words->given >> index & 1;
    }
    return false;
}

static int print_help(const struct command *command, struct error *error)
{
    struct text out = {0};
    help_command(command, &out);
    const int failure = output_write(&out, error);
    text_free(&out);
    return failure ? EXIT_USAGE : EXIT_FINE;
}

int command_carry_out(const struct command *command, int argc, char **argv, struct error *error)
{
    struct command_words words;
    bool help;
    int status = EXIT_USAGE;
    void *request = calloc(1, command->request_bytes ? command->request_bytes : 1);
    if (!request) {
        error_system(error, ENOMEM, "%s", command->name);
        return EXIT_USAGE;
    }
    if (command->prepare)
        command->prepare(request);
    if (!command_parse(command, request, argc, argv, &words, &help, error))
        status = help ? print_help(command, error) : command->run(request, &words, error);
    command_words_free(&words);
    if (command->release)
        command->release(request);
    free(request);
    return status;
}

int take_flag(const char *value, void *member, struct error *error)
{
    (void)value;
    (void)error;
    *(bool *)member = true;
    return 0;
}

int take_string(const char *value, void *member, struct error *error)
{
    (void)error;
    *(const char **)member = value;
    return 0;
}

int take_path(const char *value, void *member, struct error *error)
{
    *(const char **)member = value;
    return value[0] ? 0 : error_plain(error, "a file name is expected");
}
