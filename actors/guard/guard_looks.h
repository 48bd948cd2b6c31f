//  guard_looks: copies of what passes, against the rules that only warn. Nothing waits for
//  them: what cannot be looked at is counted and forgotten.

#ifndef BR_GUARD_LOOKS_H
#define BR_GUARD_LOOKS_H

#include "actors/guard/guard_env.h"

#define GUARD_LOOK_BYTES_MAX (16u << 20) //  bytes of one body that comes in pieces
#define GUARD_LOOKS_MAX 16384            //  answers that are looked at at the same time
#define GUARD_LOOK_MS 1                  //  that a piece waits
#define GUARD_PIECES_MAX 65536           //  that wait; with one more all are looked at

typedef struct _guard_looks_t guard_looks_t;

//  env is borrowed. "caller destroys"
guard_looks_t *guard_looks_new (const guard_env_t *env);
void guard_looks_destroy (guard_looks_t **self_p);

//  What is looked at.
typedef struct _guard_look_t {
    br_id_t call;
    br_addr_t from; //  its client's side
    guard_sets_t sets;
    br_surface_t surface;
    guard_direction_t direction;
    bool is_events; //  a piece of a stream of events
    bool is_last;   //  no piece follows
} guard_look_t;

//  Takes a piece, or all of it, which is looked at GUARD_LOOK_MS later. A reference on the body is taken; NULL for none.
void guard_looks_add (guard_looks_t *self, guard_conf_t *conf, const guard_look_t *look,
                      br_blob_t *body);

//  Nothing more comes of this call.
void guard_looks_end (guard_looks_t *self, br_id_t call);

//  Nothing more comes from that host.
void guard_looks_gone (guard_looks_t *self, uint32_t host, uint32_t life);

#endif
