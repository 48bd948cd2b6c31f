//  router_order: what is known of candidates comes to the strategies. The strategies have
//  their own test.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "broker/core/ctx.h"
#include "actors/router/router_order.h"
#include "tests/actors/router/inside.h"
#include "tests/actors/stage.h"

typedef struct {
    stage_t stage;
    router_endpoints_t *endpoints;
    router_health_t *health;
    router_breaker_t *breaker;
    router_turns_t *turns;
    router_order_t order;
    struct br_call_open open;
    br_candidate_t rows[3]; //  providers "a", "b", "c"
} world_t;

static void
s_hear (void *arg, const br_msg_t *msg)
{
    router_breaker_on_state (arg, msg);
}

static int
s_setup (void **state)
{
    static world_t world;
    static const char *const names[] = { "a", "b", "c" };
    memset (&world, 0, sizeof world);
    stage_begin (&world.stage, &inside_actor, false);
    stage_start (&world.stage, "router");
    stage_start (&world.stage, "breaker");
    br_ctx_t *ctx = br_host_ctx (world.stage.host, "router");
    world.endpoints = router_endpoints_new ();
    world.health = router_health_new ();
    world.breaker = router_breaker_new (ctx, world.endpoints);
    world.turns = router_turns_new (0);
    inside_listen (ctx, s_hear, world.breaker);
    world.order = (router_order_t) { .health = world.health, .breaker = world.breaker };
    world.order.endpoints = world.endpoints;
    world.order.turns = world.turns;
    world.order.affinity = true;
    world.open = (struct br_call_open) { .model = "gpt", .strategy = "priority" };
    for (size_t i = 0; i < 3; i++) {
        br_candidate_t *row = &world.rows[i];
        *row = (br_candidate_t) { .provider = names[i], .endpoint = "", .model = "m" };
        row->actor = "";
        row->weight = 1;
    }
    *state = &world;
    return 0;
}

static int
s_teardown (void **state)
{
    world_t *world = *state;
    router_turns_destroy (&world->turns);
    router_breaker_destroy (&world->breaker);
    router_health_destroy (&world->health);
    router_endpoints_destroy (&world->endpoints);
    stage_end (&world->stage);
    return 0;
}

//  Providers in their order: "abc".
static const char *
s_names (world_t *world, size_t count)
{
    static char names[4];
    br_candidate_t rows[3];
    uint16_t endpoints[3];
    router_order (&world->order, &world->open, world->rows, count, rows, endpoints);
    for (size_t i = 0; i < count; i++) {
        names[i] = *rows[i].provider;
        assert_string_equal (router_endpoints_provider (world->endpoints, endpoints[i]),
                             rows[i].provider);
    }
    names[count] = 0;
    return names;
}

static void
who_lacks_what_the_call_needs_goes_last (void **state)
{
    world_t *world = *state;
    assert_string_equal (s_names (world, 3), "abc");
    world->rows[0].lacks = BR_NEED_TOOLS | BR_NEED_AUDIO;
    assert_string_equal (s_names (world, 3), "abc");
    world->open.needs = BR_NEED_IMAGES;
    assert_string_equal (s_names (world, 3), "abc");
    world->open.needs = BR_NEED_TOOLS;
    assert_string_equal (s_names (world, 3), "bca");
    world->rows[1].context = 1000;
    world->open.input_tokens = 1000;
    assert_string_equal (s_names (world, 3), "bca");
    world->open.input_tokens = 1001;
    assert_string_equal (s_names (world, 3), "cab");
}

static void
who_is_out_of_use_goes_last (void **state)
{
    world_t *world = *state;
    struct br_breaker_state news = { .provider = "a", .version = 1 };
    news.state = BR_BREAKER_OPEN;
    stage_send (&world->stage, "breaker", br_host_ctx (world->stage.host, "router")->addr,
                BR_BREAKER_STATE, 0, 0, &news, NULL);
    stage_settle (&world->stage);
    assert_string_equal (s_names (world, 3), "bca");
    //  then: its time has passed, and the call wanted it
    assert_string_equal (stage_heard (&world->stage, "breaker"), "breaker.probe#0 ");
    assert_string_equal (s_names (world, 1), "a");
    //  when: this router may try
    news.version = 2;
    news.state = BR_BREAKER_HALF_OPEN;
    news.lease = 4;
    stage_send (&world->stage, "breaker", br_host_ctx (world->stage.host, "router")->addr,
                BR_BREAKER_STATE, 0, 0, &news, NULL);
    stage_settle (&world->stage);
    assert_string_equal (s_names (world, 3), "abc");
    router_breaker_start (world->breaker, 0, "m");
    assert_string_equal (s_names (world, 3), "bca");
}

static void
s_say (world_t *world, const char *provider, uint64_t for_ms)
{
    struct br_breaker_state news = { .provider = provider, .version = 1 };
    news.state = BR_BREAKER_OPEN;
    news.for_ms = for_ms;
    stage_send (&world->stage, "breaker", br_host_ctx (world->stage.host, "router")->addr,
                BR_BREAKER_STATE, 0, 0, &news, NULL);
    stage_settle (&world->stage);
}

static const char *
s_probed (world_t *world)
{
    stage_settle (&world->stage);
    const br_msg_t *msg = stage_last (&world->stage, "breaker", BR_BREAKER_PROBE);
    const struct br_breaker_probe *probe = msg ? br_msg_fields (msg) : NULL;
    return probe ? probe->provider : "";
}

static void
only_whom_the_call_would_ask_now_is_probed (void **state)
{
    world_t *world = *state;
    //  given: a fallback is out of use
    s_say (world, "c", 0);
    assert_string_equal (s_names (world, 3), "abc");
    assert_string_equal (s_probed (world), "");
    //  when: both in front of it are, and it is too early for the first
    s_say (world, "a", 90000);
    s_say (world, "b", 0);
    assert_string_equal (s_names (world, 3), "abc");
    assert_string_equal (s_probed (world), "b");
    assert_string_equal (stage_heard (&world->stage, "breaker"), "breaker.probe#0 ");
    //  then: one call asks for one probe
    stage_pass (&world->stage, 90001);
    assert_string_equal (s_names (world, 3), "abc");
    assert_string_equal (s_probed (world), "a");
    assert_string_equal (stage_heard (&world->stage, "breaker"), "breaker.probe#0 ");
}

static void
who_does_not_fit_is_not_probed (void **state)
{
    world_t *world = *state;
    world->open.needs = BR_NEED_TOOLS;
    world->rows[0].lacks = BR_NEED_TOOLS;
    s_say (world, "a", 0);
    assert_string_equal (s_names (world, 3), "bca");
    assert_string_equal (s_probed (world), "");
    world->rows[0].lacks = 0;
    assert_string_equal (s_names (world, 3), "bca");
    assert_string_equal (s_probed (world), "a");
}

static void
times_loads_and_prices_reach_the_strategies (void **state)
{
    world_t *world = *state;
    s_names (world, 3); //  numbers 0, 1, 2
    for (unsigned i = 0; i < 3; i++) {
        router_health_start (world->health, i);
        router_health_end (world->health, i, ROUTER_HEALTH_GOOD, 900 - 100 * i, 0);
        world->rows[i].price_nusd = 10 + (i + 1) % 3;
    }
    router_health_start (world->health, 0);
    world->open.strategy = "least_latency";
    assert_string_equal (s_names (world, 3), "cba");
    world->open.strategy = "least_busy";
    assert_string_equal (s_names (world, 3), "bca");
    world->open.strategy = "cheapest";
    assert_string_equal (s_names (world, 3), "cab");
}

static void
affinity_decides_where_it_may (void **state)
{
    world_t *world = *state;
    unsigned firsts[3] = { 0 };
    world->open.strategy = "load_balance";
    for (uint64_t i = 1; i <= 60; i++) {
        world->open.affinity = i * 0x9e3779b97f4a7c15u;
        char first = *s_names (world, 3);
        assert_int_equal (*s_names (world, 3), first);
        firsts[first - 'a']++;
    }
    for (size_t i = 0; i < 3; i++)
        assert_in_range (firsts[i], 8, 35);
    //  when: the configuration forbids it
    world->order.affinity = false;
    char before = *s_names (world, 3);
    assert_int_not_equal (*s_names (world, 3), before);
}

#define TEST(name) cmocka_unit_test_setup_teardown (name, s_setup, s_teardown)

int
main (void)
{
    const struct CMUnitTest tests[] = {
        TEST (who_lacks_what_the_call_needs_goes_last),
        TEST (who_is_out_of_use_goes_last),
        TEST (only_whom_the_call_would_ask_now_is_probed),
        TEST (who_does_not_fit_is_not_probed),
        TEST (times_loads_and_prices_reach_the_strategies),
        TEST (affinity_decides_where_it_may),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
