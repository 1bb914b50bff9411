/* NUMA policies and page sizes, on whatever machine runs the test: one node, many, or no NUMA. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/error.h"
#include "harness/memory.h"

static const size_t map_bytes = 1 << 20;

static void *map_anonymous(int sharing)
{
    void *const address =
        mmap(NULL, map_bytes, PROT_READ | PROT_WRITE, sharing | MAP_ANONYMOUS, -1, 0);

    assert_ptr_not_equal(address, MAP_FAILED);
    return address;
}

static void policies_parse_and_print(void **state)
{
    static const char *const names[] = {"local", "sender", "receiver", "interleave"};
    char buffer[MEMORY_POLICY_TEXT_BYTES];
    struct memory_policy policy;
    struct error error = {0};
    (void)state;

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        assert_int_equal(memory_policy_parse(names[i], &policy, &error), 0);
        assert_int_equal(policy.kind, i);
        assert_string_equal(memory_policy_text(&policy, buffer), names[i]);
    }
    policy = (struct memory_policy){.kind = MEMORY_NODE, .node = MEMORY_NODE_MAX};
    assert_string_equal(memory_policy_text(&policy, buffer), "1023");
}

static void words_that_are_no_policy(void **state)
{
    static const char *const wrong[] = {
        "", "Local", "locals", "-1", "0x0", "1.5", "node0", "99999999999999999999", "1024", "0,1",
    };
    struct memory_policy policy;
    (void)state;

    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        struct error error = {0};
        if (memory_policy_parse(wrong[i], &policy, &error) != -EINVAL)
            fail_msg("'%s' was taken", wrong[i]);
        assert_false(error.unavailable);
        assert_non_null(strstr(error.message, "interleave"));
    }
}

static int lowest_node(void)
{
    struct memory_policy policy;
    char text[MEMORY_POLICY_TEXT_BYTES];

    for (int node = 0; node <= MEMORY_NODE_MAX; node++) {
        (void)snprintf(text, sizeof text, "%d", node);
        if (memory_policy_parse(text, &policy, NULL) == 0) {
            assert_int_equal(policy.kind, MEMORY_NODE);
            assert_int_equal(policy.node, node);
            return node;
        }
    }
    return -1;
}

static void missing_node_is_unavailable_with_the_list(void **state)
{
    struct memory_policy policy;
    struct error error = {0};
    char present[MEMORY_POLICY_TEXT_BYTES];
    const int node = lowest_node();
    (void)state;

    if (node < 0)
        skip(); /* a sandbox hides the nodes */
    (void)snprintf(present, sizeof present, "node %d", node);
    assert_int_equal(memory_policy_parse("1023", &policy, &error), -ENOTSUP);
    assert_true(error.unavailable);
    assert_non_null(strstr(error.message, "1023"));
    assert_non_null(strstr(error.message, present));
}

static void touched_memory_lies_on_a_node(void **state)
{
    char *const address = map_anonymous(MAP_PRIVATE);
    bool on_one_node = true;
    char nodes[MEMORY_NODES_TEXT_BYTES];
    char only[MEMORY_NODES_TEXT_BYTES];
    (void)state;

    /* Nothing is present yet. */
    assert_int_equal(memory_node_of(address, map_bytes, &on_one_node), -1);
    assert_false(on_one_node);

    assert_string_equal(memory_nodes_text(address, map_bytes, nodes), "");

    memset(address, 1, map_bytes);
    const int node = memory_node_of(address, map_bytes, &on_one_node);
    assert_true(node >= -1);
    if (node >= 0) {
        if (on_one_node) {
            (void)snprintf(only, sizeof only, "%d", node);
            assert_string_equal(memory_nodes_text(address, map_bytes, nodes), only);
        }
        assert_int_equal(memory_node_of(address + 1, 1, &on_one_node), node);
        assert_true(on_one_node);
        assert_true(memory_node_of(address + map_bytes - 1, 1, NULL) >= 0);
        assert_true(memory_node_of(address, 0, NULL) >= 0);
    }
    assert_int_equal(munmap(address, map_bytes), 0);
}

/* Applies a policy, touches fresh memory and checks it; returns an exit status. */
static int apply_and_check(const struct memory_policy *policy, const struct memory_nodes *nodes)
{
    struct error error = {0};
    char *const address =
        mmap(NULL, map_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    if (address == MAP_FAILED)
        return 1;
    const int failed = memory_policy_apply(policy, nodes, &error);
    if (failed)
        return failed == -ENOTSUP && error.unavailable ? 0 : 2;
    memset(address, 1, map_bytes);
    return memory_check(policy, nodes, address, map_bytes, &error) == 0 ? 0 : 3;
}

static void every_policy_holds_what_it_promises(void **state)
{
    const int node = lowest_node();
    const struct memory_nodes nodes = {
        .own_node = node, .sender_node = node, .receiver_node = node};
    (void)state;

    if (node < 0)
        skip(); /* a sandbox hides the nodes */
    for (int kind = MEMORY_LOCAL; kind <= MEMORY_NODE; kind++) {
        const struct memory_policy policy = {.kind = (enum memory_kind)kind, .node = node};
        int status;
        const pid_t child = fork(); /* the policy of this process stays as it is */
        assert_true(child >= 0);
        if (child == 0)
            _exit(apply_and_check(&policy, &nodes));
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_true(WIFEXITED(status));
        assert_int_equal(WEXITSTATUS(status), 0);
    }
}

/* Also where the memory that is left to this process lies on one node. */
static void promised_node_without_memory_is_refused(void **state)
{
    static const enum memory_kind kinds[] = {MEMORY_SENDER, MEMORY_RECEIVER, MEMORY_NODE};
    const struct memory_nodes nodes = {.sender_node = MEMORY_NODE_MAX,
                                       .receiver_node = MEMORY_NODE_MAX};
    (void)state;

    if (lowest_node() < 0)
        skip(); /* a sandbox hides the nodes */
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        const struct memory_policy policy = {.kind = kinds[i], .node = MEMORY_NODE_MAX};
        struct error error = {0};
        assert_int_equal(memory_policy_apply(&policy, &nodes, &error), -ENOTSUP);
        assert_true(error.unavailable);
        assert_non_null(strstr(error.message, "1023"));
    }
}

static void pages_of_an_anonymous_mapping(void **state)
{
    static const int sharing[] = {MAP_PRIVATE, MAP_SHARED};
    struct memory_pages pages;
    struct error error = {0};
    (void)state;

    for (size_t i = 0; i < 2; i++) {
        char *const address = map_anonymous(sharing[i]);
        assert_int_equal(memory_pages_of(address, &pages, &error), 0);
        assert_int_equal(pages.kernel_page_bytes, sysconf(_SC_PAGESIZE));
        const uint64_t before_bytes = pages.resident_bytes;

        memset(address, 1, map_bytes);
        assert_int_equal(memory_pages_of(address + map_bytes - 1, &pages, &error), 0);
        assert_true(pages.resident_bytes >= before_bytes + map_bytes);
        assert_true(pages.huge_bytes <= pages.resident_bytes);
        assert_int_equal(pages.locked_bytes, 0);
        assert_int_equal(munmap(address, map_bytes), 0);
    }
}

static void locked_pages_are_seen(void **state)
{
    struct memory_pages pages;
    char *const address = map_anonymous(MAP_SHARED);
    (void)state;

    /* Not mlock(): the address sanitizer replaces it by nothing. */
    if (syscall(SYS_mlock, address, map_bytes) < 0) {
        assert_int_equal(munmap(address, map_bytes), 0);
        skip(); /* RLIMIT_MEMLOCK */
    }
    assert_int_equal(memory_pages_of(address, &pages, NULL), 0);
    assert_true(pages.locked_bytes >= map_bytes);
    assert_int_equal(munmap(address, map_bytes), 0);
}

static void hugetlb_pages_are_seen(void **state)
{
    const size_t huge_bytes = 2 << 20;
    struct memory_pages pages;
    (void)state;

    char *const address = mmap(NULL, huge_bytes, PROT_READ | PROT_WRITE,
                               MAP_SHARED | MAP_ANONYMOUS | MAP_HUGETLB | MAP_POPULATE, -1, 0);
    if (address == MAP_FAILED)
        skip();
    assert_int_equal(memory_pages_of(address, &pages, NULL), 0);
    assert_true(pages.kernel_page_bytes > (uint64_t)sysconf(_SC_PAGESIZE));
    assert_int_equal(pages.huge_bytes, pages.resident_bytes);
    assert_true(pages.huge_bytes >= pages.kernel_page_bytes);
    assert_int_equal(munmap(address, pages.kernel_page_bytes), 0);
}

static void address_outside_any_mapping(void **state)
{
    struct memory_pages pages;
    struct error error = {0};
    (void)state;

    assert_int_equal(memory_pages_of(NULL, &pages, &error), -EFAULT);
    assert_int_equal(error.code, EFAULT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(policies_parse_and_print),
        cmocka_unit_test(words_that_are_no_policy),
        cmocka_unit_test(missing_node_is_unavailable_with_the_list),
        cmocka_unit_test(touched_memory_lies_on_a_node),
        cmocka_unit_test(every_policy_holds_what_it_promises),
        cmocka_unit_test(promised_node_without_memory_is_refused),
        cmocka_unit_test(pages_of_an_anonymous_mapping),
        cmocka_unit_test(locked_pages_are_seen),
        cmocka_unit_test(hugetlb_pages_are_seen),
        cmocka_unit_test(address_outside_any_mapping),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
