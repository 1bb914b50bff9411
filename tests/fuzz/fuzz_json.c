/* libFuzzer: any bytes as a result file or a topology. What is read can be summarised, exported in every format and
 * written; what was written is read again. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "results/document.h"
#include "results/export.h"
#include "results/import.h"
#include "results/json.h"
#include "results/run.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

static void export_all(const struct run *run)
{
    const struct run_cell **const cells = calloc(run->cell_count + 1, sizeof *cells);

    for (size_t i = 0; cells && i < run->cell_count; i++)
        cells[i] = &run->cells[i];
    const struct export_source source = {run, cells, run->cell_count};
    for (size_t i = 0; cells && i < export_format_count; i++) {
        struct text out = {0};
        struct error error = {0};
        if (export_formats[i].write(&source, &out, &error) != 0 && error.message[0] == '\0')
            abort();
        text_free(&out);
    }
    free(cells);
}

static void write_and_read(const struct run *run)
{
    struct text document = {0};
    struct error error = {0};
    struct run again;

    if (run_write_json(run, &document, &error) == 0) {
        if (run_read_json(text_string(&document), &again, &error) != 0)
            abort();
        run_free(&again);
    }
    text_free(&document);
}

/* A topology is read as well, or refused with one line. */
static void read_either(const char *text)
{
    struct error error = {0};
    struct document document;

    if (document_read(text, &document, &error) == 0)
        document_free(&document);
    else if (error.message[0] == '\0' || strpbrk(error.message, "\n\r\x1b"))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    char *const text = malloc(bytes + 1);
    struct error error = {0};
    struct run run;

    if (!text)
        return 0;
    memcpy(text, data, bytes);
    text[bytes] = '\0';
    read_either(text);
    if (run_read_json(text, &run, &error) == 0) {
        export_all(&run);
        write_and_read(&run);
        run_free(&run);
        if (import_read(text, &run, &error) == 0) {
            export_all(&run);
            write_and_read(&run);
            run_free(&run);
        }
    } else if (error.message[0] == '\0' || strpbrk(error.message, "\n\r\x1b")) {
        abort();
    }
    free(text);
    return 0;
}
