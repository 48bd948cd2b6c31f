//  token_count: how many tokens a request has, as the protocols that can count tell it,
//  and an estimate where nobody counts. Chat Completions has no word for it.

#ifndef BR_TOKEN_COUNT_H
#define BR_TOKEN_COUNT_H

#include "broker/proto/call.h"

//  Reads a provider's answer.
//  err:  BR_EUPINVALID it tells no count
int token_count_read (br_protocol_t provider, const void *bytes, size_t size,
                      uint64_t *ret_tokens, br_error_t *reterr);

//  Writes the answer to a client.
void token_count_write (br_protocol_t client, uint64_t tokens, br_buf_t *out);

//  About how many tokens a client's request has: a token for 3.5 bytes of text, rounded
//  up; images and other media count nothing.
//  in:   body, the request, JSON
//  err:  BR_EINVALID, as a codec refuses a call
int token_count_estimate (br_protocol_t client, const void *body, size_t size,
                          uint64_t *ret_tokens, br_error_t *reterr);

#endif
