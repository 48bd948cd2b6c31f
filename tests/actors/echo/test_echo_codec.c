//  echo_codec: echoes in the protocols that are not Chat.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "actors/echo/echo_codec.h"

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

typedef void (say_fn) (const echo_reply_t *self, echo_piece_fn *fn, void *arg);

//  What is said to a body. "caller frees out->bytes"
static void
s_echo (br_protocol_t protocol, const char *body, say_fn *say, out_t *out)
{
    echo_reply_t *reply = echo_reply_new (protocol, false, body, strlen (body));
    reply->model = "echo-1";
    strcpy (reply->call, "a1-b2");
    reply->created = 7;
    *out = (out_t) { .pieces = 0 };
    br_buf_init (&out->bytes, 1u << 20);
    say (reply, s_take, out);
    echo_reply_destroy (&reply);
}

static const struct {
    br_protocol_t protocol;
    const char *body;
    const char *whole; //  in the answer
    const char *first; //  in the stream
    const char *last;
    const char *count;
} s_rows[] = {
    { BR_PROTOCOL_MESSAGES,
      "{\"model\":\"m\",\"max_tokens\":5,\"messages\":[{\"role\":\"user\",\"content\":"
      "\"no\"},{\"role\":\"assistant\",\"content\":\"x\"},{\"role\":\"user\",\"content\":"
      "[{\"type\":\"text\",\"text\":\"to be\"}]}]}",
      "{\"type\":\"text\",\"text\":\"to be\"", "event: message_start\n",
      "event: message_stop\n", "{\"input_tokens\":2}" },
    { BR_PROTOCOL_RESPONSES, "{\"model\":\"m\",\"input\":\"to be\"}",
      "\"text\":\"to be\"", "event: response.created\n", "event: response.completed\n",
      "{\"object\":\"response.input_tokens\",\"input_tokens\":2}" },
    { BR_PROTOCOL_GOOGLE,
      "{\"contents\":[{\"role\":\"user\",\"parts\":[{\"text\":\"to be\"}]}]}",
      "{\"text\":\"to be\"}", "\"candidates\"", "\"finishReason\":\"STOP\"",
      "{\"totalTokens\":2}" },
};

#define ROWS (sizeof s_rows / sizeof *s_rows)

static void
a_whole_answer_says_the_last_words (void **state)
{
    (void) state;
    for (size_t i = 0; i < ROWS; i++) {
        out_t out;
        s_echo (s_rows[i].protocol, s_rows[i].body, echo_reply_whole, &out);
        assert_int_equal (out.pieces, 1);
        const char *text = br_buf_text (&out.bytes);
        assert_non_null (strstr (text, s_rows[i].whole));
        assert_non_null (strstr (text, "echo-1"));
        br_buf_free (&out.bytes);
    }
}

static void
a_stream_says_word_by_word (void **state)
{
    (void) state;
    for (size_t i = 0; i < ROWS; i++) {
        out_t out;
        s_echo (s_rows[i].protocol, s_rows[i].body, echo_reply_stream, &out);
        assert_in_range (out.pieces, 2, 9);
        const char *text = br_buf_text (&out.bytes);
        assert_non_null (strstr (text, s_rows[i].first));
        assert_non_null (strstr (text, "\"to \""));
        assert_non_null (strstr (text, "\"be\""));
        assert_non_null (strstr (text, s_rows[i].last));
        br_buf_free (&out.bytes);
    }
}

static void
a_count_is_that_of_the_text (void **state)
{
    (void) state;
    for (size_t i = 0; i < ROWS; i++) {
        out_t out;
        s_echo (s_rows[i].protocol, s_rows[i].body, echo_reply_count, &out);
        assert_string_equal (br_buf_text (&out.bytes), s_rows[i].count);
        br_buf_free (&out.bytes);
    }
}

static void
what_makes_no_sense_is_greeted (void **state)
{
    (void) state;
    for (size_t i = 0; i < ROWS; i++) {
        out_t out;
        s_echo (s_rows[i].protocol, "{\"messages\":7,\"input\":{},\"contents\":1",
                echo_reply_whole, &out);
        assert_non_null (strstr (br_buf_text (&out.bytes), "hello"));
        br_buf_free (&out.bytes);
        s_echo (s_rows[i].protocol, "", echo_reply_stream, &out);
        assert_non_null (strstr (br_buf_text (&out.bytes), "hello"));
        br_buf_free (&out.bytes);
    }
}

//  The actor refuses what has a fault.
static void
a_fault_is_told_with_its_place (void **state)
{
    (void) state;
    static const char no_maximum[] =
        "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]}";
    br_protocol_t messages = BR_PROTOCOL_MESSAGES;
    echo_reply_t *reply = echo_reply_new (messages, false, no_maximum,
                                          sizeof no_maximum - 1);
    assert_int_equal (reply->fault.code, BR_EINVALID);
    assert_non_null (strstr (reply->fault.text, "max_tokens"));
    echo_reply_destroy (&reply);
    reply = echo_reply_new (messages, true, no_maximum, sizeof no_maximum - 1);
    assert_int_equal (reply->fault.code, BR_OK); //  to count it is not needed
    assert_int_equal (reply->input_tokens, 1);
    echo_reply_destroy (&reply);
    char *large = calloc (1, ECHO_BODY_MAX + 1); //  not looked into, so it has no fault
    reply = echo_reply_new (messages, false, large, ECHO_BODY_MAX + 1);
    assert_int_equal (reply->fault.code, BR_OK);
    echo_reply_destroy (&reply);
    free (large);
}

static void
a_long_stream_stays_in_the_first_window (void **state)
{
    (void) state;
    br_buf_t body;
    br_buf_init (&body, 1u << 20);
    br_buf_adds (&body, "{\"model\":\"m\",\"input\":\"");
    for (int i = 0; i < 14000; i++)
        br_buf_adds (&body, "\\u0001 ");
    br_buf_adds (&body, "\"}");
    out_t out;
    s_echo (BR_PROTOCOL_RESPONSES, br_buf_text (&body), echo_reply_stream, &out);
    assert_in_range (out.bytes.size, 50000, ECHO_STREAM_MAX);
    assert_non_null (strstr (br_buf_text (&out.bytes), "event: response.completed\n"));
    br_buf_free (&out.bytes);
    br_buf_free (&body);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (a_whole_answer_says_the_last_words),
        cmocka_unit_test (a_stream_says_word_by_word),
        cmocka_unit_test (a_count_is_that_of_the_text),
        cmocka_unit_test (what_makes_no_sense_is_greeted),
        cmocka_unit_test (a_fault_is_told_with_its_place),
        cmocka_unit_test (a_long_stream_stays_in_the_first_window),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
