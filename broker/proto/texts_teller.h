//  texts_teller: tells the values that a walk has found: as texts, as what is said of calls, or
//  to nobody, when only the ends of an event are sought.

#ifndef BR_TEXTS_TELLER_H
#define BR_TEXTS_TELLER_H

#include "broker/proto/texts_ends.h"

typedef enum {
    TEXTS_REQUEST,
    TEXTS_ANSWER,
    TEXTS_EVENT
} texts_of_t;

//  Who hears; one of the two.
typedef struct _texts_ear_t {
    br_text_fn *text;
    br_call_fn *call;
    void *arg;
} texts_ear_t;

typedef struct _texts_teller_t {
    const uint8_t *bytes; //  borrowed; all offsets count from here
    texts_of_t of;
    bool parted;        //  answers have pieces, too
    texts_ends_t *ends; //  borrowed: the first walk over an event; else NULL
    texts_ear_t ear;    //  none in that walk
} texts_teller_t;

//  Whether pieces of a text can be there.
bool texts_teller_has_pieces (const texts_teller_t *self);

//  The channel of strings there; 0 = they are whole.
uint64_t texts_teller_channel (const texts_teller_t *self, const texts_spot_t *spot);

//  Values. in: call, what it says of a call, where the ear wants calls; at, size, bytes
//  ret:  0, or what the ear returned
int texts_teller_string (const texts_teller_t *self, const texts_spot_t *spot,
                         texts_call_t call, size_t at, size_t size);
int texts_teller_key (const texts_teller_t *self, const texts_spot_t *spot, size_t at,
                      size_t size);

//  A number or a literal, which is at most arguments of a call.
int texts_teller_scalar (const texts_teller_t *self, const texts_spot_t *spot,
                         texts_call_t call, size_t at, size_t size);

//  An object or array that was not walked. An empty one says nothing.
int texts_teller_crossed (const texts_teller_t *self, const texts_spot_t *spot,
                          texts_call_t call, size_t at, size_t size);

#endif
