/* How noisy the machine was around a run: taken by the run, told in one line of the table. */
#ifndef IPCBENCH_BENCH_NOISE_H
#define IPCBENCH_BENCH_NOISE_H

struct error;
struct run;
struct session;
struct text;

/* Before the first trial: the baseline (up to a quarter of a second of spinning on both CPUs), unless
 * the run is resumed, and the counters to start from. An interruption is no failure. */
int noise_begin(struct session *session, struct error *error);

/* After the last trial: what disturbed since, and the baseline again, unless the run was
 * interrupted. What was measured is worth more than this: it cannot fail, only stay untaken. */
void noise_end(struct session *session);

/* Appends "noise: CPU 0 lost 0.4 % in 31 gaps up to 1.20 ms before, 0.5 % after; ...", or nothing
 * where nothing is known. */
void noise_write(const struct run *run, struct text *out);

#endif
