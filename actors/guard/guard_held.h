//  guard_held: a body that is looked at when all of it is here: a single answer, held until
//  its end, or the body of an error. It sends nothing.

#ifndef BR_GUARD_HELD_H
#define BR_GUARD_HELD_H

#include "actors/guard/guard_env.h"
#include "broker/guard/guard_calls.h"
#include "broker/proto/texts_plain.h"

#define GUARD_ANSWER_MAX (16u << 20) //  bytes of a single answer

typedef enum {
    GUARD_HELD_GOES,   //  as it is, or redacted
    GUARD_HELD_FOUND,  //  a finding blocks it
    GUARD_HELD_CALLED, //  a call of a tool in it is refused
    GUARD_HELD_REFUSED //  it cannot be read or written, and its rules fail closed
} guard_held_verdict_t;

typedef struct _guard_held_t guard_held_t;

//  Under which rules; borrowed as long as self lives. Findings are told to found (arg, ...).
typedef struct _guard_held_rules_t {
    const guard_env_t *env;
    guard_conf_t *conf;
    guard_sets_t sets;
    br_surface_t surface;
    guard_body_fn *found;
    void *arg;
} guard_held_rules_t;

//  The look is over. body: what may go on, borrowed; text: why it was refused, else "".
typedef void (guard_held_fn) (void *arg, guard_held_verdict_t verdict, br_blob_t *body,
                              const char *text);

//  Nothing is held yet. "caller destroys"
guard_held_t *guard_held_new (const guard_held_rules_t *rules);
void guard_held_destroy (guard_held_t **self_p);

//  More of it, which is copied. -1 when it is longer than GUARD_ANSWER_MAX.
int guard_held_add (guard_held_t *self, const br_blob_t *body);

//  Whether what was added is words as they stand. in: is_all, nothing will come behind it
texts_plain_t guard_held_plain (const guard_held_t *self, bool is_all);

//  Gives back what was added. "caller destroys"
br_blob_t *guard_held_take (guard_held_t *self);

//  All of it at once, however long; nothing was added before. A reference is taken.
void guard_held_set (guard_held_t *self, br_blob_t *body);

//  No more will come: how much there is, bytes.
size_t guard_held_end (guard_held_t *self);

//  Behind the end: its calls are judged before it is looked at, in turns as the look.
//  in:   calls, borrowed as long as self lives
void guard_held_judge_calls (guard_held_t *self, guard_calls_t *calls);

//  Behind the end: looks at its texts. fn (arg, ...) is called once, at once or, where it is
//  large, in a later turn: then it is 1.
int guard_held_look (guard_held_t *self, guard_held_fn *fn, void *arg);

//  Behind the look: it could not be read, and goes on all the same.
bool guard_held_is_unread (const guard_held_t *self);

//  Nobody waits for the look any more.
void guard_held_stop (guard_held_t *self);

#endif
