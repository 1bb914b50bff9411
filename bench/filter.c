#include "bench/filter.h"

#include <stddef.h>

#include "base/error.h"

int take_filter(const char *value, void *member, struct error *error)
{
    struct filter *const filter = member;
    char why[128];
    filter_free(filter);
    const int wrong = regcomp(&filter->regex, value, REG_EXTENDED | REG_NOSUB);
    if (!wrong) {
        filter->text = value;
        return 0;
    }
    regerror(wrong, &filter->regex, why, sizeof(why));
    return error_plain(error, "'%.80s': %s", value, why);
}

const regex_t *filter_regex(const struct filter *filter)
{
    return filter->text ? &filter->regex : NULL;
}

bool filter_matches(const struct filter *filter, const char *id)
{
    return !filter->text || regexec(&filter->regex, id, 0, NULL, 0) == 0;
}

void filter_free(struct filter *filter)
{
    if (filter->text)
        regfree(&filter->regex);
    filter->text = NULL;
}
