//  tui_cells: a picture of a terminal: rows of cells, each a character and how it looks. All
//  panes draw into one; tui_screen brings it to the terminal, tests read it.

#ifndef BR_TUI_CELLS_H
#define BR_TUI_CELLS_H

#include <stddef.h>
#include <stdint.h>

#define TUI_SIDE_MAX 1000 //  columns or rows, at the most

//  How a cell looks; what that means in colours, tui_screen says.
typedef enum {
    TUI_PLAIN,
    TUI_DIM,
    TUI_BOLD,
    TUI_GOOD,
    TUI_WARN,
    TUI_BAD,
    TUI_HEAD,   //  of a column
    TUI_SPARK,  //  lines and bars
    TUI_BAR,    //  first and last line of the screen
    TUI_TAB,    //  the pane that is shown
    TUI_KEY,    //  a key at the foot
    TUI_CHOSEN, //  the line of the cursor
    TUI_STYLES
} tui_style_t;

typedef struct _tui_cell_t {
    uint32_t code;  //  character; 0 = right half of a wide one
    uint32_t style; //  tui_style_t
} tui_cell_t;

typedef struct _tui_area_t {
    int x, y, width, height;
} tui_area_t;

typedef struct _tui_cells_t tui_cells_t;

//  Blank. Sizes outside of 1 to TUI_SIDE_MAX are brought there. "caller destroys"
tui_cells_t *tui_cells_new (int width, int height);
void tui_cells_destroy (tui_cells_t **self_p);

int tui_cells_width (const tui_cells_t *self);
int tui_cells_height (const tui_cells_t *self);
void tui_cells_clear (tui_cells_t *self);

//  Takes over another picture, size and all.
void tui_cells_copy (tui_cells_t *self, const tui_cells_t *other);

//  Writes from a place on, at most so many columns; a text that is longer ends with three dots
//  in the last one. What lies outside of the picture is left out. Returns the columns it took.
int tui_cells_put (tui_cells_t *self, int x, int y, int width, tui_style_t style,
                   const char *text);
int tui_cells_putf (tui_cells_t *self, int x, int y, int width, tui_style_t style,
                    const char *format, ...) __attribute__ ((format (printf, 6, 7)));

//  The same character, all over an area.
void tui_cells_fill (tui_cells_t *self, tui_area_t area, tui_style_t style,
                     uint32_t code);

//  Another look for what is there.
void tui_cells_restyle (tui_cells_t *self, tui_area_t area, tui_style_t style);

//  Values as bars side by side, the newest at the right; scaled to the greatest, which is
//  count and at least 1. A row of area is eight steps high.
void tui_cells_bars (tui_cells_t *self, tui_area_t area, const uint64_t *values,
                     size_t count);

//  The cells of a row. "owned by self, until next change"
const tui_cell_t *tui_cells_row (const tui_cells_t *self, int y);

//  A row as UTF-8 without blanks at its end. "caller frees"
char *tui_cells_text (const tui_cells_t *self, int y);

#endif
