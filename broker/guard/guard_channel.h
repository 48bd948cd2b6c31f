//  guard_channel: a text on its way, with redactions made: takes pieces, gives what may go
//  on. A text that is JSON (arguments of a tool) is looked at twice: as it stands, and with
//  the escapes of its strings undone, since whoever acts on it undoes them; and it is still
//  JSON afterwards.
//
//  Of a match in JSON the parts inside of string values are redacted, keys and structure
//  stay; a number, true, false or null that it touches becomes "[REDACTED]", with quotes; a
//  match in keys alone redacts in them.

#ifndef BR_GUARD_CHANNEL_H
#define BR_GUARD_CHANNEL_H

#include "broker/core/buf.h"
#include "broker/guard/guard_text.h"

typedef enum {
    GUARD_PLAIN,
    GUARD_JSON
} guard_form_t;

//  A range of the text, bytes from its start, in whose place stands "[REDACTED]".
typedef struct _guard_replaced_t {
    uint64_t from;
    uint64_t to;
    bool has_quotes; //  and quotes around it: a number or a word was there
} guard_replaced_t;

typedef struct _guard_channel_t guard_channel_t;

//  REDACT and BLOCK alone. "caller destroys"
guard_channel_t *guard_channel_new (const guard_rules_t *rules, guard_sets_t sets,
                                    guard_direction_t direction, guard_form_t form,
                                    guard_finding_fn *fn, void *arg);
void guard_channel_destroy (guard_channel_t **self_p);

//  The same for all actions between least and most (both included), as of guard_text_new.
guard_channel_t *guard_channel_new_between (const guard_rules_t *rules, guard_sets_t sets,
                                            guard_direction_t direction,
                                            guard_action_t least, guard_action_t most,
                                            guard_form_t form, guard_finding_fn *fn,
                                            void *arg);

guard_form_t guard_channel_form (const guard_channel_t *self);

//  Makes it as new, for another text.
void guard_channel_reset (guard_channel_t *self);

//  Takes the next bytes of the text (no escapes of the carrier in it) and appends what may go
//  on; at the end, all that is left. Halves of a surrogate pair (three bytes each) of which
//  one ends a piece and the other one begins the next are their character.
//  ret:  0, or -1 when something blocks: nothing is appended, then for ever
int guard_channel_push (guard_channel_t *self, const void *bytes, size_t size,
                        br_buf_t *out);
int guard_channel_end (guard_channel_t *self, br_buf_t *out);

//  What waits for rules that fail open alone, and did so for GUARD_HOLD_MS, is given as it is,
//  and told as failed (guard_text_expire). What is there is remembered with the time of the
//  first look at it: it can be no older. ret: as of push
//  in:   now_ms, never goes back
int guard_channel_age (guard_channel_t *self, uint64_t now_ms, br_buf_t *out);
void guard_channel_renew (guard_channel_t *self); //  the next look is the first one

//  From now on what is replaced is noted, too: all other bytes are given as they were taken.
//  in:   rows, of guard_replaced_t, ascending; borrowed as long as self lives, and emptied by
//        who owns it. overflow: it does not have all
void guard_channel_note (guard_channel_t *self, br_buf_t *rows);

//  Bytes that were taken and not given; and whether anything was ever changed.
size_t guard_channel_held (const guard_channel_t *self);
bool guard_channel_is_changed (const guard_channel_t *self);

//  Appends the bytes that were taken and not given; and what stands in front of them for
//  another channel that is to look at them: a few bytes of a plain text, as regexes may look
//  there, and of JSON inside of a string a quote.
void guard_channel_undecided (const guard_channel_t *self, br_buf_t *out);
void guard_channel_before (const guard_channel_t *self, br_buf_t *out);

#endif
