//  weight: how much input the body of a request can be at the most, in what tokens are
//  counted of: text, images, sound, and what cannot be weighed at all. Where cargo.h
//  guesses, this is an upper bound: what is not known to be media counts as text.

#ifndef BR_WEIGHT_H
#define BR_WEIGHT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "broker/proto/protocol.h"

#define BR_WEIGHT_DEPTH 32 //  levels of a body that are told apart; deeper ones are text

typedef struct _br_weight_t {
    uint64_t text;   //  bytes of the body without media: at least as many as its tokens
    uint64_t images; //  count
    uint64_t sound;  //  bytes in base64
    bool endless;    //  holds a file, or refers to what is kept elsewhere, or has the
                     //  provider fetch it
} br_weight_t;

//  in:   body, whole JSON that was checked. Other bytes are a text of so many bytes.
br_weight_t br_weight_of (br_protocol_t wire, const void *body, size_t size);

#endif
