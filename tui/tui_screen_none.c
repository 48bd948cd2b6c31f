//  tui_screen_none: in the place of tui_screen in a program that is built without ncurses.

#include "tui/tui_screen.h"

int
tui_screen_check (br_error_t *reterr)
{
    return br_error_set (reterr, BR_ESYSTEM,
                         "this bitrouter is built without the terminal view; `bitrouter "
                         "status` and `bitrouter events` tell the same");
}

tui_screen_t *
tui_screen_new (bool mouse, bool ascii, br_error_t *reterr)
{
    (void) mouse, (void) ascii;
    tui_screen_check (reterr);
    return NULL;
}

void
tui_screen_destroy (tui_screen_t **self_p)
{
    (void) self_p;
}

tui_cells_t *
tui_screen_cells (tui_screen_t *self)
{
    (void) self;
    return NULL;
}

void
tui_screen_paint (tui_screen_t *self)
{
    (void) self;
}

tui_input_t
tui_screen_read (tui_screen_t *self, uint32_t *ret_key, int *ret_x, int *ret_y)
{
    (void) self, (void) ret_key, (void) ret_x, (void) ret_y;
    return TUI_INPUT_OVER;
}
