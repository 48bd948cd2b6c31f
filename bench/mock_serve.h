//  mock_serve: what the mock provider answers beside the answers of models: lists of
//  models, counts of tokens, embeddings, and what it received.

#ifndef MOCK_SERVE_H
#define MOCK_SERVE_H

#include "bench/mock_recall.h"
#include "bench/mock_tape.h"

#define MOCK_COUNT_TOKENS 42 //  that any count answers

//  models: names, separated by commas; recall may be NULL. "caller destroys", or NULL
//  where the action is not one of these.
mock_tape_t *mock_serve_new (const mock_route_t *route, const mock_request_t *request,
                             const char *models, mock_recall_t *recall);

#endif
