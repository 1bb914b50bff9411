/* A machine's fingerprint: what is part of it and what is not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "results/fingerprint.h"
#include "tests/unit/run_fixture.h"

static void test_fingerprints(void **state)
{
    struct run run;
    (void)state;

    fixture_run(&run);
    struct machine *const machine = &run.machine;
    const uint64_t before = fingerprint_of(machine);
    machine->facts[2].number--; /* limits: not part of it */
    assert_true(fingerprint_of(machine) == before);
    free(machine->facts[0].text);
    machine->facts[0].text = fixture_text("Another CPU");
    assert_true(fingerprint_of(machine) != before);
    /* FNV-1a's own test vector */
    assert_string_equal(fingerprint_text(fingerprint_add(FINGERPRINT_START, "foobar", 6)).text,
                        "85944171f73967e8");
    assert_non_null(fingerprint_fact_at(0));
    assert_null(fingerprint_fact_at(1000));
    run_free(&run);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_fingerprints),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
