//  ingress_speech: the headers that we add to an answer.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "broker/core/pairs.h"
#include "broker/core/quota.h"
#include "broker/guard/guard_said.h"
#include "tests/actors/ingress/world.h"

#define BODY "{\"model\":\"smart\",\"messages\":[]}"
#define STREAM "{\"model\":\"smart\",\"stream\":true,\"messages\":[]}"

static int
s_call (world_t *world, const char *body, br_id_t *ret_id)
{
    int fd = world_connect (world);
    world_post (world, fd, "", body);
    const br_msg_t *open = world_expect (world, BR_CALL_OPEN);
    assert_non_null (open);
    *ret_id = open->call;
    return fd;
}

static void
s_head (world_t *world, br_id_t id, const char *type, uint64_t elsewhere_us)
{
    struct br_reply_head head = { .status = 200, .content_type = type };
    head.elsewhere_us = elsewhere_us;
    head.provider = "openai";
    world_send (world, world_upstream, BR_REPLY_HEAD, id, 1, &head, "data: 1\n\n");
}

static void
a_stream_tells_route_and_times (void **state)
{
    world_t *world = *state;
    br_id_t id;
    int fd = s_call (world, STREAM, &id);
    world_wait (world, 500);
    s_head (world, id, "text/event-stream", 499000);
    const char *got = world_read (world, fd, "data: 1\n\n");
    world_has (got, "x-bitrouter-route: smart");
    world_has (got, "x-bitrouter-overhead-us: 1000\r\n");
    world_has (got, "server-timing: router;dur=1.000, provider;dur=499.0");
    close (fd);
}

static void
that_it_may_be_gone_on_with_is_announced (void **state)
{
    world_t *world = *state;
    for (int on = 0; on < 2; on++) {
        int fd = world_connect (world);
        world_post (world, fd, on ? "x-bitrouter-continue: on\r\n" : "", STREAM);
        br_id_t id = world_expect (world, BR_CALL_OPEN)->call;
        s_head (world, id, "text/event-stream", 1);
        const char *got = world_read (world, fd, "data: 1\n\n");
        assert_int_equal (strstr (got, "x-bitrouter-continue: on\r\n") != NULL, on);
        close (fd);
    }
}

//  A break of attempt 1, behind its head.
static void
s_break (world_t *world, br_id_t id)
{
    struct br_reply_broken broken = { .seq = 1, .code = BR_EUPCUT, .error = "cut" };
    world_send (world, world_upstream, BR_REPLY_BROKEN, id, 1, &broken, NULL);
}

static void
who_goes_on_gets_the_credit (void **state)
{
    world_t *world = *state;
    int fd = world_connect (world);
    world_post (world, fd, "x-bitrouter-continue: on\r\n", STREAM);
    br_id_t id = world_expect (world, BR_CALL_OPEN)->call;
    s_head (world, id, "text/event-stream", 1);
    assert_int_equal (world_expect (world, BR_CALL_COMMIT)->attempt, 1);
    s_break (world, id);
    const br_msg_t *msg = world_expect (world, BR_CALL_JOINED);
    assert_int_equal (msg->attempt, 1);
    assert_int_equal (msg->to.host, WORLD_ROUTER_HOST);
    //  then: another attempt, of whom a part is written
    br_addr_t other = world_upstream;
    other.actor++;
    struct br_reply_head head = { .status = 200, .content_type = "text/event-stream" };
    head.provider = "other";
    head.upto = 100000;
    world_send (world, other, BR_REPLY_HEAD, id, 2, &head, "data: 2\n\n");
    world_read (world, fd, ": bitrouter continued other\ndata: 2\n\n");
    assert_int_equal (world_expect (world, BR_CALL_COMMIT)->attempt, 2);
    msg = world_expect (world, BR_REPLY_CREDIT);
    assert_non_null (msg);
    assert_true (br_addr_is (msg->to, other));
    assert_int_equal (msg->attempt, 2);
    close (fd);
}

static void
what_a_single_answer_waits_for_its_end_is_the_providers (void **state)
{
    world_t *world = *state;
    br_id_t id;
    int fd = s_call (world, BODY, &id);
    world_wait (world, 500);
    s_head (world, id, "application/json", 490000);
    world_wait (world, 2000);
    world_end (world, id, 1);
    const char *got = world_read (world, fd, "data: 1\n\n");
    world_has (got, "x-bitrouter-overhead-us: 10000\r\n");
    world_has (got, "server-timing: router;dur=10.000, provider;dur=2490.0");
    close (fd);
}

static void
our_time_is_never_negative (void **state)
{
    world_t *world = *state;
    br_id_t id;
    int fd = s_call (world, STREAM, &id);
    s_head (world, id, "text/event-stream", 77000000);
    world_has (world_read (world, fd, "data: 1\n\n"), "x-bitrouter-overhead-us: 0\r\n");
    close (fd);
}

static void
an_error_of_the_last_attempt_tells_times_too (void **state)
{
    world_t *world = *state;
    br_id_t id;
    int fd = s_call (world, BODY, &id);
    world_wait (world, 100);
    struct br_reply_error error = { .code = BR_EUPBAD, .error = "no", .attempts = 3 };
    error.elsewhere_us = 98000;
    world_send (world, world_router, BR_REPLY_ERROR, id, 4, &error, NULL);
    const char *got = world_read (world, fd, "}}");
    world_has (got, "HTTP/1.1 502");
    world_has (got, "x-bitrouter-overhead-us: 2000\r\n");
    world_has (got, "x-bitrouter-attempts: 3");
    world_has (got, "x-bitrouter-route: smart");
    close (fd);
}

static void
an_error_of_our_own_tells_no_times (void **state)
{
    world_t *world = *state;
    br_id_t id;
    int fd = s_call (world, BODY, &id);
    br_host_gone (world->host, WORLD_ROUTER_HOST, 1);
    const char *got = world_read (world, fd, "}}");
    world_has (got, "peer_gone");
    world_has (got, "retry-after: 1\r\n");
    world_has (got, "x-bitrouter-route: smart");
    assert_null (strstr (got, "overhead"));
    close (fd);
}

static void
the_providers_word_of_limits_counts (void **state)
{
    world_t *world = world_new (WORLD_SLICE ("\"limits\":{\"callers\":true},"));
    (void) state;
    world->has_limits = true;
    int fd = world_connect (world);
    world_post (world, fd, "", STREAM);
    const br_msg_t *ask = world_expect (world, BR_LIMIT_ASK);
    assert_non_null (ask);
    struct br_limit_grant grant = { .limited = 1, .requests = 1, .what = "" };
    grant.ticket = ((const struct br_limit_ask *) br_msg_fields (ask))->ticket;
    grant.tokens = QUOTA_FREE;
    grant.slots = QUOTA_FREE;
    grant.limit_requests = 60;
    grant.remaining_requests = 7;
    world_send (world, world_limits, BR_LIMIT_GRANT, ask->call, 0, &grant, NULL);
    const br_msg_t *open = world_expect (world, BR_CALL_OPEN);
    assert_non_null (open);
    br_buf_t headers;
    br_buf_init (&headers, 1000);
    br_pairs_add (&headers, "X-RateLimit-Limit-Requests", "5000");
    struct br_reply_head head = { .status = 200, .content_type = "text/event-stream" };
    head.headers = (br_bytes_t) { headers.data, headers.size };
    world_send (world, world_upstream, BR_REPLY_HEAD, open->call, 1, &head,
                "data: 1\n\n");
    br_buf_free (&headers);
    const char *got = world_read (world, fd, "data: 1\n\n");
    world_has (got, "X-RateLimit-Limit-Requests: 5000");
    assert_null (strcasestr (got, "limit-requests: 60"));
    world_has (got, "x-ratelimit-remaining-requests: 7");
    close (fd);
    world_destroy (&world);
}

//  ---- what the guard says

static void
given_a_guard_that_says_something_when_a_head_is_written_then_it_is_there (void **state)
{
    world_t *world = *state;
    static const struct {
        const char *body;
        const char *type;
    } rows[] = { { BODY, "application/json" }, { STREAM, "text/event-stream" } };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        br_id_t id;
        int fd = s_call (world, rows[i].body, &id);
        struct br_reply_head head = { .status = 200, .content_type = rows[i].type };
        head.guard_said = GUARD_SAID_REQUEST_REDACTED | GUARD_SAID_UNCHECKED;
        world_send (world, world_upstream, BR_REPLY_HEAD, id, 1, &head, "data: 1\n\n");
        world_end (world, id, 1);
        const char *got = world_read (world, fd, "data: 1\n\n");
        world_has (got, "x-bitrouter-guard: request-redacted, unchecked\r\n");
        assert_null (strcasestr (got, "trailer"));
        close (fd);
    }
}

//  Given an attempt that is fenced, then what was said of its answer counts no more.
static void
given_a_second_attempt_when_it_answers_then_only_its_words_count (void **state)
{
    world_t *world = *state;
    br_id_t id;
    int fd = s_call (world, BODY, &id);
    struct br_reply_head head = { .status = 200, .content_type = "application/json" };
    head.guard_said = GUARD_SAID_REQUEST_REDACTED | GUARD_SAID_ANSWER_REDACTED;
    world_send (world, world_upstream, BR_REPLY_HEAD, id, 1, &head, "old");
    head.guard_said = GUARD_SAID_REQUEST_REDACTED;
    world_send (world, world_upstream, BR_REPLY_HEAD, id, 2, &head, "new");
    struct br_reply_end end = { .seq = 1 };
    world_send (world, world_upstream, BR_REPLY_END, id, 2, &end, NULL);
    world_has (world_read (world, fd, "new"), "x-bitrouter-guard: request-redacted\r\n");
    close (fd);
}

static int
s_setup_guard (void **state)
{
    world_t *world = world_new (WORLD_SLICE (
        "\"guard\":{\"sets\":[{\"strictest\":{\"downgoing\":\"redact\"}}]},"));
    world->has_guard = true;
    *state = world;
    return 0;
}

static void
s_end_said (world_t *world, br_id_t id, uint64_t guard_said)
{
    struct br_reply_end end = { .seq = 1, .guard_said = guard_said };
    world_send (world, world_guard, BR_REPLY_END, id, 1, &end, NULL);
}

static void
given_a_stream_when_its_words_were_redacted_then_a_trailer_says_so (void **state)
{
    world_t *world = *state;
    br_id_t id;
    int fd = s_call (world, STREAM, &id);
    s_head (world, id, "text/event-stream", 1);
    s_end_said (world, id, GUARD_SAID_ANSWER_REDACTED | GUARD_SAID_ANSWER_UNCHECKED);
    const char *got = world_read (world, fd, "unchecked\r\n\r\n");
    world_has (got, "\r\nTrailer: x-bitrouter-guard\r\n");
    world_has (got, "0\r\nx-bitrouter-guard: answer-redacted, answer-unchecked\r\n\r\n");
    //  and: nothing comes where nothing was done
    close (fd);
    fd = s_call (world, STREAM, &id);
    s_head (world, id, "text/event-stream", 1);
    s_end_said (world, id, 0);
    got = world_read (world, fd, "\r\n0\r\n\r\n");
    assert_null (strstr (got, "x-bitrouter-guard: "));
    close (fd);
}

static void
given_a_single_answer_when_it_was_redacted_then_its_head_says_so (void **state)
{
    world_t *world = *state;
    br_id_t id;
    int fd = s_call (world, BODY, &id);
    s_head (world, id, "application/json", 1);
    s_end_said (world, id, GUARD_SAID_ANSWER_REDACTED);
    world_has (world_read (world, fd, "data: 1\n\n"),
               "x-bitrouter-guard: answer-redacted\r\n");
    close (fd);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown (name, world_setup, world_teardown)
        TEST (a_stream_tells_route_and_times),
        TEST (that_it_may_be_gone_on_with_is_announced),
        TEST (who_goes_on_gets_the_credit),
        TEST (what_a_single_answer_waits_for_its_end_is_the_providers),
        TEST (our_time_is_never_negative),
        TEST (an_error_of_the_last_attempt_tells_times_too),
        TEST (an_error_of_our_own_tells_no_times),
        cmocka_unit_test (the_providers_word_of_limits_counts),
        TEST (given_a_guard_that_says_something_when_a_head_is_written_then_it_is_there),
        TEST (given_a_second_attempt_when_it_answers_then_only_its_words_count),
#define GUARDED(name)                                                                    \
    cmocka_unit_test_setup_teardown (name, s_setup_guard, world_teardown)
        GUARDED (given_a_stream_when_its_words_were_redacted_then_a_trailer_says_so),
        GUARDED (given_a_single_answer_when_it_was_redacted_then_its_head_says_so),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
