//  tui_frame: what stands around a pane: the server, the names of the panes, the keys.

#ifndef BR_TUI_FRAME_H
#define BR_TUI_FRAME_H

#include "tui/tui_pane.h"

//  The first row: whether the server answers, where it listens, how busy it is.
void tui_frame_server (tui_cells_t *cells, const tui_model_t *model);

//  The second row: the panes, one of them shown.
//  out:  ret_tabs, where each name begins, and the end of the last
void tui_frame_tabs (tui_cells_t *cells, unsigned pane, int ret_tabs[TUI_PANES + 1]);

//  The last row: the keys, or the filter that is typed; NULL = none is.
void tui_frame_foot (tui_cells_t *cells, const char *typed, bool is_paused);

#endif
