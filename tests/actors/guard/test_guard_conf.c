//  guard_conf: rules live as long as somebody has them.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "actors/guard/guard_conf.h"
#include "tests/actors/guard/guard_world.h"

static guard_conf_t *
s_new (uint64_t generation)
{
    br_error_t error;
    guard_rules_t *rules = guard_rules_new (guard_world_slice, &error);
    assert_non_null (rules);
    guard_tools_t *tools = guard_tools_new (guard_world_slice, &error);
    assert_non_null (tools);
    guard_conf_t *conf = guard_conf_new (&rules, &tools, generation);
    assert_null (rules);
    assert_null (tools);
    return conf;
}

static void
the_last_reference_frees (void **state)
{
    (void) state;
    guard_conf_t *conf = s_new (3);
    guard_conf_t *other = guard_conf_ref (conf);
    assert_ptr_equal (conf, other);
    assert_int_equal (conf->generation, 3);
    guard_conf_let_go (&conf);
    assert_null (conf);
    assert_true (guard_rules_has (other->rules, KEYS, GUARD_UP, GUARD_REDACT));
    guard_conf_let_go (&other);
    assert_null (other);
}

static void
nothing_may_be_let_go (void **state)
{
    (void) state;
    guard_conf_t *conf = NULL;
    guard_conf_let_go (&conf);
}

static void
rules_are_closed_where_one_that_stops_is (void **state)
{
    (void) state;
    guard_conf_t *conf = s_new (1);
    assert_true (guard_conf_is_closed (conf, KEYS, GUARD_UP));
    assert_true (guard_conf_is_closed (conf, KEYS | LENIENT, GUARD_DOWN));
    assert_true (guard_conf_is_closed (conf, WORDS, GUARD_UP));
    assert_false (guard_conf_is_closed (conf, WORDS, GUARD_DOWN));
    assert_false (guard_conf_is_closed (conf, MAILS, GUARD_UP)); //  it only warns
    assert_false (guard_conf_is_closed (conf, LENIENT, GUARD_UP));
    assert_false (guard_conf_is_closed (conf, 0, GUARD_UP));
    guard_conf_let_go (&conf);
}

//  Nothing but what talks, or is offered tools, has any.
static void
rules_for_tools_are_for_what_talks (void **state)
{
    guard_world_t *world = *state;
    assert_null (guard_conf_tools (world->conf, BR_SURFACE_CHAT));
    guard_world_use_tools (world, "{\"*\":{\"deny\":[\"bash\"]}}");
    assert_non_null (guard_conf_tools (world->conf, BR_SURFACE_CHAT));
    assert_non_null (guard_conf_tools (world->conf, BR_SURFACE_GOOGLE_STREAM));
    assert_non_null (guard_conf_tools (world->conf, BR_SURFACE_RESPONSE));
    assert_non_null (guard_conf_tools (world->conf, BR_SURFACE_RESPONSES_TOKENS));
    assert_non_null (guard_conf_tools (world->conf, BR_SURFACE_RESPONSES_COMPACT));
    assert_null (guard_conf_tools (world->conf, BR_SURFACE_EMBEDDINGS));
    assert_null (guard_conf_tools (world->conf, BR_SURFACE_NONE));
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (the_last_reference_frees),
        cmocka_unit_test (nothing_may_be_let_go),
        cmocka_unit_test (rules_are_closed_where_one_that_stops_is),
        cmocka_unit_test_setup_teardown (rules_for_tools_are_for_what_talks,
                                         guard_world_setup, guard_world_teardown),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
