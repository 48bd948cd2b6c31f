//  tui_calls: calls under way and ended ones.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>

#include "tui/tui_calls.h"

static void
given_one_id_when_asked_twice_then_it_is_one_call (void **state)
{
    (void) state;
    tui_calls_t *calls = tui_calls_new ();
    tui_call_t *call = tui_calls_get (calls, "a", 10);
    assert_ptr_equal (call, tui_calls_get (calls, "a", 20));
    assert_ptr_equal (call, tui_calls_known (calls, "a"));
    assert_int_equal (call->started_ms, 10);
    assert_null (tui_calls_find (calls, "b"));
    assert_int_equal (tui_calls_open (calls), 1);
    tui_calls_destroy (&calls);
}

static void
given_many_calls_when_room_is_needed_then_ended_ones_go_first (void **state)
{
    (void) state;
    tui_calls_t *calls = tui_calls_new ();
    tui_calls_get (calls, "open", 1);
    char id[TUI_ID];
    for (int i = 0; i < TUI_CALLS_MAX + 5; i++) {
        snprintf (id, sizeof id, "%d", i);
        tui_calls_end (calls, tui_calls_get (calls, id, 2), TUI_CALL_OK, 3);
    }
    assert_non_null (tui_calls_find (calls, "open"));
    assert_null (tui_calls_find (calls, "0"));
    assert_non_null (tui_calls_find (calls, id));
    size_t count = 0;
    const tui_call_t *call = tui_calls_next (calls, NULL);
    assert_string_equal (call->id, "open");
    for (; call; call = tui_calls_next (calls, call))
        count++;
    assert_int_equal (count, TUI_CALLS_MAX);
    tui_calls_destroy (&calls);
}

static void
given_nothing_but_open_calls_when_room_is_needed_then_the_oldest_goes (void **state)
{
    (void) state;
    tui_calls_t *calls = tui_calls_new ();
    char id[TUI_ID];
    for (int i = 0; i < TUI_CALLS_MAX + 1; i++) {
        snprintf (id, sizeof id, "%d", i);
        tui_calls_get (calls, id, 2);
    }
    assert_null (tui_calls_find (calls, "0"));
    assert_int_equal (tui_calls_open (calls), TUI_CALLS_MAX);
    tui_calls_destroy (&calls);
}

static void
given_a_host_that_is_gone_when_told_then_its_calls_are_lost (void **state)
{
    (void) state;
    tui_calls_t *calls = tui_calls_new ();
    snprintf (tui_calls_get (calls, "a", 1)->host, TUI_NAME, "one");
    snprintf (tui_calls_get (calls, "b", 5)->host, TUI_NAME, "two");
    tui_calls_lose (calls, "one", 0, 9);
    assert_int_equal (tui_calls_find (calls, "a")->state, TUI_CALL_LOST);
    assert_int_equal (tui_calls_find (calls, "a")->ended_ms, 9);
    assert_true (tui_call_is_open (tui_calls_find (calls, "b")));
    tui_calls_lose (calls, NULL, 5, 9);
    assert_true (tui_call_is_open (tui_calls_find (calls, "b")));
    tui_calls_lose (calls, NULL, 6, 9);
    assert_int_equal (tui_calls_open (calls), 0);
    tui_calls_destroy (&calls);
}

static void
given_more_hops_than_are_kept_when_asked_then_there_is_none (void **state)
{
    (void) state;
    tui_calls_t *calls = tui_calls_new ();
    tui_call_t *call = tui_calls_get (calls, "a", 1);
    tui_hop_t *first = tui_call_hop (call, 1);
    assert_ptr_equal (first, tui_call_hop (call, 1));
    for (unsigned i = 2; i <= TUI_HOPS_MAX; i++)
        assert_non_null (tui_call_hop (call, i));
    assert_null (tui_call_hop (call, TUI_HOPS_MAX + 1));
    assert_string_equal (tui_call_run (call), "");
    snprintf (call->session, TUI_NAME, "s");
    assert_string_equal (tui_call_run (call), "s");
    assert_string_equal (tui_call_state_name (TUI_CALL_FAILED), "failed");
    tui_calls_destroy (&calls);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (given_one_id_when_asked_twice_then_it_is_one_call),
        cmocka_unit_test (given_many_calls_when_room_is_needed_then_ended_ones_go_first),
        cmocka_unit_test (
            given_nothing_but_open_calls_when_room_is_needed_then_the_oldest_goes),
        cmocka_unit_test (given_a_host_that_is_gone_when_told_then_its_calls_are_lost),
        cmocka_unit_test (given_more_hops_than_are_kept_when_asked_then_there_is_none),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
