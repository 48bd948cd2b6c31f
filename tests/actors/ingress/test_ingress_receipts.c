//  ingress_receipts: who waits, and for how long; and what their clients get of it, by the
//  whole actor.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "actors/ingress/ingress.h"
#include "actors/ingress/ingress_answer.h"
#include "actors/ingress/ingress_receipts.h"
#include "broker/core/alloc.h"
#include "broker/core/ctx.h"
#include "broker/core/pairs.h"
#include "broker/ledger/ledger_receipt.h"
#include "tests/actors/ingress/world.h"

static const br_id_t s_one = { 1, 1 };
static const br_id_t s_other = { 1, 2 };

//  ---- the class

typedef struct {
    world_t *world;
    ingress_receipts_t *receipts;
    ingress_receipt_t *first;
    ingress_receipt_t *second;
    int firsts; //  how often it was told
    int seconds;
} desk_t;

static int
s_open_desk (void **state)
{
    desk_t *desk = BR_NEW (desk_t);
    desk->world = world_new (NULL);
    desk->receipts = ingress_receipts_new (desk->world->ctx, 10);
    desk->first = ingress_receipts_expect (desk->receipts, s_one);
    desk->second = ingress_receipts_expect (desk->receipts, s_other);
    *state = desk;
    return 0;
}

static int
s_close_desk (void **state)
{
    desk_t *desk = *state;
    ingress_receipt_drop (&desk->first);
    ingress_receipt_drop (&desk->second);
    ingress_receipts_destroy (&desk->receipts);
    ingress_receipts_destroy (&desk->receipts);
    world_destroy (&desk->world);
    free (desk);
    return 0;
}

static void
s_on_first (void *arg)
{
    desk_t *desk = arg;
    desk->firsts++;
}

//  Whoever is told may drop it, and others that wait.
static void
s_on_second (void *arg)
{
    desk_t *desk = arg;
    desk->seconds++;
    ingress_receipt_drop (&desk->second);
    ingress_receipt_drop (&desk->first);
}

static void
s_told (desk_t *desk, br_id_t call, const char *text)
{
    struct br_call_receipt told = { .receipt = text };
    br_msg_t *msg = br_msg_new (BR_CALL_RECEIPT, call, 0, &told, NULL);
    ingress_receipts_on_told (desk->receipts, msg);
    br_msg_destroy (&msg);
}

static void
one_that_came_before_is_not_waited_for (void **state)
{
    desk_t *desk = *state;
    assert_string_equal (ingress_receipt_text (desk->first), "");
    s_told (desk, s_one, "a.b.c");
    s_told (desk, s_one, "another");
    assert_string_equal (ingress_receipt_text (desk->first), "a.b.c");
    assert_false (ingress_receipt_wait (desk->first, s_on_first, desk));
    world_wait (desk->world, 10 * INGRESS_RECEIPT_WAIT_MS);
    assert_int_equal (desk->firsts, 0);
}

static void
who_waits_is_told_at_once (void **state)
{
    desk_t *desk = *state;
    assert_true (ingress_receipt_wait (desk->first, s_on_first, desk));
    s_told (desk, (br_id_t) { 9, 9 }, "of a call that is unknown");
    s_told (desk, s_other, "x.y.z");
    assert_int_equal (desk->firsts, 0);
    s_told (desk, s_one, "a.b.c");
    assert_int_equal (desk->firsts, 1);
    assert_string_equal (ingress_receipt_text (desk->first), "a.b.c");
    world_wait (desk->world, 10 * INGRESS_RECEIPT_WAIT_MS);
    assert_int_equal (desk->firsts, 1);
}

static void
each_waits_for_its_own_time (void **state)
{
    desk_t *desk = *state;
    assert_true (ingress_receipt_wait (desk->first, s_on_first, desk));
    world_wait (desk->world, INGRESS_RECEIPT_WAIT_MS / 2);
    assert_true (ingress_receipt_wait (desk->second, s_on_second, desk));
    world_wait (desk->world, INGRESS_RECEIPT_WAIT_MS / 2 - 1);
    assert_int_equal (desk->firsts, 0);
    world_wait (desk->world, 1);
    assert_int_equal (desk->firsts, 1);
    assert_string_equal (ingress_receipt_text (desk->first), "");
    world_wait (desk->world, INGRESS_RECEIPT_WAIT_MS / 2 - 1);
    assert_int_equal (desk->seconds, 0);
    world_wait (desk->world, 1);
    assert_int_equal (desk->seconds, 1);
}

static void
who_has_left_is_not_told (void **state)
{
    desk_t *desk = *state;
    ingress_receipt_wait (desk->second, s_on_second, desk);
    ingress_receipt_wait (desk->first, s_on_first, desk);
    ingress_receipt_drop (&desk->first);
    ingress_receipt_drop (&desk->first);
    s_told (desk, s_one, "a.b.c");
    world_wait (desk->world, 2 * INGRESS_RECEIPT_WAIT_MS);
    assert_int_equal (desk->firsts, 0);
    assert_int_equal (desk->seconds, 1);
    //  and: its call id is free again
    desk->first = ingress_receipts_expect (desk->receipts, s_one);
}

static void
one_that_is_told_may_drop_those_behind_it (void **state)
{
    desk_t *desk = *state;
    ingress_receipt_wait (desk->second, s_on_second, desk);
    ingress_receipt_wait (desk->first, s_on_first, desk);
    world_wait (desk->world, 2 * INGRESS_RECEIPT_WAIT_MS);
    assert_int_equal (desk->seconds, 1);
    assert_int_equal (desk->firsts, 0);
}

static void
nobody_waits_while_it_stops (void **state)
{
    desk_t *desk = *state;
    ingress_receipt_wait (desk->first, s_on_first, desk);
    ingress_receipts_close (desk->receipts);
    assert_int_equal (desk->firsts, 1);
    assert_false (ingress_receipt_wait (desk->second, s_on_second, desk));
}

//  Given a meter that says what could break a head, then it is as if it said nothing.
static void
what_is_no_receipt_counts_as_none (void **state)
{
    desk_t *desk = *state;
    char *longer = br_alloc (LEDGER_RECEIPT_MAX + 1, 1);
    memset (longer, 'x', LEDGER_RECEIPT_MAX);
    const char *const texts[] = { "", "a b", "a\r\nb: c", "\x7f", "\xc3\xa4", longer };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        ingress_receipt_drop (&desk->first);
        desk->first = ingress_receipts_expect (desk->receipts, s_one);
        desk->firsts = 0;
        ingress_receipt_wait (desk->first, s_on_first, desk);
        s_told (desk, s_one, texts[i]);
        assert_int_equal (desk->firsts, 1);
        assert_string_equal (ingress_receipt_text (desk->first), "");
    }
    longer[LEDGER_RECEIPT_MAX - 1] = 0;
    s_told (desk, s_other, longer);
    assert_string_equal (ingress_receipt_text (desk->second), longer);
    free (longer);
}

//  ---- the actor

#define BODY "{\"model\":\"smart\",\"messages\":[]}"
#define STREAM "{\"model\":\"smart\",\"stream\":true,\"messages\":[]}"
#define RECEIPT "eyJhbGciOiJFZERTQSJ9.eyJ2IjoxfQ.c2ln"

static int
s_setup (void **state)
{
    *state = world_new (WORLD_SLICE ("\"receipts\":true,"));
    return 0;
}

static br_id_t
s_post (world_t *world, int *ret_fd, const char *headers, const char *body)
{
    *ret_fd = world_connect (world);
    world_post (world, *ret_fd, headers, body);
    const br_msg_t *open = world_expect (world, BR_CALL_OPEN);
    assert_non_null (open);
    const struct br_call_open *fields = br_msg_fields (open);
    uint8_t hash[crypto_hash_sha256_BYTES];
    crypto_hash_sha256 (hash, (const uint8_t *) body, strlen (body));
    assert_int_equal (fields->request_hash.size, sizeof hash);
    assert_memory_equal (fields->request_hash.data, hash, sizeof hash);
    return open->call;
}

static void
s_receipt (world_t *world, br_id_t call)
{
    struct br_call_receipt told = { .receipt = RECEIPT };
    world_send (world, world_meter, BR_CALL_RECEIPT, call, 1, &told, NULL);
}

//  Nothing can be read at the moment.
static void
s_is_silent (world_t *world, int fd)
{
    char byte;
    world_turn (world);
    assert_int_equal (read (fd, &byte, 1), -1);
}

static void
a_single_answer_waits_and_has_it_in_its_head (void **state)
{
    world_t *world = *state;
    int fd;
    br_id_t id = s_post (world, &fd, "", BODY);
    world_head (world, id, "application/json", "{\"a\":1}");
    world_wait (world, 100);
    world_end (world, id, 1);
    world_wait (world, 50);
    s_is_silent (world, fd);
    s_receipt (world, id);
    const char *got = world_read (world, fd, "{\"a\":1}");
    world_has (got, "HTTP/1.1 200");
    world_has (got, "x-bitrouter-receipt: " RECEIPT "\r\n");
    world_has (got, "x-bitrouter-provider: openai\r\n");
    world_has (got, "x-bitrouter-route: smart\r\n");
    world_has (got, "x-bitrouter-overhead-us: 0\r\n"); //  without the wait
    assert_int_equal (world_count (world, BR_CALL_CANCEL), 0);
    close (fd);
}

static void
a_receipt_may_come_first (void **state)
{
    world_t *world = *state;
    int fd;
    br_id_t id = s_post (world, &fd, "", BODY);
    world_head (world, id, "application/json", "{}");
    s_receipt (world, id);
    world_end (world, id, 1);
    world_has (world_read (world, fd, "{}"), "x-bitrouter-receipt: " RECEIPT "\r\n");
    close (fd);
}

static void
an_answer_does_not_wait_for_ever (void **state)
{
    world_t *world = *state;
    int fd;
    br_id_t id = s_post (world, &fd, "", BODY);
    world_head (world, id, "application/json", "{}");
    world_end (world, id, 1);
    world_wait (world, INGRESS_RECEIPT_WAIT_MS - 1);
    s_is_silent (world, fd);
    world_wait (world, 1);
    const char *got = world_read (world, fd, "{}");
    assert_null (strstr (got, "receipt"));
    s_receipt (world, id); //  too late: ignored
    close (fd);
}

static void
of_a_stream_only_the_end_waits (void **state)
{
    world_t *world = *state;
    int fd;
    br_id_t id = s_post (world, &fd, "x-bitrouter-cost: on\r\n", STREAM);
    world_head (world, id, "text/event-stream", "data: 1\n\n");
    const char *got = world_read (world, fd, "data: 1\n\n");
    assert_null (strstr (got, "railer"));
    world_delta (world, id, 1, "data: [DONE]\n\n");
    world_end (world, id, 2);
    world_read (world, fd, "data: [DONE]\n\n");
    s_is_silent (world, fd);
    s_receipt (world, id);
    got = world_read (world, fd, "\r\n0\r\n\r\n");
    world_has (got, ": bitrouter receipt=" RECEIPT "\n\n\r\n0\r\n\r\n");
    close (fd);
}

static void
without_one_a_stream_just_ends (void **state)
{
    world_t *world = *state;
    int fd;
    br_id_t id = s_post (world, &fd, "", STREAM);
    world_head (world, id, "text/event-stream", "data: 1\n\n");
    world_end (world, id, 1);
    world_wait (world, INGRESS_RECEIPT_WAIT_MS);
    const char *got = world_read (world, fd, "\r\n0\r\n\r\n");
    world_has (got, "data: 1\n\n\r\n0\r\n\r\n");
    close (fd);
}

//  Given a provider that does not end its last event, then a comment would end it: a
//  trailer does not.
static void
behind_half_an_event_it_is_a_trailer (void **state)
{
    world_t *world = *state;
    int fd;
    br_id_t id = s_post (world, &fd, "", STREAM);
    world_head (world, id, "text/event-stream", "data: 1\n\ndata: [DONE]");
    world_end (world, id, 1);
    s_receipt (world, id);
    const char *got = world_read (world, fd, "\r\n0\r\n");
    world_has (got, "data: [DONE]\r\n0\r\nx-bitrouter-receipt: " RECEIPT "\r\n\r\n");
    close (fd);
}

static void
a_cut_stream_has_one_too (void **state)
{
    world_t *world = *state;
    int fd;
    br_id_t id = s_post (world, &fd, "", STREAM);
    world_head (world, id, "text/event-stream", "data: 1\n\n");
    struct br_reply_error error = { .seq = 1, .code = BR_EUPCUT, .error = "it broke" };
    world_send (world, world_upstream, BR_REPLY_ERROR, id, 1, &error, NULL);
    world_read (world, fd, "it broke");
    s_receipt (world, id);
    const char *got = world_read_all (world, fd);
    world_has (got, ": bitrouter receipt=" RECEIPT "\n\n");
    assert_null (strstr (got, "\r\n0\r\n"));
    close (fd);
}

static void
an_error_of_an_opened_call_has_one (void **state)
{
    world_t *world = *state;
    int fd;
    br_id_t id = s_post (world, &fd, "", BODY);
    br_buf_t headers;
    br_buf_init (&headers, 1000);
    br_pairs_add (&headers, "x-theirs", "7");
    struct br_reply_error error = { .code = BR_EUPBAD, .status = 429, .error = "no" };
    error.content_type = "text/plain";
    error.headers = (br_bytes_t) { headers.data, headers.size };
    error.attempts = 1;
    world_send (world, world_router, BR_REPLY_ERROR, id, 2, &error, "slow down");
    br_buf_free (&headers);
    s_is_silent (world, fd);
    s_receipt (world, id);
    const char *got = world_read (world, fd, "slow down");
    world_has (got, "HTTP/1.1 429");
    world_has (got, "x-theirs: 7\r\n");
    world_has (got, "content-type: text/plain\r\n");
    world_has (got, "x-bitrouter-receipt: " RECEIPT "\r\n");
    close (fd);
}

//  Nothing of it is settled, so nothing is waited for.
static void
an_error_of_a_router_that_is_gone_has_none (void **state)
{
    world_t *world = *state;
    int fd;
    s_post (world, &fd, "", BODY);
    br_host_gone (world->host, WORLD_ROUTER_HOST, 1);
    const char *got = world_read (world, fd, "}}");
    world_has (got, "peer_gone");
    assert_null (strstr (got, "receipt"));
    close (fd);
}

static void
a_call_that_is_not_opened_has_none (void **state)
{
    world_t *world = *state;
    world->no_router = true;
    int fd = world_connect (world);
    world_post (world, fd, "", BODY);
    world_has (world_read (world, fd, "}}"), "peer_gone");
    world_post (world, fd, "", "{\"model\":\"nobody/nothing\"}");
    world_has (world_read (world, fd, "}}"), "HTTP/1.1 404");
    close (fd);
}

static void
what_ingress_settles_itself_says_where_to (void **state)
{
    world_t *world = *state;
    int fd;
    br_id_t id = s_post (world, &fd, "", STREAM);
    world_head (world, id, "text/event-stream", "data: 1\n\n");
    br_host_gone (world->host, WORLD_ROUTER_HOST, 1);
    world_end (world, id, 1);
    const br_msg_t *msg = world_expect (world, BR_CALL_SETTLE);
    assert_non_null (msg);
    const struct br_call_settle *settle = br_msg_fields (msg);
    assert_int_equal (settle->request_hash.size, 32);
    assert_true (br_addr_is (settle->receipt_to, br_ctx_self (world->ctx)));
    s_receipt (world, id);
    world_has (world_read (world, fd, "\r\n0\r\n\r\n"), "receipt=" RECEIPT "\n\n");
    close (fd);
}

static void
who_leaves_behind_the_last_byte_has_not_cancelled (void **state)
{
    world_t *world = *state;
    int fd;
    br_id_t id = s_post (world, &fd, "", STREAM);
    world_head (world, id, "text/event-stream", "data: 1\n\n");
    world_end (world, id, 1);
    world_read (world, fd, "data: 1\n\n");
    close (fd);
    for (int i = 0; i < 50; i++)
        world_turn (world);
    assert_int_equal (world_count (world, BR_CALL_CANCEL), 0);
    assert_int_equal (world_count (world, BR_ATTEMPT_CANCEL), 0);
    s_receipt (world, id);
    world_wait (world, 2 * INGRESS_RECEIPT_WAIT_MS);
}

//  Given an upstream that dies behind the end, then a fence hears that it was answered.
static void
an_answer_that_waits_is_committed (void **state)
{
    world_t *world = *state;
    int fd;
    br_id_t id = s_post (world, &fd, "", BODY);
    world_head (world, id, "application/json", "{}");
    world_end (world, id, 1);
    world_send (world, world_router, BR_CALL_FENCE, id, 1, NULL, NULL);
    assert_non_null (world_expect (world, BR_CALL_COMMITTED));
    s_receipt (world, id);
    world_has (world_read (world, fd, "{}"), RECEIPT);
    close (fd);
}

//  ---- trailers

static const char s_google[] =
    "POST /v1beta/models/smart:streamGenerateContent%s HTTP/1.1\r\nHost: 127.0.0.1\r\n"
    "Content-Length: 15\r\n\r\n{\"contents\":[]}";

static void
s_answer_google (world_t *world, const char *query, const char *wanted)
{
    int fd = world_connect (world);
    char *text = br_strf (s_google, query);
    world_write (world, fd, text);
    free (text);
    const br_msg_t *open = world_expect (world, BR_CALL_OPEN);
    assert_non_null (open);
    world_head (world, open->call, "text/event-stream", "data: {}\n\n");
    world_end (world, open->call, 1);
    s_receipt (world, open->call);
    const char *got = world_read (world, fd, RECEIPT);
    world_has (got, "\r\nTrailer: x-bitrouter-receipt\r\n");
    world_has (got, wanted);
    world_has (got, "\r\n0\r\nx-bitrouter-receipt: " RECEIPT "\r\n\r\n");
    assert_null (strstr (got, "\n: "));
    close (fd);
}

static void
googles_streams_have_a_trailer (void **state)
{
    s_answer_google (*state, "?alt=sse", "data: {}\n\n");
    s_answer_google (*state, "", "[{}");
}

static void
s_answer_large (world_t *world, int fd, br_id_t id)
{
    char *large = br_alloc (INGRESS_HOLD_MAX + 2, 1);
    memset (large, 'x', INGRESS_HOLD_MAX + 1);
    (void) fd;
    world_head (world, id, "application/json", large);
    world_end (world, id, 1);
    free (large);
}

static void
a_large_single_answer_has_a_trailer (void **state)
{
    world_t *world = *state;
    int fd;
    br_id_t id = s_post (world, &fd, "", BODY);
    s_answer_large (world, fd, id);
    world_has (world_read (world, fd, "xxx\r\n"), "\r\nTrailer: x-bitrouter-receipt\r\n");
    s_is_silent (world, fd);
    s_receipt (world, id);
    world_has (world_read (world, fd, "\r\n\r\n"),
               "0\r\nx-bitrouter-receipt: " RECEIPT "\r\n\r\n");
    close (fd);
}

//  HTTP/1.0 knows no trailers: then there is nothing to wait for.
static void
what_cannot_carry_one_does_not_wait (void **state)
{
    world_t *world = *state;
    int fd = world_connect (world);
    world_write (world, fd,
                 "POST /v1/chat/completions HTTP/1.0\r\nHost: 127.0.0.1\r\n"
                 "Content-Length: 31\r\n\r\n" BODY);
    const br_msg_t *open = world_expect (world, BR_CALL_OPEN);
    assert_non_null (open);
    s_answer_large (world, fd, open->call);
    const char *got = world_read_all (world, fd);
    world_has (got, "xxxxx");
    assert_null (strcasestr (got, "trailer"));
    close (fd);
}

//  ---- the configuration

static void
s_take (world_t *world, bool on)
{
    br_error_t error = { .text = "" };
    int rc = world_configure (
        world, on ? WORLD_SLICE ("\"receipts\":true,") : WORLD_SLICE (""), &error);
    if (rc)
        fail_msg ("%s", error.text);
}

static const struct br_call_open *
s_next_open (world_t *world, int *ret_fd)
{
    *ret_fd = world_connect (world);
    world_post (world, *ret_fd, "", BODY);
    const br_msg_t *open = world_expect (world, BR_CALL_OPEN);
    assert_non_null (open);
    world_head (world, open->call, "application/json", "{}");
    world_end (world, open->call, 1);
    return br_msg_fields (open);
}

static void
without_receipts_nothing_waits (void **state)
{
    world_t *world = *state;
    int fd;
    s_take (world, false);
    assert_int_equal (s_next_open (world, &fd)->request_hash.size, 0);
    world_has (world_read (world, fd, "{}"), "HTTP/1.1 200");
    close (fd);
    s_take (world, true);
    assert_int_equal (s_next_open (world, &fd)->request_hash.size, 32);
    s_is_silent (world, fd);
    close (fd);
}

static void
a_server_that_started_without_has_no_room_for_them (void **state)
{
    (void) state;
    world_t *world = world_new (WORLD_SLICE (""));
    int fd;
    s_take (world, true);
    assert_int_equal (s_next_open (world, &fd)->request_hash.size, 0);
    world_has (world_read (world, fd, "{}"), "HTTP/1.1 200");
    close (fd);
    world_destroy (&world);
}

static void
who_waits_is_answered_when_we_stop (void **state)
{
    world_t *world = *state;
    int fd;
    br_id_t id = s_post (world, &fd, "", BODY);
    world_head (world, id, "application/json", "{}");
    world_end (world, id, 1);
    br_ingress_actor.stop (world->ctx->state, 1000);
    world_turn (world);
    s_is_silent (world, fd);
    world_wait (world, 1000);
    world_has (world_read (world, fd, "{}"), "HTTP/1.1 200");
    close (fd);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
#define DESK(name) cmocka_unit_test_setup_teardown (name, s_open_desk, s_close_desk)
        DESK (one_that_came_before_is_not_waited_for),
        DESK (who_waits_is_told_at_once),
        DESK (each_waits_for_its_own_time),
        DESK (who_has_left_is_not_told),
        DESK (one_that_is_told_may_drop_those_behind_it),
        DESK (nobody_waits_while_it_stops),
        DESK (what_is_no_receipt_counts_as_none),
#define TEST(name) cmocka_unit_test_setup_teardown (name, s_setup, world_teardown)
        TEST (a_single_answer_waits_and_has_it_in_its_head),
        TEST (a_receipt_may_come_first),
        TEST (an_answer_does_not_wait_for_ever),
        TEST (of_a_stream_only_the_end_waits),
        TEST (without_one_a_stream_just_ends),
        TEST (behind_half_an_event_it_is_a_trailer),
        TEST (a_cut_stream_has_one_too),
        TEST (an_error_of_an_opened_call_has_one),
        TEST (an_error_of_a_router_that_is_gone_has_none),
        TEST (a_call_that_is_not_opened_has_none),
        TEST (what_ingress_settles_itself_says_where_to),
        TEST (who_leaves_behind_the_last_byte_has_not_cancelled),
        TEST (an_answer_that_waits_is_committed),
        TEST (googles_streams_have_a_trailer),
        TEST (a_large_single_answer_has_a_trailer),
        TEST (what_cannot_carry_one_does_not_wait),
        TEST (without_receipts_nothing_waits),
        TEST (who_waits_is_answered_when_we_stop),
        cmocka_unit_test (a_server_that_started_without_has_no_room_for_them),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
