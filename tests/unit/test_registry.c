/* Plug-ins from real shared objects (tests/plugins/fixture.c): loaded, named, refused, unloaded. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "bench/registry.h"
#include "harness/transport.h"
#include "transports/builtin.h"

enum { PATH_BYTES = 4096 };

/* The build folder's: this program is in tests/unit of it. */
static const char *fixture(const char *name)
{
    static char path[2 * PATH_BYTES];
    char folder[PATH_BYTES] = "";
    assert_true(readlink("/proc/self/exe", folder, sizeof folder - 1) > 0);
    *strrchr(folder, '/') = '\0';
    snprintf(path, sizeof path, "%s/../plugins/lib%s.so", folder, name);
    return path;
}

static void test_one_that_is_right(void **state)
{
    struct registry registry = {0};
    struct error error = {0};
    (void)state;

    assert_int_equal(registry_count(&registry), transports_builtin_count);
    assert_null(registry_find(&registry, "fixture", strlen("fixture")));
    assert_int_equal(take_plugin(fixture("right"), &registry, &error), 0);
    if (registry_load(&registry, &error))
        fail_msg("%s", error.message);
    assert_int_equal(registry_load(&registry, &error), 0); /* nothing twice */
    assert_int_equal(registry_count(&registry), transports_builtin_count + 1);

    const struct transport *const found = registry_find(&registry, "fixture:x", strlen("fixture"));
    assert_non_null(found);
    assert_ptr_equal(found, registry_at(&registry, transports_builtin_count));
    assert_null(registry_find(&registry, "fix", strlen("fix")));
    const struct run_plugin *const origin = registry_origin(&registry, found);
    assert_non_null(origin);
    assert_int_equal(origin->path[0], '/');
    assert_null(strstr(origin->path, ".."));
    assert_int_equal(strlen(origin->crc32), 8);
    assert_int_equal(strlen(origin->build_id), 40);
    assert_true(origin->file_bytes > 1000);
    const struct transport *const own = registry_find(&registry, "pipe", strlen("pipe"));
    assert_non_null(own);
    assert_null(registry_origin(&registry, own));

    char path[PATH_BYTES];
    snprintf(path, sizeof path, "%s", origin->path);
    registry_free(&registry);
    assert_null(dlopen(path, RTLD_NOW | RTLD_NOLOAD)); /* really gone */
    assert_int_equal(registry_count(&registry), transports_builtin_count);
}

static void test_those_that_are_refused(void **state)
{
    static const struct {
        const char *name, *message;
    } cases[] = {
        {"no-such-file", "cannot be opened: No such file or directory (ENOENT)"},
        {"no-symbol", "no symbol ipcbench_plugin in it"},
        {"other-abi", "it has ABI "},
        {"other-size", "its struct transport has"},
        {"no-transport", "it names no transport"},
        {"old-transport", "its struct transport says ABI "},
        {"no-loops", "fixture: the hook 'loops' is missing"},
        {"undefined", "cannot be loaded: undefined symbol: ipcbench_has_no_such_function"},
        {"taken", "the name 'pipe' is taken by a built-in transport"},
    };
    (void)state;
    for (size_t index = 0; index < sizeof cases / sizeof cases[0]; ++index) {
        struct registry registry = {0};
        struct error error = {0};
        assert_int_equal(take_plugin(fixture(cases[index].name), &registry, &error), 0);
        assert_int_not_equal(registry_load(&registry, &error), 0);
        if (strncmp(error.message, "--plugin: ", strlen("--plugin: ")) != 0 ||
            !strstr(error.message, cases[index].message))
            fail_msg("%s: '%s' and not '%s'", cases[index].name, error.message,
                     cases[index].message);
        assert_int_equal(registry.plugin_count, 0);
        registry_free(&registry);
    }
}

static void test_no_path_is_searched(void **state)
{
    char folder[2 * PATH_BYTES];
    struct registry registry = {0};
    struct error error = {0};
    (void)state;

    snprintf(folder, sizeof folder, "%s", fixture("right"));
    *strrchr(folder, '/') = '\0';
    assert_int_equal(chdir(folder), 0);
    setenv("LD_LIBRARY_PATH", folder, 1);
    assert_int_equal(take_plugin("libright.so", &registry, &error), 0);
    assert_int_not_equal(registry_load(&registry, &error), 0);
    assert_string_equal(error.message, "--plugin: libright.so: a path with a slash is needed, "
                                       "such as ./libright.so");
    registry_free(&registry);
    assert_int_equal(take_plugin("./libright.so", &registry, &error), 0);
    assert_int_equal(registry_load(&registry, &error), 0);
    registry_free(&registry);
}

/* Two of one name, the first of which stays; and more than there is room for. */
static void test_several(void **state)
{
    char right[2 * PATH_BYTES], loses[2 * PATH_BYTES];
    struct registry registry = {0};
    struct error error = {0};
    (void)state;

    snprintf(right, sizeof right, "%s", fixture("right"));
    snprintf(loses, sizeof loses, "%s", fixture("loses"));
    assert_int_equal(take_plugin(right, &registry, &error), 0);
    assert_int_equal(take_plugin(loses, &registry, &error), 0);
    assert_int_not_equal(registry_load(&registry, &error), 0);
    assert_non_null(strstr(error.message, "the name 'fixture' is taken by /"));
    assert_non_null(strstr(error.message, "libright.so"));
    assert_int_equal(registry.plugin_count, 1);
    registry_free(&registry);

    for (size_t count = 0; count < REGISTRY_PLUGINS_MAX; ++count)
        assert_int_equal(take_plugin(right, &registry, &error), 0);
    assert_int_not_equal(take_plugin(right, &registry, &error), 0);
    registry_free(&registry);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_one_that_is_right),
        cmocka_unit_test(test_those_that_are_refused),
        cmocka_unit_test(test_several),
        cmocka_unit_test(test_no_path_is_searched),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
