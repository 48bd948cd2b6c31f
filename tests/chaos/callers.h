//  callers: clients that call without a pause, half of them for streams, and judge each
//  answer by itself. What comes of all calls is their tally's.

#ifndef CALLERS_H
#define CALLERS_H

#include "tests/chaos/tally.h"

typedef struct _callers_t callers_t;

//  Call number N has the id storm-N and asks for a model of the provider "one" that ends
//  with -tagN. The tally is borrowed. They rest until told. "caller destroys", which
//  waits for calls under way.
callers_t *callers_new (tally_t *tally);
void callers_destroy (callers_t **self_p);

//  Goes on at this port up to that number of calls in all.
void callers_go (callers_t *self, unsigned port, unsigned until);

//  Whether they are through with those.
bool callers_are_done (const callers_t *self);

//  Calls so far, count.
unsigned callers_count (const callers_t *self);

//  Makes no more calls, and waits for those under way.
void callers_rest (callers_t *self);

#endif
