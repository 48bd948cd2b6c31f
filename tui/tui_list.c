//  tui_list: lines with columns. Lines live in an arena that goes with them.

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "broker/core/alloc.h"
#include "broker/core/arena.h"
#include "tui/tui_list.h"
#include "tui/tui_text.h"

#define CELL_BYTES 512 //  of one cell, at the most
#define GAP 1          //  blanks between columns

typedef struct {
    const char *text;
    double value;
    bool has_value;
    bool has_style;
    tui_style_t style;
} cell_t;

typedef struct {
    const char *key;
    tui_style_t style;
    unsigned count; //  of cells
    cell_t cells[TUI_COLUMNS_MAX];
} row_t;

struct _tui_list_t {
    const tui_column_t *columns; //  borrowed
    unsigned columns_count;
    br_arena_t *arena;   //  owned: rows and their texts
    row_t **rows;        //  owned array; as they were added
    const row_t **shown; //  owned array; as they are arranged
    size_t rows_count, shown_count, room;
};

tui_list_t *
tui_list_new (void)
{
    tui_list_t *self = BR_NEW (tui_list_t);
    self->arena = br_arena_new ();
    return self;
}

void
tui_list_destroy (tui_list_t **self_p)
{
    if (!self_p || !*self_p)
        return;
    tui_list_t *self = *self_p;
    br_arena_destroy (&self->arena);
    free (self->shown);
    free (self->rows);
    free (self);
    *self_p = NULL;
}

//  ---- making

void
tui_list_begin (tui_list_t *self, const tui_column_t *columns)
{
    br_arena_destroy (&self->arena);
    self->arena = br_arena_new ();
    self->rows_count = self->shown_count = 0;
    self->columns = columns;
    self->columns_count = 0;
    while (self->columns_count < TUI_COLUMNS_MAX && columns[self->columns_count].title)
        self->columns_count++;
}

static const char *
s_keep (tui_list_t *self, const char *text)
{
    br_text_t kept = { text, strnlen (text, CELL_BYTES) };
    return br_arena_text (self->arena, kept).at;
}

//  Beyond the bound the last line is written again and again: no caller has to look.
void
tui_list_row (tui_list_t *self, tui_style_t style, const char *key)
{
    if (self->rows_count == self->room && self->room < TUI_LIST_MAX) {
        self->room = self->room ? self->room * 2 : 64;
        self->room = self->room < TUI_LIST_MAX ? self->room : TUI_LIST_MAX;
        self->rows = br_realloc (self->rows, self->room * sizeof *self->rows);
        self->shown = br_realloc (self->shown, self->room * sizeof *self->shown);
    }
    if (self->rows_count < self->room)
        self->rows[self->rows_count++] = BR_ARENA_NEW (self->arena, row_t);
    row_t *row = self->rows[self->rows_count - 1];
    *row = (row_t) { .key = s_keep (self, key), .style = style };
}

static cell_t *
s_cell (tui_list_t *self)
{
    row_t *row = self->rows[self->rows_count - 1];
    unsigned last = self->columns_count - 1;
    return &row->cells[row->count <= last ? row->count++ : last];
}

void
tui_list_text (tui_list_t *self, const char *text)
{
    s_cell (self)->text = s_keep (self, text ? text : "");
}

void
tui_list_textf (tui_list_t *self, const char *format, ...)
{
    char text[CELL_BYTES];
    va_list args;
    va_start (args, format);
    vsnprintf (text, sizeof text, format, args);
    va_end (args);
    tui_list_text (self, text);
}

void
tui_list_value (tui_list_t *self, double value, const char *text)
{
    cell_t *cell = s_cell (self);
    cell->text = s_keep (self, text);
    cell->value = value;
    cell->has_value = true;
}

void
tui_list_look (tui_list_t *self, tui_style_t style)
{
    row_t *row = self->rows[self->rows_count - 1];
    if (row->count == 0)
        return;
    row->cells[row->count - 1].style = style;
    row->cells[row->count - 1].has_style = true;
}

//  Bytes of a text that fit into a width; where it is too long, up to the last blank.
static size_t
s_fitting (const char *text, unsigned width)
{
    const char *at = text, *blank = NULL;
    unsigned used = 0;
    while (*at) {
        const char *here = at;
        uint32_t code = tui_text_next (&at);
        used += code ? tui_text_width (code) : 0;
        if (used > width)
            return (size_t) ((blank ? blank : here) - text);
        if (code == ' ' && used > width / 2)
            blank = at;
    }
    return (size_t) (at - text);
}

//  Adds a line with all of it, and others for what does not fit.
static void
s_add_wrapped (tui_list_t *self, const row_t *row, unsigned width)
{
    unsigned last = self->columns_count - 1;
    const char *rest = row->cells[last].text;
    char key[CELL_BYTES];
    for (unsigned line = 0; line == 0 || *rest; line++) {
        size_t size = s_fitting (rest, width);
        snprintf (key, sizeof key, "%s/%u", row->key, line);
        tui_list_row (self, row->style, line ? key : row->key);
        row_t *added = self->rows[self->rows_count - 1];
        if (line == 0)
            memcpy (added->cells, row->cells, sizeof row->cells);
        added->count = row->count;
        added->cells[last] = row->cells[last];
        added->cells[last].text = br_arena_text (self->arena, (br_text_t) { rest, size })
                                      .at;
        rest += size ? size : strlen (rest);
    }
}

void
tui_list_wrap (tui_list_t *self, unsigned width)
{
    size_t count = self->rows_count;
    row_t **rows = br_alloc (count + 1, sizeof *rows);
    if (count)
        memcpy (rows, self->rows, count * sizeof *rows);
    self->rows_count = 0;
    for (size_t i = 0; i < count; i++)
        if (rows[i]->count == self->columns_count)
            s_add_wrapped (self, rows[i], width > 8 ? width : 8);
        else
            self->rows[self->rows_count++] = rows[i];
    free (rows);
}

//  ---- arranging

static bool
s_has (const row_t *row, const char *filter)
{
    for (unsigned i = 0; i < row->count; i++)
        if (row->cells[i].text && strcasestr (row->cells[i].text, filter))
            return true;
    return false;
}

typedef struct {
    unsigned column;
    bool down;
} s_order_t;

static int
s_compare_cells (const cell_t *a, const cell_t *b)
{
    if (a->has_value || b->has_value)
        return (a->value > b->value) - (a->value < b->value);
    return strcasecmp (a->text ? a->text : "", b->text ? b->text : "");
}

//  Equal lines keep the order in which they were added: qsort alone would mix them.
static int
s_compare (const void *left, const void *right, void *arg)
{
    const row_t *a = *(const row_t *const *) left, *b = *(const row_t *const *) right;
    const s_order_t *order = arg;
    int rc = s_compare_cells (&a->cells[order->column], &b->cells[order->column]);
    if (rc == 0)
        return strcmp (a->key, b->key);
    return order->down ? -rc : rc;
}

void
tui_list_arrange (tui_list_t *self, const char *filter, unsigned sort, bool down)
{
    self->shown_count = 0;
    for (size_t i = 0; i < self->rows_count; i++)
        if (!*filter || s_has (self->rows[i], filter))
            self->shown[self->shown_count++] = self->rows[i];
    s_order_t order = { sort, down };
    if (sort < self->columns_count && self->shown_count > 1)
        qsort_r (self->shown, self->shown_count, sizeof *self->shown, s_compare, &order);
}

size_t
tui_list_count (const tui_list_t *self)
{
    return self->shown_count;
}

size_t
tui_list_total (const tui_list_t *self)
{
    return self->rows_count;
}

const char *
tui_list_key (const tui_list_t *self, size_t index)
{
    return index < self->shown_count ? self->shown[index]->key : "";
}

size_t
tui_list_find (const tui_list_t *self, const char *key)
{
    for (size_t i = 0; i < self->shown_count; i++)
        if (strcmp (self->shown[i]->key, key) == 0)
            return i;
    return self->shown_count;
}

const char *
tui_list_cell (const tui_list_t *self, size_t index, unsigned column)
{
    if (index >= self->shown_count || column >= self->shown[index]->count)
        return "";
    const char *text = self->shown[index]->cells[column].text;
    return text ? text : "";
}

unsigned
tui_list_columns (const tui_list_t *self)
{
    return self->columns_count;
}

const tui_column_t *
tui_list_column (const tui_list_t *self, unsigned column)
{
    return &self->columns[column];
}

//  ---- drawing

//  How wide each column is; 0: there is no room for it.
typedef struct {
    int widths[TUI_COLUMNS_MAX];
} s_layout_t;

static int
s_used (const tui_list_t *self, const s_layout_t *layout)
{
    int used = -GAP;
    for (unsigned i = 0; i < self->columns_count; i++)
        used += layout->widths[i] ? layout->widths[i] + GAP : 0;
    return used;
}

//  The column of the greatest rank, of those that are shown; 0: all are to stay.
static unsigned
s_least_wanted (const tui_list_t *self, const s_layout_t *layout)
{
    unsigned found = 0, rank = 0;
    for (unsigned i = 0; i < self->columns_count; i++)
        if (layout->widths[i] && self->columns[i].rank >= rank && self->columns[i].rank) {
            rank = self->columns[i].rank;
            found = i + 1;
        }
    return found;
}

//  What the lines to be seen would take. The last column takes all.
static int
s_natural (const tui_list_t *self, const tui_window_t *window, unsigned column)
{
    unsigned widest = self->columns[column].width;
    size_t end = window->top + (size_t) window->area.height;
    for (size_t i = window->top; i < end && i < self->shown_count; i++) {
        unsigned width = tui_text_columns (tui_list_cell (self, i, column));
        widest = width > widest ? width : widest;
    }
    return (int) widest;
}

static void
s_grow (const tui_list_t *self, const tui_window_t *window, s_layout_t *layout)
{
    unsigned shares = 0;
    for (unsigned i = 0; i < self->columns_count; i++)
        shares += layout->widths[i] ? self->columns[i].grow : 0;
    for (unsigned i = 0; i < self->columns_count && shares; i++) {
        unsigned share = layout->widths[i] ? self->columns[i].grow : 0;
        if (!share)
            continue;
        int rest = window->area.width - s_used (self, layout);
        int more = rest > 0 ? rest * (int) share / (int) shares : 0;
        int wanted = s_natural (self, window, i) - layout->widths[i];
        shares -= share;
        if (shares == 0 && !self->columns[i].right)
            more = rest > 0 ? rest : 0;
        else if (more > wanted)
            more = wanted;
        layout->widths[i] += more;
    }
}

static s_layout_t
s_lay_out (const tui_list_t *self, const tui_window_t *window)
{
    s_layout_t layout = { .widths = { 0 } };
    for (unsigned i = 0; i < self->columns_count; i++)
        layout.widths[i] = (int) self->columns[i].width;
    while (s_used (self, &layout) > window->area.width) {
        unsigned least = s_least_wanted (self, &layout);
        if (!least)
            break;
        layout.widths[least - 1] = 0;
    }
    s_grow (self, window, &layout);
    return layout;
}

static void
s_put (tui_cells_t *cells, tui_area_t area, bool right, tui_style_t style,
       const char *text)
{
    int width = (int) tui_text_columns (text);
    int blanks = right && width < area.width ? area.width - width : 0;
    tui_cells_put (cells, area.x + blanks, area.y, area.width - blanks, style, text);
}

static void
s_draw_heads (const tui_list_t *self, tui_cells_t *cells, const tui_window_t *window,
              const s_layout_t *layout)
{
    tui_area_t at = window->area;
    at.height = 1;
    tui_cells_fill (cells, at, TUI_HEAD, ' ');
    for (unsigned i = 0; i < self->columns_count; i++) {
        const tui_column_t *column = &self->columns[i];
        char title[64];
        at.width = layout->widths[i];
        if (!at.width)
            continue;
        const char *mark = i != window->sort ? "" : window->down ? "▼" : "▲";
        snprintf (title, sizeof title, "%s%s", column->title, mark);
        s_put (cells, at, column->right, TUI_HEAD, title);
        at.x += at.width + GAP;
    }
}

static void
s_draw_row (const tui_list_t *self, tui_cells_t *cells, tui_area_t at, const row_t *row,
            const s_layout_t *layout)
{
    for (unsigned i = 0; i < self->columns_count && i < row->count; i++) {
        const cell_t *cell = &row->cells[i];
        at.width = layout->widths[i];
        if (!at.width)
            continue;
        s_put (cells, at, self->columns[i].right,
               cell->has_style ? cell->style : row->style, cell->text ? cell->text : "");
        at.x += at.width + GAP;
    }
}

void
tui_list_draw (const tui_list_t *self, tui_cells_t *cells, const tui_window_t *window)
{
    s_layout_t layout = s_lay_out (self, window);
    tui_area_t at = window->area;
    int end = at.y + at.height;
    if (!window->headless && at.height > 0) {
        s_draw_heads (self, cells, window, &layout);
        at.y++;
    }
    at.height = 1;
    for (size_t i = window->top; i < self->shown_count && at.y < end; i++, at.y++) {
        s_draw_row (self, cells, at, self->shown[i], &layout);
        if (i == window->chosen)
            tui_cells_restyle (cells, at, TUI_CHOSEN);
    }
}
