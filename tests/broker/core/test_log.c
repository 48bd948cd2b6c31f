//  log: one write a line, nothing below the level, no line that breaks another.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cJSON.h>
#include <cmocka.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "broker/core/log.h"

#define THREADS 4
#define LINES 200 //  of each thread

//  What an entry with its fields became, a C string. room has space for BR_LOG_LINE_MAX + 1.
static void
s_entry (br_log_format_t format, const char *text, const br_log_field_t *fields,
         size_t count, char *room)
{
    int pipes[2];
    assert_int_equal (pipe2 (pipes, O_NONBLOCK), 0);
    br_log_t log = { .fd = pipes[1], .format = format, .host = "shard-1" };
    br_log_fields (&log, BR_LOG_INFO, "ingress", text, fields, count);
    ssize_t size = read (pipes[0], room, BR_LOG_LINE_MAX);
    assert_true (size > 1);
    room[size] = 0;
    assert_ptr_equal (strchr (room, '\n'), room + size - 1);
    assert_int_equal (read (pipes[0], room + size, 1), -1); //  nothing else
    close (pipes[0]);
    close (pipes[1]);
}

//  The same as an object. "caller destroys"
static cJSON *
s_object (const char *text, const br_log_field_t *fields, size_t count)
{
    char line[BR_LOG_LINE_MAX + 1];
    s_entry (BR_LOG_JSON, text, fields, count, line);
    const char *end = NULL;
    cJSON *json = cJSON_ParseWithOpts (line, &end, false);
    if (!json)
        fail_msg ("no JSON: %s", line);
    assert_string_equal (end, "\n");
    return json;
}

static const char *
s_member (const cJSON *json, const char *name)
{
    const char *text = cJSON_GetStringValue (cJSON_GetObjectItem (json, name));
    return text ? text : "none";
}

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
    //  C1 (a terminal's CSI), the separators of lines and paragraphs, and no UTF-8 at all
    s_line (BR_LOG_INFO, BR_LOG_INFO,
            "a\xc2\x9b"
            "b\xe2\x80\xa8"
            "c\xe2\x80\xa9"
            "d\xff\xc3",
            line);
    assert_non_null (strstr (line, ": a?b?c?d\xef\xbf\xbd\xef\xbf\xbd\n"));
}

static void
test_a_line_of_json_has_members (void **state)
{
    (void) state;
    int y, mo, d, h, mi, s, ms, at = 0;
    cJSON *json = s_object ("it rains", NULL, 0);
    const char *time = s_member (json, "time");
    assert_int_equal (sscanf (time, "%4d-%2d-%2dT%2d:%2d:%2d.%3dZ%n", &y, &mo, &d, &h,
                              &mi, &s, &ms, &at),
                      7);
    assert_string_equal (time + at, "");
    assert_string_equal (s_member (json, "level"), "info");
    assert_string_equal (s_member (json, "actor"), "ingress");
    assert_string_equal (s_member (json, "host"), "shard-1");
    assert_string_equal (s_member (json, "message"), "it rains");
    assert_null (cJSON_GetObjectItem (json, "fields"));
    assert_null (cJSON_GetObjectItem (json, "cut"));
    cJSON_Delete (json);
}

//  Given no host, then the line names none.
static void
test_a_line_may_be_of_no_host (void **state)
{
    (void) state;
    int pipes[2];
    char line[BR_LOG_LINE_MAX + 1];
    assert_int_equal (pipe (pipes), 0);
    br_log_t log = { .fd = pipes[1], .format = BR_LOG_JSON };
    br_log_line (&log, BR_LOG_INFO, "conf", "%d", 3);
    ssize_t size = read (pipes[0], line, sizeof line - 1);
    assert_true (size > 0);
    line[size] = 0;
    assert_non_null (strstr (line, "\"info\",\"actor\":\"conf\",\"message\":\"3\"}\n"));
    close (pipes[0]);
    close (pipes[1]);
}

static void
test_strings_of_json_are_strict (void **state)
{
    (void) state;
    cJSON *json = s_object ("a\nb\"c\\d\x01\x7f\te \xc3\xa9 \xc2\x85 \xf0\x9f\x98\x80",
                            NULL, 0);
    assert_string_equal (s_member (json, "message"),
                         "a\nb\"c\\d\x01\x7f\te \xc3\xa9 \xc2\x85 \xf0\x9f\x98\x80");
    cJSON_Delete (json);
    json = s_object ("\xff|\xc3|\xed\xa0\x80|\xc0\x80", NULL, 0);
    assert_string_equal (s_member (json, "message"),
                         "\xef\xbf\xbd|\xef\xbf\xbd|\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd|"
                         "\xef\xbf\xbd\xef\xbf\xbd");
    cJSON_Delete (json);
    char line[BR_LOG_LINE_MAX + 1];
    s_entry (BR_LOG_JSON, "\n\x7f\xe2\x80\xa8", NULL, 0, line);
    assert_non_null (strstr (line, "\"\\u000a\\u007f\\u2028\""));
}

static void
test_fields_follow_the_text (void **state)
{
    (void) state;
    const br_log_field_t fields[] = {
        { .name = "route", .text = "fast" },
        { .name = "status", .number = 200 },
        { .name = "run", .text = "a b=c \"d\"\n\\" },
        { .name = "account", .text = "" },
    };
    size_t count = sizeof fields / sizeof *fields;
    char line[BR_LOG_LINE_MAX + 1];
    s_entry (BR_LOG_TEXT, "request finished", fields, count, line);
    assert_non_null (strstr (line,
                             " info ingress: request finished route=fast status=200 "
                             "run=\"a b=c \\\"d\\\"?\\\\\" account=\"\"\n"));
    cJSON *json = s_object ("request finished", fields, count);
    const cJSON *object = cJSON_GetObjectItem (json, "fields");
    assert_int_equal (cJSON_GetArraySize (object), 4);
    assert_string_equal (s_member (object, "route"), "fast");
    assert_int_equal (cJSON_GetNumberValue (cJSON_GetObjectItem (object, "status")), 200);
    assert_string_equal (s_member (object, "run"), "a b=c \"d\"\n\\");
    assert_string_equal (s_member (object, "account"), "");
    cJSON_Delete (json);
}

//  Given texts of every length and many fields, then a line is whole, bounded and marked.
static void
test_what_is_too_long_is_cut_and_marked (void **state)
{
    (void) state;
    static const char *const parts[] = { "x",    "\n",          "\"", "\xf0\x9f\x98\x80",
                                         "\xff", "\xe2\x80\xa8" };
    static char text[3 * BR_LOG_LINE_MAX];
    char value[2 * BR_LOG_VALUE_MAX];
    memset (value, '\n', sizeof value - 1);
    value[sizeof value - 1] = 0;
    br_log_field_t fields[16];
    for (size_t i = 0; i < 16; i++)
        fields[i] = (br_log_field_t) { .name = "field", .text = i % 3 ? value : "short" };
    for (size_t part = 0; part < sizeof parts / sizeof *parts; part++) {
        size_t size = strlen (parts[part]), used = 0;
        for (text[0] = 0; used + size < sizeof text; used += size) {
            memcpy (text + used, parts[part], size + 1);
            if (used > BR_LOG_LINE_MAX + 100 || used % 97 > 6)
                continue;
            char line[BR_LOG_LINE_MAX + 1];
            s_entry (BR_LOG_TEXT, text, fields, 16, line);
            assert_non_null (strstr (line, "..."));
            cJSON *json = s_object (text, fields, 16);
            assert_true (cJSON_IsTrue (cJSON_GetObjectItem (json, "cut")));
            cJSON_Delete (json);
        }
        cJSON *json = s_object (text, NULL, 0);
        const char *message = s_member (json, "message");
        assert_true (strlen (message) > BR_LOG_LINE_MAX / 8);
        assert_string_equal (message + strlen (message) - 3, "...");
        cJSON_Delete (json);
    }
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

static void
test_formats_have_names (void **state)
{
    (void) state;
    br_log_format_t format = BR_LOG_TEXT;
    assert_int_equal (br_log_format_of ("json", &format), 0);
    assert_int_equal (format, BR_LOG_JSON);
    assert_int_equal (br_log_format_of ("TEXT", &format), 0);
    assert_int_equal (format, BR_LOG_TEXT);
    assert_int_equal (br_log_format_of ("xml", &format), -1);
    assert_string_equal (br_log_format_name (BR_LOG_JSON), "json");
    assert_string_equal (br_log_format_name (BR_LOG_FORMATS), "?");
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
        cmocka_unit_test (test_a_line_of_json_has_members),
        cmocka_unit_test (test_a_line_may_be_of_no_host),
        cmocka_unit_test (test_strings_of_json_are_strict),
        cmocka_unit_test (test_fields_follow_the_text),
        cmocka_unit_test (test_what_is_too_long_is_cut_and_marked),
        cmocka_unit_test (test_long_lines_are_cut),
        cmocka_unit_test (test_a_long_name_is_cut_too),
        cmocka_unit_test (test_levels_have_names),
        cmocka_unit_test (test_formats_have_names),
        cmocka_unit_test (test_lines_of_threads_never_mix),
    };
    return cmocka_run_group_tests_name ("log", tests, NULL, NULL);
}
