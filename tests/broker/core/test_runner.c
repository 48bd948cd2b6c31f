//  runner: a host in a thread of its own, from its start to each of its ends.

#include "tests/broker/core/bus_fixture.h"

#include <pthread.h>
#include <stdatomic.h>

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
    s.actors--;
    *state_p = NULL;
}

static const br_handler_row_t s_rows[] = { { 0, NULL } };
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
    br_runner_conf_t conf = { .name = "host", .actors = s_kinds, .log = { .fd = -1 } };
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

#define TEST(name) cmocka_unit_test_setup_teardown (name, s_setup, s_teardown)

int
main (void)
{
    const struct CMUnitTest tests[] = {
        TEST (test_it_runs_until_told_to_end),
        TEST (test_a_refused_host_ends),
        TEST (test_a_lost_broker_ends_the_host),
        TEST (test_a_host_that_cannot_bind_does_not_start),
    };
    return cmocka_run_group_tests_name ("runner", tests, NULL, NULL);
}
