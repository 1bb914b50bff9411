#include "plots/pages.h"

#include "base/error.h"

size_t page_count(size_t items, size_t per_page)
{
    return (items + per_page - 1) / per_page;
}

size_t page_first(size_t items, size_t per_page, size_t page)
{
    const size_t pages = page_count(items, per_page);
    return pages ? (items * page + pages - 1) / pages : 0;
}

void page_begin(const struct page *page, const char *figure, bool with_size,
                struct picture *picture)
{
    text_append(&picture->name, "%s-", figure);
    cell_group_slug(page->group, with_size, &picture->name);
    cell_group_describe(page->group, with_size, &picture->subtitle);
    if (page->of < 2)
        return;
    text_append(&picture->name, "-page-%zu", page->number);
    text_append(&picture->subtitle, "; page %zu of %zu", page->number, page->of);
}

bool page_is_grey(const struct page *page, size_t item)
{
    const bool is_ours = item >= page->first && item < page->first + page->count;
    return !is_ours && !page->output->canvas.is_terminal;
}

void page_explain_grey(const struct page *page, struct picture *picture)
{
    if (page->of > 1 && !page->output->canvas.is_terminal)
        text_append(&picture->note, " Grey: the curves of the other pages.");
}

static int draw_page(const struct page_rule *rule, const struct plot_cells *cells,
                     const struct cell_group *group, size_t number, struct plot_output *output,
                     struct error *error)
{
    const size_t items = rule->items(group);
    const size_t first = page_first(items, rule->per_page, number);
    const struct page page = {
        .cells = cells,
        .group = group,
        .first = first,
        .count = page_first(items, rule->per_page, number + 1) - first,
        .items = items,
        .number = number + 1,
        .of = page_count(items, rule->per_page),
        .output = output,
    };
    return rule->draw(&page, error);
}

static int draw_groups(const struct page_rule *rule, const struct plot_cells *cells,
                       const struct cell_groups *groups, struct plot_output *output,
                       struct text *first_name, struct error *error)
{
    size_t drawn = 0, left_out = 0, turn_pages = 1;
    for (size_t number = 0; turn_pages; ++number) {
        turn_pages = 0;
        for (size_t index = 0; index < groups->count; ++index) {
            const struct cell_group *const group = &groups->groups[index];
            if (number >= page_count(rule->items(group), rule->per_page))
                continue;
            ++turn_pages;
            if (drawn == PLOT_PICTURES_MOST) {
                if (!left_out++)
                    cell_group_slug(group, true, first_name);
                continue;
            }
            const int failure = draw_page(rule, cells, group, number, output, error);
            if (failure)
                return failure;
            ++drawn;
        }
    }
    if (left_out)
        plot_output_left_out(output, rule->figure,
                             "%zu of %zu pictures, the first %s: over %d of one figure; --filter "
                             "chooses cells",
                             left_out, drawn + left_out, text_string(first_name),
                             PLOT_PICTURES_MOST);
    else if (!drawn)
        plot_output_left_out(output, rule->figure, "%s", rule->needs);
    return 0;
}

int pages_draw(const struct page_rule *rule, const struct plot_cells *cells,
               const struct cell_rule *cell_rule, struct plot_output *output, struct error *error)
{
    struct cell_groups groups;
    int failure = cell_groups_make(cells, cell_rule, &groups, error);
    if (failure)
        return failure;
    struct text first_name = {0};
    failure = draw_groups(rule, cells, &groups, output, &first_name, error);
    text_free(&first_name);
    cell_groups_free(&groups);
    return failure;
}
