//  guard_clone: the data of an event that brings one text and nothing else, made of those of
//  another event with the same text: what says where the text belongs stays, all that an
//  event may say once only (names, ids of calls, reasons to finish, usage) does not.

#ifndef BR_GUARD_CLONE_H
#define BR_GUARD_CLONE_H

#include "broker/core/buf.h"
#include "broker/core/text.h"
#include "broker/proto/texts.h"

typedef struct _guard_clone_t {
    br_surface_t surface;
    br_text_t data;              //  of the other event, JSON
    const br_text_span_t *spans; //  all texts in it, in their order
    size_t nspans;
    br_text_span_t span; //  the one that is replaced
    br_text_t value;     //  by this, as it stands in JSON
    uint64_t sequence;   //  number of the new event, where events are numbered
} guard_clone_t;

//  Appends the data. ret: 0, or -1 when those of the other event cannot be read
int guard_clone_write (const guard_clone_t *self, br_buf_t *out);

//  The name of the new event, where the other one has this name.
br_text_t guard_clone_name (const guard_clone_t *self, br_text_t name);

#endif
