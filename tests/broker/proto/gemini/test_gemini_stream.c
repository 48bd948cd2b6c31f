//  A provider's stream as deltas.

#include "tests/broker/proto/gemini/gemini_fixture.h"

#define PARTS(parts) "{\"candidates\":[{\"content\":{\"parts\":[" parts "]}}]}\n"
#define LAST(parts)                                                                      \
    "{\"candidates\":[{\"content\":{\"parts\":[" parts "]},\"finishReason\":\"STOP\"}]}" \
    "\n"
#define END "{\"candidates\":[{\"finishReason\":\"STOP\"}]}\n"

static const br_block_t *
s_read (gemini_answer_t *answer, const char *lines)
{
    answer_open (answer);
    if (answer_read (answer, lines, SIZE_MAX))
        fail_msg ("%s", answer->error.text);
    assert_int_equal (answer->counts[BR_DELTA_END], 1);
    return answer->reply->blocks;
}

static void
given_text_in_pieces_when_read_then_one_block (void **state)
{
    (void) state;
    gemini_answer_t a;
    const br_block_t *b = s_read (
        &a, PARTS ("{\"text\":\"T\",\"thought\":true}") PARTS ("{\"text\":\"H\\n\"}")
                PARTS ("{\"text\":\"i\"}") PARTS ("{\"text\":\"\"}") END);
    assert_int_equal (b->kind, BR_BLOCK_REASONING);
    assert_text (b->text, "T");
    assert_text (b->next->text, "H\ni");
    assert_null (b->next->next);
    assert_int_equal (a.counts[BR_DELTA_TEXT], 2);
    assert_int_equal (a.counts[BR_DELTA_START], 1);
    assert_int_equal (a.reply->finish, BR_FINISH_STOP);
    assert_text (a.reply->native_finish, "STOP");
    answer_close (&a);
}

static void
given_a_call_and_a_later_stop_when_read_then_tool_use (void **state)
{
    (void) state;
    gemini_answer_t a;
    const br_block_t *b = s_read (
        &a, PARTS ("{\"functionCall\":{\"name\":\"f\",\"args\":{\"a\": 1}},"
                   "\"thoughtSignature\":\"s+\"}")
                PARTS ("{\"functionCall\":{\"name\":\"g\",\"id\":\"i\"}}")
                    LAST ("{\"text\":\"\"}"));
    assert_int_equal (b->kind, BR_BLOCK_CALL);
    assert_text (b->name, "f");
    assert_null (b->id.at);
    assert_text (b->text, "{\"a\": 1}");
    assert_text (b->opaques->bytes, "s+");
    assert_text (b->next->id, "i");
    assert_text (b->next->text, "{}");
    assert_null (b->next->opaques);
    assert_int_equal (a.reply->finish, BR_FINISH_TOOL_USE);
    answer_close (&a);
}

static void
given_a_call_and_another_reason_when_read_then_that_stays (void **state)
{
    (void) state;
    static const struct {
        const char *reason;
        br_finish_t finish;
    } rows[] = { { "MAX_TOKENS", BR_FINISH_LENGTH },
                 { "SAFETY", BR_FINISH_FILTER },
                 { "MALFORMED_FUNCTION_CALL", BR_FINISH_MALFORMED } };
    for (size_t i = 0; i < 3; i++) {
        gemini_answer_t a;
        char lines[512];
        snprintf (lines, sizeof lines, "%s{\"candidates\":[{\"finishReason\":\"%s\"}]}\n",
                  PARTS ("{\"functionCall\":{\"name\":\"f\"}}"), rows[i].reason);
        s_read (&a, lines);
        assert_int_equal (a.reply->finish, rows[i].finish);
        assert_text (a.reply->native_finish, rows[i].reason);
        answer_close (&a);
    }
}

static void
given_a_signature_on_empty_text_when_read_then_on_the_open_text (void **state)
{
    (void) state;
    gemini_answer_t a;
    const br_block_t *b = s_read (&a, PARTS ("{\"text\":\"Hi\"}") LAST (
                                          "{\"text\":\"\",\"thoughtSignature\":\"s\"}"));
    assert_text (b->text, "Hi");
    assert_text (b->opaques->bytes, "s");
    assert_null (b->next);
    answer_close (&a);
    b = s_read (&a, PARTS ("{\"functionCall\":{\"name\":\"f\"}}")
                        LAST ("{\"thoughtSignature\":\"s\"}"));
    assert_int_equal (b->next->kind, BR_BLOCK_TEXT);
    assert_text (b->next->text, "");
    assert_text (b->next->opaques->bytes, "s");
    answer_close (&a);
}

static void
given_a_signed_part_when_more_text_follows_then_another_block (void **state)
{
    (void) state;
    gemini_answer_t a;
    const br_block_t *b = s_read (&a,
                                  PARTS ("{\"text\":\"A\",\"thoughtSignature\":\"s\"}")
                                      LAST ("{\"text\":\"B\"}"));
    assert_text (b->text, "A");
    assert_text (b->next->text, "B");
    assert_null (b->next->opaques);
    answer_close (&a);
}

static void
given_media_and_items_of_googles_tools_when_read_then_their_blocks (void **state)
{
    (void) state;
    gemini_answer_t a;
    const br_block_t *b = s_read (
        &a, LAST ("{\"inlineData\":{\"mimeType\":\"image/png\",\"data\":\"QQ==\"}}"
                  ",{\"executableCode\":{\"code\":\"1\"}},"
                  "{\"functionCall\":{\"name\":\"own\"}},"
                  "{\"functionResponse\":{\"name\":\"own\"}}"));
    assert_int_equal (b->kind, BR_BLOCK_IMAGE);
    assert_text (b->media.data, "QQ==");
    for (b = b->next; b; b = b->next)
        assert_int_equal (b->kind, BR_BLOCK_HOSTED);
    assert_int_equal (a.counts[BR_DELTA_HOSTED], 3);
    assert_int_equal (a.reply->finish, BR_FINISH_STOP);
    answer_close (&a);
}

static void
given_counts_in_many_events_when_read_then_the_last_with_counts (void **state)
{
    (void) state;
    gemini_answer_t a;
    s_read (&a, "{\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"a\"}]}}],"
                "\"usageMetadata\":{\"promptTokenCount\":3,\"totalTokenCount\":3}}\n"
                "{\"candidates\":[{\"finishReason\":\"STOP\"}],\"usageMetadata\":{"
                "\"promptTokenCount\":10,\"cachedContentTokenCount\":4,"
                "\"candidatesTokenCount\":2,\"thoughtsTokenCount\":5,"
                "\"toolUsePromptTokenCount\":1}}\n"
                "{\"usageMetadata\":{\"trafficType\":\"ON_DEMAND\"}}\n");
    assert_int_equal (a.reply->usage.input, 11);
    assert_int_equal (a.reply->usage.cache_read, 4);
    assert_int_equal (a.reply->usage.output, 7);
    assert_int_equal (a.reply->usage.reasoning, 5);
    answer_close (&a);
}

static void
given_a_blocked_prompt_when_read_then_filtered (void **state)
{
    (void) state;
    gemini_answer_t a;
    const br_block_t *b = s_read (&a,
                                  "{\"promptFeedback\":{\"blockReason\":\"JAILBREAK\"},"
                                  "\"usageMetadata\":{\"promptTokenCount\":3}}\n");
    assert_null (b);
    assert_int_equal (a.reply->finish, BR_FINISH_FILTER);
    assert_text (a.reply->native_finish, "JAILBREAK");
    answer_close (&a);
}

static void
given_several_candidates_when_read_then_choices (void **state)
{
    (void) state;
    gemini_answer_t a;
    s_read (&a, "{\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"a\"}]}},"
                "{\"index\":1,\"content\":{\"parts\":[{\"text\":\"b\"}]}}]}\n"
                "{\"candidates\":[{\"index\":1,\"finishReason\":\"MAX_TOKENS\"}]}\n" END);
    assert_text (a.reply->blocks->text, "a");
    assert_int_equal (a.reply->next->choice, 1);
    assert_text (a.reply->next->blocks->text, "b");
    assert_int_equal (a.reply->next->finish, BR_FINISH_LENGTH);
    assert_int_equal (a.counts[BR_DELTA_FINISH], 2);
    answer_close (&a);
    answer_open (&a);
    assert_int_equal (answer_read (&a,
                                   "{\"candidates\":[{\"index\":1}]}\n"
                                   "{\"candidates\":[{\"finishReason\":\"STOP\"}]}\n",
                                   SIZE_MAX),
                      -1);
    assert_int_equal (a.error.code, BR_EUPCUT);
    answer_close (&a);
}

static void
given_pieces_of_arguments_when_read_then_one_call (void **state)
{
    (void) state;
    gemini_answer_t a;
    const br_block_t *b = s_read (
        &a, PARTS ("{\"functionCall\":{\"name\":\"f\",\"willContinue\":true},"
                   "\"thoughtSignature\":\"s\"}")
                PARTS ("{\"functionCall\":{\"partialArgs\":[{\"jsonPath\":\"$.a\","
                       "\"stringValue\":\"x\",\"willContinue\":true}],"
                       "\"willContinue\":true}}")
                    PARTS ("{\"functionCall\":{\"partialArgs\":[{\"jsonPath\":\"$.a\","
                           "\"stringValue\":\"y\"}],\"willContinue\":true}}")
                        PARTS ("{\"functionCall\":{}}") PARTS (
                            "{\"functionCall\":{\"name\":\"g\",\"willContinue\":true}}")
                            LAST ("{\"text\":\"so\"}"));
    assert_text (b->text, "{\"a\":\"xy\"}");
    assert_text (b->opaques->bytes, "s");
    assert_text (b->next->name, "g");
    assert_text (b->next->text, "{}");
    assert_text (b->next->next->text, "so");
    answer_close (&a);
}

static void
given_an_error_when_read_then_told_and_nothing_more (void **state)
{
    (void) state;
    gemini_answer_t a;
    answer_open (&a);
    assert_int_equal (
        answer_read (&a,
                     PARTS ("{\"text\":\"a\"}") "{\"error\":{\"code\":503,\"message\":"
                                                "\"busy\"}}\n" END,
                     SIZE_MAX),
        0);
    assert_int_equal (a.counts[BR_DELTA_ERROR], 1);
    assert_int_equal (a.code, BR_EUNAVAILABLE);
    assert_string_equal (a.said, "busy");
    assert_int_equal (a.counts[BR_DELTA_END], 0);
    answer_close (&a);
}

static void
given_an_array_of_events_when_read_then_as_a_stream (void **state)
{
    (void) state;
    gemini_answer_t a;
    const br_block_t *b = s_read (
        &a, "[{\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"a\"}]}}]},"
            "{\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"b\"}]},"
            "\"finishReason\":\"STOP\"}]}]\n");
    assert_text (b->text, "ab");
    answer_close (&a);
}

static void
given_what_makes_no_sense_when_read_then_refused_or_cut (void **state)
{
    (void) state;
    static const struct {
        const char *lines;
        br_code_t code;
    } rows[] = {
        { "", BR_EUPCUT },
        { "{}\n", BR_EUPCUT },
        { "{\"candidates\":[]}\n", BR_EUPCUT },
        { "{\"candidates\":7}\n", BR_EUPCUT },
        { "{\"candidates\":[{\"finishReason\":null}]}\n", BR_EUPCUT },
        { "{\"candidates\":[{\"content\":1}]}\n", BR_EUPCUT },
        { "7\n", BR_EUPINVALID },
        { "{\"candidates\":[7]}\n", BR_EUPINVALID },
        { "{\"candidates\":[{\"index\":128}]}\n", BR_EUPINVALID },
        { "{\"candidates\":[{\"index\":-1}]}\n", BR_EUPINVALID },
        { PARTS ("1,null,{\"text\":2},{\"functionCall\":{\"name\":\"f\",\"willContinue\":"
                 "true,\"partialArgs\":[1]}}"),
          BR_EUPINVALID },
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        gemini_answer_t a;
        answer_open (&a);
        assert_int_equal (answer_read (&a, rows[i].lines, SIZE_MAX), -1);
        assert_int_equal (a.error.code, rows[i].code);
        assert_int_equal (a.counts[BR_DELTA_END], 0);
        answer_close (&a);
    }
}

static void
given_marks_when_read_then_only_done_passes (void **state)
{
    (void) state;
    br_error_t error;
    void *reader = gemini_codec.reader_new ();
    assert_int_equal (
        gemini_codec.read_mark (reader, BR_TEXT ("[DONE]"), answer_add, NULL, &error), 0);
    assert_int_equal (
        gemini_codec.read_mark (reader, BR_TEXT ("<html>"), answer_add, NULL, &error),
        -1);
    gemini_codec.reader_destroy (&reader);
    assert_null (reader);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (given_text_in_pieces_when_read_then_one_block),
        cmocka_unit_test (given_a_call_and_a_later_stop_when_read_then_tool_use),
        cmocka_unit_test (given_a_call_and_another_reason_when_read_then_that_stays),
        cmocka_unit_test (
            given_a_signature_on_empty_text_when_read_then_on_the_open_text),
        cmocka_unit_test (given_a_signed_part_when_more_text_follows_then_another_block),
        cmocka_unit_test (
            given_media_and_items_of_googles_tools_when_read_then_their_blocks),
        cmocka_unit_test (
            given_counts_in_many_events_when_read_then_the_last_with_counts),
        cmocka_unit_test (given_a_blocked_prompt_when_read_then_filtered),
        cmocka_unit_test (given_several_candidates_when_read_then_choices),
        cmocka_unit_test (given_pieces_of_arguments_when_read_then_one_call),
        cmocka_unit_test (given_an_error_when_read_then_told_and_nothing_more),
        cmocka_unit_test (given_an_array_of_events_when_read_then_as_a_stream),
        cmocka_unit_test (given_what_makes_no_sense_when_read_then_refused_or_cut),
        cmocka_unit_test (given_marks_when_read_then_only_done_passes),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
