/* A fuzz target without libFuzzer: every input of its corpus, then inputs made from those by chance, for
 * some seconds. Nothing guides it, so it finds less; but it is built by any compiler and with whatever
 * sanitizers the library already has, in seconds.
 *
 *     replay_NAME FOLDER SECONDS FINDING [SEED]
 *
 * What is at work is in the file FINDING, which is there still if the program dies of it. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/random.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

enum { INPUT_BYTES_MOST = 32768, INPUTS_MOST = 1024, CHANGES_MOST = 4, SLICE_BYTES_MOST = 64 };

struct input {
    size_t bytes;
    uint8_t data[INPUT_BYTES_MOST];
};

struct corpus {
    struct input *inputs;
    size_t count;
};

static void die(const char *what)
{
    (void)fprintf(stderr, "%s: %s\n", what, strerror(errno));
    exit(2);
}

static void read_input(int folder, const char *name, struct input *input)
{
    const int fd = openat(folder, name, O_RDONLY | O_CLOEXEC);
    const ssize_t bytes = fd < 0 ? -1 : read(fd, input->data, sizeof input->data);

    if (bytes < 0)
        die(name);
    input->bytes = (size_t)bytes;
    (void)close(fd);
}

static int by_name(const struct dirent **left, const struct dirent **right)
{
    return strcmp((*left)->d_name, (*right)->d_name);
}

static int is_visible(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

static void read_corpus(const char *path, struct corpus *corpus)
{
    struct dirent **entries;
    const int folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    const int count = scandir(path, &entries, is_visible, by_name);

    if (count == 0 || count > INPUTS_MOST)
        errno = count ? E2BIG : ENOENT;
    if (folder < 0 || count <= 0 || count > INPUTS_MOST)
        die(path);
    corpus->count = (size_t)count;
    corpus->inputs = calloc(corpus->count, sizeof *corpus->inputs);
    if (!corpus->inputs)
        die(path);
    for (size_t i = 0; i < corpus->count; i++) {
        read_input(folder, entries[i]->d_name, &corpus->inputs[i]);
        free(entries[i]);
    }
    free(entries);
    (void)close(folder);
}

static void remove_slice(struct random *random, struct input *input)
{
    const size_t at = random_below(random, input->bytes + 1);
    const size_t left = input->bytes - at;
    const size_t gone =
        random_below(random, (left < SLICE_BYTES_MOST ? left : SLICE_BYTES_MOST) + 1);

    memmove(input->data + at, input->data + at + gone, left - gone);
    input->bytes -= gone;
}

/* A slice of some input is put anywhere: over what is there, or before it. */
static void put_slice(struct random *random, const struct corpus *corpus, struct input *input)
{
    const struct input *const other = &corpus->inputs[random_below(random, corpus->count)];
    const size_t from = random_below(random, other->bytes + 1);
    const size_t at = random_below(random, input->bytes + 1);
    const bool before = random_below(random, 2);
    size_t bytes = random_below(random, SLICE_BYTES_MOST + 1);

    if (bytes > other->bytes - from)
        bytes = other->bytes - from;
    if (bytes > sizeof input->data - (before ? input->bytes : at))
        return;
    if (before)
        memmove(input->data + at + bytes, input->data + at, input->bytes - at);
    memcpy(input->data + at, other->data + from, bytes);
    if (before)
        input->bytes += bytes;
    else if (at + bytes > input->bytes)
        input->bytes = at + bytes;
}

static void change(struct random *random, const struct corpus *corpus, struct input *input)
{
    for (uint64_t changes = 1 + random_below(random, CHANGES_MOST); changes > 0; changes--) {
        const uint64_t kind = random_below(random, 4);
        if (kind == 0)
            remove_slice(random, input);
        else if (kind == 1)
            put_slice(random, corpus, input);
        else if (input->bytes > 0 && kind == 2)
            input->data[random_below(random, input->bytes)] = (uint8_t)random_below(random, 256);
        else if (input->bytes > 0)
            input->data[random_below(random, input->bytes)] ^=
                (uint8_t)(1U << random_below(random, 8));
    }
}

/* A copy of exactly its size, so that a byte too far is found. */
static void run(const struct input *input, int finding)
{
    uint8_t *const data = malloc(input->bytes ? input->bytes : 1);

    if (!data || pwrite(finding, input->data, input->bytes, 0) != (ssize_t)input->bytes ||
        ftruncate(finding, (off_t)input->bytes) < 0)
        die("the input at work");
    memcpy(data, input->data, input->bytes);
    (void)LLVMFuzzerTestOneInput(data, input->bytes);
    free(data);
}

static double seconds_now(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

int main(int argc, char **argv)
{
    static struct input input;
    struct corpus corpus = {0};
    struct random random;
    size_t made = 0;

    if (argc < 4 || argc > 5) {
        (void)fprintf(stderr, "usage: %s FOLDER SECONDS FINDING [SEED]\n", argv[0]);
        return 2;
    }
    const int finding = open(argv[3], O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (finding < 0)
        die(argv[3]);
    read_corpus(argv[1], &corpus);
    for (size_t i = 0; i < corpus.count; i++)
        run(&corpus.inputs[i], finding);
    random_seed(&random, argc > 4 ? strtoull(argv[4], NULL, 10) : 1);
    const double end_seconds = seconds_now() + strtod(argv[2], NULL);
    for (; seconds_now() < end_seconds; made++) {
        input = corpus.inputs[random_below(&random, corpus.count)];
        change(&random, &corpus, &input);
        run(&input, finding);
    }
    (void)close(finding);
    (void)unlink(argv[3]);
    printf("%zu inputs of the corpus, %zu made from them\n", corpus.count, made);
    free(corpus.inputs);
    return 0;
}
