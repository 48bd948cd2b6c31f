//  broker_admin: what the broker answers itself, and how other questions reach all actors
//  of a role.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <cjson/cJSON.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "broker/core/door.h"
#include "broker/core/version.h"
#include "tests/broker/core/town.h"

#define CONFIG                                                                           \
    "providers:\n"                                                                       \
    "  p: {api_base: \"http://x/v1\", api_key: very-secret-key-0001, models: [m]}\n"

static const char s_topology[] =
    "bus: inproc\nhosts:\n"
    "  - {name: ledger, place: thread, actors: [meter]}\n"
    "  - {name: shard, place: thread, count: 2, actors: [router, ingress, upstream/*]}\n";

static town_t s_town;
static cJSON *s_reply; //  of the last question

static int
s_setup (void **state)
{
    (void) state;
    town_begin (&s_town, CONFIG);
    town_be_ready (&s_town, s_topology);
    return 0;
}

static int
s_teardown (void **state)
{
    (void) state;
    cJSON_Delete (s_reply);
    s_reply = NULL;
    br_broker_stop (s_town.broker, 1000);
    town_run_out (&s_town);
    town_end (&s_town);
    return 0;
}

//  The result of a command that must succeed. "owned by the test"
static const cJSON *
s_result (const char *command)
{
    cJSON_Delete (s_reply);
    const char *text = town_admin (&s_town, command);
    s_reply = cJSON_Parse (text);
    if (!cJSON_IsTrue (cJSON_GetObjectItem (s_reply, "ok")))
        fail_msg ("%s: %s", command, text);
    return cJSON_GetObjectItem (s_reply, "result");
}

static const char *
s_text (const cJSON *json, const char *member)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive (json, member);
    assert_true (cJSON_IsString (item));
    return item->valuestring;
}

static double
s_number (const cJSON *json, const char *member)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive (json, member);
    assert_true (cJSON_IsNumber (item));
    return item->valuedouble;
}

static void
test_status_tells_who_it_is (void **state)
{
    (void) state;
    static const char *const commands[] = { "status", "snapshot" };
    for (size_t i = 0; i < 2; i++) {
        const cJSON *status = s_result (commands[i]);
        assert_string_equal (s_text (status, "version"), BR_VERSION);
        assert_true (s_number (status, "pid") == getpid ());
        assert_true (s_number (status, "generation") == 1);
        assert_true (cJSON_IsTrue (cJSON_GetObjectItem (status, "ready")));
        assert_string_equal (s_text (status, "config"), s_town.config_file);
        assert_int_equal (cJSON_GetArraySize (cJSON_GetObjectItem (status, "hosts")), 3);
        assert_true (cJSON_GetArraySize (cJSON_GetObjectItem (status, "listen")) > 0);
    }
}

static void
test_hosts_are_told_one_by_one (void **state)
{
    (void) state;
    static const char *const names[] = { "ledger", "shard-1", "shard-2" };
    const cJSON *hosts = s_result ("hosts");
    assert_int_equal (cJSON_GetArraySize (hosts), 3);
    for (int i = 0; i < 3; i++) {
        const cJSON *host = cJSON_GetArrayItem (hosts, i);
        assert_string_equal (s_text (host, "name"), names[i]);
        assert_true (s_number (host, "number") == i + 2);
        assert_true (s_number (host, "life") > 0);
        assert_true (s_number (host, "restarts") == 0);
        assert_string_equal (s_text (host, "state"), "up");
        assert_string_equal (s_text (host, "place"), "thread");
        assert_int_equal (cJSON_GetArraySize (cJSON_GetObjectItem (host, "actors")),
                          i ? 3 : 1);
    }
}

static void
test_the_configuration_is_masked (void **state)
{
    (void) state;
    const cJSON *config = s_result ("config");
    assert_true (cJSON_IsString (config));
    assert_non_null (strstr (config->valuestring, "http://x/v1"));
    for (size_t i = 0; br_admin_row (i); i++) {
        const char *name = br_admin_row (i)->name;
        if (strcmp (name, "stop") == 0)
            continue;
        if (strstr (town_admin (&s_town, name), "very-secret-key-0001"))
            fail_msg ("%s tells a secret", name);
    }
}

static void
test_providers_say_what_they_need (void **state)
{
    (void) state;
    const cJSON *provider, *providers = s_result ("providers");
    bool active = false, hint = false;
    cJSON_ArrayForEach (provider, providers)
    {
        if (strcmp (s_text (provider, "name"), "p") == 0)
            active = cJSON_IsTrue (cJSON_GetObjectItem (provider, "active"));
        if (strcmp (s_text (provider, "name"), "openai") == 0)
            hint = strstr (s_text (provider, "hint"), "OPENAI_API_KEY") != NULL;
    }
    assert_true (active && hint);
}

//  ---- questions to actors

static void
test_answers_of_all_actors_of_the_role_are_merged (void **state)
{
    (void) state;
    assert_string_equal (town_admin (&s_town, "calls"),
                         "{\"ok\":true,\"result\":{\"open\":2},\"missing\":0}");
    assert_string_equal (
        town_admin (&s_town, "health"),
        "{\"ok\":true,\"result\":[\"router\",\"router\"],\"missing\":0}");
    assert_string_equal (
        town_admin (&s_town, "upstreams"),
        "{\"ok\":true,\"result\":[\"upstream/p\",\"upstream/p\"],\"missing\":0}");
    assert_string_equal (town_admin (&s_town, "ledger"),
                         "{\"ok\":true,\"result\":{\"rows\":5},\"missing\":0}");
    assert_string_equal (town_admin (&s_town, "routes"),
                         "{\"ok\":true,\"result\":[\"ingress\"],\"missing\":0}");
}

//  Given a meter that hangs, then the question ends in time and it is missing.
static void
test_who_does_not_answer_is_missing (void **state)
{
    (void) state;
    town_order (&s_town, "hang", "meter");
    assert_string_equal (town_admin (&s_town, "ledger"),
                         "{\"ok\":true,\"result\":null,\"missing\":1}");
    assert_string_equal (town_admin (&s_town, "calls"),
                         "{\"ok\":true,\"result\":{\"open\":2},\"missing\":0}");
    town_order (&s_town, "hang", "");
    TOWN_UNTIL (&s_town, strstr (town_admin (&s_town, "ledger"), "\"rows\":5"));
}

//  ---- orders

static void
test_tracing_is_switched (void **state)
{
    (void) state;
    const char *reply = NULL;
    town_ask (&s_town, "trace", "{\"on\":true}");
    TOWN_UNTIL (&s_town, (reply = town_reply (&s_town)));
    assert_string_equal (reply, "{\"ok\":true,\"result\":true,\"missing\":0}");
    town_admin (&s_town, "ledger");
    TOWN_UNTIL (&s_town, strstr (town_events (&s_town), "\"verb\":\"admin.answer\""));
    assert_string_equal (town_admin (&s_town, "trace"),
                         "{\"ok\":true,\"result\":false,\"missing\":0}");
}

static void
test_reload_answers_when_all_took_it (void **state)
{
    (void) state;
    town_forget (&s_town);
    const cJSON *result = s_result ("reload");
    assert_true (s_number (result, "generation") == 2);
    assert_int_equal (town_count (&s_town, "ingress:take2"), 2);
    assert_true (s_number (s_result ("status"), "generation") == 2);
}

static void
test_stop_ends_it_all (void **state)
{
    (void) state;
    assert_string_equal (town_admin (&s_town, "stop"),
                         "{\"ok\":true,\"result\":{\"drain_ms\":30000},\"missing\":0}");
    const char *reply = town_admin (&s_town, "reload");
    assert_non_null (strstr (reply, "\"code\":\"conflict\""));
}

#define TEST(name) cmocka_unit_test_setup_teardown (name, s_setup, s_teardown)

int
main (void)
{
    const struct CMUnitTest tests[] = {
        TEST (test_status_tells_who_it_is),
        TEST (test_hosts_are_told_one_by_one),
        TEST (test_the_configuration_is_masked),
        TEST (test_providers_say_what_they_need),
        TEST (test_answers_of_all_actors_of_the_role_are_merged),
        TEST (test_who_does_not_answer_is_missing),
        TEST (test_tracing_is_switched),
        TEST (test_reload_answers_when_all_took_it),
        TEST (test_stop_ends_it_all),
    };
    return cmocka_run_group_tests_name ("broker_admin", tests, NULL, NULL);
}
