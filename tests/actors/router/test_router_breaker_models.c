//  router_breaker_models: rows by endpoint and model; those in use make room.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>

#include "actors/router/router_breaker_models.h"

static int
s_setup (void **state)
{
    *state = router_breaker_models_new ();
    return 0;
}

static int
s_teardown (void **state)
{
    router_breaker_models_t *models = *state;
    router_breaker_models_destroy (&models);
    assert_null (models);
    router_breaker_models_destroy (&models);
    return 0;
}

static void
a_model_of_an_endpoint_is_made_once (void **state)
{
    router_breaker_models_t *models = *state;
    assert_null (router_breaker_models_find (models, 1, "m"));
    router_breaker_model_t *one = router_breaker_models_get (models, 1, "m");
    router_breaker_model_t *two = router_breaker_models_get (models, 2, "m");
    router_breaker_model_t *three = router_breaker_models_get (models, 1, "n");
    assert_ptr_equal (router_breaker_models_get (models, 1, "m"), one);
    assert_ptr_equal (router_breaker_models_find (models, 2, "m"), two);
    assert_ptr_equal (router_breaker_models_find (models, 1, "n"), three);
    assert_int_equal (router_breaker_models_size (models), 3);
    assert_ptr_equal (router_breaker_models_newest (models), three);
    //  when: the one in the middle is forgotten
    router_breaker_models_forget (models, two);
    assert_null (router_breaker_models_find (models, 2, "m"));
    assert_ptr_equal (three->older, one);
    assert_ptr_equal (one->newer, three);
    router_breaker_models_forget (models, three);
    assert_ptr_equal (router_breaker_models_newest (models), one);
    assert_int_equal (router_breaker_models_size (models), 1);
}

static void
s_fill (router_breaker_models_t *models, br_breaker_t state)
{
    char name[16];
    for (int i = 0; i < ROUTER_BREAKER_MODELS_MAX; i++) {
        snprintf (name, sizeof name, "%d", i);
        router_breaker_models_get (models, 0, name)->row.state = state;
    }
}

static void
one_that_is_in_use_makes_room (void **state)
{
    router_breaker_models_t *models = *state;
    s_fill (models, BR_BREAKER_CLOSED);
    router_breaker_models_find (models, 0, "0")->row.state = BR_BREAKER_OPEN;
    assert_non_null (router_breaker_models_get (models, 0, "more"));
    assert_non_null (router_breaker_models_find (models, 0, "0"));
    assert_null (router_breaker_models_find (models, 0, "1"));
    assert_int_equal (router_breaker_models_size (models), ROUTER_BREAKER_MODELS_MAX);
}

static void
those_out_of_use_do_not (void **state)
{
    router_breaker_models_t *models = *state;
    s_fill (models, BR_BREAKER_HALF_OPEN);
    assert_null (router_breaker_models_get (models, 0, "more"));
    assert_non_null (router_breaker_models_get (models, 0, "7"));
}

#define TEST(name) cmocka_unit_test_setup_teardown (name, s_setup, s_teardown)

int
main (void)
{
    const struct CMUnitTest tests[] = {
        TEST (a_model_of_an_endpoint_is_made_once),
        TEST (one_that_is_in_use_makes_room),
        TEST (those_out_of_use_do_not),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
