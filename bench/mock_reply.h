//  mock_reply: the bytes of one answer of the mock provider, piece by piece: one piece
//  for a plain answer, one for each event of a stream. It knows no socket and no time.

#ifndef MOCK_REPLY_H
#define MOCK_REPLY_H

#include <stdbool.h>
#include <stdint.h>

#include "bench/mock_recall.h"
#include "bench/mock_request.h"
#include "bench/mock_script.h"
#include "broker/core/buf.h"

typedef struct _mock_reply_t mock_reply_t;

//  What answers are taken from; all of it borrowed, all of it may be NULL.
typedef struct _mock_shelf_t {
    const char *files;     //  folder of answers for file=NAME
    const char *corpus;    //  folder of recordings for replay/PROTOCOL/CASE
    const char *models;    //  names for the list of models, separated by commas
    mock_recall_t *recall; //  what was received
} mock_shelf_t;

//  script and request are borrowed until destroy. "caller destroys"
mock_reply_t *mock_reply_new (const mock_script_t *script, const mock_request_t *request,
                              const mock_shelf_t *shelf);
void mock_reply_destroy (mock_reply_t **self_p);

//  Another answer than the script's: a status, and a text that says why.
void mock_reply_refuse (mock_reply_t *self, int status, const char *why);

int mock_reply_status (const mock_reply_t *self);

//  Pieces follow each other with gaps, cuts and stalls only in a stream.
bool mock_reply_is_stream (const mock_reply_t *self);

//  The answer is framed as chunks, so its length is not told.
bool mock_reply_is_chunked (const mock_reply_t *self);

//  Appends status line and headers. length: bytes of the body, where not chunked.
void mock_reply_head (const mock_reply_t *self, br_buf_t *out, size_t length);

//  Appends the next piece. now_ns is told in it, so that a client can measure the delay.
//  Returns true while more pieces follow.
bool mock_reply_next (mock_reply_t *self, br_buf_t *piece, uint64_t now_ns);

//  Pieces so far.
int mock_reply_count (const mock_reply_t *self);

//  The SHA-256 of bytes as 64 hexadecimal digits and an end.
void mock_reply_digest (char ret_hex[65], const uint8_t *bytes, size_t size);

#endif
