/* Two processes that take turns, and a peer that is dismissed. */
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/error.h"
#include "transports/common/turns.h"

enum { LOOPS = 3, TURNS = 50 };

struct board {
    int count;         /* written by whoever's turn it is: plain on purpose */
    _Atomic int loops; /* that the peer has left */
};

static void serve(struct turns *turns, struct board *board)
{
    for (int loop = 0; loop < LOOPS; ++loop) {
        while (turns_await(turns)) {
            ++board->count;
            turns_give_back(turns);
        }
        ++board->loops;
    }
}

static void takes_turns_in_every_loop(void **state)
{
    (void)state;
    struct turns turns;
    struct error error;
    struct board *const board =
        mmap(NULL, sizeof(*board), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    assert_ptr_not_equal(board, MAP_FAILED);
    assert_int_equal(turns_create(&turns, &error), 0);
    const pid_t peer = fork();
    assert_true(peer >= 0);
    if (peer == 0) {
        serve(&turns, board);
        _exit(0);
    }
    for (int loop = 0; loop < LOOPS; ++loop) {
        for (int turn = 0; turn < TURNS; ++turn) {
            const int before = board->count;
            turns_peer_does(&turns);
            assert_int_equal(board->count, before + 1); /* done when it returns */
        }
        turns_dismiss(&turns);
        while (board->loops == loop) /* in a trial both meet at a barrier here */
            sched_yield();
    }
    int status;
    assert_int_equal(waitpid(peer, &status, 0), peer);
    assert_int_equal(status, 0);
    assert_int_equal(board->count, LOOPS * TURNS);
    turns_destroy(&turns);
    turns_destroy(&turns);
    munmap(board, sizeof(*board));
}

static void a_dismissal_before_the_peer_looks_is_not_lost(void **state)
{
    (void)state;
    struct turns turns;
    struct error error;
    assert_int_equal(turns_create(&turns, &error), 0);
    assert_false(turns_are_over(&turns));
    turns_dismiss(&turns);
    assert_false(turns_await(&turns)); /* does not wait */
    assert_false(turns_are_over(&turns));
    turns_dismiss(&turns);
    assert_true(turns_are_over(&turns));
    assert_false(turns_are_over(&turns));
    turns_destroy(&turns);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(takes_turns_in_every_loop),
        cmocka_unit_test(a_dismissal_before_the_peer_looks_is_not_lost),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
