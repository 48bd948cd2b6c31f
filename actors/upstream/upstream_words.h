//  upstream_words: what a provider says in the body of an error: what it means, the message,
//  so that a client of another protocol hears it in the shape of its own, and what it tells
//  of limits.

#ifndef BR_UPSTREAM_WORDS_H
#define BR_UPSTREAM_WORDS_H

#include "actors/upstream/upstream_endpoint.h"
#include "actors/upstream/upstream_failure.h"

#define UPSTREAM_WORDS_MAX 384 //  bytes of a message, with its end

typedef struct _upstream_words_t {
    char text[UPSTREAM_WORDS_MAX]; //  the message, cut, in one line; "" = none
    br_failure_t failure;          //  what they say beyond the status, or ..._NONE
    uint64_t retry_ms;             //  to wait, rounded up; 0 = not said
} upstream_words_t;

//  Reads a body, or the error in a stream of events; what is none gives nothing.
//  Credentials of the endpoint are masked, in place.
//  in:   status, HTTP, or what an error inside of a success stands for; 0 = unknown
upstream_words_t upstream_words_read (const upstream_endpoint_t *endpoint, uint8_t *bytes,
                                      size_t size, unsigned status);

//  The text for a client of this protocol.
void upstream_words_tell (const upstream_words_t *self, br_protocol_t client,
                          const char *provider, const upstream_failure_t *failure,
                          br_error_t *ret_text);

#endif
