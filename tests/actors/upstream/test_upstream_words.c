//  upstream_words: what error bodies say.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "actors/upstream/upstream_words.h"

static upstream_words_t
s_words_of (const char *body, unsigned status)
{
    cJSON *slice = cJSON_Parse (
        "{\"api_base\":\"http://a\",\"auth\":{\"type\":\"bearer\","
        "\"api_key\":\"sk-secret-1\"}}");
    upstream_endpoint_t *endpoint = upstream_endpoint_new ("", slice, NULL, NULL);
    char room[2048];
    size_t size = strlen (body);
    memcpy (room, body, size + 1);
    upstream_words_t words = upstream_words_read (endpoint, (uint8_t *) room, size,
                                                  status);
    upstream_endpoint_destroy (&endpoint);
    cJSON_Delete (slice);
    return words;
}

static upstream_words_t
s_words (const char *body)
{
    return s_words_of (body, 400);
}

static void
messages_are_found_in_all_shapes (void **state)
{
    (void) state;
    static const struct {
        const char *body;
        const char *text;
    } rows[] = {
        { "{\"error\":{\"message\":\"a\",\"code\":1}}", "a" },
        { "{\"type\":\"error\",\"error\":{\"type\":\"x\",\"message\":\"b\"}}", "b" },
        { "[{\"error\":{\"code\":400,\"message\":\"c\",\"status\":\"X\"}}]", "c" },
        { "{\"code\":\"invalid-argument\",\"error\":\"d\"}", "d" },
        { "{\"object\":\"error\",\"message\":\"e\",\"code\":\"3051\"}", "e" },
        { "{\"detail\":\"f\"}", "f" },
        { "{\"base_resp\":{\"status_code\":1,\"status_msg\":\"g\"}}", "g" },
        { "{\"response\":{\"error\":{\"message\":\"h\"}}}", "h" },
        { "{\"error\":{\"message\":\"key sk-secret-1 is\\nbad\"}}",
          "key *********** is bad" },
        { "{\"detail\":[{\"msg\":\"x\"}]}", "" },
        { "{}", "" },
        { "7", "" },
        { "", "" },
        { "<html>", "" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        upstream_words_t words = s_words (rows[i].body);
        assert_string_equal (words.text, rows[i].text);
    }
}

static void
a_long_message_is_cut_between_characters (void **state)
{
    (void) state;
    char body[1024] = "{\"detail\":\"";
    for (int i = 0; i < 200; i++)
        strcat (body, "\xe2\x82\xac");
    strcat (body, "\"}");
    upstream_words_t words = s_words (body);
    assert_int_equal (strlen (words.text), 381);
}

static void
what_the_words_say_is_known (void **state)
{
    (void) state;
    static const struct {
        const char *body;
        unsigned status;
        br_failure_t failure;
    } rows[] = {
        { "{\"error\":{\"message\":\"x\",\"code\":\"context_length_exceeded\"}}", 400,
          BR_FAILURE_CONTEXT },
        { "{\"error\":{\"message\":\"prompt is too long: 9 tokens > 8 maximum\"}}", 400,
          BR_FAILURE_CONTEXT },
        { "{\"error\":{\"message\":\"no such tool\"}}", 400, BR_FAILURE_NONE },
        { "{\"error\":{\"code\":\"insufficient_quota\"}}", 429, BR_FAILURE_CREDIT },
        { "{\"error\":{\"code\":400,\"details\":[{\"reason\":\"API_KEY_INVALID\"}]}}",
          400, BR_FAILURE_AUTH },
        { "{\"error\":{\"code\":429,\"details\":[{\"reason\":\"API_KEY_INVALID\"}]}}",
          429, BR_FAILURE_NONE },
        { "{}", 503, BR_FAILURE_NONE },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_int_equal (s_words_of (rows[i].body, rows[i].status).failure,
                          rows[i].failure);
}

static void
googles_details_tell_of_waiting (void **state)
{
    (void) state;
    upstream_words_t words = s_words_of (
        "{\"error\":{\"code\":429,\"message\":\"slow\",\"details\":[{\"@type\":\"x\"},"
        "{\"retryDelay\":\"34.4s\"},7]}}",
        429);
    assert_int_equal (words.retry_ms, 34400);
    assert_int_equal (
        s_words ("{\"error\":{\"details\":[{\"retryDelay\":\"x\"}]}}").retry_ms, 0);
}

static void
the_error_of_a_stream_is_found (void **state)
{
    (void) state;
    upstream_words_t words = s_words_of (
        ": ping\n\nevent: x\ndata: "
        "{\"type\":\"response.created\",\"response\":{\"error\":"
        "null}}\n\ndata: "
        "{\"type\":\"error\",\"error\":{\"type\":\"invalid_request_error\","
        "\"message\":\"Your credit balance is too low, sk-secret-1\"}}\n\n",
        0);
    assert_int_equal (words.failure, BR_FAILURE_CREDIT);
    assert_string_equal (words.text, "Your credit balance is too low, ***********");
    words = s_words_of ("data: {\"type\":\"response.failed\",\"response\":{\"error\":{"
                        "\"code\":\"insufficient_quota\",\"message\":\"m\"}}}\r\n\r\n",
                        0);
    assert_int_equal (words.failure, BR_FAILURE_CREDIT);
    assert_int_equal (s_words_of ("data: {}\n\ndata: [DONE]\n\ndata:", 0).failure,
                      BR_FAILURE_NONE);
}

static void
the_text_is_what_clients_look_for (void **state)
{
    (void) state;
    upstream_words_t words = s_words (
        "{\"error\":{\"message\":\"maximum context length\"}}");
    upstream_failure_t failure = upstream_failure_of_status (400);
    upstream_failure_judge (&failure, words.failure);
    br_error_t text;
    upstream_words_tell (&words, BR_PROTOCOL_MESSAGES, "acme", &failure, &text);
    assert_string_equal (
        text.text, "prompt is too long: provider acme refused the request as longer "
                   "than its context: maximum context length");
    upstream_words_tell (&words, BR_PROTOCOL_CHAT, "acme", &failure, &text);
    assert_int_equal (text.code, BR_ECONTEXT);
    assert_null (strstr (text.text, "prompt is too long"));
    //  what concerns our credential is not told
    failure = upstream_failure_of_status (401);
    upstream_words_tell (&words, BR_PROTOCOL_CHAT, "acme", &failure, &text);
    assert_string_equal (text.text, "provider acme refused the router's credential");
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (messages_are_found_in_all_shapes),
        cmocka_unit_test (a_long_message_is_cut_between_characters),
        cmocka_unit_test (what_the_words_say_is_known),
        cmocka_unit_test (googles_details_tell_of_waiting),
        cmocka_unit_test (the_error_of_a_stream_is_found),
        cmocka_unit_test (the_text_is_what_clients_look_for),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
