//  resumed: what tests of answers that go on share: clients that are recorded, and others
//  that go on with what they were told.

#ifndef BR_TESTS_RESUMED_H
#define BR_TESTS_RESUMED_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "broker/proto/translate.h"

typedef struct {
    const char *provider, *model;
    const char *request; //  of a client
} resumed_side_t;

static const resumed_side_t resumed_sides[BR_PROTOCOL_COUNT] = {
    [BR_PROTOCOL_CHAT] = { "openai", "gpt-4.1",
                           "{\"model\":\"m\",\"stream\":true,\"stream_options\":{"
                           "\"include_usage\":true},\"reasoning_effort\":\"high\","
                           "\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]}" },
    [BR_PROTOCOL_RESPONSES] = { "openai", "gpt-5.1",
                                "{\"model\":\"m\",\"stream\":true,\"input\":\"hi\","
                                "\"include\":[\"reasoning.encrypted_content\"]}" },
    [BR_PROTOCOL_MESSAGES] = { "anthropic", "claude-sonnet-4-5",
                               "{\"model\":\"m\",\"max_tokens\":9000,\"stream\":true,"
                               "\"thinking\":{\"type\":\"enabled\",\"budget_tokens\":"
                               "2000},\"messages\":[{\"role\":\"user\",\"content\":"
                               "\"hi\"}]}" },
    [BR_PROTOCOL_GOOGLE] = { "google", "gemini-2.5-pro",
                             "{\"contents\":[{\"role\":\"user\",\"parts\":[{\"text\":"
                             "\"hi\"}]}]}" },
    [BR_PROTOCOL_COMPLETIONS] = { "p", "base",
                                  "{\"model\":\"m\",\"stream\":true,\"prompt\":\"hi\","
                                  "\"stream_options\":{\"include_usage\":true}}" },
};

static inline br_target_t
resumed_target (br_protocol_t protocol)
{
    const resumed_side_t *side = &resumed_sides[protocol];
    return (
        br_target_t) { .protocol = protocol,
                       .provider = side->provider,
                       .model = side->model,
                       .dialect = br_dialect_of (protocol, side->provider, side->model) };
}

static inline br_translate_t *
resumed_new (br_protocol_t client, const char *body, const char *request_id, uint64_t now)
{
    br_error_t error = { .text = "" };
    br_blob_t *blob = br_blob_new (body, strlen (body));
    const char *path_model = client == BR_PROTOCOL_GOOGLE ? "m" : NULL;
    br_translate_t *translate = br_translate_new (
        client, blob, path_model, path_model != NULL, request_id, now, &error);
    if (!translate)
        fail_msg ("%s", error.text);
    br_blob_destroy (&blob);
    return translate;
}

static inline void
resumed_ask (br_translate_t *translate, const br_target_t *target, br_buf_t *body)
{
    br_error_t error = { .text = "" };
    br_buf_init (body, BR_CALL_BYTES_MAX);
    if (br_translate_request (translate, target, body, &error))
        fail_msg ("%s", error.text);
}

static inline br_translate_t *
resumed_record (br_protocol_t client, br_protocol_t provider)
{
    br_translate_t *translate = resumed_new (client, resumed_sides[client].request,
                                             "req_1", 1000);
    br_target_t target = resumed_target (provider);
    br_buf_t body;
    br_translate_record (translate);
    resumed_ask (translate, &target, &body);
    br_buf_free (&body);
    return translate;
}

static inline size_t
resumed_count (br_buf_t *out, const char *word)
{
    size_t count = 0;
    for (const char *at = strstr (br_buf_text (out), word); at;
         at = strstr (at + 1, word))
        count++;
    return count;
}

//  Goes on with what another translation has told, as another process would.
static inline br_translate_t *
resumed_go_on (const br_translate_t *cut, br_protocol_t client, br_protocol_t provider)
{
    br_buf_t state;
    br_error_t error = { .text = "" };
    br_buf_init (&state, BR_RESUME_BYTES_MAX);
    assert_int_equal (br_translate_resume_take (cut, &state), 0);
    br_translate_t *next = resumed_new (client, resumed_sides[client].request, "req_2",
                                        2000);
    if (br_translate_resume (next, state.data, state.size, &error))
        fail_msg ("%s: %s", error.text, br_buf_text (&state));
    br_translate_record (next);
    br_buf_free (&state);
    br_target_t target = resumed_target (provider);
    br_buf_t body;
    resumed_ask (next, &target, &body);
    br_buf_free (&body);
    return next;
}

static inline void
resumed_has (br_buf_t *buf, const char *text)
{
    if (!strstr (br_buf_text (buf), text))
        fail_msg ("%s is not in %s", text, br_buf_text (buf));
}

#endif
