//  rollout: a configuration reaches all actors in order, or none keeps it.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "tests/broker/core/town.h"

#define P "  p: {api_base: \"http://x/v1\", models: [m]}\n"
#define Q "  q: {api_base: \"http://y/v1\", models: [m]}\n"

//  Nothing is waited for where actors stop.
#define HASTE "server: {drain_secs: 0}\n"

//  One host for each role, and a second router.
static const char s_topology[] =
    "bus: inproc\nhosts:\n"
    "  - {name: ledger, place: thread, actors: [meter]}\n"
    "  - {name: shard, place: thread, count: 2, actors: [router, ingress]}\n"
    "  - {name: out, place: thread, actors: [upstream/*]}\n";

static town_t s_town;

static int
s_setup (void **state)
{
    (void) state;
    town_begin (&s_town, "providers:\n" P);
    town_be_ready (&s_town, s_topology);
    return 0;
}

static int
s_teardown (void **state)
{
    (void) state;
    br_broker_stop (s_town.broker, 1000);
    town_run_out (&s_town);
    town_end (&s_town);
    return 0;
}

static size_t
s_at (const char *note)
{
    const char *notes = town_notes (&s_town);
    const char *at = strstr (notes, note);
    if (!at)
        fail_msg ("no %s in: %s", note, notes);
    return (size_t) (at - notes);
}

//  All actors of the two roles: those of the first noted theirs before any of the second.
static void
s_before (const char *first, const char *second)
{
    const char *notes = town_notes (&s_town);
    const char *last = NULL;
    for (const char *at = strstr (notes, first); at; at = strstr (at + 1, first))
        last = at;
    const char *next = strstr (notes, second);
    if (!last || !next || last > next)
        fail_msg ("%s is not before %s in: %s", first, second, notes);
}

static void
s_reload_with (const char *config, const char *reply)
{
    town_configure (&s_town, config);
    assert_string_equal (town_admin (&s_town, "reload"), reply);
}

#define TOOK(n) "{\"ok\":true,\"result\":{\"generation\":" #n "},\"missing\":0}"
#define REFUSED(text)                                                                    \
    "{\"ok\":false,\"error\":{\"code\":\"config_error\",\"message\":\"" text "\"}}"

static void
test_all_try_before_any_takes_and_ingress_takes_last (void **state)
{
    (void) state;
    for (int round = 1; round <= 2; round++) {
        char take[32], other[32];
        snprintf (take, sizeof take, "ingress:take%d", round);
        assert_int_equal (town_count (&s_town, take), 2);
        static const char *const order[] = { "meter", "upstream/p", "router", "ingress" };
        for (size_t i = 0; i < 4; i++) {
            snprintf (take, sizeof take, "%s:try", order[i]);
            snprintf (other, sizeof other, "meter:take%d", round);
            s_before (take, other);
            if (i == 3)
                break;
            snprintf (take, sizeof take, "%s:take%d", order[i], round);
            snprintf (other, sizeof other, "%s:take%d", order[i + 1], round);
            s_before (take, other);
        }
        town_forget (&s_town);
        if (round == 1)
            s_reload_with ("providers:\n" P, TOOK (2));
    }
    TOWN_UNTIL (&s_town, strstr (town_events (&s_town), "\"conf.taken\""));
}

static void
test_one_refusal_keeps_the_old_everywhere (void **state)
{
    (void) state;
    town_forget (&s_town);
    town_order (&s_town, "refuse_try", "upstream/p");
    s_reload_with ("providers:\n" P Q, REFUSED ("upstream/p: ordered to refuse"));
    const char *notes = town_notes (&s_town);
    assert_null (strstr (notes, "take2"));
    TOWN_UNTIL (&s_town, strstr (town_events (&s_town), "\"conf.refused\""));
    assert_non_null (strstr (town_events (&s_town), "ordered to refuse"));
    assert_non_null (strstr (town_admin (&s_town, "status"), "\"generation\":1"));
    //  what was started for it ends again
    TOWN_UNTIL (&s_town, town_count (&s_town, "-upstream/q") == 1);
}

//  Given a refused configuration, when the next one is good, then everybody tries that
//  one: nobody takes what was tried before.
static void
test_after_a_refusal_the_next_is_tried_anew (void **state)
{
    (void) state;
    town_order (&s_town, "refuse_try", "meter");
    s_reload_with ("providers:\n" P, REFUSED ("meter: ordered to refuse"));
    town_order (&s_town, "refuse_try", "");
    town_forget (&s_town);
    town_configure (&s_town, "providers:\n" P Q);
    const char *reply = town_admin (&s_town, "reload");
    assert_non_null (strstr (reply, "\"ok\":true"));
    assert_true (town_count (&s_town, "meter:try") >= 1);
    assert_true (town_count (&s_town, "router:try") >= 2);
    assert_true (town_count (&s_town, "ingress:try") >= 2);
    assert_int_equal (town_count (&s_town, "+upstream/q"), 1);
}

//  A port that is taken shows only in the second step: who took goes back.
static void
test_a_take_that_fails_brings_the_old_back (void **state)
{
    (void) state;
    town_forget (&s_town);
    town_order (&s_town, "refuse_take", "router");
    s_reload_with ("providers:\n" P, REFUSED ("router: ordered not to take"));
    assert_int_equal (town_count (&s_town, "ingress:take2"), 0);
    TOWN_UNTIL (&s_town, town_count (&s_town, "meter:take1") == 1
                             && town_count (&s_town, "upstream/p:take1") == 1);
    assert_true (s_at ("meter:take2") < s_at ("meter:take1"));
    town_order (&s_town, "refuse_take", "");
    town_configure (&s_town, "providers:\n" P);
    assert_non_null (strstr (town_admin (&s_town, "reload"), "\"ok\":true"));
}

static void
test_a_file_that_is_wrong_reaches_nobody (void **state)
{
    (void) state;
    town_forget (&s_town);
    town_configure (&s_town, "providers: [");
    const char *reply = town_admin (&s_town, "reload");
    assert_non_null (strstr (reply, "\"ok\":false"));
    assert_non_null (strstr (reply, "bitrouter.yaml"));
    assert_string_equal (town_notes (&s_town), "");
    TOWN_UNTIL (&s_town, strstr (town_events (&s_town), "\"conf.refused\""));
    town_configure (&s_town, "providers:\n" P);
    assert_non_null (strstr (town_admin (&s_town, "reload"), "\"ok\":true"));
}

//  An editor empties a file before it writes it, and others take it away for a moment: all
//  that it said stays, and the file is watched as before.
static void
test_a_file_that_is_empty_or_gone_changes_nothing (void **state)
{
    (void) state;
    s_reload_with ("server: {watch: true}\nproviders:\n" P, TOOK (2));
    town_configure (&s_town, "");
    const char *reply = town_admin (&s_town, "reload");
    assert_non_null (strstr (reply, "bitrouter.yaml:1:1: the file is empty"));
    assert_int_equal (remove (s_town.config_file), 0);
    reply = town_admin (&s_town, "reload");
    assert_non_null (strstr (reply, "\"ok\":false"));
    assert_non_null (strstr (reply, "bitrouter.yaml"));
    assert_non_null (strstr (town_admin (&s_town, "status"), "\"generation\":2"));
    assert_non_null (strstr (town_admin (&s_town, "hosts"), "upstream/p"));
    town_configure (&s_town, "server: {watch: true}\nproviders:\n" P Q);
    TOWN_UNTIL (&s_town, town_count (&s_town, "+upstream/q") == 1);
}

//  A route is added to what is in use, not to what somebody is writing just now.
static void
test_a_route_is_added_while_the_file_is_edited (void **state)
{
    (void) state;
    static const char route[] = "{\"name\":\"mine\",\"endpoints\":"
                                "[{\"provider\":\"p\",\"service_id\":\"m\"}]}";
    static const char *const edited[] = { "providers: [", "providers:\n" P Q };
    for (size_t i = 0; i < 2; i++) {
        town_configure (&s_town, edited[i]);
        town_ask (&s_town, "route_add", route);
        const char *reply = NULL;
        TOWN_UNTIL (&s_town, (reply = town_reply (&s_town)));
        assert_non_null (strstr (reply, "\"ok\":true"));
        assert_int_equal (town_count (&s_town, "+upstream/q"), 0);
    }
    assert_non_null (strstr (town_admin (&s_town, "reload"), "\"ok\":true"));
    assert_int_equal (town_count (&s_town, "+upstream/q"), 1);
}

static void
test_providers_come_and_go (void **state)
{
    (void) state;
    town_forget (&s_town);
    s_reload_with (HASTE "providers:\n" P Q, TOOK (2));
    assert_int_equal (town_count (&s_town, "+upstream/q"), 1);
    assert_true (s_at ("upstream/q:take2") < s_at ("router:take2"));
    s_reload_with (HASTE "providers:\n" Q, TOOK (3));
    TOWN_UNTIL (&s_town, town_count (&s_town, "-upstream/p") == 1);
    //  it stops once nobody calls it any more
    assert_true (s_at ("ingress:take3") < s_at ("upstream/p:stop"));
    assert_int_equal (town_count (&s_town, "upstream/p:take3"), 0);
    assert_null (strstr (town_admin (&s_town, "hosts"), "upstream/p"));
}

//  Given a provider that is on its way out, when a reload wants it again, then it is there
//  in the end.
static void
test_a_provider_that_comes_back_while_it_stops (void **state)
{
    (void) state;
    s_reload_with (HASTE "providers:\n" P Q, TOOK (2));
    town_order (&s_town, "linger", "upstream/q");
    s_reload_with (HASTE "providers:\n" P, TOOK (3));
    TOWN_UNTIL (&s_town, town_count (&s_town, "upstream/q:stop") == 1);
    town_configure (&s_town, HASTE "providers:\n" P Q);
    town_ask (&s_town, "reload", "{}");
    for (int i = 0; i < 20; i++)
        town_turn (&s_town);
    town_order (&s_town, "linger", "");
    const char *reply = NULL;
    TOWN_UNTIL (&s_town, reply || (reply = town_reply (&s_town)));
    assert_non_null (strstr (reply, "\"ok\":true"));
    TOWN_UNTIL (&s_town, town_count (&s_town, "+upstream/q") == 2
                             && strstr (town_admin (&s_town, "hosts"), "upstream/q"));
    TOWN_UNTIL (&s_town, town_count (&s_town, "upstream/q:take4") >= 1
                             && s_at ("-upstream/q")
                                    < (size_t) (strrchr (town_notes (&s_town), '+')
                                                - town_notes (&s_town)));
}

//  Given a provider that is named no more, then calls of before may turn to it for the time
//  to drain, and when it comes back meanwhile, it is the same one.
static void
test_a_provider_that_goes_may_be_called_for_a_while (void **state)
{
    (void) state;
    s_reload_with ("providers:\n" P Q, TOOK (2));
    s_reload_with ("providers:\n" P, TOOK (3));
    for (int i = 0; i < 50; i++)
        town_turn (&s_town);
    assert_non_null (strstr (town_admin (&s_town, "hosts"), "upstream/q"));
    assert_int_equal (town_count (&s_town, "upstream/q:stop"), 0);
    assert_int_equal (town_count (&s_town, "upstream/q:take3"), 0);
    s_reload_with ("providers:\n" P Q, TOOK (4));
    assert_int_equal (town_count (&s_town, "+upstream/q"), 1);
    assert_int_equal (town_count (&s_town, "upstream/q:take4"), 1);
}

//  What only a restart changes is told, as long as it is so.
static void
test_what_needs_a_restart_is_told (void **state)
{
    (void) state;
    for (int generation = 2; generation <= 3; generation++) {
        town_configure (&s_town, "server: {listen: 127.0.0.1:7}\nproviders:\n" P);
        const char *reply = town_admin (&s_town, "reload");
        assert_non_null (strstr (reply, "\"needs_restart\":\"server.listen\""));
    }
    s_reload_with ("providers:\n" P, TOOK (4));
}

//  The file is watched from the reload on that says so.
static void
test_a_file_that_is_watched_is_read_when_it_changes (void **state)
{
    (void) state;
    s_reload_with ("server: {watch: true}\nproviders:\n" P, TOOK (2));
    town_configure (&s_town, "server: {watch: true}\nproviders:\n" P Q);
    TOWN_UNTIL (&s_town, town_count (&s_town, "upstream/q:take3") == 1);
    town_configure (&s_town, "providers: [");
    TOWN_UNTIL (&s_town, strstr (town_events (&s_town), "\"conf.refused\""));
    town_configure (&s_town, "server: {watch: false}\nproviders:\n" P);
    TOWN_UNTIL (&s_town, town_count (&s_town, "ingress:take5") == 2);
}

static void
test_an_actor_that_cannot_be_made_refuses_the_configuration (void **state)
{
    (void) state;
    town_order (&s_town, "fail_create", "upstream/q");
    town_configure (&s_town, "providers:\n" P Q);
    const char *reply = town_admin (&s_town, "reload");
    assert_non_null (strstr (reply, "\"ok\":false"));
    assert_non_null (strstr (reply, "ordered not to be"));
    assert_non_null (strstr (town_admin (&s_town, "status"), "\"generation\":1"));
    town_order (&s_town, "fail_create", "");
    assert_non_null (strstr (town_admin (&s_town, "reload"), "\"ok\":true"));
    assert_int_equal (town_count (&s_town, "+upstream/q"), 1);
}

static void
test_one_change_at_a_time (void **state)
{
    (void) state;
    town_configure (&s_town, "providers:\n" P);
    town_ask (&s_town, "reload", "{}");
    town_ask (&s_town, "reload", "{}");
    const char *replies[2] = { NULL, NULL };
    char first[512] = "";
    TOWN_UNTIL (&s_town, (replies[0] = town_reply (&s_town)));
    snprintf (first, sizeof first, "%s", replies[0]);
    TOWN_UNTIL (&s_town, (replies[1] = town_reply (&s_town)));
    assert_string_equal (first, TOOK (2));
    assert_string_equal (replies[1], TOOK (3));
}

//  As for SIGHUP: nobody waits for the outcome, the events tell it.
static void
test_a_reload_by_signal (void **state)
{
    (void) state;
    br_broker_reload (s_town.broker);
    TOWN_UNTIL (&s_town, strstr (town_events (&s_town), "\"conf.taken\""));
    assert_int_equal (town_count (&s_town, "ingress:take2"), 2);
    town_configure (&s_town, "providers: [");
    br_broker_reload (s_town.broker);
    TOWN_UNTIL (&s_town, strstr (town_events (&s_town), "\"conf.refused\""));
}

#define TEST(name) cmocka_unit_test_setup_teardown (name, s_setup, s_teardown)

int
main (void)
{
    const struct CMUnitTest tests[] = {
        TEST (test_all_try_before_any_takes_and_ingress_takes_last),
        TEST (test_one_refusal_keeps_the_old_everywhere),
        TEST (test_after_a_refusal_the_next_is_tried_anew),
        TEST (test_a_take_that_fails_brings_the_old_back),
        TEST (test_a_file_that_is_wrong_reaches_nobody),
        TEST (test_a_file_that_is_empty_or_gone_changes_nothing),
        TEST (test_a_route_is_added_while_the_file_is_edited),
        TEST (test_providers_come_and_go),
        TEST (test_a_provider_that_comes_back_while_it_stops),
        TEST (test_a_provider_that_goes_may_be_called_for_a_while),
        TEST (test_what_needs_a_restart_is_told),
        TEST (test_a_file_that_is_watched_is_read_when_it_changes),
        TEST (test_an_actor_that_cannot_be_made_refuses_the_configuration),
        TEST (test_one_change_at_a_time),
        TEST (test_a_reload_by_signal),
    };
    return cmocka_run_group_tests_name ("rollout", tests, NULL, NULL);
}
