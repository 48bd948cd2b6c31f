//  The codec's table, its errors, and its tap.

#include "tests/broker/proto/completions/completions_test.h"
#include "broker/proto/tap.h"

static void
given_an_error_when_written_then_it_is_in_openais_words (void **state)
{
    (void) state;
    br_buf_t out;
    br_buf_init (&out, 1024);
    completions_codec.write_error (BR_EINVALID, "no \"x\"", BR_TEXT ("prompt"), &out);
    assert_string_equal (br_buf_text (&out),
                         "{\"error\":{\"message\":\"no \\\"x\\\"\",\"type\":\"invalid_"
                         "request_error\",\"param\":\"prompt\",\"code\":\"invalid_"
                         "request\"}}");
    br_buf_free (&out);
    assert_int_equal (completions_codec.status (BR_EINVALID), 400);
}

static void
given_an_answer_when_tapped_then_its_end_and_usage_are_known (void **state)
{
    (void) state;
    static const char answer[] =
        "data: {\"id\":\"cmpl-1\",\"model\":\"m\",\"choices\":[{"
        "\"text\":\"a\",\"index\":0,\"finish_reason\":null}]}\n\n"
        "data: {\"id\":\"cmpl-1\",\"model\":\"m\",\"choices\":[{"
        "\"text\":\"\",\"index\":0,\"finish_reason\":\"stop\"}],"
        "\"usage\":{\"prompt_tokens\":2,\"completion_tokens\":1}}"
        "\n\ndata: [DONE]\n\n";
    tap_t *tap = tap_new (BR_PROTOCOL_COMPLETIONS, true);
    assert_int_equal (tap_push (tap, answer, sizeof answer - 1), TAP_DATA);
    const tap_result_t *result = tap_result (tap);
    assert_true (result->done && result->complete);
    assert_string_equal (result->finish, "stop");
    assert_int_equal (result->usage.input, 2);
    tap_destroy (&tap);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (given_an_error_when_written_then_it_is_in_openais_words),
        cmocka_unit_test (given_an_answer_when_tapped_then_its_end_and_usage_are_known),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
