//  mock_peek: the two members of a request's body that the mock provider looks at.

#ifndef MOCK_PEEK_H
#define MOCK_PEEK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MOCK_MODEL_MAX 256 //  bytes of a model's name, with its end

typedef struct _mock_peek_t {
    char model[MOCK_MODEL_MAX]; //  as written, escapes and all; "" = none
    bool stream;
} mock_peek_t;

//  Finds the top-level members model and stream. Bodies that are no JSON object give
//  an empty answer.
void mock_peek (mock_peek_t *self, const uint8_t *body, size_t size);

//  The same from the path of a protocol that keeps both there:
//  /v1beta/models/NAME:streamGenerateContent; %2F and the like are decoded. Other paths
//  change nothing.
void mock_peek_path (mock_peek_t *self, const char *path);

#endif
