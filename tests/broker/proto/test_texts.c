//  texts: which bodies have texts, by their surface.

#include "tests/broker/proto/texts_told.h"

static int
s_none (void *arg, const br_text_span_t *span)
{
    (void) arg;
    fail_msg ("a text of %zu bytes", span->size);
    return 0;
}

static void
given_a_surface_without_a_body_when_asked_then_there_are_no_texts (void **state)
{
    (void) state;
    assert_int_equal (
        br_texts_of_request (BR_SURFACE_RESPONSE, "", 0, s_none, NULL, NULL), 0);
    assert_int_equal (br_texts_of_request (BR_SURFACE_CHAT, "", 0, s_none, NULL, NULL),
                      -1);
}

static int
s_stop (void *arg, const br_text_span_t *span)
{
    (void) arg;
    assert_int_equal (span->form, BR_TEXT_RAW);
    assert_int_equal (span->size, 2);
    return 7;
}

static void
given_a_form_when_asked_then_its_fields_are_texts_and_json_is_json (void **state)
{
    (void) state;
    static const char form[] =
        "--b\r\nContent-Disposition: form-data; name=\"prompt\"\r\n"
        "\r\nhi\r\n--b--\r\n";
    assert_int_equal (br_texts_of_request (BR_SURFACE_IMAGE_EDITS, form, strlen (form),
                                           s_stop, NULL, NULL),
                      7);
    assert_int_equal (
        br_texts_of_request (BR_SURFACE_IMAGE_EDITS, "hi", 2, s_stop, NULL, NULL), -1);
    texts_told_is (TEXTS_REQUEST, BR_SURFACE_IMAGE_EDITS, " {\"prompt\":\"hi\"}",
                   "user text \"hi\"\n");
}

static void
given_a_form_when_walked_in_steps_then_it_is_told_once (void **state)
{
    (void) state;
    static const char form[] = "--b\r\n\r\nhi\r\n--b--";
    br_texts_t *texts = br_texts_new_request (BR_SURFACE_TRANSCRIPTIONS, form,
                                              strlen (form));
    assert_int_equal (br_texts_step (texts, 1, s_stop, NULL, NULL), -1);
    assert_int_equal (br_texts_step (texts, 1, s_stop, NULL, NULL), 0);
    br_texts_destroy (&texts);
}

static void
given_an_answer_that_may_be_anything_when_it_is_no_json_then_it_has_no_texts (
    void **state)
{
    (void) state;
    assert_int_equal (
        br_texts_of_answer (BR_SURFACE_SPEECH, "ID3\x04", 4, s_none, NULL, NULL), 0);
    assert_int_equal (
        br_texts_of_answer (BR_SURFACE_TRANSCRIPTIONS, "", 0, s_none, NULL, NULL), 0);
    assert_int_equal (br_texts_of_answer (BR_SURFACE_CHAT, "hi", 2, s_none, NULL, NULL),
                      -1);
}

static void
given_an_answer_that_may_be_anything_when_it_is_words_then_it_is_one_text (void **state)
{
    (void) state;
    static const char *const rows[] = { "hi", " 1\n00:00 --> 00:01\nhi\n", "[music] hi",
                                        "[1" };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char *told = br_strf ("answer raw %s\n", rows[i]);
        texts_told_is (TEXTS_ANSWER, BR_SURFACE_TRANSLATIONS, rows[i], told);
        free (told);
    }
    texts_told_is (TEXTS_ANSWER, BR_SURFACE_SPEECH, "[\"hi\"]", "answer text \"hi\"\n");
    br_error_t error = { .code = BR_OK };
    assert_int_equal (br_texts_of_answer (BR_SURFACE_TRANSLATIONS, "{\"text\":", 8,
                                          s_none, NULL, &error),
                      -1);
    assert_int_equal (error.code, BR_EINVALID);
    assert_int_equal (
        br_texts_of_answer (BR_SURFACE_TRANSLATIONS, "hi", 2, s_stop, NULL, NULL), 7);
    br_texts_t *texts = br_texts_new_answer (BR_SURFACE_TRANSLATIONS, "hi", 2);
    assert_int_equal (br_texts_step (texts, 1, s_stop, NULL, NULL), -1);
    assert_int_equal (br_texts_step (texts, 1, s_stop, NULL, NULL), 0);
    br_texts_destroy (&texts);
}

//  Its parts say the words of a transcription once more; without those they are the words.
static void
given_a_transcription_when_walked_then_its_parts_repeat_its_text (void **state)
{
    (void) state;
    texts_told_is (TEXTS_ANSWER, BR_SURFACE_TRANSCRIPTIONS,
                   "{\"words\":[{\"word\":\"h\"}],\"text\":\"hi\",\"language\":\"en\","
                   "\"segments\":[{\"text\":\"h\"}]}",
                   "answer again [{\"word\":\"h\"}]\nanswer text \"hi\"\n"
                   "answer again [{\"text\":\"h\"}]\n");
    texts_told_is (TEXTS_ANSWER, BR_SURFACE_TRANSCRIPTIONS,
                   "{\"text\":\"\",\"words\":[{\"word\":\"h\"}]}",
                   "answer text \"\"\nanswer text \"h\"\n");
    texts_told_is (TEXTS_ANSWER, BR_SURFACE_TRANSCRIPTIONS,
                   "{\"segments\":[{\"text\":\"h\"}]}", "answer text \"h\"\n");
    texts_told_is (TEXTS_ANSWER, BR_SURFACE_TRANSCRIPTIONS,
                   "{\"text\":\"a\",\"text\":\"b\",\"words\":[{\"word\":\"h\"}]}",
                   "answer text \"a\"\nanswer text \"b\"\nanswer text \"h\"\n");
}

static void
given_a_number_that_is_no_surface_when_asked_then_it_is_refused (void **state)
{
    (void) state;
    br_text_event_t event;
    br_error_t error = { .text = "" };
    assert_int_equal (
        br_texts_of_request (BR_SURFACE_NONE, "{}", 2, s_none, NULL, &error), -1);
    assert_int_equal (error.code, BR_EINVALID);
    assert_int_equal (
        br_texts_of_answer (BR_SURFACE_COUNT, "{}", 2, s_none, NULL, &error), -1);
    assert_int_equal (
        br_texts_of_event (BR_SURFACE_NONE, "{}", 2, &event, s_none, NULL, &error), -1);
}

//  Whatever a client may ask, its bodies have tables.
static void
given_every_surface_when_asked_then_it_has_tables (void **state)
{
    (void) state;
    for (unsigned i = BR_SURFACE_NONE + 1; i < BR_SURFACE_COUNT; i++) {
        br_text_event_t event;
        br_surface_t surface = (br_surface_t) i;
        assert_int_equal (br_texts_of_request (surface, "{}", 2, s_none, NULL, NULL), 0);
        assert_int_equal (br_texts_of_answer (surface, "{}", 2, s_none, NULL, NULL), 0);
        assert_int_equal (
            br_texts_of_event (surface, "{}", 2, &event, s_none, NULL, NULL), 0);
        assert_int_equal (event.nends, 0);
    }
}

//  ---- calls of tools

//  "name 1.0.2 "x" of 9": family, part and choice, and where the object stands.
static int
s_tell_call (void *arg, const br_call_span_t *span)
{
    static const char *const parts[] = { "name", "type", "server", "space", "arguments" };
    texts_told_t *told = arg;
    br_buf_addf (&told->lines, "%s%s ", parts[span->part],
                 span->channel ? " piece"
                 : span->joins ? " joint"
                               : "");
    if (span->call)
        br_buf_addf (&told->lines, "%u.%u.%u ", (unsigned) (span->call >> 56),
                     (unsigned) (span->call >> 32 & 0xffffff),
                     (unsigned) br_texts_choice (span->call));
    br_buf_addf (&told->lines, "%.*s of %zu\n", (int) span->size, told->bytes + span->at,
                 span->object);
    return 0;
}

static void
s_calls_are (texts_of_t of, br_surface_t surface, const char *json, const char *lines)
{
    size_t size = strlen (json);
    char *exact = br_alloc (1, size);
    memcpy (exact, json, size);
    texts_told_t told = { .bytes = exact };
    br_buf_init (&told.lines, 1u << 20);
    br_text_event_t event;
    br_error_t error = { .text = "" };
    int rc = of == TEXTS_ANSWER ? br_texts_calls_of_answer (surface, exact, size,
                                                            s_tell_call, &told, &error)
                                : br_texts_calls_of_event (surface, exact, size, &event,
                                                           s_tell_call, &told, &error);
    if (rc)
        fail_msg ("%s", error.text);
    assert_string_equal (br_buf_text (&told.lines), lines);
    br_buf_free (&told.lines);
    free (exact);
}

static void
given_calls_of_chat_when_asked_then_they_are_told (void **state)
{
    (void) state;
    s_calls_are (
        TEXTS_EVENT, BR_SURFACE_CHAT,
        "{\"choices\":[{\"index\":2,\"delta\":{\"content\":\"hi\",\"tool_calls\":"
        "[{\"index\":1,\"type\":\"function\",\"function\":{\"n\\u0061me\":\"x\","
        "\"arguments\":\"{\"}},{\"index\":3,\"custom\":{\"name\":\"y\","
        "\"input\":\"\"}}]},\"finish_reason\":\"tool_calls\"}]}",
        "name piece 1.1.2 \"x\" of 101\n"
        "arguments piece 1.1.2 \"{\" of 101\n"
        "name piece 1.3.2 \"y\" of 156\n"
        "arguments piece 1.3.2 \"\" of 156\n");
    s_calls_are (TEXTS_EVENT, BR_SURFACE_CHAT,
                 "{\"choices\":[{\"delta\":{\"function_call\":{\"name\":\"x\"}}}]}",
                 "name piece 2.0.0 \"x\" of 38\n");
    //  All of it at once: it is whole, but clients may put it to others of its number.
    s_calls_are (
        TEXTS_EVENT, BR_SURFACE_CHAT,
        "{\"choices\":[{\"delta\":{\"tool_calls\":[{\"function\":{\"name\":\"x\","
        "\"arguments\":\"{}\"}}]}}]}",
        "name joint 1.0.0 \"x\" of 48\narguments joint 1.0.0 \"{}\" of 48\n");
    s_calls_are (TEXTS_ANSWER, BR_SURFACE_CHAT,
                 "{\"choices\":[{\"message\":{\"name\":\"a\",\"function_call\":{\"name\":"
                 "null,\"name\":\"x\",\"arguments\":{}}}}]}",
                 "name \"x\" of 51\narguments {} of 51\n");
}

static void
given_calls_of_messages_when_asked_then_they_are_told (void **state)
{
    (void) state;
    s_calls_are (
        TEXTS_EVENT, BR_SURFACE_MESSAGES,
        "{\"type\":\"content_block_start\",\"index\":4,\"content_block\":{\"type\":"
        "\"mcp_tool_use\",\"name\":\"x\",\"server_name\":\"s\",\"input\":{}}}",
        "name 1.0.4 \"x\" of 56\nserver 1.0.4 \"s\" of 56\n"
        "arguments 1.0.4 {} of 56\n");
    s_calls_are (TEXTS_EVENT, BR_SURFACE_MESSAGES,
                 "{\"type\":\"content_block_delta\",\"index\":4,\"delta\":{\"type\":"
                 "\"input_json_delta\",\"partial_json\":\"{\"}}",
                 "arguments piece 1.0.4 \"{\" of 48\n");
    s_calls_are (
        TEXTS_ANSWER, BR_SURFACE_MESSAGES,
        "{\"content\":[{\"type\":\"text\",\"text\":\"x\"},{\"type\":\"tool_use\","
        "\"input\":{\"name\":\"y\"},\"name\":\"x\"}]}",
        "arguments {\"name\":\"y\"} of 39\nname \"x\" of 39\n");
}

//  Go's clients, and others, read them so.
static void
given_calls_with_keys_in_any_case_when_asked_then_they_are_told (void **state)
{
    (void) state;
    s_calls_are (TEXTS_ANSWER, BR_SURFACE_CHAT,
                 "{\"choices\":[{\"Message\":{\"TOOL_calls\":[{\"function\":{\"Name\":"
                 "\"x\",\"argument\xC5\xBF\":\"{}\"}}]}}]}",
                 "name \"x\" of 50\narguments \"{}\" of 50\n");
    s_calls_are (TEXTS_ANSWER, BR_SURFACE_RESPONSES,
                 "{\"output\":[{\"Type\":\"function_call\",\"name\":\"x\"}]}",
                 "type \"function_call\" of 11\nname \"x\" of 11\n");
    s_calls_are (TEXTS_ANSWER, BR_SURFACE_GOOGLE,
                 "{\"candidates\":[{\"content\":{\"parts\":[{\"Function_call\":{"
                 "\"name\":\"x\"}}]}}]}",
                 "name \"x\" of 53\n");
}

//  What tells whose piece it is, in another case: nobody knows who reads it.
static void
given_a_look_in_another_case_when_an_event_is_walked_then_it_is_doubtful (void **state)
{
    (void) state;
    texts_told_quoted (TEXTS_EVENT, BR_SURFACE_CHAT,
                       "{'choices':[{'Index':1,'delta':{'content':'A'}}]}",
                       "answer text 1.0.0 'A'\ndoubled\n");
    texts_told_quoted (TEXTS_EVENT, BR_SURFACE_CHAT,
                       "{'choices':[{'index':1,'delta':{'content':'A','Content':'B'}}]}",
                       "answer text 1.0.1 'A'\nanswer text 1.0.1 'B'\ndoubled\n");
}

static void
given_calls_of_responses_when_asked_then_they_are_told (void **state)
{
    (void) state;
    s_calls_are (TEXTS_EVENT, BR_SURFACE_RESPONSES,
                 "{\"type\":\"response.output_item.done\",\"output_index\":1,\"item\":"
                 "{\"type\":\"function_call\",\"name\":\"x\",\"arguments\":\"{}\"}}",
                 "type 1.0.1 \"function_call\" of 60\nname 1.0.1 \"x\" of 60\n"
                 "arguments 1.0.1 \"{}\" of 60\n");
    s_calls_are (
        TEXTS_EVENT, BR_SURFACE_RESPONSES,
        "{\"type\":\"response.function_call_arguments.delta\",\"output_index\":1,"
        "\"delta\":\"{\"}",
        "arguments piece 1.0.1 \"{\" of 0\n");
    s_calls_are (
        TEXTS_EVENT, BR_SURFACE_RESPONSES,
        "{\"type\":\"response.output_text.delta\",\"delta\":\"{\",\"name\":\"x\"}", "");
    s_calls_are (
        TEXTS_EVENT, BR_SURFACE_RESPONSES,
        "{\"type\":\"response.completed\",\"response\":{\"output\":[{\"type\":"
        "\"mcp_call\",\"server_label\":\"s\"},{\"type\":\"message\",\"name\":\"x\"}]}}",
        "type \"mcp_call\" of 51\nserver \"s\" of 51\n");
    s_calls_are (
        TEXTS_ANSWER, BR_SURFACE_RESPONSES,
        "{\"output\":[{\"type\":\"local_shell_call\",\"action\":{\"type\":\"exec\"}},"
        "{\"type\":\"function_call_output\",\"name\":\"x\"}]}",
        "type \"local_shell_call\" of 11\n"
        "arguments {\"type\":\"exec\"} of 11\n");
}

static void
given_calls_of_google_when_asked_then_they_are_told (void **state)
{
    (void) state;
    s_calls_are (TEXTS_EVENT, BR_SURFACE_GOOGLE_STREAM,
                 "{\"candidates\":[{\"content\":{\"parts\":[{\"function_call\":{\"name\":"
                 "\"x\",\"partial_args\":[{\"jsonPath\":\"$.a\"}]}}]}}]}",
                 "name 1.0.0 \"x\" of 53\n"
                 "arguments 1.0.0 [{\"jsonPath\":\"$.a\"}] of 53\n");
    s_calls_are (
        TEXTS_ANSWER, BR_SURFACE_GOOGLE,
        "{\"candidates\":[{\"content\":{\"parts\":[{\"functionCall\":{\"name\":"
        "\"x\",\"args\":{\"a\":1}}},{\"functionResponse\":{\"name\":\"y\"}}]}}]}",
        "name \"x\" of 52\narguments {\"a\":1} of 52\n");
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (
            given_a_surface_without_a_body_when_asked_then_there_are_no_texts),
        cmocka_unit_test (
            given_a_form_when_asked_then_its_fields_are_texts_and_json_is_json),
        cmocka_unit_test (given_a_form_when_walked_in_steps_then_it_is_told_once),
        cmocka_unit_test (
            given_an_answer_that_may_be_anything_when_it_is_no_json_then_it_has_no_texts),
        cmocka_unit_test (
            given_an_answer_that_may_be_anything_when_it_is_words_then_it_is_one_text),
        cmocka_unit_test (
            given_a_transcription_when_walked_then_its_parts_repeat_its_text),
        cmocka_unit_test (
            given_a_number_that_is_no_surface_when_asked_then_it_is_refused),
        cmocka_unit_test (given_every_surface_when_asked_then_it_has_tables),
        cmocka_unit_test (given_calls_of_chat_when_asked_then_they_are_told),
        cmocka_unit_test (given_calls_of_messages_when_asked_then_they_are_told),
        cmocka_unit_test (
            given_calls_with_keys_in_any_case_when_asked_then_they_are_told),
        cmocka_unit_test (
            given_a_look_in_another_case_when_an_event_is_walked_then_it_is_doubtful),
        cmocka_unit_test (given_calls_of_responses_when_asked_then_they_are_told),
        cmocka_unit_test (given_calls_of_google_when_asked_then_they_are_told),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
