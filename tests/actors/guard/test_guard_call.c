//  guard_call: a request, then the attempts that answer it, one after the other.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "actors/guard/guard_call.h"
#include "broker/core/alloc.h"
#include "broker/core/ctx.h"
#include "broker/core/slip.h"
#include "tests/actors/guard/guard_world.h"

typedef struct {
    guard_world_t *world;
    guard_call_t *call;
    unsigned over; //  calls of it, count
} story_t;

static int
s_setup (void **state)
{
    static story_t story;
    void *world;
    guard_world_setup (&world);
    story = (story_t) { .world = world };
    *state = &story;
    return 0;
}

static int
s_teardown (void **state)
{
    story_t *self = *state;
    void *world = self->world;
    guard_call_destroy (&self->call);
    assert_null (self->call);
    guard_call_destroy (&self->call);
    return guard_world_teardown (&world);
}

static void
s_on_over (void *arg, guard_call_t *call)
{
    story_t *self = arg;
    assert_ptr_equal (call, self->call);
    guard_call_destroy (&self->call); //  as the actor does
    self->over++;
}

//  ---- words

static br_error_t
s_new (story_t *self, uint64_t sets, br_bytes_t slip, const char *body)
{
    br_error_t error = { .code = BR_OK };
    struct br_call_open open = { .generation = 1, .guard_sets = sets, .slip = slip };
    open.surface = BR_SURFACE_CHAT;
    br_msg_t *msg = guard_world_word (self->world, BR_CALL_OPEN, 0, &open, body);
    self->call = guard_call_new (&self->world->env, self->world->conf, msg, s_on_over,
                                 self, &error);
    br_msg_destroy (&msg);
    return error;
}

static void
s_begin (story_t *self, uint64_t sets, const char *body)
{
    const br_bytes_t slip = { self->world->slip, self->world->slip_size };
    br_error_t error = s_new (self, sets, slip, body);
    if (!self->call)
        fail_msg ("%s", error.text);
    guard_call_begin (self->call);
}

static void
s_hear (story_t *self, br_verb_t verb, uint32_t attempt, const void *fields,
        const char *text)
{
    br_msg_t *msg = guard_world_word (self->world, verb, attempt, fields, text);
    guard_call_reply (self->call, msg);
    br_msg_destroy (&msg);
}

static void
s_head (story_t *self, uint32_t attempt, const char *type, const char *text)
{
    struct br_reply_head head = { .status = 200, .content_type = type };
    s_hear (self, BR_REPLY_HEAD, attempt, &head, text);
}

static void
s_delta (story_t *self, uint32_t attempt, uint64_t seq, const char *text)
{
    struct br_reply_delta delta = { .seq = seq };
    s_hear (self, BR_REPLY_DELTA, attempt, &delta, text);
}

static void
s_end (story_t *self, uint32_t attempt, uint64_t seq)
{
    struct br_reply_end end = { .seq = seq };
    s_hear (self, BR_REPLY_END, attempt, &end, NULL);
}

static const char *
s_heard (story_t *self, const char *peer)
{
    return stage_heard (&self->world->stage, peer);
}

#define INGRESS(self) s_heard (self, "ingress")
#define UPSTREAM(self) s_heard (self, "upstream/openai")

//  ---- slips

static void
a_slip_that_leads_nowhere_is_an_error (void **state)
{
    story_t *self = *state;
    br_error_t error = s_new (self, KEYS, (br_bytes_t) { NULL, 0 }, "{}");
    assert_null (self->call);
    assert_int_equal (error.code, BR_EINVALID);
    error = s_new (self, KEYS, stage_slip (&self->world->stage), "{}"); //  no way up
    assert_null (self->call);
    assert_int_equal (error.code, BR_EINVALID);
}

static void
it_is_of_the_host_of_its_client (void **state)
{
    story_t *self = *state;
    s_begin (self, KEYS, ASKS ("hi"));
    assert_true (guard_call_is_of (self->call, 1, 1));
    assert_false (guard_call_is_of (self->call, 1, 2));
    assert_false (guard_call_is_of (self->call, 2, 1));
    assert_int_equal (guard_call_id (self->call).lo, 9);
}

//  ---- the request

static void
a_request_that_passes_leaves_the_call_open (void **state)
{
    story_t *self = *state;
    s_begin (self, KEYS, ASKS ("sk-abcd1234"));
    assert_false (guard_call_is_over (self->call));
    assert_string_equal (guard_world_body (self->world, "router", BR_CALL_OPEN),
                         ASKS ("[REDACTED]"));
    const br_msg_t *open = stage_last (&self->world->stage, "router", BR_CALL_OPEN);
    assert_int_equal (((const struct br_call_open *) br_msg_fields (open))->guard_said,
                      GUARD_SAID_REQUEST_REDACTED);
    assert_int_equal (self->over, 0);
}

static void
a_request_that_fails_open_is_unchecked (void **state)
{
    story_t *self = *state;
    s_begin (self, LENIENT, "{\"messages\":[");
    const br_msg_t *open = stage_last (&self->world->stage, "router", BR_CALL_OPEN);
    assert_int_equal (((const struct br_call_open *) br_msg_fields (open))->guard_said,
                      GUARD_SAID_UNCHECKED);
}

static void
a_request_that_is_blocked_ends_the_call (void **state)
{
    story_t *self = *state;
    s_begin (self, WORDS, ASKS ("xyzzy"));
    assert_true (guard_call_is_over (self->call));
    assert_int_equal (self->over, 0); //  the caller sees it
    assert_string_equal (INGRESS (self), "reply.error#1 ");
}

//  "caller frees"
static char *
s_big (const char *text)
{
    char *letters = br_alloc ((1u << 20) + 1, 1);
    memset (letters, 'a', 1u << 20);
    char *body = br_strf ("{\"messages\":[{\"role\":\"user\",\"content\":\"%s %s\"}]}",
                          letters, text);
    free (letters);
    return body;
}

static void
a_large_request_that_is_blocked_is_over_in_a_later_turn (void **state)
{
    story_t *self = *state;
    char *big = s_big ("xyzzy");
    s_begin (self, WORDS, big);
    assert_false (guard_call_is_over (self->call));
    assert_string_equal (INGRESS (self), "reply.error#1 ");
    assert_int_equal (self->over, 1);
    assert_null (self->call);
    free (big);
}

static void
a_cancel_under_way_tells_nobody (void **state)
{
    story_t *self = *state;
    char *big = s_big ("xyzzy");
    s_begin (self, WORDS, big);
    br_msg_t *msg = guard_world_word (self->world, BR_CALL_CANCEL, 0, NULL, NULL);
    guard_call_cancel (self->call, msg);
    assert_true (guard_call_is_over (self->call));
    guard_call_destroy (&self->call);
    assert_string_equal (INGRESS (self), "");
    assert_string_equal (s_heard (self, "router"), "");
    assert_int_equal (self->over, 0);
    br_msg_destroy (&msg);
    free (big);
}

//  ---- tools

#define TOOLS                                                                            \
    "{\"*\":{\"deny\":[\"bash\"]},"                                                      \
    "\"gh\":{\"params\":{\"make\":{\"deny\":[\"who\"]}}}}"
#define OFFERS(tools, text)                                                              \
    "{\"tools\":[" tools "],\"messages\":[{\"role\":\"user\",\"content\":\"" text "\"}]" \
    "}"
#define TOOL(name) "{\"type\":\"function\",\"function\":{\"name\":\"" name "\"}}"

static void
a_request_goes_on_without_tools_that_may_not_be_seen (void **state)
{
    story_t *self = *state;
    guard_world_use_tools (self->world, TOOLS);
    s_begin (self, KEYS, OFFERS (TOOL ("read") "," TOOL ("bash"), "sk-abcd1234"));
    assert_string_equal (guard_world_body (self->world, "router", BR_CALL_OPEN),
                         OFFERS (TOOL ("read"), "[REDACTED]"));
}

static void
without_sets_a_request_goes_on_without_tools_that_may_not_be_seen (void **state)
{
    story_t *self = *state;
    guard_world_use_tools (self->world, TOOLS);
    s_begin (self, 0, OFFERS (TOOL ("bash") "," TOOL ("read"), "sk-abcd1234"));
    assert_string_equal (guard_world_body (self->world, "router", BR_CALL_OPEN),
                         OFFERS (TOOL ("read"), "sk-abcd1234"));
    s_head (self, 1, "application/json", ANSWER ("sk-abcd1234"));
    s_end (self, 1, 1);
    assert_string_equal (INGRESS (self), "reply.head#1 reply.end#1 ");
    assert_string_equal (stage_bytes (&self->world->stage, "ingress"),
                         ANSWER ("sk-abcd1234"));
}

//  The model is found where it is then.
static void
a_model_behind_a_tool_that_goes_is_moved (void **state)
{
    story_t *self = *state;
    guard_world_use_tools (self->world, TOOLS);
    static const char body[] = "{\"tools\":[" TOOL ("bash") "],\"model\":\"m-1\"}";
    struct br_call_open open = { .generation = 1, .surface = BR_SURFACE_CHAT };
    open.slip = (br_bytes_t) { self->world->slip, self->world->slip_size };
    open.model_at = (uint64_t) (strstr (body, "\"m-1\"") - body);
    open.model_size = 5;
    br_error_t error;
    br_msg_t *msg = guard_world_word (self->world, BR_CALL_OPEN, 0, &open, body);
    self->call = guard_call_new (&self->world->env, self->world->conf, msg, s_on_over,
                                 self, &error);
    br_msg_destroy (&msg);
    assert_non_null (self->call);
    guard_call_begin (self->call);
    assert_string_equal (guard_world_body (self->world, "router", BR_CALL_OPEN),
                         "{\"model\":\"m-1\"}");
    const struct br_call_open *heard = br_msg_fields (
        stage_last (&self->world->stage, "router", BR_CALL_OPEN));
    assert_int_equal (heard->model_at, 9);
}

static void
a_request_that_demands_a_hidden_tool_is_refused (void **state)
{
    story_t *self = *state;
    guard_world_use_tools (self->world, TOOLS);
    s_begin (self, KEYS,
             "{\"tools\":[" TOOL ("bash") "],\"tool_choice\":" TOOL ("bash") "}");
    assert_true (guard_call_is_over (self->call));
    assert_string_equal (INGRESS (self), "reply.error#1 ");
    const struct br_reply_error *heard = br_msg_fields (
        stage_last (&self->world->stage, "ingress", BR_REPLY_ERROR));
    assert_int_equal (heard->code, BR_EGUARD);
    assert_string_equal (heard->error,
                         "the request demands a tool that may not be used here: leave it "
                         "out of its tool choice");
}

//  A large request with tools; what follows is put behind its messages. "caller frees"
static char *
s_big_offers (const char *text, const char *behind)
{
    char *big = s_big (text);
    char *body = br_strf ("%.*s,\"tools\":[" TOOL ("read") "," TOOL ("bash") "]%s}",
                          (int) strlen (big) - 1, big, behind);
    free (big);
    return body;
}

static void
a_large_request_loses_its_tools_and_words_in_later_turns (void **state)
{
    story_t *self = *state;
    guard_world_use_tools (self->world, TOOLS);
    char *body = s_big_offers ("sk-abcd1234", "");
    s_begin (self, KEYS, body);
    assert_string_equal (s_heard (self, "router"), "call.open#0 ");
    const char *heard = guard_world_body (self->world, "router", BR_CALL_OPEN);
    assert_non_null (strstr (heard, "[REDACTED]\"}],\"tools\":[" TOOL ("read") "]}"));
    assert_null (strstr (heard, "bash"));
    free (body);
}

static void
a_large_request_that_demands_a_hidden_tool_is_over_in_a_later_turn (void **state)
{
    story_t *self = *state;
    guard_world_use_tools (self->world, TOOLS);
    char *body = s_big_offers ("hi", ",\"tool_choice\":" TOOL ("bash"));
    s_begin (self, KEYS, body);
    assert_string_equal (INGRESS (self), "reply.error#1 ");
    assert_int_equal (self->over, 1);
    assert_null (self->call);
    free (body);
}

static void
a_call_that_ends_while_its_tools_are_looked_at_tells_nobody (void **state)
{
    story_t *self = *state;
    guard_world_use_tools (self->world, TOOLS);
    char *body = s_big_offers ("xyzzy", "");
    s_begin (self, WORDS, body);
    guard_call_destroy (&self->call);
    assert_string_equal (INGRESS (self), "");
    assert_string_equal (s_heard (self, "router"), "");
    free (body);
}

//  ---- attempts

static void
an_answer_ends_the_call (void **state)
{
    story_t *self = *state;
    s_begin (self, KEYS, ASKS ("hi"));
    s_head (self, 1, EVENTS, SAYS ("hi"));
    assert_false (guard_call_is_over (self->call));
    s_end (self, 1, 1);
    assert_true (guard_call_is_over (self->call));
    assert_string_equal (INGRESS (self), "reply.head#1 reply.end#1 ");
}

static void
a_large_answer_ends_the_call_in_a_later_turn (void **state)
{
    story_t *self = *state;
    char *big = s_big ("sk-abcd1234");
    s_begin (self, KEYS, ASKS ("hi"));
    s_head (self, 1, "application/json", big);
    s_end (self, 1, 1);
    assert_false (guard_call_is_over (self->call));
    assert_string_equal (INGRESS (self), "reply.head#1 reply.end#1 ");
    assert_true (guard_call_is_over (self->call));
    assert_int_equal (self->over, 0); //  ingress says when that is so
    free (big);
}

//  Its last words may get lost on their way to ingress, or nobody may be there for them.
static void
behind_a_whole_answer_another_attempt_counts_and_a_cancel (void **state)
{
    story_t *self = *state;
    s_begin (self, KEYS, ASKS ("hi"));
    s_head (self, 1, EVENTS, SAYS ("one"));
    s_end (self, 1, 1);
    s_head (self, 2, EVENTS, SAYS ("two"));
    assert_false (guard_call_is_over (self->call));
    s_end (self, 2, 1);
    assert_true (guard_call_is_over (self->call));
    assert_string_equal (INGRESS (self),
                         "reply.head#1 reply.end#1 reply.head#2 reply.end#2 ");
    struct br_call_cancel cancel = { .reason = "gone", .code = BR_EGONE };
    br_msg_t *msg = guard_world_word (self->world, BR_CALL_CANCEL, 0, &cancel, NULL);
    stage_heard (&self->world->stage, "router");
    guard_call_cancel (self->call, msg);
    br_msg_destroy (&msg);
    stage_settle (&self->world->stage);
    assert_string_equal (stage_heard (&self->world->stage, "router"), "call.cancel#0 ");
    //  then: no word counts any more
    msg = guard_world_word (self->world, BR_REPLY_END, 3, &(struct br_reply_end) { 0 },
                            NULL);
    assert_false (guard_call_reply (self->call, msg));
    br_msg_destroy (&msg);
}

//  Given attempt 1, of which only the guard has heard; then its host is gone.
static void
another_attempt_takes_its_place (void **state)
{
    story_t *self = *state;
    s_begin (self, KEYS, ASKS ("hi"));
    s_head (self, 1, "application/json", "{\"choices\":[{\"index\":0,");
    s_head (self, 2, EVENTS, SAYS ("two sk-ab"));
    s_delta (self, 2, 1, SAYS ("cd1234."));
    s_delta (self, 1, 1, "late");
    s_end (self, 1, 2);
    s_end (self, 2, 2);
    assert_true (guard_call_is_over (self->call));
    assert_string_equal (INGRESS (self), "reply.head#2 reply.delta#2 reply.end#2 ");
    const struct br_reply_end *end = br_msg_fields (
        stage_last (&self->world->stage, "ingress", BR_REPLY_END));
    assert_int_equal (end->seq, 2);
    assert_non_null (strstr (stage_bytes (&self->world->stage, "ingress"), "[REDACTED]"));
    assert_string_equal (UPSTREAM (self), "");
}

//  Half of a secret in one attempt and half in the next are none.
static void
attempts_are_looked_at_apart (void **state)
{
    story_t *self = *state;
    s_begin (self, KEYS, ASKS ("hi"));
    s_head (self, 1, EVENTS, SAYS ("sk-ab"));
    s_head (self, 2, EVENTS, SAYS ("cd1234"));
    s_end (self, 2, 1);
    assert_string_equal (INGRESS (self), "reply.head#1 reply.head#2 reply.end#2 ");
    assert_non_null (strstr (stage_bytes (&self->world->stage, "ingress"), "cd1234"));
}

static void
the_routers_last_word_passes (void **state)
{
    story_t *self = *state;
    s_begin (self, KEYS, ASKS ("hi"));
    s_head (self, 1, EVENTS, SAYS ("x"));
    struct br_reply_error error = { .code = BR_EGONE, .error = "nobody is left" };
    s_hear (self, BR_REPLY_ERROR, 2, &error, NULL);
    assert_true (guard_call_is_over (self->call));
    assert_string_equal (INGRESS (self), "reply.head#1 reply.error#2 ");
    const struct br_reply_error *heard = br_msg_fields (
        stage_last (&self->world->stage, "ingress", BR_REPLY_ERROR));
    assert_int_equal (heard->seq, 0);
    assert_int_equal (heard->code, BR_EGONE);
}

static void
what_is_of_no_attempt_is_ignored (void **state)
{
    story_t *self = *state;
    s_begin (self, KEYS, ASKS ("hi"));
    s_head (self, 0, EVENTS, SAYS ("x"));
    assert_string_equal (INGRESS (self), "");
    assert_false (guard_call_is_over (self->call));
}

//  ---- from the client's side

static void
s_stop (story_t *self, uint32_t attempt)
{
    struct br_attempt_cancel cancel = { .code = BR_EUPCUT };
    br_msg_t *msg = guard_world_word (self->world, BR_ATTEMPT_CANCEL, attempt, &cancel,
                                      NULL);
    guard_call_stop (self->call, msg);
    br_msg_destroy (&msg);
}

//  Then another one may still answer.
static void
an_attempt_that_ingress_ends_is_ended_where_it_runs (void **state)
{
    story_t *self = *state;
    s_begin (self, KEYS, ASKS ("hi"));
    s_stop (self, 1); //  nobody knows it
    s_head (self, 1, EVENTS, SAYS ("x"));
    s_stop (self, 7);
    assert_string_equal (UPSTREAM (self), "");
    s_stop (self, 1);
    s_stop (self, 1);
    assert_string_equal (UPSTREAM (self), "attempt.cancel#1 ");
    const struct br_attempt_cancel *cancel = br_msg_fields (
        stage_last (&self->world->stage, "upstream/openai", BR_ATTEMPT_CANCEL));
    assert_int_equal (cancel->code, BR_EUPCUT);
    s_delta (self, 1, 1, SAYS ("y"));
    assert_true (guard_call_is_over (self->call));
    s_head (self, 2, EVENTS, SAYS ("z"));
    assert_string_equal (INGRESS (self), "reply.head#1 reply.head#2 ");
}

static void
credit_is_of_the_newest_attempt (void **state)
{
    story_t *self = *state;
    struct br_reply_credit credit = { .upto = 5 };
    br_msg_t *one = guard_world_word (self->world, BR_REPLY_CREDIT, 1, &credit, NULL);
    br_msg_t *two = guard_world_word (self->world, BR_REPLY_CREDIT, 2, &credit, NULL);
    s_begin (self, KEYS, ASKS ("hi"));
    guard_call_credit (self->call, one); //  before there is an answer
    s_head (self, 1, EVENTS, SAYS ("x"));
    guard_call_credit (self->call, one);
    s_head (self, 2, EVENTS, SAYS ("x"));
    guard_call_credit (self->call, one);
    guard_call_credit (self->call, two);
    assert_string_equal (UPSTREAM (self), "reply.credit#1 reply.credit#2 ");
    br_msg_destroy (&one);
    br_msg_destroy (&two);
}

//  ---- rules that only warn

static size_t
s_count (const char *text, const char *part)
{
    size_t count = 0;
    for (const char *at = strstr (text, part); at; at = strstr (at + 1, part))
        count++;
    return count;
}

static void
what_only_warns_is_told_of_all_that_passes (void **state)
{
    story_t *self = *state;
    s_begin (self, KEYS | MAILS, ASKS ("me@here.com"));
    s_head (self, 1, EVENTS, SAYS ("you@th"));
    s_delta (self, 1, 1, SAYS ("ere.com and rm"));
    s_delta (self, 1, 2, STOPS);
    s_end (self, 1, 3);
    const char *events = guard_world_events (self->world);
    assert_int_equal (s_count (events, "\"family\":\"pii_emails\""), 2);
    assert_int_equal (s_count (events, "\"direction\":\"downgoing\",\"place\":\"text\""),
                      1);
}

//  Given pieces of two attempts, then they are not taken for one answer.
static void
copies_of_attempts_are_looked_at_apart (void **state)
{
    story_t *self = *state;
    s_begin (self, KEYS | MAILS, ASKS ("hi"));
    s_head (self, 1, "application/json", "{\"choices\":[{\"index\":0,");
    s_head (self, 2, "application/json", ANSWER ("me@here.com"));
    s_end (self, 2, 1);
    assert_int_equal (
        s_count (guard_world_events (self->world), "\"family\":\"pii_emails\""), 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown (name, s_setup, s_teardown)

int
main (void)
{
    const struct CMUnitTest tests[] = {
        TEST (a_slip_that_leads_nowhere_is_an_error),
        TEST (it_is_of_the_host_of_its_client),
        TEST (a_request_that_passes_leaves_the_call_open),
        TEST (a_request_that_fails_open_is_unchecked),
        TEST (a_request_that_is_blocked_ends_the_call),
        TEST (a_large_request_that_is_blocked_is_over_in_a_later_turn),
        TEST (a_cancel_under_way_tells_nobody),
        TEST (a_request_goes_on_without_tools_that_may_not_be_seen),
        TEST (without_sets_a_request_goes_on_without_tools_that_may_not_be_seen),
        TEST (a_model_behind_a_tool_that_goes_is_moved),
        TEST (a_request_that_demands_a_hidden_tool_is_refused),
        TEST (an_answer_ends_the_call),
        TEST (behind_a_whole_answer_another_attempt_counts_and_a_cancel),
        TEST (a_large_request_loses_its_tools_and_words_in_later_turns),
        TEST (a_large_request_that_demands_a_hidden_tool_is_over_in_a_later_turn),
        TEST (a_call_that_ends_while_its_tools_are_looked_at_tells_nobody),
        TEST (a_large_answer_ends_the_call_in_a_later_turn),
        TEST (another_attempt_takes_its_place),
        TEST (attempts_are_looked_at_apart),
        TEST (the_routers_last_word_passes),
        TEST (what_is_of_no_attempt_is_ignored),
        TEST (an_attempt_that_ingress_ends_is_ended_where_it_runs),
        TEST (credit_is_of_the_newest_attempt),
        TEST (what_only_warns_is_told_of_all_that_passes),
        TEST (copies_of_attempts_are_looked_at_apart),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
