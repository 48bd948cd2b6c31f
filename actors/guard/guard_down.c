//  guard_down: one attempt's words, taken in and given on under numbers of our own.
//
//  The head of a single answer waits until the whole of it was looked at (guard_held); that
//  of a stream goes at once; that of what may be sound or words as soon as it is known to be
//  sound. Offsets are the sender's, and pass as they are. What blocks ends the answer with an
//  error, and the attempt at who runs it. An error is an answer too: its words and its body
//  are looked at.

#include <stdlib.h>
#include <string.h>

#include "actors/guard/guard_down.h"
#include "actors/guard/guard_way.h"
#include "actors/guard/guard_held.h"
#include "actors/guard/guard_hold.h"
#include "broker/core/alloc.h"
#include "broker/core/credit.h"
#include "broker/guard/guard_calls.h"
#include "broker/guard/guard_channel.h"
#include "broker/guard/guard_stream.h"

#define ERROR_MAX 2048 //  bytes of a message

struct _guard_down_t {
    guard_down_call_t call;
    br_addr_t from; //  who sends the words
    uint32_t attempt;
    guard_way_t mode;
    uint64_t came; //  words that came, count
    uint64_t seq;  //  of the next word that goes on
    uint64_t upto; //  of the newest that came
    bool is_over;
    guard_done_fn *over;
    void *arg;
    guard_findings_t findings;
    guard_stream_t *stream;
    guard_hold_t *hold;     //  its clock
    guard_calls_t *calls;   //  NULL: no rules for tools
    br_error_t calls_error; //  why they block, when they do
    //  ---- a single answer
    br_msg_t *head;
    br_msg_t *end;       //  reply.end, or reply.error with a body
    guard_held_t *whole; //  NULL before the first of it, and where nothing is held
    bool is_later;       //  the look at it takes turns
    uint64_t credit;     //  that who sends it has
};

//  ---- what goes on

static void
s_tell (guard_down_t *self)
{
    const guard_env_t *env = self->call.env;
    guard_findings_tell (&self->findings, env->ctx, env->tally, self->call.conf->rules,
                         GUARD_DOWN, self->call.call);
}

void
guard_down_cancel (guard_down_t *self, br_code_t code)
{
    struct br_attempt_cancel cancel = { .code = code };
    self->is_over = true;
    if (self->whole)
        guard_held_stop (self->whole);
    (void) br_ctx_send (self->call.env->ctx, self->from, BR_ATTEMPT_CANCEL,
                        self->call.call, self->attempt, &cancel, NULL);
    s_tell (self);
}

//  The way is closed: its end at who sends makes the router look after the call.
static void
s_send (guard_down_t *self, br_verb_t verb, const void *fields, br_blob_t *body)
{
    if (self->is_over)
        return;
    if (br_ctx_send (self->call.env->ctx, self->call.to, verb, self->call.call,
                     self->attempt, fields, body))
        guard_down_cancel (self, BR_EGONE);
}

static void
s_send_head (guard_down_t *self, const struct br_reply_head *came, br_blob_t *body)
{
    struct br_reply_head head = *came;
    head.seq = self->seq++;
    head.upto = self->upto;
    head.guard_said |= guard_findings_said (&self->findings, GUARD_DOWN);
    s_send (self, BR_REPLY_HEAD, &head, body);
}

static void
s_send_delta (guard_down_t *self, br_blob_t *body)
{
    struct br_reply_delta delta = { .seq = self->seq++, .upto = self->upto };
    s_send (self, BR_REPLY_DELTA, &delta, body);
}

static void
s_send_end (guard_down_t *self, const br_msg_t *msg)
{
    struct br_reply_end end = *(const struct br_reply_end *) br_msg_fields (msg);
    end.seq = self->seq++;
    end.guard_said = guard_findings_said (&self->findings, GUARD_DOWN);
    s_send (self, BR_REPLY_END, &end, NULL);
    self->is_over = true;
    s_tell (self);
}

//  It could not be read, and goes on all the same.
static void
s_miss (guard_down_t *self)
{
    if (guard_rules_has (self->call.conf->rules, self->call.sets, GUARD_DOWN,
                         GUARD_REDACT))
        guard_findings_miss (&self->findings);
}

static void
s_on_finding (void *arg, const guard_finding_t *finding, br_text_place_t place)
{
    guard_down_t *self = arg;
    guard_findings_add (&self->findings, finding, place);
}

static void
s_on_word (void *arg, const guard_finding_t *finding)
{
    s_on_finding (arg, finding, BR_TEXT_ANSWER);
}

//  Appends what may be told of some words; -1 when they block.
static int
s_clean (guard_down_t *self, const void *bytes, size_t size, br_buf_t *out)
{
    guard_channel_t *channel = guard_channel_new (self->call.conf->rules, self->call.sets,
                                                  GUARD_DOWN, GUARD_PLAIN, s_on_word,
                                                  self);
    int rc = guard_channel_push (channel, bytes, size, out);
    if (rc == 0)
        rc = guard_channel_end (channel, out);
    guard_channel_destroy (&channel);
    return rc;
}

//  Ends the answer, here and at who sends it.
static void
s_stop (guard_down_t *self, br_code_t code, const char *text)
{
    struct br_reply_error error = { .seq = self->seq++, .code = code };
    error.error = text;
    error.attempts = self->attempt;
    s_send (self, BR_REPLY_ERROR, &error, NULL);
    if (!self->is_over)
        guard_down_cancel (self, code);
}

//  It is not for the client.
static void
s_block (guard_down_t *self, const char *text)
{
    s_stop (self, BR_EUPGUARD, text);
}

//  What cannot be looked at is not for the client where a rule fails closed, as all rules for
//  tools do.
static bool
s_is_stopped (guard_down_t *self, const char *text)
{
    bool is_closed = self->calls
                     || guard_conf_is_closed (self->call.conf, self->call.sets,
                                              GUARD_DOWN);
    if (is_closed)
        s_block (self, text);
    else
        s_miss (self);
    return is_closed;
}

//  A call of a tool is not for the client.
static void
s_block_call (guard_down_t *self, const char *text)
{
    char id[BR_ID_TEXT];
    const br_log_field_t fields[] = {
        { .name = "call", .text = br_id_text (self->call.call, id) },
        { .name = "error", .text = text },
    };
    br_ctx_log_fields (self->call.env->ctx, BR_LOG_WARN,
                       "guardrail refused a call of a tool", fields,
                       sizeof fields / sizeof *fields);
    s_block (self, text);
}

static void
s_block_found (guard_down_t *self)
{
    if (self->calls_error.code) {
        s_block_call (self, self->calls_error.text);
        return;
    }
    br_buf_t text;
    br_buf_init (&text, ERROR_MAX);
    guard_findings_message (&self->findings, self->call.conf->rules, GUARD_DOWN,
                            self->mode == GUARD_WAY_EVENTS, &text);
    s_block (self, br_buf_text (&text));
    br_buf_free (&text);
}

//  The last word, with what may be told of its text.
static void
s_send_error (guard_down_t *self, const br_msg_t *msg, br_blob_t *body)
{
    struct br_reply_error error = *(const struct br_reply_error *) br_msg_fields (msg);
    br_buf_t text;
    br_buf_init (&text, BR_MSG_BODY_MAX);
    if (s_clean (self, error.error, strlen (error.error), &text)) {
        s_block_found (self);
    } else {
        error.seq = self->seq++;
        error.error = br_buf_text (&text);
        s_send (self, BR_REPLY_ERROR, &error, body);
        self->is_over = true;
        s_tell (self);
    }
    br_buf_free (&text);
}

//  ---- a stream of events

//  Hands over what is in a buffer.
static br_blob_t *
s_take_blob (br_buf_t *buf)
{
    size_t size;
    uint8_t *data = br_buf_take (buf, &size);
    return br_blob_take (data, size);
}

//  Appends what may go on of these bytes, by its calls.
static int
s_filter_calls (guard_down_t *self, const br_blob_t *body, bool is_end, br_buf_t *out)
{
    int rc = guard_calls_push (self->calls, br_blob_data (body), br_blob_size (body), out,
                               &self->calls_error);
    if (rc == 0 && is_end)
        rc = guard_calls_end (self->calls, out, &self->calls_error);
    return rc;
}

//  What may go on of these bytes; NULL when something blocks.
static br_blob_t *
s_filter (guard_down_t *self, const br_blob_t *body, bool is_end)
{
    br_buf_t out, called;
    br_buf_init (&out, BR_MSG_BODY_MAX);
    br_buf_init (&called, BR_MSG_BODY_MAX);
    int rc = self->calls ? s_filter_calls (self, body, is_end, &called) : 0;
    const void *bytes = self->calls ? called.data : br_blob_data (body);
    size_t size = self->calls ? called.size : br_blob_size (body);
    if (rc == 0)
        rc = guard_stream_push (self->stream, bytes, size, &out);
    if (rc == 0 && is_end)
        rc = guard_stream_end (self->stream, &out);
    if (guard_stream_has_missed (self->stream))
        s_miss (self);
    br_buf_free (&called);
    br_blob_t *blob = s_take_blob (&out);
    if (rc)
        br_blob_destroy (&blob);
    return blob;
}

static void
s_flow (guard_down_t *self, const br_msg_t *msg)
{
    br_blob_t *blob = s_filter (self, msg->body, false);
    if (!blob) {
        s_block_found (self);
        return;
    }
    s_send_delta (self, blob);
    br_blob_destroy (&blob);
    guard_hold_look (self->hold);
}

//  Text has waited for too long, and nobody is here who would see that it is over.
static void
s_on_held (void *arg, br_blob_t *bytes)
{
    guard_down_t *self = arg;
    if (bytes)
        s_send_delta (self, bytes);
    else
        s_block_found (self);
    if (self->is_over)
        self->over (self->arg);
}

static void
s_flow_end (guard_down_t *self, const br_msg_t *msg)
{
    br_blob_t *blob = s_filter (self, NULL, true);
    if (!blob) {
        s_block_found (self);
        return;
    }
    if (br_blob_size (blob))
        s_send_delta (self, blob);
    br_blob_destroy (&blob);
    s_send_end (self, msg);
}

//  ---- a single answer

//  Whoever sends it need not wait for the client.
static void
s_credit_held (guard_down_t *self)
{
    uint64_t upto = self->upto + BR_CREDIT_WINDOW;
    if (upto < self->credit + BR_CREDIT_STEP)
        return;
    self->credit = upto;
    struct br_reply_credit credit = { .upto = upto };
    (void) br_ctx_send (self->call.env->ctx, self->from, BR_REPLY_CREDIT, self->call.call,
                        self->attempt, &credit, NULL);
}

static guard_held_t *
s_new_whole (guard_down_t *self)
{
    const guard_held_rules_t rules = { .env = self->call.env,
                                       .conf = self->call.conf,
                                       .sets = self->call.sets,
                                       .surface = self->call.surface,
                                       .found = s_on_finding,
                                       .arg = self };
    return guard_held_new (&rules);
}

static void
s_hold (guard_down_t *self, const br_blob_t *body)
{
    if (guard_held_add (self->whole, body))
        s_block (self, "the answer is too long for the guardrails that it is under");
    else
        s_credit_held (self);
}

static void
s_send_whole (guard_down_t *self, br_blob_t *body)
{
    if (self->end->verb == BR_REPLY_ERROR) {
        s_send_error (self, self->end, body);
        return;
    }
    s_send_head (self, br_msg_fields (self->head), body);
    s_send_end (self, self->end);
}

static void
s_on_looked (void *arg, guard_held_verdict_t verdict, br_blob_t *body, const char *text)
{
    guard_down_t *self = arg;
    if (guard_held_is_unread (self->whole))
        s_miss (self);
    if (verdict == GUARD_HELD_GOES)
        s_send_whole (self, body);
    else if (verdict == GUARD_HELD_FOUND)
        s_block_found (self);
    else if (verdict == GUARD_HELD_CALLED)
        s_block_call (self, text);
    else
        s_block (self, text);
    if (self->is_later) //  else the caller sees that it is over
        self->over (self->arg);
}

static void
s_keep_end (guard_down_t *self, const br_msg_t *msg)
{
    self->end = br_msg_new (msg->verb, msg->call, msg->attempt, br_msg_fields (msg),
                            NULL);
}

//  All of it is here.
static void
s_look (guard_down_t *self, const br_msg_t *msg)
{
    s_keep_end (self, msg);
    self->is_later = guard_held_look (self->whole, s_on_looked, self) == 1;
}

static void
s_end_whole (guard_down_t *self, const br_msg_t *msg)
{
    if (guard_held_end (self->whole) == 0) {
        s_keep_end (self, msg);
        s_send_whole (self, NULL);
        return;
    }
    if (self->calls)
        guard_held_judge_calls (self->whole, self->calls);
    s_look (self, msg);
}

//  ---- what may be sound, or words

//  What was held is no text: it passes, as all behind it will.
static void
s_let_go (guard_down_t *self)
{
    const struct br_reply_head *head = br_msg_fields (self->head);
    br_blob_t *body = guard_held_take (self->whole);
    self->mode = GUARD_WAY_UNKNOWN;
    guard_held_destroy (&self->whole);
    if (!guard_way_is_words (head->content_type, body)
        || !s_is_stopped (self, "the answer seems to be text and is no UTF-8, and its "
                                "guardrails fail closed"))
        s_send_head (self, head, body);
    br_blob_destroy (&body);
}

static void
s_hold_any (guard_down_t *self, const br_blob_t *body)
{
    s_hold (self, body);
    if (!self->is_over && self->mode == GUARD_WAY_PLAIN
        && guard_held_plain (self->whole, false) == TEXTS_PLAIN_OTHER)
        s_let_go (self);
}

//  ---- words

static guard_way_t
s_way_of (const guard_down_t *self, const char *type, const br_blob_t *body)
{
    const br_surface_row_t *row = br_surface_row (self->call.surface);
    return row && row->any_answer ? guard_way_of_any (type, body)
                                  : guard_way_of (type, body);
}

static void
s_begin (guard_down_t *self, const br_msg_t *msg)
{
    const guard_down_call_t *call = &self->call;
    struct br_reply_head head = *(const struct br_reply_head *) br_msg_fields (msg);
    self->mode = s_way_of (self, head.content_type, msg->body);
    if (self->mode == GUARD_WAY_UNKNOWN
        && s_is_stopped (self, "the answer is neither JSON nor a stream of events, and "
                               "its guardrails fail closed"))
        return;
    if (self->mode == GUARD_WAY_WHOLE || self->mode == GUARD_WAY_PLAIN) {
        self->head = br_msg_new (msg->verb, msg->call, msg->attempt, &head, NULL);
        self->whole = s_new_whole (self);
        s_hold_any (self, msg->body);
        return;
    }
    br_blob_t *body = br_blob_ref (msg->body);
    if (self->mode == GUARD_WAY_EVENTS) {
        self->stream = guard_stream_new (call->conf->rules, call->sets, GUARD_REDACT,
                                         GUARD_BLOCK, call->surface, s_on_finding, self);
        self->hold = guard_hold_new (call->env->ctx, self->stream, s_on_held, self);
        br_blob_destroy (&body);
        body = s_filter (self, msg->body, false);
        if (!body) {
            s_block_found (self);
            return;
        }
    }
    s_send_head (self, &head, body);
    br_blob_destroy (&body);
    if (self->hold)
        guard_hold_look (self->hold);
}

static void
s_delta (guard_down_t *self, const br_msg_t *msg)
{
    if (self->mode == GUARD_WAY_EVENTS)
        s_flow (self, msg);
    else if (self->whole)
        s_hold_any (self, msg->body);
    else
        s_send_delta (self, msg->body);
}

static void
s_end (guard_down_t *self, const br_msg_t *msg)
{
    if (self->mode == GUARD_WAY_PLAIN
        && guard_held_plain (self->whole, true) == TEXTS_PLAIN_OTHER)
        s_let_go (self);
    if (self->mode == GUARD_WAY_EVENTS)
        s_flow_end (self, msg);
    else if (self->whole)
        s_end_whole (self, msg);
    else if (!self->is_over)
        s_send_end (self, msg);
}

//  A body that is no JSON.
static void
s_fail_plain (guard_down_t *self, const br_msg_t *msg)
{
    br_buf_t out;
    br_buf_init (&out, BR_MSG_BODY_MAX);
    if (s_clean (self, br_blob_data (msg->body), br_blob_size (msg->body), &out)) {
        s_block_found (self);
    } else {
        br_blob_t *body = s_take_blob (&out);
        s_send_error (self, msg, body);
        br_blob_destroy (&body);
    }
    br_buf_free (&out);
}

//  What is held of a text is not told.
static void
s_fail (guard_down_t *self, const br_msg_t *msg)
{
    const struct br_reply_error *error = br_msg_fields (msg);
    if (!br_blob_size (msg->body)) {
        s_send_error (self, msg, NULL);
    } else if (guard_way_is_json (error->content_type)) {
        guard_held_destroy (&self->whole); //  what was held of an answer is not told
        self->whole = s_new_whole (self);
        guard_held_set (self->whole, msg->body);
        s_look (self, msg);
    } else
        s_fail_plain (self, msg);
}

//  Nobody goes on with it.
static void
s_break (guard_down_t *self, const br_msg_t *msg)
{
    const struct br_reply_broken *broken = br_msg_fields (msg);
    struct br_reply_error error = { .code = broken->code, .attempts = self->attempt };
    error.error = broken->error;
    br_msg_t *last = br_msg_new (BR_REPLY_ERROR, msg->call, msg->attempt, &error, NULL);
    s_send_error (self, last, NULL);
    br_msg_destroy (&last);
}

//  The number of a word.
static uint64_t
s_number (const br_msg_t *msg)
{
    const void *fields = br_msg_fields (msg);
    switch (msg->verb) {
    case BR_REPLY_HEAD: return ((const struct br_reply_head *) fields)->seq;
    case BR_REPLY_DELTA: return ((const struct br_reply_delta *) fields)->seq;
    case BR_REPLY_END: return ((const struct br_reply_end *) fields)->seq;
    case BR_REPLY_BROKEN: return ((const struct br_reply_broken *) fields)->seq;
    default: return ((const struct br_reply_error *) fields)->seq;
    }
}

//  Whether a word is the next one. Numbers are ours from here on, so that a loss that is
//  not seen here is seen by nobody.
static bool
s_is_next (guard_down_t *self, const br_msg_t *msg)
{
    bool is_first = self->came == 0;
    bool may_be_first = msg->verb != BR_REPLY_DELTA && msg->verb != BR_REPLY_END;
    if (s_number (msg) != self->came || self->end
        || (is_first ? !may_be_first : msg->verb == BR_REPLY_HEAD))
        return false;
    self->came++;
    return true;
}

void
guard_down_reply (guard_down_t *self, const br_msg_t *msg)
{
    if (self->is_over || msg->attempt != self->attempt)
        return;
    if (!s_is_next (self, msg)) {
        s_stop (self, BR_EUPCUT, "a part of the answer was lost on its way");
        return;
    }
    const void *fields = br_msg_fields (msg);
    switch (msg->verb) {
    case BR_REPLY_HEAD:
        self->upto = ((const struct br_reply_head *) fields)->upto;
        s_begin (self, msg);
        break;
    case BR_REPLY_DELTA:
        self->upto = ((const struct br_reply_delta *) fields)->upto;
        s_delta (self, msg);
        break;
    case BR_REPLY_END: s_end (self, msg); break;
    case BR_REPLY_BROKEN: s_break (self, msg); break;
    default: s_fail (self, msg); break;
    }
}

void
guard_down_credit (guard_down_t *self, const br_msg_t *msg)
{
    if (!self->is_over)
        (void) br_ctx_pass (self->call.env->ctx, msg, self->from);
}

//  ---- life

guard_down_t *
guard_down_new (const guard_down_call_t *call, const br_msg_t *msg, guard_done_fn *over,
                void *arg)
{
    guard_down_t *self = BR_NEW (guard_down_t);
    const guard_tools_t *tools = guard_conf_tools (call->conf, call->surface);
    self->call = *call;
    self->calls = tools ? guard_calls_new (tools, call->surface) : NULL;
    self->from = msg->from;
    self->attempt = msg->attempt;
    self->over = over;
    self->arg = arg;
    self->credit = BR_CREDIT_WINDOW;
    return self;
}

void
guard_down_destroy (guard_down_t **self_p)
{
    if (!self_p || !*self_p)
        return;
    guard_down_t *self = *self_p;
    s_tell (self);
    guard_held_destroy (&self->whole);
    guard_hold_destroy (&self->hold);
    guard_stream_destroy (&self->stream);
    guard_calls_destroy (&self->calls);
    br_msg_destroy (&self->end);
    br_msg_destroy (&self->head);
    free (self);
    *self_p = NULL;
}

uint32_t
guard_down_attempt (const guard_down_t *self)
{
    return self->attempt;
}

bool
guard_down_is_events (const guard_down_t *self)
{
    return self->mode == GUARD_WAY_EVENTS;
}

bool
guard_down_is_over (const guard_down_t *self)
{
    return self->is_over;
}
