/* Whole files: what a reader sees is the old content or the new. */
#include "base/error.h"
#include "base/file.h"
#include "base/text.h"

#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* Each test works in an empty folder of its own. */
static int enter_empty_folder(void **state)
{
    char *const folder = strdup("/tmp/ipcbench-test-XXXXXX");

    *state = folder;
    if (!folder || !mkdtemp(folder) || chdir(folder) < 0)
        return -1;
    (void)umask(022);
    return 0;
}

static int remove_folder(void **state)
{
    char command[128];

    (void)snprintf(command, sizeof command, "rm -rf '%s'", (char *)*state);
    free(*state);
    return chdir("/") < 0 || system(command) != 0;
}

static size_t count_entries(const char *folder)
{
    DIR *const entries = opendir(folder);
    size_t count = 0;

    assert_non_null(entries);
    while (readdir(entries))
        count++;
    (void)closedir(entries);
    return count - 2;
}

static void assert_content(const char *path, const char *expected, size_t bytes)
{
    struct text text = {0};

    assert_int_equal(file_read(path, &text, NULL), 0);
    assert_int_equal(text.length, bytes);
    assert_memory_equal(text_string(&text), expected, bytes);
    text_free(&text);
}

static void write_plain(const char *path, const char *content)
{
    FILE *const file = fopen(path, "w");

    assert_non_null(file);
    assert_true(fputs(content, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

static void test_written_is_read(void **state)
{
    enum { BYTES = 100000 };
    char *const data = malloc(BYTES);
    struct stat status;
    struct error error = {0};
    (void)state;

    assert_non_null(data);
    for (size_t i = 0; i < BYTES; i++)
        data[i] = (char)(i * 7 % 256);
    assert_int_equal(file_write_atomic("new", data, BYTES, &error), 0);
    assert_content("new", data, BYTES);
    assert_int_equal(file_write_atomic("new", "", 0, &error), 0);
    assert_content("new", "", 0);
    assert_int_equal(stat("new", &status), 0);
    assert_int_equal(status.st_mode & 07777, 0644);
    free(data);

    (void)umask(077);
    assert_int_equal(file_write_atomic("private", "x", 1, &error), 0);
    assert_int_equal(stat("private", &status), 0);
    assert_int_equal(status.st_mode & 07777, 0600);
    assert_int_equal(count_entries("."), 2);
}

static void test_read_appends_and_reads_procfs(void **state)
{
    struct text text = {0};
    struct error error = {0};
    (void)state;

    text_append(&text, "before:");
    assert_int_equal(file_read("/proc/self/status", &text, &error), 0);
    assert_memory_equal(text.data, "before:Name:", 12);
    text_free(&text);

    assert_int_equal(file_read("missing", &text, &error), -ENOENT);
    assert_string_equal(error.message, "reading missing: No such file or directory (ENOENT)");
    assert_int_equal(file_read(".", &text, &error), -EISDIR);
    text_free(&text);
}

/* The write fails half way: the old content stays and no temporary file is left. */
static void test_failed_write_keeps_the_old_file(void **state)
{
    static const char data[65536];
    const struct rlimit small = {.rlim_cur = 1000, .rlim_max = RLIM_INFINITY};
    struct rlimit before;
    struct error error = {0};
    (void)state;

    assert_int_equal(file_write_atomic("kept", "old", 3, &error), 0);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    assert_true(signal(SIGXFSZ, SIG_IGN) != SIG_ERR);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    const int failed = file_write_atomic("kept", data, sizeof data, &error);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);

    assert_int_equal(failed, -EFBIG);
    assert_non_null(strstr(error.message, "kept"));
    assert_non_null(strstr(error.message, "(EFBIG)"));
    assert_content("kept", "old", 3);
    assert_int_equal(count_entries("."), 1);
}

static void test_write_refuses_what_is_no_file(void **state)
{
    struct error error = {0};
    struct stat status;
    (void)state;

    assert_int_equal(mkdir("folder", 0755), 0);
    assert_int_equal(mkfifo("fifo", 0600), 0);
    assert_int_equal(file_write_atomic("folder", "x", 1, &error), -EINVAL);
    assert_int_equal(file_write_atomic("fifo", "x", 1, &error), -EINVAL);
    assert_int_equal(stat("fifo", &status), 0);
    assert_true(S_ISFIFO(status.st_mode));
    assert_int_equal(file_write_atomic("missing/file", "x", 1, &error), -ENOENT);
    assert_int_equal(count_entries("."), 2);
}

static void test_write_follows_links(void **state)
{
    struct error error = {0};
    struct stat status;
    (void)state;

    assert_int_equal(mkdir("folder", 0755), 0);
    write_plain("folder/target", "old");
    assert_int_equal(symlink("folder/target", "link"), 0);
    assert_int_equal(file_write_atomic("link", "new", 3, &error), 0);
    assert_int_equal(lstat("link", &status), 0);
    assert_true(S_ISLNK(status.st_mode));
    assert_content("folder/target", "new", 3);
}

static void test_reading_is_limited(void **state)
{
    struct error error = {0};
    struct text text = {0};
    (void)state;

    write_plain("file", "12345678");
    assert_int_equal(file_read_limited("file", 8, &text, &error), 0);
    assert_string_equal(text_string(&text), "12345678");
    text_free(&text);
    assert_int_equal(file_read_limited("file", 7, &text, &error), -EFBIG);
    text_free(&text);
    assert_int_equal(file_read_limited("/dev/zero", 3 << 20, &text, &error), -EFBIG);
    assert_non_null(strstr(error.message, "reading /dev/zero: over 3 MiB: "));
    assert_true(text.length <= 3 << 20);
    text_free(&text);
}

static void test_first_line(void **state)
{
    char line[8];
    (void)state;

    write_plain("two", "first\nsecond\n");
    assert_int_equal(file_read_line("two", line, sizeof line), 0);
    assert_string_equal(line, "first");
    write_plain("bare", "nonewl");
    assert_int_equal(file_read_line("bare", line, sizeof line), 0);
    assert_string_equal(line, "nonewl");
    write_plain("seven", "1234567\nmore");
    assert_int_equal(file_read_line("seven", line, sizeof line), 0);
    assert_string_equal(line, "1234567");
    write_plain("bare7", "1234567");
    assert_int_equal(file_read_line("bare7", line, sizeof line), 0);
    assert_string_equal(line, "1234567");
    write_plain("eight", "12345678\n");
    assert_int_equal(file_read_line("eight", line, sizeof line), -EOVERFLOW);
    assert_string_equal(line, "");
    write_plain("empty", "");
    assert_int_equal(file_read_line("empty", line, sizeof line), 0);
    assert_string_equal(line, "");
    (void)strcpy(line, "stale");
    assert_int_equal(file_read_line("missing", line, sizeof line), -ENOENT);
    assert_string_equal(line, "");
    assert_int_equal(file_read_line("two", line, 0), -EINVAL);
}

static void test_number(void **state)
{
    static const struct {
        const char *content;
        int result;
        int64_t number;
    } cases[] = {
        {"42\n", 0, 42},
        {"-1", 0, -1},
        {"9223372036854775807\n", 0, INT64_MAX},
        {"8 \nmore", 0, 8},
        {"9223372036854775808\n", -ERANGE, -7},
        {"max\n", -EINVAL, -7},
        {"12 34\n", -EINVAL, -7},
        {"0x10\n", -EINVAL, -7},
        {"", -EINVAL, -7},
    };
    (void)state;

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        int64_t number = -7;
        write_plain("number", cases[i].content);
        assert_int_equal(file_read_number("number", &number), cases[i].result);
        assert_int_equal(number, cases[i].number);
    }
    int64_t number;
    assert_int_equal(file_read_number("missing", &number), -ENOENT);
}

static void test_parents_are_made(void **state)
{
    struct error error = {0};
    char absolute[128];
    (void)state;

    assert_int_equal(file_make_parents("file", &error), 0);
    assert_int_equal(count_entries("."), 0);
    assert_int_equal(file_make_parents("a/b//c/file", &error), 0);
    assert_int_equal(count_entries("a/b/c"), 0);
    assert_int_equal(file_make_parents("a/b/c/file", &error), 0);
    (void)snprintf(absolute, sizeof absolute, "%s/x/y/file", (char *)*state);
    assert_int_equal(file_make_parents(absolute, &error), 0);
    assert_int_equal(count_entries("x/y"), 0);

    write_plain("blocked", "");
    assert_int_equal(file_make_parents("blocked/file", &error), -ENOTDIR);
    assert_int_equal(file_make_parents("blocked/deeper/file", &error), -ENOTDIR);
    assert_non_null(strstr(error.message, "mkdir(blocked)"));
}

#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, enter_empty_folder, remove_folder)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_FOLDER(test_written_is_read),
        IN_FOLDER(test_read_appends_and_reads_procfs),
        IN_FOLDER(test_failed_write_keeps_the_old_file),
        IN_FOLDER(test_write_refuses_what_is_no_file),
        IN_FOLDER(test_write_follows_links),
        IN_FOLDER(test_reading_is_limited),
        IN_FOLDER(test_first_line),
        IN_FOLDER(test_number),
        IN_FOLDER(test_parents_are_made),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
