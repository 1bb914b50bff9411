#include "plots/output.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/file.h"
#include "plots/gnuplot.h"

void plot_output_to_files(struct plot_output *output, const char *folder)
{
    output->folder = folder;
    output->canvas = (struct canvas){
        .columns = PICTURE_COLUMNS,
        .lines = PICTURE_LINES_HUNDREDTHS / 100.0,
    };
}

void plot_output_to_terminal(struct plot_output *output, double columns, double lines)
{
    output->folder = NULL;
    output->canvas = (struct canvas){.is_terminal = true, .columns = columns, .lines = lines};
}

void plot_output_free(struct plot_output *output)
{
    text_free(&output->prefix);
    text_free(&output->corner);
    text_free(&output->drawings);
    text_free(&output->report);
    text_free(&output->names);
}

void plot_output_left_out(struct plot_output *output, const char *figure, const char *format, ...)
{
    char reason[512];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(reason, sizeof(reason), format, arguments);
    va_end(arguments);
    text_append(&output->report, "%s: left out: %s\n", figure, reason);
}

/* Two cells may have names that differ only in what a file's name cannot hold. */
static void unique_name(struct plot_output *output, const char *wanted, struct text *name)
{
    struct text line = {0};
    for (size_t number = 1;; ++number) {
        line.length = 0;
        text_append(&line, number == 1 ? "\n%s%s\n" : "\n%s%s-again-%zu\n",
                    text_string(&output->prefix), wanted, number);
        if (line.failed || !strstr(text_string(&output->names), text_string(&line)))
            break;
    }
    text_append(&output->names, "%s", text_string(&line));
    text_append_bytes(name, text_string(&line) + 1, line.length >= 2 ? line.length - 2 : 0);
    name->failed |= line.failed;
    text_free(&line);
}

/* --- what gnuplot drew -------------------------------------------------------------------------- */

static bool ends_with(const struct text *text, const char *end, size_t bytes, size_t within)
{
    for (size_t back = bytes; back <= text->length && back <= bytes + within; ++back) {
        if (!memcmp(text->data + text->length - back, end, bytes))
            return true;
    }
    return false;
}

static int check_whole(enum picture_format format, const struct text *drawn, struct error *error)
{
    const bool whole = format == PICTURE_SVG   ? ends_with(drawn, "</svg>", 6, 4)
                       : format == PICTURE_PNG ? ends_with(drawn, "IEND\xae\x42\x60\x82", 8, 0)
                                               : drawn->length > 0;
    return whole ? 0 : error_plain(error, "gnuplot ended well but drew no whole picture");
}

static void append_escaped(struct text *out, const char *words)
{
    for (; *words; ++words) {
        if (*words == '<' || *words == '&' || *words == '>')
            text_append(out, "&#%d;", *words);
        else
            text_append_bytes(out, words, 1);
    }
}

/* Every SVG of gnuplot's is entitled "Gnuplot", which browsers show and screen readers read. */
static void entitle(const char *title, const struct text *drawn, struct text *out)
{
    static const char theirs[] = "<title>Gnuplot</title>";
    const char *const at = drawn->length ? strstr(drawn->data, theirs) : NULL;
    const size_t before = at ? (size_t)(at - drawn->data) : drawn->length;
    text_append_bytes(out, text_string(drawn), before);
    if (!at)
        return;
    text_append(out, "<title>");
    append_escaped(out, title);
    text_append(out, "</title>");
    const size_t behind = before + sizeof(theirs) - 1;
    text_append_bytes(out, drawn->data + behind, drawn->length - behind);
}

static int draw(struct plot_output *output, const struct picture *picture,
                enum picture_format format, struct text *drawn, struct error *error)
{
    const struct picture_dress dress = {
        .format = format,
        .canvas = &output->canvas,
        .colour = output->colour,
        .corner = text_string(&output->corner),
    };
    struct text script = {0}, raw = {0};
    picture_script(picture, &dress, &script);
    int failure = gnuplot_draw(&script, output->interrupted, &raw, error);
    if (!failure)
        failure = check_whole(format, &raw, error);
    if (!failure && format == PICTURE_SVG)
        entitle(text_string(&picture->title), &raw, drawn);
    else if (!failure)
        text_append_bytes(drawn, raw.data, raw.length);
    if (!failure && drawn->failed)
        failure = error_system(error, ENOMEM, "drawing");
    if (failure)
        error_prefix(error, "%s: ", text_string(&picture->name));
    text_free(&script);
    text_free(&raw);
    return failure;
}

/* --- where it goes ------------------------------------------------------------------------------ */

static int write_picture(struct plot_output *output, const char *name, enum picture_format format,
                         const struct text *drawn, struct error *error)
{
    struct text path = {0};
    text_append(&path, "%s/%s.%s", output->folder, name, format == PICTURE_SVG ? "svg" : "png");
    int failure = path.failed ? error_system(error, ENOMEM, "%s", name) : 0;
    if (!failure)
        failure = file_make_parents(path.data, error);
    if (!failure)
        failure = file_write_atomic(path.data, drawn->data, drawn->length, error);
    if (!failure)
        text_append(&output->report, "%s\n", path.data);
    text_free(&path);
    return failure;
}

static int add_files(struct plot_output *output, const struct picture *picture, struct error *error)
{
    static const enum picture_format formats[] = {PICTURE_SVG, PICTURE_PNG};
    struct text name = {0};
    int failure = 0;
    unique_name(output, text_string(&picture->name), &name);
    for (size_t index = 0; index < 2 && !failure; ++index) {
        struct text drawn = {0};
        if (!(formats[index] == PICTURE_SVG ? output->svg : output->png))
            continue;
        failure = draw(output, picture, formats[index], &drawn, error);
        if (!failure)
            failure = write_picture(output, text_string(&name), formats[index], &drawn, error);
        text_free(&drawn);
    }
    text_free(&name);
    return failure;
}

int plot_output_add(struct plot_output *output, const struct picture *picture, struct error *error)
{
    int failure;
    if (output->folder) {
        failure = add_files(output, picture, error);
    } else {
        struct text drawn = {0};
        failure = draw(output, picture, PICTURE_TERMINAL, &drawn, error);
        const char *const text = text_string(&drawn);
        const size_t feed = strspn(text, "\f\n");
        text_append(&output->drawings, "%s\n", text + feed);
        text_free(&drawn);
    }
    output->drawn += !failure;
    return failure;
}
