//  upstream_answer: what stands between a provider's bytes and the client's.
//
//  There are some ways, each a row of functions: talk of one protocol is tapped; what is
//  no talk passes without a look, or tapped for its usage; talk of two protocols is
//  translated; a count of tokens, and embeddings, are read when they are whole, and said
//  in the other words.

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "broker/core/alloc.h"
#include "broker/proto/cargo.h"
#include "broker/proto/embeddings.h"
#include "broker/proto/token_count.h"
#include "broker/proto/translate.h"
#include "broker/proto/usage_veil.h"
#include "actors/upstream/upstream_answer.h"
#include "actors/upstream/upstream_pass.h"
#include "actors/upstream/upstream_usage.h"

#define HELD_MAX (1u << 20)   //  bytes: what is held back, and one more read
#define COUNT_MAX (64u << 10) //  bytes of an answer that tells a count

//  What an answer is, by how it is read. Each function MUST be set.
typedef struct _way_t {
    tap_first_t (*push) (upstream_answer_t *self, const void *bytes, size_t size,
                         br_buf_t *out);
    tap_first_t (*end) (upstream_answer_t *self, br_buf_t *out);
} way_t;

struct _upstream_answer_t {
    const way_t *way;
    const br_surface_row_t *row;   //  that the client asked for
    const br_surface_row_t *asked; //  that the provider is asked for
    bool stream;                   //  the client wants one
    bool continues;                //  another attempt may go on with it
    bool begun;                    //  something but blanks has come
    bool lost;
    uint64_t input_tokens;     //  estimate, of talk
    tap_t *tap;                //  NULL when translated
    usage_veil_t *veil;        //  of what passes; NULL = nothing is hidden
    br_translate_t *translate; //  of talk and counts; NULL when not
    embeddings_t *embeddings;  //  of those; NULL when not
    br_blob_t *request;        //  NULL when the client's passes
    br_buf_t lost_words;       //  what the request lost where it is not translated
    const upstream_mask_t *secrets;
    br_buf_t cut; //  bytes for the client that may be the beginning of a secret
    br_target_t target;
    char *model;         //  of the target
    br_buf_t whole;      //  an answer that is read when all of it is there
    tap_result_t result; //  where it is neither the tap's nor the translation's
};

static void
s_note (upstream_answer_t *self, tap_first_t first)
{
    if (self->result.first == TAP_NOTHING)
        self->result.first = first;
    self->result.error = self->result.error || first == TAP_ERROR;
}

//  ---- bytes that pass

//  What the first byte of talk must not be.
static void
s_look (upstream_answer_t *self, const uint8_t *bytes, size_t size)
{
    for (size_t i = 0; !self->begun && i < size; i++) {
        if (bytes[i] && strchr (" \t\r\n", bytes[i]))
            continue;
        self->begun = true;
        bool is_json = bytes[i] == '{' || bytes[i] == '[';
        self->lost = bytes[i] == '<' || (!self->stream && !is_json);
    }
}

static tap_first_t
s_tapped_push (upstream_answer_t *self, const void *bytes, size_t size, br_buf_t *out)
{
    bool silent = tap_result (self->tap)->first == TAP_NOTHING;
    s_look (self, bytes, size);
    if (self->veil)
        usage_veil_push (self->veil, bytes, size, out);
    else
        br_buf_add (out, bytes, size);
    tap_first_t first = tap_push (self->tap, bytes, size);
    //  A stream that begins with what is no JSON; later on it is the client's to judge.
    if (silent && self->stream && tap_result (self->tap)->malformed)
        self->lost = true;
    return first;
}

static tap_first_t
s_tapped_end (upstream_answer_t *self, br_buf_t *out)
{
    if (self->veil)
        usage_veil_end (self->veil, out);
    tap_first_t first = tap_end (self->tap);
    const tap_result_t *result = tap_result (self->tap);
    bool no_json = result->unknown && !self->stream;
    self->lost = self->lost || (no_json && first == TAP_DATA);
    return first;
}

static const way_t s_tapped = { s_tapped_push, s_tapped_end };

static tap_first_t
s_passed_push (upstream_answer_t *self, const void *bytes, size_t size, br_buf_t *out)
{
    br_buf_add (out, bytes, size);
    if (size)
        s_note (self, TAP_DATA);
    return self->result.first;
}

//  An answer without a body is one, too.
static tap_first_t
s_passed_end (upstream_answer_t *self, br_buf_t *out)
{
    (void) out;
    s_note (self, TAP_DATA);
    self->result.complete = true;
    return self->result.first;
}

static const way_t s_passed = { s_passed_push, s_passed_end };

//  ---- bytes that are translated

static tap_first_t
s_translated_push (upstream_answer_t *self, const void *bytes, size_t size, br_buf_t *out)
{
    tap_first_t first = br_translate_push (self->translate, bytes, size, out);
    self->lost = br_translate_result (self->translate)->unknown;
    return first;
}

static tap_first_t
s_translated_end (upstream_answer_t *self, br_buf_t *out)
{
    tap_first_t first = br_translate_end (self->translate, out);
    self->lost = br_translate_result (self->translate)->unknown;
    return first;
}

static const way_t s_translated = { s_translated_push, s_translated_end };

static tap_first_t
s_whole_push (upstream_answer_t *self, const void *bytes, size_t size, br_buf_t *out)
{
    (void) out;
    self->lost = br_buf_add (&self->whole, bytes, size) != 0;
    return TAP_NOTHING;
}

static tap_first_t
s_counted_end (upstream_answer_t *self, br_buf_t *out)
{
    uint64_t tokens = 0;
    self->lost = token_count_read (self->asked->wire, self->whole.data, self->whole.size,
                                   &tokens, NULL)
                 != 0;
    if (self->lost)
        return TAP_NOTHING;
    token_count_write (self->row->wire, tokens, out);
    s_note (self, TAP_DATA);
    self->result.complete = true;
    return TAP_DATA;
}

static const way_t s_counted = { s_whole_push, s_counted_end };

static tap_first_t
s_embedded_end (upstream_answer_t *self, br_buf_t *out)
{
    self->lost = embeddings_write_answer (self->embeddings, self->model, self->whole.data,
                                          self->whole.size, out, &self->result.usage,
                                          NULL)
                 != 0;
    if (self->lost)
        return TAP_NOTHING;
    s_note (self, TAP_DATA);
    self->result.complete = true;
    return TAP_DATA;
}

static const way_t s_embedded = { s_whole_push, s_embedded_end };

//  ---- life

//  A model that the path names is not in the body: the answer calls it by the provider's
//  name then.
static br_translate_t *
s_read_call (const upstream_answer_t *self, const upstream_asked_t *asked,
             br_error_t *reterr)
{
    const struct br_attempt_start *start = br_msg_fields (asked->msg);
    const char *model = self->row->place == REQUEST_PATH ? start->model : NULL;
    if (self->row->kind == BR_SURFACE_TOKENS)
        return br_translate_new_count (self->row->wire, asked->msg->body, model, reterr);
    return br_translate_new (self->row->wire, asked->msg->body, model, self->stream,
                             start->request_id, asked->now, reterr);
}

static void
s_set_request (upstream_answer_t *self, br_buf_t *body)
{
    size_t size;
    uint8_t *data = br_buf_take (body, &size);
    self->request = br_blob_take (data, size);
}

//  Goes on with an answer that was cut, and remembers what is told, as far as it is wanted.
static int
s_continue (upstream_answer_t *self, const struct br_attempt_start *start,
            br_error_t *reterr)
{
    if (!self->continues)
        return 0;
    br_translate_record (self->translate);
    if (start->resume.size == 0)
        return 0;
    return br_translate_resume (self->translate, start->resume.data, start->resume.size,
                                reterr);
}

static void
s_set_target (upstream_answer_t *self, const upstream_asked_t *asked)
{
    const struct br_attempt_start *start = br_msg_fields (asked->msg);
    self->model = br_strdup (start->model);
    self->target = (br_target_t) { .protocol = self->asked->wire,
                                   .provider = asked->provider,
                                   .model = self->model,
                                   .max_output = asked->max_output };
    if (start->max_output
        && (!asked->max_output || start->max_output < asked->max_output))
        self->target.max_output = (uint32_t) start->max_output;
    self->target.dialect = br_dialect_of (self->asked->wire, asked->provider,
                                          self->model);
}

static int
s_translate (upstream_answer_t *self, const upstream_asked_t *asked,
             br_failure_t *ret_failure, br_error_t *reterr)
{
    const struct br_attempt_start *start = br_msg_fields (asked->msg);
    self->way = self->row->kind == BR_SURFACE_TOKENS ? &s_counted : &s_translated;
    self->translate = s_read_call (self, asked, reterr);
    if (!self->translate || s_continue (self, start, reterr))
        return -1;
    *ret_failure = BR_FAILURE_UNFIT;
    s_set_target (self, asked);
    if (start->max_output && self->row->kind == BR_SURFACE_TALK)
        br_translate_bound (self->translate, self->target.max_output);
    br_buf_t body;
    br_buf_init (&body, BR_CALL_BYTES_MAX);
    int rc = br_translate_request (self->translate, &self->target, &body, reterr);
    if (rc == 0)
        s_set_request (self, &body);
    br_buf_free (&body);
    return rc;
}

static int
s_embed (upstream_answer_t *self, const upstream_asked_t *asked, br_error_t *reterr)
{
    const struct br_attempt_start *start = br_msg_fields (asked->msg);
    const br_blob_t *call = asked->msg->body;
    self->way = &s_embedded;
    self->whole.max = EMBEDDINGS_ANSWER_MAX;
    self->model = br_strdup (start->model);
    self->embeddings = embeddings_new ((br_surface_t) start->surface, br_blob_data (call),
                                       br_blob_size (call), reterr);
    if (!self->embeddings)
        return -1;
    br_buf_t body;
    br_buf_init (&body, BR_CALL_BYTES_MAX);
    embeddings_write_request (self->embeddings, self->model, &body);
    s_set_request (self, &body);
    return 0;
}

//  Whether bytes pass. Not those of an answer that another attempt may go on with.
static bool
s_passes (const upstream_answer_t *self)
{
    return self->row == self->asked && !self->continues;
}

//  The client's bytes, but for what has to be changed. Usage that comes because we have
//  asked for it is not for the client.
static int
s_pass (upstream_answer_t *self, const upstream_asked_t *asked, br_error_t *reterr)
{
    bool hides = false;
    self->tap = tap_new (self->row->wire, self->stream);
    if (!upstream_pass_is_due (asked->msg))
        return 0;
    s_set_target (self, asked);
    int rc = upstream_pass_write (asked->msg, &self->target, &self->lost_words,
                                  &self->request, &hides, reterr);
    if (rc == 0 && hides)
        self->veil = usage_veil_new ();
    return rc;
}

//  A call of the provider's own protocol that nobody could go on with passes as it would
//  otherwise.
static int
s_talk (upstream_answer_t *self, const upstream_asked_t *asked, br_failure_t *ret_failure,
        br_error_t *reterr)
{
    const struct br_attempt_start *start = br_msg_fields (asked->msg);
    int rc = s_translate (self, asked, ret_failure, reterr);
    bool starts = self->row == self->asked && start->resume.size == 0;
    if (!starts || upstream_answer_is_resumable (self))
        return rc;
    br_translate_destroy (&self->translate);
    br_blob_destroy (&self->request);
    free (self->model);
    self->model = NULL;
    self->continues = false;
    self->way = &s_tapped;
    *ret_failure = BR_FAILURE_REQUEST;
    return s_pass (self, asked, reterr);
}

upstream_answer_t *
upstream_answer_new (const upstream_asked_t *asked, br_failure_t *ret_failure,
                     br_error_t *reterr)
{
    const struct br_attempt_start *start = br_msg_fields (asked->msg);
    upstream_answer_t *self = BR_NEW (upstream_answer_t);
    self->row = br_surface_row ((unsigned) start->surface);
    self->asked = br_surface_row (asked->surface);
    self->stream = start->stream != 0;
    self->continues = start->continues && self->stream
                      && self->row->kind == BR_SURFACE_TALK;
    self->way = self->row->kind == BR_SURFACE_OBJECT ? &s_passed : &s_tapped;
    self->secrets = asked->secrets;
    br_buf_init (&self->whole, COUNT_MAX);
    br_buf_init (&self->lost_words, BR_LOSS_LINE_MAX + 1);
    br_buf_init (&self->cut, UPSTREAM_SECRET_MAX);
    if (self->row->kind == BR_SURFACE_TALK)
        self->input_tokens = br_cargo_read (self->row->wire,
                                            br_blob_data (asked->msg->body),
                                            br_blob_size (asked->msg->body))
                                 .input_tokens;
    *ret_failure = BR_FAILURE_REQUEST;
    int rc = 0;
    if (s_passes (self))
        rc = s_pass (self, asked, reterr);
    else if (embeddings_other ((br_surface_t) start->surface) != BR_SURFACE_NONE)
        rc = s_embed (self, asked, reterr);
    else
        rc = s_talk (self, asked, ret_failure, reterr);
    if (rc)
        upstream_answer_destroy (&self);
    return self;
}

void
upstream_answer_destroy (upstream_answer_t **self_p)
{
    if (!self_p || !*self_p)
        return;
    upstream_answer_t *self = *self_p;
    br_buf_free (&self->whole);
    br_buf_free (&self->lost_words);
    br_buf_free (&self->cut);
    br_blob_destroy (&self->request);
    br_translate_destroy (&self->translate);
    embeddings_destroy (&self->embeddings);
    free (self->model);
    usage_veil_destroy (&self->veil);
    tap_destroy (&self->tap);
    free (self);
    *self_p = NULL;
}

//  ---- what is to be sent and told

bool
upstream_answer_is_translated (const upstream_answer_t *self)
{
    return self->translate || self->embeddings;
}

br_blob_t *
upstream_answer_request (const upstream_answer_t *self)
{
    return self->request;
}

size_t
upstream_answer_held_max (const upstream_answer_t *self)
{
    bool translated = upstream_answer_is_translated (self);
    return translated ? 2 * (size_t) BR_REPLY_BYTES_MAX : HELD_MAX;
}

//  Sound, pictures and texts are not JSON.
static bool
s_is_readable (const char *type)
{
    static const char *const types[] = { "application/json", "text/event-stream" };
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (strncasecmp (type, types[i], strlen (types[i])) == 0)
            return true;
    return false;
}

void
upstream_answer_head (upstream_answer_t *self, const char *type)
{
    if (self->tap && self->row->kind == BR_SURFACE_PASS
        && !s_is_readable (type ? type : ""))
        self->way = &s_passed;
}

const char *
upstream_answer_type (const upstream_answer_t *self, const char *type)
{
    if (!upstream_answer_is_translated (self))
        return type;
    return self->way == &s_translated ? br_translate_content_type (self->translate)
                                      : "application/json";
}

const char *
upstream_answer_warnings (upstream_answer_t *self)
{
    if (self->embeddings)
        return embeddings_warnings (self->embeddings);
    return self->translate ? br_translate_warnings (self->translate)
                           : br_buf_text (&self->lost_words);
}

//  ---- secrets, in the bytes of out from a place on

static void
s_hide (const upstream_answer_t *self, br_buf_t *out, size_t from)
{
    upstream_mask_hide (self->secrets, out->data + from, out->size - from);
}

//  The bytes before may be cut anywhere.
static void
s_hold_back (upstream_answer_t *self, br_buf_t *out, size_t from)
{
    size_t size = upstream_mask_begun (self->secrets, out->data + from, out->size - from);
    out->size -= size;
    (void) br_buf_add (&self->cut, out->data + out->size, size);
}

//  Nothing follows: most of a secret is one, a few bytes are a word.
static void
s_hide_begun (const upstream_answer_t *self, br_buf_t *out, size_t from)
{
    size_t size = upstream_mask_begun (self->secrets, out->data + from, out->size - from);
    if (size >= UPSTREAM_SECRET_MIN)
        memset (out->data + out->size - size, '*', size);
}

//  ---- the answer

tap_first_t
upstream_answer_push (upstream_answer_t *self, const void *bytes, size_t size,
                      br_buf_t *out)
{
    size_t from = out->size;
    (void) br_buf_add (out, self->cut.data, self->cut.size);
    br_buf_clear (&self->cut);
    tap_first_t first = self->way->push (self, bytes, size, out);
    if (self->secrets && out->size > from) {
        s_hide (self, out, from);
        s_hold_back (self, out, from);
    }
    return first;
}

tap_first_t
upstream_answer_end (upstream_answer_t *self, br_buf_t *out)
{
    size_t from = out->size;
    (void) br_buf_add (out, self->cut.data, self->cut.size);
    br_buf_clear (&self->cut);
    tap_first_t first = self->way->end (self, out);
    if (self->secrets && out->size > from) {
        s_hide (self, out, from);
        s_hide_begun (self, out, from);
    }
    return first;
}

bool
upstream_answer_is_lost (const upstream_answer_t *self)
{
    return self->lost;
}

//  Who reads it, and so knows about it.
static const tap_result_t *
s_known (const upstream_answer_t *self)
{
    if (self->way == &s_tapped)
        return tap_result (self->tap);
    return self->way == &s_translated ? br_translate_result (self->translate)
                                      : &self->result;
}

bool
upstream_answer_is_done (const upstream_answer_t *self)
{
    return s_known (self)->done;
}

//  What is no talk has no word of its own that ends it.
bool
upstream_answer_is_whole (const upstream_answer_t *self)
{
    const tap_result_t *result = s_known (self);
    if (result->complete || result->error)
        return true;
    if (self->way != &s_tapped)
        return false;
    return result->unknown || self->row->kind != BR_SURFACE_TALK;
}

const tap_result_t *
upstream_answer_result (const upstream_answer_t *self)
{
    return s_known (self);
}

bool
upstream_answer_is_resumable (const upstream_answer_t *self)
{
    return self->continues && self->translate && br_translate_resumable (self->translate);
}

br_blob_t *
upstream_answer_resume (const upstream_answer_t *self)
{
    if (!upstream_answer_is_resumable (self))
        return NULL;
    br_buf_t state;
    br_buf_init (&state, UPSTREAM_RESUME_MAX);
    br_blob_t *blob = NULL;
    if (br_translate_resume_take (self->translate, &state) == 0) {
        size_t size;
        if (self->secrets)
            s_hide (self, &state, 0);
        uint8_t *data = br_buf_take (&state, &size);
        blob = br_blob_take (data, size);
    }
    br_buf_free (&state);
    return blob;
}

br_usage_t
upstream_answer_usage (const upstream_answer_t *self)
{
    bool counts = self->row->kind == BR_SURFACE_TALK
                  || self->row->kind == BR_SURFACE_PASS;
    const br_usage_t *told = &s_known (self)->usage;
    return counts && !told->open ? *told : (br_usage_t) { .known = false };
}

br_usage_t
upstream_answer_estimate (const upstream_answer_t *self)
{
    const tap_result_t *result = s_known (self);
    if (self->row->kind != BR_SURFACE_TALK)
        return upstream_answer_usage (self);
    return upstream_usage_of (&result->usage, self->input_tokens, result->told);
}

const char *
upstream_answer_object (const upstream_answer_t *self)
{
    bool keeps = self->row->wire == BR_PROTOCOL_RESPONSES
                 && !upstream_answer_is_translated (self);
    return keeps && self->row->kind == BR_SURFACE_TALK ? s_known (self)->id : "";
}
