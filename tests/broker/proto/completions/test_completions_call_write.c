//  Requests that are written.

#include "tests/broker/proto/completions/completions_test.h"

static void
s_expect (br_protocol_t protocol, const char *json, const char *wanted,
          const char *losses)
{
    given_t given;
    if (given_read (&given, protocol, json) || given_write (&given))
        fail_msg ("%s", given.error.text);
    assert_string_equal (br_buf_text (&given.out), wanted);
    br_buf_clear (&given.out);
    br_loss_write (given.losses, &given.out);
    assert_string_equal (br_buf_text (&given.out), losses);
    given_free (&given);
}

static void
given_one_text_when_written_then_it_is_the_prompt (void **state)
{
    (void) state;
    s_expect (BR_PROTOCOL_COMPLETIONS,
              "{\"model\":\"m\",\"prompt\":\"Once\",\"max_tokens\":5,\"stop\":[\"a\"],"
              "\"stream\":true}",
              "{\"model\":\"base\",\"stream\":true,\"stream_options\":{\"include_usage\":"
              "true},\"prompt\":\"Once\",\"max_tokens\":5,\"stop\":[\"a\"]}",
              "");
    s_expect (BR_PROTOCOL_MESSAGES,
              "{\"model\":\"m\",\"max_tokens\":9,\"top_k\":3,\"messages\":[{\"role\":"
              "\"user\",\"content\":\"hi\"}]}",
              "{\"model\":\"base\",\"prompt\":\"hi\",\"max_tokens\":9}", "dropped top_k");
}

static void
given_a_talk_when_written_then_it_is_lines_to_go_on_with (void **state)
{
    (void) state;
    s_expect (
        BR_PROTOCOL_CHAT,
        "{\"model\":\"m\",\"messages\":[{\"role\":\"system\",\"content\":\"Be "
        "brief.\"},{\"role\":\"user\",\"content\":\"hi\"},{\"role\":\"assistant\","
        "\"content\":\"Yes?\"},{\"role\":\"user\",\"content\":\"1+1\"}]}",
        "{\"model\":\"base\",\"prompt\":\"system: Be brief.\\nuser: hi\\nassistant: "
        "Yes?\\nuser: 1+1\\nassistant:\",\"stop\":[\"\\nuser:\"]}",
        "changed messages");
    s_expect (BR_PROTOCOL_GOOGLE,
              "{\"contents\":[{\"role\":\"user\",\"parts\":[{\"text\":\"1+1\"}]},{"
              "\"role\":\"model\",\"parts\":[{\"text\":\"It is\"}]}]}",
              "{\"model\":\"base\",\"prompt\":\"user: 1+1\\nassistant: It "
              "is\",\"stop\":[\"\\nuser:\"]}",
              "changed contents");
}

static void
given_more_than_text_when_written_then_it_is_refused_by_the_clients_name (void **state)
{
    (void) state;
    static const struct {
        const char *json, *text;
    } rows[] = {
        { "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":"
          "\"image_url\",\"image_url\":{\"url\":\"https://a/b.png\"}}]}]}",
          "`messages[0].content[0]` cannot be carried to base of p" },
        { "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"x\"}],"
          "\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"f\"}}]}",
          "`tools` cannot" },
        { "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"x\"}],"
          "\"response_format\":{\"type\":\"json_object\"}}",
          "`response_format` cannot" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        given_t given;
        assert_int_equal (given_read (&given, BR_PROTOCOL_CHAT, rows[i].json), 0);
        assert_int_equal (given_write (&given), -1);
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
        cmocka_unit_test (given_one_text_when_written_then_it_is_the_prompt),
        cmocka_unit_test (given_a_talk_when_written_then_it_is_lines_to_go_on_with),
        cmocka_unit_test (
            given_more_than_text_when_written_then_it_is_refused_by_the_clients_name),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
