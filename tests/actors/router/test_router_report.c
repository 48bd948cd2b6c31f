//  router_report: what the operator sees of endpoints.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "broker/core/ctx.h"
#include "actors/router/router_report.h"
#include "tests/actors/router/inside.h"
#include "tests/actors/stage.h"

typedef struct {
    stage_t stage;
    router_env_t env;
} world_t;

static int
s_setup (void **state)
{
    static world_t world;
    stage_begin (&world.stage, &inside_actor, false);
    stage_start (&world.stage, "router");
    world.env = (router_env_t) { .ctx = br_host_ctx (world.stage.host, "router") };
    world.env.endpoints = router_endpoints_new ();
    world.env.health = router_health_new ();
    world.env.breaker = router_breaker_new (world.env.ctx, world.env.endpoints);
    *state = &world;
    return 0;
}

static int
s_teardown (void **state)
{
    world_t *world = *state;
    router_breaker_destroy (&world->env.breaker);
    router_health_destroy (&world->env.health);
    router_endpoints_destroy (&world->env.endpoints);
    stage_end (&world->stage);
    return 0;
}

static void
each_endpoint_is_a_row (void **state)
{
    world_t *world = *state;
    char *json = router_report_json (&world->env);
    assert_string_equal (json, "[]");
    free (json);
    unsigned number = router_endpoints_number (world->env.endpoints, "a", "x\"");
    router_health_start (world->env.health, number);
    router_health_start (world->env.health, number);
    router_health_end (world->env.health, number, ROUTER_HEALTH_GOOD, 2500,
                       br_ctx_now_us (world->env.ctx));
    json = router_report_json (&world->env);
    assert_string_equal (
        json, "[{\"provider\":\"a\",\"endpoint\":\"x\\\"\",\"state\":\"closed\","
              "\"ok\":1,\"fail\":0,\"under_way\":1,\"first_ms\":2.5}]");
    free (json);
}

static void
an_answer_that_is_too_long_is_cut_between_rows (void **state)
{
    world_t *world = *state;
    char name[2048];
    for (int i = 0; i < ROUTER_ENDPOINTS_MAX; i++) {
        snprintf (name, sizeof name, "%02000d", i);
        router_endpoints_number (world->env.endpoints, name, "");
    }
    char *json = router_report_json (&world->env);
    size_t size = strlen (json);
    assert_in_range (size, 1u << 19, 1u << 20);
    assert_string_equal (json + size - 2, "}]");
    free (json);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown (each_endpoint_is_a_row, s_setup, s_teardown),
        cmocka_unit_test_setup_teardown (an_answer_that_is_too_long_is_cut_between_rows,
                                         s_setup, s_teardown),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
