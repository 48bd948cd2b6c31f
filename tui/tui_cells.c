//  tui_cells: a picture of a terminal.

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "broker/core/alloc.h"
#include "tui/tui_cells.h"
#include "tui/tui_text.h"

#define LINE_BYTES 1024
#define BAR_STEPS 8
#define CUT 0x2026        //  three dots: there is more
#define BAR_LOWEST 0x2581 //  the lowest of eight blocks, the full one is the last

struct _tui_cells_t {
    int width, height;
    tui_cell_t *cells; //  owned; row by row
};

static int
s_side (int side)
{
    return side < 1 ? 1 : side > TUI_SIDE_MAX ? TUI_SIDE_MAX : side;
}

tui_cells_t *
tui_cells_new (int width, int height)
{
    tui_cells_t *self = BR_NEW (tui_cells_t);
    self->width = s_side (width);
    self->height = s_side (height);
    self->cells = br_alloc ((size_t) self->width * (size_t) self->height,
                            sizeof *self->cells);
    tui_cells_clear (self);
    return self;
}

void
tui_cells_destroy (tui_cells_t **self_p)
{
    if (!self_p || !*self_p)
        return;
    free ((*self_p)->cells);
    free (*self_p);
    *self_p = NULL;
}

int
tui_cells_width (const tui_cells_t *self)
{
    return self->width;
}

int
tui_cells_height (const tui_cells_t *self)
{
    return self->height;
}

void
tui_cells_copy (tui_cells_t *self, const tui_cells_t *other)
{
    size_t bytes = (size_t) other->width * (size_t) other->height * sizeof *self->cells;
    self->cells = br_realloc (self->cells, bytes);
    memcpy (self->cells, other->cells, bytes);
    self->width = other->width;
    self->height = other->height;
}

//  ---- drawing

static tui_cell_t *
s_at (tui_cells_t *self, int x, int y)
{
    if (x < 0 || y < 0 || x >= self->width || y >= self->height)
        return NULL;
    return &self->cells[y * self->width + x];
}

static void
s_set (tui_cells_t *self, int x, int y, tui_style_t style, uint32_t code)
{
    tui_cell_t *cell = s_at (self, x, y);
    if (cell)
        *cell = (tui_cell_t) { code, style };
}

void
tui_cells_fill (tui_cells_t *self, tui_area_t area, tui_style_t style, uint32_t code)
{
    for (int y = area.y; y < area.y + area.height; y++)
        for (int x = area.x; x < area.x + area.width; x++)
            s_set (self, x, y, style, code);
}

void
tui_cells_clear (tui_cells_t *self)
{
    tui_cells_fill (self, (tui_area_t) { 0, 0, self->width, self->height }, TUI_PLAIN,
                    ' ');
}

void
tui_cells_restyle (tui_cells_t *self, tui_area_t area, tui_style_t style)
{
    for (int y = area.y; y < area.y + area.height; y++)
        for (int x = area.x; x < area.x + area.width; x++) {
            tui_cell_t *cell = s_at (self, x, y);
            if (cell)
                cell->style = style;
        }
}

//  Half of a wide character is no character.
static int
s_end_cut (tui_cells_t *self, int x, int y, int end, tui_style_t style)
{
    for (; x < end; x++)
        s_set (self, x, y, style, ' ');
    tui_cell_t *last = s_at (self, end - 1, y);
    tui_cell_t *before = s_at (self, end - 2, y);
    if (last && before && last->code == 0)
        before->code = ' ';
    s_set (self, end - 1, y, style, CUT);
    return end;
}

int
tui_cells_put (tui_cells_t *self, int x, int y, int width, tui_style_t style,
               const char *text)
{
    int end = x + width < self->width ? x + width : self->width;
    int at = x;
    if (x < 0 || x >= end)
        return 0;
    for (uint32_t code = tui_text_next (&text); code; code = tui_text_next (&text)) {
        int columns = (int) tui_text_width (code);
        if (at + columns > end)
            return s_end_cut (self, at, y, end, style) - x;
        s_set (self, at, y, style, code);
        if (columns == 2)
            s_set (self, at + 1, y, style, 0);
        at += columns;
    }
    return at - x;
}

int
tui_cells_putf (tui_cells_t *self, int x, int y, int width, tui_style_t style,
                const char *format, ...)
{
    char text[LINE_BYTES];
    va_list args;
    va_start (args, format);
    vsnprintf (text, sizeof text, format, args);
    va_end (args);
    return tui_cells_put (self, x, y, width, style, text);
}

//  ---- bars

static void
s_bar (tui_cells_t *self, int x, tui_area_t area, uint64_t steps)
{
    for (int i = 0; i < area.height; i++) {
        uint64_t under = (uint64_t) i * BAR_STEPS;
        if (steps <= under)
            return;
        uint64_t part = steps - under < BAR_STEPS ? steps - under : BAR_STEPS;
        s_set (self, x, area.y + area.height - 1 - i, TUI_SPARK,
               BAR_LOWEST + (uint32_t) part - 1);
    }
}

void
tui_cells_bars (tui_cells_t *self, tui_area_t area, const uint64_t *values, size_t count)
{
    uint64_t most = 1;
    size_t shown = area.width < 0 ? 0 : (size_t) area.width;
    shown = shown < count ? shown : count;
    const uint64_t *first = values + count - shown;
    for (size_t i = 0; i < shown; i++)
        most = first[i] > most ? first[i] : most;
    for (size_t i = 0; i < shown; i++) {
        double share = (double) first[i] / (double) most;
        uint64_t steps = (uint64_t) (share * area.height * BAR_STEPS);
        s_bar (self, area.x + area.width - (int) shown + (int) i, area,
               first[i] && !steps ? 1 : steps);
    }
}

//  ---- reading

const tui_cell_t *
tui_cells_row (const tui_cells_t *self, int y)
{
    return &self->cells[y * self->width];
}

char *
tui_cells_text (const tui_cells_t *self, int y)
{
    char *text = br_alloc ((size_t) self->width * 4 + 1, 1);
    size_t size = 0, used = 0;
    for (int x = 0; x < self->width; x++) {
        uint32_t code = tui_cells_row (self, y)[x].code;
        if (code)
            size += tui_text_put (code, text + size);
        used = code && code != ' ' ? size : used;
    }
    text[used] = 0;
    return text;
}
