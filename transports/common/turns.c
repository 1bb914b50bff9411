#include "transports/common/turns.h"

#include <errno.h>
#include <limits.h>
#include <linux/futex.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/error.h"

enum { PEERS_TURN = 1, DISMISSAL = 2 };

int turns_create(struct turns *turns, struct error *error)
{
    void *const shared =
        mmap(NULL, sizeof(*turns->word), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (shared == MAP_FAILED)
        return error_system(error, errno, "mmap for taking turns");
    *turns = (struct turns){.word = shared};
    return 0;
}

void turns_destroy(struct turns *turns)
{
    if (turns->word)
        munmap((void *)turns->word, sizeof(*turns->word));
    turns->word = NULL;
}

static void sleep_while(const struct turns *turns, uint32_t value)
{
    syscall(SYS_futex, turns->word, FUTEX_WAIT, value, NULL, NULL, 0);
}

static void wake(const struct turns *turns)
{
    syscall(SYS_futex, turns->word, FUTEX_WAKE, INT_MAX, NULL, NULL, 0);
}

void turns_peer_does(const struct turns *turns)
{
    atomic_fetch_or(turns->word, PEERS_TURN);
    wake(turns);
    for (uint32_t word; (word = atomic_load(turns->word)) & PEERS_TURN;)
        sleep_while(turns, word);
}

void turns_dismiss(const struct turns *turns)
{
    atomic_fetch_add(turns->word, DISMISSAL);
    wake(turns);
}

bool turns_are_over(struct turns *turns)
{
    const uint32_t dismissals = atomic_load(turns->word) / DISMISSAL;
    if (dismissals == turns->dismissals)
        return false;
    turns->dismissals = dismissals;
    return true;
}

bool turns_await(struct turns *turns)
{
    for (;;) {
        const uint32_t word = atomic_load(turns->word);
        if (word & PEERS_TURN)
            return true;
        if (turns_are_over(turns))
            return false;
        sleep_while(turns, word);
    }
}

bool turns_is_mine(const struct turns *turns)
{
    return atomic_load(turns->word) & PEERS_TURN;
}

void turns_give_back(const struct turns *turns)
{
    atomic_fetch_and(turns->word, ~(uint32_t)PEERS_TURN);
    wake(turns);
}
