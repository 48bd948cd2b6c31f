//  guard_lane: one text of an answer on its way: its channel, and the event that brought the
//  last piece of it, for one like it that brings what was held.

#ifndef BR_GUARD_LANE_H
#define BR_GUARD_LANE_H

#include "broker/guard/guard_body.h"
#include "broker/guard/guard_clone.h"
#include "broker/guard/guard_events.h"
#include "broker/guard/guard_piece.h"

typedef struct _guard_lane_t {
    uint64_t number; //  of broker/proto/texts.h; 0 for texts that are whole
    br_text_place_t place;
    guard_channel_t *channel; //  owned
    guard_body_fn *fn;        //  borrowed
    void *arg;                //  borrowed
    //  ---- the last event with a piece of it, while something is held
    br_buf_t data;
    br_buf_t spans; //  of br_text_span_t
    br_buf_t name;
    bool has_name;
    char eol[3];
    br_text_span_t span;
} guard_lane_t;

//  What all lanes of an answer have in common; borrowed.
typedef struct _guard_lane_rules_t {
    const guard_rules_t *rules;
    guard_sets_t sets;
    guard_direction_t direction;
    guard_action_t least;
    guard_action_t most;
    guard_body_fn *fn;
    void *arg;
} guard_lane_rules_t;

//  "caller destroys"
guard_lane_t *guard_lane_new (const guard_lane_rules_t *rules, uint64_t number,
                              guard_form_t form);
void guard_lane_destroy (guard_lane_t **self_p);

//  This event brought the last piece, and something is held.
//  in:   spans, all of it; span, the piece
void guard_lane_keep (guard_lane_t *self, const guard_event_t *event,
                      const br_text_span_t *spans, size_t nspans,
                      const br_text_span_t *span);

//  Appends an event that brings value, which is JSON. ret: 0, or -1 when none was kept
int guard_lane_write (const guard_lane_t *self, br_surface_t surface, uint64_t sequence,
                      br_text_t value, br_buf_t *out);

#endif
