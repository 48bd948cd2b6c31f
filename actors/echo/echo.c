//  echo: answers each call with the client's last message.
//
//  An actor is a table of handlers and a state. A message comes, its handler unpacks it,
//  checks it, does one act, and sends answers with br_ctx_send; it never waits. This one
//  answers at once and whole, so it keeps nothing between two messages: what a call is
//  about is in the message, the rest is in ctx.
//
//  What an upstream owes for attempt.start: reply.head, reply.delta... and reply.end down
//  the slip, numbered by seq, and attempt.done to the router. See docs/rfc/4-CALL.md.

#include <stdlib.h>
#include <string.h>

#include "broker/core/alloc.h"
#include "broker/core/failure.h"
#include "broker/core/slip.h"
#include "broker/proto/surface.h"
#include "actors/echo/echo.h"
#include "actors/echo/echo_reply.h"

typedef struct _echo_t {
    br_ctx_t *ctx;
    uint64_t calls; //  answered since the start
} echo_t;

//  Where an answer goes, and how far it has come.
typedef struct {
    br_ctx_t *ctx;
    const br_msg_t *start; //  the attempt.start that is answered
    br_addr_t down;        //  first stop on the way to the client
    uint64_t seq;
    uint64_t upto; //  bytes of the answer so far
    int rc;        //  -1 once the way down is closed
} answer_t;

static void *
s_create (br_ctx_t *ctx, br_error_t *reterr)
{
    (void) reterr;
    echo_t *self = BR_NEW (echo_t);
    self->ctx = ctx;
    return self;
}

static void
s_destroy (void **state_p)
{
    free (*state_p);
    *state_p = NULL;
}

static void
s_send_down (answer_t *answer, br_verb_t verb, const void *fields, br_blob_t *body)
{
    if (answer->rc == 0)
        answer->rc = br_ctx_send (answer->ctx, answer->down, verb, answer->start->call,
                                  answer->start->attempt, fields, body);
    answer->seq++;
}

static void
s_send_head (answer_t *answer, const struct br_attempt_start *start)
{
    struct br_reply_head head = { .status = 200, .provider = "echo" };
    head.content_type = start->stream ? "text/event-stream" : "application/json";
    head.model = start->model;
    head.elsewhere_us = start->elsewhere_us;
    head.guard_said = start->guard_said;
    s_send_down (answer, BR_REPLY_HEAD, &head, NULL);
}

//  One piece of the answer: the whole body, or an event of the stream.
static void
s_send_piece (void *arg, const void *bytes, size_t size)
{
    answer_t *answer = arg;
    answer->upto += size;
    struct br_reply_delta delta = { .seq = answer->seq, .upto = answer->upto };
    br_blob_t *body = br_blob_new (bytes, size);
    s_send_down (answer, BR_REPLY_DELTA, &delta, body);
    br_blob_destroy (&body);
}

static void
s_send_end (answer_t *answer, const echo_reply_t *reply)
{
    struct br_reply_end end = { .seq = answer->seq, .usage_known = 1 };
    end.input_tokens = reply->input_tokens;
    end.output_tokens = reply->output_tokens;
    s_send_down (answer, BR_REPLY_END, &end, NULL);
    struct br_attempt_done done = { .usage_known = 1, .status = 200 };
    done.outcome = answer->rc ? BR_OUTCOME_CANCELLED : BR_OUTCOME_OK;
    done.input_tokens = reply->input_tokens;
    done.output_tokens = reply->output_tokens;
    br_ctx_reply (answer->ctx, answer->start, BR_ATTEMPT_DONE, &done, NULL);
}

static void
s_refuse (br_ctx_t *ctx, const br_msg_t *msg, br_code_t code, br_failure_t failure,
          const char *why)
{
    struct br_attempt_fail fail = { .code = code, .failure = failure, .error = why };
    br_ctx_reply (ctx, msg, BR_ATTEMPT_FAIL, &fail, NULL);
}

//  In the way that the client asked for.
static void
s_say (answer_t *answer, const echo_reply_t *reply, bool stream, bool only_counts)
{
    if (only_counts)
        echo_reply_count (reply, s_send_piece, answer);
    else if (stream)
        echo_reply_stream (reply, s_send_piece, answer);
    else
        echo_reply_whole (reply, s_send_piece, answer);
}

static void
s_on_start (void *state, br_ctx_t *ctx, const br_msg_t *msg)
{
    echo_t *self = state;
    const struct br_attempt_start *start = br_msg_fields (msg);
    const br_surface_row_t *row = br_surface_row ((unsigned) start->surface);
    bool only_counts = row && row->kind == BR_SURFACE_TOKENS;
    br_slip_t slip;
    if (br_slip_decode (start->slip, &slip)) {
        s_refuse (ctx, msg, BR_EINTERNAL, BR_FAILURE_REQUEST,
                  "the routing slip is malformed");
        return;
    }
    if (row && row->kind != BR_SURFACE_TALK && !only_counts) {
        s_refuse (ctx, msg, BR_ENOTFOUND, BR_FAILURE_UNFIT, "echo only talks");
        return;
    }
    answer_t answer = { .ctx = ctx, .start = msg };
    answer.down = br_slip_down (&slip, br_ctx_self (ctx));
    echo_reply_t *reply = echo_reply_new (row ? row->wire : BR_PROTOCOL_CHAT, only_counts,
                                          br_blob_data (msg->body),
                                          br_blob_size (msg->body));
    if (reply->fault.code != BR_OK) {
        s_refuse (ctx, msg, BR_EINVALID, BR_FAILURE_REQUEST, reply->fault.text);
        echo_reply_destroy (&reply);
        return;
    }
    br_id_text (msg->call, reply->call);
    reply->model = start->model;
    reply->created = br_ctx_unix_ms (ctx) / 1000;
    s_send_head (&answer, start);
    s_say (&answer, reply, start->stream != 0, only_counts);
    s_send_end (&answer, reply);
    echo_reply_destroy (&reply);
    self->calls++;
}

//  Whatever was started has been answered, attempt.done included, before a cancel can come;
//  and an answer is never larger than the first window, so credit changes nothing.
static void
s_on_nothing (void *state, br_ctx_t *ctx, const br_msg_t *msg)
{
    (void) state;
    (void) ctx;
    (void) msg;
}

static char *
s_admin (void *state, const char *command, const char *args)
{
    (void) args;
    const echo_t *self = state;
    if (strcmp (command, "upstreams") != 0)
        return NULL;
    return br_strf ("{\"provider\":\"echo\",\"running\":0,\"idle\":0,\"requests\":%llu,"
                    "\"failures\":0}",
                    (unsigned long long) self->calls);
}

static const br_handler_row_t s_handlers[] = {
    { BR_ATTEMPT_START, s_on_start },
    { BR_ATTEMPT_CANCEL, s_on_nothing },
    { BR_REPLY_CREDIT, s_on_nothing },
    { 0, NULL },
};

const br_actor_t br_echo_actor = {
    .name = "echo",
    .about = "answers each call with the client's last message",
    .role = BR_ROLE_UPSTREAM,
    .handlers = s_handlers,
    .create = s_create,
    .destroy = s_destroy,
    .admin = s_admin,
};
