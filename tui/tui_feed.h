//  tui_feed: brings events and answers of a running bitrouter to the model. It never waits: a
//  server that is not there, or is slow, is only noted.

#ifndef BR_TUI_FEED_H
#define BR_TUI_FEED_H

#include <zmq.h>

#include "broker/core/error.h"
#include "broker/core/remote.h"
#include "tui/tui_model.h"

#define TUI_FEED_POLLS 2 //  sockets to be polled

typedef struct _tui_feed_t tui_feed_t;

//  run_dir is copied. "caller destroys". err: BR_ESYSTEM
tui_feed_t *tui_feed_new (const char *run_dir, br_error_t *reterr);

//  The same over tcp with CURVE: the admin door is at broker, which tells where the events
//  are. Both are copied.
tui_feed_t *tui_feed_new_remote (const char *broker, const br_remote_keys_t *keys,
                                 br_error_t *reterr);
void tui_feed_destroy (tui_feed_t **self_p);

//  The sockets to wait for, TUI_FEED_POLLS of them.
void tui_feed_polls (const tui_feed_t *self, zmq_pollitem_t *items);

//  Takes what has come, at most some thousand events, and asks what is due. Returns the count
//  of what it took. now_ms: unix time
unsigned tui_feed_turn (tui_feed_t *self, tui_model_t *model, uint64_t now_ms);

#endif
