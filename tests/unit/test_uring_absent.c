/* io-uring as built where liburing is missing: in the list, and refused with the reason. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <string.h>

/* Linked in place of what the library has under these names. */
#include "transports/common/uring_absent.c" /* NOLINT(bugprone-suspicious-include) */

extern const struct transport transport_io_uring;

static void is_refused_with_what_to_install(void **state)
{
    struct options options;
    struct error error = {0};
    (void)state;
    assert_int_equal(options_parse(transport_io_uring.options, transport_io_uring.option_count, "",
                                   &options, &error),
                     0);
    assert_int_equal(transport_io_uring.probe(&options, 64, &error), -ENOTSUP);
    assert_true(error.unavailable);
    assert_string_equal(error.message, "built without liburing");
    assert_non_null(strstr(error.knob, "liburing-dev"));
}

static void refuses_to_attach_as_well(void **state)
{
    struct uring_channel channel_state = {0};
    struct channel channel = {.transport = &transport_io_uring, .state = &channel_state};
    struct error error = {0};
    (void)state;
    descriptors_init(&channel_state.descriptors);
    assert_int_equal(options_parse(transport_io_uring.options, transport_io_uring.option_count, "",
                                   &channel.options, &error),
                     0);
    assert_int_equal(transport_io_uring.attach(&channel, SIDE_SENDER, &error), -ENOTSUP);
    assert_true(error.unavailable);
    transport_io_uring.detach(&channel, SIDE_SENDER);
    transport_io_uring.destroy(&channel);
}

static void has_loops_that_move_nothing(void **state)
{
    struct options options;
    unsigned char message[64];
    struct loop_run run = {.verify_messages = 1,
                           .message_bytes = sizeof(message),
                           .send_buffer = message,
                           .receive_buffer = message};
    (void)state;
    assert_int_equal(options_parse(transport_io_uring.options, transport_io_uring.option_count,
                                   "receive=multishot,batch=8", &options, NULL),
                     0);
    transport_io_uring.loops(&options)->verify_produce(&run);
    assert_int_equal(run.failure, -ENOSYS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(is_refused_with_what_to_install),
        cmocka_unit_test(refuses_to_attach_as_well),
        cmocka_unit_test(has_loops_that_move_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
