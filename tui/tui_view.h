//  tui_view: what the user looks at: which pane and list, the cursor, filter and order, help
//  and details; keys change it, and it draws the whole screen into cells.

#ifndef BR_TUI_VIEW_H
#define BR_TUI_VIEW_H

#include "tui/tui_cells.h"
#include "tui/tui_keys.h"
#include "tui/tui_model.h"

#define TUI_LEAST_WIDTH 30 //  a smaller screen is not drawn on
#define TUI_LEAST_HEIGHT 6

typedef struct _tui_view_t tui_view_t;

//  pane: the name of the first one, in whatever case; NULL or unknown: the first of all.
//  "caller destroys"
tui_view_t *tui_view_new (const char *pane);
void tui_view_destroy (tui_view_t **self_p);

//  Whether a pane has this name.
bool tui_view_has_pane (const char *name);

//  A key was pressed; x and y are those of TUI_KEY_CLICK.
void tui_view_key (tui_view_t *self, const tui_model_t *model, uint32_t key, int x,
                   int y);

bool tui_view_is_over (const tui_view_t *self); //  the user quits
bool tui_view_wants_all (tui_view_t *self);     //  asks the server anew; true once

void tui_view_draw (tui_view_t *self, const tui_model_t *model, tui_cells_t *cells);

#endif
