//  tui_screen: the terminal: shows a picture of cells, tells keys. One at a time.

#ifndef BR_TUI_SCREEN_H
#define BR_TUI_SCREEN_H

#include <stdbool.h>

#include "broker/core/error.h"
#include "tui/tui_cells.h"
#include "tui/tui_keys.h"

typedef struct _tui_screen_t tui_screen_t;

//  Whether there is a terminal that can show pictures. err: BR_ESYSTEM, with what to do
int tui_screen_check (br_error_t *reterr);

//  Takes the terminal over. mouse: clicks come as keys. ascii: shows no other letters; that is
//  so in any case where the locale has none. "caller destroys", which gives it back
tui_screen_t *tui_screen_new (bool mouse, bool ascii, br_error_t *reterr);
void tui_screen_destroy (tui_screen_t **self_p);

//  The picture to draw, as large as the terminal is. "owned by self, until the next key"
tui_cells_t *tui_screen_cells (tui_screen_t *self);

//  Brings what has changed in the picture to the terminal.
void tui_screen_paint (tui_screen_t *self);

typedef enum {
    TUI_INPUT_NONE,    //  nothing was pressed
    TUI_INPUT_KEY,     //  a key
    TUI_INPUT_RESIZED, //  the picture has another size now
    TUI_INPUT_OVER     //  the terminal is gone
} tui_input_t;

//  What was pressed next, without waiting. x and y are set for TUI_KEY_CLICK.
tui_input_t tui_screen_read (tui_screen_t *self, uint32_t *ret_key, int *ret_x,
                             int *ret_y);

#endif
