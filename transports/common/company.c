#include "transports/common/company.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>

#include "base/error.h"

struct company_place {
    cpu_set_t cpus;
};

int company_create(struct company *company, enum company_kind kind, struct error *error)
{
    company->kind = kind;
    if (kind == COMPANY_PROCESS)
        return turns_create(&company->turns, error);
    if (kind == COMPANY_IDLE)
        return 0;
    void *const shared = mmap(NULL, sizeof(*company->place), PROT_READ | PROT_WRITE,
                              MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (shared == MAP_FAILED)
        return error_system(error, errno, "mmap for the peer's place");
    company->place = shared;
    return 0;
}

void company_destroy(struct company *company)
{
    turns_destroy(&company->turns);
    if (company->place)
        munmap(company->place, sizeof(*company->place));
    company->place = NULL;
}

void company_introduce(const struct company *company)
{
    if (company->place)
        sched_getaffinity(0, sizeof(company->place->cpus), &company->place->cpus);
}

static void read_pages(const struct company_pages *pages)
{
    const unsigned char *const start = pages->address;
    for (size_t at = 0; at < pages->bytes; at += pages->page_bytes)
        (void)atomic_load_explicit((const _Atomic unsigned char *)(start + at),
                                   memory_order_relaxed);
}

static void *read_on(void *opaque)
{
    struct company *const company = opaque;
    while (!atomic_load_explicit(&company->is_over, memory_order_relaxed)) {
        read_pages(&company->pages);
        atomic_fetch_add_explicit(&company->rounds, 1, memory_order_release);
    }
    return NULL;
}

static int start(struct company *company)
{
    pthread_attr_t attributes;
    sigset_t all, before;
    int code = pthread_attr_init(&attributes);
    if (code)
        return code;
    code = pthread_attr_setaffinity_np(&attributes, sizeof(company->place->cpus),
                                       &company->place->cpus);
    sigfillset(&all);
    sigdelset(&all, SIGBUS); /* told by the process's handler */
    pthread_sigmask(SIG_SETMASK, &all, &before);
    if (!code)
        code = pthread_create(&company->thread, &attributes, read_on, company);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    pthread_attr_destroy(&attributes);
    return code;
}

int company_begin(struct company *company, const struct company_pages *pages, struct error *error)
{
    if (company->kind != COMPANY_THREAD || company->is_running)
        return 0;
    company->pages = *pages;
    atomic_store(&company->rounds, 0);
    atomic_store(&company->is_over, false);
    const int code = start(company);
    if (code)
        return error_system(error, code, "starting a thread on the receiver's CPU");
    company->is_running = true;
    while (!atomic_load_explicit(&company->rounds, memory_order_acquire))
        sched_yield();
    return 0;
}

void company_end(struct company *company)
{
    if (company->turns.word)
        turns_dismiss(&company->turns);
    if (!company->is_running)
        return;
    atomic_store(&company->is_over, true);
    pthread_join(company->thread, NULL);
    company->is_running = false;
}

void company_attend(struct company *company, const struct company_pages *pages)
{
    while (company->kind == COMPANY_PROCESS && !turns_are_over(&company->turns))
        read_pages(pages);
}
