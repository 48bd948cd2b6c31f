//  guard_kept: events that are kept in their order, because the first of them says that a
//  text has ended, and more of it may come; each with what is to be done to it.

#ifndef BR_GUARD_KEPT_H
#define BR_GUARD_KEPT_H

#include "broker/guard/guard_edits.h"
#include "broker/guard/guard_events.h"
#include "broker/proto/texts.h"

#define GUARD_KEPT_MAX 16      //  events
#define GUARD_KEPT_BYTES 65536 //  of them

struct _guard_kept_row_t {
    guard_event_t event; //  of its own bytes
    guard_edits_t edits;
    br_buf_t front;    //  events that go in front of it
    br_buf_t repeated; //  of br_text_span_t: words that it says once more
    br_buf_t behind;   //  comments and blank lines
    size_t waits;      //  texts that may have ended in it, count
    br_buf_t raw;
    br_buf_t data;
};
typedef struct _guard_kept_row_t guard_kept_row_t;

typedef struct _guard_kept_t guard_kept_t;

guard_kept_t *guard_kept_new (void); //  "caller destroys"
void guard_kept_destroy (guard_kept_t **self_p);

//  Whether an event of so many bytes may be kept alone; and one besides those that are. A
//  blank line is no event, and a comment is one.
bool guard_kept_may (size_t size);
bool guard_kept_has_room (const guard_kept_t *self, br_text_t raw);

//  Keeps a copy. in/out: edits and front are moved, and empty afterwards
//  ret:  owned by self, until it is dropped
guard_kept_row_t *guard_kept_add (guard_kept_t *self, const guard_event_t *event,
                                  guard_edits_t *edits, br_buf_t *front);

//  The oldest one; NULL: none.
guard_kept_row_t *guard_kept_first (const guard_kept_t *self);
void guard_kept_drop_first (guard_kept_t *self);

//  Bytes without data go behind the newest one, which is there and has room.
void guard_kept_add_bare (guard_kept_t *self, br_text_t raw);

//  Words are not said once more.
void guard_kept_hide (guard_kept_row_t *row);

//  ... of an event with these data: spans that are of words that it says once more.
void guard_kept_hide_spans (guard_edits_t *edits, br_text_t data,
                            const br_text_span_t *spans, size_t count);

#endif
