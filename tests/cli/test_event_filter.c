//  Tests of cli/event_filter.

#include "cli/event_filter.h"

#include <stdio.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static bool
s_wants (cli_event_filter_t *filter, const char *name, const char *line)
{
    return cli_event_filter_wants (filter, name, line, strlen (line));
}

static void
given_patterns_when_events_are_named_then_names_groups_and_globs_fit (void **state)
{
    (void) state;
    assert_true (cli_event_fits ("call.ended", "call.ended"));
    assert_false (cli_event_fits ("call.end", "call.ended"));
    assert_true (cli_event_fits ("call.", "call.started"));
    assert_true (cli_event_fits ("*.failed", "attempt.failed"));
    assert_false (cli_event_fits ("*.failed", "attempt.begun"));
    assert_int_equal (cli_event_prefix ("call.*"), 5);
    assert_int_equal (cli_event_prefix ("*.failed"), 0);
    assert_int_equal (cli_event_prefix ("ready"), 5);
}

static void
given_no_wish_when_anything_happens_then_it_is_wanted (void **state)
{
    (void) state;
    cli_event_wish_t wish = { .names_count = 0 };
    cli_event_filter_t *filter = cli_event_filter_new (&wish);
    assert_true (s_wants (filter, "ready", "no JSON"));
    cli_event_filter_destroy (&filter);
    assert_null (filter);
    cli_event_filter_destroy (&filter);
}

static void
given_a_call_when_events_come_then_its_id_and_its_request_id_count (void **state)
{
    (void) state;
    cli_event_wish_t wish = { .call = "c1" };
    cli_event_filter_t *filter = cli_event_filter_new (&wish);
    assert_true (s_wants (filter, "attempt.begun", "{\"call\":\"c1\"}"));
    assert_true (
        s_wants (filter, "call.ended", "{\"call\":\"x\",\"request_id\":\"c1\"}"));
    assert_false (s_wants (filter, "attempt.begun", "{\"call\":\"c2\"}"));
    assert_false (s_wants (filter, "attempt.begun", "garbage"));
    cli_event_filter_destroy (&filter);
}

static void
given_a_run_when_a_call_of_it_started_then_the_rest_of_it_is_wanted (void **state)
{
    (void) state;
    cli_event_wish_t wish = { .run = "r1" };
    cli_event_filter_t *filter = cli_event_filter_new (&wish);
    assert_false (s_wants (filter, "attempt.begun", "{\"call\":\"c1\"}"));
    assert_true (s_wants (filter, "call.started", "{\"call\":\"c1\",\"run\":\"r1\"}"));
    assert_true (s_wants (filter, "attempt.begun", "{\"call\":\"c1\"}"));
    assert_false (s_wants (filter, "call.started", "{\"call\":\"c2\",\"run\":\"r2\"}"));
    assert_false (s_wants (filter, "ready", "{}"));
    cli_event_filter_destroy (&filter);
}

static void
given_a_run_and_names_when_a_start_is_not_named_then_it_counts_all_the_same (void **state)
{
    (void) state;
    char *names[] = { (char[]) { "*.begun" } };
    cli_event_wish_t wish = { .names = names, .names_count = 1, .run = "r1" };
    cli_event_filter_t *filter = cli_event_filter_new (&wish);
    assert_false (s_wants (filter, "call.started", "{\"call\":\"c1\",\"run\":\"r1\"}"));
    assert_true (s_wants (filter, "attempt.begun", "{\"call\":\"c1\"}"));
    cli_event_filter_destroy (&filter);
}

static void
given_more_calls_than_are_followed_when_another_starts_then_only_it_is_wanted (
    void **state)
{
    (void) state;
    char line[80];
    cli_event_wish_t wish = { .run = "r" };
    cli_event_filter_t *filter = cli_event_filter_new (&wish);
    for (int i = 0; i <= CLI_EVENT_CALLS_MAX; i++) {
        snprintf (line, sizeof line, "{\"call\":\"c%d\",\"run\":\"r\"}", i);
        assert_true (s_wants (filter, "call.started", line));
    }
    assert_true (s_wants (filter, "attempt.begun", "{\"call\":\"c0\"}"));
    snprintf (line, sizeof line, "{\"call\":\"c%d\"}", CLI_EVENT_CALLS_MAX);
    assert_false (s_wants (filter, "attempt.begun", line));
    cli_event_filter_destroy (&filter);
}

static void
given_a_provider_when_events_come_then_those_that_name_it_are_wanted (void **state)
{
    (void) state;
    cli_event_wish_t wish = { .provider = "p" };
    cli_event_filter_t *filter = cli_event_filter_new (&wish);
    assert_true (s_wants (filter, "attempt.started", "{\"provider\":\"p\"}"));
    assert_false (s_wants (filter, "attempt.started", "{\"provider\":\"q\"}"));
    assert_false (s_wants (filter, "attempt.begun", "{\"provider\":7}"));
    cli_event_filter_destroy (&filter);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (
            given_patterns_when_events_are_named_then_names_groups_and_globs_fit),
        cmocka_unit_test (given_no_wish_when_anything_happens_then_it_is_wanted),
        cmocka_unit_test (
            given_a_call_when_events_come_then_its_id_and_its_request_id_count),
        cmocka_unit_test (
            given_a_run_when_a_call_of_it_started_then_the_rest_of_it_is_wanted),
        cmocka_unit_test (
            given_a_run_and_names_when_a_start_is_not_named_then_it_counts_all_the_same),
        cmocka_unit_test (
            given_more_calls_than_are_followed_when_another_starts_then_only_it_is_wanted),
        cmocka_unit_test (
            given_a_provider_when_events_come_then_those_that_name_it_are_wanted),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
