#include "plots/script.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>

#include "base/text.h"
#include "plots/words.h"

void script_quote(struct text *script, const char *foreign, size_t columns_most)
{
    struct text words = {0};
    words_append(&words, foreign, columns_most);
    script->failed |= words.failed;
    text_append(script, "'");
    for (const char *at = text_string(&words); *at; ++at)
        text_append_bytes(script, *at == '\'' ? "''" : at, *at == '\'' ? 2 : 1);
    text_append(script, "'");
    text_free(&words);
}

void script_number(struct text *script, double number)
{
    if (isfinite(number))
        text_append(script, "%.6g", number);
    else
        text_append(script, "NaN");
}

void script_data(struct text *script, char letter, size_t index)
{
    text_append(script, "$%c%zu << END_OF_DATA\n", letter, index);
}

void script_row(struct text *script, const double *numbers, size_t count)
{
    for (size_t index = 0; index < count; ++index) {
        text_append(script, index ? " " : "");
        script_number(script, numbers[index]);
    }
    text_append(script, "\n");
}

void script_data_end(struct text *script)
{
    text_append(script, "END_OF_DATA\n");
}

void script_element(struct text *plot, const char *format, ...)
{
    char element[256];
    va_list arguments;
    va_start(arguments, format);
    const int length = vsnprintf(element, sizeof(element), format, arguments);
    va_end(arguments);
    plot->failed |= length < 0 || (size_t)length >= sizeof(element);
    text_append(plot, "%s%s", plot->length ? ", \\\n  " : "plot ", element);
}

void script_title(struct text *plot, const char *foreign, size_t columns_most)
{
    struct text words = {0};
    words_append(&words, foreign, columns_most);
    text_append(plot, " title ");
    struct text spaced = {0}; /* from the sample of the line */
    text_append(&spaced, " %s", text_string(&words));
    script_quote(plot, text_string(&spaced), 0);
    plot->failed |= words.failed || spaced.failed;
    text_free(&words);
    text_free(&spaced);
}

static const struct {
    const char *colour;
    const char *dashes;
    int points;
} styles[SCRIPT_STYLES] = {
    {"#0072B2", "solid", 7}, {"#D55E00", "'-'", 5},   {"#009E73", "'.'", 9},
    {"#AA4499", "'-.'", 13}, {"#000000", "'_'", 6},   {"#E69F00", "'-..'", 11},
    {"#56B4E9", "'_.'", 4},  {"#7A5C00", "'_..'", 8},
};

void script_styles(struct text *script)
{
    for (size_t index = 0; index < SCRIPT_STYLES; ++index)
        text_append(script,
                    "set style line %zu linetype %zu linecolor rgb '%s' linewidth 2 dashtype %s "
                    "pointtype %d pointsize 0.9\n",
                    index + 1, index + 1, styles[index].colour, styles[index].dashes,
                    styles[index].points);
}

unsigned script_style_of(size_t index)
{
    return (unsigned)(index % SCRIPT_STYLES) + 1;
}
