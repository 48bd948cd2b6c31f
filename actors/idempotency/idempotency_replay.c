//  idempotency_replay: a head with the first bytes, then pieces, then the end. A word counts
//  as said only once it was sent.

#include "actors/idempotency/idempotency_replay.h"

#define ATTEMPT 1 //  a replay has no other

void
idempotency_replay_init (idempotency_replay_t *self, br_ctx_t *ctx, br_addr_t to,
                         br_id_t call, idempotency_answer_t *answer)
{
    *self = (idempotency_replay_t) { .ctx = ctx, .to = to, .call = call };
    self->answer = idempotency_answer_ref (answer);
    self->credit = BR_CREDIT_WINDOW;
}

void
idempotency_replay_free (idempotency_replay_t *self)
{
    idempotency_answer_destroy (&self->answer);
}

static int
s_send (idempotency_replay_t *self, br_verb_t verb, const void *fields, br_blob_t *body)
{
    int rc = br_ctx_send (self->ctx, self->to, verb, self->call, ATTEMPT, fields, body);
    if (rc)
        return -1;
    self->seq++;
    self->upto += br_blob_size (body);
    return 0;
}

//  The next bytes, or NULL when there are none. "caller destroys"
static br_blob_t *
s_piece (const idempotency_replay_t *self)
{
    br_blob_t *body = idempotency_answer_body (self->answer);
    size_t left = br_blob_size (body) - (size_t) self->upto;
    if (!left)
        return NULL;
    size_t size = left < BR_CREDIT_PIECE ? left : BR_CREDIT_PIECE;
    return br_blob_part (body, (size_t) self->upto, size);
}

static int
s_send_piece (idempotency_replay_t *self, br_blob_t *piece)
{
    uint64_t upto = self->upto + br_blob_size (piece);
    if (self->seq) {
        struct br_reply_delta delta = { .seq = self->seq, .upto = upto };
        return s_send (self, BR_REPLY_DELTA, &delta, piece);
    }
    struct br_reply_head head = { .upto = upto };
    idempotency_answer_show (self->answer, &head);
    return s_send (self, BR_REPLY_HEAD, &head, piece);
}

idempotency_flow_t
idempotency_replay_flow (idempotency_replay_t *self)
{
    for (;;) {
        br_blob_t *piece = s_piece (self);
        if (!piece && self->seq)
            break;
        if (piece && self->upto >= self->credit) {
            br_blob_destroy (&piece);
            return IDEMPOTENCY_CREDIT;
        }
        int rc = s_send_piece (self, piece);
        br_blob_destroy (&piece);
        if (rc)
            return IDEMPOTENCY_BLOCKED;
    }
    struct br_reply_end end = { .seq = self->seq }; //  usage is the first call's
    return s_send (self, BR_REPLY_END, &end, NULL) ? IDEMPOTENCY_BLOCKED
                                                   : IDEMPOTENCY_SAID;
}

bool
idempotency_replay_credit (idempotency_replay_t *self, uint64_t upto)
{
    if (upto <= self->credit)
        return false;
    self->credit = upto;
    return true;
}
