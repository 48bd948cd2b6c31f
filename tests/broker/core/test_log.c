//  log: one write a line, nothing below the level, no line that breaks another.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "broker/core/log.h"

#define THREADS 4
#define LINES 200 //  of each thread

//  What one line of log became. room has space for BR_LOG_LINE_MAX + 1.
static size_t
s_line (br_log_level_t at, br_log_level_t level, const char *text, char *room)
{
    int pipes[2];
    assert_int_equal (pipe2 (pipes, O_NONBLOCK), 0);
    br_log_t log = { .fd = pipes[1], .level = at };
    br_log_line (&log, level, "host/actor", "%s", text);
    ssize_t size = read (pipes[0], room, BR_LOG_LINE_MAX + 1);
    close (pipes[0]);
    close (pipes[1]);
    size = size > 0 ? size : 0;
    room[size < BR_LOG_LINE_MAX ? size : BR_LOG_LINE_MAX] = 0;
    return (size_t) size;
}

static void
test_a_line_has_time_level_and_who (void **state)
{
    (void) state;
    char line[BR_LOG_LINE_MAX + 2];
    int y, mo, d, h, mi, s, ms, at = 0;
    s_line (BR_LOG_INFO, BR_LOG_WARN, "it rains", line);
    assert_int_equal (sscanf (line, "%4d-%2d-%2dT%2d:%2d:%2d.%3dZ%n", &y, &mo, &d, &h,
                              &mi, &s, &ms, &at),
                      7);
    assert_string_equal (line + at, " warn host/actor: it rains\n");
}

static void
test_lines_below_the_level_are_not_written (void **state)
{
    (void) state;
    char line[BR_LOG_LINE_MAX + 2];
    for (unsigned at = 0; at < BR_LOG_LEVELS; at++)
        for (unsigned level = 0; level < BR_LOG_LEVELS; level++)
            assert_int_equal (s_line (at, level, "x", line) > 0, level >= at);
    br_log_t nowhere = { .fd = -1 };
    br_log_line (&nowhere, BR_LOG_ERROR, "x", "nobody hears");
}

static void
test_control_characters_cannot_forge_lines (void **state)
{
    (void) state;
    char line[BR_LOG_LINE_MAX + 2];
    s_line (BR_LOG_INFO, BR_LOG_INFO, "a\nb\r\x1b[31m\x7f\tz \xc3\xa9", line);
    assert_non_null (strstr (line, ": a?b??[31m??z \xc3\xa9\n"));
}

static void
test_long_lines_are_cut (void **state)
{
    (void) state;
    char text[2 * BR_LOG_LINE_MAX];
    char line[BR_LOG_LINE_MAX + 2];
    for (size_t size = BR_LOG_LINE_MAX - 100; size < sizeof text; size++) {
        memset (text, 'x', size);
        text[size] = 0;
        size_t written = s_line (BR_LOG_INFO, BR_LOG_INFO, text, line);
        assert_true (written <= BR_LOG_LINE_MAX);
        assert_int_equal (line[written - 1], '\n');
        size += size > BR_LOG_LINE_MAX + 2 ? 500 : 0;
    }
}

static void
test_a_long_name_is_cut_too (void **state)
{
    (void) state;
    char who[2 * BR_LOG_LINE_MAX];
    memset (who, 'w', sizeof who - 1);
    who[sizeof who - 1] = 0;
    int pipes[2];
    assert_int_equal (pipe (pipes), 0);
    br_log_t log = { .fd = pipes[1] };
    br_log_line (&log, BR_LOG_INFO, who, "text");
    char line[BR_LOG_LINE_MAX + 2];
    ssize_t size = read (pipes[0], line, sizeof line);
    assert_true (size > 0 && size <= BR_LOG_LINE_MAX);
    assert_int_equal (line[size - 1], '\n');
    close (pipes[0]);
    close (pipes[1]);
}

static void
test_levels_have_names (void **state)
{
    (void) state;
    for (unsigned i = 0; i < BR_LOG_LEVELS; i++) {
        br_log_level_t level;
        assert_int_equal (br_log_level_of (br_log_level_name (i), &level), 0);
        assert_int_equal (level, i);
    }
    br_log_level_t level = BR_LOG_WARN;
    assert_int_equal (br_log_level_of ("ERROR", &level), 0);
    assert_int_equal (level, BR_LOG_ERROR);
    assert_int_equal (br_log_level_of ("loud", &level), -1);
    assert_int_equal (br_log_level_of ("", &level), -1);
    assert_int_equal (level, BR_LOG_ERROR);
    assert_string_equal (br_log_level_name (BR_LOG_LEVELS), "?");
}

static void *
s_write (void *arg)
{
    for (int i = 0; i < LINES; i++)
        br_log_line (arg, BR_LOG_INFO, "thread", "%0200d", i);
    return NULL;
}

//  Given threads that write to one log, then each line is whole.
static void
test_lines_of_threads_never_mix (void **state)
{
    (void) state;
    int pipes[2];
    assert_int_equal (pipe (pipes), 0);
    br_log_t log = { .fd = pipes[1] };
    pthread_t threads[THREADS];
    for (int i = 0; i < THREADS; i++)
        pthread_create (&threads[i], NULL, s_write, &log);
    FILE *file = fdopen (pipes[0], "r");
    char line[BR_LOG_LINE_MAX];
    for (int i = 0; i < THREADS * LINES; i++) {
        assert_non_null (fgets (line, sizeof line, file));
        const char *text = strstr (line, " info thread: ");
        assert_non_null (text);
        assert_int_equal (strlen (text), strlen (" info thread: ") + 200 + 1);
    }
    for (int i = 0; i < THREADS; i++)
        pthread_join (threads[i], NULL);
    fclose (file);
    close (pipes[1]);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (test_a_line_has_time_level_and_who),
        cmocka_unit_test (test_lines_below_the_level_are_not_written),
        cmocka_unit_test (test_control_characters_cannot_forge_lines),
        cmocka_unit_test (test_long_lines_are_cut),
        cmocka_unit_test (test_a_long_name_is_cut_too),
        cmocka_unit_test (test_levels_have_names),
        cmocka_unit_test (test_lines_of_threads_never_mix),
    };
    return cmocka_run_group_tests_name ("log", tests, NULL, NULL);
}
