#include "plots/picture.h"

#include "plots/script.h"
#include "plots/words.h"

/* Lines above the data: title, subtitle; below: ticks, the axis's name, note and machine. */
enum { HEAD_LINES = 3, FOOT_LINES = 5, FOOT_LINES_TERMINAL = 7 };

static double foot_lines(const struct canvas *canvas)
{
    return canvas->is_terminal ? FOOT_LINES_TERMINAL : FOOT_LINES;
}

void picture_free(struct picture *picture)
{
    text_free(&picture->name);
    text_free(&picture->title);
    text_free(&picture->subtitle);
    text_free(&picture->note);
    text_free(&picture->commands);
}

static double lines_of(const struct canvas *canvas, const struct picture *picture)
{
    return picture->lines > 0 ? picture->lines : canvas->lines;
}

double picture_lines_for(const struct canvas *canvas, const struct margins *margins, double lines)
{
    return lines + margins->above + margins->below + HEAD_LINES + foot_lines(canvas);
}

struct area picture_area(const struct canvas *canvas, const struct picture *picture,
                         const struct margins *margins)
{
    const double lines = lines_of(canvas, picture);
    return (struct area){
        .left = margins->left / canvas->columns,
        .right = 1 - margins->right / canvas->columns,
        .bottom = (margins->below + foot_lines(canvas)) / lines,
        .top = 1 - (margins->above + HEAD_LINES) / lines,
    };
}

struct area picture_part(const struct canvas *canvas, const struct picture *picture,
                         const struct area *whole, const struct grid_place *place)
{
    const double gap_x = place->gap_columns / canvas->columns;
    const double gap_y = place->gap_lines / lines_of(canvas, picture);
    const double width = (whole->right - whole->left - gap_x * (double)(place->columns - 1)) /
                         (double)place->columns;
    const double height =
        (whole->top - whole->bottom - gap_y * (double)(place->rows - 1)) / (double)place->rows;
    const size_t row = place->index / place->columns;
    const double left = whole->left + (width + gap_x) * (double)(place->index % place->columns);
    const double top = whole->top - (height + gap_y) * (double)row;
    return (struct area){.left = left, .right = left + width, .bottom = top - height, .top = top};
}

void picture_use_area(struct text *commands, const struct area *area)
{
    text_append(commands,
                "set lmargin at screen %.4f\nset rmargin at screen %.4f\n"
                "set bmargin at screen %.4f\nset tmargin at screen %.4f\n",
                area->left, area->right, area->bottom, area->top);
}

void picture_key(struct text *commands, const struct canvas *canvas, const struct area *area,
                 const char *heading)
{
    text_append(commands,
                "set key at screen %.4f, screen %.4f left top Left reverse noenhanced samplen %d "
                "spacing 1.15 width 0 noautotitle font ',9.5'",
                area->right + 2 / canvas->columns, area->top, canvas->is_terminal ? 2 : 4);
    text_append(commands, " title ");
    script_quote(commands, heading, 0);
    text_append(commands, " left\n");
}

void picture_no_key(struct text *commands)
{
    text_append(commands, "set key off\n");
}

void picture_words(struct text *commands, double x, double y, const char *words, const char *look)
{
    if (!*words)
        return;
    text_append(commands, "set label ");
    script_quote(commands, words, 0);
    text_append(commands, " at screen %.4f, screen %.4f %s\n", x, y, look);
}

void picture_axis_names(struct picture *picture, const struct canvas *canvas,
                        const struct area *area, const struct axis_names *names)
{
    struct text *const commands = &picture->commands;
    const double below = 2.4 / lines_of(canvas, picture), aside = 9.3 / canvas->columns;
    if (canvas->is_terminal) { /* which cannot turn letters */
        text_append(commands, "set xlabel ");
        script_quote(commands, names->x, 0);
        text_append(commands, "\nset ylabel ");
        script_quote(commands, names->y, 0);
        text_append(commands, "\n");
        return;
    }
    picture_words(commands, (area->left + area->right) / 2, area->bottom - below, names->x,
                  "center front");
    picture_words(commands, area->left - aside, (area->bottom + area->top) / 2, names->y,
                  "center rotate by 90 front");
}

/* --- the script -------------------------------------------------------------------------------- */

static void write_terminal(const struct picture *picture, const struct picture_dress *dress,
                           struct text *script)
{
    const double scale = 1.6; /* 1920 pixels */
    const double width = dress->canvas->columns * PICTURE_CHARACTER_PIXELS;
    const double height = lines_of(dress->canvas, picture) * PICTURE_LINE_PIXELS;
    switch (dress->format) {
    case PICTURE_SVG:
        text_append(script,
                    "set terminal svg size %.0f,%.0f font 'sans-serif,9.6' fontscale 1.33 "
                    "background '#ffffff' noenhanced\n",
                    width, height);
        break;
    case PICTURE_PNG: /* without cairo there is a plainer one */
        text_append(script,
                    "if (strstrt(GPVAL_TERMINALS, 'pngcairo') > 0) {\n"
                    "set terminal pngcairo size %.0f,%.0f font 'sans-serif,9.6' fontscale %.2f "
                    "linewidth %.2f pointscale %.2f background '#ffffff' noenhanced\n} else {\n"
                    "set terminal png size %.0f,%.0f truecolor font 'sans-serif,9' fontscale %.2f "
                    "linewidth %.2f pointscale %.2f background '#ffffff' noenhanced\n}\n",
                    width * scale, height * scale, scale, scale, scale * 0.8, width * scale,
                    height * scale, scale, scale, scale * 0.8);
        break;
    case PICTURE_TERMINAL:
        text_append(script, "set terminal dumb size %.0f,%.0f %s noenhanced\n",
                    dress->canvas->columns, lines_of(dress->canvas, picture),
                    dress->colour ? "ansi256" : "mono");
        break;
    }
}

/* A terminal cuts off what is too long, where a picture's small letters have room. */
static void write_line(const struct picture_dress *dress, double x, double y, const char *words,
                       const char *look, struct text *script)
{
    struct text line = {0};
    words_append(&line, words, dress->canvas->is_terminal ? (size_t)dress->canvas->columns - 3 : 0);
    picture_words(script, x, y, text_string(&line), look);
    script->failed |= line.failed;
    text_free(&line);
}

static void write_frame(const struct picture *picture, const struct picture_dress *dress,
                        struct text *script)
{
    const double column = 1 / dress->canvas->columns;
    const double line = 1 / lines_of(dress->canvas, picture);
    const double note = dress->canvas->is_terminal ? 2 : 1.5;
    write_line(dress, column, 1 - line, text_string(&picture->title), "left front font ',16'",
               script);
    write_line(dress, column, 1 - 2.2 * line, text_string(&picture->subtitle),
               "left front font ',11' textcolor rgb '#404040'", script);
    write_line(dress, column, note * line, text_string(&picture->note),
               "left front font ',10' textcolor rgb '#404040'", script);
    write_line(dress, 1 - column, 0.6 * line, dress->corner,
               "right front font ',9' textcolor rgb '#606060'", script);
}

void picture_script(const struct picture *picture, const struct picture_dress *dress,
                    struct text *script)
{
    write_terminal(picture, dress, script);
    text_append(script, "set encoding utf8\nset decimalsign '.'\nset datafile missing 'NaN'\n");
    text_append(script, "set border 3 linecolor rgb '#404040'\nset tics nomirror out\n");
    text_append(script,
                "set grid xtics ytics linecolor rgb '#d4d4d4' linewidth 0.8 dashtype solid\n");
    if (dress->canvas->is_terminal)
        text_append(script, "unset grid\nset tics scale 1,0\n");
    script_styles(script);
    write_frame(picture, dress, script);
    text_append_bytes(script, text_string(&picture->commands), picture->commands.length);
    const struct text *const parts[] = {&picture->name, &picture->title, &picture->subtitle,
                                        &picture->note, &picture->commands};
    for (size_t index = 0; index < sizeof(parts) / sizeof(parts[0]); ++index)
        script->failed |= parts[index]->failed;
}
