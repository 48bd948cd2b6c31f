//  upstream_words: what error bodies say.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "actors/upstream/upstream_words.h"

static upstream_words_t
s_words (const char *body)
{
    cJSON *slice = cJSON_Parse (
        "{\"api_base\":\"http://a\",\"auth\":{\"type\":\"bearer\","
        "\"api_key\":\"sk-secret-1\"}}");
    upstream_endpoint_t *endpoint = upstream_endpoint_new ("", slice, NULL, NULL);
    char room[2048];
    size_t size = strlen (body);
    memcpy (room, body, size + 1);
    upstream_words_t words = upstream_words_read (endpoint, (uint8_t *) room, size);
    upstream_endpoint_destroy (&endpoint);
    cJSON_Delete (slice);
    return words;
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
a_full_context_is_known (void **state)
{
    (void) state;
    static const char *const full[] = {
        "{\"error\":{\"message\":\"x\",\"code\":\"context_length_exceeded\"}}",
        "{\"error\":{\"message\":\"prompt is too long: 9 tokens > 8 maximum\"}}",
        "{\"error\":{\"message\":\"This model's maximum context length is 8\"}}",
        "{\"error\":{\"message\":\"The input token count (9) exceeds the maximum\"}}",
    };
    for (size_t i = 0; i < sizeof full / sizeof *full; i++) {
        upstream_words_t words = s_words (full[i]);
        upstream_failure_t failure = upstream_failure_of_status (400);
        upstream_words_judge (&words, &failure);
        assert_int_equal (failure.code, BR_ECONTEXT);
        assert_true (failure.retry);
    }
    upstream_words_t words = s_words ("{\"error\":{\"message\":\"no such tool\"}}");
    upstream_failure_t failure = upstream_failure_of_status (400);
    upstream_words_judge (&words, &failure);
    assert_int_equal (failure.code, BR_EINVALID);
}

static void
googles_details_tell_of_keys_and_of_waiting (void **state)
{
    (void) state;
    upstream_words_t words = s_words (
        "{\"error\":{\"code\":429,\"message\":\"slow\",\"details\":[{\"@type\":\"x\"},"
        "{\"retryDelay\":\"34.4s\"},7]}}");
    assert_int_equal (words.retry_s, 35);
    assert_int_equal (
        s_words ("{\"error\":{\"details\":[{\"retryDelay\":\"x\"}]}}").retry_s, 0);
    words = s_words ("{\"error\":{\"code\":400,\"message\":\"API key not valid\","
                     "\"details\":[{\"reason\":\"API_KEY_INVALID\"}]}}");
    upstream_failure_t failure = upstream_failure_of_status (400);
    upstream_words_judge (&words, &failure);
    assert_int_equal (failure.code, BR_EUPAUTH);
    assert_false (failure.passes_body);
}

static void
overload_is_told_apart (void **state)
{
    (void) state;
    upstream_words_t words = s_words ("{}");
    static const struct {
        unsigned status;
        br_code_t code;
    } rows[] = {
        { 503, BR_EUNAVAILABLE }, { 529, BR_EUNAVAILABLE }, { 500, BR_EUPBAD },
        { 429, BR_EUPLIMIT },     { 413, BR_ETOOBIG },      { 404, BR_ENOTFOUND }
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        upstream_failure_t failure = upstream_failure_of_status (rows[i].status);
        upstream_words_judge (&words, &failure);
        assert_int_equal (failure.code, rows[i].code);
    }
}

static void
the_text_is_what_clients_look_for (void **state)
{
    (void) state;
    upstream_words_t words = s_words (
        "{\"error\":{\"message\":\"maximum context length\"}}");
    upstream_failure_t failure = upstream_failure_of_status (400);
    upstream_words_judge (&words, &failure);
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
        cmocka_unit_test (a_full_context_is_known),
        cmocka_unit_test (googles_details_tell_of_keys_and_of_waiting),
        cmocka_unit_test (overload_is_told_apart),
        cmocka_unit_test (the_text_is_what_clients_look_for),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
