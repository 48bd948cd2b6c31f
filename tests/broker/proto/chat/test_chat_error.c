//  Errors in the shape of OpenAI, and those of other providers.

#include "tests/broker/proto/chat/chat_test.h"

static void
given_an_error_when_written_then_it_has_the_shape_of_openai (void **state)
{
    (void) state;
    br_buf_t out;
    br_buf_init (&out, 4096);
    chat_codec.write_error (BR_EINVALID, "a \"b\"", BR_TEXT_NONE, &out);
    assert_string_equal (br_buf_text (&out),
                         "{\"error\":{\"message\":\"a \\\"b\\\"\",\"type\":"
                         "\"invalid_request_error\",\"param\":null,\"code\":"
                         "\"invalid_request\"}}");
    br_buf_clear (&out);
    chat_codec.write_error (BR_EUPLIMIT, "m", BR_TEXT ("messages[0]"), &out);
    assert_string_equal (
        br_buf_text (&out),
        "{\"error\":{\"message\":\"m\",\"type\":\"rate_limit_error\","
        "\"param\":\"messages[0]\",\"code\":\"upstream_rate_limited\"}}");
    assert_int_equal (chat_codec.status (BR_EUPLIMIT), 429);
    assert_int_equal (chat_codec.status (BR_EINVALID), 400);
    br_buf_free (&out);
}

static void
given_errors_of_providers_when_read_then_they_have_a_code_and_a_text (void **state)
{
    (void) state;
    reader_expect ("{\"error\":{\"message\":\"m\",\"type\":\"t\",\"code\":\"c\"}}\n",
                   "error m EUPBAD\n");
    reader_expect ("{\"error\":{\"code\":429,\"message\":\"m\"}}\n",
                   "error m EUPLIMIT\n");
    reader_expect ("{\"code\":\"invalid-argument\",\"error\":\"text\"}\n",
                   "error text EUPBAD\n");
    reader_expect ("{\"object\":\"error\",\"message\":\"m\",\"type\":\"service_"
                   "unavailable\",\"code\":\"503\"}\n",
                   "error m EUNAVAILABLE\n");
    reader_expect ("{\"detail\":\"no key\"}\n", "error no key EUPBAD\n");
    reader_expect (
        "[{\"error\":{\"code\":503,\"message\":\"m\",\"status\":\"UNAVAILABLE\"}}]\n",
        "error m EUNAVAILABLE\n");
    reader_expect ("{\"id\":\"x\",\"choices\":null,\"base_resp\":{\"status_code\":1004,"
                   "\"status_msg\":\"m\"}}\n",
                   "error m EUPBAD\n");
    reader_expect ("{\"error\":{\"code\":504}}\n",
                   "error the provider broke the answer off ETIMEOUT\n");
    reader_expect ("{\"id\":\"x\",\"choices\":[{}],\"error\":{\"message\":\"m\"}}\n",
                   "error m EUPBAD\n");
}

static void
given_errors_that_are_none_when_read_then_the_answer_goes_on (void **state)
{
    (void) state;
    reader_expect ("{\"id\":\"c1\",\"model\":\"m\",\"error\":{},\"base_resp\":{\"status_"
                   "code\":0},\"choices\":[{\"delta\":{\"content\":\"a\"}}]}\n",
                   "start c1 m\ntext 0 a\n");
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (given_an_error_when_written_then_it_has_the_shape_of_openai),
        cmocka_unit_test (
            given_errors_of_providers_when_read_then_they_have_a_code_and_a_text),
        cmocka_unit_test (given_errors_that_are_none_when_read_then_the_answer_goes_on),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
