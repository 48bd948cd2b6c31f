//  guard: what passes on the way up, and the life of calls, rules and figures. The way down
//  is test_guard_down.c.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "actors/guard/guard.h"
#include "broker/core/alloc.h"
#include "broker/core/ctx.h"
#include "broker/core/slip.h"
#include "broker/guard/guard_said.h"
#include "tests/actors/guard/guard_world.h"

#define BIG (1u << 20) //  bytes of a body that is looked at in slices

static const struct br_reply_error *
s_error (guard_world_t *world)
{
    const br_msg_t *msg = stage_last (&world->stage, "ingress", BR_REPLY_ERROR);
    assert_non_null (msg);
    return br_msg_fields (msg);
}

//  A request whose user says so many letters, then `text`. "caller frees"
static char *
s_big (const char *text)
{
    char *letters = br_alloc (BIG + 1, 1);
    memset (letters, 'a', BIG);
    char *body = br_strf ("{\"messages\":[{\"role\":\"user\",\"content\":\"%s %s\"}],"
                          "\"model\":\"m-1\"}",
                          letters, text);
    free (letters);
    return body;
}

//  ---- requests

static void
a_request_without_findings_passes_as_it_is (void **state)
{
    guard_world_t *world = *state;
    const char body[] = " {\"model\" : \"m-1\", \"messages\":[ {\"role\":\"user\","
                        "\"content\":\"hi \\u0041\"}]}\n";
    struct br_call_open open = { .generation = 1, .guard_sets = KEYS | WORDS };
    open.model_at = 12;
    open.model_size = 5;
    open.request_id = "req-1";
    open.query = "a=b";
    open.stream = 1;
    guard_world_open_with (world, 7, open, body, strlen (body));
    assert_string_equal (stage_heard (&world->stage, "router"), "call.open#0 ");
    assert_string_equal (guard_world_body (world, "router", BR_CALL_OPEN), body);
    const br_msg_t *msg = stage_last (&world->stage, "router", BR_CALL_OPEN);
    const struct br_call_open *passed = br_msg_fields (msg);
    assert_int_equal (msg->call.lo, 7);
    assert_int_equal (passed->model_at, 12);
    assert_int_equal (passed->model_size, 5);
    assert_int_equal (passed->stream, 1);
    assert_int_equal (passed->guard_sets, KEYS | WORDS);
    assert_string_equal (passed->request_id, "req-1");
    assert_string_equal (passed->query, "a=b");
    assert_int_equal (passed->slip.size, world->slip_size);
    assert_string_equal (stage_heard (&world->stage, "ingress"), "");
}

static void
a_redacted_request_has_its_model_where_it_is_said_to_be (void **state)
{
    guard_world_t *world = *state;
    guard_world_open (world, 1, KEYS, ASKS ("sk-abcd1234 and sk-zzzz9999"));
    const char *body = guard_world_body (world, "router", BR_CALL_OPEN);
    assert_string_equal (body, ASKS ("[REDACTED] and [REDACTED]"));
    const struct br_call_open *open = br_msg_fields (
        stage_last (&world->stage, "router", BR_CALL_OPEN));
    assert_int_equal (open->model_at, strstr (body, "\"m-1\"") - body);
    assert_memory_equal (body + open->model_at, "\"m-1\"", open->model_size);
}

//  Given a model in front of what is redacted, then it stays where it is.
static void
a_model_in_front_is_not_moved (void **state)
{
    guard_world_t *world = *state;
    guard_world_open (world, 1, KEYS,
                      "{\"model\":\"m-1\",\"messages\":[{\"role\":\"user\",\"content\":"
                      "\"sk-abcd1234\"}]}");
    const struct br_call_open *open = br_msg_fields (
        stage_last (&world->stage, "router", BR_CALL_OPEN));
    assert_int_equal (open->model_at, 9);
    assert_non_null (
        strstr (guard_world_body (world, "router", BR_CALL_OPEN), "\"[REDACTED]\""));
}

static void
a_blocked_request_is_refused_and_says_why (void **state)
{
    guard_world_t *world = *state;
    guard_world_open (world, 1, KEYS | WORDS, ASKS ("sk-abcd1234 and xyzzy"));
    assert_string_equal (stage_heard (&world->stage, "router"), "");
    assert_string_equal (stage_heard (&world->stage, "ingress"), "reply.error#1 ");
    assert_int_equal (s_error (world)->code, BR_EGUARD);
    assert_int_equal (s_error (world)->seq, 0);
    assert_string_equal (
        s_error (world)->error,
        "invalid request: guardrail blocked upgoing user message content: "
        "custom pattern 'word'." GUARD_LINK);
    //  then: the call is forgotten
    guard_world_say (world, "ingress", BR_CALL_CANCEL, 1, 0, NULL, NULL);
    assert_string_equal (stage_heard (&world->stage, "router"), "");
}

static void
what_cannot_be_read_is_refused_where_rules_fail_closed (void **state)
{
    guard_world_t *world = *state;
    guard_world_open (world, 1, KEYS, "{\"messages\":[");
    assert_string_equal (stage_heard (&world->stage, "router"), "");
    assert_int_equal (s_error (world)->code, BR_EGUARD);
    assert_non_null (strstr (s_error (world)->error, "could not be read"));
    guard_world_open (world, 2, LENIENT, "{\"messages\":[");
    assert_string_equal (guard_world_body (world, "router", BR_CALL_OPEN),
                         "{\"messages\":[");
}

static void
a_call_that_no_rule_stops_is_passed_on_unread (void **state)
{
    guard_world_t *world = *state;
    guard_world_open (world, 1, 0, "no JSON, sk-abcd1234");
    assert_string_equal (guard_world_body (world, "router", BR_CALL_OPEN),
                         "no JSON, sk-abcd1234");
    guard_world_open (world, 2, 1u << 20, "{"); //  a set that is not there
    assert_string_equal (guard_world_body (world, "router", BR_CALL_OPEN), "{");
}

//  Given rules that redact on the way down alone, then the request passes all the same.
static void
sets_are_looked_at_together (void **state)
{
    guard_world_t *world = *state;
    guard_world_open (world, 1, WORDS, ASKS ("sk-abcd1234"));
    assert_string_equal (guard_world_body (world, "router", BR_CALL_OPEN),
                         ASKS ("sk-abcd1234"));
    guard_world_open (world, 2, MAILS | KEYS, ASKS ("sk-abcd1234 me@here.com"));
    assert_string_equal (guard_world_body (world, "router", BR_CALL_OPEN),
                         ASKS ("[REDACTED] me@here.com"));
    //  then: what only warns was told too, as it was before the redaction
    assert_non_null (strstr (guard_world_events (world), "\"family\":\"pii_emails\""));
}

static void
a_request_that_no_router_takes_is_refused (void **state)
{
    guard_world_t *world = *state;
    const br_slip_t slip = { .up = { world->guard, { 2, 1, 1 } },
                             .up_size = 2,
                             .down = { br_host_ctx (world->stage.host, "ingress")->addr },
                             .down_size = 1 };
    br_buf_t bytes;
    br_buf_init (&bytes, 512);
    br_slip_encode (&slip, &bytes);
    struct br_call_open open = { .generation = 1, .guard_sets = KEYS };
    open.slip = (br_bytes_t) { bytes.data, bytes.size };
    world->stage.far_gone = true;
    guard_world_open_with (world, 1, open, "{}", 2);
    assert_string_equal (stage_heard (&world->stage, "ingress"), "reply.error#1 ");
    assert_int_equal (s_error (world)->code, BR_EGONE);
    br_buf_free (&bytes);
}

static void
a_malformed_slip_is_refused (void **state)
{
    guard_world_t *world = *state;
    struct br_call_open open = { .generation = 1, .guard_sets = KEYS };
    open.slip = (br_bytes_t) { (const uint8_t *) "\1\1x", 3 };
    guard_world_open_with (world, 1, open, "{}", 2);
    assert_string_equal (stage_heard (&world->stage, "ingress"), "reply.error#1 ");
    assert_int_equal (s_error (world)->code, BR_EINTERNAL);
}

//  ---- large requests

//  Turns of the host until nothing is left to do.
static unsigned
s_turns (guard_world_t *world)
{
    unsigned turns = 0;
    while (br_host_work (world->stage.host))
        turns++;
    return turns;
}

static void
a_large_request_is_looked_at_in_slices (void **state)
{
    guard_world_t *world = *state;
    char *big = s_big ("sk-abcd1234");
    struct br_call_open open = { .generation = 1, .guard_sets = KEYS };
    guard_world_open_with (world, 1, open, big, strlen (big));
    assert_true (s_turns (world) >= BIG / GUARD_SLICE - 1);
    assert_string_equal (stage_heard (&world->stage, "router"), "call.open#0 ");
    const char *body = guard_world_body (world, "router", BR_CALL_OPEN);
    assert_non_null (strstr (body, "a [REDACTED]\"}"));
    assert_int_equal (strlen (body), strlen (big) - 1);
    free (big);
}

static void
a_small_request_does_not_wait_for_a_large_one (void **state)
{
    guard_world_t *world = *state;
    char *big = s_big ("xyzzy");
    struct br_call_open open = { .generation = 1, .guard_sets = WORDS };
    guard_world_open_with (world, 1, open, big, strlen (big));
    guard_world_open_with (world, 2, open, "{}", 2);
    for (int i = 0; i < 5; i++)
        assert_true (br_host_work (world->stage.host));
    //  then: the large one can still be cancelled when the small one has passed
    struct br_call_cancel cancel = { .reason = "left" };
    stage_send (&world->stage, "ingress", world->guard, BR_CALL_CANCEL, 1, 0, &cancel,
                NULL);
    assert_string_equal (stage_heard (&world->stage, "router"), "call.open#0 ");
    assert_string_equal (stage_heard (&world->stage, "ingress"), "");
    free (big);
}

static void
a_cancel_in_between_forgets_a_request (void **state)
{
    guard_world_t *world = *state;
    char *big = s_big ("xyzzy");
    struct br_call_open open = { .generation = 1, .guard_sets = WORDS };
    guard_world_open_with (world, 1, open, big, strlen (big));
    for (int i = 0; i < 3; i++)
        assert_true (br_host_work (world->stage.host));
    guard_world_say (world, "ingress", BR_CALL_CANCEL, 1, 0, NULL, NULL);
    assert_string_equal (stage_heard (&world->stage, "router"), "");
    assert_string_equal (stage_heard (&world->stage, "ingress"), "");
    //  and: what comes behind it is looked at
    guard_world_open (world, 2, WORDS, ASKS ("fine"));
    assert_string_equal (stage_heard (&world->stage, "router"), "call.open#0 ");
    free (big);
}

static void
the_end_of_the_actor_forgets_all (void **state)
{
    guard_world_t *world = *state;
    char *big = s_big ("sk-abcd1234");
    struct br_call_open open = { .generation = 1, .guard_sets = KEYS };
    for (uint64_t call = 1; call < 4; call++)
        guard_world_open_with (world, call, open, big, strlen (big));
    for (int i = 0; i < 3; i++)
        assert_true (br_host_work (world->stage.host));
    guard_world_open (world, 9, KEYS, ASKS ("hi"));
    guard_world_head (world, 9, 1, "application/json", ANSWER ("half sk-abcd1234"));
    free (big); //  then: nothing is lost and nothing is left, see the teardown
}

//  ---- life

static void
a_cancel_behind_the_request_goes_to_the_router (void **state)
{
    guard_world_t *world = *state;
    guard_world_open (world, 1, KEYS, ASKS ("hi"));
    struct br_call_cancel cancel = { .reason = "left" };
    guard_world_say (world, "ingress", BR_CALL_CANCEL, 1, 0, &cancel, NULL);
    assert_string_equal (stage_heard (&world->stage, "router"),
                         "call.open#0 call.cancel#0 ");
    const struct br_call_cancel *heard = br_msg_fields (
        stage_last (&world->stage, "router", BR_CALL_CANCEL));
    assert_string_equal (heard->reason, "left");
    guard_world_head (world, 1, 1, EVENTS, SAYS ("hi"));
    assert_string_equal (stage_heard (&world->stage, "upstream/openai"),
                         "attempt.cancel#1 ");
}

static void
the_end_of_a_call_forgets_it (void **state)
{
    guard_world_t *world = *state;
    guard_world_open (world, 1, KEYS, ASKS ("hi"));
    guard_world_head (world, 1, 1, EVENTS, SAYS ("sk-abcd1234"));
    stage_heard (&world->stage, "ingress");
    guard_world_say (world, "ingress", BR_GUARD_END, 1, 0, NULL, NULL);
    guard_world_delta (world, 1, 1, SAYS ("more"));
    guard_world_end (world, 1, 1);
    assert_string_equal (stage_heard (&world->stage, "upstream/openai"),
                         "attempt.cancel#1 ");
    assert_string_equal (stage_heard (&world->stage, "ingress"), "");
    //  then: what had been found until then was told
    assert_non_null (strstr (guard_world_events (world), "\"family\":\"api_keys\""));
    guard_world_say (world, "ingress", BR_GUARD_END, 1, 0, NULL, NULL);
}

//  Given a call from ingress in life 1 of host 2.
static void
s_open_from_far (guard_world_t *world, uint64_t call)
{
    const br_slip_t slip = { .up = { world->guard, world->router },
                             .up_size = 2,
                             .down = { world->guard, { 2, 1, 1 } },
                             .down_size = 2 };
    br_buf_t bytes;
    br_buf_init (&bytes, 512);
    br_slip_encode (&slip, &bytes);
    struct br_call_open open = { .generation = 1, .guard_sets = KEYS };
    open.slip = (br_bytes_t) { bytes.data, bytes.size };
    open.surface = BR_SURFACE_CHAT;
    br_blob_t *body = br_blob_new ("{}", 2);
    br_msg_t *msg = br_msg_new (BR_CALL_OPEN, (br_id_t) { 1, call }, 0, &open, body);
    msg->from = (br_addr_t) { 2, 1, 1 };
    msg->to = world->guard;
    assert_int_equal (br_host_post (world->stage.host, &msg, NULL), 0);
    br_blob_destroy (&body);
    br_buf_free (&bytes);
    stage_settle (&world->stage);
}

static void
calls_of_a_host_that_is_gone_are_forgotten (void **state)
{
    guard_world_t *world = *state;
    s_open_from_far (world, 1);
    guard_world_open (world, 2, KEYS, ASKS ("hi"));
    assert_string_equal (stage_heard (&world->stage, "router"),
                         "call.open#0 call.open#0 ");
    br_host_gone (world->stage.host, 2, 9); //  another life
    guard_world_head (world, 1, 1, EVENTS, SAYS ("hi"));
    assert_string_equal (br_buf_text (&world->stage.far), "reply.head#1 ");
    br_host_gone (world->stage.host, 2, 1);
    guard_world_delta (world, 1, 1, SAYS ("hi"));
    assert_string_equal (br_buf_text (&world->stage.far), "reply.head#1 ");
    assert_string_equal (stage_heard (&world->stage, "upstream/openai"),
                         "attempt.cancel#1 ");
    guard_world_head (world, 2, 1, EVENTS, SAYS ("hi"));
    assert_string_equal (stage_heard (&world->stage, "ingress"), "reply.head#1 ");
}

//  When its host takes nothing any more, the attempt is ended where it runs.
static void
an_answer_whose_client_cannot_be_reached_is_ended (void **state)
{
    guard_world_t *world = *state;
    s_open_from_far (world, 1);
    world->stage.far_gone = true;
    guard_world_head (world, 1, 1, EVENTS, SAYS ("hi"));
    const struct br_attempt_cancel *cancel = br_msg_fields (
        stage_last (&world->stage, "upstream/openai", BR_ATTEMPT_CANCEL));
    assert_int_equal (cancel->code, BR_EGONE);
    assert_string_equal (stage_heard (&world->stage, "upstream/openai"),
                         "attempt.cancel#1 ");
}

static void
calls_may_finish_when_it_stops (void **state)
{
    guard_world_t *world = *state;
    guard_world_open (world, 1, KEYS, ASKS ("hi"));
    guard_world_head (world, 1, 1, EVENTS, SAYS ("sk-abcd"));
    stage_heard (&world->stage, "ingress");
    stage_stop (&world->stage, world->guard, 1000);
    stage_pass (&world->stage, 500);
    assert_string_equal (stage_heard (&world->stage, "ingress"), "");
    guard_world_delta (world, 1, 1, SAYS ("1234"));
    guard_world_end (world, 1, 1);
    guard_world_say (world, "ingress", BR_GUARD_END, 1, 0, NULL, NULL);
    stage_pass (&world->stage, 20);
    assert_non_null (strstr (stage_heard (&world->stage, "ingress"), "sys.stopped"));
    assert_non_null (strstr (stage_bytes (&world->stage, "ingress"), "[REDACTED]"));
}

static void
it_stops_without_them_in_the_end (void **state)
{
    guard_world_t *world = *state;
    guard_world_open (world, 1, KEYS, ASKS ("hi"));
    stage_stop (&world->stage, world->guard, 1000);
    stage_pass (&world->stage, 990);
    assert_string_equal (stage_heard (&world->stage, "ingress"), "");
    stage_pass (&world->stage, 20);
    assert_string_equal (stage_heard (&world->stage, "ingress"), "sys.stopped#0 ");
}

//  ---- rules

#define OTHER                                                                            \
    "{\"custom\":[{\"name\":\"other\",\"regex\":\"plugh\"}],"                            \
    "\"sets\":[{\"custom_upgoing\":{\"other\":\"redact\"}}]}"

static void
a_call_keeps_the_rules_that_it_began_under (void **state)
{
    guard_world_t *world = *state;
    guard_world_open (world, 1, KEYS, ASKS ("hi"));
    assert_string_equal (guard_world_configure (world, 2, OTHER), "conf.taken#0 ");
    guard_world_head (world, 1, 1, "application/json", ANSWER ("sk-abcd1234"));
    guard_world_end (world, 1, 1);
    assert_string_equal (guard_world_body (world, "ingress", BR_REPLY_HEAD),
                         ANSWER ("[REDACTED]"));
    //  and: a request that was resolved under the ones before is under those
    guard_world_open (world, 2, KEYS, ASKS ("sk-abcd1234 plugh"));
    assert_string_equal (guard_world_body (world, "router", BR_CALL_OPEN),
                         ASKS ("[REDACTED] plugh"));
    struct br_call_open open = { .generation = 2, .guard_sets = 1 };
    const char *body = ASKS ("sk-abcd1234 plugh");
    guard_world_open_with (world, 3, open, body, strlen (body));
    assert_string_equal (guard_world_body (world, "router", BR_CALL_OPEN),
                         ASKS ("sk-abcd1234 [REDACTED]"));
    assert_string_equal (guard_world_configure (world, 3, OTHER), "conf.taken#0 ");
}

//  Given ingress, which has been told earlier to take new rules.
static void
a_call_may_come_before_the_word_to_take_its_rules (void **state)
{
    guard_world_t *world = *state;
    struct br_conf_try try = { .generation = 2, .slice = OTHER };
    guard_world_say (world, "router", BR_CONF_TRY, 0, 0, &try, NULL);
    struct br_call_open open = { .generation = 2, .guard_sets = 1 };
    const char *body = ASKS ("sk-abcd1234 plugh");
    guard_world_open_with (world, 1, open, body, strlen (body));
    assert_string_equal (guard_world_body (world, "router", BR_CALL_OPEN),
                         ASKS ("sk-abcd1234 [REDACTED]"));
    struct br_conf_take take = { .generation = 2 };
    stage_heard (&world->stage, "router");
    guard_world_say (world, "router", BR_CONF_TAKE, 0, 0, &take, NULL);
    assert_string_equal (stage_heard (&world->stage, "router"), "conf.taken#0 ");
    guard_world_open (world, 2, KEYS, ASKS ("sk-abcd1234"));
    assert_string_equal (guard_world_body (world, "router", BR_CALL_OPEN),
                         ASKS ("[REDACTED]"));
}

static void
a_bad_slice_leaves_the_old_one (void **state)
{
    guard_world_t *world = *state;
    assert_string_equal (guard_world_configure (
                             world, 2, "{\"custom\":[{\"name\":\"w\",\"regex\":\"(\"}]}"),
                         "conf.refuse#0 ");
    guard_world_open (world, 1, KEYS, ASKS ("sk-abcd1234"));
    assert_string_equal (guard_world_body (world, "router", BR_CALL_OPEN),
                         ASKS ("[REDACTED]"));
}

//  ---- figures

static void
what_was_found_is_told_without_the_secret (void **state)
{
    guard_world_t *world = *state;
    guard_world_open (world, 1, KEYS, ASKS ("sk-abcd1234 sk-qrst5678"));
    const char *events = guard_world_events (world);
    assert_non_null (strstr (events, "guard.finding"));
    assert_non_null (strstr (events,
                             "\"direction\":\"upgoing\",\"place\":\"user message\","
                             "\"family\":\"api_keys\",\"pattern\":\"sk\","
                             "\"action\":\"redact\",\"masked\":\"sk"));
    assert_non_null (strstr (events, "\"count\":2,\"failed\":0"));
    assert_null (strstr (events, "abcd"));
    assert_null (strstr (events, "qrst"));
}

static void
counts_go_to_the_metrics_each_second (void **state)
{
    guard_world_t *world = *state;
    guard_world_open (world, 1, KEYS, ASKS ("sk-abcd1234 sk-qrst5678"));
    guard_world_open (world, 2, KEYS, ASKS ("sk-abcd1234"));
    assert_string_equal (stage_heard (&world->stage, "metrics"), "");
    stage_pass (&world->stage, GUARD_TALLY_MS);
    assert_string_equal (stage_heard (&world->stage, "metrics"), "guard.found#0 ");
    const struct br_guard_found *found = br_msg_fields (
        stage_last (&world->stage, "metrics", BR_GUARD_FOUND));
    assert_string_equal (found->family, "api_keys");
    assert_string_equal (found->action, "redact");
    assert_string_equal (found->direction, "upgoing");
    assert_int_equal (found->count, 3);
    assert_int_equal (found->failed, 0);
}

static void
the_operator_sees_the_counts (void **state)
{
    guard_world_t *world = *state;
    void *guard = br_host_ctx (world->stage.host, "guard")->state;
    char *text = br_guard_actor.admin (guard, "guard", "{}");
    assert_string_equal (text, "[]");
    free (text);
    guard_world_open (world, 1, WORDS, ASKS ("xyzzy"));
    text = br_guard_actor.admin (guard, "guard", "{}");
    assert_string_equal (text,
                         "[{\"family\":\"custom\",\"action\":\"block\",\"direction\":"
                         "\"upgoing\",\"count\":1,\"failed\":0}]");
    free (text);
    assert_null (br_guard_actor.admin (guard, "limits", "{}"));
}

//  Given a copy for rules that only warn, then it is looked at and nothing follows.
static void
a_copy_is_looked_at_and_goes_nowhere (void **state)
{
    guard_world_t *world = *state;
    struct br_guard_look look = { .generation = 1, .sets = MAILS, .last = 1 };
    look.surface = BR_SURFACE_CHAT;
    guard_world_say (world, "ingress", BR_GUARD_LOOK, 1, 0, &look, ASKS ("me@here.com"));
    assert_non_null (strstr (guard_world_events (world), "\"family\":\"pii_emails\""));
    assert_string_equal (stage_heard (&world->stage, "router"), "");
    assert_string_equal (stage_heard (&world->stage, "ingress"), "");
    look.surface = 999; //  what nobody knows
    look.direction = 7;
    guard_world_say (world, "ingress", BR_GUARD_LOOK, 1, 0, &look, ASKS ("me@here.com"));
}

//  Given a guard that has no rules yet.
static void
a_guard_without_rules_refuses_and_does_not_look (void **state)
{
    (void) state;
    stage_t stage;
    stage_begin (&stage, &br_guard_actor, false);
    br_addr_t guard = stage_start (&stage, "guard");
    struct br_call_open open = { .slip = stage_slip (&stage), .guard_sets = 1 };
    stage_send (&stage, "ingress", guard, BR_CALL_OPEN, 1, 0, &open, NULL);
    assert_string_equal (stage_heard (&stage, "ingress"), "reply.error#1 ");
    const struct br_reply_error *error = br_msg_fields (
        stage_last (&stage, "ingress", BR_REPLY_ERROR));
    assert_int_equal (error->code, BR_EBUSY);
    struct br_guard_look look = { .sets = 1, .last = 1 };
    stage_send (&stage, "ingress", guard, BR_GUARD_LOOK, 1, 0, &look, NULL);
    assert_string_equal (stage_heard (&stage, "ingress"), "");
    stage_end (&stage);
}

#define TEST(name)                                                                       \
    cmocka_unit_test_setup_teardown (name, guard_world_setup, guard_world_teardown)

//  ---- forms

#define FORM(value)                                                                      \
    "--b\r\nContent-Disposition: form-data; name=\"prompt\"\r\n\r\n" value "\r\n--b\r\n" \
    "Content-Disposition: form-data; name=\"image\"; filename=\"sk-abcd1234\"\r\n\r\n"   \
    "sk-abcd1234\r\n--b\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\n"       \
    "m-1\r\n--b--\r\n"

static void
s_open_form (guard_world_t *world, uint64_t call, uint64_t sets, const char *type,
             const char *body)
{
    struct br_call_open open = { .generation = 1, .guard_sets = sets };
    open.surface = BR_SURFACE_IMAGE_EDITS;
    open.content_type = type;
    open.model_at = (uint64_t) (strstr (body, "m-1") - body);
    open.model_size = 3;
    open.model_bare = 1;
    guard_world_open_with (world, call, open, body, strlen (body));
    stage_settle (&world->stage);
}

static void
a_field_of_a_form_is_redacted_and_files_are_not (void **state)
{
    guard_world_t *world = *state;
    s_open_form (world, 1, KEYS, "multipart/form-data; boundary=b",
                 FORM ("a \"sk-abcd1234\" b"));
    const char *body = guard_world_body (world, "router", BR_CALL_OPEN);
    assert_string_equal (body, FORM ("a \"[REDACTED]\" b"));
    const struct br_call_open *open = br_msg_fields (
        stage_last (&world->stage, "router", BR_CALL_OPEN));
    assert_int_equal (open->model_at, strstr (body, "m-1") - body);
    assert_int_equal (open->guard_said, GUARD_SAID_REQUEST_REDACTED);
    s_open_form (world, 2, KEYS, "multipart/form-data; boundary=b", FORM ("hi"));
    assert_string_equal (guard_world_body (world, "router", BR_CALL_OPEN), FORM ("hi"));
}

static void
a_field_of_a_form_is_blocked (void **state)
{
    guard_world_t *world = *state;
    s_open_form (world, 1, WORDS, "multipart/form-data; boundary=b", FORM ("xyzzy"));
    const struct br_reply_error *error = br_msg_fields (
        stage_last (&world->stage, "ingress", BR_REPLY_ERROR));
    assert_int_equal (error->code, BR_EGUARD);
    assert_null (stage_last (&world->stage, "router", BR_CALL_OPEN));
}

//  Given a form that begins with another boundary than its type names, then nobody knows
//  which one counts.
static void
a_form_that_begins_otherwise_cannot_be_read (void **state)
{
    guard_world_t *world = *state;
    s_open_form (world, 1, KEYS, "multipart/form-data; boundary=c", FORM ("hi"));
    const struct br_reply_error *error = br_msg_fields (
        stage_last (&world->stage, "ingress", BR_REPLY_ERROR));
    assert_int_equal (error->code, BR_EGUARD);
    assert_null (stage_last (&world->stage, "router", BR_CALL_OPEN));
    s_open_form (world, 2, LENIENT, "multipart/form-data; boundary=c", FORM ("hi"));
    const struct br_call_open *open = br_msg_fields (
        stage_last (&world->stage, "router", BR_CALL_OPEN));
    assert_int_equal (open->guard_said, GUARD_SAID_UNCHECKED);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        TEST (a_request_without_findings_passes_as_it_is),
        TEST (a_redacted_request_has_its_model_where_it_is_said_to_be),
        TEST (a_field_of_a_form_is_redacted_and_files_are_not),
        TEST (a_field_of_a_form_is_blocked),
        TEST (a_form_that_begins_otherwise_cannot_be_read),
        TEST (a_model_in_front_is_not_moved),
        TEST (a_blocked_request_is_refused_and_says_why),
        TEST (what_cannot_be_read_is_refused_where_rules_fail_closed),
        TEST (a_call_that_no_rule_stops_is_passed_on_unread),
        TEST (sets_are_looked_at_together),
        TEST (a_request_that_no_router_takes_is_refused),
        TEST (a_malformed_slip_is_refused),
        TEST (a_large_request_is_looked_at_in_slices),
        TEST (a_small_request_does_not_wait_for_a_large_one),
        TEST (a_cancel_in_between_forgets_a_request),
        TEST (the_end_of_the_actor_forgets_all),
        TEST (a_cancel_behind_the_request_goes_to_the_router),
        TEST (the_end_of_a_call_forgets_it),
        TEST (calls_of_a_host_that_is_gone_are_forgotten),
        TEST (an_answer_whose_client_cannot_be_reached_is_ended),
        TEST (calls_may_finish_when_it_stops),
        TEST (it_stops_without_them_in_the_end),
        TEST (a_call_keeps_the_rules_that_it_began_under),
        TEST (a_call_may_come_before_the_word_to_take_its_rules),
        TEST (a_bad_slice_leaves_the_old_one),
        TEST (what_was_found_is_told_without_the_secret),
        TEST (counts_go_to_the_metrics_each_second),
        TEST (the_operator_sees_the_counts),
        TEST (a_copy_is_looked_at_and_goes_nowhere),
        cmocka_unit_test (a_guard_without_rules_refuses_and_does_not_look),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
