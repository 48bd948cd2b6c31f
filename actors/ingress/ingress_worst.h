//  ingress_worst: what a call may cost at the worst, before it is made: an upper bound of
//  its input at the dearest rate of the dearest candidate, and of its output.
//
//  Input: a token has at least one byte, so that text counts its bytes. An image counts
//  INGRESS_WORST_IMAGE, sound a token for each two bytes of base64. What nobody can weigh
//  from here, files and what is only referred to (an earlier answer, a stored file),
//  counts the model's whole window, and with an unknown one INGRESS_WORST_WINDOW. All
//  media together count no more than that window.

#ifndef BR_INGRESS_WORST_H
#define BR_INGRESS_WORST_H

#include <stdbool.h>

#include "actors/ingress/ingress_offers.h"
#include "broker/core/msg.h"
#include "broker/proto/request.h"
#include "broker/proto/surface.h"

#define INGRESS_WORST_IMAGE 16384 //  tokens of an image; the dearest scale them to this
#define INGRESS_WORST_WINDOW 1048576 //  tokens of a window that no catalogue knows
#define INGRESS_WORST_TOOLS 1024     //  tokens that a provider adds of its own for tools
#define INGRESS_WORST_OUTPUT 131072  //  tokens of output, when no catalogue knows them
#define INGRESS_WORST_LEAST 64       //  tokens of output that a call can do with

//  All is borrowed.
typedef struct _ingress_worst_ask_t {
    br_surface_t surface;
    const request_t *request; //  its model is the name of the route
    const void *body;
    size_t body_size;             //  bytes
    const uint64_t *input_tokens; //  somebody has counted them; NULL: the body tells
    br_bytes_t candidates;        //  see broker/proto/candidates.h
} ingress_worst_ask_t;

//  What budget.ask has of it.
typedef struct _ingress_worst_t {
    bool unpriced;         //  a candidate has no price: what follows is of the others
    uint64_t input_tokens; //  of the candidate that counts the most
    int64_t fixed_nusd;    //  the input, nano-USD
    int64_t output_rate;   //  nano-USD per million tokens
    uint64_t
        output_tokens; //  that it may want: the client's maximum, else the greatest of
                       //  the candidates; of all choices together
    uint64_t choices;  //  answers that it asks for, count, at least 1
    uint64_t output_least; //  that it can do with: all, when the client chose them,
                           //  or nobody can tell the provider of fewer
} ingress_worst_t;

//  Tokens of an answer at the most: what the catalogue says, else the window, up to
//  INGRESS_WORST_OUTPUT.
uint64_t ingress_worst_output (const ingress_offer_t *offer);

void ingress_worst_find (const ingress_offers_t *offers, const ingress_worst_ask_t *ask,
                         ingress_worst_t *ret_worst);

//  All of it: the input, and so many tokens of output. At most INT64_MAX.
int64_t ingress_worst_nusd (const ingress_worst_t *self);

#endif
