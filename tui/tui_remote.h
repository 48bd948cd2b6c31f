//  tui_remote: a bitrouter on another machine, asked over HTTP (GET /admin/{command}). It tells
//  no events: what only they tell stays empty.

#ifndef BR_TUI_REMOTE_H
#define BR_TUI_REMOTE_H

#include "broker/core/error.h"
#include "tui/tui_model.h"

typedef struct _tui_remote_t tui_remote_t;

//  url: "https://host:8787", with or without a slash; token: with the scope admin, or NULL. Both
//  are copied. "caller destroys". err: BR_ESYSTEM, BR_EINVALID for a url of another kind, and for
//  a token that would go to another machine in clear
tui_remote_t *tui_remote_new (const char *url, const char *token, br_error_t *reterr);
void tui_remote_destroy (tui_remote_t **self_p);

//  Whether an answer is under way: then a turn is due soon.
bool tui_remote_is_busy (const tui_remote_t *self);

//  Takes what has come, asks what is due, and waits for nothing. True when there is news.
bool tui_remote_turn (tui_remote_t *self, tui_model_t *model, uint64_t now_ms);

#endif
