//  json_writer: commas, keys and values.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "broker/core/json_writer.h"

static br_buf_t s_out;

static int
s_setup (void **state)
{
    (void) state;
    br_buf_init (&s_out, 1000);
    return 0;
}

static int
s_teardown (void **state)
{
    (void) state;
    br_buf_free (&s_out);
    return 0;
}

static void
test_commas_stand_between_items_alone (void **state)
{
    (void) state;
    json_writer_t writer = json_writer (&s_out);
    json_open (&writer, NULL, '{');
    json_put_string (&writer, "a", "x\"\n");
    json_open (&writer, "b", '[');
    json_close (&writer, ']');
    json_open (&writer, "c", '[');
    json_put_integer (&writer, NULL, -5);
    json_put_bool (&writer, NULL, true);
    json_put_null (&writer, NULL);
    json_open (&writer, NULL, '{');
    json_close (&writer, '}');
    json_close (&writer, ']');
    json_put_raw (&writer, "d", BR_TEXT ("{\"k\": 1e400}"));
    json_put_bool (&writer, "e", false);
    json_close (&writer, '}');
    assert_string_equal (br_buf_text (&s_out),
                         "{\"a\":\"x\\\"\\n\",\"b\":[],\"c\":[-5,true,null,{}],"
                         "\"d\":{\"k\": 1e400},\"e\":false}");
}

static void
test_absent_texts_are_null_or_left_out (void **state)
{
    (void) state;
    json_writer_t writer = json_writer (&s_out);
    json_open (&writer, NULL, '{');
    json_put (&writer, "a", BR_TEXT_NONE);
    json_put (&writer, "b", BR_TEXT (""));
    json_put_given (&writer, "c", BR_TEXT (""));
    json_put_given (&writer, "d", BR_TEXT ("x"));
    json_put_raw (&writer, "e", BR_TEXT_NONE);
    json_put_raw_given (&writer, "f", BR_TEXT_NONE);
    json_put_raw_given (&writer, "g", BR_TEXT ("0"));
    json_close (&writer, '}');
    assert_string_equal (br_buf_text (&s_out),
                         "{\"a\":null,\"b\":\"\",\"d\":\"x\",\"e\":null,\"g\":0}");
}

static void
test_any_key_may_be_written (void **state)
{
    (void) state;
    json_writer_t writer = json_writer (&s_out);
    json_open (&writer, NULL, '{');
    json_put_key (&writer, BR_TEXT ("a\"b"));
    json_put_integer (&writer, NULL, 1);
    json_put_key (&writer, BR_TEXT ("c"));
    json_open (&writer, NULL, '[');
    json_close (&writer, ']');
    json_close (&writer, '}');
    assert_string_equal (br_buf_text (&s_out), "{\"a\\\"b\":1,\"c\":[]}");
}

static void
test_a_string_grows_by_pieces (void **state)
{
    (void) state;
    json_writer_t writer = json_writer (&s_out);
    json_open (&writer, NULL, '[');
    json_text_begin (&writer, NULL);
    json_text_end (&writer);
    json_text_begin (&writer, NULL);
    json_text_add (&writer, BR_TEXT ("a\""));
    json_text_add (&writer, BR_TEXT_NONE);
    json_text_add (&writer, BR_TEXT ("\xc3\xa9"));
    json_text_end (&writer);
    json_close (&writer, ']');
    assert_string_equal (br_buf_text (&s_out), "[\"\",\"a\\\"\xc3\xa9\"]");
}

static void
test_a_full_buffer_says_so (void **state)
{
    (void) state;
    br_buf_t small;
    br_buf_init (&small, 8);
    json_writer_t writer = json_writer (&small);
    json_text_begin (&writer, NULL);
    json_text_add (&writer, BR_TEXT ("0123456789"));
    json_text_add (&writer, BR_TEXT ("01"));
    json_text_end (&writer);
    assert_true (small.overflow);
    br_buf_free (&small);
}

#define TEST(name) cmocka_unit_test_setup_teardown (name, s_setup, s_teardown)

int
main (void)
{
    const struct CMUnitTest tests[] = {
        TEST (test_commas_stand_between_items_alone),
        TEST (test_absent_texts_are_null_or_left_out),
        TEST (test_any_key_may_be_written),
        TEST (test_a_string_grows_by_pieces),
        TEST (test_a_full_buffer_says_so),
    };
    return cmocka_run_group_tests_name ("json_writer", tests, NULL, NULL);
}
