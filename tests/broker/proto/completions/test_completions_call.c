//  Requests that are read.

#include "tests/broker/proto/completions/completions_test.h"

static void
given_a_prompt_when_read_then_it_is_what_a_user_says (void **state)
{
    (void) state;
    static const char *const bodies[] = {
        "{\"model\":\"m\",\"prompt\":\"hi\",\"max_tokens\":5,\"stop\":\"x\",\"n\":2,"
        "\"stream\":true,\"stream_options\":{\"include_usage\":true},\"echo\":false,"
        "\"suffix\":null,\"logprobs\":3}",
        "{\"n\":1,\"stream\":true,\"n\":2,\"max_tokens\":5,\"stop\":[\"x\"],"
        "\"stream_options\":{\"include_usage\":true},\"suffix\":\"\",\"logprobs\":3,"
        "\"prompt\":[\"hi\"],\"model\":\"m\"}",
    };
    for (size_t i = 0; i < 2; i++) {
        given_t given;
        assert_int_equal (given_read (&given, BR_PROTOCOL_COMPLETIONS, bodies[i]), 0);
        const br_call_t *call = given.call;
        assert_true (br_text_is (call->model, "m"));
        assert_non_null (call->turns);
        assert_null (call->turns->next);
        assert_int_equal (call->turns->role, BR_TURN_USER);
        assert_true (br_text_is (call->turns->blocks->text, "hi"));
        assert_true (call->max_output.value == 5 && call->n.value == 2);
        assert_true (call->stop.size == 1 && br_text_is (call->stop.at[0], "x"));
        assert_true (call->stream && call->want_usage);
        assert_true (br_text_is (call->extras->field, "logprobs"));
        assert_null (call->extras->next);
        given_free (&given);
    }
}

static void
given_what_no_talk_can_be_when_read_then_it_is_refused (void **state)
{
    (void) state;
    static const struct {
        const char *json, *text;
    } rows[] = {
        { "{\"model\":\"m\"}", "`prompt` is missing" },
        { "{\"prompt\":\"x\"}", "`model` is missing" },
        { "{\"model\":\"m\",\"prompt\":[]}", "`prompt` must hold one text" },
        { "{\"model\":\"m\",\"prompt\":[\"a\",\"b\"]}", "`prompt` must hold one text" },
        { "{\"model\":\"m\",\"prompt\":[1,2]}", "`prompt` must be text" },
        { "{\"model\":\"m\",\"prompt\":[[1],[2]]}", "`prompt` must be text" },
        { "{\"model\":\"m\",\"prompt\":7}", "`prompt` must be a string" },
        { "{\"model\":\"m\",\"prompt\":\"x\",\"suffix\":\"y\"}", "`suffix` cannot" },
        { "{\"model\":\"m\",\"prompt\":\"x\",\"echo\":true}", "`echo` cannot" },
        { "{\"model\":\"m\",\"prompt\":\"x\",\"n\":\"2\"}", "`n` must be a number" },
        { "{\"model\":\"m\",\"prompt\":\"x\",\"stream\":1}", "`stream` must be" },
        { "{\"model\":\"m\",\"prompt\":\"x\",\"stop\":[1]}", "`stop[0]` must be" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        given_t given;
        assert_int_equal (given_read (&given, BR_PROTOCOL_COMPLETIONS, rows[i].json), -1);
        assert_int_equal (given.error.code, BR_EINVALID);
        if (!strstr (given.error.text, rows[i].text))
            fail_msg ("%s, wanted %s", given.error.text, rows[i].text);
        given_free (&given);
    }
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (given_a_prompt_when_read_then_it_is_what_a_user_says),
        cmocka_unit_test (given_what_no_talk_can_be_when_read_then_it_is_refused),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
