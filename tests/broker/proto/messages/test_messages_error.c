//  Errors, ours as Anthropic would say them, and Anthropic's as ours.

#include "tests/broker/proto/messages/given.h"

static void
given_codes_when_written_then_status_and_type_are_anthropic_s (void **state)
{
    (void) state;
    static const struct {
        br_code_t code;
        unsigned status;
        const char *type;
    } rows[] = {
        { BR_EINVALID, 400, "invalid_request_error" },
        { BR_EAUTH, 401, "authentication_error" },
        { BR_EFORBIDDEN, 403, "permission_error" },
        { BR_ENOTFOUND, 404, "not_found_error" },
        { BR_ETOOBIG, 413, "request_too_large" },
        { BR_EUPLIMIT, 429, "rate_limit_error" },
        { BR_EINTERNAL, 500, "api_error" },
        { BR_EUPAUTH, 502, "api_error" },
        { BR_EUPBAD, 502, "api_error" },
        { BR_EUNAVAILABLE, 529, "overloaded_error" },
        { BR_EBUSY, 529, "overloaded_error" },
        { BR_ETIMEOUT, 504, "timeout_error" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        br_buf_t out;
        br_buf_init (&out, 4096);
        assert_int_equal (messages_codec.status (rows[i].code), rows[i].status);
        messages_codec.write_error (rows[i].code, "why \"so\"", BR_TEXT_NONE, &out);
        char *wanted = br_strf ("{\"type\":\"error\",\"error\":{\"type\":\"%s\","
                                "\"message\":\"why \\\"so\\\"\"}}",
                                rows[i].type);
        assert_string_equal (br_buf_text (&out), wanted);
        free (wanted);
        br_buf_free (&out);
    }
    for (unsigned code = 0; code <= BR_ERROR_COUNT; code++)
        assert_true (messages_codec.status ((br_code_t) code) >= 200);
}

static void
given_a_param_when_written_then_the_message_names_it_once (void **state)
{
    (void) state;
    br_buf_t out;
    br_buf_init (&out, 4096);
    messages_codec.write_error (BR_EINVALID, "must be", BR_TEXT ("a.b"), &out);
    assert_has (br_buf_text (&out), "\"message\":\"a.b: must be\"");
    br_buf_clear (&out);
    messages_codec.write_error (BR_EINVALID, "a.b: must be", BR_TEXT ("a.b"), &out);
    assert_has (br_buf_text (&out), "\"message\":\"a.b: must be\"");
    br_buf_free (&out);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (given_codes_when_written_then_status_and_type_are_anthropic_s),
        cmocka_unit_test (given_a_param_when_written_then_the_message_names_it_once),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
