//  upstream_pass: the body of a request to a provider of the client's own protocol.

#include "broker/proto/amend.h"
#include "broker/proto/call.h"
#include "broker/proto/unseal.h"
#include "actors/upstream/upstream_pass.h"

//  Of a talk of the kind that tells usage in streams only when it is asked.
static bool
s_streams_chat (const struct br_attempt_start *start, const br_surface_row_t *row)
{
    return start->stream && row->kind == BR_SURFACE_TALK
           && (row->wire == BR_PROTOCOL_CHAT || row->wire == BR_PROTOCOL_COMPLETIONS);
}

static bool
s_is_bounded (const struct br_attempt_start *start, const br_surface_row_t *row)
{
    return start->max_output && row->kind == BR_SURFACE_TALK;
}

//  What holds a conversation, and so may hold envelopes. The look is a quick one.
static bool
s_may_hold (const struct br_attempt_start *start, const br_surface_row_t *row,
            const br_blob_t *body)
{
    bool talks = row->kind == BR_SURFACE_TALK || row->kind == BR_SURFACE_TOKENS
                 || start->surface == BR_SURFACE_RESPONSES_COMPACT;
    return talks && row->wire != BR_PROTOCOL_COMPLETIONS
           && br_envelope_may_be_in (br_blob_data (body), br_blob_size (body));
}

bool
upstream_pass_is_due (const br_msg_t *msg)
{
    const struct br_attempt_start *start = br_msg_fields (msg);
    const br_surface_row_t *row = br_surface_row ((unsigned) start->surface);
    return s_streams_chat (start, row) || s_is_bounded (start, row)
           || s_may_hold (start, row, msg->body);
}

//  ---- what we have to say

typedef struct {
    const struct br_attempt_start *start;
    const br_surface_row_t *row;
    const br_target_t *target;
    br_unseal_model_t model; //  where the text still names the client's
    br_splice_t *splice;
    br_arena_t *arena;
} amending_t;

//  No more than the model has: it would refuse that.
static uint64_t
s_bound (const amending_t *self)
{
    uint64_t most = self->target->max_output;
    return most && most < self->start->max_output ? most : self->start->max_output;
}

//  Completions are of Chat's hosts.
static bool
s_refuses_options (const br_target_t *target)
{
    return br_dialect_of (BR_PROTOCOL_CHAT, target->provider, target->model)
        ->no_stream_options;
}

static int
s_amend (amending_t *self, br_text_t text, bool *ret_hides, br_error_t *reterr)
{
    bool asked = true;
    if (s_streams_chat (self->start, self->row) && !s_refuses_options (self->target)
        && br_amend_usage (text, self->splice, &asked, reterr))
        return -1;
    if (s_is_bounded (self->start, self->row)
        && br_amend_max_output (self->target, text, s_bound (self), self->splice,
                                self->arena, reterr))
        return -1;
    *ret_hides = !asked;
    return 0;
}

//  ret:  1, or 0 when there is nothing to say
static int
s_write (amending_t *self, br_text_t text, bool *ret_hides, br_buf_t *out,
         br_error_t *reterr)
{
    if (s_amend (self, text, ret_hides, reterr))
        return -1;
    if (br_splice_count (self->splice) == 0)
        return 0;
    br_buf_t name;
    br_buf_init (&name, BR_CALL_BYTES_MAX);
    if (self->model.size) {
        br_text_t model = br_text (self->target->model);
        (void) br_buf_add_json (&name, model.at, model.size);
        br_splice_put (self->splice, self->model.at, self->model.size,
                       (br_text_t) { (const char *) name.data, name.size });
    }
    int rc = br_splice_write (self->splice, out, reterr);
    br_buf_free (&name);
    return rc ? -1 : 1;
}

static int
s_say (amending_t *self, br_text_t text, bool *ret_hides, br_buf_t *out,
       br_error_t *reterr)
{
    self->splice = br_splice_new (text);
    self->arena = br_arena_new ();
    int rc = s_write (self, text, ret_hides, out, reterr);
    br_splice_destroy (&self->splice);
    br_arena_destroy (&self->arena);
    return rc;
}

//  ---- public

static br_blob_t *
s_take (br_buf_t *body)
{
    size_t size;
    uint8_t *data = br_buf_take (body, &size);
    return br_blob_take (data, size);
}

int
upstream_pass_write (const br_msg_t *msg, const br_target_t *target, br_buf_t *lost_words,
                     br_blob_t **ret_body, bool *ret_hides, br_error_t *reterr)
{
    const struct br_attempt_start *start = br_msg_fields (msg);
    amending_t self = { .start = start, .target = target };
    self.row = br_surface_row ((unsigned) start->surface);
    self.model = (br_unseal_model_t) { (size_t) start->model_at,
                                       (size_t) start->model_size };
    br_text_t text = { (const char *) br_blob_data (msg->body),
                       br_blob_size (msg->body) };
    br_buf_t unsealed;
    br_buf_t said;
    br_buf_init (&unsealed, BR_CALL_BYTES_MAX);
    br_buf_init (&said, BR_CALL_BYTES_MAX);
    bool hides = false;
    int rc = 0;
    if (s_may_hold (start, self.row, msg->body))
        rc = br_unseal (target, text, self.model, &unsealed, lost_words, reterr);
    if (rc > 0) {
        text = (br_text_t) { (const char *) unsealed.data, unsealed.size };
        self.model.size = 0;
    }
    if (rc >= 0)
        rc = s_say (&self, text, &hides, &said, reterr);
    if (rc >= 0) {
        *ret_body = said.size       ? s_take (&said)
                    : unsealed.size ? s_take (&unsealed)
                                    : NULL;
        *ret_hides = hides;
    }
    br_buf_free (&said);
    br_buf_free (&unsealed);
    return rc < 0 ? -1 : 0;
}
