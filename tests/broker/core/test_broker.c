//  broker: hosts join, start, link, are lost and come again; what cannot start ends it all
//  with a reason; a stop goes from ingress to meter. Hosts are real threads and processes.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <cjson/cJSON.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <zmq.h>

#include "broker/core/mailbox.h"
#include "broker/core/version.h"
#include "tests/broker/core/town.h"

#define CONFIG "providers:\n  p: {api_base: \"http://x/v1\", models: [m]}\n"

static const char s_threads[] =
    "bus: inproc\nhosts:\n"
    "  - {name: ledger, place: thread, actors: [meter]}\n"
    "  - {name: shard, place: thread, count: 2, actors: [router, ingress, upstream/*]}\n";
static const char s_processes[] =
    "bus: ipc\nhosts:\n"
    "  - {name: ledger, place: process, actors: [meter]}\n"
    "  - {name: front, place: process, actors: [router, ingress, upstream/*]}\n";
static const char s_apart[] =
    "bus: inproc\nhosts:\n"
    "  - {name: ledger, place: thread, actors: [meter]}\n"
    "  - {name: middle, place: thread, actors: [router]}\n"
    "  - {name: front, place: thread, actors: [ingress, upstream/*]}\n";

static const char s_control[] =
    "bus: inproc\nhosts:\n"
    "  - {name: ledger, place: thread, actors: [meter]}\n"
    "  - {name: control, place: thread, actors: [breaker, limits, idempotency, "
    "metrics]}\n"
    "  - {name: front, place: thread, actors: [router, ingress, upstream/*]}\n";

static town_t s_town;

static int
s_setup (void **state)
{
    (void) state;
    town_begin (&s_town, CONFIG);
    return 0;
}

//  No child is left behind; ThreadSanitizer has one of its own, which tells it names.
#if defined(__SANITIZE_THREAD__)
#define NO_CHILD_SIZE 2
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define NO_CHILD_SIZE 2
#endif
#endif
#ifndef NO_CHILD_SIZE
#define NO_CHILD_SIZE 1
#endif
static uintmax_t s_no_child[] = { (uintmax_t) -1, 0 };

static int
s_teardown (void **state)
{
    (void) state;
    town_end (&s_town);
    assert_in_set (waitpid (-1, NULL, WNOHANG), s_no_child, NO_CHILD_SIZE);
    return 0;
}

static void
s_stop (void)
{
    br_broker_stop (s_town.broker, 1000);
    town_run_out (&s_town);
    assert_int_equal (br_broker_error (s_town.broker)->code, BR_OK);
}

//  A number of a host, from the admin door; -1 without such a host.
static double
s_host (const char *name, const char *member)
{
    cJSON *reply = cJSON_Parse (town_admin (&s_town, "hosts"));
    const cJSON *host;
    double number = -1;
    cJSON_ArrayForEach (host, cJSON_GetObjectItem (reply, "result"))
    {
        if (strcmp (cJSON_GetObjectItem (host, "name")->valuestring, name) == 0)
            number = cJSON_GetObjectItem (host, member)->valuedouble;
    }
    cJSON_Delete (reply);
    return number;
}

//  ---- start

static void
test_all_actors_are_started_where_they_belong (void **state)
{
    (void) state;
    town_be_ready (&s_town, s_threads);
    assert_int_equal (town_count (&s_town, "+meter"), 1);
    assert_int_equal (town_count (&s_town, "+router"), 2);
    assert_int_equal (town_count (&s_town, "+ingress"), 2);
    assert_int_equal (town_count (&s_town, "+upstream/p"), 2);
    assert_int_equal (town_count (&s_town, "ingress:take1"), 2);
    assert_int_equal (town_count (&s_town, "ready"), 1); //  and told once
    const char *notes = town_notes (&s_town);
    assert_true (strstr (notes, "ingress:take1") < strstr (notes, "ready"));
    s_stop ();
}

static void
test_processes_are_ready_too (void **state)
{
    (void) state;
    town_be_ready (&s_town, s_processes);
    assert_int_equal (town_count (&s_town, "meter:take1"), 1);
    assert_int_equal (town_count (&s_town, "ingress:take1"), 1);
    s_stop ();
}

//  Nobody sends to an actor that might not believe the sender yet.
static void
test_an_actor_is_found_when_all_know_it_and_it_is_set_up (void **state)
{
    (void) state;
    town_be_ready (&s_town, s_apart);
    assert_int_equal (town_count (&s_town, "router:take1"), 1);
    assert_int_equal (town_count (&s_town, "router:finds-meter"), 0); //  not yet
    assert_int_equal (town_count (&s_town, "ingress:finds-router"), 1);
    s_stop ();
}

//  What is wrong at the start ends it all, with a reason, and nobody hangs.
static void
s_ends_with (const char *topology, const char *part)
{
    br_error_t error = { .code = BR_OK };
    assert_int_equal (town_open (&s_town, topology, &error), 0);
    town_run_out (&s_town);
    const br_error_t *why = br_broker_error (s_town.broker);
    assert_int_not_equal (why->code, BR_OK);
    if (!strstr (why->text, part))
        fail_msg ("'%s' does not say '%s'", why->text, part);
    assert_int_equal (town_count (&s_town, "ready"), 0);
}

static void
test_an_actor_that_cannot_be_made_ends_the_start (void **state)
{
    (void) state;
    town_order (&s_town, "fail_create", "router");
    s_ends_with (s_threads, "actor router: ordered not to be");
}

static void
test_the_same_with_processes (void **state)
{
    (void) state;
    town_order (&s_town, "fail_create", "meter");
    s_ends_with (s_processes, "host ledger: actor meter: ordered not to be");
}

static void
test_a_refused_configuration_ends_the_start (void **state)
{
    (void) state;
    town_order (&s_town, "refuse_try", "ingress");
    s_ends_with (s_threads, "ingress: ordered to refuse");
}

static void
test_a_process_that_dies_at_once_ends_the_start (void **state)
{
    (void) state;
    town_order (&s_town, "die", "ledger");
    s_ends_with (s_processes, "host ledger ended before it joined: exit 4");
}

static void
test_doors_that_cannot_be_opened_are_an_error (void **state)
{
    (void) state;
    br_error_t error = { .code = BR_OK };
    s_town.flags.run_dir = "/nowhere/at/all";
    int rc = town_open (&s_town, s_threads, &error);
    assert_int_equal (rc, -1);
    assert_int_equal (error.code, BR_ESYSTEM);
    assert_non_null (strstr (error.text, "/nowhere/at/all"));
}

//  ---- who may join

typedef struct {
    br_mailbox_t *mailbox;
    size_t answers;
    char error[256];
} stranger_t;

static void
s_arrived (void *arg, br_msg_t **msg_p)
{
    stranger_t *self = arg;
    assert_int_equal ((*msg_p)->verb, BR_SYS_WELCOME);
    const struct br_sys_welcome *welcome = br_msg_fields (*msg_p);
    assert_int_equal (welcome->nonce, 42);
    self->answers++;
    snprintf (self->error, sizeof self->error, "%s", welcome->error);
}

static void
s_news (void *arg, uint32_t host, uint32_t life)
{
    (void) arg;
    (void) host;
    (void) life;
}

static void
s_filling (void *arg, uint32_t host, size_t bytes)
{
    (void) arg;
    (void) host;
    (void) bytes;
}

//  Somebody joins with this name and version; the answer's error is this.
static void
s_joins (const char *name, const char *version, const char *error)
{
    static const br_mailbox_handler_t handler = { s_arrived, s_news, s_news, s_filling,
                                                  NULL };
    stranger_t stranger = { .answers = 0 };
    char bind[128];
    snprintf (bind, sizeof bind, "inproc://stranger-%s-%s", name, version);
    stranger.mailbox = br_mailbox_new (br_host_loop (s_town.host), s_town.zmq, bind, NULL,
                                       &handler, &stranger, NULL);
    assert_non_null (stranger.mailbox);
    br_mailbox_link (stranger.mailbox, BR_BROKER_HOST, 0,
                     br_member_endpoint (s_town.member), NULL, NULL);
    struct br_sys_join join = { .name = name, .version = version, .nonce = 42 };
    join.endpoint = bind;
    br_msg_t *msg = br_msg_new (BR_SYS_JOIN, (br_id_t) { 0, 0 }, 0, &join, NULL);
    msg->to = (br_addr_t) { .host = BR_BROKER_HOST, .actor = 1 };
    assert_int_equal (br_mailbox_send (stranger.mailbox, &msg, NULL), 0);
    TOWN_UNTIL (&s_town, stranger.answers);
    assert_string_equal (stranger.error, error);
    br_mailbox_destroy (&stranger.mailbox);
}

static void
test_strangers_and_other_versions_are_refused (void **state)
{
    (void) state;
    town_be_ready (&s_town, s_threads);
    double life = s_host ("ledger", "life");
    s_joins ("nobody", BR_VERSION, "the topology has no host of this name");
    s_joins ("ledger", "0.0.0", "its version is not the broker's");
    assert_true (s_host ("ledger", "life") == life); //  who is here stays
    s_stop ();
}

//  ---- loss

static void
test_a_killed_process_comes_again_whole (void **state)
{
    (void) state;
    town_be_ready (&s_town, s_processes);
    for (int round = 1; round <= 3; round++) {
        town_forget (&s_town);
        double life = s_host ("front", "life");
        kill ((pid_t) s_host ("front", "pid"), SIGKILL);
        TOWN_UNTIL (&s_town, town_count (&s_town, "ingress:take1") == 1);
        assert_int_equal (town_count (&s_town, "+upstream/p"), 1);
        assert_int_equal (town_count (&s_town, "meter:try"), 0); //  the others go on
        assert_true (s_host ("front", "life") > life);
        assert_true (s_host ("front", "restarts") == round);
        assert_true (s_host ("ledger", "restarts") == 0);
    }
    TOWN_UNTIL (&s_town, strstr (town_events (&s_town), "\"host.gone\""));
    assert_int_equal (town_count (&s_town, "ready"), 0);
    s_stop ();
}

//  What it needs may be taken for a while: it comes again until it can start.
static void
test_a_process_that_is_refused_after_a_crash_is_tried_again (void **state)
{
    (void) state;
    town_be_ready (&s_town, s_processes);
    town_order (&s_town, "refuse_try", "ingress");
    town_forget (&s_town);
    kill ((pid_t) s_host ("front", "pid"), SIGKILL);
    TOWN_UNTIL (&s_town, town_count (&s_town, "ingress:try") >= 2);
    assert_int_equal (town_count (&s_town, "ingress:take1"), 0);
    town_order (&s_town, "refuse_try", "");
    TOWN_UNTIL (&s_town, town_count (&s_town, "ingress:take1") == 1);
    assert_int_equal (town_count (&s_town, "meter:try"), 0);
    s_stop ();
}

//  Two hosts live, but one tells that it lost the other: that one comes again.
static void
test_a_lost_link_between_living_hosts_is_healed (void **state)
{
    (void) state;
    town_be_ready (&s_town, s_processes);
    town_forget (&s_town);
    br_ctx_t *broker = br_host_ctx (s_town.host, "broker");
    struct br_sys_linked linked = { .version = 1, .missing = 1 };
    linked.lost = (uint64_t) s_host ("ledger", "number");
    linked.lost_life = (uint64_t) s_host ("ledger", "life");
    br_msg_t *msg = br_msg_new (BR_SYS_LINKED, (br_id_t) { 0, 0 }, 0, &linked, NULL);
    msg->from.host = (uint32_t) s_host ("front", "number");
    msg->from.life = (uint32_t) s_host ("front", "life");
    msg->to = br_ctx_self (broker);
    assert_int_equal (br_host_post (s_town.host, &msg, NULL), 0);
    TOWN_UNTIL (&s_town, town_count (&s_town, "meter:take1") == 1);
    assert_int_equal (town_count (&s_town, "ingress:take1"), 0);
    assert_true (s_host ("ledger", "life") > (double) linked.lost_life);
    s_stop ();
}

//  A loop that does not turn is silent, though its sockets are open.
static void
test_a_silent_process_is_killed (void **state)
{
    (void) state;
    town_be_ready (&s_town, s_processes);
    double pid = s_host ("ledger", "pid");
    town_order (&s_town, "hang", "meter");
    town_forget (&s_town);
    assert_non_null (strstr (town_admin (&s_town, "ledger"), "\"missing\":1"));
    TOWN_UNTIL (&s_town, s_host ("ledger", "restarts") > 0);
    town_order (&s_town, "hang", "");
    TOWN_UNTIL (&s_town, town_count (&s_town, "meter:take1") == 1);
    assert_true (s_host ("ledger", "pid") != pid);
    assert_non_null (strstr (town_admin (&s_town, "ledger"), "{\"rows\":5}"));
    s_stop ();
}

//  Given a process that dies again and again while it starts, when it lives at last, then
//  it is part of the town.
static void
test_a_process_that_dies_while_it_starts_is_tried_again (void **state)
{
    (void) state;
    town_be_ready (&s_town, s_processes);
    town_order (&s_town, "die", "router");
    kill ((pid_t) s_host ("front", "pid"), SIGKILL);
    TOWN_UNTIL (&s_town, s_host ("front", "restarts") >= 3);
    town_forget (&s_town);
    town_order (&s_town, "die", "");
    TOWN_UNTIL (&s_town, town_count (&s_town, "ingress:take1") == 1);
    s_stop ();
}

//  ---- stop

static void
test_a_stop_goes_from_ingress_to_meter (void **state)
{
    (void) state;
    town_be_ready (&s_town, s_threads);
    town_order (&s_town, "linger", "ingress");
    town_forget (&s_town);
    br_broker_stop (s_town.broker, 1000);
    TOWN_UNTIL (&s_town, town_count (&s_town, "ingress:stop") == 2);
    for (int i = 0; i < 20; i++)
        town_turn (&s_town);
    assert_int_equal (town_count (&s_town, "router:stop"), 0); //  calls are still open
    br_broker_stop (s_town.broker, 1000);                      //  changes nothing
    town_order (&s_town, "linger", "");
    town_run_out (&s_town);
    static const char *const order[] = { "ingress:stop", "router:stop", "upstream/p:stop",
                                         "meter:stop", "-meter" };
    const char *notes = town_notes (&s_town);
    for (size_t i = 0; i + 1 < sizeof order / sizeof *order; i++)
        if (!(strstr (notes, order[i]) < strstr (notes, order[i + 1])))
            fail_msg ("%s is not before %s in: %s", order[i], order[i + 1], notes);
    assert_int_equal (town_count (&s_town, "-ingress"), 2);
    assert_int_equal (br_broker_error (s_town.broker)->code, BR_OK);
}

//  Given owners that all shards share, then they are set up before who asks them, and stop
//  behind them.
static void
test_what_is_shared_starts_first_and_stops_late (void **state)
{
    (void) state;
    static const char *const owners[] = { "breaker", "limits", "idempotency" };
    town_be_ready (&s_town, s_control);
    s_stop ();
    const char *notes = town_notes (&s_town);
    for (size_t i = 0; i < sizeof owners / sizeof *owners; i++) {
        char take[32], stop[32];
        snprintf (take, sizeof take, "%s:take1", owners[i]);
        snprintf (stop, sizeof stop, "%s:stop", owners[i]);
        if (!strstr (notes, take) || !strstr (notes, stop))
            fail_msg ("no %s in: %s", owners[i], notes);
        assert_true (strstr (notes, take) < strstr (notes, "router:take1"));
        assert_true (strstr (notes, "router:stop") < strstr (notes, stop));
        assert_true (strstr (notes, stop) < strstr (notes, "meter:stop"));
    }
    assert_true (strstr (notes, "metrics:take1") < strstr (notes, "meter:take1"));
    assert_true (strstr (notes, "meter:stop") < strstr (notes, "metrics:stop"));
}

static void
test_processes_stop_too (void **state)
{
    (void) state;
    town_be_ready (&s_town, s_processes);
    town_forget (&s_town);
    s_stop ();
    assert_int_equal (town_count (&s_town, "-meter"), 1);
    assert_int_equal (town_count (&s_town, "-ingress"), 1);
}

//  Given hosts that have not even joined, then they are refused and end.
static void
test_a_stop_while_it_starts (void **state)
{
    (void) state;
    br_error_t error = { .code = BR_OK };
    assert_int_equal (town_open (&s_town, s_threads, &error), 0);
    s_stop ();
    assert_int_equal (town_count (&s_town, "ready"), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown (name, s_setup, s_teardown)

int
main (int argc, char **argv)
{
    int status;
    if (town_is_child (argc, argv, &status))
        return status;
    const struct CMUnitTest tests[] = {
        TEST (test_all_actors_are_started_where_they_belong),
        TEST (test_an_actor_is_found_when_all_know_it_and_it_is_set_up),
        TEST (test_processes_are_ready_too),
        TEST (test_an_actor_that_cannot_be_made_ends_the_start),
        TEST (test_the_same_with_processes),
        TEST (test_a_refused_configuration_ends_the_start),
        TEST (test_a_process_that_dies_at_once_ends_the_start),
        TEST (test_doors_that_cannot_be_opened_are_an_error),
        TEST (test_strangers_and_other_versions_are_refused),
        TEST (test_a_killed_process_comes_again_whole),
        TEST (test_a_process_that_is_refused_after_a_crash_is_tried_again),
        TEST (test_a_lost_link_between_living_hosts_is_healed),
        TEST (test_a_silent_process_is_killed),
        TEST (test_a_process_that_dies_while_it_starts_is_tried_again),
        TEST (test_a_stop_goes_from_ingress_to_meter),
        TEST (test_what_is_shared_starts_first_and_stops_late),
        TEST (test_processes_stop_too),
        TEST (test_a_stop_while_it_starts),
    };
    return cmocka_run_group_tests_name ("broker", tests, NULL, NULL);
}
