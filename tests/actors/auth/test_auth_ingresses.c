//  auth_ingresses: who is told that identities have changed.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "actors/auth/auth_ingresses.h"
#include "tests/actors/auth/auth_world.h"

typedef struct {
    auth_world_t auth;
    auth_ingresses_t *ingresses;
} world_t;

static int
s_setup (void **state)
{
    static world_t world;
    auth_world_begin (&world.auth);
    br_ctx_t *ctx = br_host_ctx (world.auth.stage.host, "auth");
    world.ingresses = auth_ingresses_new (ctx);
    *state = &world;
    return 0;
}

static int
s_teardown (void **state)
{
    world_t *world = *state;
    auth_ingresses_destroy (&world->ingresses);
    auth_world_end (&world->auth);
    return 0;
}

static void
each_is_told_once_for_each_change (void **state)
{
    world_t *world = *state;
    stage_t *stage = &world->auth.stage;
    auth_ingresses_tell (world->ingresses);
    stage_pass (stage, 5000);
    assert_string_equal (stage_heard (stage, "ingress"), "auth.changed#0 ");
    auth_ingresses_tell (world->ingresses);
    assert_string_equal (stage_heard (stage, "ingress"), "auth.changed#0 ");
    assert_int_equal (auth_ingresses_size (world->ingresses), 1);
}

static void
one_that_comes_later_is_told_then (void **state)
{
    world_t *world = *state;
    stage_t *stage = &world->auth.stage;
    br_host_end (stage->host, "ingress");
    auth_ingresses_tell (world->ingresses);
    assert_int_equal (auth_ingresses_size (world->ingresses), 0);
    stage_pass (stage, 5000);
    stage_start (stage, "ingress");
    stage_pass (stage, AUTH_LOOK_MS);
    //  then: by the actor itself too, which also looks
    assert_non_null (strstr (stage_heard (stage, "ingress"), "auth.changed#0 "));
    assert_int_equal (auth_ingresses_size (world->ingresses), 1);
}

static void
one_that_speaks_is_told_and_one_that_is_gone_is_not (void **state)
{
    world_t *world = *state;
    stage_t *stage = &world->auth.stage;
    br_addr_t far = { .host = 2, .life = 1, .actor = 1 };
    stage->far_gone = true;
    auth_ingresses_know (world->ingresses, far);
    assert_int_equal (auth_ingresses_size (world->ingresses), 0);
    stage->far_gone = false;
    auth_ingresses_know (world->ingresses, far);
    auth_ingresses_know (world->ingresses, far);
    assert_string_equal (br_buf_text (&stage->far), "auth.changed#0 ");
    auth_ingresses_gone (world->ingresses, 2, 7);
    assert_int_equal (auth_ingresses_size (world->ingresses), 1);
    auth_ingresses_gone (world->ingresses, 2, 1);
    assert_int_equal (auth_ingresses_size (world->ingresses), 0);
    auth_ingresses_tell (world->ingresses);
    assert_string_equal (br_buf_text (&stage->far), "auth.changed#0 ");
}

#define TEST(name) cmocka_unit_test_setup_teardown (name, s_setup, s_teardown)

int
main (void)
{
    const struct CMUnitTest tests[] = {
        TEST (each_is_told_once_for_each_change),
        TEST (one_that_comes_later_is_told_then),
        TEST (one_that_speaks_is_told_and_one_that_is_gone_is_not),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
