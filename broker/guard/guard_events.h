//  guard_events: cuts a stream of server-sent events, in any split, into its events as their
//  bytes stand. LF, CRLF and CR end lines; comments and blank lines between events come at
//  once, as what has no data.
//  src:  WHATWG HTML, section 9.2, "Server-sent events"

#ifndef BR_GUARD_EVENTS_H
#define BR_GUARD_EVENTS_H

#include "broker/core/buf.h"
#include "broker/core/text.h"

//  Valid during the call.
typedef struct _guard_event_t {
    br_text_t raw;     //  all its bytes
    br_text_t name;    //  absent without an event line
    br_text_t data;    //  data lines, joined with LF; absent when there are none
    size_t data_lines; //  count
    size_t data_at;    //  of the only data line's value in raw, bytes
    size_t
        strange; //  lines that clients pass over: comments, and fields that nobody knows
    const char *eol; //  how its data line ends; "\n" when it does not
    bool is_cut;     //  the stream ended before its blank line
} guard_event_t;

//  ret: 0, or -1 to end the walk
typedef int (guard_event_fn) (void *arg, const guard_event_t *event);

typedef struct _guard_events_t guard_events_t;

//  in:   event_max, bytes of one event. "caller destroys"
guard_events_t *guard_events_new (size_t event_max, guard_event_fn *fn, void *arg);
void guard_events_destroy (guard_events_t **self_p);

//  The next bytes; then that there are no more. ret: 0, or -1: an event is too long, or fn
//  said so. Then nothing more is to be pushed
int guard_events_push (guard_events_t *self, const void *bytes, size_t size);
int guard_events_end (guard_events_t *self);

//  Bytes that had to be moved so far, since events in front of them were told: no more than
//  came, however many events that were.
uint64_t guard_events_moved (const guard_events_t *self);

//  Whether its data are "[DONE]", which is no JSON.
bool guard_event_is_done (const guard_event_t *event);

//  Appends the event with other data.
void guard_event_write (const guard_event_t *event, br_text_t data, br_buf_t *out);

//  Appends the lines of events (raw) without fields that nobody knows. Of a comment that may
//  not stay there is its colon alone, which keeps the connection alive as well.
//  in:   comment, with its colon
typedef bool (guard_comment_fn) (void *arg, br_text_t comment);
void guard_event_clean (br_text_t raw, guard_comment_fn *may_stay, void *arg,
                        br_buf_t *out);

//  Appends data as data lines.
void guard_event_lines (br_text_t data, const char *eol, br_buf_t *out);

#endif
