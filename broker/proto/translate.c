//  translate: one call between a client of one protocol and a provider of another.
//
//  The client's bytes become a canonical call once, and a body for each provider that is
//  asked in turn. Each time the way of the answer is set up anew.

#include <assert.h>
#include <inttypes.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "broker/core/alloc.h"
#include "broker/proto/field.h"
#include "broker/proto/messages/messages_codec.h"
#include "broker/proto/translate.h"
#include "broker/proto/translate_answer.h"
#include "broker/proto/translate_join.h"

#define THINKING_MIN 1024 //  tokens of a budget; src: Anthropic's guide to thinking
#define OUTPUT_MIN 16     //  tokens; src: OpenAI's reference of Responses

struct _br_translate_t {
    const br_codec_t *client;
    br_blob_t *body;
    json_tree_t *tree; //  of the body; the call's texts are in both
    br_call_t *call;
    bool settled;
    br_loss_t *settling; //  losses of settling the turns
    br_loss_t *losses;   //  all of them, of the last target
    br_buf_t warnings;
    char id[BR_RESUME_ID_SIZE + 1];
    br_asked_t asked;
    translate_sides_t sides;
    translate_answer_t *answer; //  NULL before a provider is asked
    bool recording;
    br_resume_t *record; //  of this answer; NULL when it cannot be gone on with
    br_resume_t *told;   //  by an answer that was cut, or NULL
    bool prefilled;      //  the call ends with the text of that
    size_t blanks;       //  bytes at the end of that text
    uint64_t bound;      //  tokens of output at the most; 0 = as the client says
    tap_result_t nothing;
};

static void
s_make_id (br_translate_t *self, const char *request_id)
{
    uint8_t hash[crypto_generichash_BYTES_MIN];
    char hex[2 * sizeof hash + 1];
    crypto_generichash (hash, sizeof hash, (const uint8_t *) request_id,
                        strlen (request_id), NULL, 0);
    sodium_bin2hex (hex, sizeof hex, hash, sizeof hash);
    memcpy (self->id, hex, BR_RESUME_ID_SIZE);
}

static int
s_read (br_translate_t *self, br_error_t *reterr)
{
    const json_node_t *root = json_tree_parse (self->tree, br_blob_data (self->body),
                                               br_blob_size (self->body), reterr);
    if (!root)
        return -1;
    if (root->type != JSON_OBJECT)
        return br_error_set (reterr, BR_EINVALID,
                             "the body is %s where an object is wanted",
                             json_type_name (root->type));
    const br_call_t *call = self->call;
    if (self->client->read_call (self->call, self->tree, root, reterr))
        return -1;
    if (call->turns || call->system || call->previous_id.size)
        return 0;
    return br_error_set (reterr, BR_EINVALID, "%s is missing; it must hold a message",
                         br_field_name (BR_FIELD_MESSAGES, call->protocol));
}

//  A protocol that names them in the path has nothing of the kind in the body.
static void
s_set_path (br_translate_t *self, const char *path_model, bool path_stream)
{
    if (!path_model)
        return;
    self->call->model = br_arena_text (self->call->arena, br_text (path_model));
    self->call->stream = path_stream;
}

static br_translate_t *
s_new (br_protocol_t client, br_blob_t *body)
{
    br_translate_t *self = BR_NEW (br_translate_t);
    self->client = br_codec_of (client);
    self->body = br_blob_ref (body);
    self->tree = json_tree_new ();
    self->call = br_call_new (client);
    br_buf_init (&self->warnings, BR_LOSS_LINE_MAX + 1);
    return self;
}

br_translate_t *
br_translate_new (br_protocol_t client, br_blob_t *body, const char *path_model,
                  bool path_stream, const char *request_id, uint64_t now,
                  br_error_t *reterr)
{
    br_translate_t *self = s_new (client, body);
    s_make_id (self, request_id ? request_id : "");
    s_set_path (self, path_model, path_stream);
    if (s_read (self, reterr)) {
        br_translate_destroy (&self);
        return NULL;
    }
    s_set_path (self, path_model, path_stream);
    self->asked = (br_asked_t) {
        .call = self->call, .model = self->call->model, .id = self->id, .now = now
    };
    return self;
}

br_translate_t *
br_translate_new_count (br_protocol_t client, br_blob_t *body, const char *path_model,
                        br_error_t *reterr)
{
    br_translate_t *self = s_new (client, body);
    self->call->count_only = true;
    s_set_path (self, path_model, false);
    if (s_read (self, reterr)) {
        br_translate_destroy (&self);
        return NULL;
    }
    self->call->stream = false;
    self->asked = (br_asked_t) { .call = self->call,
                                 .model = self->call->model,
                                 .id = self->id };
    return self;
}

void
br_translate_destroy (br_translate_t **self_p)
{
    if (!self_p || !*self_p)
        return;
    br_translate_t *self = *self_p;
    translate_answer_destroy (&self->answer);
    br_resume_destroy (&self->record);
    br_resume_destroy (&self->told);
    br_buf_free (&self->warnings);
    br_call_destroy (&self->call);
    json_tree_destroy (&self->tree);
    br_blob_destroy (&self->body);
    free (self);
    *self_p = NULL;
}

//  ---- going on with a cut answer

static bool
s_can_go_on (const br_translate_t *self)
{
    const br_call_t *call = self->call;
    bool several = call->n.raw.at && call->n.value > 1;
    return call->stream && !several && call->format == BR_FORMAT_TEXT;
}

void
br_translate_record (br_translate_t *self)
{
    self->recording = true;
}

bool
br_translate_resumable (const br_translate_t *self)
{
    return self->record && !br_resume_is_spoilt (self->record);
}

int
br_translate_resume_take (const br_translate_t *self, br_buf_t *out)
{
    return self->record ? br_resume_write (self->record, out) : -1;
}

static size_t
s_count_blanks (br_text_t text)
{
    size_t count = 0;
    while (count < text.size && (unsigned char) text.at[text.size - count - 1] <= ' ')
        count++;
    return count;
}

//  The answer is the one that was cut in all that it calls itself.
static void
s_go_on (br_translate_t *self)
{
    memcpy (self->id, br_resume_id (self->told), BR_RESUME_ID_SIZE);
    self->asked.now = br_resume_now (self->told);
    if (br_resume_is_empty (self->told)) {
        br_resume_destroy (&self->told);
        return;
    }
    br_text_t text = br_resume_text (self->told);
    self->prefilled = translate_join_call (self->call, text);
    self->blanks = self->prefilled ? s_count_blanks (text) : 0;
}

int
br_translate_resume (br_translate_t *self, const void *bytes, size_t size,
                     br_error_t *reterr)
{
    assert (!self->told && !self->settled);
    self->told = br_resume_read (bytes, size, reterr);
    if (!self->told)
        return -1;
    if (br_resume_client (self->told) != self->client->protocol || !s_can_go_on (self)) {
        br_resume_destroy (&self->told);
        return br_error_set (reterr, BR_EINVALID,
                             "the state of an answer belongs to another call");
    }
    s_go_on (self);
    return 0;
}

static br_resume_t *
s_new_record (const br_translate_t *self)
{
    if (!self->recording || !s_can_go_on (self))
        return NULL;
    return self->told ? br_resume_copy (self->told)
                      : br_resume_new (self->client->protocol, self->id, self->asked.now);
}

//  ---- the request

static void
s_add_losses (br_translate_t *self, const br_loss_t *list)
{
    for (; list; list = list->next)
        br_loss_add (&self->losses, self->call->arena, list->field, list->changed);
}

static void
s_settle (br_translate_t *self)
{
    if (!self->settled)
        br_call_settle_turns (self->call, &self->settling);
    self->settled = true;
    self->losses = NULL;
    s_add_losses (self, self->call->extras);
    s_add_losses (self, self->settling);
}

static void
s_expect (br_translate_t *self, const br_target_t *target)
{
    bool trims = target->protocol == BR_PROTOCOL_MESSAGES;
    translate_answer_destroy (&self->answer);
    br_resume_destroy (&self->record);
    self->record = s_new_record (self);
    self->sides = (translate_sides_t) { .client = self->client,
                                        .provider = br_codec_of (target->protocol),
                                        .asked = &self->asked,
                                        .record = self->record,
                                        .told = self->told,
                                        .untold = trims ? self->blanks : 0 };
    if (target->protocol == BR_PROTOCOL_MESSAGES && messages_unwraps (self->call, target))
        self->sides.answer_tool = messages_answer_tool (self->call);
    self->answer = translate_answer_new (&self->sides);
}

void
br_translate_bound (br_translate_t *self, uint64_t max_output)
{
    br_number_t *most = &self->call->max_output;
    self->bound = max_output;
    if (most->raw.at && most->value >= 1 && most->value <= (double) max_output)
        return;
    most->raw = br_arena_textf (self->call->arena, "%" PRIu64, max_output);
    most->value = (double) max_output;
}

//  Anthropic refuses thinking together with a last turn of the assistant, and a budget of
//  thinking that is not below the most of output.
static bool
s_must_not_think (const br_translate_t *self, const br_target_t *target)
{
    const br_call_t *call = self->call;
    bool is_short = self->bound && self->bound <= THINKING_MIN;
    if ((!self->prefilled && !is_short) || target->protocol != BR_PROTOCOL_MESSAGES)
        return false;
    if (call->reasoning == BR_NO || call->effort == BR_EFFORT_NONE)
        return false;
    return call->reasoning == BR_YES || call->effort != BR_EFFORT_UNSET
           || (call->budget.raw.at && call->budget.value != 0);
}

static int
s_write_unthinking (br_translate_t *self, const br_target_t *target, br_buf_t *out,
                    br_error_t *reterr)
{
    br_call_t *call = self->call;
    const br_tri_t reasoning = call->reasoning;
    const br_effort_t effort = call->effort;
    const br_number_t budget = call->budget;
    call->reasoning = BR_NO;
    call->effort = BR_EFFORT_UNSET;
    call->budget = (br_number_t) { .value = 0 };
    br_loss_add (&self->losses, call->arena,
                 br_text (br_field_name (BR_FIELD_REASONING, call->protocol)), false);
    int rc = br_codec_of (target->protocol)
                 ->write_call (call, target, &self->losses, out, reterr);
    call->reasoning = reasoning;
    call->effort = effort;
    call->budget = budget;
    return rc;
}

static int
s_write_call (br_translate_t *self, const br_target_t *target, br_buf_t *out,
              br_error_t *reterr)
{
    if (self->prefilled && target->dialect->no_prefill)
        return br_error_set (
            reterr, BR_EINVALID,
            "%s of %s cannot go on with an answer that was cut: it takes "
            "no last turn of the assistant",
            target->model, target->provider);
    if (self->bound && self->bound < OUTPUT_MIN
        && target->protocol == BR_PROTOCOL_RESPONSES)
        return br_error_set (
            reterr, BR_EINVALID,
            "%s of %s takes no bound under %d tokens of output, and there "
            "is room for fewer",
            target->model, target->provider, OUTPUT_MIN);
    if (s_must_not_think (self, target))
        return s_write_unthinking (self, target, out, reterr);
    return br_codec_of (target->protocol)
        ->write_call (self->call, target, &self->losses, out, reterr);
}

int
br_translate_request (br_translate_t *self, const br_target_t *target, br_buf_t *out,
                      br_error_t *reterr)
{
    s_settle (self);
    int rc = s_write_call (self, target, out, reterr);
    if (rc)
        return -1;
    if (out->overflow)
        return br_error_set (reterr, BR_ETOOBIG,
                             "the request is over %zu bytes in the form of %s", out->max,
                             br_codec_of (target->protocol)->name);
    s_expect (self, target);
    return 0;
}

const char *
br_translate_warnings (br_translate_t *self)
{
    br_buf_clear (&self->warnings);
    br_loss_write (self->losses, &self->warnings);
    return br_buf_text (&self->warnings);
}

//  ---- the answer

bool
br_translate_stream (const br_translate_t *self)
{
    return self->call->stream;
}

const char *
br_translate_content_type (const br_translate_t *self)
{
    return self->call->stream ? "text/event-stream" : "application/json";
}

tap_first_t
br_translate_push (br_translate_t *self, const void *bytes, size_t size, br_buf_t *out)
{
    return self->answer ? translate_answer_push (self->answer, bytes, size, out)
                        : TAP_NOTHING;
}

tap_first_t
br_translate_end (br_translate_t *self, br_buf_t *out)
{
    return self->answer ? translate_answer_end (self->answer, out) : TAP_NOTHING;
}

const tap_result_t *
br_translate_result (const br_translate_t *self)
{
    return self->answer ? translate_answer_result (self->answer) : &self->nothing;
}
