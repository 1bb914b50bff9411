/* The report's data and the place that they take in the page. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <math.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "plots/page.h"
#include "plots/page_json.h"
#include "run_fixture.h"

static void assert_written(struct page_json *json, const char *expected)
{
    assert_string_equal(text_string(json->out), expected);
    text_free(json->out);
}

static void members_and_elements_are_separated(void **state)
{
    struct text out = {0};
    struct page_json json = {.out = &out};

    (void)state;
    page_open(&json, NULL, '{');
    page_text(&json, "a", "x");
    page_open(&json, "b", '[');
    page_whole(&json, NULL, -7);
    page_flag(&json, NULL, true);
    page_close(&json, ']');
    page_pair(&json, "c", (double[]){0.5, 1e9});
    page_open(&json, "d", '{');
    page_close(&json, '}');
    page_text(&json, "e", NULL);
    page_close(&json, '}');
    assert_written(&json, "{\"a\":\"x\",\"b\":[-7,true],\"c\":[0.5,1e+09],\"d\":{},\"e\":null}");
}

static void numbers_that_json_lacks_are_null_and_absent_figures_absent(void **state)
{
    struct text out = {0};
    struct page_json json = {.out = &out};

    (void)state;
    page_open(&json, NULL, '{');
    page_number(&json, "a", NAN);
    page_number(&json, "b", INFINITY);
    page_figure(&json, "c", 0);
    page_number(&json, "d", 0);
    page_figure(&json, "e", 1234567.8);
    page_close(&json, '}');
    assert_written(&json, "{\"a\":null,\"b\":null,\"d\":0,\"e\":1.23457e+06}");
}

static void what_could_end_the_element_is_escaped(void **state)
{
    struct text out = {0};
    struct page_json json = {.out = &out};

    (void)state;
    page_open(&json, NULL, '{');
    page_text(&json, "</script>", "<!-- & \"\\\n\x7f \xe2\x80\xa8\xe2\x80\xa9 \xc3\xa9 \xe2\x80");
    page_close(&json, '}');
    assert_written(&json,
                   "{\"\\u003c/script\\u003e\":\"\\u003c!-- \\u0026 \\u0022\\u005c\\u000a\\u007f "
                   "\\u2028\\u2029 \xc3\xa9 \xe2\x80\"}");
}

static void a_value_from_elsewhere_loses_its_layout_alone(void **state)
{
    struct text out = {0};
    struct page_json json = {.out = &out};

    (void)state;
    page_open(&json, NULL, '[');
    page_whole(&json, NULL, 1);
    page_value(&json, NULL, "{\n\t\"a\":\t\"</b> \\n\"\n}\n");
    page_close(&json, ']');
    assert_written(&json, "[1,{\"a\":\"\\u003c/b\\u003e \\n\"}]");
}

static char no_sign(size_t mark)
{
    (void)mark;
    return '?';
}

static const char *no_meaning(size_t mark)
{
    (void)mark;
    return "means";
}

static bool always(const struct run_cell *cell, size_t mark)
{
    (void)cell, (void)mark;
    return true;
}

static const struct page_marks marks = {1, no_sign, no_meaning, always};

static struct text data_of(const struct page_source *source)
{
    struct text out = {0};
    page_write_data(source, &out);
    assert_false(out.failed);
    return out;
}

static void assert_has(const struct text *data, bool expected, const char *format, const char *text)
{
    char wanted[512];
    (void)snprintf(wanted, sizeof(wanted), format, text);
    if ((strstr(text_string(data), wanted) != NULL) != expected)
        fail_msg("%s%s in: %s", expected ? "no " : "", wanted, text_string(data));
}

static void the_data_hold_every_cell_with_its_reason(void **state)
{
    struct run run;

    (void)state;
    fixture_run(&run);
    const struct page_run named = {"file.json", &run};
    struct text data =
        data_of(&(struct page_source){.runs = &named, .run_count = 1, .marks = marks});
    assert_has(&data, true, "\"file\":\"%s\"", "file.json");
    for (size_t index = 0; index < run.cell_count; ++index) {
        const struct run_cell *const cell = &run.cells[index];
        assert_has(&data, true, "{\"id\":\"%s\",", cell->id);
        if (cell->reason)
            assert_has(&data, true, "\"reason\":\"%s\"", cell->reason);
        if (cell->knob)
            assert_has(&data, true, "\"knob\":\"%s\"", cell->knob);
    }
    assert_has(&data, true, "\"marks\":\"%s\"", "?");
    text_free(&data);
    run_free(&run);
}

static void findings_are_in_the_data_where_there_are_any(void **state)
{
    const struct page_source without = {.marks = marks};
    const struct page_source with = {.marks = marks, .findings = "{\"advice\": []}"};

    (void)state;
    struct text data = data_of(&without);
    assert_has(&data, false, "%s", "findings");
    text_free(&data);
    data = data_of(&with);
    assert_has(&data, true, "%s", "\"findings\":{\"advice\": []}}");
    text_free(&data);
}

static void the_template_has_one_place_for_them(void **state)
{
    static const struct {
        const char *page;
        bool good;
    } templates[] = {
        {"<a>@IPCBENCH_DATA@</a>", true},
        {"@IPCBENCH_DATA@", true},
        {"<a></a>", false},
        {"@IPCBENCH_DATA@ @IPCBENCH_DATA@", false},
        {"", false},
    };
    const struct page_source source = {.marks = marks};

    (void)state;
    for (size_t index = 0; index < sizeof(templates) / sizeof(templates[0]); ++index) {
        struct text page = {0}, out = {0};
        struct error error = {0};
        text_append(&page, "%s", templates[index].page);
        const int failure = page_write(&source, &page, &out, &error);
        assert_int_equal(failure, templates[index].good ? 0 : -EINVAL);
        if (templates[index].good)
            assert_null(strstr(text_string(&out), "@IPCBENCH_DATA@"));
        text_free(&page);
        text_free(&out);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(members_and_elements_are_separated),
        cmocka_unit_test(numbers_that_json_lacks_are_null_and_absent_figures_absent),
        cmocka_unit_test(what_could_end_the_element_is_escaped),
        cmocka_unit_test(a_value_from_elsewhere_loses_its_layout_alone),
        cmocka_unit_test(the_data_hold_every_cell_with_its_reason),
        cmocka_unit_test(findings_are_in_the_data_where_there_are_any),
        cmocka_unit_test(the_template_has_one_place_for_them),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
