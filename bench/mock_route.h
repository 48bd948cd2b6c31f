//  mock_route: what a request's method and path ask the mock provider for, and in which
//  of the four protocols.

#ifndef MOCK_ROUTE_H
#define MOCK_ROUTE_H

#include "bench/mock_request.h"

typedef enum {
    MOCK_CHAT,      //  OpenAI Chat Completions
    MOCK_RESPONSES, //  OpenAI Responses
    MOCK_MESSAGES,  //  Anthropic Messages
    MOCK_GOOGLE,    //  Google generateContent
    MOCK_PROTOCOLS
} mock_protocol_t;

typedef enum {
    MOCK_NOWHERE, //  no such path
    MOCK_HEALTH,
    MOCK_MODELS,
    MOCK_ANSWER, //  of a model
    MOCK_COUNT,  //  of tokens
    MOCK_EMBED,
    MOCK_EMBED_BATCH, //  Google's, with its own shape
    MOCK_CALLS_LAST,  //  what the mock received last
    MOCK_CALLS_ALL,
    MOCK_CALLS_FORGET
} mock_action_t;

typedef enum {
    MOCK_PLAIN, //  one JSON body
    MOCK_SSE,
    MOCK_ARRAY //  Google's stream without alt=sse: one JSON array, bit by bit
} mock_form_t;

typedef struct _mock_route_t {
    mock_protocol_t protocol;
    mock_action_t action;
    mock_form_t form;
} mock_route_t;

void mock_route (mock_route_t *self, const mock_request_t *request);

#endif
