//  tui_list: lines with columns, as every pane shows them: made anew for each picture, then
//  filtered, sorted and drawn as wide as there is room.

#ifndef BR_TUI_LIST_H
#define BR_TUI_LIST_H

#include <stdbool.h>

#include "tui/tui_cells.h"

#define TUI_LIST_MAX 4000   //  lines; further ones are left out
#define TUI_COLUMNS_MAX 12  //  of a list
#define TUI_UNSORTED 0xffff //  instead of a column: in the order of adding

typedef struct _tui_column_t {
    const char *title;
    unsigned width; //  columns of the terminal, at the least
    unsigned grow;  //  share of the room that is left; 0 = none
    unsigned rank;  //  where room is scarce the greatest goes first; 0 always stays
    bool right;     //  aligned there
} tui_column_t;

typedef struct _tui_list_t tui_list_t;

tui_list_t *tui_list_new (void); //  "caller destroys"
void tui_list_destroy (tui_list_t **self_p);

//  Empties it, for other lines. columns are borrowed until the next time; an end is a row
//  without a title.
void tui_list_begin (tui_list_t *self, const tui_column_t *columns);

//  Begins a line. key, copied: tells the line from others over time. Cells follow, from left
//  to right; texts are cleaned when they are drawn.
void tui_list_row (tui_list_t *self, tui_style_t style, const char *key);
void tui_list_text (tui_list_t *self, const char *text);
void tui_list_textf (tui_list_t *self, const char *format, ...)
    __attribute__ ((format (printf, 2, 3)));

//  A cell that is sorted by its value, not by its text.
void tui_list_value (tui_list_t *self, double value, const char *text);

//  Goes on with long texts of the last column on lines of their own below, each at most so many
//  columns of the terminal wide. To be called when all lines were added.
void tui_list_wrap (tui_list_t *self, unsigned width);

//  Another look for the cell that was added last.
void tui_list_look (tui_list_t *self, tui_style_t style);

//  Chooses the lines that have the words somewhere, in whatever case, and puts them in order.
//  in:   filter, "" = all; sort, a column or TUI_UNSORTED
void tui_list_arrange (tui_list_t *self, const char *filter, unsigned sort, bool down);

//  Of the lines as they are arranged. "owned by self, until the next begin"
size_t tui_list_count (const tui_list_t *self);
size_t tui_list_total (const tui_list_t *self); //  before filtering
const char *tui_list_key (const tui_list_t *self, size_t index);
size_t tui_list_find (const tui_list_t *self, const char *key); //  count: it is not there
const char *tui_list_cell (const tui_list_t *self, size_t index, unsigned column);

unsigned tui_list_columns (const tui_list_t *self); //  count
const tui_column_t *tui_list_column (const tui_list_t *self, unsigned column);

//  What of the list is to be seen.
typedef struct _tui_window_t {
    tui_area_t area; //  the heads are its first row
    size_t top;      //  first line
    size_t chosen;   //  line with the cursor; count or more = none
    unsigned sort;   //  its head is marked
    bool down;
    bool headless; //  no row of heads
} tui_window_t;

void tui_list_draw (const tui_list_t *self, tui_cells_t *cells,
                    const tui_window_t *window);

#endif
