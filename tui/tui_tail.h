//  tui_tail: reads along in a log file that grows, also when it is emptied or another one
//  takes its place.

#ifndef BR_TUI_TAIL_H
#define BR_TUI_TAIL_H

#include "tui/tui_model.h"

typedef struct _tui_tail_t tui_tail_t;

//  path is copied; a file that is not there yet may come. NULL: none. "caller destroys"
tui_tail_t *tui_tail_new (const char *path);
void tui_tail_destroy (tui_tail_t **self_p);

//  Takes whole lines that are new; at first the last ones of the file. True when there were
//  some.
bool tui_tail_turn (tui_tail_t *self, tui_model_t *model);

#endif
