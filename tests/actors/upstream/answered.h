//  answered: what tests of an answer share: a call that is asked of a provider, and what comes
//  of it.

#ifndef BR_TESTS_ANSWERED_H
#define BR_TESTS_ANSWERED_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "actors/upstream/upstream_answer.h"

typedef struct {
    upstream_answer_t *answer;
    upstream_mask_t *secrets; //  as it is at the beginning
    br_buf_t out;
    br_failure_t failure;
    br_error_t error;
} answered_t;

//  surface: what the client asks; asked: what the provider is asked
static inline bool
answered_begin_bound (answered_t *world, br_surface_t surface, br_surface_t asked,
                      uint64_t stream, const char *body, uint64_t max_output)
{
    struct br_attempt_start start = {
        .surface = surface, .stream = stream, .model = "m-1", .request_id = "req_1"
    };
    start.max_output = max_output;
    static const char named[] = "{\"model\":\"c\"";
    if (strncmp (body, named, sizeof named - 1) == 0) {
        start.model_at = 9;
        start.model_size = 3;
    }
    br_blob_t *blob = br_blob_new (body, strlen (body));
    br_msg_t *msg = br_msg_new (BR_ATTEMPT_START, (br_id_t) { 1, 1 }, 1, &start, blob);
    upstream_asked_t question = { .msg = msg, .surface = asked, .provider = "acme" };
    question.secrets = world->secrets;
    world->failure = BR_FAILURE_NONE;
    world->answer = upstream_answer_new (&question, &world->failure, &world->error);
    br_msg_destroy (&msg);
    br_blob_destroy (&blob);
    br_buf_init (&world->out, 1u << 20);
    return world->answer != NULL;
}

static inline bool
answered_begin (answered_t *world, br_surface_t surface, br_surface_t asked,
                uint64_t stream, const char *body)
{
    return answered_begin_bound (world, surface, asked, stream, body, 0);
}

static inline tap_first_t
answered_push (answered_t *world, const char *bytes)
{
    return upstream_answer_push (world->answer, bytes, strlen (bytes), &world->out);
}

static inline void
answered_end (answered_t *world)
{
    upstream_answer_destroy (&world->answer);
    br_buf_free (&world->out);
}

#define CHAT_CALL                                                                        \
    "{\"model\":\"gpt\",\"logit_bias\":{\"1\":2},\"messages\":[{\"role\":\"user\","      \
    "\"content\":\"hi\"}]}"
#define CHAT_STREAM_CALL                                                                 \
    "{\"model\":\"gpt\",\"stream\":true,\"messages\":[{\"role\":\"user\",\"content\":"   \
    "\"hi\"}]}"

#endif
