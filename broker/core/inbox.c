//  inbox: large messages of one peer, put together from their parts. The memory grows as
//  bytes really arrive, so that a size that lies costs nothing.

#include <stdlib.h>
#include <string.h>

#include "broker/core/alloc.h"
#include "broker/core/inbox.h"

typedef struct _partial_t {
    struct _partial_t *next;
    uint32_t number;
    br_msg_t *msg; //  owned
    br_buf_t body; //  what has arrived
    size_t size;   //  bytes that it will have
} partial_t;

struct _br_inbox_t {
    partial_t *first;
    size_t count;
};

br_inbox_t *
br_inbox_new (void)
{
    return BR_NEW (br_inbox_t);
}

static void
s_partial_destroy (partial_t *partial)
{
    br_msg_destroy (&partial->msg);
    br_buf_free (&partial->body);
    free (partial);
}

void
br_inbox_destroy (br_inbox_t **self_p)
{
    if (!self_p || !*self_p)
        return;
    while ((*self_p)->first) {
        partial_t *partial = (*self_p)->first;
        (*self_p)->first = partial->next;
        s_partial_destroy (partial);
    }
    free (*self_p);
    *self_p = NULL;
}

static partial_t **
s_find (br_inbox_t *self, uint32_t number)
{
    partial_t **at = &self->first;
    while (*at && (*at)->number != number)
        at = &(*at)->next;
    return at;
}

int
br_inbox_begin (br_inbox_t *self, uint32_t number, br_msg_t **msg_p, size_t body_size,
                br_error_t *reterr)
{
    if (*s_find (self, number) || self->count == BR_INBOX_TRANSFERS_MAX)
        return br_error_set (reterr, BR_EINVALID, "transfer %u: in use, or one too many",
                             number);
    partial_t *partial = BR_NEW (partial_t);
    partial->number = number;
    partial->msg = *msg_p;
    partial->size = body_size;
    br_buf_init (&partial->body, body_size);
    partial->next = self->first;
    self->first = partial;
    self->count++;
    *msg_p = NULL;
    return 0;
}

int
br_inbox_part (br_inbox_t *self, uint32_t number, const uint8_t *bytes, size_t size,
               br_msg_t **ret_msg, br_error_t *reterr)
{
    partial_t **at = s_find (self, number);
    partial_t *partial = *at;
    if (!partial)
        return br_error_set (reterr, BR_EINVALID, "part of unknown transfer %u", number);
    *ret_msg = NULL;
    int rc = br_buf_add (&partial->body, bytes, size);
    if (rc)
        return br_error_set (reterr, BR_EINVALID, "transfer %u: more bytes than told",
                             number);
    if (partial->body.size < partial->size)
        return 0;
    br_msg_t *msg = partial->msg;
    partial->msg = NULL;
    size_t whole;
    uint8_t *body = br_buf_take (&partial->body, &whole);
    msg->body = br_blob_take (body, whole);
    msg->bytes += whole;
    *at = partial->next;
    self->count--;
    s_partial_destroy (partial);
    *ret_msg = msg;
    return 0;
}
