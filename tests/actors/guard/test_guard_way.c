//  guard_way: types and first bytes of answers.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "actors/guard/guard_way.h"

static guard_way_t
s_way (const char *type, const char *bytes)
{
    br_blob_t *body = br_blob_new (bytes, strlen (bytes));
    guard_way_t way = guard_way_of (type, body);
    br_blob_destroy (&body);
    return way;
}

static void
a_type_says_what_an_answer_is (void **state)
{
    (void) state;
    assert_int_equal (s_way ("text/event-stream; charset=utf-8", "{"), GUARD_WAY_EVENTS);
    assert_int_equal (s_way ("Application/JSON", "x"), GUARD_WAY_WHOLE);
    assert_int_equal (s_way ("application/problem+json;a=b", "x"), GUARD_WAY_WHOLE);
    assert_int_equal (s_way ("audio/mpeg", "ID3"), GUARD_WAY_UNKNOWN);
    assert_int_equal (s_way ("application/jsonl", "x"), GUARD_WAY_UNKNOWN);
    assert_false (guard_way_is_json ("+json"));
    assert_false (guard_way_is_json (""));
}

static void
a_wrong_type_is_told_by_the_first_bytes (void **state)
{
    (void) state;
    assert_int_equal (s_way ("text/plain", " \r\n\t{\"a\":1}"), GUARD_WAY_WHOLE);
    assert_int_equal (s_way ("", "[1]"), GUARD_WAY_WHOLE);
    assert_int_equal (s_way ("", "\ndata: x"), GUARD_WAY_EVENTS);
    assert_int_equal (s_way ("text/plain", ": comment"), GUARD_WAY_EVENTS);
    assert_int_equal (s_way ("text/plain", "dat"), GUARD_WAY_UNKNOWN);
    assert_int_equal (guard_way_of ("text/plain", NULL), GUARD_WAY_WHOLE);
}

//  What says "data:" may be a talk about it.
static void
an_answer_that_may_be_anything_is_events_by_more_than_a_word (void **state)
{
    (void) state;
    static const struct {
        const char *type;
        const char *bytes;
        guard_way_t way;
    } rows[] = {
        { "text/event-stream", "x", GUARD_WAY_EVENTS },
        { "text/plain", "data: {\"type\":1}", GUARD_WAY_EVENTS },
        { "", "data:{", GUARD_WAY_EVENTS },
        { "text/plain", "data: sk-abc", GUARD_WAY_PLAIN },
        { "text/plain", "data:", GUARD_WAY_PLAIN },
        { "text/plain", "id: sk-abc", GUARD_WAY_PLAIN },
        { "", "{\"text\":1}", GUARD_WAY_PLAIN },
        { "", "", GUARD_WAY_PLAIN },
        { "application/json", "x", GUARD_WAY_WHOLE },
        { "audio/mpeg", "ID3", GUARD_WAY_PLAIN },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        br_blob_t *body = br_blob_new (rows[i].bytes, strlen (rows[i].bytes));
        if (guard_way_of_any (rows[i].type, body) != rows[i].way)
            fail_msg ("%s %s", rows[i].type, rows[i].bytes);
        br_blob_destroy (&body);
    }
    assert_int_equal (guard_way_of_any ("", NULL), GUARD_WAY_PLAIN);
}

static void
types_of_text_and_subtitles_are_words (void **state)
{
    (void) state;
    assert_true (guard_way_is_words ("text/vtt; charset=utf-8", NULL));
    assert_true (guard_way_is_words ("Text/Plain", NULL));
    assert_true (guard_way_is_words ("application/x-subrip;a", NULL));
    assert_false (guard_way_is_words ("application/octet-stream", NULL));
    assert_false (guard_way_is_words ("audio/mpeg", NULL));
    assert_false (guard_way_is_words ("", NULL));
    br_blob_t *body = br_blob_new (" {\n\"", 4);
    assert_true (guard_way_is_words ("", body));
    br_blob_destroy (&body);
    body = br_blob_new ("{ ", 2);
    assert_false (guard_way_is_words ("", body));
    br_blob_destroy (&body);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (a_type_says_what_an_answer_is),
        cmocka_unit_test (a_wrong_type_is_told_by_the_first_bytes),
        cmocka_unit_test (an_answer_that_may_be_anything_is_events_by_more_than_a_word),
        cmocka_unit_test (types_of_text_and_subtitles_are_words),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
