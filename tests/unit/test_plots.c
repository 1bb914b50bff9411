/* What figures are made of before gnuplot sees it: foreign text, ticks, fronts, labels, pages. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/random.h"
#include "base/text.h"
#include "plots/axis.h"
#include "plots/cells.h"
#include "plots/pages.h"
#include "plots/script.h"
#include "plots/shapes.h"
#include "plots/words.h"
#include "results/run.h"

/* --- foreign text ------------------------------------------------------------------------------ */

static void words_are(const char *foreign, size_t columns_most, const char *expected)
{
    struct text out = {0};
    words_append(&out, foreign, columns_most);
    assert_string_equal(text_string(&out), expected);
    text_free(&out);
}

static void test_words(void **state)
{
    (void)state;
    words_are("pipe:wait=spin", 0, "pipe:wait=spin");
    words_are("µs {a}_b ^c `id` $(id) \"q\" 'r' </script>", 0,
              "µs {a}_b ^c `id` $(id) \"q\" 'r' </script>");
    words_are("a\nb\tc\rd", 0, "a b c d");
    words_are("a\x01\x1b[31mb\x7f", 0, "a??[31mb?");
    words_are("\xff\xc3(\xe2\x82", 0, "?\?(?\?");  /* bytes that begin nothing */
    words_are("\xc0\xaf\xed\xa0\x80", 0, "?????"); /* overlong, and half a surrogate pair */
    static const char turned[] = {'\xe2', '\x80', '\xae', 'e', 'v', 'i', 'l', '\0'};
    words_are(turned, 0, "?evil");
    words_are("\u200b\ufeff\xc2\x85", 0, "???");
    words_are("\U0001F600\uffff\U0010ffff", 0, "\U0001F600??");
    words_are("", 5, "");
}

static void test_words_are_cut_in_the_middle(void **state)
{
    (void)state;
    words_are("abcdefgh", 8, "abcdefgh");
    words_are("abcdefghi", 8, "abcd…ghi");
    words_are("µµµµµµµµµ", 5, "µµ…µµ");
    for (size_t most = 2; most < 12; ++most) {
        struct text out = {0};
        words_append(&out, "ääääääääääääääää", most);
        assert_int_equal(text_columns(text_string(&out)), most);
        text_free(&out);
    }
}

static void slug_is(const char *foreign, const char *expected)
{
    struct text out = {0};
    words_append_slug(&out, foreign);
    assert_string_equal(text_string(&out), expected);
    text_free(&out);
}

static void test_slugs(void **state)
{
    (void)state;
    slug_is("stream-64K-same-cache/idle=poll", "stream-64k-same-cache-idle-poll");
    slug_is("../../etc/passwd", "etc-passwd");
    slug_is("-o |rm 'x'\n", "o-rm-x");
    slug_is("a..b", "a..b");
    slug_is("/", "");
    char endless[1000];
    memset(endless, 'a', sizeof(endless) - 1);
    endless[sizeof(endless) - 1] = '\0';
    struct text out = {0};
    words_append_slug(&out, endless);
    assert_true(out.length <= 102);
    text_free(&out);
}

/* Whatever the bytes: one line, in single quotes, and no quote inside that is not doubled. */
static void test_quotes_hold(void **state)
{
    (void)state;
    struct random seed;
    random_seed(&seed, 7);
    for (int round = 0; round < 2000; ++round) {
        char bytes[40];
        static const char liked[] = "'\"`$\\{}_^@%\n\r|!#&;<>\xc3\xa4 \xff";
        const size_t length = random_next(&seed) % (sizeof(bytes) - 1);
        for (size_t index = 0; index < length; ++index)
            bytes[index] = liked[random_next(&seed) % (sizeof(liked) - 1)];
        bytes[length] = '\0';
        struct text out = {0};
        script_quote(&out, bytes, 0);
        const char *at = out.data;
        assert_int_equal(*at++, '\'');
        for (; *at && !(*at == '\'' && at[1] != '\''); at += *at == '\'' ? 2 : 1)
            assert_true((unsigned char)*at >= ' ');
        assert_string_equal(at, "'");
        text_free(&out);
    }
}

/* --- axes -------------------------------------------------------------------------------------- */

static void check_ticks(const struct axis *axis, size_t wanted)
{
    const struct axis_ticks ticks = axis_ticks(axis, wanted);
    assert_true(ticks.count >= 2);
    for (size_t index = 0; index < ticks.count; ++index) {
        assert_true(ticks.at[index] >= axis->low && ticks.at[index] <= axis->high);
        assert_true(index == 0 || ticks.at[index] > ticks.at[index - 1]);
    }
}

/* Over all that can be measured, and wide or narrow: at least two ticks, ascending, in range. */
static void test_ticks(void **state)
{
    (void)state;
    struct random seed;
    random_seed(&seed, 11);
    for (int round = 0; round < 20000; ++round) {
        const double low = pow(10, (double)(random_next(&seed) % 2000) / 100 - 8);
        const double factor = pow(10, pow((double)(random_next(&seed) % 1000) / 300, 2));
        struct axis axis = {
            .unit = (enum axis_unit)(random_next(&seed) % (AXIS_CHANGE + 1)),
            .is_log = random_next(&seed) % 3 > 0,
        };
        if (axis.unit == AXIS_BYTES)
            axis.is_log = true;
        const double first = axis.unit == AXIS_BYTES ? fmax(1, floor(low)) : low;
        axis_take(&axis, first);
        axis_take(&axis, first * factor);
        axis_close(&axis);
        assert_true(axis.low < first && axis.high > first * factor * (1 - 1e-12));
        check_ticks(&axis, 3 + random_next(&seed) % 7);
    }
}

static void ticks_are(struct axis axis, double low, double high, size_t wanted,
                      const char *expected)
{
    struct text out = {0};
    axis_take(&axis, low);
    axis_take(&axis, high);
    axis_close(&axis);
    const struct axis_ticks ticks = axis_ticks(&axis, wanted);
    for (size_t index = 0; index < ticks.count; ++index)
        text_append(&out, "%s%s", index ? "|" : "",
                    axis_tick_text(axis.unit, ticks.at[index]).text);
    assert_string_equal(text_string(&out), expected);
    text_free(&out);
}

static void test_ticks_are_round(void **state)
{
    (void)state;
    const struct axis times = {.unit = AXIS_NS, .is_log = true};
    ticks_are(times, 150, 4e6, 5, "100 ns|1 µs|10 µs|100 µs|1 ms");
    ticks_are(times, 150, 4000, 8, "200 ns|500 ns|1 µs|2 µs");
    ticks_are(times, 1000, 1100, 5, "1 µs|1.02 µs|1.04 µs|1.06 µs|1.08 µs|1.1 µs");
    ticks_are((struct axis){.unit = AXIS_BYTES, .is_log = true}, 1, 1 << 20, 6,
              "1 B|16 B|256 B|4 KiB|64 KiB|1 MiB");
    ticks_are((struct axis){.unit = AXIS_CHANGE, .is_log = true}, 0.5, 2, 6,
              "-50 %|-20 %|same|+50 %|×2");
    ticks_are((struct axis){.unit = AXIS_SECONDS}, 0, 42, 4, "0|10|20|30|40");
}

static void test_ticks_wanted(void **state)
{
    (void)state;
    static const double sizes[] = {65536, 64, 4096, 64, 1 << 20};
    struct axis axis = {.unit = AXIS_BYTES, .is_log = true};
    for (size_t index = 0; index < 5; ++index) {
        axis_take(&axis, sizes[index]);
        axis_want_tick(&axis, sizes[index]);
    }
    axis_close(&axis);
    const struct axis_ticks all = axis_ticks(&axis, 4);
    assert_int_equal(all.count, 4);
    assert_true(all.at[0] == 64 && all.at[1] == 4096 && all.at[3] == 1 << 20);
    check_ticks(&axis, 3); /* no room for four: others */
    for (size_t index = 0; index < 2 * AXIS_TICKS_MOST; ++index)
        axis_want_tick(&axis, (double)(index + 1) * 100);
    check_ticks(&axis, 8);
}

static void test_nothing_to_draw_has_an_axis(void **state)
{
    (void)state;
    struct axis axis = {.unit = AXIS_NS, .is_log = true};
    axis_take(&axis, NAN);
    axis_take(&axis, 0);
    axis_take(&axis, -1);
    axis_take(&axis, INFINITY);
    axis_take(&axis, 1e300);
    assert_false(axis.taken);
    axis_close(&axis);
    check_ticks(&axis, 5);
}

/* --- shapes ------------------------------------------------------------------------------------ */

static void test_pareto_front(void **state)
{
    (void)state;
    static const struct point points[] = {{1, 9}, {2, 9}, {3, 4}, {3, 4}, {4, 5}, {9, 1}, {9, 1.5}};
    static const bool expected[] = {true, false, true, true, false, true, false};
    bool on_front[7];
    shape_pareto(points, 7, on_front);
    assert_memory_equal(on_front, expected, sizeof(expected));
    shape_pareto(points, 1, on_front);
    assert_true(on_front[0]);
    shape_pareto(points, 0, on_front);
}

static void test_height_between_points(void **state)
{
    (void)state;
    static const struct point curve[] = {{10, 100}, {1000, 400}, {10000, 400}};
    double height = 0;
    assert_false(shape_height(curve, 3, 9, &height));
    assert_false(shape_height(curve, 3, 10001, &height));
    assert_false(shape_height(curve, 0, 10, &height));
    assert_true(shape_height(curve, 3, 10, &height));
    assert_float_equal(height, 100, 1e-9);
    assert_true(shape_height(curve, 3, 100, &height)); /* half way, on logarithms */
    assert_float_equal(height, 200, 1e-9);
    assert_true(shape_height(curve, 3, 10000, &height));
    assert_float_equal(height, 400, 1e-9);
}

/* In a field with room for all, no label lies on another or outside. */
static void test_labels_find_places(void **state)
{
    (void)state;
    struct random seed;
    random_seed(&seed, 5);
    const struct label_field field = {.columns = 100, .lines = 30};
    enum { LABELS = 12 };
    for (int round = 0; round < 50; ++round) {
        struct label labels[LABELS];
        for (size_t index = 0; index < LABELS; ++index) {
            const size_t row = index / 4;
            labels[index] = (struct label){
                .anchor = {(double)(index % 4) * 33 + (double)(random_next(&seed) % 10) / 10,
                           (double)row * 14 + (double)(random_next(&seed) % 10) / 10},
                .columns = 2,
            };
        }
        shape_place_labels(labels, LABELS, &field);
        for (size_t index = 0; index < LABELS; ++index) {
            const struct point *const at = &labels[index].at;
            assert_false(labels[index].crowded);
            assert_true(at->x >= -1e-9 && at->x + 2 <= 100 + 1e-9);
            assert_true(at->y >= 0.5 - 1e-9 && at->y <= 29.5 + 1e-9);
            for (size_t other = 0; other < index; ++other)
                assert_true(fabs(at->x - labels[other].at.x) >= 2 - 1e-9 ||
                            fabs(at->y - labels[other].at.y) >= 1 - 1e-9);
        }
    }
}

static void test_labels_of_a_crowd(void **state)
{
    (void)state;
    const struct label_field field = {.columns = 100, .lines = 30};
    enum { LABELS = 60 };
    struct label labels[LABELS];
    size_t crowded = 0;
    for (size_t index = 0; index < LABELS; ++index)
        labels[index] = (struct label){.anchor = {50, 15}, .columns = 2};
    shape_place_labels(labels, LABELS, &field);
    assert_false(labels[0].crowded);
    for (size_t index = 0; index < LABELS; ++index) {
        crowded += labels[index].crowded;
        for (size_t other = 0; other < index && !labels[index].crowded; ++other)
            assert_true(labels[other].crowded ||
                        fabs(labels[index].at.x - labels[other].at.x) >= 1.5 ||
                        fabs(labels[index].at.y - labels[other].at.y) >= 0.8);
    }
    assert_true(crowded > 0 && crowded < LABELS);
}

/* --- pages ------------------------------------------------------------------------------------- */

/* Each item is on one page, none is over the size, and no two pages differ by more than one. */
static void test_pages(void **state)
{
    (void)state;
    for (size_t per_page = 1; per_page < 10; ++per_page) {
        for (size_t items = 1; items < 60; ++items) {
            const size_t pages = page_count(items, per_page);
            size_t least = SIZE_MAX, most = 0;
            assert_int_equal(page_first(items, per_page, 0), 0);
            assert_int_equal(page_first(items, per_page, pages), items);
            for (size_t page = 0; page < pages; ++page) {
                const size_t count =
                    page_first(items, per_page, page + 1) - page_first(items, per_page, page);
                least = count < least ? count : least;
                most = count > most ? count : most;
            }
            assert_true(least >= 1 && most <= per_page && most - least <= 1);
        }
    }
    assert_int_equal(page_count(0, 8), 0);
}

/* --- cells ------------------------------------------------------------------------------------- */

static struct run_cell made_cell(const char *id, enum pattern pattern, uint64_t bytes,
                                 double p50_ns)
{
    return (struct run_cell){
        .id = (char *)(uintptr_t)id,
        .transport = (char *)(uintptr_t)(strstr(id, "/null/") ? "null" : "pipe"),
        .pattern = pattern,
        .size_bytes = bytes,
        .status = p50_ns > 0 ? TRIAL_OK : TRIAL_SKIPPED,
        .summary.p50_ns = p50_ns,
    };
}

static bool all(const struct run_cell *cell)
{
    (void)cell;
    return true;
}

static double quickest(const struct run_cell *cell)
{
    return cell->summary.p50_ns;
}

/* The ids of the groups' cells in order, groups parted by '|'. */
static void groups_are(const struct cell_rule *rule, const char *expected)
{
    const struct run_cell made[] = {
        made_cell("stream/pipe/64/smt", PATTERN_STREAM, 64, 5),
        made_cell("pingpong/pipe/4K/smt", PATTERN_PINGPONG, 4096, 9),
        made_cell("pingpong/uds:wait=spin/64/smt", PATTERN_PINGPONG, 64, 3),
        made_cell("pingpong/null/64/smt", PATTERN_PINGPONG, 64, 1),
        made_cell("pingpong/pipe/64/smt", PATTERN_PINGPONG, 64, 4),
        made_cell("pingpong/uds/64/smt", PATTERN_PINGPONG, 64, 3),
        made_cell("pingpong/fifo/64/smt", PATTERN_PINGPONG, 64, 0),
        made_cell("pingpong/pipe/64/smt/idle=poll", PATTERN_PINGPONG, 64, 2),
        made_cell("odd", PATTERN_PINGPONG, 64, 2),
    };
    enum { MADE = sizeof(made) / sizeof(made[0]) };
    const struct run_cell *cells[MADE];
    for (size_t index = 0; index < MADE; ++index)
        cells[index] = &made[index];
    const struct plot_cells from = {.cells = cells, .count = MADE};
    struct cell_groups groups;
    struct text out = {0};
    assert_int_equal(cell_groups_make(&from, rule, &groups, NULL), 0);
    for (size_t index = 0; index < groups.count; ++index) {
        text_append(&out, "%s", index ? "| " : "");
        for (size_t at = 0; at < groups.groups[index].count; ++at)
            text_append(&out, "%s ", groups.groups[index].cells[at]->id);
    }
    assert_string_equal(text_string(&out), expected);
    text_free(&out);
    cell_groups_free(&groups);
}

/* By rank within a pattern, size and conditions, by order in the file where equal; what has no
 * figures, and null, is in none. */
static void test_groups(void **state)
{
    (void)state;
    groups_are(&(struct cell_rule){.usable = all, .rank = quickest},
               "odd | pingpong/uds:wait=spin/64/smt pingpong/uds/64/smt pingpong/pipe/64/smt "
               "| pingpong/pipe/64/smt/idle=poll | pingpong/pipe/4K/smt | stream/pipe/64/smt ");
}

/* Of all sizes: by name and size. */
static void test_groups_of_all_sizes(void **state)
{
    (void)state;
    groups_are(
        &(struct cell_rule){.usable = all},
        "odd | pingpong/pipe/64/smt pingpong/pipe/4K/smt pingpong/uds/64/smt "
        "pingpong/uds:wait=spin/64/smt | pingpong/pipe/64/smt/idle=poll | stream/pipe/64/smt ");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_words),
        cmocka_unit_test(test_words_are_cut_in_the_middle),
        cmocka_unit_test(test_slugs),
        cmocka_unit_test(test_quotes_hold),
        cmocka_unit_test(test_ticks),
        cmocka_unit_test(test_ticks_are_round),
        cmocka_unit_test(test_ticks_wanted),
        cmocka_unit_test(test_nothing_to_draw_has_an_axis),
        cmocka_unit_test(test_pareto_front),
        cmocka_unit_test(test_height_between_points),
        cmocka_unit_test(test_labels_find_places),
        cmocka_unit_test(test_labels_of_a_crowd),
        cmocka_unit_test(test_pages),
        cmocka_unit_test(test_groups),
        cmocka_unit_test(test_groups_of_all_sizes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
