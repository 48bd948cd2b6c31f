//  resume: what the client of a streamed answer has been told so far, kept so that another
//  provider can go on when the answer is cut, in another process too. As deltas, it brings
//  a new writer to where the old one stood.
//  What can be gone on with is a start, reasoning, and then one block of text, all of
//  choice 0. Anything else that is told spoils it.
//  src:  docs/rfc/8-CANONICAL.md

#ifndef BR_RESUME_H
#define BR_RESUME_H

#include "broker/core/buf.h"
#include "broker/proto/reply.h"

#define BR_RESUME_TEXT_MAX (1u << 20)  //  bytes told; more spoils it
#define BR_RESUME_BYTES_MAX (8u << 20) //  of its written form
#define BR_RESUME_ID_SIZE 24           //  characters of the seed of ids

typedef struct _br_resume_t br_resume_t;

//  Nothing is told yet.
//  in:   id, [A-Za-z0-9]{24}, the seed of the answer's ids
//        now, unix seconds that the answer says it was made
//  "caller destroys"
br_resume_t *br_resume_new (br_protocol_t client, const char *id, uint64_t now);
br_resume_t *br_resume_copy (const br_resume_t *self);
void br_resume_destroy (br_resume_t **self_p);

//  Reads what br_resume_write has written, or what a stranger says it has.
//  err:  BR_EINVALID
//  "caller destroys"
br_resume_t *br_resume_read (const void *bytes, size_t size, br_error_t *reterr);

//  As JSON. 0, or -1 when it is spoilt or does not fit into out.
int br_resume_write (const br_resume_t *self, br_buf_t *out);

//  Notes a delta that was written to the client, and the whole events that were written
//  for it.
void br_resume_add (br_resume_t *self, const br_delta_t *delta);
void br_resume_add_bytes (br_resume_t *self, const uint8_t *bytes, size_t size);
void br_resume_spoil (br_resume_t *self);

//  All that was told, as deltas.
void br_resume_play (const br_resume_t *self, br_delta_fn *fn, void *arg);

bool br_resume_is_spoilt (const br_resume_t *self);
bool br_resume_is_empty (const br_resume_t *self); //  nothing was told
bool br_resume_has_text (const br_resume_t *self); //  its block of text has begun

br_protocol_t br_resume_client (const br_resume_t *self);
const char *br_resume_id (const br_resume_t *self); //  "owned by self"
uint64_t br_resume_now (const br_resume_t *self);
uint64_t br_resume_events (const br_resume_t *self); //  of the client's stream
br_text_t br_resume_text (const br_resume_t *self);  //  never absent
unsigned br_resume_blocks (const br_resume_t *self); //  number of the next block

#endif
