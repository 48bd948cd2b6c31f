//  metrics_findings: rows by family, action and direction.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

#include "actors/metrics/metrics_findings.h"

static void
given_words_of_one_family_when_added_then_they_are_summed_up_by_action (void **state)
{
    (void) state;
    metrics_findings_t findings = { .rows = NULL };
    struct br_guard_found found = { .family = "api_keys", .action = "redact" };
    found.direction = "upgoing";
    found.count = 2;
    metrics_findings_add (&findings, &found);
    found.failed = 1;
    metrics_findings_add (&findings, &found);
    found.action = "block";
    metrics_findings_add (&findings, &found);
    assert_int_equal (findings.size, 2);
    assert_int_equal (findings.rows[0].count, 4);
    assert_int_equal (findings.rows[0].failed, 1);
    assert_int_equal (findings.rows[1].count, 2);
    assert_string_equal (findings.rows[1].action, "block");
    metrics_findings_free (&findings);
}

static void
given_more_families_than_there_is_room_for_when_added_then_the_first_are_kept (
    void **state)
{
    (void) state;
    metrics_findings_t findings = { .rows = NULL };
    struct br_guard_found found = { .action = "warn", .direction = "downgoing" };
    found.count = 1;
    for (int i = 0; i < METRICS_FINDINGS_MAX + 5; i++) {
        char family[16];
        snprintf (family, sizeof family, "f%d", i);
        found.family = family;
        metrics_findings_add (&findings, &found);
    }
    assert_int_equal (findings.size, METRICS_FINDINGS_MAX);
    metrics_findings_free (&findings);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (
            given_words_of_one_family_when_added_then_they_are_summed_up_by_action),
        cmocka_unit_test (
            given_more_families_than_there_is_room_for_when_added_then_the_first_are_kept),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
