//  ingress_search: objects that another ingress has made, seen by their owner, who is played,
//  and by a client.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "actors/ingress/ingress.h"
#include "actors/ingress/ingress_search.h"
#include "broker/core/alloc.h"
#include "broker/core/ctx.h"
#include "broker/proto/candidates.h"
#include "tests/actors/ingress/world.h"

#define GET "GET /v1/responses/resp_1"
#define ON "{\"model\":\"smart\",\"previous_response_id\":\"resp_1\"}"

//  Two accounts, so that it can be seen which one is meant.
static const char s_slice[] =
    "{\"listen\":[\"127.0.0.1:0\"],\"listen_given\":true,\"providers\":{\"openai\":{"
    "\"actor\":\"upstream/openai\",\"models\":{\"gpt-4o\":{}},\"accounts\":[\"openai#0\","
    "\"openai#1\"]}},\"models\":{\"smart\":{\"strategy\":\"priority\",\"endpoints\":[{"
    "\"provider\":\"openai\",\"model\":\"gpt-4o\"}]}}}";

static int
s_setup (void **state)
{
    world_t *world = world_new (s_slice);
    world->has_keys = true;
    *state = world;
    return 0;
}

//  A client that has sent a request. The test closes it.
static int
s_send (world_t *world, const char *line, const char *headers, const char *body)
{
    int fd = world_connect (world);
    char *text = br_strf ("%s HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: %zu\r\n"
                          "Connection: close\r\n%s\r\n%s",
                          line, strlen (body), headers, body);
    world_write (world, fd, text);
    free (text);
    return fd;
}

static br_id_t
s_asked (world_t *world)
{
    const br_msg_t *msg = world_expect (world, BR_OBJECT_ASK);
    assert_non_null (msg);
    assert_true (br_addr_is (msg->to, world_keys));
    const struct br_object_ask *ask = br_msg_fields (msg);
    assert_string_equal (ask->object, "resp_1");
    assert_int_equal (world_count (world, BR_CALL_OPEN), 0);
    return msg->call;
}

static struct br_object_told
s_known (void)
{
    struct br_object_told told = { .object = "resp_1", .known = 1 };
    told.route = "smart";
    told.provider = "openai";
    told.endpoint = "openai#1";
    told.account = "";
    return told;
}

static void
s_tell (world_t *world, br_id_t call, const struct br_object_told *told)
{
    world_send (world, world_keys, BR_OBJECT_TOLD, call, 0, told, NULL);
}

static void
s_tell_unknown (world_t *world, br_id_t call)
{
    struct br_object_told told = { .object = "resp_1" };
    told.route = told.provider = told.endpoint = told.account = "";
    s_tell (world, call, &told);
}

static void
s_lose_owner (world_t *world)
{
    struct br_sys_gone gone = { .host = WORLD_KEYS_HOST, .life = 1 };
    br_ctx_send (world->ctx, br_ctx_self (world->ctx), BR_SYS_GONE, (br_id_t) { 0, 0 }, 0,
                 &gone, NULL);
    world_turn (world);
}

//  The next call that is opened has so many candidates, the first of them this one.
static void
s_is_opened (world_t *world, int count, const char *endpoint)
{
    const br_msg_t *msg = world_expect (world, BR_CALL_OPEN);
    assert_non_null (msg);
    const struct br_call_open *open = br_msg_fields (msg);
    br_candidate_t rows[4];
    assert_int_equal (br_candidates_read (open->candidates, rows, 4), count);
    assert_string_equal (rows[0].endpoint, endpoint);
}

static void
s_is_answered (world_t *world, int fd, const char *status)
{
    world_has (world_read_all (world, fd), status);
    close (fd);
}

//  Posts a response that account 1 keeps; its head has come.
static int
s_make (world_t *world, const char *object)
{
    int fd = s_send (world, "POST /v1/responses", "", "{\"model\":\"smart\"}");
    const br_msg_t *open = world_expect (world, BR_CALL_OPEN);
    assert_non_null (open);
    br_id_t id = open->call;
    struct br_reply_head head = { .status = 200, .content_type = "application/json" };
    head.provider = "openai";
    head.endpoint = "openai#1";
    head.object = object;
    world_send (world, world_upstream, BR_REPLY_HEAD, id, 1, &head, "{}");
    world_end (world, id, 1);
    return fd;
}

//  ---- telling

static void
what_is_made_here_is_told_once (void **state)
{
    world_t *world = *state;
    s_is_answered (world, s_make (world, "resp_7"), "HTTP/1.1 200");
    assert_int_equal (world_count (world, BR_OBJECT_KEEP), 1);
    s_is_answered (world, s_make (world, "resp_7"), "HTTP/1.1 200");
    s_is_answered (world, s_make (world, ""), "HTTP/1.1 200");
    assert_int_equal (world_count (world, BR_OBJECT_KEEP), 1);
    assert_int_equal (world_count (world, BR_OBJECT_ASK), 0);
    world->seen = 0;
    const br_msg_t *msg = world_expect (world, BR_OBJECT_KEEP);
    assert_true (br_addr_is (msg->to, world_keys));
    const struct br_object_keep *keep = br_msg_fields (msg);
    assert_string_equal (keep->object, "resp_7");
    assert_string_equal (keep->route, "smart");
    assert_string_equal (keep->provider, "openai");
    assert_string_equal (keep->endpoint, "openai#1");
    assert_string_equal (keep->account, "");
}

static void
what_cannot_be_told_is_known_here_all_the_same (void **state)
{
    world_t *world = *state;
    world->has_keys = false;
    s_is_answered (world, s_make (world, "resp_1"), "HTTP/1.1 200");
    world->has_keys = true;
    int fd = s_send (world, GET, "", "");
    s_is_opened (world, 1, "openai#1");
    close (fd);
    assert_int_equal (world_count (world, BR_OBJECT_KEEP), 0);
    assert_int_equal (world_count (world, BR_OBJECT_ASK), 0);
}

//  ---- asking

static void
what_another_ingress_made_is_asked_for_once (void **state)
{
    world_t *world = *state;
    struct br_object_told told = s_known ();
    int fd = s_send (world, GET, "", "");
    s_tell (world, s_asked (world), &told);
    s_is_opened (world, 1, "openai#1");
    close (fd);
    static const char *const lines[] = { GET, "DELETE /v1/responses/resp_1",
                                         "POST /v1/responses/resp_1/cancel",
                                         GET "/input_items" };
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        fd = s_send (world, lines[i], "", "");
        s_is_opened (world, 1, "openai#1");
        close (fd);
    }
    assert_int_equal (world_count (world, BR_OBJECT_ASK), 1);
}

static void
what_goes_on_from_it_goes_to_its_maker (void **state)
{
    world_t *world = *state;
    struct br_object_told told = s_known ();
    int fd = s_send (world, "POST /v1/responses", "", ON);
    s_tell (world, s_asked (world), &told);
    s_is_opened (world, 1, "openai#1");
    close (fd);
}

static void
what_nobody_knows_is_missed (void **state)
{
    world_t *world = *state;
    int fd = s_send (world, GET, "", "");
    s_tell_unknown (world, s_asked (world));
    const char *got = world_read_all (world, fd);
    world_has (got, "HTTP/1.1 404");
    world_has (got, "no response 'resp_1' is known");
    close (fd);
    fd = s_send (world, "POST /v1/responses", "", ON);
    s_tell_unknown (world, s_asked (world));
    s_is_opened (world, 2, "openai#0"); //  as if it went on from nothing
    close (fd);
}

static void
what_is_another_accounts_is_missed (void **state)
{
    world_t *world = *state;
    struct br_object_told told = s_known ();
    told.account = "acme";
    int fd = s_send (world, GET, "", "");
    s_tell (world, s_asked (world), &told);
    s_is_answered (world, fd, "HTTP/1.1 404");
    s_is_answered (world, s_send (world, "POST /v1/responses", "", ON), "HTTP/1.1 404");
    assert_int_equal (world_count (world, BR_CALL_OPEN), 0);
}

static void
calls_that_name_no_object_ask_nothing (void **state)
{
    world_t *world = *state;
    static const char *const rows[][2] = {
        { "POST /v1/responses", "{\"model\":\"smart\"}" },
        { "POST /v1/responses",
          "{\"model\":\"smart\",\"previous_response_id\":null,\"input\":\"resp_1\"}" },
        { "POST /v1/chat/completions", "{\"model\":\"smart\",\"messages\":[]}" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        int fd = s_send (world, rows[i][0], "", rows[i][1]);
        s_is_opened (world, 2, "openai#0");
        close (fd);
    }
    assert_int_equal (world_count (world, BR_OBJECT_ASK), 0);
}

//  ---- who does not answer

static void
a_silent_owner_is_waited_for_2_s (void **state)
{
    world_t *world = *state;
    int get = s_send (world, GET, "", "");
    br_id_t id = s_asked (world);
    int on = s_send (world, "POST /v1/responses", "", ON);
    s_asked (world);
    world_wait (world, INGRESS_SEARCH_MS - 1);
    assert_int_equal (world_count (world, BR_CALL_OPEN), 0);
    world_wait (world, 2);
    s_is_opened (world, 2, "openai#0");
    s_is_answered (world, get, "HTTP/1.1 503");
    close (on);
    struct br_object_told told = s_known ();
    s_tell (world, id, &told); //  nobody waits for it any more
    assert_int_equal (world_count (world, BR_CALL_OPEN), 1);
}

static void
no_longer_than_the_client_has_time (void **state)
{
    world_t *world = *state;
    int get = s_send (world, GET, "x-bitrouter-timeout: 0.3\r\n", "");
    s_asked (world);
    int on = s_send (world, "POST /v1/responses", "x-bitrouter-timeout: 0.3\r\n", ON);
    s_asked (world);
    world_wait (world, 301);
    s_is_answered (world, get, "HTTP/1.1 504");
    s_is_answered (world, on, "HTTP/1.1 504");
    assert_int_equal (world_count (world, BR_CALL_OPEN), 0);
}

static void
an_owner_that_dies_while_it_is_asked_does_not_answer (void **state)
{
    world_t *world = *state;
    int get = s_send (world, GET, "", "");
    s_asked (world);
    int on = s_send (world, "POST /v1/responses", "", ON);
    s_asked (world);
    world->has_keys = false;
    s_lose_owner (world);
    s_is_opened (world, 2, "openai#0");
    s_is_answered (world, get, "HTTP/1.1 503");
    close (on);
}

static void
an_owner_that_is_not_there_is_not_waited_for (void **state)
{
    world_t *world = *state;
    world->has_keys = false;
    int fd = s_send (world, "DELETE /v1/responses/resp_1", "", "");
    const char *got = world_read_all (world, fd);
    world_has (got, "HTTP/1.1 503");
    world_has (got, "peer_gone");
    world_has (got, "retry-after");
    close (fd);
    fd = s_send (world, "POST /v1/responses", "", ON);
    s_is_opened (world, 2, "openai#0");
    close (fd);
    world->has_keys = world->refuses = true;
    s_is_answered (world, s_send (world, GET, "", ""), "HTTP/1.1 503");
}

//  ---- who waits no more, and who was not asked

static void
a_client_that_leaves_asks_for_nothing_more (void **state)
{
    world_t *world = *state;
    int fd = s_send (world, GET, "", "");
    br_id_t id = s_asked (world);
    close (fd);
    world_turn (world);
    struct br_object_told told = s_known ();
    s_tell (world, id, &told);
    world_wait (world, 2 * INGRESS_SEARCH_MS);
    assert_int_equal (world_count (world, BR_CALL_OPEN), 0);
}

static void
words_of_others_are_ignored (void **state)
{
    world_t *world = *state;
    struct br_object_told told = s_known ();
    int fd = s_send (world, GET, "", "");
    br_id_t id = s_asked (world);
    world_send (world, (br_addr_t) { WORLD_KEYS_HOST, 1, 2 }, BR_OBJECT_TOLD, id, 0,
                &told, NULL);
    told.object = "resp_2";
    s_tell (world, id, &told);
    s_tell (world, (br_id_t) { 1, 1 }, &told);
    assert_int_equal (world_count (world, BR_CALL_OPEN), 0);
    told.object = "resp_1";
    s_tell (world, id, &told);
    s_is_opened (world, 1, "openai#1");
    close (fd);
}

//  The claim comes first.
static void
a_call_with_a_key_asks_when_it_may_go (void **state)
{
    world_t *world = *state;
    struct br_object_told told = s_known ();
    int fd = s_send (world, "POST /v1/responses", "Idempotency-Key: k-1\r\n", ON);
    const br_msg_t *claim = world_expect (world, BR_IDEM_CLAIM);
    assert_non_null (claim);
    assert_int_equal (world_count (world, BR_OBJECT_ASK), 0);
    struct br_idem_go go = { .answer_max = 1000 };
    world_send (world, world_keys, BR_IDEM_GO, claim->call, 0, &go, NULL);
    s_tell (world, s_asked (world), &told);
    s_is_opened (world, 1, "openai#1");
    close (fd);
}

static void
who_waits_at_a_stop_is_refused (void **state)
{
    world_t *world = *state;
    int fd = s_send (world, GET, "", "");
    s_asked (world);
    br_ingress_actor.stop (world->ctx->state, 100);
    world_wait (world, 101);
    s_is_answered (world, fd, "HTTP/1.1 503");
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown (name, s_setup, world_teardown)
        TEST (what_is_made_here_is_told_once),
        TEST (what_cannot_be_told_is_known_here_all_the_same),
        TEST (what_another_ingress_made_is_asked_for_once),
        TEST (what_goes_on_from_it_goes_to_its_maker),
        TEST (what_nobody_knows_is_missed),
        TEST (what_is_another_accounts_is_missed),
        TEST (calls_that_name_no_object_ask_nothing),
        TEST (a_silent_owner_is_waited_for_2_s),
        TEST (no_longer_than_the_client_has_time),
        TEST (an_owner_that_dies_while_it_is_asked_does_not_answer),
        TEST (an_owner_that_is_not_there_is_not_waited_for),
        TEST (a_client_that_leaves_asks_for_nothing_more),
        TEST (words_of_others_are_ignored),
        TEST (a_call_with_a_key_asks_when_it_may_go),
        TEST (who_waits_at_a_stop_is_refused),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
