#include "bench/split.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"

/* Copies one word, without its quotes, and moves both on; false where a quote stays open. */
static bool copy_word(const char **from, char **to)
{
    char quote = 0;
    for (; **from && (quote || !strchr(" \t\n", **from)); ++*from) {
        if (quote ? **from == quote : **from == '\'' || **from == '"')
            quote = quote ? 0 : **from;
        else
            *(*to)++ = **from;
    }
    *(*to)++ = '\0';
    return !quote;
}

int split_words(const char *text, struct split *split, struct error *error)
{
    const size_t most = strlen(text) / 2 + 2;
    *split = (struct split){
        .letters = malloc(2 * strlen(text) + 2),
        .words = calloc(most, sizeof(*split->words)),
    };
    char *to = split->letters;
    if (!split->letters || !split->words) {
        split_free(split);
        return error_system(error, ENOMEM, "'%.60s'", text);
    }
    for (const char *at = text + strspn(text, " \t\n"); *at; at += strspn(at, " \t\n")) {
        split->words[split->count++] = to;
        if (!copy_word(&at, &to)) {
            split_free(split);
            return error_plain(error, "'%.60s': a quote is not closed", text);
        }
    }
    return 0;
}

void split_free(struct split *split)
{
    free(split->letters);
    free(split->words);
    *split = (struct split){0};
}
