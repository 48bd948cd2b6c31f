//  echo_reply: what is said again, and how.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "actors/echo/echo_reply.h"

typedef struct {
    br_buf_t bytes;
    int pieces;
} out_t;

static void
s_take (void *arg, const void *bytes, size_t size)
{
    out_t *out = arg;
    br_buf_add (&out->bytes, bytes, size);
    out->pieces++;
}

static echo_reply_t *
s_reply (const char *body)
{
    echo_reply_t *reply = echo_reply_new (BR_PROTOCOL_CHAT, false, body, strlen (body));
    reply->model = "m";
    strcpy (reply->call, "id");
    reply->created = 7;
    return reply;
}

static void
s_says (const char *body, const char *text)
{
    echo_reply_t *reply = s_reply (body);
    assert_string_equal (br_buf_text (&reply->text), text);
    echo_reply_destroy (&reply);
}

static void
it_says_the_last_users_words (void **state)
{
    (void) state;
    s_says ("{\"messages\":[{\"role\":\"user\",\"content\":\"one\"},"
            "{\"role\":\"user\",\"content\":\"two\\n\"},"
            "{\"role\":\"assistant\",\"content\":\"three\"}]}",
            "two\n");
    s_says ("{\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"text\","
            "\"text\":\"a \"},{\"type\":\"image_url\"},7,{\"text\":\"b\"}]}]}",
            "a b");
}

static void
it_says_hello_where_nothing_was_said (void **state)
{
    (void) state;
    s_says ("", "hello");
    s_says ("{\"messages\":7}", "hello");
    s_says ("{\"messages\":[]}", "hello");
    s_says ("{\"messages\":[3,{\"role\":\"user\"}]}", "hello");
    s_says ("{\"messages\":[{\"role\":\"user\",\"content\":\"\"}", "hello");
}

static void
a_whole_answer_is_a_completion_with_usage (void **state)
{
    (void) state;
    echo_reply_t *reply = s_reply (
        "{\"messages\":[{\"role\":\"user\",\"content\":\"ab\\\"de\"}]}");
    out_t out = { .pieces = 0 };
    br_buf_init (&out.bytes, 1u << 20);
    echo_reply_whole (reply, s_take, &out);
    assert_int_equal (out.pieces, 1);
    assert_string_equal (
        br_buf_text (&out.bytes),
        "{\"id\":\"chatcmpl-id\",\"object\":\"chat.completion\",\"created\":7,"
        "\"model\":\"m\",\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\","
        "\"content\":\"ab\\\"de\"},\"finish_reason\":\"stop\"}],\"usage\":"
        "{\"prompt_tokens\":2,\"completion_tokens\":2,\"total_tokens\":4}}");
    br_buf_free (&out.bytes);
    echo_reply_destroy (&reply);
}

static void
a_stream_has_an_event_for_each_word (void **state)
{
    (void) state;
    echo_reply_t *reply = s_reply (
        "{\"messages\":[{\"role\":\"user\",\"content\":\"to  be or\\nnot\"}]}");
    out_t out = { .pieces = 0 };
    br_buf_init (&out.bytes, 1u << 20);
    echo_reply_stream (reply, s_take, &out);
    assert_int_equal (out.pieces, 6);
    const char *text = br_buf_text (&out.bytes);
    assert_non_null (strstr (text, "{\"role\":\"assistant\",\"content\":\"\"}"));
    assert_non_null (strstr (text, "{\"content\":\"to  \"}"));
    assert_non_null (strstr (text, "{\"content\":\"or\\n\"}"));
    assert_non_null (strstr (text, "\"finish_reason\":\"stop\"}],\"usage\":"));
    assert_string_equal (text + strlen (text) - 14, "data: [DONE]\n\n");
    br_buf_free (&out.bytes);
    echo_reply_destroy (&reply);
}

static void
a_long_text_is_cut_to_the_first_window (void **state)
{
    (void) state;
    //  given: words of one letter, more than fit
    br_buf_t body;
    br_buf_init (&body, 1u << 20);
    br_buf_adds (&body, "{\"messages\":[{\"role\":\"user\",\"content\":\"");
    for (int i = 0; i < 30000; i++)
        br_buf_adds (&body, "a ");
    br_buf_adds (&body, "\"}]}");
    echo_reply_t *reply = s_reply (br_buf_text (&body));
    assert_in_range (reply->text.size, ECHO_TEXT_MAX - 4, ECHO_TEXT_MAX);
    //  when, then
    out_t out = { .pieces = 0 };
    br_buf_init (&out.bytes, 1u << 20);
    echo_reply_stream (reply, s_take, &out);
    assert_in_range (out.bytes.size, 100000, ECHO_STREAM_MAX);
    br_buf_free (&out.bytes);
    br_buf_free (&body);
    echo_reply_destroy (&reply);
    echo_reply_destroy (NULL);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (it_says_the_last_users_words),
        cmocka_unit_test (it_says_hello_where_nothing_was_said),
        cmocka_unit_test (a_whole_answer_is_a_completion_with_usage),
        cmocka_unit_test (a_stream_has_an_event_for_each_word),
        cmocka_unit_test (a_long_text_is_cut_to_the_first_window),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
