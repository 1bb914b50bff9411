/* Which differences of machine and parameters forbid to compare two runs, and which are told. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "compare_fixture.h"

static const struct machine_fact *add_fact(struct run *run, const struct machine_fact *fact)
{
    struct machine *const machine = &run->machine;
    struct machine_fact *const facts =
        realloc(machine->facts, (machine->count + 1) * sizeof *facts);
    assert_non_null(facts);
    machine->facts = facts;
    facts[machine->count] = *fact;
    if (fact->text)
        facts[machine->count].text = fixture_text(fact->text);
    return &facts[machine->count++];
}

#define TEXT(group, key, text)                                                                     \
    {                                                                                              \
        group, key, (char[]){text}, false, 0                                                       \
    }
#define NUMBER(group, key, number)                                                                 \
    {                                                                                              \
        group, key, NULL, true, number                                                             \
    }
enum expectation { SAME, TOLD, REFUSED };
static struct {
    struct machine_fact base, now;
    enum expectation expectation;
} facts[] = {
    {TEXT("build", "commit", "a"), TEXT("build", "commit", "b"), TOLD},
    {TEXT("build", "compiler", "gcc 12"), TEXT("build", "compiler", "gcc 13"), REFUSED},
    {TEXT("kernel", "hostname", "a"), TEXT("kernel", "hostname", "b"), TOLD},
    {TEXT("kernel", "release", "6.1"), TEXT("kernel", "release", "6.2"), REFUSED},
    {TEXT("load", "average_1_5_15_min", "1 2 3"), TEXT("load", "average_1_5_15_min", "4"), SAME},
    {NUMBER("memory", "available_bytes", 1), NUMBER("memory", "available_bytes", 9), SAME},
    {NUMBER("memory", "total_bytes", 1000), NUMBER("memory", "total_bytes", 970), SAME},
    {NUMBER("memory", "total_bytes", 1000), NUMBER("memory", "total_bytes", 900), REFUSED},
    {NUMBER("limits", "msgmnb_bytes", 1), NUMBER("limits", "msgmnb_bytes", 2), REFUSED},
    {NUMBER("cpu", "boost", 1), TEXT("cpu", "boost", "1"), REFUSED},
    {NUMBER("nobody", "knows", 1), NUMBER("nobody", "knows", 2), REFUSED},
    {NUMBER("nobody", "knows", 1), NUMBER("nobody", "knows", 1), SAME},
    {NUMBER("cpu", "only_in_base", 1), NUMBER("load", "x", 1), REFUSED},
    {NUMBER("load", "x", 1), NUMBER("cpu", "only_in_new", 1), REFUSED},
};

static void test_what_may_differ(void **state)
{
    const struct compare_options options = compare_defaults();
    (void)state;

    for (size_t i = 0; i < sizeof facts / sizeof facts[0]; i++) {
        struct made_pair pair;
        char what[64];
        make_runs(&pair);
        const struct machine_fact *const base = add_fact(&pair.base, &facts[i].base);
        const struct machine_fact *const now = add_fact(&pair.now, &facts[i].now);
        const struct machine_fact *const named = strcmp(base->group, "load") != 0 ? base : now;
        compare_pair(&pair, &options);
        snprintf(what, sizeof what, "%s/%s", named->group, named->key);
        if (pair.comparison.difference_count != (facts[i].expectation != SAME))
            fail_msg("%s: %zu differences", what, pair.comparison.difference_count);
        if (pair.comparison.refused != (facts[i].expectation == REFUSED))
            fail_msg("%s: %s", what, pair.comparison.refused ? "refused" : "not refused");
        if (pair.comparison.difference_count)
            assert_string_equal(pair.comparison.differences[0].what, what);
        free_pair(&pair);
    }
}

static void longer(struct run *run)
{
    run->request.timed_seconds *= 2;
}

static void warmer(struct run *run)
{
    run->request.warmup_seconds = 7;
}

static void colder(struct run *run)
{
    run->request.cold = true;
}

static void by_another_clock(struct run *run)
{
    snprintf(run->clock.name, sizeof run->clock.name, "monotonic");
}

static void elsewhere(struct run *run)
{
    run->cells[1].cpus = run->cells[2].cpus = (struct cpu_pair){4, 5};
}

static void with_another_default(struct run *run)
{
    run->cells[3].options[1].number = 4096;
}

static struct run_plugin *from_plugin(struct run_cell *cell)
{
    if (cell->plugin)
        free(cell->plugin->path);
    free(cell->plugin);
    cell->plugin = calloc(1, sizeof *cell->plugin);
    assert_non_null(cell->plugin);
    *cell->plugin = (struct run_plugin){.path = fixture_text("/x/libfoo.so"), .crc32 = "0a0b0c0d"};
    return cell->plugin;
}

static void from_a_plugin(struct run *run)
{
    snprintf(from_plugin(&run->cells[2])->build_id, sizeof run->cells[2].plugin->build_id,
             "0123456789abcdef0123");
}

static void from_one_without_build_id(struct run *run)
{
    from_plugin(&run->cells[2]);
}

static void often(struct run *run)
{
    run->request.trials = 99;
    run->request.seed = 1;
    run->request.precision = .5;
}

static void not_to_the_end(struct run *run)
{
    run->status = RUN_COMPLETE; /* BASE is not */
}

static void test_parameters(void **state)
{
    static const struct {
        void (*change)(struct run *run);
        enum expectation expectation;
        const char *what, *now;
    } cases[] = {
        {longer, REFUSED, "timed_seconds", "0.4 s"},
        {warmer, REFUSED, "warmup_seconds", "7 s"},
        {colder, REFUSED, "cold", "yes"},
        {by_another_clock, REFUSED, "clock", "monotonic"},
        {elsewhere, REFUSED, "cell/01 and 1 more cells", "CPUs 4 and 5"},
        {with_another_default, REFUSED, "cell/03", "capacity=64K"},
        {not_to_the_end, TOLD, "status", "complete"},
        {from_a_plugin, TOLD, "cell/02", "build 0123456789abcdef of /x/libfoo.so"},
        {from_one_without_build_id, TOLD, "cell/02", "CRC 0a0b0c0d of /x/libfoo.so"},
        {often, SAME, NULL, NULL},
    };
    (void)state;

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct compare_options options = compare_defaults();
        struct made_pair pair;
        make_runs(&pair);
        cases[i].change(&pair.now);
        compare_pair(&pair, &options);
        assert_int_equal(pair.comparison.difference_count, cases[i].expectation != SAME);
        assert_int_equal(pair.comparison.refused, cases[i].expectation == REFUSED);
        if (pair.comparison.difference_count) {
            assert_string_equal(pair.comparison.differences[0].what, cases[i].what);
            assert_string_equal(pair.comparison.differences[0].now, cases[i].now);
        }
        if (pair.comparison.refused) {
            assert_int_equal(compare_outcome(&pair.comparison), COMPARE_OUTCOME_NOT_COMPARABLE);
            assert_sentence(&pair.comparison,
                            "Not comparable: 1 difference of machine or parameters");
        }

        options.allow_different = true;
        compare_pair(&pair, &options);
        assert_int_equal(pair.comparison.refused, 0);
        assert_int_equal(pair.comparison.difference_count, cases[i].expectation != SAME);
        assert_int_equal(compare_outcome(&pair.comparison), COMPARE_OUTCOME_FAILED);
        free_pair(&pair);
    }
}

/* The same build under another path is the same; another build under the same path is not. */
static void test_which_plugin_is_the_same(void **state)
{
    const struct run_plugin a = {.path = (char[]){"/a"}, .build_id = "01", .crc32 = "00000001"};
    const struct run_plugin moved = {.path = (char[]){"/b"}, .build_id = "01", .crc32 = "00000002"};
    const struct run_plugin rebuilt = {
        .path = (char[]){"/a"}, .build_id = "02", .crc32 = "00000001"};
    const struct run_plugin bare = {.path = (char[]){"/a"}, .crc32 = "00000001"};
    const struct run_plugin grown = {.path = (char[]){"/a"}, .crc32 = "00000001", .file_bytes = 1};
    (void)state;

    assert_true(run_plugin_same(NULL, NULL));
    assert_true(run_plugin_same(&a, &moved));
    assert_true(run_plugin_same(&a, &bare));
    assert_false(run_plugin_same(&a, &rebuilt));
    assert_false(run_plugin_same(&bare, &grown));
    assert_false(run_plugin_same(&a, NULL));
    assert_false(run_plugin_same(NULL, &a));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_may_differ),
        cmocka_unit_test(test_parameters),
        cmocka_unit_test(test_which_plugin_is_the_same),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
