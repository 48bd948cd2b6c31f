//  mock_recall: what the mock provider received, for a test to read back. Threads share
//  it.

#ifndef MOCK_RECALL_H
#define MOCK_RECALL_H

#include "bench/mock_request.h"
#include "broker/core/buf.h"

#define MOCK_RECALL_MAX 1024 //  requests that are kept, at the most

typedef struct _mock_recall_t mock_recall_t;

//  Keeps the last count requests, 1 to MOCK_RECALL_MAX. "caller destroys"
mock_recall_t *mock_recall_new (int count);
void mock_recall_destroy (mock_recall_t **self_p);

//  head: the request's first bytes, request->head_size of them.
void mock_recall_add (mock_recall_t *self, const mock_request_t *request,
                      const uint8_t *head);

//  Appends the newest as a JSON object: method, path, model, headers (names in lower
//  case; what came twice is joined by ", "), body (text). Returns 0, or -1 without one.
int mock_recall_last (mock_recall_t *self, br_buf_t *out);

//  Appends all as a JSON array, oldest first.
void mock_recall_all (mock_recall_t *self, br_buf_t *out);

void mock_recall_forget (mock_recall_t *self);

#endif
