//  tui_days: what was spent by day, from the ledger: another program prints it, now and then,
//  so that a large ledger never makes the view wait.

#ifndef BR_TUI_DAYS_H
#define BR_TUI_DAYS_H

#include "tui/tui_model.h"

typedef struct _tui_days_t tui_days_t;

//  words: of the program, NULL ends; copied. NULL: nothing is ever asked. "caller destroys"
tui_days_t *tui_days_new (const char *const *words);
void tui_days_destroy (tui_days_t **self_p); //  ends the program, too

int tui_days_fd (const tui_days_t *self); //  to be polled; -1 = none
void tui_days_hurry (tui_days_t *self);   //  it is due at once

//  Takes what it has printed, starts it when it is due. True when there is news.
bool tui_days_turn (tui_days_t *self, tui_model_t *model, uint64_t now_ms);

#endif
