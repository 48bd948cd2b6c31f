//  idempotency_answer: bytes are copied, since a reference to a small piece may hold a large
//  message: what an answer costs is what its bound says.

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "actors/idempotency/idempotency_answer.h"
#include "broker/core/alloc.h"
#include "broker/core/buf.h"

struct _idempotency_answer_t {
    unsigned references;
    //  ---- its head
    unsigned status;   //  0 = it has none
    char *block;       //  one block for the texts below; owned
    size_t block_size; //  bytes
    const char *content_type;
    const char *provider;
    const char *model;
    const char *guard_rules;
    uint64_t guard_said;
    br_bytes_t headers;
    //  ---- its body
    br_buf_t held;   //  while it is recorded
    br_blob_t *body; //  once it is sealed, or NULL
    bool spoilt;
};

idempotency_answer_t *
idempotency_answer_new (size_t max)
{
    idempotency_answer_t *self = BR_NEW (idempotency_answer_t);
    self->references = 1;
    br_buf_init (&self->held, max);
    return self;
}

idempotency_answer_t *
idempotency_answer_ref (idempotency_answer_t *self)
{
    self->references++;
    return self;
}

void
idempotency_answer_destroy (idempotency_answer_t **self_p)
{
    if (!self_p || !*self_p)
        return;
    idempotency_answer_t *self = *self_p;
    *self_p = NULL;
    if (--self->references)
        return;
    br_blob_destroy (&self->body);
    br_buf_free (&self->held);
    free (self->block);
    free (self);
}

static const char *
s_copy (char **at, const char *text)
{
    size_t size = strlen (text) + 1;
    char *copy = memcpy (*at, text, size);
    *at += size;
    return copy;
}

void
idempotency_answer_head (idempotency_answer_t *self, const struct br_idem_head *head)
{
    if (self->spoilt)
        return;
    self->block_size = strlen (head->content_type) + strlen (head->provider)
                       + strlen (head->model) + strlen (head->guard_rules) + 4
                       + head->headers.size;
    free (self->block);
    char *at = self->block = br_realloc (NULL, self->block_size);
    self->content_type = s_copy (&at, head->content_type);
    self->provider = s_copy (&at, head->provider);
    self->model = s_copy (&at, head->model);
    self->guard_rules = s_copy (&at, head->guard_rules);
    self->guard_said = head->guard_said;
    if (head->headers.size)
        memcpy (at, head->headers.data, head->headers.size);
    self->headers = (br_bytes_t) { (const uint8_t *) at, head->headers.size };
    bool good = head->status >= 200 && head->status <= 299;
    self->status = good ? (unsigned) head->status : 0;
}

void
idempotency_answer_spoil (idempotency_answer_t *self)
{
    br_buf_free (&self->held);
    free (self->block);
    self->block = NULL;
    self->block_size = 0;
    self->spoilt = true;
}

void
idempotency_answer_part (idempotency_answer_t *self, const br_blob_t *body)
{
    if (self->spoilt || !br_blob_size (body))
        return;
    if (br_buf_add (&self->held, br_blob_data (body), br_blob_size (body)))
        idempotency_answer_spoil (self);
}

bool
idempotency_answer_seal (idempotency_answer_t *self)
{
    assert (!self->body);
    if (!self->status || self->spoilt)
        return false;
    size_t size;
    uint8_t *data = br_buf_take (&self->held, &size);
    if (data)
        self->body = br_blob_take (br_realloc (data, size), size);
    return true;
}

size_t
idempotency_answer_bytes (const idempotency_answer_t *self)
{
    return self->block_size + self->held.size + br_blob_size (self->body);
}

void
idempotency_answer_show (const idempotency_answer_t *self, struct br_reply_head *head)
{
    head->status = self->status;
    head->content_type = self->content_type;
    head->headers = self->headers;
    head->provider = self->provider;
    head->model = self->model;
    head->guard_rules = self->guard_rules;
    head->guard_said = self->guard_said;
}

br_blob_t *
idempotency_answer_body (const idempotency_answer_t *self)
{
    return self->body;
}
