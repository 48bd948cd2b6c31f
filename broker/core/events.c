//  events: the tables of the event catalogue, made from br_events.def, and their JSON.

#include <string.h>

#include "broker/core/events.h"

//  All fields stand in one array; START_x is where those of event x start, as in verbs.c.
enum {
#define BR_EVENT(id, event_name, text, doc) START_##id, BEFORE_##id = START_##id - 1,
#define BR_FIELD(id, kind, field, doc) FIELD_##id##_##field,
#include "broker/core/br_events.def"
#undef BR_EVENT
#undef BR_FIELD
    START_END
};

#define BR_EVENT(id, event_name, text, doc)                                              \
    typedef struct br_event_##event_name struct_##id;
#define BR_FIELD(id, kind, field, doc)
#include "broker/core/br_events.def"
#undef BR_EVENT
#undef BR_FIELD

static const br_field_row_t s_fields[] = {
#define BR_EVENT(id, event_name, text, doc)
#define BR_FIELD(id, kind, field, doc)                                                   \
    { #field, doc, BR_TYPE_##kind, offsetof (struct_##id, field) },
#include "broker/core/br_events.def"
#undef BR_EVENT
#undef BR_FIELD
};

static const int s_starts[BR_EVENT_COUNT + 1] = {
#define BR_EVENT(id, event_name, text, doc) [BR_EVENT_##id] = START_##id,
#define BR_FIELD(id, kind, field, doc)
#include "broker/core/br_events.def"
#undef BR_EVENT
#undef BR_FIELD
    [BR_EVENT_COUNT] = START_END
};

static const struct {
    const char *name;
    const char *about;
} s_rows[BR_EVENT_COUNT] = {
#define BR_EVENT(id, event_name, text, doc) [BR_EVENT_##id] = { text, doc },
#define BR_FIELD(id, kind, field, doc)
#include "broker/core/br_events.def"
#undef BR_EVENT
#undef BR_FIELD
};

const char *
br_event_name (unsigned event)
{
    return event < BR_EVENT_COUNT ? s_rows[event].name : "?";
}

const char *
br_event_about (unsigned event)
{
    return event < BR_EVENT_COUNT ? s_rows[event].about : "?";
}

const br_field_row_t *
br_event_fields (br_event_t event, size_t *ret_count)
{
    *ret_count = (size_t) (s_starts[event + 1] - s_starts[event]);
    return s_fields + s_starts[event];
}

static void
s_write_text (br_buf_t *buf, const char *text)
{
    if (!text)
        text = "";
    br_buf_add_json (buf, text, strlen (text));
}

void
br_event_write (br_event_t event, const void *fields, const char *host, uint64_t seq,
                uint64_t time_ms, br_buf_t *buf)
{
    br_buf_addf (buf, "{\"event\":\"%s\",\"host\":", br_event_name (event));
    s_write_text (buf, host);
    br_buf_addf (buf, ",\"seq\":%llu,\"time\":%llu", (unsigned long long) seq,
                 (unsigned long long) time_ms);
    size_t count;
    const br_field_row_t *row = br_event_fields (event, &count);
    for (size_t i = 0; i < count; i++) {
        const void *at = (const uint8_t *) fields + row[i].offset;
        br_buf_addf (buf, ",\"%s\":", row[i].name);
        if (row[i].type == BR_TYPE_num)
            br_buf_addf (buf, "%llu", (unsigned long long) *(const uint64_t *) at);
        else
            s_write_text (buf, *(const char *const *) at);
    }
    br_buf_adds (buf, "}\n");
}
