//  embeddings: texts as numbers, asked for in OpenAI's words or in Google's, and carried
//  to a provider of the other: a call is read once, its request written, and its answer
//  said in the client's words.

#ifndef BR_EMBEDDINGS_H
#define BR_EMBEDDINGS_H

#include "broker/core/buf.h"
#include "broker/core/error.h"
#include "broker/proto/surface.h"
#include "broker/proto/usage.h"

#define EMBEDDINGS_ANSWER_MAX (64u << 20) //  bytes of an answer, read or written

typedef struct _embeddings_t embeddings_t;

//  in:   client, BR_SURFACE_EMBEDDINGS, _GOOGLE_EMBED or _GOOGLE_EMBEDS; body, borrowed
//        until destroy
//  err:  BR_EINVALID, with the path of the offending member
//  "caller destroys"
embeddings_t *embeddings_new (br_surface_t client, const void *body, size_t size,
                              br_error_t *reterr);
void embeddings_destroy (embeddings_t **self_p);

//  In which surface a provider of the other protocol is asked for it; BR_SURFACE_NONE for
//  what is no embedding.
br_surface_t embeddings_other (br_surface_t client);

//  Writes the provider's request. model: the provider's name of it
void embeddings_write_request (const embeddings_t *self, const char *model,
                               br_buf_t *out);

//  The value of x-bitrouter-warnings, or "". "owned by self"
const char *embeddings_warnings (embeddings_t *self);

//  Writes the client's answer. What the provider does not tell of its usage is estimated
//  for the client, and not known to us.
//  err:  BR_EUPINVALID the provider's makes no sense
int embeddings_write_answer (const embeddings_t *self, const char *model,
                             const void *bytes, size_t size, br_buf_t *out,
                             br_usage_t *ret_usage, br_error_t *reterr);

#endif
