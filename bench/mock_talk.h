//  mock_talk: the scripted conversation, for tests of clients and of translations.
//  Without tools it greets; with tools it reasons and asks for add {a:2,b:3} and multiply
//  {a:2,b:3} at once; when their results came, it names them. A request that the real
//  provider would refuse is answered with 400.
//
//  Tokens, in the normal form (input with cached, cached, output with reasoning,
//  reasoning): greeting 40 10 20 8, calls 120 100 60 25, results 200 150 30 5. Messages
//  says of the calls' 120 that 6 were written to the cache.

#ifndef MOCK_TALK_H
#define MOCK_TALK_H

#include "bench/mock_tape.h"
#include "bench/mock_turn.h"

//  One line of an answer: an event's payload, or a part of a plain body. In it ' stands
//  for ", and %M is the model, %T the text, %A and %B its halves, %N the event's number,
//  %0 to %2 an index that counts without reasoning from 0, with it from 1. %I is the
//  reasoning item of Responses, %R the same with a comma, or nothing without reasoning.
typedef struct _mock_line_t {
    int needs; //  bits of mock_need_t, all must be there
    const char *text;
} mock_line_t;

typedef enum {
    MOCK_GREETING,
    MOCK_CALLING,
    MOCK_TELLING,
    MOCK_SCENES
} mock_scene_t;

//  Lines of a scene; each list ends with a text of NULL.
typedef struct _mock_lines_t {
    const mock_line_t *plain;
    const mock_line_t *stream;
} mock_lines_t;

extern const mock_lines_t mock_lines_chat[MOCK_SCENES];
extern const mock_lines_t mock_lines_responses[MOCK_SCENES];
extern const mock_lines_t mock_lines_messages[MOCK_SCENES];
extern const mock_lines_t mock_lines_google[MOCK_SCENES];

//  The answer to a request for an answer. strict: reasoning must come back, byte for
//  byte. "caller destroys"
mock_tape_t *mock_talk_new (const mock_route_t *route, const mock_request_t *request,
                            bool strict);

//  The greeting, whatever the request asks for: for programs that bring tools and members
//  of their own and need an answer that ends their turn. "caller destroys"
mock_tape_t *mock_talk_greeting (const mock_route_t *route,
                                 const mock_request_t *request);

#endif
