//  specimen: a text with a secret in it as it travels: as words, or as JSON whose member holds
//  it; and what must become of it, found by the engine from the whole text at once.

#ifndef TEST_SPECIMEN_H
#define TEST_SPECIMEN_H

#include "broker/guard/guard_text.h"
#include "tests/guard/carrier.h"

#define SPECIMEN_WINDOW 6 //  bytes in a row of a match that must not be seen

typedef struct _specimen_t specimen_t;

//  in:   rules, of which what set 1 does in both directions is redacted
//        style, of the escapes inside of the JSON
//  ret:  "caller destroys"; it finds nothing when specimen_is_empty
specimen_t *specimen_new (const guard_rules_t *rules, guard_direction_t direction,
                          carrier_form_t form, carrier_style_t style, const char *text);
void specimen_destroy (specimen_t **self_p);

bool specimen_is_empty (const specimen_t *self);

//  Texts are "owned by self".
br_text_t specimen_inside (const specimen_t *self); //  as it travels
br_text_t specimen_wanted (const specimen_t *self); //  the same, redacted
br_text_t specimen_text (const specimen_t *self);   //  the secret's own text, redacted

//  Where in what travels a cut may be, from the first to the last byte of what is redacted;
//  and what stands in front of all matches.
size_t specimen_from (const specimen_t *self);
size_t specimen_to (const specimen_t *self);
size_t specimen_first (const specimen_t *self);

//  Writes the text as it must stand inside of a JSON string of a body: what is redacted is
//  replaced, all else has the escapes that it had.
void specimen_write_wanted (const specimen_t *self, carrier_style_t style, br_buf_t *out);

//  What must not be seen from now on: SPECIMEN_WINDOW bytes in a row of a match, or a shorter
//  match as a whole, but what is in the redacted text too, or in bare: the carrier without it.
void specimen_hide (specimen_t *self, br_text_t bare);

//  Whether any of that stands in bytes that went out, as they are or with the escapes of
//  strings undone, once or (JSON) twice.
bool specimen_is_seen (const specimen_t *self, br_text_t out);

#endif
