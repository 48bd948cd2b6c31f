//  tui_view: what the user looks at. Rows of the screen from the top: the server, the panes,
//  the pane's own head, its lists, the list, and at the foot the keys.

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "broker/core/alloc.h"
#include "tui/tui_frame.h"
#include "tui/tui_pane.h"
#include "tui/tui_text.h"
#include "tui/tui_view.h"

#define FILTER_BYTES 64
#define KEY_BYTES 240
#define NAME_BYTES 32
#define CTRL_C 0x03
#define PAGE_WORD 14 //  columns of what a line of help or detail is about

//  What the user has chosen of one list; of its rows by key, so that the cursor stays with
//  its line when others come.
typedef struct {
    bool is_known; //  sort and down are the user's
    unsigned sort;
    bool down;
    bool follows; //  the cursor stays at the top, whatever comes
    size_t chosen, top;
    char key[KEY_BYTES];
    char filter[FILTER_BYTES];
} look_t;

typedef enum {
    MODE_LIST,
    MODE_DETAIL,
    MODE_HELP
} view_mode_t;

struct _tui_view_t {
    unsigned pane;
    unsigned sheets[TUI_PANES]; //  the list that each pane shows
    look_t looks[TUI_PANES][TUI_SHEETS_MAX];
    look_t over; //  of help and detail
    view_mode_t mode;
    bool is_typing; //  a filter
    bool is_paused;
    bool is_over;
    bool wants_all;
    bool is_stale;             //  the lists are not what was chosen last
    char subject[KEY_BYTES];   //  key of the line whose detail is shown
    tui_list_t *list;          //  owned: lines of the pane
    const tui_sheet_t *filled; //  whose lines they are; NULL = nobody's
    tui_list_t *page;          //  owned: lines of help or detail
    unsigned page_width;       //  of the texts of help and detail, columns
    size_t page_rows;          //  of the list on the screen, for PgUp and PgDn
    tui_area_t list_area;      //  where it was drawn; its heads are the first row
    int tabs[TUI_PANES + 1];   //  where the names of panes begin; the end
};

tui_view_t *
tui_view_new (const char *pane)
{
    tui_view_t *self = BR_NEW (tui_view_t);
    self->list = tui_list_new ();
    self->page = tui_list_new ();
    for (unsigned i = 0; pane && i < TUI_PANES; i++)
        if (strcasecmp (tui_panes[i]->name, pane) == 0)
            self->pane = i;
    for (unsigned i = 0; i < TUI_PANES; i++)
        for (unsigned k = 0; k < TUI_SHEETS_MAX; k++)
            self->looks[i][k].follows = true;
    return self;
}

void
tui_view_destroy (tui_view_t **self_p)
{
    if (!self_p || !*self_p)
        return;
    tui_view_t *self = *self_p;
    tui_list_destroy (&self->page);
    tui_list_destroy (&self->list);
    free (self);
    *self_p = NULL;
}

bool
tui_view_has_pane (const char *name)
{
    for (unsigned i = 0; i < TUI_PANES; i++)
        if (strcasecmp (tui_panes[i]->name, name) == 0)
            return true;
    return false;
}

bool
tui_view_is_over (const tui_view_t *self)
{
    return self->is_over;
}

bool
tui_view_wants_all (tui_view_t *self)
{
    bool wants_all = self->wants_all;
    self->wants_all = false;
    return wants_all;
}

static const tui_sheet_t *
s_sheet (const tui_view_t *self)
{
    const tui_sheet_t *sheet = tui_panes[self->pane]->sheets[self->sheets[self->pane]];
    assert (sheet);
    return sheet;
}

//  The look of the list that is shown, on a first visit as its pane wants it.
static look_t *
s_look (tui_view_t *self)
{
    look_t *look = &self->looks[self->pane][self->sheets[self->pane]];
    if (!look->is_known) {
        look->sort = s_sheet (self)->sort;
        look->down = s_sheet (self)->down;
        look->is_known = true;
    }
    return look;
}

static look_t *
s_front_look (tui_view_t *self)
{
    return self->mode == MODE_LIST ? s_look (self) : &self->over;
}

static const tui_list_t *
s_front_list (const tui_view_t *self)
{
    return self->mode == MODE_LIST ? self->list : self->page;
}

//  ---- lines

static const tui_column_t s_page_columns[] = {
    { "WHAT", PAGE_WORD, 0, 0, false },
    { "HOW", 12, 1, 0, false },
    { 0 },
};

static void
s_fill_help (tui_list_t *page)
{
    for (const tui_key_row_t *row = tui_keys; row->label; row++) {
        tui_list_row (page, TUI_PLAIN, row->label);
        tui_list_text (page, row->label);
        tui_list_look (page, TUI_BOLD);
        tui_list_text (page, row->about);
    }
}

//  The line's own cells, also those for which the screen is too narrow.
static void
s_fill_row (const tui_view_t *self, tui_list_t *page)
{
    size_t index = tui_list_find (self->list, self->subject);
    for (unsigned i = 0; i < tui_list_columns (self->list); i++) {
        const tui_column_t *column = tui_list_column (self->list, i);
        if (!*column->title)
            continue;
        char key[NAME_BYTES];
        snprintf (key, sizeof key, "%u", i);
        tui_list_row (page, TUI_PLAIN, key);
        tui_list_text (page, column->title);
        tui_list_look (page, TUI_DIM);
        tui_list_text (page, tui_list_cell (self->list, index, i));
    }
}

static void
s_fill_list (tui_view_t *self, const tui_model_t *model)
{
    const tui_sheet_t *sheet = s_sheet (self);
    const look_t *look = s_look (self);
    if (!self->is_paused || self->filled != sheet) {
        tui_list_begin (self->list, sheet->columns);
        sheet->fill (model, self->list);
        self->filled = sheet;
    }
    tui_list_arrange (self->list, look->filter,
                      sheet->in_order ? TUI_UNSORTED : look->sort, look->down);
}

//  The lines of what is shown, and of help or detail.
static void
s_fill (tui_view_t *self, const tui_model_t *model)
{
    s_fill_list (self, model);
    tui_list_begin (self->page, s_page_columns);
    if (self->mode == MODE_HELP)
        s_fill_help (self->page);
    else if (self->mode == MODE_DETAIL && s_sheet (self)->detail)
        s_sheet (self)->detail (model, self->subject, self->page);
    else if (self->mode == MODE_DETAIL)
        s_fill_row (self, self->page);
    tui_list_wrap (self->page, self->page_width);
    tui_list_arrange (self->page, "", TUI_UNSORTED, false);
    self->is_stale = false;
}

//  ---- keys: moving

static void
s_choose (tui_view_t *self, size_t chosen)
{
    look_t *look = s_front_look (self);
    const tui_list_t *list = s_front_list (self);
    size_t count = tui_list_count (list);
    look->chosen = chosen < count ? chosen : count ? count - 1 : 0;
    look->follows = look->chosen == 0;
    snprintf (look->key, sizeof look->key, "%s", tui_list_key (list, look->chosen));
}

static void
s_move (tui_view_t *self, tui_action_t action)
{
    size_t chosen = s_front_look (self)->chosen;
    size_t page = self->page_rows > 1 ? self->page_rows - 1 : 1;
    size_t last = tui_list_count (s_front_list (self));
    switch (action) {
    case TUI_DO_UP: s_choose (self, chosen ? chosen - 1 : 0); break;
    case TUI_DO_DOWN: s_choose (self, chosen + 1); break;
    case TUI_DO_PAGE_UP: s_choose (self, chosen > page ? chosen - page : 0); break;
    case TUI_DO_PAGE_DOWN: s_choose (self, chosen + page); break;
    case TUI_DO_FIRST: s_choose (self, 0); break;
    case TUI_DO_LAST: s_choose (self, last ? last - 1 : 0); break;
    default: break;
    }
}

//  ---- keys: what is shown

static void
s_go_back (tui_view_t *self)
{
    if (self->mode == MODE_LIST)
        *s_look (self)->filter = 0;
    self->mode = MODE_LIST;
}

static void
s_show_pane (tui_view_t *self, unsigned pane)
{
    self->mode = MODE_LIST;
    self->is_paused = self->is_paused && pane == self->pane;
    self->pane = pane;
}

static void
s_show_over (tui_view_t *self, view_mode_t mode)
{
    self->over = (look_t) { .sort = TUI_UNSORTED };
    self->mode = mode;
}

static void
s_open (tui_view_t *self)
{
    if (self->mode != MODE_LIST) {
        s_go_back (self);
        return;
    }
    const look_t *look = s_look (self);
    if (look->chosen >= tui_list_count (self->list))
        return;
    snprintf (self->subject, sizeof self->subject, "%s",
              tui_list_key (self->list, look->chosen));
    s_show_over (self, MODE_DETAIL);
}

static void
s_show_sheet (tui_view_t *self, int step)
{
    const tui_pane_t *pane = tui_panes[self->pane];
    unsigned count = 0;
    while (count < TUI_SHEETS_MAX && pane->sheets[count])
        count++;
    assert (count);
    unsigned now = self->sheets[self->pane] + count;
    self->sheets[self->pane] = (unsigned) ((int) now + step) % count;
    self->is_paused = false;
    self->mode = MODE_LIST;
}

//  The next column with a head; behind the last one as the list comes.
static void
s_sort (tui_view_t *self)
{
    look_t *look = s_look (self);
    const tui_column_t *columns = s_sheet (self)->columns;
    unsigned count = 0;
    while (count < TUI_COLUMNS_MAX && columns[count].title)
        count++;
    unsigned next = look->sort >= count ? 0 : look->sort + 1;
    while (next < count && !*columns[next].title)
        next++;
    look->sort = next < count ? next : TUI_UNSORTED;
    look->down = next < count && columns[next].right;
}

static void
s_act (tui_view_t *self, tui_action_t action, uint32_t key)
{
    unsigned pane = key - '1';
    switch (action) {
    case TUI_DO_QUIT: self->is_over = true; break;
    case TUI_DO_HELP:
        if (self->mode == MODE_HELP)
            s_go_back (self);
        else
            s_show_over (self, MODE_HELP);
        break;
    case TUI_DO_PANE:
        if (pane < TUI_PANES)
            s_show_pane (self, pane);
        break;
    case TUI_DO_NEXT_PANE: s_show_pane (self, (self->pane + 1) % TUI_PANES); break;
    case TUI_DO_LAST_PANE:
        s_show_pane (self, (self->pane + TUI_PANES - 1) % TUI_PANES);
        break;
    case TUI_DO_NEXT_SHEET: s_show_sheet (self, 1); break;
    case TUI_DO_LAST_SHEET: s_show_sheet (self, -1); break;
    case TUI_DO_OPEN: s_open (self); break;
    case TUI_DO_BACK: s_go_back (self); break;
    case TUI_DO_FILTER:
        self->mode = MODE_LIST;
        self->is_typing = true;
        break;
    case TUI_DO_SORT: s_sort (self); break;
    case TUI_DO_TURN: s_look (self)->down = !s_look (self)->down; break;
    case TUI_DO_PAUSE: self->is_paused = !self->is_paused; break;
    case TUI_DO_ASK: self->wants_all = true; break;
    default: s_move (self, action); break;
    }
}

//  ---- keys: a filter is typed

static void
s_take_back (char *filter)
{
    size_t size = strlen (filter);
    while (size && (filter[size - 1] & 0xc0) == 0x80)
        size--;
    filter[size ? size - 1 : 0] = 0;
}

static void
s_type (tui_view_t *self, uint32_t key)
{
    char *filter = s_look (self)->filter;
    size_t size = strlen (filter);
    if (key == TUI_KEY_ENTER || key == '\n')
        self->is_typing = false;
    else if (key == TUI_KEY_ESCAPE) {
        self->is_typing = false;
        *filter = 0;
    } else if (key == TUI_KEY_BACKSPACE)
        s_take_back (filter);
    else if (key >= ' ' && key != 0x7f && key < TUI_KEY_UP && size + 4 < FILTER_BYTES)
        filter[size + tui_text_put (key, filter + size)] = 0;
}

static void
s_click (tui_view_t *self, int x, int y)
{
    if (y == 1)
        for (unsigned i = 0; i < TUI_PANES; i++)
            if (x >= self->tabs[i] && x < self->tabs[i + 1])
                s_show_pane (self, i);
    int line = y - self->list_area.y - 1;
    if (self->mode != MODE_LIST || line < 0 || line + 1 >= self->list_area.height)
        return;
    size_t chosen = s_look (self)->top + (size_t) line;
    if (chosen < tui_list_count (self->list) && chosen == s_look (self)->chosen)
        s_open (self);
    else
        s_choose (self, chosen);
}

void
tui_view_key (tui_view_t *self, const tui_model_t *model, uint32_t key, int x, int y)
{
    if (self->is_stale || !self->filled)
        s_fill (self, model);
    tui_action_t action = TUI_DO_NOTHING;
    if (key == TUI_KEY_CLICK)
        s_click (self, x, y);
    else if (self->is_typing && key != CTRL_C)
        s_type (self, key);
    else {
        action = tui_keys_find (key);
        s_act (self, action, key);
    }
    self->is_stale = action < TUI_DO_UP || action > TUI_DO_LAST;
}

//  ---- drawing: the list

//  The cursor follows its line; one that is gone leaves it at its place.
static void
s_settle (look_t *look, const tui_list_t *list, size_t rows)
{
    size_t count = tui_list_count (list);
    size_t found = *look->key ? tui_list_find (list, look->key) : count;
    if (look->follows)
        look->chosen = 0;
    else if (found < count)
        look->chosen = found;
    if (look->chosen >= count)
        look->chosen = count ? count - 1 : 0;
    if (look->chosen < look->top)
        look->top = look->chosen;
    if (rows && look->chosen >= look->top + rows)
        look->top = look->chosen - rows + 1;
    if (look->top + rows > count)
        look->top = count > rows ? count - rows : 0;
}

//  Names of the pane's lists, when there are several; and what is filtered.
static int
s_draw_sheets (tui_view_t *self, tui_cells_t *cells, tui_area_t area)
{
    const tui_pane_t *pane = tui_panes[self->pane];
    const look_t *look = s_look (self);
    bool is_alone = !pane->sheets[1];
    int x = area.x, end = area.x + area.width;
    if (is_alone && !*look->filter)
        return 0;
    for (unsigned i = 0; !is_alone && i < TUI_SHEETS_MAX && pane->sheets[i]; i++) {
        bool is_shown = i == self->sheets[self->pane];
        x += tui_cells_put (cells, x, area.y, end - x, is_shown ? TUI_BOLD : TUI_DIM,
                            pane->sheets[i]->name);
        x += 2;
    }
    if (*look->filter && x < end)
        tui_cells_putf (cells, x, area.y, end - x, TUI_WARN, "/%s  %zu of %zu",
                        look->filter, tui_list_count (self->list),
                        tui_list_total (self->list));
    return 1;
}

static void
s_draw_list (const tui_list_t *list, look_t *look, tui_cells_t *cells, tui_area_t area,
             bool is_page)
{
    size_t heads = is_page ? 0 : 1;
    size_t rows = area.height > (int) heads ? (size_t) area.height - heads : 0;
    s_settle (look, list, rows);
    tui_window_t window = { .area = area,
                            .top = look->top,
                            .chosen = look->chosen,
                            .sort = look->sort,
                            .down = look->down,
                            .headless = is_page };
    tui_list_draw (list, cells, &window);
}

static const char *
s_empty (tui_view_t *self, const tui_model_t *model)
{
    if (*s_look (self)->filter)
        return "No line has these words; Esc shows all.";
    if (s_sheet (self)->of_events && tui_model_is_deaf (model))
        return "A server elsewhere tells no events over HTTP, so this stays empty.";
    return s_sheet (self)->empty;
}

static void
s_draw_pane (tui_view_t *self, const tui_model_t *model, tui_cells_t *cells,
             tui_area_t area)
{
    const tui_pane_t *pane = tui_panes[self->pane];
    int taken = pane->head ? pane->head (model, cells, area) : 0;
    area.y += taken;
    area.height -= taken;
    self->page_rows = 0;
    self->list_area = (tui_area_t) { 0 };
    if (area.height < 2)
        return;
    taken = s_draw_sheets (self, cells, area);
    area.y += taken;
    area.height -= taken;
    self->page_rows = area.height > 1 ? (size_t) area.height - 1 : 1;
    self->list_area = area;
    s_draw_list (self->list, s_look (self), cells, area, false);
    if (tui_list_count (self->list) == 0 && area.height > 1)
        tui_cells_put (cells, area.x, area.y + 1, area.width, TUI_DIM,
                       s_empty (self, model));
}

//  ---- drawing: all of it

static void
s_draw_page (tui_view_t *self, tui_cells_t *cells, tui_area_t area)
{
    tui_cells_put (cells, area.x, area.y, area.width, TUI_HEAD,
                   self->mode == MODE_HELP ? "Keys   (Esc goes back)"
                                           : "Detail   (Esc goes back)");
    area.y++;
    area.height--;
    self->page_rows = area.height > 0 ? (size_t) area.height : 1;
    s_draw_list (self->page, &self->over, cells, area, true);
}

void
tui_view_draw (tui_view_t *self, const tui_model_t *model, tui_cells_t *cells)
{
    int width = tui_cells_width (cells), height = tui_cells_height (cells);
    tui_cells_clear (cells);
    if (width < TUI_LEAST_WIDTH || height < TUI_LEAST_HEIGHT) {
        tui_cells_put (cells, 0, 0, width, TUI_WARN, "too small; q quits");
        return;
    }
    tui_area_t area = { 1, 2, width - 2, height - 3 };
    self->page_width = (unsigned) area.width - PAGE_WORD - 1;
    s_fill (self, model);
    tui_frame_server (cells, model);
    tui_frame_tabs (cells, self->pane, self->tabs);
    if (self->mode == MODE_LIST)
        s_draw_pane (self, model, cells, area);
    else
        s_draw_page (self, cells, area);
    tui_frame_foot (cells, self->is_typing ? s_look (self)->filter : NULL,
                    self->is_paused);
}
