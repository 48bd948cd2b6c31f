//  conversation: what tells one conversation of a client from another, as one number, so
//  that its calls can stay with one endpoint, where their beginning is cached.

#ifndef BR_CONVERSATION_H
#define BR_CONVERSATION_H

#include <stddef.h>
#include <stdint.h>

#include "broker/proto/request.h"

#define BR_CONVERSATION_LOOK (256u << 10) //  bytes of the turns that are looked through
#define BR_CONVERSATION_MAX (64u << 10)   //  bytes of a turn that count

//  The first of these that is there: session; prompt_cache_key; conversation, or its id;
//  previous_response_id; metadata's user_id; the first turn of the user. Of a turn only the
//  contents count, not their types and marks of caches, which clients change on the way.
//  in:   caller, an account or an address; session, the client's own id of it, or NULL;
//        request, that was read from bytes
//  ret:  a hash of caller and conversation, the same in every process; 0 when nothing tells
//        the conversation
uint64_t br_conversation_hash (const char *caller, const char *session,
                               const request_t *request, const void *bytes, size_t size);

#endif
