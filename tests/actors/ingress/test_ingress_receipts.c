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
#define FIELD "x-bitrouter-receipt: " RECEIPT "\r\n"
#define COMMENT ": bitrouter receipt=" RECEIPT "\n\n"
#define END "\r\n0\r\n\r\n"
#define JSON "application/json"
#define EVENTS "text/event-stream"

//  A client with one call.
typedef struct {
    world_t *world;
    int fd; //  -1 = it has none
    br_id_t id;
} client_t;

static int
s_setup_with (void **state, const char *slice)
{
    static client_t client;
    client = (client_t) { .world = world_new (slice), .fd = -1 };
    *state = &client;
    return 0;
}

static int
s_setup (void **state)
{
    return s_setup_with (state, WORLD_SLICE ("\"receipts\":true,"));
}

static int
s_setup_without (void **state)
{
    return s_setup_with (state, WORLD_SLICE (""));
}

static void
s_leave (client_t *client)
{
    if (client->fd >= 0)
        close (client->fd);
    client->fd = -1;
}

static int
s_teardown (void **state)
{
    client_t *client = *state;
    s_leave (client);
    world_destroy (&client->world);
    return 0;
}

//  Its call is opened; returns what the open says.
static const struct br_call_open *
s_open (client_t *client)
{
    const br_msg_t *open = world_expect (client->world, BR_CALL_OPEN);
    assert_non_null (open);
    client->id = open->call;
    return br_msg_fields (open);
}

static const struct br_call_open *
s_post (client_t *client, const char *headers, const char *body)
{
    s_leave (client);
    client->fd = world_connect (client->world);
    world_post (client->world, client->fd, headers, body);
    return s_open (client);
}

static void
s_head (client_t *client, const char *type, const char *text)
{
    world_head (client->world, client->id, type, text);
}

static void
s_end (client_t *client, uint64_t seq)
{
    world_end (client->world, client->id, seq);
}

static void
s_receipt (client_t *client)
{
    struct br_call_receipt told = { .receipt = RECEIPT };
    world_send (client->world, world_meter, BR_CALL_RECEIPT, client->id, 1, &told, NULL);
}

//  A call whose answer is complete; its receipt is still to come.
static void
s_answer (client_t *client, const char *body, const char *type, const char *text)
{
    s_post (client, "", body);
    s_head (client, type, text);
    s_end (client, 1);
}

//  What the client reads, up to these bytes.
static const char *
s_read (client_t *client, const char *upto)
{
    return world_read (client->world, client->fd, upto);
}

static void
s_reads (client_t *client, const char *upto, const char *part)
{
    world_has (s_read (client, upto), part);
}

//  ... and no receipt.
static void
s_reads_none (client_t *client, const char *upto, const char *part)
{
    const char *got = s_read (client, upto);
    world_has (got, part);
    assert_null (strstr (got, "receipt"));
}

//  Nothing can be read at the moment.
static void
s_is_silent (client_t *client)
{
    char byte;
    world_turn (client->world);
    assert_int_equal (read (client->fd, &byte, 1), -1);
}

static void
the_body_is_hashed (void **state)
{
    uint8_t hash[crypto_hash_sha256_BYTES];
    crypto_hash_sha256 (hash, (const uint8_t *) BODY, strlen (BODY));
    const struct br_call_open *open = s_post (*state, "", BODY);
    assert_int_equal (open->request_hash.size, sizeof hash);
    assert_memory_equal (open->request_hash.data, hash, sizeof hash);
}

static void
a_single_answer_waits_and_has_it_in_its_head (void **state)
{
    client_t *client = *state;
    s_post (client, "", BODY);
    s_head (client, JSON, "{\"a\":1}");
    world_wait (client->world, 100);
    s_end (client, 1);
    world_wait (client->world, 50);
    s_is_silent (client);
    s_receipt (client);
    const char *got = s_read (client, "{\"a\":1}");
    world_has (got, "HTTP/1.1 200");
    world_has (got, FIELD);
    world_has (got, "x-bitrouter-provider: openai\r\n");
    world_has (got, "x-bitrouter-route: smart\r\n");
    world_has (got, "x-bitrouter-overhead-us: 0\r\n"); //  without the wait
    assert_int_equal (world_count (client->world, BR_CALL_CANCEL), 0);
}

static void
a_receipt_may_come_first (void **state)
{
    client_t *client = *state;
    s_post (client, "", BODY);
    s_head (client, JSON, "{}");
    s_receipt (client);
    s_end (client, 1);
    s_reads (client, "{}", FIELD);
}

static void
an_answer_does_not_wait_for_ever (void **state)
{
    client_t *client = *state;
    s_answer (client, BODY, JSON, "{}");
    world_wait (client->world, INGRESS_RECEIPT_WAIT_MS - 1);
    s_is_silent (client);
    world_wait (client->world, 1);
    s_reads_none (client, "{}", "HTTP/1.1 200");
    s_receipt (client); //  too late: ignored
}

static void
of_a_stream_only_the_end_waits (void **state)
{
    client_t *client = *state;
    s_post (client, "x-bitrouter-cost: on\r\n", STREAM);
    s_head (client, EVENTS, "data: 1\n\n");
    assert_null (strstr (s_read (client, "data: 1\n\n"), "railer"));
    world_delta (client->world, client->id, 1, "data: [DONE]\n\n");
    s_end (client, 2);
    s_read (client, "data: [DONE]\n\n");
    s_is_silent (client);
    s_receipt (client);
    s_reads (client, END, COMMENT END);
}

static void
without_one_a_stream_just_ends (void **state)
{
    client_t *client = *state;
    s_answer (client, STREAM, EVENTS, "data: 1\n\n");
    world_wait (client->world, INGRESS_RECEIPT_WAIT_MS);
    s_reads_none (client, END, "data: 1\n\n" END);
}

//  Given a provider that does not end its last event, then a comment would end it: a
//  trailer does not.
static void
behind_half_an_event_it_is_a_trailer (void **state)
{
    client_t *client = *state;
    s_answer (client, STREAM, EVENTS, "data: 1\n\ndata: [DONE]");
    s_receipt (client);
    s_reads (client, "\r\n0\r\n", "data: [DONE]\r\n0\r\n" FIELD "\r\n");
}

static void
a_cut_stream_has_one_too (void **state)
{
    client_t *client = *state;
    s_post (client, "", STREAM);
    s_head (client, EVENTS, "data: 1\n\n");
    struct br_reply_error error = { .seq = 1, .code = BR_EUPCUT, .error = "it broke" };
    world_send (client->world, world_upstream, BR_REPLY_ERROR, client->id, 1, &error,
                NULL);
    s_read (client, "it broke");
    s_receipt (client);
    const char *got = world_read_all (client->world, client->fd);
    world_has (got, COMMENT);
    assert_null (strstr (got, "\r\n0\r\n"));
}

static void
an_error_of_an_opened_call_has_one (void **state)
{
    client_t *client = *state;
    s_post (client, "", BODY);
    br_buf_t headers;
    br_buf_init (&headers, 1000);
    br_pairs_add (&headers, "x-theirs", "7");
    struct br_reply_error error = { .code = BR_EUPBAD, .status = 429, .error = "no" };
    error.content_type = "text/plain";
    error.headers = (br_bytes_t) { headers.data, headers.size };
    error.attempts = 1;
    world_send (client->world, world_router, BR_REPLY_ERROR, client->id, 2, &error,
                "slow down");
    br_buf_free (&headers);
    s_is_silent (client);
    s_receipt (client);
    const char *got = s_read (client, "slow down");
    world_has (got, "HTTP/1.1 429");
    world_has (got, "x-theirs: 7\r\n");
    world_has (got, "content-type: text/plain\r\n");
    world_has (got, FIELD);
}

//  Nothing of it is settled, so nothing is waited for.
static void
an_error_of_a_router_that_is_gone_has_none (void **state)
{
    client_t *client = *state;
    s_post (client, "", BODY);
    br_host_gone (client->world->host, WORLD_ROUTER_HOST, 1);
    s_reads_none (client, "}}", "peer_gone");
}

static void
a_call_that_is_not_opened_has_none (void **state)
{
    client_t *client = *state;
    client->world->no_router = true;
    client->fd = world_connect (client->world);
    world_post (client->world, client->fd, "", BODY);
    s_reads_none (client, "}}", "peer_gone");
    world_post (client->world, client->fd, "", "{\"model\":\"nobody/nothing\"}");
    s_reads_none (client, "}}", "HTTP/1.1 404");
}

static void
what_ingress_settles_itself_says_where_to (void **state)
{
    client_t *client = *state;
    s_post (client, "", STREAM);
    s_head (client, EVENTS, "data: 1\n\n");
    br_host_gone (client->world->host, WORLD_ROUTER_HOST, 1);
    s_end (client, 1);
    const br_msg_t *msg = world_expect (client->world, BR_CALL_SETTLE);
    assert_non_null (msg);
    const struct br_call_settle *settle = br_msg_fields (msg);
    assert_int_equal (settle->request_hash.size, 32);
    assert_true (br_addr_is (settle->receipt_to, br_ctx_self (client->world->ctx)));
    s_receipt (client);
    s_reads (client, END, COMMENT);
}

static void
who_leaves_behind_the_last_byte_has_not_cancelled (void **state)
{
    client_t *client = *state;
    s_answer (client, STREAM, EVENTS, "data: 1\n\n");
    s_read (client, "data: 1\n\n");
    s_leave (client);
    for (int i = 0; i < 50; i++)
        world_turn (client->world);
    assert_int_equal (world_count (client->world, BR_CALL_CANCEL), 0);
    assert_int_equal (world_count (client->world, BR_ATTEMPT_CANCEL), 0);
    s_receipt (client);
    world_wait (client->world, 2 * INGRESS_RECEIPT_WAIT_MS);
}

//  Given an upstream that dies behind the end, then a fence hears that it was answered.
static void
an_answer_that_waits_is_committed (void **state)
{
    client_t *client = *state;
    s_answer (client, BODY, JSON, "{}");
    world_send (client->world, world_router, BR_CALL_FENCE, client->id, 1, NULL, NULL);
    assert_non_null (world_expect (client->world, BR_CALL_COMMITTED));
    s_receipt (client);
    s_reads (client, "{}", RECEIPT);
}

//  ---- trailers

static void
googles_streams_have_a_trailer (void **state)
{
    static const char *const rows[][2] = { { "?alt=sse", "data: {}\n\n" },
                                           { "", "[{}" } };
    client_t *client = *state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char *text = br_strf ("POST /v1beta/models/smart:streamGenerateContent%s "
                              "HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 15\r\n\r\n"
                              "{\"contents\":[]}",
                              rows[i][0]);
        s_leave (client);
        client->fd = world_connect (client->world);
        world_write (client->world, client->fd, text);
        free (text);
        s_open (client);
        s_head (client, EVENTS, "data: {}\n\n");
        s_end (client, 1);
        s_receipt (client);
        const char *got = s_read (client, RECEIPT);
        world_has (got, "\r\nTrailer: x-bitrouter-receipt\r\n");
        world_has (got, rows[i][1]);
        world_has (got, "\r\n0\r\n" FIELD "\r\n");
        assert_null (strstr (got, "\n: "));
    }
}

static void
s_answer_large (client_t *client)
{
    char *large = br_alloc (INGRESS_HOLD_MAX + 2, 1);
    memset (large, 'x', INGRESS_HOLD_MAX + 1);
    s_head (client, JSON, large);
    s_end (client, 1);
    free (large);
}

static void
a_large_single_answer_has_a_trailer (void **state)
{
    client_t *client = *state;
    s_post (client, "", BODY);
    s_answer_large (client);
    s_reads (client, "xxx\r\n", "\r\nTrailer: x-bitrouter-receipt\r\n");
    s_is_silent (client);
    s_receipt (client);
    s_reads (client, "\r\n\r\n", "0\r\n" FIELD "\r\n");
}

//  HTTP/1.0 knows no trailers: then there is nothing to wait for.
static void
what_cannot_carry_one_does_not_wait (void **state)
{
    client_t *client = *state;
    client->fd = world_connect (client->world);
    world_write (client->world, client->fd,
                 "POST /v1/chat/completions HTTP/1.0\r\nHost: 127.0.0.1\r\n"
                 "Content-Length: 31\r\n\r\n" BODY);
    s_open (client);
    s_answer_large (client);
    const char *got = world_read_all (client->world, client->fd);
    world_has (got, "xxxxx");
    assert_null (strcasestr (got, "trailer"));
}

//  ---- the configuration

static void
s_take (client_t *client, bool on)
{
    br_error_t error = { .text = "" };
    int rc = world_configure (client->world,
                              on ? WORLD_SLICE ("\"receipts\":true,") : WORLD_SLICE (""),
                              &error);
    if (rc)
        fail_msg ("%s", error.text);
}

static void
without_receipts_nothing_waits (void **state)
{
    client_t *client = *state;
    s_take (client, false);
    s_answer (client, BODY, JSON, "{}");
    s_reads_none (client, "{}", "HTTP/1.1 200");
    s_take (client, true);
    s_answer (client, BODY, JSON, "{}");
    s_is_silent (client);
}

static void
a_server_that_started_without_has_no_room_for_them (void **state)
{
    client_t *client = *state;
    s_take (client, true);
    assert_int_equal (s_post (client, "", BODY)->request_hash.size, 0);
    s_answer (client, BODY, JSON, "{}");
    s_reads_none (client, "{}", "HTTP/1.1 200");
}

static void
who_waits_is_answered_when_we_stop (void **state)
{
    client_t *client = *state;
    s_answer (client, BODY, JSON, "{}");
    br_ingress_actor.stop (client->world->ctx->state, 1000);
    world_turn (client->world);
    s_is_silent (client);
    world_wait (client->world, 1000);
    s_reads_none (client, "{}", "HTTP/1.1 200");
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
#define TEST(name) cmocka_unit_test_setup_teardown (name, s_setup, s_teardown)
        TEST (the_body_is_hashed),
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
        cmocka_unit_test_setup_teardown (
            a_server_that_started_without_has_no_room_for_them, s_setup_without,
            s_teardown),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
