//  events: the event catalogue, made from br_events.def, and how an event is written.

#ifndef BR_EVENTS_H
#define BR_EVENTS_H

#include "broker/core/buf.h"
#include "broker/core/verbs.h"

typedef enum {
#define BR_EVENT(id, name, text, about) BR_EVENT_##id,
#define BR_FIELD(id, type, name, about)
#include "broker/core/br_events.def"
#undef BR_EVENT
#undef BR_FIELD
    BR_EVENT_COUNT
} br_event_t;

//  struct br_event_call_ended and so on, one for each event
// clang-format off
struct _br_events_begin {
    char none;
#define BR_EVENT(id, name, text, about) \
};                        \
struct br_event_##name { \
    char none;
#define BR_FIELD(id, type, name, about) br_wire_##type name;
#include "broker/core/br_events.def"
#undef BR_EVENT
#undef BR_FIELD
};
// clang-format on

const char *br_event_name (unsigned event); //  "call.ended"; "?" when it is none
const char *br_event_about (unsigned event);
const br_field_row_t *br_event_fields (br_event_t event, size_t *ret_count);

//  Appends one line of JSON, with its end of line. fields: the event's struct, texts may
//  be NULL. time_ms: unix time.
void br_event_write (br_event_t event, const void *fields, const char *host, uint64_t seq,
                     uint64_t time_ms, br_buf_t *buf);

#endif
