//  transcript: what was said, in words that do not depend on where or when. One is kept
//  of answers as clients see them, one of the bus.
//
//  A hash is the first 16 digits of the SHA-256 of a body in which the mock's times of
//  sending (@ and digits) are zeros. Of the bus, messages of calls alone are kept, each
//  link (sender and receiver) by itself and in order, with these liberties, since they
//  depend on how bytes were cut on their way:
//    - the bodies of an attempt's reply.head and reply.delta are told as one sum;
//    - reply.credit is left out, and so is call.intent, which only calls that take longer
//      than a tick of the router have;
//    - a call.settle or call.settled that is asked again is told once.

#ifndef TRANSCRIPT_H
#define TRANSCRIPT_H

#include <stdio.h>

#include "tests/place/client.h"

typedef struct _transcript_t transcript_t;

//  Listens to the events of the bus. NULL when that fails. "caller destroys"
transcript_t *transcript_new (const char *run_dir);
void transcript_destroy (transcript_t **self_p);

//  Takes events until one says that the call with this request id is settled. 0, or -1
//  after timeout_ms.
int transcript_await_settled (transcript_t *self, const char *id, unsigned timeout_ms);

//  Whether a message of this verb to this actor was seen for the call of a request.
bool transcript_saw (const transcript_t *self, const char *id, const char *verb,
                     const char *to);

//  Takes events for some milliseconds.
void transcript_take (transcript_t *self, unsigned timeout_ms);

//  The bus, as far as it concerns the call of a request.
void transcript_print_bus (const transcript_t *self, const char *id, FILE *out);

//  How an answer looks to its client: status, end, headers without dates,
//  ids and times, hash.
void transcript_print_answer (client_t *client, FILE *out);

//  "caller frees"
char *transcript_hash (client_t *client);

#endif
