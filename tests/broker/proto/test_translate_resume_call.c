//  test_translate_resume_call: what the next provider is asked when an answer was cut, and
//  which answers can be gone on with at all.

#include "tests/broker/proto/resumed.h"

#define TALKERS BR_PROTOCOL_COMPLETIONS //  protocols below it

//  ---- requests

//  What a client of Chat was told, and what the next provider is asked.
typedef struct {
    br_translate_t *translate;
    br_buf_t body;
} asked_t;

static const char s_rich[] =
    "{\"model\":\"m\",\"stream\":true,\"messages\":[{\"role\":\"user\",\"content\":"
    "\"hi\"}],\"stop\":[\"END\"],\"reasoning_effort\":\"high\",\"tools\":[{\"type\":"
    "\"function\",\"function\":{\"name\":\"look\",\"parameters\":{\"type\":\"object\","
    "\"properties\":{}}}}]}";

#define STATE(pieces)                                                                    \
    "{\"version\":1,\"client\":\"chat_completions\",\"id\":"                             \
    "\"0123456789abcdef01234567\",\"now\":1,"                                            \
    "\"events\":3,\"start\":{\"id\":\"x\",\"model\":\"y\",\"created\":1},\"pieces\":"    \
    "[" pieces "]}"
#define TOLD(text) "{\"kind\":\"text\",\"block\":0,\"text\":\"" text "\"}"

static int
s_resume (br_translate_t *translate, const char *bytes)
{
    br_error_t error = { .code = BR_OK };
    int rc = br_translate_resume (translate, bytes, strlen (bytes), &error);
    assert_int_equal (error.code, rc ? BR_EINVALID : BR_OK);
    return rc;
}

static asked_t
s_asked (const char *bytes, const br_target_t *target)
{
    asked_t asked = { .translate = resumed_new (BR_PROTOCOL_CHAT, s_rich, "r", 1) };
    assert_int_equal (s_resume (asked.translate, bytes), 0);
    resumed_ask (asked.translate, target, &asked.body);
    return asked;
}

static void
s_asked_free (asked_t *asked)
{
    br_buf_free (&asked->body);
    br_translate_destroy (&asked->translate);
}

static void
given_text_told_when_the_next_is_asked_then_it_is_the_last_turn (void **state)
{
    (void) state;
    static const char *const wanted[TALKERS] = {
        [BR_PROTOCOL_CHAT] = "{\"role\":\"assistant\",\"content\":\"Once \"}]",
        [BR_PROTOCOL_RESPONSES] = "Once ",
        [BR_PROTOCOL_MESSAGES] =
            ("{\"role\":\"assistant\",\"content\":[{\"type\":\"text\","
             "\"text\":\"Once\"}]}]"),
        [BR_PROTOCOL_GOOGLE] = "{\"role\":\"model\",\"parts\":[{\"text\":\"Once \"}]}]",
    };
    for (unsigned i = 0; i < TALKERS; i++) {
        br_target_t target = resumed_target ((br_protocol_t) i);
        asked_t asked = s_asked (STATE (TOLD ("Once ")), &target);
        resumed_has (&asked.body, wanted[i]);
        resumed_has (&asked.body, "look");
        if (i != BR_PROTOCOL_RESPONSES)
            resumed_has (&asked.body, "END");
        s_asked_free (&asked);
    }
}

static void
given_thinking_when_messages_goes_on_with_text_then_it_is_off_and_told (void **state)
{
    (void) state;
    br_target_t target = resumed_target (BR_PROTOCOL_MESSAGES);
    asked_t asked = s_asked (STATE (TOLD ("Once")), &target);
    resumed_has (&asked.body, "\"thinking\":{\"type\":\"disabled\"}");
    assert_non_null (
        strstr (br_translate_warnings (asked.translate), "dropped reasoning"));
    //  given: another is asked in its place
    br_buf_free (&asked.body);
    target = resumed_target (BR_PROTOCOL_RESPONSES);
    resumed_ask (asked.translate, &target, &asked.body);
    resumed_has (&asked.body, "\"effort\":\"high\"");
    s_asked_free (&asked);
    //  given: no text
    target = resumed_target (BR_PROTOCOL_MESSAGES);
    asked = s_asked (STATE ("{\"kind\":\"reasoning\",\"block\":0,\"text\":\"hm\"}"),
                     &target);
    resumed_has (&asked.body, "\"type\":\"enabled\"");
    assert_null (strstr (br_buf_text (&asked.body), "assistant"));
    s_asked_free (&asked);
}

static void
given_a_model_without_prefill_when_it_is_to_go_on_then_it_cannot (void **state)
{
    (void) state;
    br_translate_t *translate = resumed_new (BR_PROTOCOL_CHAT, s_rich, "r", 1);
    br_target_t target = resumed_target (BR_PROTOCOL_MESSAGES);
    target.model = "claude-opus-4-6";
    target.dialect = br_dialect_of (BR_PROTOCOL_MESSAGES, "anthropic", target.model);
    br_buf_t body;
    br_error_t error = { .code = BR_OK };
    br_buf_init (&body, 1 << 20);
    assert_int_equal (s_resume (translate, STATE (TOLD ("Once"))), 0);
    assert_int_equal (br_translate_request (translate, &target, &body, &error), -1);
    assert_int_equal (error.code, BR_EINVALID);
    br_buf_free (&body);
    br_translate_destroy (&translate);
}

static void
given_a_prompt_when_it_goes_on_then_it_stays_one_text (void **state)
{
    (void) state;
    br_translate_t *translate = resumed_new (
        BR_PROTOCOL_COMPLETIONS, resumed_sides[BR_PROTOCOL_COMPLETIONS].request, "r", 1);
    static const char bytes[] =
        "{\"version\":1,\"client\":\"completions\",\"id\":\"0123456789abcdef01234567\","
        "\"now\":1,\"events\":1,\"pieces\":[" TOLD (" there") "]}";
    assert_int_equal (s_resume (translate, bytes), 0);
    br_target_t target = resumed_target (BR_PROTOCOL_COMPLETIONS);
    br_buf_t body;
    resumed_ask (translate, &target, &body);
    resumed_has (&body, "\"prompt\":\"hi there\"");
    br_buf_free (&body);
    br_translate_destroy (&translate);
}

static void
given_a_state_that_is_of_no_use_when_resumed_then_it_is_refused (void **state)
{
    (void) state;
    static const struct {
        br_protocol_t client;
        const char *request, *bytes;
    } rows[] = {
        { BR_PROTOCOL_CHAT, s_rich, "" },
        { BR_PROTOCOL_CHAT, s_rich, "{}" },
        { BR_PROTOCOL_CHAT, s_rich, STATE (TOLD ("a") "," TOLD ("b") ",7") },
        { BR_PROTOCOL_MESSAGES, NULL, STATE (TOLD ("a")) },
        { BR_PROTOCOL_CHAT,
          "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]}",
          STATE (TOLD ("a")) },
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const char *request = rows[i].request ? rows[i].request
                                              : resumed_sides[rows[i].client].request;
        br_translate_t *translate = resumed_new (rows[i].client, request, "r", 1);
        assert_int_equal (s_resume (translate, rows[i].bytes), -1);
        br_translate_destroy (&translate);
    }
}

//  ---- answers

#define CHUNK(delta)                                                                     \
    "data: {\"id\":\"c\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":"  \
    "\"t\",\"choices\":[{\"index\":0,\"delta\":" delta ",\"finish_reason\":null}]}\n\n"
#define BEGIN                                                                            \
    CHUNK ("{\"role\":\"assistant\",\"content\":\"\"}") CHUNK ("{\"content\":\"a\"}")

static const char *const s_unresumable[] = {
    BEGIN CHUNK ("{\"tool_calls\":[{\"index\":0,\"id\":\"t\",\"type\":\"function\","
                 "\"function\":{\"name\":\"look\",\"arguments\":\"{\"}}]}"),
    BEGIN CHUNK ("{\"refusal\":\"no\"}"),
    BEGIN CHUNK ("{\"reasoning_content\":\"late\"}"),
    BEGIN CHUNK ("{\"annotations\":[{\"type\":\"url_citation\",\"url_citation\":{\"url\":"
                 "\"http://x\",\"start_index\":0,\"end_index\":1,\"title\":\"x\"}}]}"),
    BEGIN "data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}"
          "\n\ndata: [DONE]\n\n",
};

static bool
s_is_resumable (const char *request, bool record, const char *bytes)
{
    br_translate_t *translate = resumed_new (BR_PROTOCOL_CHAT, request, "r", 1);
    br_target_t target = resumed_target (BR_PROTOCOL_CHAT);
    br_buf_t body, out;
    if (record)
        br_translate_record (translate);
    assert_false (br_translate_resumable (translate));
    resumed_ask (translate, &target, &body);
    br_buf_init (&out, 1 << 20);
    br_translate_push (translate, bytes, strlen (bytes), &out);
    bool resumable = br_translate_resumable (translate);
    br_buf_clear (&body);
    assert_int_equal (br_translate_resume_take (translate, &body), resumable ? 0 : -1);
    br_buf_free (&out);
    br_buf_free (&body);
    br_translate_destroy (&translate);
    return resumable;
}

static void
given_more_than_text_when_told_then_it_is_not_resumable (void **state)
{
    (void) state;
    for (size_t i = 0; i < sizeof s_unresumable / sizeof s_unresumable[0]; i++)
        if (s_is_resumable (s_rich, true, s_unresumable[i]))
            fail_msg ("resumable: %s", s_unresumable[i]);
    assert_true (s_is_resumable (s_rich, true, BEGIN));
    assert_false (s_is_resumable (s_rich, false, BEGIN));
}

static void
given_a_call_that_wants_more_than_a_text_when_told_then_it_is_not_resumable (void **state)
{
    (void) state;
#define ASK(members)                                                                     \
    "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]" members "}"
    assert_true (s_is_resumable (ASK (",\"stream\":true,\"n\":1"), true, BEGIN));
    assert_false (s_is_resumable (ASK (",\"stream\":true,\"n\":2"), true, BEGIN));
    assert_false (s_is_resumable (ASK (""), true, BEGIN));
    assert_false (s_is_resumable (
        ASK (",\"stream\":true,\"response_format\":{\"type\":\"json_object\"}"), true,
        BEGIN));
}

//  Pushes to a translation of a Chat client.
static void
s_say (br_translate_t *translate, const char *bytes, br_buf_t *out)
{
    br_translate_push (translate, bytes, strlen (bytes), out);
}

#define FAULT                                                                            \
    "data: {\"error\":{\"message\":\"overloaded\",\"type\":\"server_error\"}}\n\n"

static void
given_an_error_behind_text_when_recorded_then_another_may_go_on (void **state)
{
    (void) state;
    br_buf_t out;
    br_buf_init (&out, 1 << 20);
    br_translate_t *cut = resumed_record (BR_PROTOCOL_CHAT, BR_PROTOCOL_CHAT);
    s_say (cut, BEGIN FAULT, &out);
    assert_true (br_translate_result (cut)->error);
    assert_true (br_translate_resumable (cut));
    assert_null (strstr (br_buf_text (&out), "error"));
    //  given: the next one fails before it says more
    br_buf_t more;
    br_buf_init (&more, 1 << 20);
    br_translate_t *next = resumed_go_on (cut, BR_PROTOCOL_CHAT, BR_PROTOCOL_CHAT);
    s_say (next, CHUNK ("{\"role\":\"assistant\"}") FAULT, &more);
    assert_int_equal (br_translate_result (next)->first, TAP_ERROR);
    assert_int_equal (more.size, 0);
    assert_true (br_translate_resumable (next));
    br_translate_destroy (&next);
    //  given: one that goes on, behind it
    next = resumed_go_on (cut, BR_PROTOCOL_CHAT, BR_PROTOCOL_CHAT);
    assert_int_equal (br_translate_result (next)->first, TAP_NOTHING);
    s_say (next, CHUNK ("{\"content\":\"a\"}"), &more);
    assert_int_equal (more.size, 0);
    s_say (next, CHUNK ("{\"content\":\"bc\"}"), &more);
    assert_int_equal (br_translate_result (next)->first, TAP_DATA);
    resumed_has (&more, "\"content\":\"bc\"");
    assert_int_equal (resumed_count (&more, "data: "), 1);
    br_translate_destroy (&next);
    br_translate_destroy (&cut);
    br_buf_free (&more);
    br_buf_free (&out);
}

static void
given_an_error_behind_a_call_when_recorded_then_the_client_hears_of_it (void **state)
{
    (void) state;
    br_buf_t out;
    br_buf_init (&out, 1 << 20);
    br_translate_t *cut = resumed_record (BR_PROTOCOL_CHAT, BR_PROTOCOL_CHAT);
    s_say (cut, s_unresumable[0], &out);
    s_say (cut, FAULT, &out);
    resumed_has (&out, "\"error\"");
    assert_false (br_translate_resumable (cut));
    br_translate_destroy (&cut);
    br_buf_free (&out);
}
int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (
            given_text_told_when_the_next_is_asked_then_it_is_the_last_turn),
        cmocka_unit_test (
            given_thinking_when_messages_goes_on_with_text_then_it_is_off_and_told),
        cmocka_unit_test (
            given_a_model_without_prefill_when_it_is_to_go_on_then_it_cannot),
        cmocka_unit_test (given_a_prompt_when_it_goes_on_then_it_stays_one_text),
        cmocka_unit_test (
            given_a_state_that_is_of_no_use_when_resumed_then_it_is_refused),
        cmocka_unit_test (given_more_than_text_when_told_then_it_is_not_resumable),
        cmocka_unit_test (
            given_a_call_that_wants_more_than_a_text_when_told_then_it_is_not_resumable),
        cmocka_unit_test (
            given_an_error_behind_text_when_recorded_then_another_may_go_on),
        cmocka_unit_test (
            given_an_error_behind_a_call_when_recorded_then_the_client_hears_of_it),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
