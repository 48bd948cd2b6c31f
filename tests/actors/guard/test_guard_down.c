//  guard_down: one answer on its way down, as a stream, as a whole, as what passes, and as
//  an error.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "actors/guard/guard_down.h"
#include "actors/guard/guard_held.h"
#include "broker/core/alloc.h"
#include "broker/core/credit.h"
#include "broker/core/ctx.h"
#include "tests/actors/guard/guard_world.h"

#define BIG (1u << 20) //  bytes of an answer that is looked at in slices
#define JSON "application/json"

typedef struct {
    guard_world_t *world;
    guard_down_t *down;
    guard_sets_t sets;
    unsigned over;        //  calls of it, count
    br_surface_t surface; //  of the client; BR_SURFACE_NONE = that of Chat
} answer_t;

static int
s_setup (void **state)
{
    static answer_t answer;
    void *world;
    guard_world_setup (&world);
    answer = (answer_t) { .world = world, .sets = KEYS };
    *state = &answer;
    return 0;
}

static int
s_teardown (void **state)
{
    answer_t *self = *state;
    void *world = self->world;
    guard_down_destroy (&self->down);
    assert_null (self->down);
    guard_down_destroy (&self->down);
    return guard_world_teardown (&world);
}

//  ---- words

static void
s_on_over (void *arg)
{
    answer_t *self = arg;
    self->over++;
}

static void
s_hear (answer_t *self, br_verb_t verb, const void *fields, const char *text)
{
    guard_world_t *world = self->world;
    br_msg_t *msg = guard_world_word (world, verb, 3, fields, text);
    const guard_down_call_t call = {
        .env = &world->env,
        .conf = world->conf,
        .sets = self->sets,
        .surface = self->surface ? self->surface : BR_SURFACE_CHAT,
        .call = msg->call,
        .to = br_host_ctx (world->stage.host, "ingress")->addr,
    };
    if (!self->down)
        self->down = guard_down_new (&call, msg, s_on_over, self);
    guard_down_reply (self->down, msg);
    br_msg_destroy (&msg);
}

static void
s_head (answer_t *self, const char *type, const char *text)
{
    self->world->seq = 1;
    self->world->upto = 1000 + strlen (text); //  as upstream counts
    struct br_reply_head head = { .upto = self->world->upto, .status = 201 };
    head.content_type = type;
    head.provider = "openai";
    head.model = "m-1-big";
    s_hear (self, BR_REPLY_HEAD, &head, text);
}

static void
s_delta (answer_t *self, const char *text)
{
    self->world->upto += strlen (text);
    struct br_reply_delta delta = { .seq = self->world->seq++,
                                    .upto = self->world->upto };
    s_hear (self, BR_REPLY_DELTA, &delta, text);
}

static void
s_end (answer_t *self)
{
    struct br_reply_end end = { .seq = self->world->seq++, .output_tokens = 7 };
    s_hear (self, BR_REPLY_END, &end, NULL);
}

static void
s_error (answer_t *self, const char *words, const char *type, const char *text)
{
    struct br_reply_error error = { .seq = self->world->seq++, .code = BR_EUPCUT };
    error.status = 418;
    error.error = words;
    error.content_type = type;
    error.elsewhere_us = 5;
    s_hear (self, BR_REPLY_ERROR, &error, text);
}

//  ---- what was heard

static const char *
s_ingress (answer_t *self)
{
    return stage_heard (&self->world->stage, "ingress");
}

static const char *
s_upstream (answer_t *self)
{
    return stage_heard (&self->world->stage, "upstream/openai");
}

static const void *
s_last (answer_t *self, br_verb_t verb)
{
    const br_msg_t *msg = stage_last (&self->world->stage, "ingress", verb);
    assert_non_null (msg);
    assert_int_equal (msg->attempt, 3);
    return br_msg_fields (msg);
}

//  All bytes that the client's side has got.
static const char *
s_bytes (answer_t *self)
{
    stage_settle (&self->world->stage);
    return stage_bytes (&self->world->stage, "ingress");
}

static void
s_assert_blocked (answer_t *self, uint64_t seq, const char *words)
{
    const struct br_reply_error *error = s_last (self, BR_REPLY_ERROR);
    assert_int_equal (error->code, BR_EUPGUARD);
    assert_int_equal (error->seq, seq);
    assert_string_equal (error->error, words);
    assert_int_equal (error->attempts, 3);
    const struct br_attempt_cancel *cancel = br_msg_fields (
        stage_last (&self->world->stage, "upstream/openai", BR_ATTEMPT_CANCEL));
    assert_int_equal (cancel->code, BR_EUPGUARD);
    assert_true (guard_down_is_over (self->down));
}

#define BLOCKED(where)                                                                   \
    "guardrail blocked downgoing " where " content: Dangerous shell "                    \
    "commands." GUARD_LINK

//  ---- a stream of events

static void
a_stream_without_findings_passes (void **state)
{
    answer_t *self = *state;
    s_head (self, EVENTS "; charset=utf-8", SAYS ("hello"));
    assert_true (guard_down_is_events (self->down));
    const struct br_reply_head *head = s_last (self, BR_REPLY_HEAD);
    assert_int_equal (head->seq, 0);
    assert_int_equal (head->status, 201);
    assert_int_equal (head->upto, self->world->upto);
    assert_string_equal (head->provider, "openai");
    assert_string_equal (head->model, "m-1-big");
    s_delta (self, SAYS (" there"));
    s_delta (self, STOPS);
    s_end (self);
    assert_string_equal (s_ingress (self),
                         "reply.head#3 reply.delta#3 reply.delta#3 reply.end#3 ");
    assert_string_equal (s_bytes (self), SAYS ("hello") SAYS (" there") STOPS);
    const struct br_reply_end *end = s_last (self, BR_REPLY_END);
    assert_int_equal (end->seq, 3);
    assert_int_equal (end->output_tokens, 7);
    assert_true (guard_down_is_over (self->down));
    assert_int_equal (self->over, 0); //  the caller sees it
    assert_string_equal (s_upstream (self), "");
}

//  Whatever is held back, each word has its number, and tells how far the sender is.
static void
a_secret_that_is_cut_over_deltas_is_redacted (void **state)
{
    answer_t *self = *state;
    s_head (self, EVENTS, SAYS ("key: sk-ab"));
    assert_null (strstr (s_bytes (self), "sk-"));
    const char *const rest[] = { SAYS ("cd"), SAYS ("12"), SAYS ("34!"), STOPS };
    for (size_t i = 0; i < sizeof rest / sizeof *rest; i++) {
        s_delta (self, rest[i]);
        const struct br_reply_delta *delta = s_last (self, BR_REPLY_DELTA);
        assert_int_equal (delta->seq, i + 1);
        assert_int_equal (delta->upto, self->world->upto);
    }
    s_end (self);
    const struct br_reply_end *end = s_last (self, BR_REPLY_END);
    assert_int_equal (end->seq, 5);
    assert_int_equal (end->guard_said, GUARD_SAID_ANSWER_REDACTED);
    const char *bytes = s_bytes (self);
    assert_non_null (strstr (bytes, "\"key: "));
    assert_non_null (strstr (bytes, "[REDACTED]"));
    assert_non_null (strstr (bytes, "[DONE]"));
    assert_null (strstr (bytes, "sk-"));
    assert_null (strstr (bytes, "1234"));
    assert_non_null (strstr (
        guard_world_events (self->world),
        "\"direction\":\"downgoing\",\"place\":\"text\",\"family\":\"api_keys\""));
}

//  An event may end anywhere.
static void
an_event_that_is_cut_is_put_together (void **state)
{
    answer_t *self = *state;
    const char stream[] = SAYS ("a sk-abcd1234 b") STOPS;
    char piece[2] = { 0, 0 };
    s_head (self, EVENTS, "");
    for (const char *at = stream; *at; at++) {
        piece[0] = *at;
        s_delta (self, piece);
    }
    s_end (self);
    assert_non_null (strstr (s_bytes (self), "[REDACTED]"));
    assert_null (strstr (s_bytes (self), "abcd"));
}

static void
what_blocks_in_the_middle_ends_the_stream (void **state)
{
    answer_t *self = *state;
    s_head (self, EVENTS, SAYS ("now "));
    s_delta (self, SAYS ("run rm -r"));
    s_delta (self, SAYS ("f / quickly"));
    assert_string_equal (s_ingress (self), "reply.head#3 reply.delta#3 reply.error#3 ");
    s_assert_blocked (self, 2, BLOCKED ("stream text"));
    assert_null (strstr (s_bytes (self), "rm"));
    assert_non_null (strstr (s_bytes (self), "run "));
    //  then: nothing that follows counts
    s_delta (self, SAYS ("more"));
    s_end (self);
    assert_string_equal (s_ingress (self), "");
    assert_string_equal (s_upstream (self), "attempt.cancel#3 ");
    assert_non_null (strstr (guard_world_events (self->world),
                             "\"action\":\"block\",\"masked\":\"rm"));
}

static void
what_blocks_in_the_first_words_is_all_that_comes (void **state)
{
    answer_t *self = *state;
    s_head (self, EVENTS, SAYS ("rm -rf /"));
    assert_string_equal (s_ingress (self), "reply.error#3 ");
    s_assert_blocked (self, 0, BLOCKED ("stream text"));
    assert_string_equal (s_bytes (self), "");
}

static void
what_was_held_at_the_end_goes_out (void **state)
{
    answer_t *self = *state;
    s_head (self, EVENTS, SAYS ("it ends with sk-abc"));
    assert_null (strstr (s_bytes (self), "sk-abc"));
    s_end (self);
    assert_string_equal (s_ingress (self), "reply.head#3 reply.delta#3 reply.end#3 ");
    assert_non_null (strstr (s_bytes (self), "sk-abc"));
    const struct br_reply_delta *delta = s_last (self, BR_REPLY_DELTA);
    assert_int_equal (delta->seq, 1);
    assert_int_equal (delta->upto, self->world->upto);
    const struct br_reply_end *end = s_last (self, BR_REPLY_END);
    assert_int_equal (end->seq, 2);
}

//  Given a match that the last words complete, then the end itself is what blocks.
static void
an_event_that_is_never_whole_can_block_at_the_end (void **state)
{
    answer_t *self = *state;
    s_head (self, EVENTS, SAYS ("x"));
    s_delta (self, "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":"
                   "\"rm -rf /\"}}]}");
    assert_string_equal (s_ingress (self), "reply.head#3 reply.delta#3 ");
    s_end (self);
    assert_null (strstr (s_bytes (self), "rm -rf"));
}

static void
credit_is_handed_on (void **state)
{
    answer_t *self = *state;
    s_head (self, EVENTS, SAYS ("x"));
    assert_string_equal (s_upstream (self), "");
    struct br_reply_credit credit = { .upto = 12345 };
    br_msg_t *msg = guard_world_word (self->world, BR_REPLY_CREDIT, 3, &credit, NULL);
    guard_down_credit (self->down, msg);
    assert_string_equal (s_upstream (self), "reply.credit#3 ");
    const struct br_reply_credit *heard = br_msg_fields (
        stage_last (&self->world->stage, "upstream/openai", BR_REPLY_CREDIT));
    assert_int_equal (heard->upto, 12345);
    s_delta (self, STOPS);
    s_end (self);
    guard_down_credit (self->down, msg); //  nobody waits for it
    assert_string_equal (s_upstream (self), "");
    br_msg_destroy (&msg);
}

//  ---- a single answer

static void
a_single_answer_waits_until_it_is_whole (void **state)
{
    answer_t *self = *state;
    const char *text = ANSWER ("my sk-abcd1234 is secret");
    char *front = br_strndup (text, 70);
    s_head (self, JSON "; charset=utf-8", front);
    assert_false (guard_down_is_events (self->down));
    s_delta (self, text + 70);
    assert_string_equal (s_ingress (self), "");
    s_end (self);
    assert_string_equal (s_ingress (self), "reply.head#3 reply.end#3 ");
    assert_string_equal (s_bytes (self), ANSWER ("my [REDACTED] is secret"));
    const struct br_reply_head *head = s_last (self, BR_REPLY_HEAD);
    assert_int_equal (head->seq, 0);
    assert_int_equal (head->status, 201);
    assert_int_equal (head->guard_said, GUARD_SAID_ANSWER_REDACTED);
    assert_int_equal (head->upto, self->world->upto);
    assert_string_equal (head->content_type, JSON "; charset=utf-8");
    const struct br_reply_end *end = s_last (self, BR_REPLY_END);
    assert_int_equal (end->seq, 1);
    assert_int_equal (end->output_tokens, 7);
    assert_true (guard_down_is_over (self->down));
    assert_string_equal (s_upstream (self), "");
    free (front);
}

static void
a_single_answer_without_findings_passes_as_it_is (void **state)
{
    answer_t *self = *state;
    s_head (self, "application/problem+json", " " ANSWER ("nothing \\u0041") "\n");
    s_end (self);
    assert_string_equal (s_bytes (self), " " ANSWER ("nothing \\u0041") "\n");
    const struct br_reply_head *head = s_last (self, BR_REPLY_HEAD);
    assert_int_equal (head->guard_said, 0);
}

static void
a_single_answer_that_is_blocked_becomes_an_error (void **state)
{
    answer_t *self = *state;
    s_head (self, JSON, ANSWER ("rm -rf / sk-abcd1234"));
    s_end (self);
    assert_string_equal (s_ingress (self), "reply.error#3 ");
    s_assert_blocked (self, 0, BLOCKED ("text"));
    assert_string_equal (s_bytes (self), "");
}

static void
a_single_answer_that_cannot_be_read_is_stopped_where_rules_fail_closed (void **state)
{
    answer_t *self = *state;
    s_head (self, JSON, "{\"choices\":[");
    s_end (self);
    s_assert_blocked (self, 0,
                      "the answer could not be read, and its guardrails fail closed");
    guard_down_destroy (&self->down);
    self->sets = LENIENT;
    s_head (self, JSON, "{\"choices\":[");
    s_end (self);
    assert_string_equal (s_bytes (self), "{\"choices\":[");
    //  and: no rule has missed anything
    assert_int_equal (
        ((const struct br_reply_head *) s_last (self, BR_REPLY_HEAD))->guard_said, 0);
}

//  What is held for the guard's sake must not wait for the client's credit.
static void
credit_is_told_while_an_answer_is_held (void **state)
{
    answer_t *self = *state;
    char *piece = br_alloc (BR_CREDIT_STEP + 1, 1);
    memset (piece, ' ', BR_CREDIT_STEP);
    s_head (self, JSON, ANSWER ("x"));
    assert_string_equal (s_upstream (self), "");
    for (int i = 0; i < 8; i++) {
        s_delta (self, piece);
        assert_string_equal (s_upstream (self), "reply.credit#3 ");
        const struct br_reply_credit *credit = br_msg_fields (
            stage_last (&self->world->stage, "upstream/openai", BR_REPLY_CREDIT));
        assert_int_equal (credit->upto, self->world->upto + BR_CREDIT_WINDOW);
    }
    free (piece);
}

static void
an_answer_that_is_too_long_is_stopped (void **state)
{
    answer_t *self = *state;
    char *piece = br_alloc (BIG + 1, 1);
    memset (piece, ' ', BIG);
    s_head (self, JSON, "{");
    for (unsigned i = 0; i < GUARD_ANSWER_MAX / BIG - 1; i++)
        s_delta (self, piece);
    assert_string_equal (s_ingress (self), "");
    s_delta (self, piece);
    s_assert_blocked (self, 0,
                      "the answer is too long for the guardrails that it is under");
    free (piece);
}

//  "caller frees"
static char *
s_big (const char *text)
{
    char *letters = br_alloc (BIG + 1, 1);
    memset (letters, 'a', BIG);
    char *body = br_strf ("{\"choices\":[{\"index\":0,\"message\":{\"role\":"
                          "\"assistant\",\"content\":\"%s %s\"}}]}",
                          letters, text);
    free (letters);
    return body;
}

static void
a_large_answer_is_looked_at_in_slices (void **state)
{
    answer_t *self = *state;
    char *big = s_big ("sk-abcd1234");
    s_head (self, JSON, big);
    s_end (self);
    assert_false (guard_down_is_over (self->down));
    assert_string_equal (s_ingress (self), "reply.head#3 reply.end#3 ");
    assert_int_equal (self->over, 1);
    assert_true (guard_down_is_over (self->down));
    assert_non_null (strstr (s_bytes (self), "aa [REDACTED]\""));
    free (big);
}

static void
a_large_answer_that_is_cancelled_is_forgotten (void **state)
{
    answer_t *self = *state;
    char *big = s_big ("sk-abcd1234");
    s_head (self, JSON, big);
    s_end (self);
    br_host_work (self->world->stage.host);
    guard_down_cancel (self->down, BR_ECANCELLED);
    assert_string_equal (s_ingress (self), "");
    assert_int_equal (self->over, 0);
    const struct br_attempt_cancel *cancel = br_msg_fields (
        stage_last (&self->world->stage, "upstream/openai", BR_ATTEMPT_CANCEL));
    assert_int_equal (cancel->code, BR_ECANCELLED);
    free (big);
}

static void
a_large_answer_can_be_destroyed_under_way (void **state)
{
    answer_t *self = *state;
    char *big = s_big ("sk-abcd1234");
    s_head (self, JSON, big);
    s_end (self);
    br_host_work (self->world->stage.host);
    guard_down_destroy (&self->down);
    assert_string_equal (s_ingress (self), "");
    assert_int_equal (self->over, 0);
    free (big);
}

//  ---- what passes

static void
what_is_neither_is_stopped_where_rules_fail_closed (void **state)
{
    answer_t *self = *state;
    s_head (self, "text/plain", "key: sk-abcd1234");
    assert_string_equal (s_ingress (self), "reply.error#3 ");
    assert_string_equal (s_bytes (self), "");
}

static void
sound_passes_as_it_is (void **state)
{
    answer_t *self = *state;
    self->surface = BR_SURFACE_SPEECH;
    s_head (self, "audio/mpeg", "\xff\xfb rm -rf /");
    s_delta (self, " sk-abcd1234");
    s_end (self);
    assert_string_equal (s_ingress (self), "reply.head#3 reply.delta#3 reply.end#3 ");
    assert_string_equal (s_bytes (self), "\xff\xfb rm -rf / sk-abcd1234");
    const struct br_reply_delta *delta = s_last (self, BR_REPLY_DELTA);
    assert_int_equal (delta->seq, 1);
    assert_int_equal (delta->upto, self->world->upto);
}

//  ---- errors

static void
an_error_is_the_last_word (void **state)
{
    answer_t *self = *state;
    s_head (self, EVENTS, SAYS ("held sk-ab"));
    s_error (self, "it broke", "", NULL);
    assert_string_equal (s_ingress (self), "reply.head#3 reply.error#3 ");
    const struct br_reply_error *error = s_last (self, BR_REPLY_ERROR);
    assert_int_equal (error->seq, 1);
    assert_int_equal (error->code, BR_EUPCUT);
    assert_int_equal (error->status, 418);
    assert_int_equal (error->elsewhere_us, 5);
    assert_string_equal (error->error, "it broke");
    assert_true (guard_down_is_over (self->down));
    assert_null (strstr (s_bytes (self), "sk-ab"));
    assert_string_equal (s_upstream (self), "");
}

static void
an_error_without_an_answer_passes (void **state)
{
    answer_t *self = *state;
    s_error (self, "nobody is left", "", NULL);
    assert_string_equal (s_ingress (self), "reply.error#3 ");
    const struct br_reply_error *error = s_last (self, BR_REPLY_ERROR);
    assert_int_equal (error->seq, 0);
    assert_int_equal (error->code, BR_EUPCUT);
}

static void
the_words_of_an_error_are_looked_at (void **state)
{
    answer_t *self = *state;
    s_error (self, "bad key sk-abcd1234", JSON,
             "{\"error\":{\"message\":\"bad key sk-abcd1234\"}}");
    assert_string_equal (s_ingress (self), "reply.error#3 ");
    const struct br_reply_error *error = s_last (self, BR_REPLY_ERROR);
    assert_string_equal (error->error, "bad key [REDACTED]");
    assert_int_equal (error->status, 418);
    assert_string_equal (error->content_type, JSON);
    assert_string_equal (s_bytes (self),
                         "{\"error\":{\"message\":\"bad key [REDACTED]\"}}");
}

static void
an_error_that_is_no_json_is_looked_at_as_text (void **state)
{
    answer_t *self = *state;
    s_error (self, "", "text/plain", "bad key sk-abcd1234");
    assert_string_equal (s_bytes (self), "bad key [REDACTED]");
    assert_true (guard_down_is_over (self->down));
}

static void
an_error_can_be_blocked (void **state)
{
    answer_t *self = *state;
    s_error (self, "try rm -rf /", "", NULL);
    s_assert_blocked (self, 0, BLOCKED ("text"));
    guard_down_destroy (&self->down);
    self->world->seq = 0;
    s_error (self, "", "text/plain", "try rm -rf /");
    s_assert_blocked (self, 0, BLOCKED ("text"));
    guard_down_destroy (&self->down);
    self->world->seq = 0;
    s_error (self, "", JSON, "{\"error\":{\"message\":\"try rm -rf /\"}}");
    s_assert_blocked (self, 0, BLOCKED ("text"));
    assert_string_equal (s_bytes (self), "");
}

static void
an_answer_that_breaks_off_ends (void **state)
{
    answer_t *self = *state;
    s_head (self, EVENTS, SAYS ("x"));
    struct br_reply_broken broken = { .seq = 1, .code = BR_EUPCUT, .error = "cut" };
    s_hear (self, BR_REPLY_BROKEN, &broken, NULL);
    assert_string_equal (s_ingress (self), "reply.head#3 reply.error#3 ");
    const struct br_reply_error *error = s_last (self, BR_REPLY_ERROR);
    assert_int_equal (error->seq, 1);
    assert_int_equal (error->code, BR_EUPCUT);
    assert_string_equal (error->error, "cut");
}

//  ---- words out of order

static void
s_assert_lost (answer_t *self)
{
    const struct br_reply_error *error = s_last (self, BR_REPLY_ERROR);
    assert_int_equal (error->code, BR_EUPCUT);
    assert_string_equal (s_upstream (self), "attempt.cancel#3 ");
    assert_true (guard_down_is_over (self->down));
    guard_down_destroy (&self->down);
    s_ingress (self);
}

//  Numbers are the guard's own on the way down: nobody else would see a gap.
static void
a_gap_ends_the_answer (void **state)
{
    answer_t *self = *state;
    s_head (self, EVENTS, SAYS ("x"));
    self->world->seq++;
    s_delta (self, SAYS ("y"));
    assert_string_equal (s_ingress (self), "reply.head#3 reply.error#3 ");
    s_assert_lost (self);
    s_head (self, JSON, ANSWER ("x"));
    self->world->seq++;
    s_end (self);
    s_assert_lost (self);
    self->world->seq = 0; //  no head
    s_delta (self, SAYS ("y"));
    s_assert_lost (self);
    self->world->seq = 0;
    s_end (self);
    s_assert_lost (self);
}

static void
a_second_end_is_no_end (void **state)
{
    answer_t *self = *state;
    char *big = s_big ("x");
    s_head (self, JSON, big);
    s_upstream (self);
    s_end (self);
    s_end (self);
    assert_string_equal (s_ingress (self), "reply.error#3 ");
    s_assert_lost (self);
    free (big);
}

static void
words_of_another_attempt_are_ignored (void **state)
{
    answer_t *self = *state;
    s_head (self, EVENTS, SAYS ("x"));
    assert_int_equal (guard_down_attempt (self->down), 3);
    struct br_reply_end end = { .seq = 1 };
    br_msg_t *msg = guard_world_word (self->world, BR_REPLY_END, 4, &end, NULL);
    guard_down_reply (self->down, msg);
    br_msg_destroy (&msg);
    assert_string_equal (s_ingress (self), "reply.head#3 ");
    assert_false (guard_down_is_over (self->down));
}

#define TEST(name) cmocka_unit_test_setup_teardown (name, s_setup, s_teardown)

int
main (void)
{
    const struct CMUnitTest tests[] = {
        TEST (a_stream_without_findings_passes),
        TEST (a_secret_that_is_cut_over_deltas_is_redacted),
        TEST (an_event_that_is_cut_is_put_together),
        TEST (what_blocks_in_the_middle_ends_the_stream),
        TEST (what_blocks_in_the_first_words_is_all_that_comes),
        TEST (what_was_held_at_the_end_goes_out),
        TEST (an_event_that_is_never_whole_can_block_at_the_end),
        TEST (credit_is_handed_on),
        TEST (a_single_answer_waits_until_it_is_whole),
        TEST (a_single_answer_without_findings_passes_as_it_is),
        TEST (a_single_answer_that_is_blocked_becomes_an_error),
        TEST (a_single_answer_that_cannot_be_read_is_stopped_where_rules_fail_closed),
        TEST (credit_is_told_while_an_answer_is_held),
        TEST (an_answer_that_is_too_long_is_stopped),
        TEST (a_large_answer_is_looked_at_in_slices),
        TEST (a_large_answer_that_is_cancelled_is_forgotten),
        TEST (a_large_answer_can_be_destroyed_under_way),
        TEST (what_is_neither_is_stopped_where_rules_fail_closed),
        TEST (sound_passes_as_it_is),
        TEST (an_error_is_the_last_word),
        TEST (an_error_without_an_answer_passes),
        TEST (the_words_of_an_error_are_looked_at),
        TEST (an_error_that_is_no_json_is_looked_at_as_text),
        TEST (an_error_can_be_blocked),
        TEST (an_answer_that_breaks_off_ends),
        TEST (a_gap_ends_the_answer),
        TEST (a_second_end_is_no_end),
        TEST (words_of_another_attempt_are_ignored),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
