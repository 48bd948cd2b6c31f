//  upstream_words: what a provider of another protocol says in the body of an error, so
//  that the client hears it in the shape of its own: the message, and what it tells of
//  limits.

#ifndef BR_UPSTREAM_WORDS_H
#define BR_UPSTREAM_WORDS_H

#include "actors/upstream/upstream_endpoint.h"
#include "actors/upstream/upstream_failure.h"

#define UPSTREAM_WORDS_MAX 384 //  bytes of a message, with its end

typedef struct _upstream_words_t {
    char text[UPSTREAM_WORDS_MAX]; //  the message, cut, in one line; "" = none
    bool is_context;               //  the request is longer than the model's window
    bool is_auth;                  //  the credential is bad, whatever the status says
    uint32_t retry_s;              //  seconds to wait, rounded up; 0 = not said
} upstream_words_t;

//  Reads a body; what is none gives nothing. Credentials of the endpoint are masked, in
//  place.
upstream_words_t upstream_words_read (const upstream_endpoint_t *endpoint, uint8_t *bytes,
                                      size_t size);

//  What the failure is, now that the words are known.
void upstream_words_judge (const upstream_words_t *self, upstream_failure_t *failure);

//  The text for a client of this protocol.
void upstream_words_tell (const upstream_words_t *self, br_protocol_t client,
                          const char *provider, const upstream_failure_t *failure,
                          br_error_t *ret_text);

#endif
