/* What a receiver of a file's content finds: each way of moving brings what was written, and what is old, missing
 * or elsewhere is found and located. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/error.h"
#include "harness/leftovers.h"
#include "transports/common/file_content.h"
#include "transports/common/file_mover.h"

enum { BLOCK_BYTES = 4096, BLOCKS = 4, FILE_BYTES = BLOCKS * BLOCK_BYTES };

static void content(void **state)
{
    uint64_t block[BLOCK_BYTES / 8];
    const uint64_t first = file_content_word(3, BLOCK_BYTES);
    (void)state;
    file_content_fill(block, sizeof(block), first);
    assert_true(file_content_is(block, sizeof(block), first));
    assert_false(file_content_is(block, sizeof(block), file_content_word(3, 0)));
    assert_false(file_content_is(block, sizeof(block), file_content_word(2, BLOCK_BYTES)));
    for (size_t index = 0; index < sizeof(block) / sizeof(block[0]); index += 37) {
        block[index] ^= UINT64_C(1) << (index % 64);
        assert_false(file_content_is(block, sizeof(block), first));
        block[index] ^= UINT64_C(1) << (index % 64);
    }
    assert_true(file_content_is(block, sizeof(block), first));
}

static void make(struct file_mover *mover, struct file_move_report *report, enum file_move_how how)
{
    struct leftovers leftovers = {0};
    struct error error = {0};
    *report = (struct file_move_report){.pass = 1};
    *mover = (struct file_mover){.report = report, .block_bytes = BLOCK_BYTES, .how = how};
    mover->file = (struct memory_object){.kind = OBJECT_FILE, .bytes = FILE_BYTES};
    mover->source = mover->file;
    assert_int_equal(leftovers_open(&leftovers, &error), 0);
    assert_int_equal(memory_object_plan(&mover->file, &error), 0);
    assert_int_equal(memory_object_create(&mover->file, &leftovers, &error), 0);
    assert_int_equal(memory_object_fill(&mover->file, &error), 0);
    assert_int_equal(memory_object_plan(&mover->source, &error), 0);
    assert_int_equal(memory_object_create(&mover->source, &leftovers, &error), 0);
    assert_int_equal(memory_object_fill(&mover->source, &error), 0);
    assert_int_equal(file_mover_open(mover, &error), 0);
    leftovers_close(&leftovers);
}

static void unmake(struct file_mover *mover)
{
    memory_object_unmap(&mover->file, &mover->view);
    memory_object_destroy(&mover->file);
    memory_object_destroy(&mover->source);
    free(mover->block);
}

static void moves(enum file_move_how how)
{
    struct file_mover mover;
    struct file_move_report report;
    make(&mover, &report, how);
    assert_int_equal(file_mover_read(&mover), -EBADMSG); /* never written */
    assert_int_equal(report.wrong_at, 0);
    for (report.pass = 2; report.pass < 4; ++report.pass) {
        if (how == MOVE_BY_COPY)
            assert_int_equal(file_mover_fill_source(&mover), 0);
        assert_int_equal(file_mover_write(&mover), 0);
        assert_null(mover.failed_call);
        assert_int_equal(file_mover_read(&mover), 0);
    }
    /* One block is still that of the pass before. */
    uint64_t block[BLOCK_BYTES / 8];
    const off_t at = 2 * BLOCK_BYTES;
    report.pass = 3;
    file_content_fill(block, sizeof(block), file_content_word(2, (uint64_t)at));
    assert_int_equal(pwrite(mover.file.fd, block, sizeof(block), at), sizeof(block));
    assert_int_equal(file_mover_read(&mover), -EBADMSG);
    assert_int_equal(report.wrong_at, at);
    unmake(&mover);
}

static void moves_each_way(void **state)
{
    (void)state;
    moves(MOVE_BY_MMAP);
    moves(MOVE_BY_READ);
    moves(MOVE_BY_PREAD);
    moves(MOVE_BY_COPY);
}

static void says_what_failed(void **state)
{
    struct file_mover mover;
    struct file_move_report report;
    (void)state;
    make(&mover, &report, MOVE_BY_PREAD);
    mover.sync = MOVE_SYNC_MSYNC_SYNC; /* of no mapping */
    assert_int_equal(file_mover_write(&mover), -ENOMEM);
    assert_string_equal(mover.failed_call, "msync(MS_SYNC)");
    assert_int_equal(ftruncate(mover.file.fd, 3 * BLOCK_BYTES), 0);
    assert_int_equal(file_mover_read(&mover), -EIO);
    assert_int_equal(report.wrong_at, 3 * BLOCK_BYTES);
    unmake(&mover);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(content),
        cmocka_unit_test(moves_each_way),
        cmocka_unit_test(says_what_failed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
