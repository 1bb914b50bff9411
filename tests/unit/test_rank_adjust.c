/* Corrections for many tests at once. */
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/rank_fixture.h"

/* As R's p.adjust gives them. */
static void test_adjusted_p(void **state)
{
    const double given[] = {0.01, 0.04, 0.03, 0.005, 0.55};
    const double holm[] = {0.04, 0.09, 0.09, 0.025, 0.55};
    const double hochberg[] = {0.025, 0.05, 0.05, 0.025, 0.55};
    double p[5];
    struct error error = {0};
    (void)state;
    memcpy(p, given, sizeof(p));
    assert_int_equal(rank_adjust(RANK_HOLM, p, 5, &error), 0);
    for (size_t index = 0; index < 5; ++index)
        assert_true(near(p[index], holm[index]));
    memcpy(p, given, sizeof(p));
    assert_int_equal(rank_adjust(RANK_BENJAMINI_HOCHBERG, p, 5, &error), 0);
    for (size_t index = 0; index < 5; ++index)
        assert_true(near(p[index], hochberg[index]));
    double large[] = {0.6, 0.7};
    assert_int_equal(rank_adjust(RANK_HOLM, large, 2, &error), 0);
    assert_true(large[0] == 1 && large[1] == 1);
    assert_int_equal(rank_adjust(RANK_HOLM, p, 0, &error), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_adjusted_p),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
