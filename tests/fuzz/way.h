//  way: what the fuzzers of translations share: who asks whom, and what must be true of all
//  that is written. Which of several rows is taken comes from a hash of the input, so that
//  recorded files are seeds as they are.

#ifndef BR_FUZZ_WAY_H
#define BR_FUZZ_WAY_H

#include <assert.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "broker/core/alloc.h"
#include "broker/net/sse.h"
#include "broker/proto/translate.h"
#include "tests/broker/proto/messages/grammar.h"
#include "tests/broker/proto/responses/grammar.h"

#define WAY_ROWS 4 //  targets of a protocol, and requests of a client
#define WAY_PROTOCOLS (BR_PROTOCOL_GOOGLE + 1) //  that are translated in both directions
#define WAY_OUT_MAX (64u << 20)                //  bytes

static inline uint32_t
way_hash (const uint8_t *bytes, size_t size)
{
    uint32_t hash = 2166136261u;
    for (size_t i = 0; i < size; i++)
        hash = (hash ^ bytes[i]) * 16777619u;
    return hash ^ hash >> 15;
}

//  Says what is wrong, and with which bytes, before the end.
static inline void
way_fail (const char *what, br_protocol_t client, br_protocol_t provider,
          const br_buf_t *out)
{
    fprintf (stderr, "%s: a client of %s, a provider of %s:\n%.*s\n", what,
             br_codec_of (client)->label, br_codec_of (provider)->label,
             out ? (int) out->size : 0, out ? (const char *) out->data : "");
    abort ();
}

//  ---- who is asked

static const char *const way_models[WAY_PROTOCOLS][WAY_ROWS][2] = {
    [BR_PROTOCOL_CHAT] = { { "openai", "gpt-5.1" },
                           { "mistral", "mistral-small-latest" },
                           { "openrouter", "anthropic/claude-sonnet-4.6" },
                           { "deepseek", "deepseek-reasoner" } },
    [BR_PROTOCOL_RESPONSES] = { { "openai", "gpt-5.1" },
                                { "openai", "gpt-4.1" },
                                { "xai", "grok-4" },
                                { "openai", "o3" } },
    [BR_PROTOCOL_MESSAGES] = { { "anthropic", "claude-sonnet-4-5" },
                               { "anthropic", "claude-opus-4-6" },
                               { "anthropic", "claude-3-haiku" },
                               { "deepseek", "deepseek-chat" } },
    [BR_PROTOCOL_GOOGLE] = { { "google", "gemini-2.5-pro" },
                             { "google", "gemini-3-pro" },
                             { "google", "gemini-2.0-flash" },
                             { "vertex", "gemini-2.5-flash" } },
};

static inline br_target_t
way_target (br_protocol_t protocol, uint32_t hash)
{
    const char *const *row = way_models[protocol][hash % WAY_ROWS];
    return (br_target_t) { .protocol = protocol,
                           .provider = row[0],
                           .model = row[1],
                           .dialect = br_dialect_of (protocol, row[0], row[1]) };
}

//  ---- who asks: plainly, with tools, for an object of a schema, with reasoning

#define WAY_SCHEMA                                                                       \
    "{\"type\":\"object\",\"properties\":{\"a\":{\"type\":\"integer\"},"                 \
    "\"input\":{\"type\":\"string\"}},\"required\":[\"a\"],"                             \
    "\"additionalProperties\":false}"
#define WAY_CHAT "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"a\"}]"
#define WAY_RESPONSES "{\"model\":\"m\",\"input\":\"a\""
#define WAY_MESSAGES                                                                     \
    "{\"model\":\"m\",\"max_tokens\":9000,\"messages\":[{\"role\":\"user\","             \
    "\"content\":\"a\"}]"
#define WAY_GOOGLE "{\"contents\":[{\"role\":\"user\",\"parts\":[{\"text\":\"a\"}]}]"

static const char *const way_requests[WAY_PROTOCOLS][WAY_ROWS] = {
    [BR_PROTOCOL_CHAT] = { WAY_CHAT,
                           WAY_CHAT ",\"tools\":[{\"type\":\"function\",\"function\":{"
                                    "\"name\":\"add\","
                                    "\"parameters\":" WAY_SCHEMA
                                    "}},{\"type\":\"custom\",\"custom\":{"
                                    "\"name\":\"patch\"}}],\"stream_options\":{\"include_"
                                    "usage\":true}",
                           WAY_CHAT ",\"response_format\":{\"type\":\"json_schema\","
                                    "\"json_schema\":{"
                                    "\"name\":\"s\",\"schema\":" WAY_SCHEMA "}}",
                           WAY_CHAT
                           ",\"reasoning_effort\":\"high\",\"logprobs\":true,"
                           "\"functions\":[{\"name\":\"add\",\"parameters\":" WAY_SCHEMA
                           "}]" },
    [BR_PROTOCOL_RESPONSES] = { WAY_RESPONSES,
                                WAY_RESPONSES
                                ",\"tools\":[{\"type\":\"function\",\"name\":\"add\","
                                "\"parameters\":" WAY_SCHEMA
                                "},{\"type\":\"custom\",\"name\":"
                                "\"patch\"}],\"tool_choice\":\"auto\"",
                                WAY_RESPONSES ",\"text\":{\"format\":{\"type\":\"json_"
                                              "schema\",\"name\":\"s\","
                                              "\"schema\":" WAY_SCHEMA "}}",
                                WAY_RESPONSES ",\"reasoning\":{\"effort\":\"high\","
                                              "\"summary\":\"auto\"},"
                                              "\"include\":[\"reasoning.encrypted_"
                                              "content\"],\"store\":false" },
    [BR_PROTOCOL_MESSAGES] = { WAY_MESSAGES,
                               WAY_MESSAGES
                               ",\"tools\":[{\"name\":\"add\",\"input_"
                               "schema\":" WAY_SCHEMA
                               "},{\"name\":\"patch\",\"input_schema\":" WAY_SCHEMA "}]",
                               WAY_MESSAGES
                               ",\"output_config\":{\"format\":{\"type\":\"json_schema\","
                               "\"schema\":" WAY_SCHEMA "}}",
                               WAY_MESSAGES ",\"thinking\":{\"type\":\"enabled\","
                                            "\"budget_tokens\":2000}" },
    [BR_PROTOCOL_GOOGLE] = { WAY_GOOGLE,
                             WAY_GOOGLE
                             ",\"tools\":[{\"functionDeclarations\":[{\"name\":\"add\"},"
                             "{\"name\":\"patch\"}]}]",
                             WAY_GOOGLE ",\"generationConfig\":{\"responseMimeType\":"
                                        "\"application/json\","
                                        "\"responseJsonSchema\":" WAY_SCHEMA "}",
                             WAY_GOOGLE ",\"generationConfig\":{\"thinkingConfig\":{"
                                        "\"includeThoughts\":"
                                        "true}}" },
};

//  A request that was sent to the target, whose answer is awaited.
static inline br_translate_t *
way_ask (br_protocol_t client, const br_target_t *target, bool stream, uint32_t hash)
{
    char *body = br_strf ("%s%s}", way_requests[client][hash % WAY_ROWS],
                          stream && client != BR_PROTOCOL_GOOGLE ? ",\"stream\":true"
                                                                 : "");
    br_blob_t *blob = br_blob_take ((uint8_t *) body, strlen (body));
    br_error_t error = { .text = "" };
    br_translate_t *self = br_translate_new (
        client, blob, client == BR_PROTOCOL_GOOGLE ? "m" : NULL, stream, "r", 7, &error);
    br_blob_destroy (&blob);
    br_buf_t out;
    br_buf_init (&out, WAY_OUT_MAX);
    if (!self || br_translate_request (self, target, &out, &error)) {
        fprintf (stderr, "%s\n", error.text);
        way_fail ("a request of ours is refused", client, target->protocol, &out);
    }
    br_buf_free (&out);
    return self;
}

//  ---- the bytes of an answer

//  In pieces of at most so many bytes, each in an allocation of its own, so that a step
//  too far is seen.
static inline tap_result_t
way_push (br_translate_t *self, const uint8_t *bytes, size_t size, size_t most,
          br_buf_t *out)
{
    for (size_t at = 0; at < size; at += most) {
        size_t length = size - at < most ? size - at : most;
        uint8_t *piece = br_alloc (1, length);
        memcpy (piece, bytes + at, length);
        br_translate_push (self, piece, length, out);
        free (piece);
    }
    br_translate_end (self, out);
    return *br_translate_result (self);
}

//  ---- what was written

typedef struct {
    json_tree_t *tree;
    size_t bad; //  events that are no JSON and no mark
    bool ended; //  by [DONE]
} way_events_t;

static inline void
way_on_event (void *arg, const char *name, const uint8_t *data, size_t size)
{
    (void) name;
    way_events_t *events = arg;
    if (size == 6 && memcmp (data, "[DONE]", 6) == 0)
        events->ended = true;
    else if (!json_is (json_tree_parse (events->tree, data, size, NULL), JSON_OBJECT))
        events->bad++;
}

static inline way_events_t
way_events (const br_buf_t *out)
{
    static const sse_handler_t handler = { .event = way_on_event };
    way_events_t events = { .tree = json_tree_new () };
    sse_t *sse = sse_new (&handler, &events, SSE_EVENT_MAX);
    sse_push (sse, out->data, out->size, NULL);
    sse_end (sse, NULL);
    sse_destroy (&sse);
    json_tree_destroy (&events.tree);
    return events;
}

static inline bool
way_is_object (const br_buf_t *out)
{
    json_tree_t *tree = json_tree_new ();
    bool is = json_is (json_tree_parse (tree, out->data, out->size, NULL), JSON_OBJECT);
    json_tree_destroy (&tree);
    return is;
}

//  Of protocols whose streams have a mark at their end that can be told from all else.
static inline int
way_grammar (br_protocol_t client, const br_buf_t *out, char *why, size_t room)
{
    const char *text = (const char *) out->data;
    if (client == BR_PROTOCOL_MESSAGES)
        return messages_grammar_check (text, out->size, why, room);
    if (client == BR_PROTOCOL_RESPONSES)
        return responses_grammar_check (text, out->size, why, room);
    snprintf (why, room, "no [DONE]");
    return client == BR_PROTOCOL_CHAT && !way_events (out).ended ? -1 : 0;
}

static inline void
way_check_stream (br_protocol_t client, br_protocol_t provider,
                  const tap_result_t *result, const br_buf_t *out)
{
    char why[512] = "";
    if (way_events (out).bad)
        way_fail ("an event is no JSON", client, provider, out);
    int rc = out->size ? way_grammar (client, out, why, sizeof why) : 0;
    if (rc && strstr (why, "add up to no object"))
        return; //  the model's own fault, of which nobody knew when they were passed on
    if (rc && memmem (out->data, out->size, "\\u0000", 6))
        return; //  the library that checks it sees the end of a text in there
    if (result->complete && (rc || out->size == 0))
        way_fail (why, client, provider, out);
    if (!result->complete && !result->error && out->size && rc == 0
        && client != BR_PROTOCOL_GOOGLE)
        way_fail ("half an answer looks whole", client, provider, out);
}

static inline void
way_check_result (const tap_result_t *result, const br_buf_t *out)
{
    const br_usage_t *usage = &result->usage;
    assert (!(result->complete && (result->error || result->unknown)));
    assert (!result->complete || result->first == TAP_DATA);
    assert (result->first != TAP_ERROR || out->size == 0);
    assert (out->size == 0 || result->first == TAP_DATA);
    assert (usage->cache_read + usage->cache_write <= usage->input);
    assert (usage->cache_write_1h <= usage->cache_write);
    assert (usage->reasoning <= usage->output);
}

//  What we wrote for a client, as a client of ours would hear it from us.
static inline void
way_read_again (br_protocol_t client, br_protocol_t provider, bool stream, uint32_t hash,
                const br_buf_t *out)
{
    br_target_t target = way_target (client, hash);
    br_protocol_t next = (client + 1 + hash % 3) % WAY_PROTOCOLS;
    br_translate_t *self = way_ask (next, &target, stream, hash);
    br_buf_t again;
    br_buf_init (&again, WAY_OUT_MAX);
    tap_result_t result = way_push (self, out->data, out->size, out->size, &again);
    if (!result.complete)
        way_fail ("our own reader finds no end", client, provider, out);
    if (stream)
        way_check_stream (next, client, &result, &again);
    else if (!way_is_object (&again))
        way_fail ("read again it is no JSON", next, client, &again);
    br_buf_free (&again);
    br_translate_destroy (&self);
}

#endif
