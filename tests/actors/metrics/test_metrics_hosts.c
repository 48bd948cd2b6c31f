//  metrics_hosts: the last beat counts.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include <stdio.h>

#include "actors/metrics/metrics_hosts.h"

static void
the_last_beat_counts (void **state)
{
    (void) state;
    metrics_hosts_t hosts = { .rows = NULL };
    struct br_bus_pulse pulse = { .host = "shard-1", .messages = 5, .queued_bytes = 9 };
    metrics_hosts_set (&hosts, &pulse);
    pulse.messages = 7;
    metrics_hosts_set (&hosts, &pulse);
    assert_int_equal (hosts.size, 1);
    assert_string_equal (hosts.rows[0].name, "shard-1");
    assert_int_equal (hosts.rows[0].messages, 7);
    metrics_hosts_free (&hosts);
}

static void
hosts_without_room_are_left_out (void **state)
{
    (void) state;
    metrics_hosts_t hosts = { .rows = NULL };
    char name[16];
    struct br_bus_pulse pulse = { .host = name };
    for (int i = 0; i < METRICS_HOSTS_MAX + 5; i++) {
        snprintf (name, sizeof name, "h%d", i);
        metrics_hosts_set (&hosts, &pulse);
    }
    assert_int_equal (hosts.size, METRICS_HOSTS_MAX);
    metrics_hosts_free (&hosts);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (the_last_beat_counts),
        cmocka_unit_test (hosts_without_room_are_left_out),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
