//  ctx: what an actor sees of the world, and what its host does for it: slices of
//  configuration in two steps, stop, questions of the admin door.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "broker/core/alloc.h"
#include "broker/core/ctx.h"

static struct {
    uint64_t now_ns;
    br_host_t *host;
    br_ctx_t *ask;  //  the window of who asks, and hears
    br_addr_t full; //  an actor with every function
    br_addr_t bare; //  one with none
    br_kept_t *kept;
    br_buf_t heard; //  by "ask": "verb(fields) "
    br_buf_t done;  //  by the full actor
    bool refuse_try;
    bool refuse_take;
    bool stop_later;
    int pipes[2]; //  of the log
} s;

//  ---- who asks

static void
s_hear (void *state, br_ctx_t *ctx, const br_msg_t *msg)
{
    (void) state;
    (void) ctx;
    br_msg_print (msg, &s.heard);
    br_buf_addf (&s.heard, " from=%u;", msg->from.actor);
}

static void *
s_create (br_ctx_t *ctx, br_error_t *reterr)
{
    (void) reterr;
    return ctx;
}

static void
s_destroy (void **state_p)
{
    *state_p = NULL;
}

static const br_handler_row_t s_ask_rows[] = {
    { BR_CONF_ACCEPT, s_hear }, { BR_CONF_REFUSE, s_hear },
    { BR_CONF_TAKEN, s_hear },  { BR_ADMIN_ANSWER, s_hear },
    { BR_SYS_STOPPED, s_hear }, { BR_CALL_FENCED, s_hear },
    { BR_REPLY_DELTA, s_hear }, { 0, NULL },
};
static const br_actor_t s_ask = { .name = "ask",
                                  .about = "asks",
                                  .role = BR_ROLE_BROKER,
                                  .handlers = s_ask_rows,
                                  .create = s_create,
                                  .destroy = s_destroy };

//  ---- the actor with every function

static int
s_try (void *state, const char *slice, br_error_t *reterr)
{
    (void) state;
    br_buf_addf (&s.done, "try(%s) ", slice);
    return s.refuse_try ? br_error_set (reterr, BR_ECONFIG, "bad slice") : 0;
}

static int
s_take (void *state, uint64_t generation, br_error_t *reterr)
{
    (void) state;
    br_buf_addf (&s.done, "take(%d) ", (int) generation);
    return s.refuse_take ? br_error_set (reterr, BR_ECONFIG, "port is taken") : 0;
}

static char *
s_admin (void *state, const char *command, const char *args)
{
    (void) state;
    return strcmp (command, "known") == 0 ? br_strdup (args) : NULL;
}

static void
s_stop (void *state, uint64_t drain_ms)
{
    br_buf_addf (&s.done, "stop(%d) ", (int) drain_ms);
    if (!s.stop_later)
        br_ctx_stopped (state);
}

static void
s_fence (void *state, br_ctx_t *ctx, const br_msg_t *msg)
{
    (void) state;
    if (br_addr_is (msg->from, br_ctx_self (ctx)))
        br_buf_addf (&s.done, "own(%d.%d) ", (int) msg->call.lo, (int) msg->attempt);
    else
        br_ctx_reply (ctx, msg, BR_CALL_FENCED, NULL, NULL);
}

static const br_handler_row_t s_full_rows[] = { { BR_CALL_FENCE, s_fence }, { 0, NULL } };
static const br_actor_t s_full = { .name = "full",
                                   .about = "can do all",
                                   .role = BR_ROLE_INGRESS,
                                   .handlers = s_full_rows,
                                   .create = s_create,
                                   .destroy = s_destroy,
                                   .conf_try = s_try,
                                   .conf_take = s_take,
                                   .admin = s_admin,
                                   .stop = s_stop };

//  ---- one with none but a service of its own

static void
s_own_admin (void *state, br_ctx_t *ctx, const br_msg_t *msg)
{
    (void) state;
    struct br_admin_answer answer = { .ticket = 77, .answer = "own" };
    br_ctx_reply (ctx, msg, BR_ADMIN_ANSWER, &answer, NULL);
}

static const br_handler_row_t s_none[] = { { 0, NULL } };
static const br_handler_row_t s_own_rows[] = { { BR_ADMIN_ASK, s_own_admin },
                                               { 0, NULL } };
static const br_actor_t s_bare = { .name = "bare",
                                   .about = "can do nothing",
                                   .role = BR_ROLE_METER,
                                   .handlers = s_none,
                                   .create = s_create,
                                   .destroy = s_destroy };
static const br_actor_t s_own = { .name = "own",
                                  .about = "answers for itself",
                                  .role = BR_ROLE_METER,
                                  .handlers = s_own_rows,
                                  .create = s_create,
                                  .destroy = s_destroy };
static const br_actor_t *const s_kinds[] = { &s_ask, &s_full, &s_bare, &s_own, NULL };

//  ---- short words

static int
s_setup (void **state)
{
    (void) state;
    memset (&s, 0, sizeof s);
    s.now_ns = 123456789;
    br_buf_init (&s.heard, 1u << 16);
    br_buf_init (&s.done, 1u << 16);
    assert_int_equal (pipe (s.pipes), 0);
    br_host_conf_t conf = { .name = "h", .actors = s_kinds };
    conf.log = (br_log_t) { .fd = s.pipes[1], .level = BR_LOG_INFO };
    conf.clock = br_clock_manual (&s.now_ns);
    conf.kept = s.kept = br_kept_new ();
    s.host = br_host_new (&conf, NULL);
    br_host_set_self (s.host, 1, 4);
    br_host_start (s.host, "ask", NULL);
    s.ask = br_host_ctx (s.host, "ask");
    s.full = br_host_start (s.host, "full/one", NULL);
    s.bare = br_host_start (s.host, "bare", NULL);
    return 0;
}

static int
s_teardown (void **state)
{
    (void) state;
    br_host_destroy (&s.host);
    br_kept_destroy (&s.kept);
    br_buf_free (&s.heard);
    br_buf_free (&s.done);
    close (s.pipes[0]);
    close (s.pipes[1]);
    return 0;
}

static void
s_send (br_addr_t to, br_verb_t verb, const void *fields)
{
    assert_int_equal (br_ctx_send (s.ask, to, verb, (br_id_t) { 0, 0 }, 0, fields, NULL),
                      0);
    while (br_host_work (s.host))
        ;
}

static void
s_conf (br_addr_t to, br_verb_t verb, uint64_t generation)
{
    struct br_conf_try conf = { .generation = generation, .slice = "{}" };
    struct br_conf_take take = { .generation = generation };
    s_send (to, verb, verb == BR_CONF_TRY ? (const void *) &conf : &take);
}

//  What was heard and done since the last look.
static void
s_is (const char *heard, const char *done)
{
    assert_string_equal (br_buf_text (&s.heard), heard);
    assert_string_equal (br_buf_text (&s.done), done);
    br_buf_clear (&s.heard);
    br_buf_clear (&s.done);
}

//  ---- the window

static void
test_the_window_names_the_actor (void **state)
{
    (void) state;
    const br_ctx_t *ctx = br_host_ctx (s.host, "full/one");
    assert_string_equal (br_ctx_name (ctx), "full/one");
    assert_string_equal (br_ctx_instance (ctx), "one");
    assert_string_equal (br_ctx_instance (s.ask), "");
    assert_true (br_addr_is (br_ctx_self (ctx), (br_addr_t) { 1, 4, 2 }));
    assert_ptr_equal (br_ctx_loop (ctx), br_host_loop (s.host));
    assert_true (br_addr_is (br_ctx_find (ctx, "bare"), s.bare));
    assert_false (br_addr_is_set (br_ctx_find (ctx, "nobody")));
}

static void
test_actors_are_found_by_role (void **state)
{
    (void) state;
    const br_ctx_t *ctx = br_host_ctx (s.host, "full/one");
    br_addr_t addrs[8];
    size_t count = br_ctx_peers (ctx, ctx->actor->role, addrs, 8);
    assert_true (count > 0);
    bool has_self = false;
    for (size_t i = 0; i < count; i++)
        has_self |= br_addr_is (addrs[i], br_ctx_self (ctx));
    assert_true (has_self);
    assert_int_equal (br_ctx_peers (ctx, ctx->actor->role, addrs, 0), 0);
    assert_int_equal (br_ctx_peers (ctx, BR_ROLE_AUTH, addrs, 8), 0);
}

static void
test_time_is_the_loops_and_the_worlds (void **state)
{
    (void) state;
    br_loop_turn (br_host_loop (s.host), 0);
    assert_int_equal (br_ctx_now_us (s.ask), 123456);
    s.now_ns += 1000000;
    assert_int_equal (br_ctx_now_us (s.ask), 123456);
    br_loop_turn (br_host_loop (s.host), 0);
    assert_int_equal (br_ctx_now_us (s.ask), 124456);
    struct timespec before, after;
    clock_gettime (CLOCK_REALTIME, &before);
    uint64_t ms = br_ctx_unix_ms (s.ask);
    clock_gettime (CLOCK_REALTIME, &after);
    assert_true (ms >= (uint64_t) before.tv_sec * 1000);
    assert_true (ms <= (uint64_t) after.tv_sec * 1000 + 1000);
}

static void
test_random_numbers_differ (void **state)
{
    (void) state;
    br_ctx_t *other = br_host_ctx (s.host, "bare");
    uint64_t first = br_ctx_random (s.ask);
    size_t alike = 0, ones = 0;
    for (int i = 0; i < 1000; i++) {
        uint64_t number = br_ctx_random (s.ask);
        alike += number == first || number == br_ctx_random (other);
        ones += (size_t) __builtin_popcountll (number);
    }
    assert_int_equal (alike, 0);
    assert_in_range (ones, 30000, 34000);
}

static void
test_reply_keeps_call_and_attempt (void **state)
{
    (void) state;
    br_ctx_send (s.ask, s.full, BR_CALL_FENCE, (br_id_t) { 5, 6 }, 9, NULL, NULL);
    while (br_host_work (s.host))
        ;
    s_is ("call.fenced attempt=9 from=2;", "");
}

static void
test_pass_sends_the_same_on (void **state)
{
    (void) state;
    struct br_reply_delta delta = { .seq = 3, .upto = 99 };
    br_blob_t *body = br_blob_new ("bytes", 5);
    br_msg_t *msg = br_msg_new (BR_REPLY_DELTA, (br_id_t) { 1, 2 }, 4, &delta, body);
    br_ctx_t *ctx = br_host_ctx (s.host, "bare");
    assert_int_equal (br_ctx_pass (ctx, msg, br_ctx_self (s.ask)), 0);
    br_msg_destroy (&msg);
    br_blob_destroy (&body);
    while (br_host_work (s.host))
        ;
    s_is ("reply.delta attempt=4 seq=3 upto=99 body=5 from=3;", "");
}

static void
test_a_send_to_nowhere_fails (void **state)
{
    (void) state;
    br_id_t none = { 0, 0 };
    br_addr_t far = { 2, 1, 1 }, ended = { 1, 4, 9 };
    assert_int_equal (br_ctx_send (s.ask, far, BR_CALL_FENCE, none, 0, NULL, NULL), -1);
    assert_int_equal (br_ctx_send (s.ask, ended, BR_CALL_FENCE, none, 0, NULL, NULL), -1);
}

static void
test_log_lines_name_the_actor (void **state)
{
    (void) state;
    char line[256];
    br_ctx_log (br_host_ctx (s.host, "full/one"), BR_LOG_DEBUG, "not written");
    br_ctx_log (br_host_ctx (s.host, "full/one"), BR_LOG_WARN, "n=%d", 3);
    ssize_t size = read (s.pipes[0], line, sizeof line - 1);
    assert_true (size > 0);
    line[size] = 0;
    assert_non_null (strstr (line, " warn full/one: n=3\n"));
    br_log_field_t field = { .name = "n", .number = 4 };
    br_ctx_log_fields (br_host_ctx (s.host, "full/one"), BR_LOG_WARN, "told", &field, 1);
    size = read (s.pipes[0], line, sizeof line - 1);
    assert_true (size > 0);
    line[size] = 0;
    assert_non_null (strstr (line, " warn full/one: told n=4\n"));
    assert_true (br_ctx_log_is_on (s.ask, BR_LOG_INFO));
    assert_false (br_ctx_log_is_on (s.ask, BR_LOG_DEBUG));
    br_host_set_log_level (s.host, BR_LOG_ERROR);
    br_ctx_log (s.ask, BR_LOG_WARN, "not written");
    br_ctx_log (s.ask, BR_LOG_ERROR, "last");
    size = read (s.pipes[0], line, sizeof line - 1);
    line[size] = 0;
    assert_null (strstr (line, "not written"));
    assert_non_null (strstr (line, "last"));
}

//  ---- configuration

static void
test_a_slice_is_tried_and_then_taken (void **state)
{
    (void) state;
    s_conf (s.full, BR_CONF_TRY, 1);
    s_is ("conf.accept generation=1 from=2;", "try({}) ");
    s_conf (s.full, BR_CONF_TAKE, 1);
    s_is ("conf.taken generation=1 from=2;", "take(1) ");
    assert_int_equal (br_host_ctx (s.host, "full/one")->generation, 1);
}

static void
test_a_refused_slice_is_never_taken (void **state)
{
    (void) state;
    s.refuse_try = true;
    s_conf (s.full, BR_CONF_TRY, 2);
    s_is ("conf.refuse generation=2 error=bad slice from=2;", "try({}) ");
    s_conf (s.full, BR_CONF_TAKE, 2);
    s_is ("conf.refuse generation=2 error=generation was never tried from=2;", "");
    assert_int_equal (br_host_ctx (s.host, "full/one")->generation, 0);
}

static void
test_only_the_slice_tried_last_is_taken (void **state)
{
    (void) state;
    s_conf (s.full, BR_CONF_TRY, 1);
    s_conf (s.full, BR_CONF_TRY, 2);
    br_buf_clear (&s.heard);
    br_buf_clear (&s.done);
    s_conf (s.full, BR_CONF_TAKE, 1);
    s_is ("conf.refuse generation=1 error=generation was never tried from=2;", "");
    s_conf (s.full, BR_CONF_TAKE, 2);
    s_is ("conf.taken generation=2 from=2;", "take(2) ");
}

static void
test_a_take_that_fails_is_told (void **state)
{
    (void) state;
    s.refuse_take = true;
    s_conf (s.full, BR_CONF_TRY, 3);
    br_buf_clear (&s.heard);
    s_conf (s.full, BR_CONF_TAKE, 3);
    s_is ("conf.refuse generation=3 error=port is taken from=2;", "try({}) take(3) ");
    assert_int_equal (br_host_ctx (s.host, "full/one")->generation, 0);
}

static void
test_who_needs_no_slice_accepts_and_takes (void **state)
{
    (void) state;
    s_conf (s.bare, BR_CONF_TRY, 1);
    s_conf (s.bare, BR_CONF_TAKE, 1);
    s_is ("conf.accept generation=1 from=3;conf.taken generation=1 from=3;", "");
}

//  ---- stop

static void
test_stop_is_answered_once (void **state)
{
    (void) state;
    struct br_sys_stop stop = { .drain_ms = 500 };
    s.stop_later = true;
    s_send (s.full, BR_SYS_STOP, &stop);
    s_send (s.full, BR_SYS_STOP, &stop); //  a second one changes nothing
    s_is ("", "stop(500) ");
    br_ctx_stopped (br_host_ctx (s.host, "full/one"));
    br_ctx_stopped (br_host_ctx (s.host, "full/one"));
    while (br_host_work (s.host))
        ;
    s_is ("sys.stopped name=full/one from=2;", "");
}

static void
test_who_cannot_stop_has_stopped (void **state)
{
    (void) state;
    s_send (s.bare, BR_SYS_STOP, NULL);
    s_is ("sys.stopped name=bare from=3;", "");
}

//  ---- admin

static void
test_questions_are_answered_or_null (void **state)
{
    (void) state;
    struct br_admin_ask ask = { .ticket = 5, .command = "known", .args = "{\"a\":1}" };
    s_send (s.full, BR_ADMIN_ASK, &ask);
    s_is ("admin.answer ticket=5 answer={\"a\":1} from=2;", "");
    ask.command = "other";
    s_send (s.full, BR_ADMIN_ASK, &ask);
    s_is ("admin.answer ticket=5 answer=null from=2;", "");
    s_send (s.bare, BR_ADMIN_ASK, &ask);
    s_is ("admin.answer ticket=5 answer=null from=3;", "");
}

static void
test_an_actors_own_handler_comes_first (void **state)
{
    (void) state;
    br_addr_t own = br_host_start (s.host, "own", NULL);
    s_send (own, BR_ADMIN_ASK, NULL);
    s_is ("admin.answer ticket=77 answer=own from=4;", "");
}

//  ---- what outlives the host

static void
s_keep (const char *name, br_verb_t verb, uint64_t call)
{
    br_msg_t *msg = br_msg_new (verb, (br_id_t) { 1, call }, 3, NULL, NULL);
    br_ctx_keep (br_host_ctx (s.host, name), &msg);
    assert_null (msg);
}

static void
test_what_is_kept_comes_once_the_configuration_is_taken (void **state)
{
    (void) state;
    s_keep ("full/one", BR_CALL_FENCE, 7);
    s_keep ("full/one", BR_CALL_FENCE, 8);
    s_keep ("bare", BR_CALL_FENCE, 9);
    br_host_end (s.host, "full/one");
    s.full = br_host_start (s.host, "full/one", NULL);
    s_conf (s.full, BR_CONF_TRY, 1);
    s_is ("conf.accept generation=1 from=4;", "try({}) ");
    s_conf (s.full, BR_CONF_TAKE, 1);
    s_is ("conf.taken generation=1 from=4;", "take(1) own(7.3) own(8.3) ");
    //  then: not a second time, and nobody else's
    s_conf (s.full, BR_CONF_TRY, 2);
    s_conf (s.full, BR_CONF_TAKE, 2);
    assert_null (strstr (br_buf_text (&s.done), "own"));
    assert_int_equal (br_kept_count (s.kept), 1);
}

static void
test_nothing_is_given_to_who_refuses_its_configuration (void **state)
{
    (void) state;
    s_keep ("full/one", BR_CALL_FENCE, 7);
    s.refuse_take = true;
    s_conf (s.full, BR_CONF_TRY, 1);
    s_conf (s.full, BR_CONF_TAKE, 1);
    assert_null (strstr (br_buf_text (&s.done), "own"));
    assert_int_equal (br_kept_count (s.kept), 1);
}

static void
test_who_does_not_understand_what_was_kept_says_so (void **state)
{
    (void) state;
    char line[256] = "";
    s_keep ("bare", BR_CALL_FENCE, 9);
    s_conf (s.bare, BR_CONF_TRY, 1);
    s_conf (s.bare, BR_CONF_TAKE, 1);
    assert_true (read (s.pipes[0], line, sizeof line - 1) > 0);
    assert_non_null (strstr (line, "call.fence of an earlier life"));
    assert_int_equal (br_kept_count (s.kept), 0);
}

static void
test_more_than_can_be_kept_is_told (void **state)
{
    (void) state;
    char line[256] = "";
    br_blob_t *large = br_blob_take (br_alloc (1, BR_KEPT_MAX), BR_KEPT_MAX);
    br_msg_t *msg = br_msg_new (BR_CALL_FENCE, (br_id_t) { 1, 1 }, 1, NULL, large);
    br_ctx_keep (br_host_ctx (s.host, "bare"), &msg);
    assert_true (read (s.pipes[0], line, sizeof line - 1) > 0);
    assert_non_null (strstr (line, "1 messages for the next life are lost"));
    br_blob_destroy (&large);
}

static void
test_without_a_next_life_nothing_is_kept (void **state)
{
    (void) state;
    br_host_conf_t conf = { .name = "h", .actors = s_kinds, .log = { .fd = -1 } };
    conf.clock = br_clock_manual (&s.now_ns);
    br_host_t *host = br_host_new (&conf, NULL);
    br_host_start (host, "bare", NULL);
    br_msg_t *msg = br_msg_new (BR_CALL_FENCE, (br_id_t) { 1, 1 }, 1, NULL, NULL);
    br_ctx_keep (br_host_ctx (host, "bare"), &msg);
    assert_null (msg);
    br_host_destroy (&host);
}

//  ---- what nobody handles

static void
test_unknown_verbs_are_not_handled (void **state)
{
    (void) state;
    br_ctx_t *bare = br_host_ctx (s.host, "bare");
    for (unsigned verb = 0; verb < BR_VERB_COUNT; verb++) {
        bool service = verb == BR_CONF_TRY || verb == BR_CONF_TAKE || verb == BR_SYS_STOP
                       || verb == BR_ADMIN_ASK || verb == BR_SYS_GONE;
        br_msg_t *msg = br_msg_new (verb, (br_id_t) { 0, 0 }, 0, NULL, NULL);
        msg->from = br_ctx_self (s.ask);
        assert_int_equal (br_ctx_handle (bare, msg), service);
        br_msg_destroy (&msg);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown (name, s_setup, s_teardown)

int
main (void)
{
    const struct CMUnitTest tests[] = {
        TEST (test_the_window_names_the_actor),
        TEST (test_actors_are_found_by_role),
        TEST (test_time_is_the_loops_and_the_worlds),
        TEST (test_random_numbers_differ),
        TEST (test_reply_keeps_call_and_attempt),
        TEST (test_pass_sends_the_same_on),
        TEST (test_a_send_to_nowhere_fails),
        TEST (test_log_lines_name_the_actor),
        TEST (test_a_slice_is_tried_and_then_taken),
        TEST (test_a_refused_slice_is_never_taken),
        TEST (test_only_the_slice_tried_last_is_taken),
        TEST (test_a_take_that_fails_is_told),
        TEST (test_who_needs_no_slice_accepts_and_takes),
        TEST (test_stop_is_answered_once),
        TEST (test_who_cannot_stop_has_stopped),
        TEST (test_questions_are_answered_or_null),
        TEST (test_an_actors_own_handler_comes_first),
        TEST (test_what_is_kept_comes_once_the_configuration_is_taken),
        TEST (test_nothing_is_given_to_who_refuses_its_configuration),
        TEST (test_who_does_not_understand_what_was_kept_says_so),
        TEST (test_more_than_can_be_kept_is_told),
        TEST (test_without_a_next_life_nothing_is_kept),
        TEST (test_unknown_verbs_are_not_handled),
    };
    return cmocka_run_group_tests_name ("ctx", tests, NULL, NULL);
}
