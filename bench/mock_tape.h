//  mock_tape: an answer that is known in advance, as the pieces it is sent in: one for a
//  plain body, one for each event of a stream, framed by the protocol's rules.

#ifndef MOCK_TAPE_H
#define MOCK_TAPE_H

#include "bench/mock_route.h"
#include "broker/core/buf.h"

#define MOCK_TAPE_MAX (64 * 1024 * 1024) //  bytes of an answer

typedef struct _mock_tape_t mock_tape_t;

//  "caller destroys"
mock_tape_t *mock_tape_new (mock_protocol_t protocol, mock_form_t form);
void mock_tape_destroy (mock_tape_t **self_p);

mock_form_t mock_tape_form (const mock_tape_t *self);

//  HTTP status, 200 unless set.
void mock_tape_set_status (mock_tape_t *self, int status);
int mock_tape_status (const mock_tape_t *self);

//  The content type that goes with the form.
const char *mock_tape_type (const mock_tape_t *self);

//  Appends one event by its payload, a JSON object; type: its name where the protocol has
//  names, or NULL to take the payload's member type. In a plain answer the payloads
//  follow each other as they are.
void mock_tape_add (mock_tape_t *self, const char *type, const void *payload,
                    size_t size);

//  Appends one piece that is framed already.
void mock_tape_add_framed (mock_tape_t *self, const void *bytes, size_t size);

//  Appends what ends a stream of the protocol, if anything does.
void mock_tape_end (mock_tape_t *self);

//  Pieces in all, events and end.
size_t mock_tape_count (const mock_tape_t *self);

//  Appends piece number index < count.
void mock_tape_get (const mock_tape_t *self, size_t index, br_buf_t *out);

//  Frames one payload as mock_tape_add does, straight into out. index: of the piece.
void mock_tape_frame (mock_protocol_t protocol, mock_form_t form, const char *type,
                      const void *payload, size_t size, size_t index, br_buf_t *out);

#endif
