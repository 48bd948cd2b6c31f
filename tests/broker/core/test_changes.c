//  changes: what is asked of the configuration waits in order.

#include <stdlib.h>
#include <string.h>

#include "tests/broker/core/conf_fixture.h"

#include "broker/core/alloc.h"
#include "broker/core/changes.h"

static void
given_several_changes_then_the_oldest_is_first (void **state)
{
    (void) state;
    br_changes_t changes = { .first = NULL };
    assert_int_equal (br_changes_add (&changes, BR_CHANGE_RELOAD, 7, NULL), 0);
    assert_int_equal (
        br_changes_add (&changes, BR_CHANGE_ROUTE_ADD, 8, "{\"name\":\"a\"}"), 0);
    br_change_t *first = br_changes_take (&changes);
    br_change_t *second = br_changes_take (&changes);
    assert_int_equal (first->ticket, 7);
    assert_string_equal (first->args, "{}");
    assert_int_equal (second->kind, BR_CHANGE_ROUTE_ADD);
    assert_null (br_changes_take (&changes));
    br_change_destroy (&first);
    br_change_destroy (&second);
}

static void
given_signals_to_reload_then_one_waits (void **state)
{
    (void) state;
    br_changes_t changes = { .first = NULL };
    for (int i = 0; i < 1000; i++)
        assert_int_equal (br_changes_add (&changes, BR_CHANGE_RELOAD, 0, NULL), 0);
    assert_int_equal (changes.count, 1);
    br_changes_clear (&changes);
    assert_int_equal (changes.count, 0);
}

static void
given_settings_that_need_a_restart_then_the_answer_names_them (void **state)
{
    (void) state;
    br_changes_t changes = { .first = NULL };
    br_changes_add (&changes, BR_CHANGE_RELOAD, 1, NULL);
    br_change_t *change = br_changes_take (&changes);
    char *answer = br_change_answer (change, 5);
    assert_string_equal (answer, "{\"generation\":5}");
    free (answer);
    change->fixed = br_strdup ("server.listen, server.tls");
    answer = br_change_answer (change, 5);
    assert_string_equal (
        answer, "{\"generation\":5,\"needs_restart\":\"server.listen, server.tls\"}");
    free (answer);
    br_change_destroy (&change);
}

static void
given_too_many_then_no_more_are_taken (void **state)
{
    (void) state;
    br_changes_t changes = { .first = NULL };
    for (unsigned i = 0; i < BR_CHANGES_MAX; i++)
        assert_int_equal (br_changes_add (&changes, BR_CHANGE_RELOAD, i + 1, NULL), 0);
    assert_int_equal (br_changes_add (&changes, BR_CHANGE_RELOAD, 99, NULL), -1);
    br_changes_clear (&changes);
}

static void
given_a_route_then_it_is_added_and_removed_and_the_answer_says_so (void **state)
{
    (void) state;
    static const char route[] = "{\"name\":\"r\",\"endpoints\":[{\"provider\":\"openai\","
                                "\"service_id\":\"o3\"}]}";
    br_conf_overlay_t *overlay = br_conf_overlay_new ();
    br_changes_t changes = { .first = NULL };
    br_changes_add (&changes, BR_CHANGE_ROUTE_ADD, 1, route);
    br_changes_add (&changes, BR_CHANGE_ROUTE_REMOVE, 2, "{\"name\":\"r\"}");
    br_changes_add (&changes, BR_CHANGE_ROUTE_REMOVE, 3, "{\"name\":\"r\"}");
    static const char *const answers[] = {
        "{\"generation\":5,\"status\":\"ok\",\"name\":\"r\"}",
        "{\"generation\":5,\"status\":\"ok\",\"name\":\"r\",\"removed\":true}", NULL
    };
    for (size_t i = 0; i < 3; i++) {
        br_change_t *change = br_changes_take (&changes);
        br_error_t error;
        int rc = br_change_apply (change, overlay, &error);
        assert_int_equal (rc, answers[i] ? 0 : -1);
        char *answer = br_change_answer (change, 5);
        if (answers[i])
            assert_string_equal (answer, answers[i]);
        else
            assert_int_equal (error.code, BR_ENOTFOUND);
        free (answer);
        br_change_destroy (&change);
    }
    br_conf_overlay_destroy (&overlay);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (given_several_changes_then_the_oldest_is_first),
        cmocka_unit_test (given_signals_to_reload_then_one_waits),
        cmocka_unit_test (given_settings_that_need_a_restart_then_the_answer_names_them),
        cmocka_unit_test (given_too_many_then_no_more_are_taken),
        cmocka_unit_test (
            given_a_route_then_it_is_added_and_removed_and_the_answer_says_so),
    };
    return cmocka_run_group_tests_name ("changes", tests, NULL, NULL);
}
