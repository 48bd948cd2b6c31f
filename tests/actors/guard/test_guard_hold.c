//  guard_hold: the clock of a stream in which text waits; by itself, and in the actor.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "actors/guard/guard_hold.h"
#include "broker/core/ctx.h"
#include "tests/actors/guard/guard_world.h"

#define PIECE "sk-0123"
#define LATEST_MS (GUARD_HOLD_MS + 2 * GUARD_HOLD_STEP_MS)

static const void *
s_last (guard_world_t *self, br_verb_t verb)
{
    const br_msg_t *msg = stage_last (&self->stage, "ingress", verb);
    assert_non_null (msg);
    return br_msg_fields (msg);
}

static void
s_begin (guard_world_t *self, guard_sets_t sets, const char *text)
{
    guard_world_open (self, 1, sets, ASKS ("hi"));
    guard_world_head (self, 1, 1, EVENTS, text);
    stage_settle (&self->stage);
    stage_heard (&self->stage, "ingress");
}

//  ---- in the actor

static void
text_that_a_rule_waits_for_which_fails_open_goes_on_in_time (void **state)
{
    guard_world_t *self = *state;
    s_begin (self, PATIENT, SAYS ("a " PIECE));
    assert_string_equal (stage_bytes (&self->stage, "ingress"), SAYS ("a "));
    stage_pass (&self->stage, GUARD_HOLD_MS - 1);
    assert_string_equal (stage_heard (&self->stage, "ingress"), "");
    stage_pass (&self->stage, LATEST_MS - GUARD_HOLD_MS + 1);
    assert_string_equal (stage_heard (&self->stage, "ingress"), "reply.delta#1 ");
    assert_string_equal (stage_bytes (&self->stage, "ingress"), SAYS ("a ") SAYS (PIECE));
    const struct br_reply_delta *delta = s_last (self, BR_REPLY_DELTA);
    assert_int_equal (delta->seq, 1);
    assert_int_equal (delta->upto, self->upto);
    //  and: later text is looked at as before, and the client is told
    guard_world_delta (self, 1, 1, SAYS (" sk-01234567 "));
    guard_world_delta (self, 1, 1, STOPS);
    guard_world_end (self, 1, 1);
    stage_settle (&self->stage);
    assert_string_equal (stage_bytes (&self->stage, "ingress"),
                         SAYS ("a ") SAYS (PIECE) SAYS (" [REDACTED] ") STOPS);
    const struct br_reply_end *end = s_last (self, BR_REPLY_END);
    assert_int_equal (end->seq, 4);
    assert_int_equal (end->guard_said,
                      GUARD_SAID_ANSWER_REDACTED | GUARD_SAID_ANSWER_UNCHECKED);
    //  and: it is counted, and its bytes are not told
    const char *events = guard_world_events (self);
    assert_non_null (strstr (events, "\"failed\":1"));
    assert_null (strstr (events, PIECE));
}

static void
text_that_a_rule_waits_for_which_fails_closed_stays (void **state)
{
    guard_world_t *self = *state;
    s_begin (self, KEYS, SAYS ("a " PIECE));
    stage_pass (&self->stage, 100 * GUARD_HOLD_MS);
    assert_string_equal (stage_heard (&self->stage, "ingress"), "");
    guard_world_delta (self, 1, 1, SAYS ("4567 b"));
    stage_settle (&self->stage);
    assert_string_equal (stage_bytes (&self->stage, "ingress"),
                         SAYS ("a ") SAYS ("[REDACTED] b"));
    guard_world_end (self, 1, 1);
    stage_settle (&self->stage);
    const struct br_reply_end *end = s_last (self, BR_REPLY_END);
    assert_int_equal (end->guard_said, GUARD_SAID_ANSWER_REDACTED);
}

//  Text that always waits for a moment, of a stream that goes on, is none that waits long.
static void
a_stream_that_goes_on_is_left_alone (void **state)
{
    guard_world_t *self = *state;
    s_begin (self, PATIENT, SAYS ("a sk-"));
    for (size_t i = 0; i < 5; i++) {
        stage_pass (&self->stage, GUARD_HOLD_MS - 1);
        guard_world_delta (self, 1, 1, SAYS (". sk-"));
    }
    guard_world_delta (self, 1, 1, SAYS ("01234567 "));
    guard_world_end (self, 1, 1);
    stage_settle (&self->stage);
    assert_non_null (strstr (stage_bytes (&self->stage, "ingress"), "[REDACTED] "));
    const struct br_reply_end *end = s_last (self, BR_REPLY_END);
    assert_int_equal (end->guard_said, GUARD_SAID_ANSWER_REDACTED);
}

//  Its clock goes with it, whatever ends it.
static void
a_stream_that_is_over_has_no_clock (void **state)
{
    guard_world_t *self = *state;
    s_begin (self, PATIENT, SAYS ("a " PIECE));
    guard_world_say (self, "ingress", BR_GUARD_END, 1, 0, NULL, NULL);
    stage_pass (&self->stage, LATEST_MS);
    assert_string_equal (stage_heard (&self->stage, "ingress"), "");
}

//  When nobody is there for what goes on, the attempt ends.
static void
a_stream_that_nobody_takes_ends_at_the_sender (void **state)
{
    guard_world_t *self = *state;
    s_begin (self, PATIENT, SAYS ("a " PIECE));
    stage_heard (&self->stage, "upstream/openai");
    br_host_end (self->stage.host, "ingress");
    stage_pass (&self->stage, LATEST_MS);
    assert_string_equal (stage_heard (&self->stage, "upstream/openai"),
                         "attempt.cancel#1 ");
}

//  ---- by itself

typedef struct {
    guard_hold_t *hold;
    unsigned blocked;
    unsigned passed;
} hearer_t;

static void
s_on_held (void *arg, br_blob_t *bytes)
{
    hearer_t *self = arg;
    self->passed += bytes != NULL;
    self->blocked += bytes == NULL;
    guard_hold_destroy (&self->hold); //  as its owner may
}

static void
its_owner_may_end_it_when_it_is_told (void **state)
{
    guard_world_t *self = *state;
    hearer_t hearer = { .passed = 0 };
    br_buf_t out;
    br_buf_init (&out, 10000);
    guard_stream_t *stream = guard_stream_new (self->conf->rules, PATIENT, GUARD_REDACT,
                                               GUARD_BLOCK, BR_SURFACE_CHAT, NULL, NULL);
    hearer.hold = guard_hold_new (self->env.ctx, stream, s_on_held, &hearer);
    guard_hold_look (hearer.hold); //  nothing waits
    static const char text[] = SAYS (PIECE);
    assert_int_equal (guard_stream_push (stream, text, sizeof text - 1, &out), 0);
    guard_hold_look (hearer.hold);
    guard_hold_look (hearer.hold);
    stage_pass (&self->stage, LATEST_MS);
    assert_int_equal (hearer.passed, 1);
    assert_int_equal (hearer.blocked, 0);
    assert_null (hearer.hold);
    guard_hold_destroy (&hearer.hold);
    guard_hold_destroy (NULL);
    guard_stream_destroy (&stream);
    br_buf_free (&out);
}

static void
a_stream_that_fails_is_told_so (void **state)
{
    guard_world_t *self = *state;
    hearer_t hearer = { .passed = 0 };
    br_buf_t out;
    br_buf_init (&out, 10000);
    guard_stream_t *stream = guard_stream_new (self->conf->rules, KEYS, GUARD_REDACT,
                                               GUARD_BLOCK, BR_SURFACE_CHAT, NULL, NULL);
    hearer.hold = guard_hold_new (self->env.ctx, stream, s_on_held, &hearer);
    static const char text[] = SAYS (PIECE) "data: no JSON\n\n";
    assert_int_equal (guard_stream_push (stream, text, sizeof SAYS (PIECE) - 1, &out), 0);
    guard_hold_look (hearer.hold);
    assert_int_equal (guard_stream_push (stream, text, sizeof text - 1, &out), -1);
    stage_pass (&self->stage, GUARD_HOLD_STEP_MS);
    assert_int_equal (hearer.blocked, 1);
    guard_stream_destroy (&stream);
    br_buf_free (&out);
}

int
main (void)
{
#define TEST(name)                                                                       \
    cmocka_unit_test_setup_teardown (name, guard_world_setup, guard_world_teardown)
    const struct CMUnitTest tests[] = {
        TEST (text_that_a_rule_waits_for_which_fails_open_goes_on_in_time),
        TEST (text_that_a_rule_waits_for_which_fails_closed_stays),
        TEST (a_stream_that_goes_on_is_left_alone),
        TEST (a_stream_that_is_over_has_no_clock),
        TEST (a_stream_that_nobody_takes_ends_at_the_sender),
        TEST (its_owner_may_end_it_when_it_is_told),
        TEST (a_stream_that_fails_is_told_so),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
