//  mock_replay: recorded answers of real providers, out of a folder with one folder for
//  each protocol: NAME.json, NAME.sse or NAME.chunks.txt, and NAME.meta.json.

#ifndef MOCK_REPLAY_H
#define MOCK_REPLAY_H

#include "bench/mock_tape.h"

//  Where a model's name asks for a recording, "replay/PROTOCOL/CASE@words", also behind
//  a prefix, the part that begins with PROTOCOL; else NULL.
const char *mock_replay_name (const char *model);

//  The tape of "PROTOCOL/CASE", up to an '@'. PROTOCOL is the folder's name or chat,
//  responses, messages, google. form: as the request asks; it matters where the
//  recording is a stream. "caller destroys", or NULL when there is no such recording.
mock_tape_t *mock_replay_new (const char *corpus, const char *name, mock_form_t form);

#endif
