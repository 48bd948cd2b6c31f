//  guard_calls: an answer on its way to the client, and the calls of tools in it: a tool that
//  may not be called, or an argument that is denied, ends the answer; arguments that are to be
//  stripped are taken out. All other bytes stay as they are.
//
//  Events never wait. Of a tool that has rules for its arguments these come in the piece that
//  completes them; the pieces before it are empty.

#ifndef BR_GUARD_CALLS_H
#define BR_GUARD_CALLS_H

#include "broker/core/buf.h"
#include "broker/guard/guard_tools.h"
#include "broker/proto/surface.h"

#define GUARD_CALLS_MAX 1024         //  calls of one stream under way; more are refused
#define GUARD_CALLS_HELD (16u << 20) //  bytes of arguments that wait; more are refused

//  Whether rules for tools concern a surface: what talks, and what brings an answer that a
//  provider has stored, may call them; what makes a talk compact or counts its tokens is offered
//  them all the same.
bool guard_calls_concern (br_surface_t surface);

typedef struct _guard_calls_t guard_calls_t;

//  For one answer. in: tools, borrowed; surface, of the client. "caller destroys"
guard_calls_t *guard_calls_new (const guard_tools_t *tools, br_surface_t surface);
void guard_calls_destroy (guard_calls_t **self_p);

//  A single answer, complete, in slices: begin, step until it is done, then put where it is
//  changed. A step goes about slice bytes on; what takes as long as many bytes counts as many
//  (a call, a name). in: bytes, borrowed until it is put, or nobody steps on
//  ret:  of a step, 1 = there is more, 0 = done, -1
//  err:  BR_EGUARD a call is refused, or the answer cannot be read; BR_ETOOBIG
void guard_calls_begin (guard_calls_t *self, const void *bytes, size_t size);
int guard_calls_step (guard_calls_t *self, size_t slice, br_error_t *reterr);

//  When it is done: whether something was stripped; then the new answer, appended.
bool guard_calls_is_changed (const guard_calls_t *self);
int guard_calls_put (guard_calls_t *self, br_buf_t *out, br_error_t *reterr);

//  All of it at once.
//  ret:  1 = see out, 0 = it can stay as it is, -1. err: as above
int guard_calls_write (guard_calls_t *self, const void *bytes, size_t size, br_buf_t *out,
                       br_error_t *reterr);

//  A stream of events: the next bytes, in any split; appends what may go on. At the end,
//  the rest. ret: 0, or -1, then for ever. err: as above
int guard_calls_push (guard_calls_t *self, const void *bytes, size_t size, br_buf_t *out,
                      br_error_t *reterr);
int guard_calls_end (guard_calls_t *self, br_buf_t *out, br_error_t *reterr);

#endif
