#include "plots/page_json.h"

#include <math.h>
#include <string.h>

#include "base/text.h"

/* U+2028 and U+2029, which JavaScript once took for the end of a line. */
static bool is_separator(const char *at)
{
    return !strncmp(at, "\xe2\x80\xa8", 3) || !strncmp(at, "\xe2\x80\xa9", 3);
}

/* Bytes that need no care are appended in one go. */
static void append_escaped(struct text *out, const char *text, const char *careful)
{
    const char *plain = text, *at = text;
    for (; *at; ++at) {
        const unsigned char byte = (unsigned char)*at;
        const bool separator = is_separator(at);
        if (!separator && byte >= ' ' && byte != 0x7f && !strchr(careful, byte))
            continue;
        text_append_bytes(out, plain, (size_t)(at - plain));
        if (separator)
            text_append(out, "\\u%s", at[2] == '\xa8' ? "2028" : "2029");
        else
            text_append(out, "\\u%04x", byte);
        at += separator ? 2 : 0;
        plain = at + 1;
    }
    text_append_bytes(out, plain, (size_t)(at - plain));
}

/* Names too may come from a file: those of the machine's facts do. */
static void write_string(struct text *out, const char *text)
{
    text_append(out, "\"");
    append_escaped(out, text, "<>&\"\\");
    text_append(out, "\"");
}

static void begin(struct page_json *json, const char *name)
{
    if (json->follows)
        text_append(json->out, ",");
    if (name) {
        write_string(json->out, name);
        text_append(json->out, ":");
    }
    json->follows = true;
}

void page_open(struct page_json *json, const char *name, char bracket)
{
    begin(json, name);
    text_append(json->out, "%c", bracket);
    json->follows = false;
}

void page_close(struct page_json *json, char bracket)
{
    text_append(json->out, "%c", bracket);
    json->follows = true;
}

void page_text(struct page_json *json, const char *name, const char *text)
{
    begin(json, name);
    if (text)
        write_string(json->out, text);
    else
        text_append(json->out, "null");
}

void page_flag(struct page_json *json, const char *name, bool flag)
{
    begin(json, name);
    text_append(json->out, flag ? "true" : "false");
}

void page_number(struct page_json *json, const char *name, double number)
{
    begin(json, name);
    if (isfinite(number))
        text_append(json->out, "%.6g", number);
    else
        text_append(json->out, "null");
}

void page_whole(struct page_json *json, const char *name, long long number)
{
    begin(json, name);
    text_append(json->out, "%lld", number);
}

void page_figure(struct page_json *json, const char *name, double number)
{
    if (number != 0)
        page_number(json, name, number);
}

void page_pair(struct page_json *json, const char *name, const double pair[2])
{
    page_open(json, name, '[');
    page_number(json, NULL, pair[0]);
    page_number(json, NULL, pair[1]);
    page_close(json, ']');
}

/* In JSON these characters stand in strings alone, and line ends and tabs outside of them. */
void page_value(struct page_json *json, const char *name, const char *value)
{
    begin(json, name);
    while (*value) {
        const size_t plain = strcspn(value, "\n\r\t");
        struct text line = {0};
        text_append_bytes(&line, value, plain);
        append_escaped(json->out, text_string(&line), "<>&");
        json->out->failed |= line.failed;
        text_free(&line);
        value += plain + (value[plain] != '\0');
    }
}
