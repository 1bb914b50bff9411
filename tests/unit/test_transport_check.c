/* What a struct transport must be: those built in are, and each thing that can be wrong is found. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "base/error.h"
#include "harness/loop_run.h"
#include "harness/loops_memory.h"
#include "harness/transport.h"
#include "harness/transport_check.h"
#include "transports/builtin.h"

static void test_those_built_in_are_sound(void **state)
{
    (void)state;
    for (size_t index = 0; index < transports_builtin_count; ++index) {
        struct error error = {0};
        if (transport_check(transports_builtin[index], &error))
            fail_msg("%s", error.message);
    }
}

/* A made transport, each part of which a case may spoil. */
struct made {
    struct transport transport;
    struct option_spec options[3];
};

static struct loop_set loops;

static void loop(struct loop_run *run)
{
    (void)run;
}

static const struct loop_set *give_loops(const struct options *options)
{
    (void)options;
    return &loops;
}

static const struct loop_set *give_nothing(const struct options *options)
{
    (void)options;
    return NULL;
}

static struct memory_loops memory_loops;

static const struct memory_loops *give_memory_loops(const struct options *options)
{
    (void)options;
    return &memory_loops;
}

static int create(struct channel *channel, struct error *error)
{
    (void)channel, (void)error;
    return 0;
}

static uint64_t allow_crowd(const struct options *options)
{
    (void)options;
    return 4096;
}

static uint64_t allow_no_crowd(const struct options *options)
{
    (void)options;
    return 0;
}

/* Every member of a set of loops but those of several senders. */
static void fill_loops(void)
{
    loop_function **const members = (loop_function **)&loops;
    for (size_t index = 0; index < sizeof loops / sizeof *members; ++index)
        members[index] = loop;
    for (size_t touch = 0; touch < TOUCH_KINDS; ++touch)
        loops.crowd_produce[touch] = loops.crowd_consume[touch] = NULL;
    memory_loops.work = loop;
}

static void make(struct made *made)
{
    fill_loops();
    *made = (struct made){
        .transport = {.abi = TRANSPORT_ABI,
                      .name = "made-up2",
                      .summary = "for this test",
                      .family = FAMILY_MESSAGE,
                      .option_count = 3,
                      .state_bytes = 128,
                      .loops = give_loops},
        .options = {{.key = "wait",
                     .kind = OPTION_CHOICE,
                     .choices = "block|spin",
                     .default_value = "spin",
                     .meaning = "how"},
                    {.key = "depth",
                     .kind = OPTION_COUNT,
                     .default_value = "default",
                     .minimum = 1,
                     .maximum = 9,
                     .meaning = "how many"},
                    {.key = "size", .kind = OPTION_BYTES, .default_value = "4K", .meaning = "x"}},
    };
    made->transport.options = made->options;
}

static void make_operation(struct made *made)
{
    made->transport.family = FAMILY_OPERATION;
    made->transport.loops = NULL;
    made->transport.memory_loops = give_memory_loops;
}

#define SPOIL(name, ...)                                                                           \
    static void name(struct made *made)                                                            \
    {                                                                                              \
        __VA_ARGS__;                                                                               \
    }
SPOIL(nothing, (void)made)
SPOIL(abi, ++made->transport.abi)
SPOIL(no_name, made->transport.name = NULL)
SPOIL(empty_name, made->transport.name = "")
SPOIL(name_with_colon, made->transport.name = "a:b")
SPOIL(name_in_capitals, made->transport.name = "Pipe")
SPOIL(name_with_escape, made->transport.name = "p\033[2J")
SPOIL(name_like_option, made->transport.name = "-t")
SPOIL(long_name, made->transport.name = "a23456789012345678901234567890123")
SPOIL(name_all, made->transport.name = "all")
SPOIL(no_summary, made->transport.summary = NULL)
SPOIL(two_lines, made->transport.summary = "a\nb")
SPOIL(long_summary, made->transport.summary = "01234567890123456789012345678901234567890123456789"
                                              "0123456789012345678901")
SPOIL(family, made->transport.family = (enum transport_family)17)
SPOIL(state_bytes, made->transport.state_bytes = (size_t)-1)
SPOIL(many_options, made->transport.option_count = OPTIONS_MAX + 1)
SPOIL(no_table, made->transport.options = NULL)
SPOIL(no_key, made->options[1].key = NULL)
SPOIL(key_with_equals, made->options[1].key = "a=b")
SPOIL(key_twice, made->options[1].key = "wait")
SPOIL(no_meaning, made->options[2].meaning = NULL)
SPOIL(no_default, made->options[2].default_value = NULL)
SPOIL(kind, made->options[2].kind = (enum option_kind)9)
SPOIL(no_choices, made->options[0].choices = NULL)
SPOIL(empty_choice, made->options[0].choices = "block||spin")
SPOIL(last_choice_empty, made->options[0].choices = "block|spin|")
SPOIL(choice_twice, made->options[0].choices = "spin|block|spin")
SPOIL(choice_with_comma, made->options[0].choices = "spin|a,b")
SPOIL(number_with_choices, made->options[1].choices = "1|2")
SPOIL(minimum, made->options[1].minimum = 10)
SPOIL(default_no_choice, made->options[0].default_value = "poll")
SPOIL(default_out_of_range, made->options[1].default_value = "10")
SPOIL(no_loops, made->transport.loops = NULL)
SPOIL(loops_give_nothing, made->transport.loops = give_nothing)
SPOIL(loops_missing, (void)made; loops.answer[TOUCH_ALL] = NULL)
SPOIL(operation, make_operation(made))
SPOIL(operation_of_nothing, make_operation(made); made->transport.memory_loops = NULL)
SPOIL(operation_with_loops, make_operation(made); made->transport.loops = give_loops)
SPOIL(operation_besides, made->transport.memory_loops = give_memory_loops)
SPOIL(work_missing, made->transport.memory_loops = give_memory_loops; memory_loops.work = NULL)
SPOIL(no_destroy, made->transport.create = create)
SPOIL(crowd, made->transport.crowd_most_bytes = allow_crowd)
SPOIL(crowd_of_none, made->transport.crowd_most_bytes = allow_no_crowd)

static const struct {
    void (*spoil)(struct made *made);
    const char *message; /* begins with; NULL: it is sound */
} cases[] = {
    {nothing, NULL},
    {abi, "its struct transport says ABI"},
    {no_name, "it has no name"},
    {empty_name, "its name '' cannot be typed"},
    {name_with_colon, "its name 'a:b' cannot be typed"},
    {name_in_capitals, "its name 'Pipe' cannot be typed"},
    {name_with_escape, "its name 'p"},
    {name_like_option, "its name '-t' cannot be typed"},
    {long_name, "its name 'a2345678901234567890123456789012"},
    {name_all, "its name is 'all'"},
    {no_summary, "made-up2: summary:"},
    {two_lines, "made-up2: summary:"},
    {long_summary, "made-up2: summary:"},
    {family, "made-up2: there is no family 17"},
    {state_bytes, "made-up2: state_bytes is 18446744073709551615; at most"},
    {many_options, "made-up2: 17 options; at most 16"},
    {no_table, "made-up2: 3 options without a table"},
    {no_key, "made-up2: option 1: its key"},
    {key_with_equals, "made-up2: option 1: its key"},
    {key_twice, "made-up2: option 'wait' is there twice"},
    {no_meaning, "made-up2: option 'size': its meaning"},
    {no_default, "made-up2: option 'size': no default"},
    {kind, "made-up2: option 'size': there is no kind 9"},
    {no_choices, "made-up2: option 'wait': no choices"},
    {empty_choice, "made-up2: option 'wait': choices 'block||spin'"},
    {last_choice_empty, "made-up2: option 'wait': choices 'block|spin|'"},
    {choice_twice, "made-up2: option 'wait': choice 'spin' is there twice"},
    {choice_with_comma, "made-up2: option 'wait': choices 'spin|a,b'"},
    {number_with_choices, "made-up2: option 'depth': a number has no choices"},
    {minimum, "made-up2: option 'depth': its minimum is above its maximum"},
    {default_no_choice, "made-up2: default in the option table: wait=poll"},
    {default_out_of_range, "made-up2: default in the option table: depth=10"},
    {no_loops, "made-up2: the hook 'loops' is missing"},
    {loops_give_nothing, "made-up2: the hook 'loops' gives nothing"},
    {loops_missing, "made-up2: the hook 'loops' gives a set with loops missing"},
    {operation, NULL},
    {operation_of_nothing, "made-up2: the hook 'memory_loops' is missing"},
    {operation_with_loops, "made-up2: an operation on memory has no 'loops'"},
    {operation_besides, NULL},
    {work_missing, "made-up2: the hook 'memory_loops' gives a set with loops missing"},
    {no_destroy, "made-up2: it has 'create' and no 'destroy'"},
    {crowd, "made-up2: 'crowd_most_bytes' allows several senders"},
    {crowd_of_none, NULL},
};

/* What transport_check says of it. */
static int check(void (*spoil)(struct made *made), struct error *error)
{
    struct made made;
    make(&made);
    spoil(&made);
    return transport_check(&made.transport, error);
}

static void test_each_fault_is_found(void **state)
{
    (void)state;
    for (size_t index = 0; index < sizeof cases / sizeof cases[0]; ++index) {
        const char *const expected = cases[index].message;
        struct error error = {0};
        const int failure = check(cases[index].spoil, &error);
        if (!failure != !expected)
            fail_msg("case %zu: %s", index, failure ? error.message : "taken for sound");
        if (expected && strncmp(error.message, expected, strlen(expected)) != 0)
            fail_msg("'%s' does not begin with '%s'", error.message, expected);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_those_built_in_are_sound),
        cmocka_unit_test(test_each_fault_is_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
