/* Cells as findings speak of them: what they are called, which of them are alike, which a row of a
 * table means. Shared by results/findings*.c, beliefs, statements and advice. */
#ifndef IPCBENCH_RESULTS_FINDING_CELLS_H
#define IPCBENCH_RESULTS_FINDING_CELLS_H

#include <stdbool.h>
#include <stddef.h>

struct error;
struct run_cell;
struct text;

/* "shm:sync=spin,copy=no": the transport and the options that are not the usual ones, as its id has
 * it. A file may say anything: control characters become '?', and what is long is cut. */
enum { FINDING_NAME_BYTES = 88 };
struct finding_name {
    char text[FINDING_NAME_BYTES];
};
struct finding_name finding_name(const struct run_cell *cell);

/* The harness's yardstick, which moves no data and is no choice. */
bool finding_is_yardstick(const struct run_cell *cell);

/* Same pattern, size, placement, idle policy, rate and so on: all but transport and options. */
bool finding_alike(const struct run_cell *a, const struct run_cell *b);
/* The same but for the size. */
bool finding_alike_but_size(const struct run_cell *a, const struct run_cell *b);

/* As typed ("spin"); NULL where the transport has no such option. */
const char *finding_option(const struct run_cell *cell, const char *key);
/* It has the value that it has when nothing is said. */
bool finding_is_usual(const struct run_cell *cell, const char *key);

/* Does it wait by looking again and again? It then takes all of its CPU, whatever is to be done. */
bool finding_spins(const struct run_cell *cell);

/* A specification is alternatives with blanks between, in the words of `run -t`, each option with one
 * or more values: "shm:sync=sem|futex mmap:ring>=16M". `*` is any value that was given, so that an
 * option named here may differ between the cells of a pair. `pattern=` and `size>=` are of the cell
 * itself. Returns the alternative that the cell
 * matches, NULL where none. */
const char *finding_match(const struct run_cell *cell, const char *specification);

/* May the two be compared as matches of these alternatives? They are alike, both spin or both sleep,
 * the options that both have are the same, and those that one has are the usual ones; but for those
 * that the alternatives name. */
bool finding_comparable(const struct run_cell *a, const char *alternative_a,
                        const struct run_cell *b, const char *alternative_b);

/* "round trips of 64 B", "streams of 4 KiB", with what is not usual: ", idle CPUs kept awake". */
void finding_write_setting(const struct run_cell *cell, struct text *out);

#endif
