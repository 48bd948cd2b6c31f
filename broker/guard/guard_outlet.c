//  guard_outlet: where the events of a stream go out.

#include <stdlib.h>

#include "broker/core/alloc.h"
#include "broker/guard/guard_outlet.h"

#define EVENT_MAX (256u << 20) //  bytes of one event, with all that was replaced

struct _guard_outlet_t {
    guard_channel_t *comments; //  tells nobody
};

guard_outlet_t *
guard_outlet_new (const guard_lane_rules_t *rules)
{
    guard_outlet_t *self = BR_NEW (guard_outlet_t);
    self->comments = guard_channel_new_between (rules->rules, rules->sets,
                                                rules->direction, rules->least,
                                                rules->most, GUARD_PLAIN, NULL, NULL);
    return self;
}

void
guard_outlet_destroy (guard_outlet_t **self_p)
{
    if (!self_p || !*self_p)
        return;
    guard_channel_destroy (&(*self_p)->comments);
    free (*self_p);
    *self_p = NULL;
}

//  A comment that is short and in which nothing is found.
static bool
s_may_stay (void *arg, br_text_t comment)
{
    guard_outlet_t *self = arg;
    if (comment.size > GUARD_COMMENT_MAX)
        return false;
    br_buf_t out;
    br_buf_init (&out, EVENT_MAX);
    guard_channel_reset (self->comments);
    int rc = guard_channel_push (self->comments, comment.at, comment.size, &out);
    if (rc == 0)
        rc = guard_channel_end (self->comments, &out);
    br_buf_free (&out);
    return rc == 0 && !guard_channel_is_changed (self->comments);
}

void
guard_outlet_give_bare (guard_outlet_t *self, br_text_t raw, br_buf_t *out)
{
    guard_event_clean (raw, s_may_stay, self, out);
}

static void
s_give (guard_outlet_t *self, const guard_event_t *event, br_text_t raw, br_buf_t *out)
{
    if (event->strange)
        guard_outlet_give_bare (self, raw, out);
    else
        (void) br_buf_add (out, raw.at, raw.size);
}

int
guard_outlet_give (guard_outlet_t *self, const guard_event_t *event,
                   const guard_edits_t *edits, const br_buf_t *front, br_buf_t *out)
{
    (void) br_buf_add (out, front->data, front->size);
    if (guard_edits_count (edits) == 0) {
        s_give (self, event, event->raw, out);
        return out->overflow ? -1 : 0;
    }
    br_buf_t data, raw;
    br_buf_init (&data, EVENT_MAX);
    br_buf_init (&raw, EVENT_MAX);
    int rc = guard_edits_write (edits, event->data, &data, NULL);
    if (rc == 0) {
        guard_event_write (event, (br_text_t) { br_buf_text (&data), data.size }, &raw);
        s_give (self, event, (br_text_t) { br_buf_text (&raw), raw.size }, out);
    }
    bool is_full = raw.overflow || out->overflow;
    br_buf_free (&raw);
    br_buf_free (&data);
    return is_full ? -1 : rc;
}
