/* Result files with something wrong in them, refused with a line that names the place. Included after
 * cmocka.h. */
#ifndef IPCBENCH_TESTS_UNIT_REFUSED_FIXTURE_H
#define IPCBENCH_TESTS_UNIT_REFUSED_FIXTURE_H

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/random.h"
#include "base/text.h"
#include "results/json.h"
#include "results/run.h"

/* The first `old` behind the first `after` becomes `new`; what reading that says. */
struct spoiled {
    const char *after, *old, *new, *expected;
};

static inline void assert_refused(const struct text *document, const struct spoiled *spoiled)
{
    struct text changed = {0};
    struct error error = {0};
    struct run run;

    const char *const start = strstr(document->data, spoiled->after);
    assert_non_null(start);
    const char *const at = strstr(start, spoiled->old);
    assert_non_null(at);
    text_append_bytes(&changed, document->data, (size_t)(at - document->data));
    text_append(&changed, "%s%s", spoiled->new, at + strlen(spoiled->old));
    if (run_read_json(changed.data, &run, &error) == 0)
        fail_msg("read in spite of %s: expected \"%s\"", spoiled->new, spoiled->expected);
    if (!strstr(error.message, spoiled->expected))
        fail_msg("\"%s\" lacks \"%s\"", error.message, spoiled->expected);
    assert_null(strchr(error.message, '\n'));
    assert_null(run.cells);
    text_free(&changed);
}

static inline void assert_all_refused(const struct text *document, const struct spoiled *cases,
                                      size_t count)
{
    for (size_t i = 0; i < count; i++)
        assert_refused(document, &cases[i]);
}

/* Whatever one to three wrong bytes make of a file, it is read or refused, and what was read can be
 * written and summarised. */
static inline void assert_damage_is_survived(const struct text *document, uint64_t seed, int rounds)
{
    struct random random;
    size_t read = 0;

    random_seed(&random, seed);
    char *const damaged = malloc(document->length + 1);
    assert_non_null(damaged);
    for (int round = 0; round < rounds; round++) {
        struct text again = {0};
        struct error error = {0};
        struct run run;
        memcpy(damaged, document->data, document->length + 1);
        for (uint64_t flips = 1 + random_below(&random, 3); flips > 0; flips--)
            damaged[random_below(&random, document->length)] =
                (char)(random_below(&random, 255) + 1);
        if (run_read_json(damaged, &run, &error) != 0) {
            assert_true(error.message[0] != '\0');
            continue;
        }
        read++;
        assert_int_equal(run_write_json(&run, &again, NULL), 0);
        (void)run_summarise(&run, NULL);
        run_free(&run);
        text_free(&again);
    }
    assert_true(read > 0);
    free(damaged);
}

#endif
