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

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (a_type_says_what_an_answer_is),
        cmocka_unit_test (a_wrong_type_is_told_by_the_first_bytes),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
