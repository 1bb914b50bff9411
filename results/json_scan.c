/* A look at a document before it is parsed. A parser's tree takes some forty times the bytes of a
 * text made for that, and its recursion follows the text's nesting: both are limited here, where a
 * refusal can name the place. So are bytes that are no UTF-8 and NULs, which would cut texts short. */
#include "results/json_parts.h"

#include <string.h>

struct scan {
    const char *text;
    const char *at;
    size_t depth;
    size_t values; /* at most: what begins with a bracket, or behind a comma */
};

static int refuse(const struct scan *scan, struct error *error, const char *what)
{
    size_t line = 1;
    const char *line_start = scan->text;

    for (const char *at = scan->text; at < scan->at; at++) {
        if (*at == '\n') {
            line++;
            line_start = at + 1;
        }
    }
    return error_plain(error, "line %zu, column %zu: %s", line, (size_t)(scan->at - line_start) + 1,
                       what);
}

/* From behind the opening quote to behind the closing one. */
static int scan_string(struct scan *scan, struct error *error)
{
    while (*scan->at && *scan->at != '"') {
        if (strncmp(scan->at, "\\u0000", 6) == 0)
            return refuse(scan, error, "a NUL within text");
        if (scan->at[0] == '\\' && scan->at[1] && !(scan->at[1] & 0x80))
            scan->at++;
        const size_t bytes = json_utf8_bytes(scan->at);
        if (bytes == 0)
            return refuse(scan, error, "not UTF-8");
        scan->at += bytes;
    }
    if (*scan->at == '\0')
        return refuse(scan, error, "the document ends in the middle of a text");
    scan->at++;
    return 0;
}

static int scan_mark(struct scan *scan, struct error *error)
{
    const char mark = *scan->at;

    scan->values += mark == '[' || mark == '{' || mark == ',';
    scan->depth += mark == '[' || mark == '{';
    scan->depth -= (mark == ']' || mark == '}') && scan->depth > 0;
    if (scan->depth > JSON_DEPTH_MOST)
        return refuse(scan, error, "nested too deeply; expected at most 64 levels");
    if (scan->values > JSON_VALUES_MOST)
        return refuse(scan, error, "too many values; expected at most 8000000");
    if (!json_utf8_bytes(scan->at))
        return refuse(scan, error, "not UTF-8");
    scan->at += json_utf8_bytes(scan->at);
    return 0;
}

int json_scan(const char *text, struct error *error)
{
    struct scan scan = {.text = text, .at = text};
    int failed = 0;

    while (*scan.at && !failed) {
        if (*scan.at == '"') {
            scan.at++;
            failed = scan_string(&scan, error);
        } else {
            failed = scan_mark(&scan, error);
        }
    }
    return failed;
}
