//  transcript: what the tests of ingress_call share: a call that writes down what it says,
//  and what arrives for it.

#ifndef TEST_INGRESS_TRANSCRIPT_H
#define TEST_INGRESS_TRANSCRIPT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "actors/ingress/ingress_call.h"

#define SSE "text/event-stream; charset=utf-8"

typedef struct {
    ingress_call_t *call;
    br_buf_t notes; //  "open 200|write x|commit 1|"
} world_t;

//  ---- what the call says, written down

static inline void
s_reply (void *arg, const ingress_head_t *head, br_blob_t *body)
{
    br_buf_addf (arg, "reply %u %s %u %.*s|", head->status, head->provider,
                 head->attempts, (int) br_blob_size (body),
                 (const char *) br_blob_data (body));
}

static inline void
s_open (void *arg, const ingress_head_t *head)
{
    br_buf_addf (arg, "open %u %s %s|", head->status, head->provider, head->model);
}

static inline void
s_write (void *arg, const void *bytes, size_t size)
{
    br_buf_addf (arg, "write %.*s|", size > 400 ? 4 : (int) size, (const char *) bytes);
}

static inline void
s_end (void *arg)
{
    br_buf_adds (arg, "end|");
}

static inline void
s_cut (void *arg)
{
    br_buf_adds (arg, "cut|");
}

static inline void
s_commit (void *arg, uint32_t attempt)
{
    br_buf_addf (arg, "commit %u|", attempt);
}

static inline void
s_credit (void *arg, uint32_t attempt, uint64_t upto)
{
    br_buf_addf (arg, "credit %u %llu|", attempt, (unsigned long long) upto);
}

static inline void
s_fenced (void *arg, uint32_t attempt, bool committed)
{
    br_buf_addf (arg, "%s %u|", committed ? "committed" : "fenced", attempt);
}

static inline void
s_joined (void *arg, uint32_t attempt)
{
    br_buf_addf (arg, "joined %u|", attempt);
}

static inline void
s_answered (void *arg, uint32_t attempt, br_code_t code)
{
    br_buf_addf (arg, "answered %u %s|", attempt, br_code_name (code));
}

static inline void
s_cancel (void *arg, br_code_t code, const char *reason)
{
    (void) reason;
    br_buf_adds (arg, "cancel");
    if (code)
        br_buf_addf (arg, " %s", br_code_name (code));
    br_buf_adds (arg, "|");
}

static inline void
s_stop (void *arg, uint32_t attempt)
{
    br_buf_addf (arg, "stop %u|", attempt);
}

static inline void
s_settle (void *arg, br_outcome_t outcome, br_code_t code, const struct br_reply_end *end)
{
    br_buf_addf (arg, "settle %s %s %d|", br_outcome_name (outcome), br_code_name (code),
                 end ? (int) end->output_tokens : -1);
}

static inline void
s_settle_late (void *arg, br_code_t code)
{
    br_buf_addf (arg, "late %s|", br_code_name (code));
}

static const ingress_out_t s_out = { s_reply,  s_open,       s_write,  s_end,
                                     s_cut,    s_commit,     s_credit, s_joined,
                                     s_fenced, s_answered,   s_cancel, s_stop,
                                     s_settle, s_settle_late };

static inline int
s_setup (void **state)
{
    static world_t world;
    br_buf_init (&world.notes, 1u << 20);
    world.call = ingress_call_new (BR_SURFACE_CHAT, &s_out, &world.notes);
    *state = &world;
    return 0;
}

static inline int
s_teardown (void **state)
{
    world_t *world = *state;
    ingress_call_destroy (&world->call);
    br_buf_free (&world->notes);
    return 0;
}

//  ---- what arrives

static inline void
s_head_as (world_t *world, uint32_t attempt, uint64_t seq, const char *content_type,
           const char *body)
{
    struct br_reply_head head = { .seq = seq,
                                  .status = 200,
                                  .content_type = content_type };
    head.provider = "openai";
    head.model = "gpt";
    head.upto = strlen (body);
    br_blob_t *blob = br_blob_new (body, strlen (body));
    ingress_call_head (world->call, attempt, &head, blob);
    br_blob_destroy (&blob);
}

static inline void
s_head (world_t *world, uint32_t attempt, const char *content_type, const char *body)
{
    s_head_as (world, attempt, 0, content_type, body);
}

static inline void
s_delta (world_t *world, uint32_t attempt, uint64_t seq, const char *body)
{
    struct br_reply_delta delta = { .seq = seq };
    br_blob_t *blob = br_blob_new (body, strlen (body));
    ingress_call_delta (world->call, attempt, &delta, blob);
    br_blob_destroy (&blob);
}

//  size bytes of x, up to the offset upto.
static inline void
s_bulk (world_t *world, uint32_t attempt, uint64_t seq, size_t size, uint64_t upto)
{
    struct br_reply_delta delta = { .seq = seq, .upto = upto };
    uint8_t *bytes = malloc (size);
    memset (bytes, 'x', size);
    br_blob_t *blob = br_blob_take (bytes, size);
    ingress_call_delta (world->call, attempt, &delta, blob);
    br_blob_destroy (&blob);
}

static inline void
s_end_of (world_t *world, uint32_t attempt, uint64_t seq)
{
    struct br_reply_end end = { .seq = seq, .output_tokens = 9 };
    ingress_call_end (world->call, attempt, &end);
}

static inline void
s_news (world_t *world, ingress_news_t news)
{
    ingress_call_news (world->call, news);
}

//  What was said since the last look.
static inline void
s_said (world_t *world, const char *text)
{
    assert_string_equal (br_buf_text (&world->notes), text);
    br_buf_clear (&world->notes);
}

static inline bool
s_mentions (world_t *world, const char *text)
{
    bool found = strstr (br_buf_text (&world->notes), text) != NULL;
    br_buf_clear (&world->notes);
    return found;
}

#define TEST(name) cmocka_unit_test_setup_teardown (name, s_setup, s_teardown)

#endif
