/* The pause of a spinning loop, and branch hints: the two places where the CPU's name shows. */
#ifndef IPCBENCH_HARNESS_RELAX_H
#define IPCBENCH_HARNESS_RELAX_H

#define ALWAYS_INLINE       inline __attribute__((always_inline))
#define OUT_OF_LINE         __attribute__((noinline, unused))
#define LIKELY(condition)   __builtin_expect(!!(condition), 1)
#define UNLIKELY(condition) __builtin_expect(!!(condition), 0)

/* Tells the CPU that this is a spin-wait: PAUSE on x86, YIELD on arm64. */
static ALWAYS_INLINE void cpu_relax(void)
{
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("yield" ::: "memory");
#else
    __asm__ volatile("" ::: "memory");
#endif
}

#endif
