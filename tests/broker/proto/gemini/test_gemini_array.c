//  A stream of events as one JSON array.

#include "broker/proto/gemini/gemini_array.h"
#include "tests/broker/proto/gemini/gemini_fixture.h"

static void
s_check (const char *sse, size_t piece, const char *expected)
{
    br_buf_t out;
    gemini_array_t *array = gemini_array_new ();
    br_buf_init (&out, 4096);
    size_t size = strlen (sse);
    for (size_t at = 0; at < size; at += piece)
        assert_int_equal (gemini_array_push (array, sse + at,
                                             size - at < piece ? size - at : piece, &out),
                          0);
    gemini_array_end (array, &out);
    assert_string_equal (br_buf_text (&out), expected);
    br_buf_free (&out);
    gemini_array_destroy (&array);
    assert_null (array);
}

static void
given_streams_when_pushed_in_any_pieces_then_an_array (void **state)
{
    (void) state;
    static const struct {
        const char *sse;
        const char *array;
    } rows[] = {
        { "", "[]" },
        { "data: {\"a\":1}\r\n\r\ndata: {\"b\":2}\r\n\r\n",
          "[{\"a\":1}\n,\n{\"b\":2}\n]" },
        { "data:{\"a\":1}\n\n: comment\n\ndata: {\"b\":2}\n\n",
          "[{\"a\":1}\n,\n{\"b\":2}\n]" },
        { "data: {\"a\":\rdata: 1}\r\r", "[{\"a\":\n1}\n]" },
        { "event: x\ndata: {}\nid: 1\n\ndata: [DONE]\n\n", "[{}\n]" },
        { "data: {\"cut\":1}\n", "[]" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        for (size_t piece = 1; piece < 40; piece++)
            s_check (rows[i].sse, piece, rows[i].array);
}

static void
given_an_event_that_has_ended_when_pushed_then_it_is_out_at_once (void **state)
{
    (void) state;
    br_buf_t out;
    gemini_array_t *array = gemini_array_new ();
    br_buf_init (&out, 4096);
    assert_int_equal (gemini_array_push (array, "data: {}\n\n", 10, &out), 0);
    assert_string_equal (br_buf_text (&out), "[{}");
    br_buf_free (&out);
    gemini_array_destroy (&array);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (given_streams_when_pushed_in_any_pieces_then_an_array),
        cmocka_unit_test (
            given_an_event_that_has_ended_when_pushed_then_it_is_out_at_once),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
