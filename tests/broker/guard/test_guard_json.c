//  guard_json: runs of a JSON text, and its view.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "broker/guard/guard_json.h"

#define VIEW_MAX 4096 //  bytes

//  A letter for each byte: structure, key, value, scalar; capital when it is whole.
static void
s_draw (const guard_json_t *json, br_buf_t *out)
{
    static const char letters[] = { '.', 'k', 'v', 's' };
    size_t count = 0;
    const guard_run_t *run = guard_json_runs (json, &count);
    for (; count; count--, run++)
        for (uint64_t i = 0; i < run->size; i++)
            br_buf_addc (out,
                         (char) (letters[run->leaf] - (run->is_whole ? 'a' - 'A' : 0)));
}

//  Reads the text in pieces of at most `most` bytes.
static guard_json_t *
s_read (const char *text, size_t most, br_buf_t *view)
{
    guard_json_t *json = guard_json_new ();
    size_t size = strlen (text);
    for (size_t taken = 0; taken < size;) {
        taken = taken + most < size ? taken + most : size;
        size_t read = (size_t) guard_json_size (json);
        read += guard_json_read (json, text + read, taken - read, taken == size, view);
        assert_int_equal (read, guard_json_size (json));
    }
    assert_int_equal (guard_json_size (json), size);
    return json;
}

static void
s_check (const char *text, const char *runs, const char *expected)
{
    for (size_t most = 1; most <= strlen (text); most++) {
        br_buf_t view, drawn;
        br_buf_init (&view, VIEW_MAX);
        br_buf_init (&drawn, VIEW_MAX);
        guard_json_t *json = s_read (text, most, &view);
        s_draw (json, &drawn);
        assert_string_equal (br_buf_text (&drawn), runs);
        assert_string_equal (br_buf_text (&view), expected);
        guard_json_destroy (&json);
        br_buf_free (&drawn);
        br_buf_free (&view);
    }
}

static void
given_json_when_read_in_pieces_then_each_byte_has_its_kind (void **state)
{
    (void) state;
    s_check ("{\"a\": [1, \"b\", {\"c\":null}], \"d\":\"\"}",
             "..k....S...v.....k..SSSS.....k.....",
             "{\"a\": [1, \"b\", {\"c\":null}], \"d\":\"\"}");
    s_check ("\"x\\ny\"", ".vVVv.", "\"x\ny\"");
    s_check ("[\"\\u00e9\\ud83d\\ude00\"]", "..VVVVVVVVVVVVVVVVVV..",
             "[\"\xC3\xA9\xF0\x9F\x98\x80\"]");
}

static void
given_no_json_when_read_then_it_has_runs_all_the_same (void **state)
{
    (void) state;
    s_check ("a b", "S.S", "a b");
    s_check ("]}:\"x", "....v", "]}:\"x");
    s_check ("\"\\q\\", ".VVV", "\"q\\");
    s_check ("\"\\u12", ".VVvv", "\"u12");
    s_check ("\"\\ud83dx\"", ".VVVVVVv.", "\"\xED\xA0\xBDx\"");
}

static void
given_an_offset_of_the_view_when_asked_then_its_run_is_found (void **state)
{
    (void) state;
    br_buf_t view;
    br_buf_init (&view, VIEW_MAX);
    guard_json_t *json = s_read ("[\"ab\\u0041cd\"]", 64, &view);
    assert_string_equal (br_buf_text (&view), "[\"abAcd\"]");
    const guard_run_t *run = guard_json_run_of_view (json, 4);
    assert_true (run->is_whole && run->at == 4 && run->size == 6);
    assert_int_equal (guard_json_run_of_view (json, 5)->at, 10);
    assert_int_equal (guard_json_run (json, 9)->at, 4);
    assert_null (guard_json_run (json, 14));
    assert_null (guard_json_run_of_view (json, 9));
    guard_json_drop (json, 10);
    assert_null (guard_json_run (json, 9));
    assert_int_equal (guard_json_run (json, 10)->at, 10);
    guard_json_reset (json);
    assert_int_equal (guard_json_size (json), 0);
    guard_json_destroy (&json);
    guard_json_destroy (&json);
    br_buf_free (&view);
}

static void
given_more_depth_than_is_kept_when_read_then_keys_count_as_values (void **state)
{
    (void) state;
    char text[700] = "";
    for (size_t i = 0; i < 300; i++)
        strcat (text, "{");
    strcat (text, "\"k");
    br_buf_t view;
    br_buf_init (&view, VIEW_MAX);
    guard_json_t *json = s_read (text, 7, &view);
    assert_int_equal (guard_json_run (json, 301)->leaf, GUARD_LEAF_VALUE);
    guard_json_destroy (&json);
    br_buf_free (&view);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (given_json_when_read_in_pieces_then_each_byte_has_its_kind),
        cmocka_unit_test (given_no_json_when_read_then_it_has_runs_all_the_same),
        cmocka_unit_test (given_an_offset_of_the_view_when_asked_then_its_run_is_found),
        cmocka_unit_test (
            given_more_depth_than_is_kept_when_read_then_keys_count_as_values),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
