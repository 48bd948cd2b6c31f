//  guard_body: a whole body, of a request or of a single answer, against the rules: all texts
//  in it that a model or an agent could act on. In slices, so that a large one stops nobody.

#ifndef BR_GUARD_BODY_H
#define BR_GUARD_BODY_H

#include "broker/guard/guard_text.h"
#include "broker/proto/texts.h"

typedef struct _guard_body_t guard_body_t;

typedef enum {
    GUARD_BODY_AS_IS,   //  nothing is to be changed
    GUARD_BODY_CHANGED, //  see guard_body_write
    GUARD_BODY_BLOCKED,
    GUARD_BODY_UNREADABLE //  it is no JSON of its kind: rules that fail closed block it
} guard_body_verdict_t;

//  A finding, and in which text.
typedef void (guard_body_fn) (void *arg, const guard_finding_t *finding,
                              br_text_place_t place);

//  in:   bytes, borrowed as long as self lives; surface, of the client
//        least, most: as of guard_text_new
//  "caller destroys"
guard_body_t *guard_body_new (const guard_rules_t *rules, guard_sets_t sets,
                              guard_direction_t direction, guard_action_t least,
                              guard_action_t most, br_surface_t surface,
                              const void *bytes, size_t size, guard_body_fn *fn,
                              void *arg);
void guard_body_destroy (guard_body_t **self_p);

//  Looks at about slice bytes more; what takes as long as many bytes counts as many (a text, a
//  finding). ret: 1 = there is more, 0 = done
int guard_body_step (guard_body_t *self, size_t slice);

//  When all steps are done.
guard_body_verdict_t guard_body_verdict (const guard_body_t *self);

//  The body with all redactions, every other byte as it was. err: BR_ETOOBIG
//  in/out: *at, offset of something in the body that is not redacted (the model's value),
//        becomes its offset in the new one; may be NULL
int guard_body_write (guard_body_t *self, br_buf_t *out, size_t *at, br_error_t *reterr);

#endif
