//  ingress_speech: what the machine of a call makes an exchange say, to its client over HTTP
//  and to its peers on the bus; with our own headers in front.

#ifndef BR_INGRESS_SPEECH_H
#define BR_INGRESS_SPEECH_H

#include "actors/ingress/ingress_answer.h"
#include "actors/ingress/ingress_self.h"

//  Its arg is the exchange.
extern const ingress_out_t ingress_speech;

//  Answers with an error of our own; of a call that the machine does not have. HTTP may be
//  done with the exchange when this returns.
void ingress_speech_refuse (ingress_exchange_t *x, const br_error_t *error);

#endif
