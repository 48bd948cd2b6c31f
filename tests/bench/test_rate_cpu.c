//  CPU time is read for groups of processes; texts that name none are refused.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <unistd.h>

#include <cmocka.h>

#include "bench/rate_cpu.h"

static void
groups_are_read_from_text (void **state)
{
    (void) state;
    rate_cpu_t cpu = { .groups_size = 0 };
    assert_int_equal (rate_cpu_add (&cpu, "peer=1,22,333"), 0);
    assert_int_equal (cpu.groups_size, 1);
    assert_string_equal (cpu.groups[0].name, "peer");
    assert_int_equal (cpu.groups[0].pids_size, 3);
    assert_int_equal (cpu.groups[0].pids[2], 333);
}

static void
other_texts_are_refused (void **state)
{
    (void) state;
    static const char *texts[] = { "",        "peer",
                                   "=1",      "peer=",
                                   "peer=x",  "peer=1;2",
                                   "peer=-1", "a-name-that-is-longer-than-it-may-be=1" };
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        rate_cpu_t cpu = { .groups_size = 0 };
        assert_int_equal (rate_cpu_add (&cpu, texts[i]), -1);
        assert_int_equal (cpu.groups_size, 0);
    }
}

static void
own_work_is_seen (void **state)
{
    (void) state;
    rate_cpu_t cpu = { .groups_size = 0 };
    char text[32];
    snprintf (text, sizeof text, "self=%d", (int) getpid ());
    assert_int_equal (rate_cpu_add (&cpu, text), 0);
    rate_cpu_start (&cpu);
    uint64_t from_ns = rate_cpu_of (getpid ());
    while (rate_cpu_of (getpid ()) < from_ns + 1000000)
        continue;
    rate_cpu_stop (&cpu);
    assert_true (cpu.groups[0].used_ns >= 1000000);
}

static void
a_process_that_is_gone_used_nothing (void **state)
{
    (void) state;
    assert_int_equal (rate_cpu_of (0x3fffffff), 0);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (groups_are_read_from_text),
        cmocka_unit_test (other_texts_are_refused),
        cmocka_unit_test (own_work_is_seen),
        cmocka_unit_test (a_process_that_is_gone_used_nothing),
    };
    return cmocka_run_group_tests_name ("rate_cpu", tests, NULL, NULL);
}
