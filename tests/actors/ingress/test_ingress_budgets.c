//  ingress_budgets: calls that need room in a budget, seen by their owner and by a client.

#include "actors/ingress/ingress_budgets.h"
#include "tests/actors/ingress/callers.h"

#define CLOSE "Connection: close\r\n"

static int
s_setup (void **state)
{
    *state = callers_world (PRICED ("\"auth\":{\"budget_wait_ms\":5000},"));
    return 0;
}

static struct br_auth_told
s_told (void)
{
    struct br_auth_told told = callers_told ();
    told.issued_s = 11;
    told.budgeted = 1;
    told.budget_nusd = 1000;
    told.budget_range = BR_BUDGET_DURATION;
    told.budget_extent = 60;
    return told;
}

//  A client whose call asks for room; the test closes it.
static int
s_post (world_t *world, const char *headers, const char *body, const br_msg_t **ret_ask)
{
    char *all = br_strf (BEARER "%s", headers);
    int fd = callers_post (world, all, body);
    free (all);
    struct br_auth_told told = s_told ();
    if (world_count (world, BR_BUDGET_ASK) == 0)
        callers_tell (world, &told);
    *ret_ask = world_expect (world, BR_BUDGET_ASK);
    assert_non_null (*ret_ask);
    assert_true (br_addr_is ((*ret_ask)->to, world_auth));
    return fd;
}

static void
s_grant (world_t *world, br_id_t call, uint64_t output_tokens)
{
    struct br_budget_told told = { .held_nusd = 77, .output_tokens = output_tokens };
    world_send (world, world_auth, BR_BUDGET_TOLD, call, 0, &told, NULL);
}

static void
s_refuse (world_t *world, br_id_t call, br_code_t code, uint64_t retry_ms)
{
    struct br_budget_told told = { .code = code, .error = "it is spent" };
    told.retry_ms = retry_ms;
    world_send (world, world_auth, BR_BUDGET_TOLD, call, 0, &told, NULL);
}

//  A call that is open and holds; the test closes it.
static int
s_open (world_t *world, br_id_t *ret_id)
{
    const br_msg_t *ask;
    int fd = s_post (world, "", BODY, &ask);
    *ret_id = ask->call;
    s_grant (world, *ret_id, 100);
    assert_non_null (world_expect (world, BR_CALL_OPEN));
    return fd;
}

static void
room_for_the_worst_case_is_asked_for_before_the_open (void **state)
{
    world_t *world = *state;
    const br_msg_t *msg;
    int fd = s_post (world, "", BODY, &msg);
    const struct br_budget_ask *ask = br_msg_fields (msg);
    assert_string_equal (ask->account, "acme");
    assert_string_equal (ask->key, "brvk_id_1");
    assert_int_equal (ask->issued_s, 11);
    assert_int_equal (ask->budget_nusd, 1000);
    assert_int_equal (ask->budget_range, BR_BUDGET_DURATION);
    assert_int_equal (ask->budget_extent, 60);
    assert_true (ask->fixed_nusd > 0);
    assert_int_equal (ask->output_rate, 2000000);
    assert_int_equal (ask->output_tokens, 100);
    assert_int_equal (ask->output_least, 100);
    assert_int_equal (ask->wait_ms, 5000);
    assert_int_equal (world_count (world, BR_CALL_OPEN), 0);
    s_grant (world, msg->call, 100);
    const struct br_call_open *open = br_msg_fields (world_expect (world, BR_CALL_OPEN));
    assert_int_equal (open->max_output, 0); //  the client has chosen
    world_head (world, msg->call, "application/json", "{}");
    world_end (world, msg->call, 1);
    world_has (world_read (world, fd, "{}"), "HTTP/1.1 200");
    close (fd);
    world_turn (world);
    assert_int_equal (world_count (world, BR_BUDGET_DROP), 0); //  the meter tells
}

static void
a_tight_budget_bounds_the_output (void **state)
{
    world_t *world = *state;
    const br_msg_t *msg;
    int fd = s_post (world, "", "{\"model\":\"smart\",\"messages\":[],\"n\":3}", &msg);
    const struct br_budget_ask *ask = br_msg_fields (msg);
    assert_true (ask->output_least < ask->output_tokens);
    s_grant (world, msg->call, 300);
    const struct br_call_open *open = br_msg_fields (world_expect (world, BR_CALL_OPEN));
    assert_int_equal (open->max_output, 100); //  of each of three
    close (fd);
    fd = s_post (world, "", "{\"model\":\"smart\",\"messages\":[]}", &msg);
    ask = br_msg_fields (msg);
    s_grant (world, msg->call, ask->output_tokens);
    open = br_msg_fields (world_expect (world, BR_CALL_OPEN));
    assert_int_equal (open->max_output, 0);
    close (fd);
}

//  What is held is the price of one attempt.
static void
a_call_under_a_budget_is_not_gone_on_with (void **state)
{
    world_t *world = *state;
    const br_msg_t *msg;
    int fd = s_post (world, "x-bitrouter-continue: on\r\n",
                     "{\"model\":\"smart\",\"stream\":true,\"messages\":[]}", &msg);
    s_grant (world, msg->call, 100);
    const struct br_call_open *open = br_msg_fields (world_expect (world, BR_CALL_OPEN));
    assert_false (open->continues);
    close (fd);
}

static void
a_spent_budget_is_429_and_not_to_be_tried_again (void **state)
{
    world_t *world = *state;
    const br_msg_t *msg;
    int fd = s_post (world, CLOSE, BODY, &msg);
    s_refuse (world, msg->call, BR_EBUDGET, 0);
    const char *got = world_read_all (world, fd);
    world_has (got, "HTTP/1.1 429");
    world_has (got, "\"code\":\"budget_exhausted\"");
    world_has (got, "it is spent");
    world_has (got, "x-should-retry: false");
    assert_null (strcasestr (got, "retry-after"));
    close (fd);
    fd = s_post (world, CLOSE, BODY, &msg);
    s_refuse (world, msg->call, BR_EBUDGET, 1500);
    world_has (world_read_all (world, fd), "retry-after: 2\r\n");
    close (fd);
    fd = s_post (world, CLOSE, BODY, &msg);
    s_refuse (world, msg->call, BR_EUNAVAILABLE, 0);
    world_has (world_read_all (world, fd), "HTTP/1.1 503");
    close (fd);
    assert_int_equal (world_count (world, BR_BUDGET_DROP), 0);
    assert_int_equal (world_count (world, BR_CALL_OPEN), 0);
}

static void
who_leaves_while_it_waits_frees_its_place (void **state)
{
    world_t *world = *state;
    const br_msg_t *msg;
    int fd = s_post (world, "", BODY, &msg);
    br_id_t id = msg->call;
    close (fd);
    world_turn (world);
    msg = world_expect (world, BR_BUDGET_DROP);
    assert_non_null (msg);
    assert_true (br_id_is (msg->call, id));
    s_grant (world, id, 100); //  on its way already
    assert_int_equal (world_count (world, BR_CALL_OPEN), 0);
}

static void
what_is_not_opened_holds_nothing (void **state)
{
    world_t *world = *state;
    const br_msg_t *msg;
    int fd = s_post (world, CLOSE, BODY, &msg);
    world->no_router = true;
    s_grant (world, msg->call, 100);
    world_has (world_read_all (world, fd), "HTTP/1.1 503");
    assert_int_equal (world_count (world, BR_BUDGET_DROP), 1);
    close (fd);
    //  then: a router whose host goes before anything was written
    world->no_router = false;
    br_id_t id;
    fd = s_open (world, &id);
    struct br_sys_gone gone = { .host = WORLD_ROUTER_HOST, .life = 1 };
    br_ctx_send (world->ctx, br_ctx_self (world->ctx), BR_SYS_GONE, NO_CALL, 0, &gone,
                 NULL);
    world_turn (world);
    world_has (world_read (world, fd, "}"), "HTTP/1.1 503");
    assert_int_equal (world_count (world, BR_BUDGET_DROP), 2);
    close (fd);
}

static void
without_its_owner_no_budget_lets_a_call_through (void **state)
{
    world_t *world = *state;
    const br_msg_t *msg;
    int fd = s_post (world, CLOSE, BODY, &msg);
    callers_lose_auth (world);
    world_has (world_read_all (world, fd), "HTTP/1.1 503");
    close (fd);
    assert_int_equal (world_count (world, BR_CALL_OPEN), 0);
}

static void
an_owner_that_says_nothing_is_not_waited_for_forever (void **state)
{
    world_t *world = *state;
    const br_msg_t *msg;
    int fd = s_post (world, CLOSE, BODY, &msg);
    world_wait (world, 5000 + INGRESS_BUDGET_GRACE_MS);
    world_has (world_read_all (world, fd), "HTTP/1.1 503");
    assert_int_equal (world_count (world, BR_BUDGET_DROP), 1);
    close (fd);
}

static void
a_new_owner_hears_what_open_calls_hold (void **state)
{
    world_t *world = *state;
    br_id_t id;
    int fd = s_open (world, &id);
    world_send (world, world_auth, BR_AUTH_CHANGED, NO_CALL, 0, NULL, NULL);
    assert_int_equal (world_count (world, BR_BUDGET_HOLD), 0); //  it is the same one
    br_addr_t other = world_auth;
    other.life++;
    world_send (world, other, BR_AUTH_CHANGED, NO_CALL, 0, NULL, NULL);
    const br_msg_t *msg = world_expect (world, BR_BUDGET_HOLD);
    assert_non_null (msg);
    assert_true (br_addr_is (msg->to, other));
    assert_true (br_id_is (msg->call, id));
    const struct br_budget_hold *hold = br_msg_fields (msg);
    assert_int_equal (hold->held_nusd, 77);
    assert_string_equal (hold->key, "brvk_id_1");
    close (fd);
}

static void
the_clients_own_time_bounds_the_wait (void **state)
{
    world_t *world = *state;
    const br_msg_t *msg;
    int fd = s_post (world, "x-bitrouter-timeout: 2\r\n", BODY, &msg);
    const struct br_budget_ask *ask = br_msg_fields (msg);
    assert_int_equal (ask->wait_ms, 2000);
    close (fd);
}

static void
an_unknown_price_is_refused_unless_that_is_allowed (void **state)
{
    world_t *world = *state;
    const char body[] = "{\"model\":\"openai:new\",\"messages\":[]}";
    struct br_auth_told told = s_told ();
    int fd = callers_post (world, BEARER CLOSE, body);
    callers_tell (world, &told);
    const char *got = world_read_all (world, fd);
    world_has (got, "HTTP/1.1 403");
    world_has (got, "price of the model 'openai:new' is not known");
    close (fd);
    assert_int_equal (
        world_configure (world, PRICED ("\"auth\":{\"unpriced\":\"allow\"},"), NULL), 0);
    const br_msg_t *msg;
    fd = callers_post (world, BEARER, body);
    msg = world_expect (world, BR_BUDGET_ASK);
    assert_non_null (msg);
    const struct br_budget_ask *ask = br_msg_fields (msg);
    assert_int_equal (ask->fixed_nusd, 0);
    close (fd);
}

//  It is answered before anybody knows what it costs.
static void
a_response_in_the_background_is_refused (void **state)
{
    world_t *world = *state;
    static const char *const rows[] = { "true", "1", "false,\"background\":true" };
    struct br_auth_told told = s_told ();
    for (size_t i = 0; i < 3; i++) {
        char *body = br_strf ("{\"model\":\"smart\",\"input\":\"a\",\"background\":%s}",
                              rows[i]);
        char *text = br_strf (
            "POST /v1/responses HTTP/1.1\r\nHost: 127.0.0.1\r\n" BEARER CLOSE
            "Content-Length: %zu\r\n\r\n%s",
            strlen (body), body);
        int fd = world_connect (world);
        world_write (world, fd, text);
        free (text);
        if (i == 0)
            callers_tell (world, &told);
        const char *got = world_read_all (world, fd);
        world_has (got, "HTTP/1.1 403");
        world_has (got, "leave `background` out");
        close (fd);
        free (body);
    }
    assert_int_equal (world_count (world, BR_BUDGET_ASK), 0);
}

static void
prices_that_change_meanwhile_are_asked_for_again (void **state)
{
    world_t *world = *state;
    const br_msg_t *msg;
    int fd = s_post (world, "", BODY, &msg);
    br_id_t id = msg->call;
    assert_int_equal (br_ingress_actor.conf_try (world->ctx->state, PRICED (""), NULL),
                      0);
    assert_int_equal (br_ingress_actor.conf_take (world->ctx->state, 8, NULL), 0);
    s_grant (world, id, 100);
    assert_non_null (world_expect (world, BR_BUDGET_DROP));
    assert_non_null (world_expect (world, BR_BUDGET_ASK));
    s_grant (world, id, 100);
    assert_non_null (world_expect (world, BR_CALL_OPEN));
    close (fd);
}

static void
counting_tokens_needs_no_budget (void **state)
{
    world_t *world = *state;
    struct br_auth_told told = s_told ();
    int fd = world_connect (world);
    world_write (world, fd,
                 "POST /v1/messages/count_tokens HTTP/1.1\r\nHost: 127.0.0.1\r\n" BEARER
                 "Content-Length: 31\r\n\r\n{\"model\":\"smart\",\"messages\":[]}");
    callers_tell (world, &told);
    assert_non_null (world_expect (world, BR_CALL_OPEN));
    assert_int_equal (world_count (world, BR_BUDGET_ASK), 0);
    close (fd);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown (name, s_setup, world_teardown)
        TEST (room_for_the_worst_case_is_asked_for_before_the_open),
        TEST (a_tight_budget_bounds_the_output),
        TEST (a_call_under_a_budget_is_not_gone_on_with),
        TEST (a_spent_budget_is_429_and_not_to_be_tried_again),
        TEST (who_leaves_while_it_waits_frees_its_place),
        TEST (what_is_not_opened_holds_nothing),
        TEST (without_its_owner_no_budget_lets_a_call_through),
        TEST (an_owner_that_says_nothing_is_not_waited_for_forever),
        TEST (a_new_owner_hears_what_open_calls_hold),
        TEST (the_clients_own_time_bounds_the_wait),
        TEST (an_unknown_price_is_refused_unless_that_is_allowed),
        TEST (a_response_in_the_background_is_refused),
        TEST (prices_that_change_meanwhile_are_asked_for_again),
        TEST (counting_tokens_needs_no_budget),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
