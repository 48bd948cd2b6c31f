//  Deltas as a stream for a client of Google's protocol.

#include "tests/broker/proto/gemini/gemini_fixture.h"

static void
s_open (gemini_stream_t *self, const br_asked_t *asked)
{
    *self = (gemini_stream_t) { .writer = gemini_codec.writer_new (asked) };
    br_buf_init (&self->out, BR_REPLY_BYTES_MAX);
}

static void
s_close (gemini_stream_t *self)
{
    gemini_codec.writer_destroy (&self->writer);
    assert_null (self->writer);
    br_buf_free (&self->out);
}

//  What one delta made.
static const char *
s_write (gemini_stream_t *self, br_delta_t delta)
{
    br_buf_clear (&self->out);
    stream_write (self, &delta);
    return br_buf_text (&self->out);
}

static const br_asked_t s_asked = { .model = { "m", 1 }, .id = "r" };

#define TAIL                                                                             \
    "],\"role\":\"model\"},\"index\":0}],\"modelVersion\":\"m\",\"responseId\":\"r\"}"   \
    "\r\n\r\n"
#define HEAD "data: {\"candidates\":[{\"content\":{\"parts\":["

static void
given_text_when_written_then_each_piece_at_once (void **state)
{
    (void) state;
    gemini_stream_t self;
    s_open (&self, &s_asked);
    assert_string_equal (s_write (&self, (br_delta_t) { .kind = BR_DELTA_START }), "");
    assert_string_equal (s_write (&self, (br_delta_t) { .kind = BR_DELTA_REASONING,
                                                        .text = BR_TEXT ("T") }),
                         HEAD "{\"text\":\"T\",\"thought\":true}" TAIL);
    assert_string_equal (s_write (&self, (br_delta_t) { .kind = BR_DELTA_TEXT,
                                                        .block = 1,
                                                        .text = BR_TEXT ("H\n") }),
                         HEAD "{\"text\":\"H\\n\"}" TAIL);
    assert_string_equal (
        s_write (&self, (br_delta_t) { .kind = BR_DELTA_TEXT, .block = 1 }), "");
    assert_string_equal (s_write (&self, (br_delta_t) { .kind = BR_DELTA_PING }), "");
    br_usage_t usage = { .known = true, .input = 3, .output = 3, .reasoning = 2 };
    assert_string_equal (
        s_write (&self, (br_delta_t) { .kind = BR_DELTA_USAGE, .usage = usage }), "");
    assert_string_equal (s_write (&self, (br_delta_t) { .kind = BR_DELTA_FINISH,
                                                        .finish = BR_FINISH_LENGTH,
                                                        .native = BR_TEXT ("length") }),
                         "");
    const char *last = s_write (&self, (br_delta_t) { .kind = BR_DELTA_END });
    assert_has (last, HEAD "{\"text\":\"\"}],\"role\":\"model\"},\"finishReason\":"
                           "\"MAX_TOKENS\",\"index\":0}],\"usageMetadata\":{");
    assert_has (last, "\"promptTokenCount\":3");
    assert_has (last, "\"candidatesTokenCount\":1");
    assert_has (last, "\"thoughtsTokenCount\":2");
    assert_string_equal (s_write (&self, (br_delta_t) { .kind = BR_DELTA_END }), "");
    s_close (&self);
}

static void
given_a_call_in_pieces_when_written_then_whole_once_it_ends (void **state)
{
    (void) state;
    gemini_stream_t self;
    s_open (&self, &s_asked);
    s_write (&self, (br_delta_t) { .kind = BR_DELTA_CALL,
                                   .id = BR_TEXT ("i"),
                                   .name = BR_TEXT ("f") });
    assert_string_equal (s_write (&self, (br_delta_t) { .kind = BR_DELTA_ARGS,
                                                        .text = BR_TEXT ("{\"a\"") }),
                         "");
    assert_string_equal (s_write (&self, (br_delta_t) { .kind = BR_DELTA_ARGS,
                                                        .text = BR_TEXT (":\n1}") }),
                         "");
    assert_has (s_write (&self, (br_delta_t) { .kind = BR_DELTA_CALL,
                                               .block = 1,
                                               .name = BR_TEXT ("g") }),
                HEAD "{\"functionCall\":{\"id\":\"i\",\"name\":\"f\",\"args\":"
                     "{\"a\": 1}},\"thoughtSignature\":\"br1.");
    assert_has (br_buf_text (&self.out), "\"}" TAIL);
    s_write (&self,
             (br_delta_t) { .kind = BR_DELTA_ARGS, .block = 1, .text = BR_TEXT ("[1]") });
    s_write (&self,
             (br_delta_t) { .kind = BR_DELTA_FINISH, .finish = BR_FINISH_TOOL_USE });
    const char *end = s_write (&self, (br_delta_t) { .kind = BR_DELTA_END });
    assert_has (end, "{\"functionCall\":{\"name\":\"g\",\"args\":{\"value\":[1]}}}");
    assert_has (end, "\"finishReason\":\"STOP\"");
    s_close (&self);
}

static void
given_googles_signatures_when_written_then_on_their_parts (void **state)
{
    (void) state;
    gemini_stream_t self;
    br_opaque_t opaque = { .family = BR_FAMILY_GOOGLE,
                           .kind = BR_OPAQUE_THOUGHT,
                           .bytes = BR_TEXT ("s+/=") };
    s_open (&self, &s_asked);
    s_write (&self, (br_delta_t) { .kind = BR_DELTA_TEXT, .text = BR_TEXT ("a") });
    assert_string_equal (
        s_write (&self, (br_delta_t) { .kind = BR_DELTA_OPAQUE, .opaque = &opaque }),
        HEAD "{\"text\":\"\",\"thoughtSignature\":\"s+/=\"}" TAIL);
    s_write (&self,
             (br_delta_t) { .kind = BR_DELTA_CALL, .block = 1, .name = BR_TEXT ("f") });
    assert_string_equal (
        s_write (&self,
                 (br_delta_t) { .kind = BR_DELTA_OPAQUE, .block = 1, .opaque = &opaque }),
        "");
    assert_has (s_write (&self, (br_delta_t) { .kind = BR_DELTA_END }),
                "\"args\":{}},\"thoughtSignature\":\"s+/=\"}");
    s_close (&self);
}

//  Reasoning of another provider, and a call behind it: read again as a request's
//  history.
static void
given_a_foreign_signature_when_written_then_sealed_on_the_next_part (void **state)
{
    (void) state;
    gemini_stream_t self;
    br_arena_t *arena = br_arena_new ();
    br_opaque_t opaque = { .family = BR_FAMILY_ANTHROPIC,
                           .kind = BR_OPAQUE_SIGNATURE,
                           .bytes = BR_TEXT ("sig") };
    br_text_t envelope = br_envelope_seal (&opaque, arena);
    s_open (&self, &s_asked);
    s_write (&self, (br_delta_t) { .kind = BR_DELTA_REASONING, .text = BR_TEXT ("T") });
    assert_string_equal (
        s_write (&self, (br_delta_t) { .kind = BR_DELTA_OPAQUE, .opaque = &opaque }), "");
    const char *text = s_write (
        &self, (br_delta_t) { .kind = BR_DELTA_TEXT, .block = 1, .text = BR_TEXT ("a") });
    assert_has (text, "\"text\":\"a\",\"thoughtSignature\":\"br1.");
    assert_has (text, envelope.at);
    assert_has_not (s_write (&self, (br_delta_t) { .kind = BR_DELTA_TEXT,
                                                   .block = 1,
                                                   .text = BR_TEXT ("b") }),
                    "thoughtSignature");
    s_write (&self,
             (br_delta_t) { .kind = BR_DELTA_OPAQUE, .block = 2, .opaque = &opaque });
    assert_has (s_write (&self, (br_delta_t) { .kind = BR_DELTA_END }),
                "{\"text\":\"\",\"thoughtSignature\":\"br1.");
    s_close (&self);
    br_arena_destroy (&arena);
}

static void
given_calls_without_signatures_when_written_then_the_first_has_an_envelope (void **state)
{
    (void) state;
    gemini_stream_t self;
    s_open (&self, &s_asked);
    s_write (&self, (br_delta_t) { .kind = BR_DELTA_CALL, .name = BR_TEXT ("f") });
    assert_has (s_write (&self, (br_delta_t) { .kind = BR_DELTA_CALL,
                                               .block = 1,
                                               .name = BR_TEXT ("g") }),
                "{\"name\":\"f\",\"args\":{}},\"thoughtSignature\":\"br1.");
    const char *text = s_write (&self, (br_delta_t) { .kind = BR_DELTA_END });
    assert_has (text, "{\"name\":\"g\",\"args\":{}}}");
    assert_has_not (text, "thoughtSignature");
    s_close (&self);
}

static void
given_an_error_when_written_then_it_is_the_last (void **state)
{
    (void) state;
    gemini_stream_t self;
    s_open (&self, &s_asked);
    assert_string_equal (
        s_write (&self, (br_delta_t) { .kind = BR_DELTA_ERROR,
                                       .code = BR_EUPCUT,
                                       .text = BR_TEXT ("too early") }),
        "data: {\"error\":{\"code\":503,\"message\":\"too early\",\"status\":"
        "\"UNAVAILABLE\"}}\r\n\r\n");
    assert_string_equal (s_write (&self, (br_delta_t) { .kind = BR_DELTA_END }), "");
    s_close (&self);
}

static void
given_two_choices_when_written_then_both_end (void **state)
{
    (void) state;
    gemini_stream_t self;
    s_open (&self, &s_asked);
    s_write (&self, (br_delta_t) { .kind = BR_DELTA_TEXT, .text = BR_TEXT ("a") });
    assert_has (s_write (&self, (br_delta_t) { .kind = BR_DELTA_TEXT,
                                               .choice = 1,
                                               .text = BR_TEXT ("b") }),
                "\"index\":1");
    s_write (&self, (br_delta_t) { .kind = BR_DELTA_FINISH, .finish = BR_FINISH_STOP });
    s_write (&self, (br_delta_t) { .kind = BR_DELTA_FINISH,
                                   .choice = 1,
                                   .finish = BR_FINISH_FILTER });
    const char *end = s_write (&self, (br_delta_t) { .kind = BR_DELTA_END });
    assert_has (end, "\"finishReason\":\"STOP\",\"index\":0},{");
    assert_has (end, "\"finishReason\":\"SAFETY\",\"index\":1}]");
    assert_string_equal (s_write (&self, (br_delta_t) { .kind = BR_DELTA_TEXT,
                                                        .choice = 128,
                                                        .text = BR_TEXT ("x") }),
                         "");
    s_close (&self);
}

//  Chat has up to 128.
static void
given_the_last_of_many_choices_when_written_then_it_ends (void **state)
{
    (void) state;
    gemini_stream_t self;
    s_open (&self, &s_asked);
    assert_has (s_write (&self, (br_delta_t) { .kind = BR_DELTA_TEXT,
                                               .choice = 127,
                                               .text = BR_TEXT ("b") }),
                "\"index\":127");
    const char *end = s_write (&self, (br_delta_t) { .kind = BR_DELTA_END });
    assert_has (end, "\"index\":0},{");
    assert_has (end, "\"index\":127}]");
    s_close (&self);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (given_text_when_written_then_each_piece_at_once),
        cmocka_unit_test (given_a_call_in_pieces_when_written_then_whole_once_it_ends),
        cmocka_unit_test (given_googles_signatures_when_written_then_on_their_parts),
        cmocka_unit_test (
            given_a_foreign_signature_when_written_then_sealed_on_the_next_part),
        cmocka_unit_test (
            given_calls_without_signatures_when_written_then_the_first_has_an_envelope),
        cmocka_unit_test (given_an_error_when_written_then_it_is_the_last),
        cmocka_unit_test (given_two_choices_when_written_then_both_end),
        cmocka_unit_test (given_the_last_of_many_choices_when_written_then_it_ends),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
