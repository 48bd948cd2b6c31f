//  ingress: what is different for a caller that is known: what its calls are counted under,
//  what they hear of their cost, what is written down.

#include "broker/core/quota.h"
#include "broker/proto/attribution.h"
#include "broker/proto/surface.h"
#include "tests/actors/ingress/callers.h"

#define STREAM "{\"model\":\"smart\",\"stream\":true,\"messages\":[]}"
#define EVENTS "text/event-stream"

static int
s_setup (void **state)
{
    *state = callers_world (PRICED (""));
    return 0;
}

//  A call of a caller, up to its open; the test closes it.
static int
s_call (world_t *world, const char *headers, const char *body, br_id_t *ret_id)
{
    int fd = callers_post (world, headers, body);
    const br_msg_t *msg = world_expect (world, BR_CALL_OPEN);
    assert_non_null (msg);
    *ret_id = msg->call;
    return fd;
}

static void
s_end (world_t *world, br_id_t call, uint64_t seq, bool known)
{
    struct br_reply_end end = { .seq = seq, .usage_known = known };
    end.input_tokens = 1000;
    end.output_tokens = 10;
    world_send (world, world_upstream, BR_REPLY_END, call, 1, &end, NULL);
}

//  ---- what it has cost

static void
a_single_answer_tells_its_cost (void **state)
{
    world_t *world = *state;
    for (int known = 0; known < 2; known++) {
        br_id_t id;
        int fd = s_call (world, "", BODY, &id);
        world_head (world, id, "application/json", "{\"a\":1}");
        s_end (world, id, 1, known);
        const char *got = world_read (world, fd, "{\"a\":1}");
        if (known)
            world_has (got, "x-bitrouter-cost-nusd: 1020\r\n");
        else
            assert_null (strcasestr (got, "cost-nusd"));
        close (fd);
    }
}

static void
an_unknown_price_and_an_error_tell_none (void **state)
{
    world_t *world = *state;
    br_id_t id;
    int fd = s_call (world, "", "{\"model\":\"openai:new\",\"messages\":[]}", &id);
    struct br_reply_head head = { .status = 200, .content_type = "application/json" };
    head.provider = "openai";
    head.model = "new";
    world_send (world, world_upstream, BR_REPLY_HEAD, id, 1, &head, "{}");
    s_end (world, id, 1, true);
    assert_null (strcasestr (world_read (world, fd, "{}"), "cost-nusd"));
    close (fd);
    fd = s_call (world, "", BODY, &id);
    struct br_reply_error error = { .code = BR_EUPBAD, .error = "no", .attempts = 1 };
    world_send (world, world_upstream, BR_REPLY_ERROR, id, 1, &error, NULL);
    assert_null (strcasestr (world_read (world, fd, "}}"), "cost-nusd"));
    close (fd);
}

static void
a_stream_tells_its_cost_at_its_end_if_that_is_wanted (void **state)
{
    world_t *world = *state;
    static const char *const headers[] = { "", "x-bitrouter-cost: off\r\n",
                                           "x-bitrouter-cost: on\r\n" };
    for (size_t i = 0; i < sizeof headers / sizeof *headers; i++) {
        br_id_t id;
        int fd = s_call (world, headers[i], STREAM, &id);
        world_head (world, id, EVENTS, "data: [DONE]\n\n");
        s_end (world, id, 1, true);
        const char *got = world_read (world, fd, "\r\n0\r\n\r\n");
        assert_null (strcasestr (got, "cost-nusd"));
        assert_int_equal (strstr (got, ": bitrouter cost_nusd=1020\n\n") != NULL, i == 2);
        close (fd);
    }
}

static void
googles_clients_hear_no_comment (void **state)
{
    world_t *world = *state;
    int fd = world_connect (world);
    world_write (world, fd,
                 "POST /v1beta/models/smart:streamGenerateContent?alt=sse HTTP/1.1\r\n"
                 "Host: 127.0.0.1\r\nx-bitrouter-cost: on\r\nContent-Length: 15\r\n\r\n"
                 "{\"contents\":[]}");
    br_id_t id = world_expect (world, BR_CALL_OPEN)->call;
    world_head (world, id, EVENTS, "data: {}\n\n");
    s_end (world, id, 1, true);
    assert_null (strstr (world_read (world, fd, "\r\n0\r\n\r\n"), "cost_nusd"));
    close (fd);
}

//  ---- what it is counted under

static void
keys_of_idempotency_are_the_callers_own (void **state)
{
    world_t *world = *state;
    world->has_keys = true;
    struct br_auth_told told = callers_told ();
    int fd = callers_post (world, BEARER "Idempotency-Key: k\r\n", BODY);
    callers_tell (world, &told);
    const struct br_idem_claim *claim = br_msg_fields (
        world_expect (world, BR_IDEM_CLAIM));
    assert_string_equal (claim->scope, "acme/brvk_id_1");
    close (fd);
}

static void
limits_go_by_caller_and_its_own_count (void **state)
{
    world_t *world = *state;
    world->has_limits = true;
    struct br_auth_told told = callers_told ();
    told.requests_per_minute = 5;
    told.concurrency = 2;
    int fd = callers_post (world, BEARER, BODY);
    callers_tell (world, &told);
    const struct br_limit_ask *ask = br_msg_fields (world_expect (world, BR_LIMIT_ASK));
    assert_string_equal (ask->kind, "caller");
    assert_string_equal (ask->key, "acme/brvk_id_1");
    assert_int_equal (ask->own_requests, 5);
    assert_int_equal (ask->own_tokens, 0);
    assert_int_equal (ask->own_slots, 2);
    close (fd);
}

static void
a_caller_without_limits_of_its_own_has_those_of_all (void **state)
{
    world_t *world = *state;
    world->has_limits = true;
    br_error_t error = { .text = "" };
    assert_int_equal (
        world_configure (world, PRICED ("\"limits\":{\"callers\":true},"), &error), 0);
    struct br_auth_told told = callers_told ();
    int fd = callers_post (world, BEARER, BODY);
    callers_tell (world, &told);
    const struct br_limit_ask *ask = br_msg_fields (world_expect (world, BR_LIMIT_ASK));
    assert_string_equal (ask->key, "acme/brvk_id_1");
    assert_int_equal (ask->own_requests, 0);
    close (fd);
    fd = callers_post (world, "", BODY);
    ask = br_msg_fields (world_expect (world, BR_LIMIT_ASK));
    assert_string_equal (ask->key, "127.0.0.1");
    close (fd);
}

//  ---- what is written down

static void
a_settle_of_ours_says_whose_call_it_was (void **state)
{
    world_t *world = *state;
    struct br_auth_told told = callers_told ();
    int fd = callers_post (world, BEARER "x-bitrouter-step: 3\r\n", STREAM);
    callers_tell (world, &told);
    br_id_t id = world_expect (world, BR_CALL_OPEN)->call;
    struct br_reply_head head = { .status = 200, .content_type = EVENTS };
    head.provider = "openai";
    head.model = "gpt-4o";
    head.elsewhere_us = 12;
    head.upto = 9;
    world_send (world, world_upstream, BR_REPLY_HEAD, id, 1, &head, "data: 1\n\n");
    br_host_gone (world->host, WORLD_ROUTER_HOST, 1);
    struct br_reply_end end = { .seq = 1, .usage_known = 1, .input_tokens = 1 };
    end.cache_write_1h_tokens = 2;
    end.audio_input_tokens = 3;
    end.audio_output_tokens = 4;
    world_send (world, world_upstream, BR_REPLY_END, id, 1, &end, NULL);
    const struct br_call_settle *settle = br_msg_fields (
        world_expect (world, BR_CALL_SETTLE));
    br_attribution_t who;
    br_attribution_read (&who, settle->who);
    assert_string_equal (who.account, "acme");
    assert_string_equal (who.step, "3");
    assert_int_equal (settle->surface, BR_SURFACE_CHAT);
    assert_int_equal (settle->elsewhere_us, 12);
    assert_int_equal (settle->cache_write_1h_tokens, 2);
    assert_int_equal (settle->audio_input_tokens, 3);
    assert_int_equal (settle->audio_output_tokens, 4);
    close (fd);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown (name, s_setup, world_teardown)
        TEST (a_single_answer_tells_its_cost),
        TEST (an_unknown_price_and_an_error_tell_none),
        TEST (a_stream_tells_its_cost_at_its_end_if_that_is_wanted),
        TEST (googles_clients_hear_no_comment),
        TEST (keys_of_idempotency_are_the_callers_own),
        TEST (limits_go_by_caller_and_its_own_count),
        TEST (a_caller_without_limits_of_its_own_has_those_of_all),
        TEST (a_settle_of_ours_says_whose_call_it_was),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
