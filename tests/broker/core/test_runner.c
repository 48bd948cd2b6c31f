//  runner: a host in a thread of its own, from its start to each of its ends.

#include "tests/broker/core/bus_fixture.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <unistd.h>

#include "broker/core/runner.h"

static struct {
    char dir[64];
    char broker_bind[128];
    void *zmq;
    fixture_broker_t broker;
    pthread_t thread;
    char bind[128];
    br_error_t error;
    int rc;
    atomic_bool over;
    atomic_int actors; //  that live
    atomic_bool sent;  //  an actor could send while it ended
    atomic_int kept;   //  messages of an earlier life, that an actor was given
    uint64_t rejoin_ms;
    int pipes[2];      //  of the log
    char lines[16384]; //  that came out of it
} s;

static void *
s_create (br_ctx_t *ctx, br_error_t *reterr)
{
    (void) reterr;
    s.actors++;
    return ctx;
}

//  Actors may send while they end.
static void
s_destroy (void **state_p)
{
    br_ctx_t *ctx = *state_p;
    br_addr_t broker = { .host = br_host_addr (s.broker.host).host };
    broker.life = br_host_addr (s.broker.host).life;
    broker.actor = 1;
    s.sent = br_ctx_send (ctx, broker, BR_SYS_STOPPED, (br_id_t) { 0, 0 }, 0, NULL, NULL)
             == 0;
    br_msg_t *msg = br_msg_new (BR_CALL_SETTLED, (br_id_t) { 1, 7 }, 1, NULL, NULL);
    br_ctx_keep (ctx, &msg);
    s.actors--;
    *state_p = NULL;
}

static void
s_on_kept (void *state, br_ctx_t *ctx, const br_msg_t *msg)
{
    (void) state;
    assert_true (br_addr_is (msg->from, br_ctx_self (ctx)));
    s.kept += msg->call.lo == 7;
}

static const br_handler_row_t s_rows[] = { { BR_CALL_SETTLED, s_on_kept }, { 0, NULL } };
static const br_actor_t s_meter = { .name = "meter",
                                    .about = "m",
                                    .role = BR_ROLE_METER,
                                    .handlers = s_rows,
                                    .create = s_create,
                                    .destroy = s_destroy };
static const br_actor_t *const s_kinds[] = { &s_meter, NULL };

static void *
s_run (void *arg)
{
    (void) arg;
    br_runner_conf_t conf = { .name = "host", .actors = s_kinds };
    conf.log = (br_log_t) { .fd = s.pipes[1], .level = BR_LOG_INFO };
    conf.rejoin_ms = s.rejoin_ms;
    conf.member.bind = s.bind;
    conf.member.broker = s.broker_bind;
    s.rc = br_runner_run (&conf, s.zmq, &s.error);
    s.over = true;
    return NULL;
}

static int
s_setup (void **state)
{
    (void) state;
    memset (&s, 0, sizeof s);
    strcpy (s.dir, "/tmp/br-runner-XXXXXX");
    assert_non_null (mkdtemp (s.dir));
    snprintf (s.broker_bind, sizeof s.broker_bind, "ipc://%s/broker", s.dir);
    snprintf (s.bind, sizeof s.bind, "ipc://%s/host", s.dir);
    assert_int_equal (pipe2 (s.pipes, O_NONBLOCK), 0);
    s.zmq = zmq_ctx_new ();
    s.broker = fixture_broker (s.zmq, s.broker_bind);
    return 0;
}

static int
s_teardown (void **state)
{
    (void) state;
    fixture_broker_end (&s.broker);
    zmq_ctx_term (s.zmq);
    close (s.pipes[0]);
    close (s.pipes[1]);
    char command[128];
    snprintf (command, sizeof command, "rm -rf '%s'", s.dir);
    return system (command);
}

#define UNTIL(condition)                                                                 \
    FIXTURE_UNTIL (br_host_loop (s.broker.host), (br_loop_t *) NULL, condition)

//  The host runs, and has its actor.
static void
s_begin (void)
{
    assert_int_equal (pthread_create (&s.thread, NULL, s_run, NULL), 0);
    UNTIL (s.broker.notes->counts[BR_SYS_JOIN]);
}

static void
s_begin_with_meter (void)
{
    s_begin ();
    fixture_welcome (&s.broker, 2, 1, NULL);
    struct br_sys_start start = { .name = "meter" };
    fixture_tell (&s.broker, 2, 1, BR_SYS_START, &start);
    UNTIL (s.broker.notes->counts[BR_SYS_STARTED]);
    assert_int_equal (s.actors, 1);
}

static void
test_it_runs_until_told_to_end (void **state)
{
    (void) state;
    s_begin_with_meter ();
    assert_false (s.over);
    fixture_tell (&s.broker, 2, 1, BR_SYS_END, NULL);
    UNTIL (s.over);
    pthread_join (s.thread, NULL);
    assert_int_equal (s.rc, 0);
    assert_int_equal (s.error.code, BR_OK);
    assert_int_equal (s.actors, 0);
    assert_true (s.sent);
}

static void
test_a_refused_host_ends (void **state)
{
    (void) state;
    s_begin ();
    fixture_welcome (&s.broker, 2, 1, "the topology has no host of this name");
    UNTIL (s.over);
    pthread_join (s.thread, NULL);
    assert_int_equal (s.rc, -1);
    assert_int_equal (s.error.code, BR_EGONE);
    assert_non_null (strstr (s.error.text, "host"));
}

static void
test_a_lost_broker_ends_the_host (void **state)
{
    (void) state;
    s_begin_with_meter ();
    fixture_broker_t broker = s.broker;
    br_member_destroy (&broker.member);
    pthread_join (s.thread, NULL);
    assert_int_equal (s.rc, -1);
    assert_int_equal (s.error.code, BR_EGONE);
    assert_int_equal (s.actors, 0);
    s.broker.member = NULL;
}

static void
test_a_host_that_cannot_bind_does_not_start (void **state)
{
    (void) state;
    snprintf (s.bind, sizeof s.bind, "ipc:///nowhere/at/all");
    s_run (NULL);
    assert_int_equal (s.rc, -1);
    assert_int_equal (s.error.code, BR_ESYSTEM);
    assert_non_null (strstr (s.error.text, "/nowhere/at/all"));
}

//  ---- a host of another machine

static void
s_begin_far (uint64_t rejoin_ms)
{
    snprintf (s.bind, sizeof s.bind, "tcp://127.0.0.1:*");
    s.rejoin_ms = rejoin_ms;
    s_begin_with_meter ();
}

//  The host has lost its broker, which hears of its next life.
static void
s_await_next_life (size_t joins, uint32_t life)
{
    UNTIL (s.broker.notes->counts[BR_SYS_JOIN] > joins);
    assert_int_equal (s.actors, 0);
    fixture_welcome (&s.broker, 2, life, NULL);
}

//  The meter of that life has its configuration.
static void
s_configure (uint32_t life)
{
    size_t before = s.broker.notes->counts[BR_SYS_STARTED];
    struct br_sys_start start = { .name = "meter" };
    fixture_tell (&s.broker, 2, life, BR_SYS_START, &start);
    UNTIL (s.broker.notes->counts[BR_SYS_STARTED] > before);
    const br_msg_t *msg = s.broker.notes->last[BR_SYS_STARTED];
    br_addr_t meter = ((const struct br_sys_started *) br_msg_fields (msg))->addr;
    struct br_conf_try try = { .generation = 1, .slice = "{}" };
    struct br_conf_take take = { .generation = 1 };
    const br_id_t none = { 0, 0 };
    br_ctx_send (s.broker.ctx, meter, BR_CONF_TRY, none, 0, &try, NULL);
    br_ctx_send (s.broker.ctx, meter, BR_CONF_TAKE, none, 0, &take, NULL);
}

//  How often the log has said so.
static int
s_said (const char *text)
{
    size_t size = strlen (s.lines);
    ssize_t got = read (s.pipes[0], s.lines + size, sizeof s.lines - 1 - size);
    s.lines[size + (got > 0 ? (size_t) got : 0)] = 0;
    int count = 0;
    for (const char *at = strstr (s.lines, text); at; at = strstr (at + 1, text))
        count++;
    return count;
}

static void
s_end (uint32_t life)
{
    fixture_tell (&s.broker, 2, life, BR_SYS_END, NULL);
    UNTIL (s.over);
    pthread_join (s.thread, NULL);
}

static void
test_a_far_host_that_lost_its_broker_joins_again (void **state)
{
    (void) state;
    s_begin_far (60000);
    const br_msg_t *msg = s.broker.notes->last[BR_SYS_JOIN];
    uint64_t nonce = ((const struct br_sys_join *) br_msg_fields (msg))->nonce;
    size_t joins = s.broker.notes->counts[BR_SYS_JOIN];
    br_mailbox_unlink (br_member_mailbox (s.broker.member), 2, 1);
    s_await_next_life (joins, 2);
    msg = s.broker.notes->last[BR_SYS_JOIN];
    assert_true (nonce != ((const struct br_sys_join *) br_msg_fields (msg))->nonce);
    s_configure (2);
    UNTIL (s.kept == 1);
    s_end (2);
    assert_int_equal (s.rc, 0);
    assert_int_equal (s_said ("joining the broker again, for 60 s"), 1);
    assert_int_equal (s_said ("it has joined the broker again"), 1);
}

static void
test_what_is_kept_survives_a_life_without_its_actor (void **state)
{
    (void) state;
    s_begin_far (60000);
    for (uint32_t life = 1; life < 3; life++) {
        size_t joins = s.broker.notes->counts[BR_SYS_JOIN];
        br_mailbox_unlink (br_member_mailbox (s.broker.member), 2, life);
        s_await_next_life (joins, life + 1);
        UNTIL (br_mailbox_is_up (br_member_mailbox (s.broker.member), 2, life + 1));
    }
    s_configure (3);
    UNTIL (s.kept == 1);
    s_end (3);
}

static void
test_a_far_host_comes_again_when_it_is_told_to (void **state)
{
    (void) state;
    s_begin_far (60000);
    size_t joins = s.broker.notes->counts[BR_SYS_JOIN];
    struct br_sys_end end = { .again = 1 };
    fixture_tell (&s.broker, 2, 1, BR_SYS_END, &end);
    s_await_next_life (joins, 2);
    s_configure (2);
    UNTIL (s.kept == 1);
    s_end (2);
    assert_int_equal (s.rc, 0);
}

static void
test_a_near_host_that_is_told_to_come_again_ends (void **state)
{
    (void) state;
    s_begin_with_meter ();
    struct br_sys_end end = { .again = 1 };
    fixture_tell (&s.broker, 2, 1, BR_SYS_END, &end);
    UNTIL (s.over);
    pthread_join (s.thread, NULL);
    assert_int_equal (s.rc, 0);
}

static void
test_a_far_host_that_is_refused_ends (void **state)
{
    (void) state;
    s_begin_far (60000);
    size_t joins = s.broker.notes->counts[BR_SYS_JOIN];
    br_mailbox_unlink (br_member_mailbox (s.broker.member), 2, 1);
    UNTIL (s.broker.notes->counts[BR_SYS_JOIN] > joins);
    fixture_welcome (&s.broker, 2, 2, "its version is not the broker's");
    UNTIL (s.over);
    pthread_join (s.thread, NULL);
    assert_int_equal (s.rc, -1);
    assert_int_equal (s.error.code, BR_EGONE);
    assert_int_equal (s_said ("1 messages that were kept for its next life are lost"), 1);
}

static void
test_a_far_host_gives_up_after_a_while (void **state)
{
    (void) state;
    s_begin_far (300);
    fixture_broker_t broker = s.broker;
    br_member_destroy (&broker.member);
    pthread_join (s.thread, NULL);
    assert_int_equal (s.rc, -1);
    assert_int_equal (s.error.code, BR_EGONE);
    s.broker.member = NULL;
}

#define TEST(name) cmocka_unit_test_setup_teardown (name, s_setup, s_teardown)

int
main (void)
{
    const struct CMUnitTest tests[] = {
        TEST (test_it_runs_until_told_to_end),
        TEST (test_a_refused_host_ends),
        TEST (test_a_lost_broker_ends_the_host),
        TEST (test_a_host_that_cannot_bind_does_not_start),
        TEST (test_a_far_host_that_lost_its_broker_joins_again),
        TEST (test_what_is_kept_survives_a_life_without_its_actor),
        TEST (test_a_far_host_comes_again_when_it_is_told_to),
        TEST (test_a_near_host_that_is_told_to_come_again_ends),
        TEST (test_a_far_host_that_is_refused_ends),
        TEST (test_a_far_host_gives_up_after_a_while),
    };
    return cmocka_run_group_tests_name ("runner", tests, NULL, NULL);
}
