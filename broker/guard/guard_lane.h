//  guard_lane: one text of an answer on its way: its channel, and the event that brought the
//  last piece of it, for one like it that brings what was held.

#ifndef BR_GUARD_LANE_H
#define BR_GUARD_LANE_H

#include "broker/guard/guard_body.h"
#include "broker/guard/guard_clone.h"
#include "broker/guard/guard_events.h"
#include "broker/guard/guard_piece.h"

typedef struct _guard_seam_t guard_seam_t;
typedef struct _guard_kept_row_t guard_kept_row_t;

typedef struct _guard_lane_t {
    uint64_t number; //  of broker/proto/texts.h; 0 for texts that are whole
    br_text_place_t place;
    guard_channel_t *channel; //  owned
    guard_seam_t *seam; //  owned; NULL: no text with this number has ended undecided
    guard_body_fn *fn;  //  borrowed
    void *arg;          //  borrowed
    //  ---- the event under way, for guard_stream
    uint64_t event; //  number of the last event with a piece of it
    size_t last;    //  which of its spans is the last piece
    //  ---- an event that may have been its end, and is kept
    guard_kept_row_t *waits; //  borrowed; NULL: there is none
    bool is_waiting;         //  the event under way is to be kept for it
    bool is_in_it;           //  that event has a piece of it, the next three:
    br_text_span_t kept_span;
    br_buf_t came; //  as it came, without escapes
    br_buf_t said; //  as far as it was given
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

//  Whether what cannot be read has to stop: a rule that changes or blocks fails closed.
bool guard_lane_rules_are_closed (const guard_lane_rules_t *rules);

//  "caller destroys"
guard_lane_t *guard_lane_new (const guard_lane_rules_t *rules, uint64_t number,
                              guard_form_t form);
void guard_lane_destroy (guard_lane_t **self_p);

//  Takes a piece out of a channel of this lane's once more, over the seam where there is one.
//  in:   is_end, of the text
//  ret:  0, or -1 when something lies over the seam
int guard_lane_pass (guard_lane_t *self, guard_piece_t *piece, bool is_end);

//  Lets go of what waits for too long, to piece, which was begun with this lane's channel.
//  in:   now_ms, see guard_channel_age
//  ret:  0, or -1 when something blocks
int guard_lane_age (guard_lane_t *self, guard_piece_t *piece, uint64_t now_ms);

//  The text has ended, and more with its number comes behind it. before: of the one in front
void guard_lane_follow (guard_lane_t *self, const guard_lane_rules_t *rules,
                        br_text_place_t place, br_text_t before);

//  Appends what is undecided.
void guard_lane_undecided (const guard_lane_t *self, br_buf_t *out);

size_t guard_lane_held (const guard_lane_t *self); //  bytes of the text
size_t guard_lane_kept (const guard_lane_t *self); //  bytes of the event

//  The event that ends with this piece may be kept, and the piece needed again.
void guard_lane_say (guard_lane_t *self, const guard_piece_t *piece,
                     const br_text_span_t *span);

//  More of the text, behind that piece, goes with the event that is kept (waits).
//  in/out: piece, with what comes out; its other bytes are lost
void guard_lane_say_more (guard_lane_t *self, guard_piece_t *piece);

//  Whether that piece was given otherwise than it came.
bool guard_lane_is_changed (const guard_lane_t *self);

//  This event brought the last piece, and something is held.
//  in:   spans, all of it; span, the piece
void guard_lane_keep (guard_lane_t *self, const guard_event_t *event,
                      const br_text_span_t *spans, size_t nspans,
                      const br_text_span_t *span);

//  Appends an event that brings value, which is JSON. ret: 0, or -1 when none was kept
int guard_lane_write (const guard_lane_t *self, br_surface_t surface, uint64_t sequence,
                      br_text_t value, br_buf_t *out);

#endif
