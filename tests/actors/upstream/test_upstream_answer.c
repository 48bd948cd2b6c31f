//  upstream_answer: bytes that pass, bytes that are translated, counts.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "broker/proto/block.h"
#include "tests/actors/upstream/answered.h"

#define COUNT_CALL                                                                       \
    "{\"model\":\"c\",\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]}"
#define MESSAGE                                                                          \
    "{\"id\":\"msg_1\",\"type\":\"message\",\"role\":\"assistant\",\"model\":\"m-1\","   \
    "\"content\":[{\"type\":\"text\",\"text\":\"hello\"}],\"stop_reason\":\"end_turn\"," \
    "\"usage\":{\"input_tokens\":3,\"output_tokens\":4}}"

static void
one_protocol_passes_byte_by_byte (void **state)
{
    (void) state;
    answered_t world = { .secrets = NULL };
    assert_true (
        answered_begin (&world, BR_SURFACE_MESSAGES, BR_SURFACE_MESSAGES, 0, "{}"));
    assert_false (upstream_answer_is_translated (world.answer));
    assert_null (upstream_answer_request (world.answer));
    assert_string_equal (upstream_answer_type (world.answer, "a/b"), "a/b");
    assert_int_equal (answered_push (&world, MESSAGE), TAP_NOTHING);
    assert_int_equal (upstream_answer_end (world.answer, &world.out), TAP_DATA);
    assert_string_equal (br_buf_text (&world.out), MESSAGE);
    assert_true (upstream_answer_is_whole (world.answer));
    assert_int_equal (upstream_answer_usage (world.answer).output, 4);
    answered_end (&world);
}

static const br_opaque_t s_encrypted = { .family = BR_FAMILY_OPENAI,
                                         .kind = BR_OPAQUE_ENCRYPTED,
                                         .bytes = { "BLOB", 4 } };
static const br_opaque_t s_signature = { .family = BR_FAMILY_ANTHROPIC,
                                         .kind = BR_OPAQUE_SIGNATURE,
                                         .bytes = { "SIGN", 4 } };

//  An envelope stands where %.*s is.
static bool
s_begin_sealed (answered_t *world, br_surface_t surface, const char *format,
                const br_opaque_t *opaque)
{
    br_arena_t *arena = br_arena_new ();
    br_text_t sealed = br_envelope_seal (opaque, arena);
    br_text_t body = br_arena_textf (arena, format, (int) sealed.size, sealed.at);
    bool begun = answered_begin (world, surface, surface, 0, body.at);
    br_arena_destroy (&arena);
    return begun;
}

#define SEALED_MESSAGES                                                                  \
    "{\"model\":\"c\",\"odd\": "                                                         \
    "[1],\"max_tokens\":9,\"messages\":[{\"role\":\"user\",\"content\":"                 \
    "\"hi\"},{\"role\":\"assistant\",\"content\":[{\"type\":\"thinking\",\"thinking\":"  \
    "\"why\",\"signature\":\"%.*s\"},{\"type\":\"text\",\"text\":\"a\"}]},"              \
    "{\"role\":\"user\",\"content\":\"b\"}]}"
#define SEALED_INPUT                                                                     \
    "{\"model\":\"c\",\"odd\": "                                                         \
    "[1],\"input\":[{\"role\":\"user\",\"content\":\"hi\"},{\"type\":"                   \
    "\"reasoning\",\"id\":\"rs_1\",\"summary\":[],\"encrypted_content\":\"%.*s\"},"      \
    "{\"role\":\"assistant\",\"content\":\"a\"},{\"role\":\"user\",\"content\":\"b\"}]}"

#define SEALED_CHAT                                                                      \
    "{\"model\":\"c\",\"odd\": "                                                         \
    "[1],\"messages\":[{\"role\":\"user\",\"content\":\"hi\"},{"                         \
    "\"role\":\"assistant\",\"content\":\"a\",\"reasoning_details\":[{\"type\":"         \
    "\"reasoning.text\",\"signature\":\"%.*s\"}]}]}"

static void
envelopes_do_not_pass_to_a_provider_of_the_same_protocol (void **state)
{
    (void) state;
    static const struct {
        br_surface_t surface;
        const char *format;
        const br_opaque_t *opaque;
        const char *sent; //  or not, when NULL
    } rows[] = {
        { BR_SURFACE_MESSAGES, SEALED_MESSAGES, &s_encrypted, NULL },
        { BR_SURFACE_MESSAGES, SEALED_MESSAGES, &s_signature, "\"SIGN\"" },
        { BR_SURFACE_MESSAGES_TOKENS, SEALED_MESSAGES, &s_encrypted, NULL },
        { BR_SURFACE_RESPONSES, SEALED_INPUT, &s_signature, NULL },
        { BR_SURFACE_RESPONSES, SEALED_INPUT, &s_encrypted, "\"BLOB\"" },
        { BR_SURFACE_RESPONSES_TOKENS, SEALED_INPUT, &s_signature, NULL },
        { BR_SURFACE_RESPONSES_COMPACT, SEALED_INPUT, &s_signature, NULL },
        { BR_SURFACE_CHAT, SEALED_CHAT, &s_signature, NULL },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        answered_t world = { .secrets = NULL };
        assert_true (
            s_begin_sealed (&world, rows[i].surface, rows[i].format, rows[i].opaque));
        assert_false (upstream_answer_is_translated (world.answer));
        br_blob_t *request = upstream_answer_request (world.answer);
        assert_non_null (request);
        const char *bytes = (const char *) br_blob_data (request);
        size_t size = br_blob_size (request);
        assert_null (memmem (bytes, size, "br1.", 4));
        assert_non_null (memmem (bytes, size, "{\"model\":\"m-1\",\"odd\": [1]", 25));
        assert_non_null (memmem (bytes, size, "\"hi\"", 4));
        const char *sent = rows[i].sent ? rows[i].sent : "\"hi\"";
        assert_non_null (memmem (bytes, size, sent, strlen (sent)));
        answered_end (&world);
    }
}

static void
a_text_that_looks_like_an_envelope_passes (void **state)
{
    (void) state;
    answered_t world = { .secrets = NULL };
    assert_true (
        answered_begin (&world, BR_SURFACE_CHAT, BR_SURFACE_CHAT, 0,
                        "{\"messages\":[{\"role\":\"user\",\"content\":\"br1.x\"}]}"));
    assert_null (upstream_answer_request (world.answer));
    assert_string_equal (upstream_answer_warnings (world.answer), "");
    answered_end (&world);
}

static void
an_answer_to_a_call_with_envelopes_passes (void **state)
{
    (void) state;
    answered_t world = { .secrets = NULL };
    assert_true (
        s_begin_sealed (&world, BR_SURFACE_MESSAGES, SEALED_MESSAGES, &s_encrypted));
    assert_string_equal (upstream_answer_warnings (world.answer),
                         "dropped messages[1].content[0]");
    assert_string_equal (upstream_answer_type (world.answer, "a/b"), "a/b");
    answered_push (&world, MESSAGE);
    assert_int_equal (upstream_answer_end (world.answer, &world.out), TAP_DATA);
    assert_string_equal (br_buf_text (&world.out), MESSAGE);
    assert_true (upstream_answer_is_whole (world.answer));
    assert_int_equal (upstream_answer_usage (world.answer).output, 4);
    answered_end (&world);
    assert_true (s_begin_sealed (&world, BR_SURFACE_MESSAGES_TOKENS, SEALED_MESSAGES,
                                 &s_encrypted));
    answered_push (&world, "{\"input_tokens\":11}");
    assert_int_equal (upstream_answer_end (world.answer, &world.out), TAP_DATA);
    assert_string_equal (br_buf_text (&world.out), "{\"input_tokens\":11}");
    answered_end (&world);
    assert_true (
        s_begin_sealed (&world, BR_SURFACE_RESPONSES, SEALED_INPUT, &s_encrypted));
    answered_push (&world, "{\"id\":\"resp_1\",\"status\":\"completed\",\"output\":[]}");
    upstream_answer_end (world.answer, &world.out);
    assert_string_equal (upstream_answer_object (world.answer), "resp_1");
    answered_end (&world);
}

static void
what_is_no_talk_passes_with_envelopes (void **state)
{
    (void) state;
    static const br_surface_t rows[] = { BR_SURFACE_EMBEDDINGS, BR_SURFACE_COMPLETIONS };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        answered_t world = { .secrets = NULL };
        assert_true (
            answered_begin (&world, rows[i], rows[i], 0, "{\"input\":\"br1.x\"}"));
        assert_false (upstream_answer_is_translated (world.answer));
        answered_end (&world);
    }
}

static void
another_protocol_is_translated_both_ways (void **state)
{
    (void) state;
    answered_t world = { .secrets = NULL };
    assert_true (
        answered_begin (&world, BR_SURFACE_CHAT, BR_SURFACE_MESSAGES, 0, CHAT_CALL));
    assert_true (upstream_answer_is_translated (world.answer));
    br_blob_t *request = upstream_answer_request (world.answer);
    const char *bytes = (const char *) br_blob_data (request);
    size_t size = br_blob_size (request);
    assert_non_null (memmem (bytes, size, "\"model\":\"m-1\"", 13));
    assert_non_null (memmem (bytes, size, "\"max_tokens\":", 13));
    assert_string_equal (upstream_answer_warnings (world.answer), "dropped logit_bias");
    assert_string_equal (upstream_answer_type (world.answer, "a/b"), "application/json");
    assert_int_equal (answered_push (&world, MESSAGE), TAP_NOTHING);
    assert_int_equal (world.out.size, 0);
    assert_int_equal (upstream_answer_end (world.answer, &world.out), TAP_DATA);
    const char *text = br_buf_text (&world.out);
    assert_non_null (strstr (text, "\"object\":\"chat.completion\""));
    assert_non_null (strstr (text, "\"content\":\"hello\""));
    assert_non_null (strstr (text, "\"finish_reason\":\"stop\""));
    assert_true (upstream_answer_is_whole (world.answer));
    assert_true (upstream_answer_is_done (world.answer));
    assert_int_equal (upstream_answer_usage (world.answer).input, 3);
    answered_end (&world);
}

static void
a_translated_stream_that_is_cut_is_not_whole (void **state)
{
    (void) state;
    answered_t world = { .secrets = NULL };
    assert_true (answered_begin (&world, BR_SURFACE_CHAT, BR_SURFACE_GOOGLE_STREAM, 1,
                                 CHAT_STREAM_CALL));
    assert_int_equal (
        answered_push (&world, "data: {\"candidates\":[{\"content\":{\"role\":\"model\","
                               "\"parts\":[{\"text\":\"a\"}]}}]}\r\n\r\n"
                               "data: {\"candidates\":[{\"content\":{\"role\":\"model\","
                               "\"parts\":[{\"text\":\"b\"}]}}]}\r\n\r\n"),
        TAP_DATA);
    assert_non_null (strstr (br_buf_text (&world.out), "chat.completion.chunk"));
    upstream_answer_end (world.answer, &world.out);
    assert_false (upstream_answer_is_whole (world.answer));
    assert_null (strstr (br_buf_text (&world.out), "[DONE]"));
    answered_end (&world);
}

static void
nonsense_is_lost (void **state)
{
    (void) state;
    answered_t world = { .secrets = NULL };
    assert_true (answered_begin (&world, BR_SURFACE_CHAT, BR_SURFACE_CHAT, 0, "{}"));
    answered_push (&world, " \n<html>");
    assert_true (upstream_answer_is_lost (world.answer));
    answered_end (&world);
    assert_true (
        answered_begin (&world, BR_SURFACE_CHAT, BR_SURFACE_MESSAGES, 0, CHAT_CALL));
    answered_push (&world, "<html>");
    upstream_answer_end (world.answer, &world.out);
    assert_true (upstream_answer_is_lost (world.answer));
    assert_int_equal (world.out.size, 0);
    answered_end (&world);
}

static void
a_call_that_cannot_be_read_is_the_clients_fault (void **state)
{
    (void) state;
    answered_t world = { .secrets = NULL };
    assert_false (
        answered_begin (&world, BR_SURFACE_CHAT, BR_SURFACE_MESSAGES, 0, "{\"a\":"));
    assert_int_equal (world.error.code, BR_EINVALID);
    assert_int_equal (world.failure, BR_FAILURE_REQUEST);
    br_buf_free (&world.out);
    //  given: one that this provider cannot carry
    assert_false (
        answered_begin (&world, BR_SURFACE_RESPONSES, BR_SURFACE_MESSAGES, 0,
                        "{\"model\":\"m\",\"input\":\"x\",\"previous_response_id\":"
                        "\"resp_1\"}"));
    assert_int_equal (world.error.code, BR_EINVALID);
    assert_int_equal (world.failure, BR_FAILURE_UNFIT);
    br_buf_free (&world.out);
}

static void
what_is_no_json_passes_without_a_look (void **state)
{
    (void) state;
    answered_t world = { .secrets = NULL };
    assert_true (answered_begin (&world, BR_SURFACE_SPEECH, BR_SURFACE_SPEECH, 0, "{}"));
    upstream_answer_head (world.answer, "audio/mpeg");
    assert_int_equal (answered_push (&world, "ID3"), TAP_DATA);
    assert_int_equal (upstream_answer_end (world.answer, &world.out), TAP_DATA);
    assert_true (upstream_answer_is_whole (world.answer));
    assert_false (upstream_answer_usage (world.answer).known);
    answered_end (&world);
}

static void
what_is_no_talk_is_tapped_for_its_usage (void **state)
{
    (void) state;
    answered_t world = { .secrets = NULL };
    assert_true (
        answered_begin (&world, BR_SURFACE_EMBEDDINGS, BR_SURFACE_EMBEDDINGS, 0, "{}"));
    upstream_answer_head (world.answer, "application/json; charset=utf-8");
    answered_push (&world,
                   "{\"object\":\"list\",\"data\":[],\"usage\":{\"prompt_tokens\":5,"
                   "\"total_tokens\":5}}");
    assert_int_equal (upstream_answer_end (world.answer, &world.out), TAP_DATA);
    assert_true (upstream_answer_is_whole (world.answer));
    assert_int_equal (upstream_answer_usage (world.answer).input, 5);
    answered_end (&world);
}

static void
a_stored_answer_is_not_counted_again (void **state)
{
    (void) state;
    answered_t world = { .secrets = NULL };
    assert_true (
        answered_begin (&world, BR_SURFACE_RESPONSE, BR_SURFACE_RESPONSE, 0, ""));
    upstream_answer_head (world.answer, "application/json");
    answered_push (&world,
                   "{\"id\":\"resp_1\",\"status\":\"failed\",\"error\":{\"code\":\"x\"},"
                   "\"usage\":{\"input_tokens\":5,\"output_tokens\":6}}");
    assert_int_equal (upstream_answer_end (world.answer, &world.out), TAP_DATA);
    assert_true (upstream_answer_is_whole (world.answer));
    assert_false (upstream_answer_result (world.answer)->error);
    assert_false (upstream_answer_usage (world.answer).known);
    assert_string_equal (upstream_answer_object (world.answer), "");
    answered_end (&world);
}

static void
the_id_of_a_response_is_told (void **state)
{
    (void) state;
    answered_t world = { .secrets = NULL };
    assert_true (
        answered_begin (&world, BR_SURFACE_RESPONSES, BR_SURFACE_RESPONSES, 0, "{}"));
    answered_push (&world, "{\"id\":\"resp_1\",\"status\":\"completed\",\"output\":[]}");
    upstream_answer_end (world.answer, &world.out);
    assert_string_equal (upstream_answer_object (world.answer), "resp_1");
    answered_end (&world);
}

static void
a_count_is_said_in_the_clients_words (void **state)
{
    (void) state;
    answered_t world = { .secrets = NULL };
    assert_true (answered_begin (&world, BR_SURFACE_MESSAGES_TOKENS,
                                 BR_SURFACE_GOOGLE_TOKENS, 0, COUNT_CALL));
    br_blob_t *request = upstream_answer_request (world.answer);
    assert_non_null (memmem (br_blob_data (request), br_blob_size (request),
                             "generateContentRequest", 22));
    answered_push (&world, "{\"totalTokens\":");
    answered_push (&world, "11}");
    assert_int_equal (upstream_answer_end (world.answer, &world.out), TAP_DATA);
    assert_string_equal (br_buf_text (&world.out), "{\"input_tokens\":11}");
    assert_true (upstream_answer_is_whole (world.answer));
    assert_false (upstream_answer_usage (world.answer).known);
    answered_end (&world);
    assert_true (answered_begin (&world, BR_SURFACE_MESSAGES_TOKENS,
                                 BR_SURFACE_GOOGLE_TOKENS, 0, COUNT_CALL));
    answered_push (&world, "{}");
    upstream_answer_end (world.answer, &world.out);
    assert_true (upstream_answer_is_lost (world.answer));
    answered_end (&world);
}

static void
a_count_of_the_same_protocol_passes (void **state)
{
    (void) state;
    static const struct {
        br_surface_t surface;
        const char *body;
    } rows[] = {
        { BR_SURFACE_MESSAGES_TOKENS, "{\"input_tokens\":11}" },
        { BR_SURFACE_GOOGLE_TOKENS, "{\"totalTokens\":11}" },
        { BR_SURFACE_RESPONSES_TOKENS,
          "{\"object\":\"response.input_tokens\",\"input_tokens\":11}" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        answered_t world = { .secrets = NULL };
        assert_true (
            answered_begin (&world, rows[i].surface, rows[i].surface, 0, COUNT_CALL));
        upstream_answer_head (world.answer, "application/json");
        answered_push (&world, rows[i].body);
        assert_int_equal (upstream_answer_end (world.answer, &world.out), TAP_DATA);
        assert_false (upstream_answer_is_lost (world.answer));
        assert_true (upstream_answer_is_whole (world.answer));
        assert_string_equal (br_buf_text (&world.out), rows[i].body);
        answered_end (&world);
    }
}

static void
embeddings_are_said_in_the_clients_words (void **state)
{
    (void) state;
    answered_t world = { .secrets = NULL };
    assert_true (answered_begin (&world, BR_SURFACE_EMBEDDINGS, BR_SURFACE_GOOGLE_EMBEDS,
                                 0, "{\"model\":\"e\",\"input\":\"a\",\"user\":\"u\"}"));
    assert_true (upstream_answer_is_translated (world.answer));
    assert_string_equal (upstream_answer_warnings (world.answer), "dropped user");
    upstream_answer_head (world.answer, "application/json");
    answered_push (&world, "{\"embeddings\":[{\"values\":[0.5]}],");
    answered_push (&world, "\"usageMetadata\":{\"promptTokenCount\":6}}");
    assert_int_equal (upstream_answer_end (world.answer, &world.out), TAP_DATA);
    assert_non_null (strstr (br_buf_text (&world.out), "\"embedding\":[0.5]"));
    assert_int_equal (upstream_answer_usage (world.answer).input, 6);
    assert_string_equal (upstream_answer_type (world.answer, "a/b"), "application/json");
    answered_end (&world);
    assert_false (answered_begin (&world, BR_SURFACE_EMBEDDINGS, BR_SURFACE_GOOGLE_EMBEDS,
                                  0, "{\"model\":\"e\"}"));
    assert_int_equal (world.error.code, BR_EINVALID);
    br_buf_free (&world.out);
}

//  ---- secrets

#define KEY "sk-ant-secret-1234"
#define STARS "******************"
#define FAULT(key)                                                                       \
    "event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"api_error\","         \
    "\"message\":\"key " key " bad\"}}\n\n"
#define BEGIN                                                                            \
    "event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"id\":"       \
    "\"msg_1\",\"model\":\"m-1\",\"usage\":{\"input_tokens\":1}}}\n\n"                   \
    "event: content_block_start\ndata: {\"type\":\"content_block_start\",\"index\":0,"   \
    "\"content_block\":{\"type\":\"text\",\"text\":\"\"}}\n\n"                           \
    "event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":0,"   \
    "\"delta\":{\"type\":\"text_delta\",\"text\":\"a task\"}}\n\n"

//  cut: where the provider's bytes are cut in two
static void
s_expect_masked (br_surface_t client, const char *body, size_t cut)
{
    answered_t world = { .secrets = upstream_mask_new () };
    upstream_mask_add (world.secrets, KEY);
    static const char bytes[] = BEGIN FAULT (KEY);
    assert_true (answered_begin (&world, client, BR_SURFACE_MESSAGES, 1, body));
    upstream_answer_push (world.answer, bytes, cut, &world.out);
    assert_null (strstr (br_buf_text (&world.out), "sk-a"));
    upstream_answer_push (world.answer, bytes + cut, sizeof bytes - 1 - cut, &world.out);
    upstream_answer_end (world.answer, &world.out);
    const char *text = br_buf_text (&world.out);
    assert_null (strstr (text, "sk-a"));
    assert_non_null (strstr (text, "key " STARS " bad"));
    if (client == BR_SURFACE_MESSAGES)
        assert_string_equal (text, BEGIN FAULT (STARS));
    answered_end (&world);
    upstream_mask_destroy (&world.secrets);
}

static void
a_secret_in_a_stream_is_masked_wherever_it_is_cut (void **state)
{
    (void) state;
    size_t size = sizeof (BEGIN FAULT (KEY)) - 1;
    for (size_t cut = 0; cut <= size; cut++) {
        s_expect_masked (BR_SURFACE_MESSAGES, "{}", cut);
        if (cut % 8 == 0 || cut > size - 60)
            s_expect_masked (BR_SURFACE_CHAT, CHAT_STREAM_CALL, cut);
    }
}

static void
only_what_may_be_a_secret_is_held_back (void **state)
{
    (void) state;
    answered_t world = { .secrets = upstream_mask_new () };
    upstream_mask_add (world.secrets, KEY);
    assert_true (answered_begin (&world, BR_SURFACE_SPEECH, BR_SURFACE_SPEECH, 0, "{}"));
    upstream_answer_head (world.answer, "text/plain");
    answered_push (&world, "sk-ant-secret-1234 a task-sk");
    assert_string_equal (br_buf_text (&world.out), STARS " a task-");
    answered_push (&world, "-");
    assert_string_equal (br_buf_text (&world.out), STARS " a task-");
    answered_push (&world, "x s");
    assert_string_equal (br_buf_text (&world.out), STARS " a task-sk-x ");
    //  when: it ends, a few bytes are a word, more are no accident
    upstream_answer_end (world.answer, &world.out);
    assert_string_equal (br_buf_text (&world.out), STARS " a task-sk-x s");
    answered_end (&world);
    assert_true (answered_begin (&world, BR_SURFACE_SPEECH, BR_SURFACE_SPEECH, 0, "{}"));
    upstream_answer_head (world.answer, "text/plain");
    answered_push (&world, "a sk-ant-secret-123");
    upstream_answer_end (world.answer, &world.out);
    assert_string_equal (br_buf_text (&world.out), "a *****************");
    answered_end (&world);
    upstream_mask_destroy (&world.secrets);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (one_protocol_passes_byte_by_byte),
        cmocka_unit_test (envelopes_do_not_pass_to_a_provider_of_the_same_protocol),
        cmocka_unit_test (a_text_that_looks_like_an_envelope_passes),
        cmocka_unit_test (an_answer_to_a_call_with_envelopes_passes),
        cmocka_unit_test (what_is_no_talk_passes_with_envelopes),
        cmocka_unit_test (another_protocol_is_translated_both_ways),
        cmocka_unit_test (a_translated_stream_that_is_cut_is_not_whole),
        cmocka_unit_test (nonsense_is_lost),
        cmocka_unit_test (a_call_that_cannot_be_read_is_the_clients_fault),
        cmocka_unit_test (what_is_no_json_passes_without_a_look),
        cmocka_unit_test (what_is_no_talk_is_tapped_for_its_usage),
        cmocka_unit_test (a_stored_answer_is_not_counted_again),
        cmocka_unit_test (the_id_of_a_response_is_told),
        cmocka_unit_test (a_count_is_said_in_the_clients_words),
        cmocka_unit_test (a_count_of_the_same_protocol_passes),
        cmocka_unit_test (embeddings_are_said_in_the_clients_words),
        cmocka_unit_test (a_secret_in_a_stream_is_masked_wherever_it_is_cut),
        cmocka_unit_test (only_what_may_be_a_secret_is_held_back),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
