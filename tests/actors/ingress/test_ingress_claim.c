//  ingress_claim: under which guardrails an answer is kept, and whether it may be told again
//  under those of now. The way of a claim itself is in the test of ingress_idem.

#include "tests/actors/ingress/idem.h"

#define EMBEDDINGS "{\"model\":\"smart\",\"input\":\"x\"}"

//  A slice under rules of this digest.
#define UNDER(digest, rest)                                                              \
    WORLD_SLICE ("\"guard\":{\"digest\":\"" digest "\"," rest "},")
#define BLOCKS "\"sets\":[{\"strictest\":{\"downgoing\":\"block\"}}]"
#define REDACTS "\"sets\":[{\"strictest\":{\"downgoing\":\"redact\"}}]"
#define WARNS "\"sets\":[{\"strictest\":{\"downgoing\":\"warn\",\"upgoing\":\"warn\"}}]"
#define UPGOING "\"sets\":[{\"strictest\":{\"upgoing\":\"block\"}}]"
#define OF_OTHERS                                                                        \
    "\"sets\":[{\"providers\":[\"anthropic\"],\"strictest\":{\"downgoing\":\"block\"}}," \
    "{\"keys\":[\"somebody\"],\"strictest\":{\"downgoing\":\"block\"}}]"
#define TOOLS "\"tools\":true"

static void
s_configure (world_t *world, const char *slice)
{
    br_error_t error = { .text = "" };
    if (world_configure (world, slice, &error))
        fail_msg ("%s", error.text);
}

//  Says the head of an answer that is kept under rules of this digest.
static void
s_replay_of (world_t *world, br_id_t id, const char *rules)
{
    struct br_reply_head head = { .status = 200, .content_type = "application/json" };
    head.provider = "openai";
    head.model = "gpt-4o";
    head.upto = 7;
    head.guard_rules = rules;
    world_send (world, world_keys, BR_REPLY_HEAD, id, 1, &head, "{\"a\":1}");
}

static void
s_is_told (world_t *world, const char *slice, const char *rules)
{
    br_id_t id;
    s_configure (world, slice);
    int fd = s_claim (world, BODY, &id);
    s_replay_of (world, id, rules);
    s_replay_end (world, id, 1);
    const char *got = world_read (world, fd, "{\"a\":1}");
    world_has (got, "HTTP/1.1 200");
    world_has (got, "x-bitrouter-replayed: true\r\n");
    close (fd);
}

static void
s_is_refused (world_t *world, const char *slice, const char *rules)
{
    br_id_t id;
    s_configure (world, slice);
    int fd = s_claim (world, BODY, &id);
    size_t left = world_count (world, BR_IDEM_LEAVE);
    s_replay_of (world, id, rules);
    s_replay_end (world, id, 1);
    const char *got = world_read (world, fd, "}}");
    world_has (got, "HTTP/1.1 409");
    world_has (got, "guardrails_changed");
    world_has (got, "use a new key");
    world_has (got, "x-should-retry: false\r\n");
    assert_null (strstr (got, "replayed"));
    assert_null (strstr (got, "{\"a\":1}"));
    assert_int_equal (world_count (world, BR_IDEM_LEAVE), left + 1);
    assert_int_equal (world_count (world, BR_CALL_OPEN), 0);
    assert_int_equal (world_count (world, BR_CALL_SETTLE), 0);
    close (fd);
}

//  ---- kept answers

static void
given_the_rules_of_then_when_it_is_heard_then_it_is_told (void **state)
{
    s_is_told (*state, UNDER ("one", BLOCKS), "one");
    s_is_told (*state, UNDER ("one", TOOLS), "one");
}

static void
given_other_rules_that_hold_back_when_it_is_heard_then_it_is_refused (void **state)
{
    world_t *world = *state;
    s_is_refused (world, UNDER ("two", BLOCKS), "one");
    s_is_refused (world, UNDER ("two", REDACTS), "one");
    s_is_refused (world, UNDER ("two", TOOLS), "one");
    s_is_refused (world, UNDER ("two", BLOCKS), "");
    world->has_guard = true;
    s_is_refused (world, UNDER ("two", BLOCKS), "one");
}

static void
given_other_rules_that_hold_nothing_back_when_it_is_heard_then_it_is_told (void **state)
{
    s_is_told (*state, UNDER ("two", WARNS), "one");
    s_is_told (*state, UNDER ("two", OF_OTHERS), "one");
    s_is_told (*state, UNDER ("two", UPGOING), "one");
    s_is_told (*state, WORLD_SLICE (""), "one");
}

//  Given a route that is gone since, then it is as if all rules concerned the call.
static void
given_a_route_that_is_gone_when_it_is_heard_then_all_rules_count (void **state)
{
    world_t *world = *state;
    br_id_t id;
    int fd = s_claim (world, BODY, &id);
    s_configure (world, "{\"listen\":[\"127.0.0.1:0\"],\"listen_given\":true,"
                        "\"guard\":{\"digest\":\"two\"," OF_OTHERS "}}");
    s_replay_of (world, id, "one");
    world_has (world_read (world, fd, "}}"), "guardrails_changed");
    close (fd);
}

static void
given_a_claim_that_waits_when_the_rules_change_then_those_of_now_count (void **state)
{
    world_t *world = *state;
    br_id_t id;
    s_configure (world, UNDER ("one", BLOCKS));
    int fd = s_claim (world, BODY, &id);
    s_configure (world, UNDER ("two", BLOCKS));
    s_replay_of (world, id, "one");
    world_has (world_read (world, fd, "}}"), "guardrails_changed");
    //  and: the connection serves on
    s_configure (world, UNDER ("one", BLOCKS));
    world_post (world, fd, KEY, BODY);
    const br_msg_t *claim = world_expect (world, BR_IDEM_CLAIM);
    assert_non_null (claim);
    s_replay_of (world, claim->call, "one");
    s_replay_end (world, claim->call, 1);
    world_has (world_read (world, fd, "{\"a\":1}"), "HTTP/1.1 200");
    close (fd);
}

static void
given_rules_for_tools_when_nothing_is_called_then_it_is_told (void **state)
{
    world_t *world = *state;
    s_configure (world, UNDER ("two", TOOLS));
    int fd = world_connect (world);
    world_write (world, fd,
                 "POST /v1/embeddings HTTP/1.1\r\nHost: 127.0.0.1\r\n" KEY
                 "Content-Length: 29\r\n\r\n" EMBEDDINGS);
    const br_msg_t *claim = world_expect (world, BR_IDEM_CLAIM);
    assert_non_null (claim);
    s_replay_of (world, claim->call, "one");
    s_replay_end (world, claim->call, 1);
    world_has (world_read (world, fd, "{\"a\":1}"), "HTTP/1.1 200");
    close (fd);
}

//  ---- what is kept

//  The rules of which the first one tells, when they were these as it was opened.
static const struct br_idem_head *
s_kept (world_t *world, const char *slice, int *ret_fd)
{
    br_id_t id;
    s_configure (world, slice);
    *ret_fd = s_claim (world, BODY, &id);
    s_go (world, id, 1u << 20);
    assert_non_null (world_expect (world, BR_CALL_OPEN));
    s_configure (world, UNDER ("later", BLOCKS));
    struct br_reply_head head = { .status = 200, .content_type = "application/json" };
    head.guard_said = 1;
    world_send (world, world->has_guard ? world_guard : world_upstream, BR_REPLY_HEAD, id,
                1, &head, "{}");
    world_end (world, id, 1);
    const br_msg_t *told = world_expect (world, BR_IDEM_HEAD);
    assert_non_null (told);
    return br_msg_fields (told);
}

static void
given_a_first_call_when_it_is_told_then_with_the_rules_of_its_open (void **state)
{
    world_t *world = *state;
    int fd;
    world->has_guard = true;
    const struct br_idem_head *kept = s_kept (world, UNDER ("one", WARNS), &fd);
    assert_string_equal (kept->guard_rules, "one");
    assert_int_equal (kept->guard_said, 1);
    close (fd);
    assert_string_equal (s_kept (world, WORLD_SLICE (""), &fd)->guard_rules, "");
    close (fd);
    assert_string_equal (s_kept (world, UNDER ("two", BLOCKS), &fd)->guard_rules, "two");
    close (fd);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        TEST (given_the_rules_of_then_when_it_is_heard_then_it_is_told),
        TEST (given_other_rules_that_hold_back_when_it_is_heard_then_it_is_refused),
        TEST (given_other_rules_that_hold_nothing_back_when_it_is_heard_then_it_is_told),
        TEST (given_a_route_that_is_gone_when_it_is_heard_then_all_rules_count),
        TEST (given_a_claim_that_waits_when_the_rules_change_then_those_of_now_count),
        TEST (given_rules_for_tools_when_nothing_is_called_then_it_is_told),
        TEST (given_a_first_call_when_it_is_told_then_with_the_rules_of_its_open),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
