//  test_translate_replay: conversations through a translation: what is asked of providers
//  in turn, and what comes back to a provider when the client hands an answer back as it
//  got it.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "broker/core/json_writer.h"
#include "broker/proto/translate.h"

static br_target_t
s_target (br_protocol_t protocol, const char *provider, const char *model)
{
    return (br_target_t) { .protocol = protocol,
                           .provider = provider,
                           .model = model,
                           .dialect = br_dialect_of (protocol, provider, model) };
}

static br_target_t
s_claude (void)
{
    return s_target (BR_PROTOCOL_MESSAGES, "anthropic", "claude-sonnet-4-5");
}

static br_translate_t *
s_new (br_protocol_t client, const char *body, bool stream)
{
    br_error_t error = { .text = "" };
    br_blob_t *blob = br_blob_new (body, strlen (body));
    br_translate_t *translate = br_translate_new (client, blob, "mine", stream, "req_1",
                                                  7, &error);
    if (!translate)
        fail_msg ("%s", error.text);
    br_blob_destroy (&blob);
    return translate;
}

static void
s_ask (br_translate_t *translate, const br_target_t *target, br_buf_t *out)
{
    br_error_t error = { .text = "" };
    br_buf_init (out, 1 << 20);
    if (br_translate_request (translate, target, out, &error))
        fail_msg ("%s", error.text);
}

static void
s_has (br_buf_t *buf, const char *text)
{
    if (!strstr (br_buf_text (buf), text))
        fail_msg ("%s is not in %s", text, br_buf_text (buf));
}

//  ---- requests

static void
given_a_body_that_is_wrong_when_read_then_it_is_refused (void **state)
{
    (void) state;
    static const char *const bodies[] = { "", "{", "[]", "7", "{\"messages\":1}" };
    for (size_t i = 0; i < sizeof bodies / sizeof bodies[0]; i++)
        for (unsigned j = 0; j < BR_PROTOCOL_COUNT; j++) {
            if (i == 4 && j != BR_PROTOCOL_CHAT && j != BR_PROTOCOL_MESSAGES)
                continue;
            br_error_t error = { .code = BR_OK };
            br_blob_t *blob = br_blob_new (bodies[i], strlen (bodies[i]));
            assert_null (
                br_translate_new ((br_protocol_t) j, blob, NULL, false, "r", 1, &error));
            assert_int_equal (error.code, BR_EINVALID);
            br_blob_destroy (&blob);
        }
}

static const char s_chat[] =
    "{\"model\":\"x\",\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}],"
    "\"seed\":7,\"stop\":[\"END\"]}";

static void
given_a_provider_that_fails_when_the_next_is_asked_then_all_is_new (void **state)
{
    (void) state;
    br_translate_t *translate = s_new (BR_PROTOCOL_CHAT, s_chat, true);
    assert_string_equal (br_translate_warnings (translate), "");
    br_target_t target = s_claude ();
    br_buf_t body, out;
    s_ask (translate, &target, &body);
    s_has (&body, "\"stop_sequences\":[\"END\"]");
    br_buf_free (&body);
    assert_non_null (strstr (br_translate_warnings (translate), "dropped seed"));
    br_buf_init (&out, 1 << 20);
    br_translate_push (translate, "{\"type\":\"error\",\"error\":{}}", 27, &out);
    assert_int_equal (br_translate_end (translate, &out), TAP_ERROR);
    assert_true (br_translate_result (translate)->error);

    target = s_target (BR_PROTOCOL_GOOGLE, "google", "gemini-2.5-pro");
    s_ask (translate, &target, &body);
    s_has (&body, "\"seed\":7");
    br_buf_free (&body);
    assert_null (strstr (br_translate_warnings (translate), "seed"));
    assert_false (br_translate_result (translate)->error);
    static const char answer[] =
        "data: {\"candidates\":[{\"content\":{\"role\":\"model\",\"parts\":[{\"text\":"
        "\"yes\"}]},\"finishReason\":\"STOP\"}]}\r\n\r\n";
    br_translate_push (translate, answer, sizeof answer - 1, &out);
    br_translate_end (translate, &out);
    assert_true (br_translate_result (translate)->complete);
    s_has (&out, "\"yes\"");
    s_has (&out, "\"model\":\"mine\"");
    br_buf_free (&out);
    br_translate_destroy (&translate);
}

static void
given_a_client_when_asked_then_its_wishes_are_told (void **state)
{
    (void) state;
    br_translate_t *translate = s_new (
        BR_PROTOCOL_GOOGLE, "{\"contents\":[{\"parts\":[{\"text\":\"hi\"}]}]}", true);
    assert_true (br_translate_stream (translate));
    assert_string_equal (br_translate_content_type (translate), "text/event-stream");
    br_buf_t out;
    br_buf_init (&out, 64);
    assert_int_equal (br_translate_push (translate, "{}", 2, &out), TAP_NOTHING);
    assert_int_equal (br_translate_end (translate, &out), TAP_NOTHING);
    assert_false (br_translate_result (translate)->complete);
    br_translate_destroy (&translate);
    br_translate_destroy (&translate);
    translate = s_new (BR_PROTOCOL_CHAT, s_chat, false);
    assert_false (br_translate_stream (translate));
    assert_string_equal (br_translate_content_type (translate), "application/json");
    br_translate_destroy (&translate);
}

static void
given_a_schema_when_the_model_answers_by_a_tool_then_the_client_hears_text (void **state)
{
    (void) state;
    br_translate_t *translate = s_new (
        BR_PROTOCOL_CHAT,
        "{\"model\":\"x\",\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}],"
        "\"response_format\":{\"type\":\"json_schema\",\"json_schema\":{\"name\":\"n\","
        "\"schema\":{\"type\":\"object\",\"properties\":{}}}}}",
        false);
    br_target_t target = s_target (BR_PROTOCOL_MESSAGES, "anthropic",
                                   "claude-3-haiku-20240307");
    br_buf_t out;
    s_ask (translate, &target, &out);
    s_has (&out, "json_response");
    br_buf_clear (&out);
    static const char answer[] =
        "{\"id\":\"m\",\"type\":\"message\",\"role\":\"assistant\",\"model\":\"c\","
        "\"content\":[{\"type\":\"tool_use\",\"id\":\"t\",\"name\":\"json_response\","
        "\"input\":{\"a\":1}}],\"stop_reason\":\"tool_use\",\"usage\":{"
        "\"input_tokens\":1,\"output_tokens\":1}}";
    br_translate_push (translate, answer, sizeof answer - 1, &out);
    br_translate_end (translate, &out);
    s_has (&out, "\"content\":\"{\\\"a\\\":1}\"");
    s_has (&out, "\"finish_reason\":\"stop\"");
    br_buf_free (&out);
    br_translate_destroy (&translate);
}

//  ---- an answer that is handed back

#define TOOL "\"name\":\"look\""
#define SCHEMA "{\"type\":\"object\",\"properties\":{}}"

//  The next request of a client: what it asked, a part of the answer as it stands, a
//  result.
typedef struct {
    const char *head;
    const char *path[3]; //  of the part in the answer's body; numbers are of items
    bool spread;         //  it is a list, whose items are items of the conversation
    const char *result;  //  %s is the id of the call
    const char *tail;
} client_t;

static const client_t s_clients[BR_PROTOCOL_COUNT] = {
    [BR_PROTOCOL_CHAT] = { "{\"model\":\"x\",\"messages\":[{\"role\":\"user\","
                           "\"content\":\"go\"}",
                           { "choices", "0", "message" },
                           false,
                           ",{\"role\":\"tool\",\"tool_call_id\":\"%s\",\"content\":"
                           "\"found\"}]",
                           ",\"tools\":[{\"type\":\"function\",\"function\":{" TOOL
                           ",\"parameters\":" SCHEMA
                           "}}],\"reasoning_effort\":\"high\"}" },
    [BR_PROTOCOL_RESPONSES] = { "{\"model\":\"x\",\"input\":[{\"role\":\"user\","
                                "\"content\":\"go\"}",
                                { "output" },
                                true,
                                ",{\"type\":\"function_call_output\",\"call_id\":\"%s\","
                                "\"output\":\"found\"}]",
                                ",\"tools\":[{\"type\":\"function\"," TOOL
                                ",\"parameters\":" SCHEMA
                                "}],\"reasoning\":{\"effort\":\"high\"},"
                                "\"include\":[\"reasoning.encrypted_content\"]}" },
    [BR_PROTOCOL_MESSAGES] = { "{\"model\":\"x\",\"max_tokens\":9000,\"messages\":[{"
                               "\"role\":\"user\","
                               "\"content\":\"go\"},{\"role\":\"assistant\",\"content\":",
                               { "content" },
                               false,
                               "},{\"role\":\"user\",\"content\":[{\"type\":\"tool_"
                               "result\",\"tool_use_id\":\"%s\","
                               "\"content\":\"found\"}]}]",
                               ",\"tools\":[{" TOOL ",\"input_schema\":" SCHEMA "}],"
                               "\"thinking\":{\"type\":\"enabled\",\"budget_tokens\":"
                               "2000}}" },
    [BR_PROTOCOL_GOOGLE] = { "{\"contents\":[{\"role\":\"user\",\"parts\":[{\"text\":"
                             "\"go\"}]}",
                             { "candidates", "0", "content" },
                             false,
                             ",{\"role\":\"user\",\"parts\":[{\"functionResponse\":{"
                             "\"id\":\"%s\"," TOOL
                             ",\"response\":{\"output\":\"found\"}}}]}]",
                             ",\"tools\":[{\"functionDeclarations\":[{" TOOL
                             "}]}],\"generationConfig\":{"
                             "\"thinkingConfig\":{\"includeThoughts\":true}}}" },
};

//  Answers with reasoning that has to come back unchanged, and a call with the id c1.
typedef struct {
    br_protocol_t protocol;
    const char *provider, *model;
    const char *body;
    const char *wanted; //  in the next request
} reply_t;

static const reply_t s_replies[] = {
    { BR_PROTOCOL_MESSAGES, "anthropic", "claude-sonnet-4-5",
      "{\"id\":\"m\",\"type\":\"message\",\"role\":\"assistant\",\"model\":"
      "\"claude-sonnet-4-5\",\"content\":[{\"type\":\"thinking\",\"thinking\":\"hm\","
      "\"signature\":\"U0lHTkFUVVJF\"},{\"type\":\"tool_use\",\"id\":\"c1\",\"name\":"
      "\"look\",\"input\":{}}],\"stop_reason\":\"tool_use\",\"usage\":{"
      "\"input_tokens\":1,\"output_tokens\":1}}",
      "\"signature\":\"U0lHTkFUVVJF\"" },
    { BR_PROTOCOL_MESSAGES, "anthropic", "claude-sonnet-4-5",
      "{\"id\":\"m\",\"type\":\"message\",\"role\":\"assistant\",\"model\":"
      "\"claude-sonnet-4-5\",\"content\":[{\"type\":\"redacted_thinking\",\"data\":"
      "\"UkVEQUNURUQ\"},{\"type\":\"tool_use\",\"id\":\"c1\",\"name\":\"look\","
      "\"input\":{}}],\"stop_reason\":\"tool_use\",\"usage\":{\"input_tokens\":1,"
      "\"output_tokens\":1}}",
      "\"data\":\"UkVEQUNURUQ\"" },
    { BR_PROTOCOL_RESPONSES, "openai", "gpt-5.1",
      "{\"id\":\"r\",\"object\":\"response\",\"created_at\":1,\"status\":\"completed\","
      "\"model\":\"gpt-5.1\",\"output\":[{\"type\":\"reasoning\",\"id\":\"rs_1\","
      "\"summary\":[{\"type\":\"summary_text\",\"text\":\"hm\"}],\"encrypted_content\":"
      "\"RU5DUllQVEVE\"},{\"type\":\"function_call\",\"id\":\"fc_1\",\"call_id\":\"c1\","
      "\"name\":\"look\",\"arguments\":\"{}\",\"status\":\"completed\"}],\"usage\":{"
      "\"input_tokens\":1,\"output_tokens\":1,\"total_tokens\":2}}",
      "\"encrypted_content\":\"RU5DUllQVEVE\"" },
    { BR_PROTOCOL_GOOGLE, "google", "gemini-3-pro",
      "{\"candidates\":[{\"content\":{\"role\":\"model\",\"parts\":[{\"functionCall\":{"
      "\"id\":\"c1\",\"name\":\"look\",\"args\":{}},\"thoughtSignature\":"
      "\"VEhPVUdIVA==\"}]},\"finishReason\":\"STOP\",\"index\":0}],\"modelVersion\":"
      "\"gemini-3-pro\",\"usageMetadata\":{\"promptTokenCount\":1,"
      "\"candidatesTokenCount\":1}}",
      "\"thoughtSignature\":\"VEhPVUdIVA==\"" },
};

static br_target_t
s_target_of (const reply_t *reply)
{
    return s_target (reply->protocol, reply->provider, reply->model);
}

//  The first request is the next one without what the answer brings.
static void
s_answer (const reply_t *reply, br_protocol_t client, br_buf_t *answer)
{
    char first[2048];
    const client_t *row = &s_clients[client];
    const char *middle = client == BR_PROTOCOL_MESSAGES ? "[]}]" : "]";
    snprintf (first, sizeof first, "%s%s%s", row->head, middle, row->tail);
    br_translate_t *translate = s_new (client, first, false);
    br_target_t target = s_target_of (reply);
    br_buf_t body;
    s_ask (translate, &target, &body);
    br_buf_free (&body);
    br_buf_init (answer, 1 << 20);
    br_translate_push (translate, reply->body, strlen (reply->body), answer);
    br_translate_end (translate, answer);
    assert_true (br_translate_result (translate)->complete);
    br_translate_destroy (&translate);
}

static void
s_next_request (const client_t *row, const br_buf_t *answer, br_buf_t *out)
{
    json_tree_t *tree = json_tree_new ();
    const json_node_t *node = json_tree_parse (tree, answer->data, answer->size, NULL);
    for (size_t i = 0; i < 3 && row->path[i]; i++)
        node = row->path[i][0] == '0' ? json_first (tree, node)
                                      : json_get (tree, node, row->path[i]);
    assert_non_null (node);
    br_text_t part = json_raw (tree, node);
    if (row->spread) {
        part.at++;
        part.size -= 2;
    }
    br_buf_init (out, 1 << 20);
    br_buf_addf (out, "%s%s%.*s", row->head,
                 row == &s_clients[BR_PROTOCOL_MESSAGES] ? "" : ",", (int) part.size,
                 part.at);
    br_buf_addf (out, row->result, "c1");
    br_buf_adds (out, row->tail);
    json_tree_destroy (&tree);
}

static void
given_reasoning_when_the_client_hands_it_back_then_its_provider_has_it_again (
    void **state)
{
    (void) state;
    for (size_t i = 0; i < sizeof s_replies / sizeof s_replies[0]; i++)
        for (unsigned j = 0; j < BR_PROTOCOL_COUNT; j++) {
            const reply_t *reply = &s_replies[i];
            if (j == reply->protocol || !s_clients[j].head)
                continue;
            br_buf_t answer, next, body;
            s_answer (reply, (br_protocol_t) j, &answer);
            s_next_request (&s_clients[j], &answer, &next);
            br_translate_t *translate = s_new ((br_protocol_t) j, br_buf_text (&next),
                                               false);
            br_target_t target = s_target_of (reply);
            s_ask (translate, &target, &body);
            if (!strstr (br_buf_text (&body), reply->wanted)
                || !strstr (br_buf_text (&body), "found")
                || strstr (br_buf_text (&body), "br1."))
                fail_msg ("%u: %s is not in\n%s\nfor\n%s", j, reply->wanted,
                          br_buf_text (&body), br_buf_text (&next));
            br_buf_free (&body);
            br_translate_destroy (&translate);
            br_buf_free (&next);
            br_buf_free (&answer);
        }
}

static void
p14_p16_given_reasoning_when_others_are_asked_then_no_blob_goes_there (void **state)
{
    (void) state;
    for (size_t i = 0; i < sizeof s_replies / sizeof s_replies[0]; i++)
        for (unsigned j = 0; j < BR_PROTOCOL_COUNT; j++)
            for (size_t k = 0; k < sizeof s_replies / sizeof s_replies[0]; k++) {
                const reply_t *reply = &s_replies[i];
                const reply_t *other = &s_replies[k];
                if (j == reply->protocol || other->protocol == reply->protocol
                    || !s_clients[j].head || other->protocol == j)
                    continue;
                br_buf_t answer, next, body;
                s_answer (reply, (br_protocol_t) j, &answer);
                s_next_request (&s_clients[j], &answer, &next);
                br_translate_t *translate = s_new ((br_protocol_t) j, br_buf_text (&next),
                                                   false);
                br_target_t target = s_target_of (other);
                s_ask (translate, &target, &body);
                if (strstr (br_buf_text (&body), "br1.")
                    || strstr (br_buf_text (&body), reply->wanted))
                    fail_msg ("%u: a blob is in\n%s", j, br_buf_text (&body));
                s_has (&body, "found");
                br_buf_free (&body);
                br_translate_destroy (&translate);
                br_buf_free (&next);
                br_buf_free (&answer);
            }
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (given_a_body_that_is_wrong_when_read_then_it_is_refused),
        cmocka_unit_test (
            given_a_provider_that_fails_when_the_next_is_asked_then_all_is_new),
        cmocka_unit_test (given_a_client_when_asked_then_its_wishes_are_told),
        cmocka_unit_test (
            given_a_schema_when_the_model_answers_by_a_tool_then_the_client_hears_text),
        cmocka_unit_test (
            given_reasoning_when_the_client_hands_it_back_then_its_provider_has_it_again),
        cmocka_unit_test (
            p14_p16_given_reasoning_when_others_are_asked_then_no_blob_goes_there),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
