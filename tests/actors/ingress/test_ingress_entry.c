//  ingress_entry: what may stand between a request and its call.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "broker/core/alloc.h"
#include "broker/core/quota.h"
#include "tests/actors/ingress/world.h"

#define BODY "{\"model\":\"smart\",\"messages\":[],\"max_tokens\":50}"

static int
s_setup (void **state)
{
    world_t *world = world_new (WORLD_SLICE (
        "\"calls_max\":2,\"limits\":{\"callers\":true,\"models\":[\"sm*\"]},"));
    world->has_limits = true;
    *state = world;
    return 0;
}

//  Answers the next question for this kind.
static void
s_grant (world_t *world, const char *kind, struct br_limit_grant grant)
{
    const br_msg_t *msg = world_expect (world, BR_LIMIT_ASK);
    assert_non_null (msg);
    const struct br_limit_ask *ask = br_msg_fields (msg);
    assert_string_equal (ask->kind, kind);
    assert_int_equal (ask->tokens, 50 + (strlen (BODY) + 3) / 4);
    grant.ticket = ask->ticket;
    world_send (world, world_limits, BR_LIMIT_GRANT, msg->call, 0, &grant, NULL);
}

static struct br_limit_grant
s_fits (void)
{
    return (struct br_limit_grant) { .limited = 1,
                                     .requests = 1,
                                     .tokens = 1000,
                                     .slots = 1,
                                     .what = "",
                                     .limit_requests = 60,
                                     .remaining_requests = 59,
                                     .reset_requests_ms = 1000,
                                     .limit_tokens = 10000,
                                     .remaining_tokens = 8000,
                                     .reset_tokens_ms = 12000 };
}

//  All that came back to the owner of this kind.
static struct br_limit_return
s_returned (world_t *world, const char *kind)
{
    for (int i = 0; i < 4; i++)
        world_wait (world, QUOTA_IDLE_MS + QUOTA_TICK_MS);
    struct br_limit_return sum = { .kind = kind };
    for (size_t i = 0; i < world->sent_count; i++) {
        const br_msg_t *msg = world->sent[i];
        const struct br_limit_return *back = br_msg_fields (msg);
        if (msg->verb != BR_LIMIT_RETURN || strcmp (back->kind, kind) != 0)
            continue;
        sum.requests += back->requests;
        sum.tokens += back->tokens;
        sum.tokens_over += back->tokens_over;
        sum.slots += back->slots;
    }
    return sum;
}

static void
a_call_opens_when_both_limits_let_it (void **state)
{
    world_t *world = *state;
    int fd = world_connect (world);
    world_post (world, fd, "", BODY);
    s_grant (world, "caller", s_fits ());
    assert_int_equal (world_count (world, BR_CALL_OPEN), 0);
    s_grant (world, "model", s_fits ());
    const br_msg_t *open = world_expect (world, BR_CALL_OPEN);
    assert_non_null (open);
    assert_int_equal (br_blob_size (open->body), strlen (BODY));
    br_id_t id = open->call;
    world_head (world, id, "application/json", "{\"a\":1}");
    struct br_reply_end end = { .seq = 1, .usage_known = 1 };
    end.input_tokens = 10;
    end.output_tokens = 5;
    world_send (world, world_upstream, BR_REPLY_END, id, 1, &end, NULL);
    const char *got = world_read (world, fd, "{\"a\":1}");
    world_has (got, "x-ratelimit-limit-requests: 60");
    world_has (got, "x-ratelimit-remaining-requests: 59");
    world_has (got, "x-ratelimit-reset-requests: 1s");
    world_has (got, "x-ratelimit-limit-tokens: 10000");
    world_has (got, "x-ratelimit-reset-tokens: 12s");
    struct br_limit_return back = s_returned (world, "caller");
    assert_int_equal (back.slots, 1);
    assert_int_equal (back.tokens, 1000 - 15);
    assert_int_equal (back.requests, 0);
    close (fd);
}

static void
a_refused_call_hears_which_limit_and_when (void **state)
{
    world_t *world = *state;
    int fd = world_connect (world);
    world_post (world, fd, "", BODY);
    s_grant (world, "caller", s_fits ());
    struct br_limit_grant none = { .limited = 1,
                                   .retry_ms = 1500,
                                   .what = "requests",
                                   .limit_requests = 60,
                                   .reset_requests_ms = 60000 };
    s_grant (world, "model", none);
    const char *got = world_read (world, fd, "}}");
    world_has (got, "HTTP/1.1 429");
    world_has (got, "rate_limit_exceeded");
    world_has (got, "the limit of 60 requests a minute for the model 'smart' is reached");
    world_has (got, "retry-after: 2");
    world_has (got, "retry-after-ms: 1500");
    world_has (got, "x-ratelimit-remaining-requests: 0");
    world_has (got, "x-ratelimit-reset-requests: 1m0s");
    world_has (got, "x-bitrouter-route: smart");
    assert_int_equal (world_count (world, BR_CALL_OPEN), 0);
    assert_int_equal (s_returned (world, "caller").slots, 1);
    close (fd);
}

static void
a_client_that_leaves_while_it_waits_is_never_opened (void **state)
{
    world_t *world = *state;
    int fd = world_connect (world);
    world_post (world, fd, "", BODY);
    const br_msg_t *msg = world_expect (world, BR_LIMIT_ASK);
    assert_non_null (msg);
    close (fd);
    world_turn (world);
    struct br_limit_grant fits = s_fits ();
    fits.ticket = ((const struct br_limit_ask *) br_msg_fields (msg))->ticket;
    world_send (world, world_limits, BR_LIMIT_GRANT, msg->call, 0, &fits, NULL);
    assert_int_equal (world_count (world, BR_CALL_OPEN), 0);
    assert_int_equal (s_returned (world, "caller").slots, 1);
}

static void
an_owner_that_is_silent_stops_nobody (void **state)
{
    world_t *world = *state;
    int fd = world_connect (world);
    world_post (world, fd, "", BODY);
    assert_non_null (world_expect (world, BR_LIMIT_ASK));
    for (int i = 0; i < 4; i++)
        world_wait (world, QUOTA_WAIT_MS);
    assert_non_null (world_expect (world, BR_CALL_OPEN));
    close (fd);
}

static void
a_name_that_is_gone_meanwhile_is_refused (void **state)
{
    world_t *world = *state;
    int fd = world_connect (world);
    world_post (world, fd, "", BODY);
    s_grant (world, "caller", s_fits ());
    const char *slice = "{\"providers\":{\"x\":{\"actor\":\"echo\",\"models\":{}}}}";
    assert_int_equal (world_configure (world, slice, NULL), 0);
    s_grant (world, "model", s_fits ());
    world_has (world_read (world, fd, "}}"), "HTTP/1.1 404");
    close (fd);
}

static void
a_stop_refuses_those_that_wait (void **state)
{
    world_t *world = *state;
    int fd = world_connect (world);
    world_post (world, fd, "", BODY);
    assert_non_null (world_expect (world, BR_LIMIT_ASK));
    struct br_sys_stop stop = { .drain_ms = 0 };
    world_send (world, world_broker, BR_SYS_STOP, (br_id_t) { 0, 0 }, 0, &stop, NULL);
    const char *got = world_read (world, fd, "}}");
    world_has (got, "HTTP/1.1 503");
    world_has (got, "retry-after: 1");
    close (fd);
}

static void
an_error_costs_no_tokens (void **state)
{
    world_t *world = *state;
    int fd = world_connect (world);
    world_post (world, fd, "", BODY);
    s_grant (world, "caller", s_fits ());
    s_grant (world, "model", s_fits ());
    const br_msg_t *open = world_expect (world, BR_CALL_OPEN);
    assert_non_null (open);
    struct br_reply_error error = { .code = BR_EUPBAD, .error = "no" };
    world_send (world, world_router, BR_REPLY_ERROR, open->call, 1, &error, NULL);
    world_has (world_read (world, fd, "}}"), "HTTP/1.1 502");
    struct br_limit_return back = s_returned (world, "model");
    assert_int_equal (back.tokens, 1000);
    assert_int_equal (back.requests, 0);
    assert_int_equal (back.slots, 1);
    close (fd);
}

static void
too_many_open_calls_are_refused (void **state)
{
    world_t *world = *state;
    int fds[3];
    for (size_t i = 0; i < 3; i++) {
        fds[i] = world_connect (world);
        world_post (world, fds[i], "", BODY);
        world_turn (world);
    }
    const char *got = world_read (world, fds[2], "}}");
    world_has (got, "HTTP/1.1 503");
    world_has (got, "retry-after: 1");
    world_has (got, "2 calls are open already");
    for (size_t i = 0; i < 3; i++)
        close (fds[i]);
}

static void
a_wrong_wish_is_refused_by_name (void **state)
{
    world_t *world = *state;
    int fd = world_connect (world);
    world_post (world, fd, "x-bitrouter-timeout: soon\r\n", BODY);
    const char *got = world_read (world, fd, "}}");
    world_has (got, "HTTP/1.1 400");
    world_has (got, "x-bitrouter-timeout must be seconds");
    world_post (world, fd, "x-bitrouter-continue: maybe\r\n", BODY);
    world_has (world_read (world, fd, "}}"), "x-bitrouter-continue must be on or off");
    assert_int_equal (world_count (world, BR_LIMIT_ASK), 0);
    close (fd);
}

static void
an_endless_wish_is_refused_before_it_is_read (void **state)
{
    world_t *world = *state;
    size_t size = 1u << 20;
    char *value = br_alloc (size + 1, 1);
    memset (value, '1', size);
    char *headers = br_strf ("x-bitrouter-timeout: %s\r\n", value);
    int fd = world_connect (world);
    world_post (world, fd, headers, BODY);
    const char *got = world_read_all (world, fd);
    world_has (got, "HTTP/1.1 400");
    world_has (got, "the header x-bitrouter-timeout is larger than");
    assert_int_equal (world_count (world, BR_LIMIT_ASK), 0);
    close (fd);
    free (headers);
    free (value);
}

static void
a_new_slice_asks_the_limits_anew (void **state)
{
    world_t *world = *state;
    br_error_t error;
    struct br_limit_grant none = { .what = "" };
    for (int i = 0; i < 2; i++) {
        int fd = world_connect (world);
        world_post (world, fd, "", BODY);
        s_grant (world, "caller", none);
        s_grant (world, "model", none);
        assert_non_null (world_expect (world, BR_CALL_OPEN));
        close (fd);
        world_turn (world);
        const char *slice = WORLD_SLICE (
            "\"limits\":{\"callers\":true,\"models\":[\"sm*\"]},");
        assert_int_equal (world_configure (world, slice, &error), 0);
    }
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown (name, s_setup, world_teardown)
        TEST (a_call_opens_when_both_limits_let_it),
        TEST (a_refused_call_hears_which_limit_and_when),
        TEST (a_client_that_leaves_while_it_waits_is_never_opened),
        TEST (an_owner_that_is_silent_stops_nobody),
        TEST (a_name_that_is_gone_meanwhile_is_refused),
        TEST (a_stop_refuses_those_that_wait),
        TEST (a_new_slice_asks_the_limits_anew),
        TEST (an_error_costs_no_tokens),
        TEST (too_many_open_calls_are_refused),
        TEST (a_wrong_wish_is_refused_by_name),
        TEST (an_endless_wish_is_refused_before_it_is_read),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
