/* The test for two modes: how often it cries wolf, how often it finds them. The states of probes. */
#include "base/clusters.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/proof/samples.h"

#define COUNT_OF(array) (sizeof(array) / sizeof(array)[0])

enum { SEED = 1, REPETITIONS = 4000, VALUES_MOST = 100 };

typedef double draw_function(struct random *random);

static double draw_normal(struct random *random)
{
    return 100 + 10 * sample_normal(random);
}

static double draw_lognormal_half(struct random *random)
{
    return exp(0.5 * sample_normal(random));
}

static double draw_lognormal_one(struct random *random)
{
    return exp(sample_normal(random));
}

/* The usual shape of latencies: a floor, and delays on top. */
static double draw_floor_and_exponential(struct random *random)
{
    return 1 + 0.1 * sample_exponential(random);
}

static double draw_floor_and_lognormal(struct random *random)
{
    return 1 + 0.1 * exp(sample_normal(random));
}

static double draw_uniform(struct random *random)
{
    return 1 + sample_uniform(random);
}

static double draw_heavy(struct random *random)
{
    return exp(0.2 * sample_heavy(random));
}

static double draw_even_modes(struct random *random)
{
    return sample_two_modes(random, 2, 0.5, 0.05);
}

static double draw_wide_even_modes(struct random *random)
{
    return sample_two_modes(random, 2, 0.5, 0.1);
}

/* Percentage of samples of this size that are called bimodal. */
static double bimodal_percent(draw_function *draw, size_t count)
{
    struct random random;
    size_t found = 0;
    random_seed(&random, SEED);
    for (size_t i = 0; i < REPETITIONS; i++) {
        double values[VALUES_MOST];
        for (size_t k = 0; k < count; k++)
            values[k] = draw(&random);
        found += clusters_split(values, count).bimodal;
    }
    return 100.0 * (double)found / REPETITIONS;
}

/* The figures that clusters.h gives: at most 5 % for every unimodal shape. */
static void test_false_alarms_are_rare(void **state)
{
    static const struct {
        const char *name;
        draw_function *draw;
        double percent_most;
    } cases[] = {
        {"normal", draw_normal, 2},
        {"lognormal 0.5", draw_lognormal_half, 2},
        {"lognormal 1", draw_lognormal_one, 2},
        {"exponential", sample_exponential, 2},
        {"floor + exponential", draw_floor_and_exponential, 5},
        {"floor + lognormal", draw_floor_and_lognormal, 5},
        {"uniform", draw_uniform, 5},
        {"heavy tails", draw_heavy, 2},
    };
    static const size_t counts[] = {6, 7, 8, 10, 12, 13, 15, 20, 40, 100};
    (void)state;

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        for (size_t k = 0; k < COUNT_OF(counts); k++) {
            const double percent = bimodal_percent(cases[i].draw, counts[k]);
            if (percent > cases[i].percent_most)
                fail_msg("%s, n = %zu: %g %% called bimodal", cases[i].name, counts[k], percent);
        }
    }
}

static void test_two_modes_are_found(void **state)
{
    (void)state;
    assert_true(bimodal_percent(draw_even_modes, 6) > 70);
    assert_true(bimodal_percent(draw_even_modes, 10) > 95);
    assert_true(bimodal_percent(draw_even_modes, 40) > 99);
    assert_true(bimodal_percent(draw_wide_even_modes, 20) > 90);
}

static void test_split_says_where(void **state)
{
    double values[] = {131, 59, 135, 58, 61, 140, 60, 58, 57};
    (void)state;
    const struct clusters_split split = clusters_split(values, COUNT_OF(values));

    assert_true(split.bimodal);
    assert_int_equal(split.low_count, 6);
    assert_int_equal(split.high_count, 3);
    assert_true(split.low_median == 58.5);
    assert_true(split.high_median == 135);
    assert_true(split.explained > 0.99 && split.explained <= 1);
}

static void test_explained_variance(void **state)
{
    double clean[] = {1, 1, M_E, M_E, M_E, M_E};
    (void)state;
    assert_true(fabs(clusters_split(clean, 6).explained - 1) < 1e-12);

    /* Mean 5/6; total 7 - 25/6 = 17/6; cut 2 + 4: (5/3)^2 * (1/2 + 1/4) = 25/12. */
    double mixed[] = {1, 1, M_E, M_E, M_E, M_E * M_E};
    const struct clusters_split split = clusters_split(mixed, 6);
    assert_int_equal(split.low_count, 2);
    assert_true(fabs(split.explained - 25.0 / 34) < 1e-12);
    assert_false(split.bimodal);
}

/* One far value, or less than 15 % of them, is an outlier. */
static void test_outliers_are_no_mode(void **state)
{
    double lone[] = {100, 101, 99, 100, 102, 98, 100, 250};
    double few[20];
    (void)state;
    assert_false(clusters_split(lone, COUNT_OF(lone)).bimodal);

    for (size_t i = 0; i < COUNT_OF(few); i++)
        few[i] = (i < 2 ? 250 : 100) + (double)(i % 3);
    assert_false(clusters_split(few, COUNT_OF(few)).bimodal);
    few[10] = 251;
    assert_true(clusters_split(few, COUNT_OF(few)).bimodal);
}

/* Two neighbouring ticks of a coarse clock are not two modes. */
static void test_grain_is_no_mode(void **state)
{
    double ticks[] = {100, 104, 100, 104, 104, 100, 100, 104};
    double apart[] = {100, 106, 100, 106, 106, 100, 100, 106};
    double same[] = {58.2, 58.2, 58.2, 58.2, 58.2, 58.2};
    (void)state;
    assert_false(clusters_split(ticks, COUNT_OF(ticks)).bimodal);
    assert_true(clusters_split(apart, COUNT_OF(apart)).bimodal);
    const struct clusters_split still = clusters_split(same, COUNT_OF(same));
    assert_false(still.bimodal);
    assert_true(still.explained == 0);
}

static void test_what_cannot_be_split(void **state)
{
    double values[] = {1, 1, 2, 2, 2};
    double zero[] = {0, 1, 1, 2, 2, 2};
    (void)state;
    for (size_t count = 0; count <= COUNT_OF(values); count++) {
        const struct clusters_split split = clusters_split(values, count);
        assert_false(split.bimodal);
        assert_int_equal(split.low_count + split.high_count, 0);
    }
    assert_false(clusters_split(zero, COUNT_OF(zero)).bimodal);
}

static void test_states_of_probes(void **state)
{
    const double probes[] = {135, 58, 550, 59, 141, 57, 530, 58, 133, 600, 58};
    double values[COUNT_OF(probes)];
    static const struct clusters_state expected[] = {
        {5, 57, 58, 59}, {3, 133, 135, 141}, {3, 530, 550, 600}};
    struct random random;
    (void)state;
    random_seed(&random, SEED);

    for (int repetition = 0; repetition < 100; repetition++) {
        size_t order[COUNT_OF(probes)];
        for (size_t i = 0; i < COUNT_OF(order); i++)
            order[i] = i;
        random_shuffle(&random, order, COUNT_OF(order));
        for (size_t i = 0; i < COUNT_OF(order); i++)
            values[i] = probes[order[i]];
        const struct clusters_states found =
            clusters_states(values, COUNT_OF(values), CLUSTERS_STATE_RATIO);
        assert_int_equal(found.count, COUNT_OF(expected));
        assert_memory_equal(found.states, expected, sizeof(expected));
    }
}

static void test_state_of_a_value(void **state)
{
    double values[] = {50, 60, 200, 240, 1000};
    (void)state;
    const struct clusters_states found = clusters_states(values, 5, CLUSTERS_STATE_RATIO);
    static const struct {
        double value;
        size_t index;
    } cases[] = {{1, 0},   {50, 0},  {60, 0},  {109, 0}, /* sqrt(60 * 200) = 109.5 */
                 {110, 1}, {200, 1}, {240, 1}, {489, 1}, {490, 2}, {1000, 2}, {1e9, 2}};

    for (size_t i = 0; i < COUNT_OF(cases); i++)
        assert_int_equal(clusters_state_of(&found, cases[i].value), cases[i].index);
    const struct clusters_states none = clusters_states(NULL, 0, CLUSTERS_STATE_RATIO);
    assert_int_equal(none.count, 0);
    assert_int_equal(clusters_state_of(&none, 58), 0);
}

/* The ratio is to the median of the state, so that small steps do not chain states together. */
static void test_chains_are_cut(void **state)
{
    double chain[] = {100, 130, 169, 220};
    double wide[] = {100, 100, 100, 149};
    double exact[] = {100, 150};
    (void)state;
    const struct clusters_states cut = clusters_states(chain, 4, 1.5);
    assert_int_equal(cut.count, 2);
    assert_int_equal(cut.states[0].count, 3);
    assert_true(cut.states[0].median == 130);
    assert_int_equal(clusters_states(wide, 4, 1.5).count, 1);
    assert_int_equal(clusters_states(wide, 4, 1.4).count, 2);
    assert_int_equal(clusters_states(exact, 2, 1.5).count, 1);
}

static void test_states_end_at_eight(void **state)
{
    double doubling[12];
    (void)state;
    for (size_t i = 0; i < COUNT_OF(doubling); i++)
        doubling[i] = ldexp(1, (int)i);
    const struct clusters_states found = clusters_states(doubling, COUNT_OF(doubling), 1.5);
    assert_int_equal(found.count, CLUSTERS_STATES_MOST);
    assert_int_equal(found.states[6].count, 1);
    assert_int_equal(found.states[7].count, 5);
    assert_true(found.states[7].low == 128 && found.states[7].high == 2048);
    assert_int_equal(clusters_state_of(&found, 1e6), 7);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_false_alarms_are_rare), cmocka_unit_test(test_two_modes_are_found),
        cmocka_unit_test(test_split_says_where),      cmocka_unit_test(test_explained_variance),
        cmocka_unit_test(test_outliers_are_no_mode),  cmocka_unit_test(test_grain_is_no_mode),
        cmocka_unit_test(test_what_cannot_be_split),  cmocka_unit_test(test_states_of_probes),
        cmocka_unit_test(test_state_of_a_value),      cmocka_unit_test(test_chains_are_cut),
        cmocka_unit_test(test_states_end_at_eight),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
