//  responses_reply_write: the response object and the items of its output, as bytes. A
//  whole answer goes through the writer of streams, which puts the items together.

#include <stdio.h>
#include <string.h>

#include "broker/core/json_value.h"
#include "broker/proto/responses/responses_parts.h"

static br_text_t
s_given (br_text_t text)
{
    return text.at ? text : BR_TEXT ("");
}

//  ---- items

void
responses_put_list (json_writer_t *w, const char *key, br_text_t elements)
{
    json_open (w, key, '[');
    if (elements.size)
        json_put_raw (w, NULL, elements);
    json_close (w, ']');
}

void
responses_write_answer_part (json_writer_t *w, const char *key,
                             const responses_item_t *item)
{
    json_open (w, key, '{');
    if (item->kind == BR_BLOCK_REFUSAL) {
        json_put_string (w, "type", "refusal");
        json_put (w, "refusal", s_given (item->text));
    } else {
        json_put_string (w, "type", "output_text");
        responses_put_list (w, "annotations", item->annotations);
        responses_put_list (w, "logprobs", item->logprobs);
        json_put (w, "text", s_given (item->text));
    }
    json_close (w, '}');
}

static void
s_write_message (json_writer_t *w, const responses_item_t *item, bool bare)
{
    json_put_string (w, "type", "message");
    json_put_string (w, "status", item->status);
    json_open (w, "content", '[');
    if (!bare)
        responses_write_answer_part (w, NULL, item);
    json_close (w, ']');
    json_put_string (w, "role", "assistant");
}

static void
s_write_reasoning (json_writer_t *w, const responses_item_t *item, bool bare)
{
    json_put_string (w, "type", "reasoning");
    json_open (w, "summary", '[');
    if (!bare && item->parts.size)
        json_put_raw (w, NULL, item->parts);
    json_close (w, ']');
    if (!bare)
        json_put_given (w, "encrypted_content", item->encrypted);
}

static void
s_write_call (json_writer_t *w, const responses_item_t *item, bool bare)
{
    json_put_string (w, "type", item->custom ? "custom_tool_call" : "function_call");
    json_put_string (w, "status", item->status);
    json_put (w, item->custom ? "input" : "arguments",
              bare ? BR_TEXT ("") : s_given (item->text));
    json_put (w, "call_id", s_given (item->call_id));
    json_put (w, "name", s_given (item->name));
}

void
responses_write_item (json_writer_t *w, const char *key, const responses_item_t *item,
                      bool bare)
{
    if (item->kind == BR_BLOCK_HOSTED) {
        json_put_raw (w, key, item->raw);
        return;
    }
    json_open (w, key, '{');
    json_put (w, "id", s_given (item->id));
    if (item->kind == BR_BLOCK_REASONING)
        s_write_reasoning (w, item, bare);
    else if (item->kind == BR_BLOCK_CALL)
        s_write_call (w, item, bare);
    else
        s_write_message (w, item, bare);
    json_close (w, '}');
}

//  ---- ids

void
responses_item_id (const br_asked_t *asked, const responses_item_t *item, unsigned index,
                   char out[RESPONSES_ID_MAX])
{
    const char *prefix = "msg_";
    if (item->kind == BR_BLOCK_REASONING)
        prefix = "rs_";
    if (item->kind == BR_BLOCK_CALL)
        prefix = item->custom ? "ctc_" : "fc_";
    if (item->kind == BR_BLOCK_HOSTED)
        prefix = "ig_";
    snprintf (out, RESPONSES_ID_MAX, "%s%.32s%04x", prefix, asked->id, index);
}

void
responses_call_id (const br_asked_t *asked, unsigned index, char out[RESPONSES_ID_MAX])
{
    snprintf (out, RESPONSES_ID_MAX, "call_%.32s%04x", asked->id, index);
}

//  ---- what another family made

br_text_t
responses_seal (const br_opaque_t *opaque, bool after, br_arena_t *arena)
{
    if (opaque->family == BR_FAMILY_OPENAI && opaque->kind == BR_OPAQUE_ENCRYPTED)
        return br_arena_text (arena, opaque->bytes);
    br_opaque_t copy = *opaque;
    copy.next = NULL;
    if (after)
        copy.id = BR_TEXT (RESPONSES_AFTER);
    return br_envelope_seal (&copy, arena);
}

br_text_t
responses_image_item (const br_media_t *media, const br_asked_t *asked, unsigned index,
                      br_arena_t *arena)
{
    responses_item_t item = { .kind = BR_BLOCK_HOSTED };
    char id[RESPONSES_ID_MAX];
    br_buf_t raw;
    br_buf_init (&raw, BR_REPLY_BYTES_MAX);
    json_writer_t w = json_writer (&raw);
    responses_item_id (asked, &item, index, id);
    json_open (&w, NULL, '{');
    json_put_string (&w, "id", id);
    json_put_string (&w, "type", "image_generation_call");
    json_put_string (&w, "status", "completed");
    json_put (&w, "result", media->data);
    json_close (&w, '}');
    br_text_t text = { (const char *) raw.data, raw.size };
    text = raw.overflow ? BR_TEXT_NONE : br_arena_text (arena, text);
    br_buf_free (&raw);
    return text;
}

//  ---- the response object

//  Members that repeat the request, and what they are when it does not say. Clients check
//  that they are there.
static const struct {
    const char *key;
    const char *otherwise;
} s_echoes[] = {
    { "background", "false" },
    { "instructions", "null" },
    { "max_output_tokens", "null" },
    { "max_tool_calls", "null" },
    { "metadata", "{}" },
    { "parallel_tool_calls", "true" },
    { "previous_response_id", "null" },
    { "prompt_cache_key", "null" },
    { "reasoning", "{\"effort\":null,\"summary\":null}" },
    { "safety_identifier", "null" },
    { "service_tier", "\"default\"" },
    { "temperature", "1" },
    { "text", "{\"format\":{\"type\":\"text\"}}" },
    { "tool_choice", "\"auto\"" },
    { "tools", "[]" },
    { "top_logprobs", "0" },
    { "top_p", "1" },
    { "truncation", "\"disabled\"" },
    { "user", "null" },
};

#define ECHOES (sizeof s_echoes / sizeof s_echoes[0])

void
responses_write_echo (const br_asked_t *asked, br_buf_t *out)
{
    json_row_t rows[ECHOES] = { { .key = NULL } };
    br_text_t request = asked->call ? asked->call->echo : BR_TEXT_NONE;
    for (size_t i = 0; i < ECHOES; i++)
        rows[i].key = s_echoes[i].key;
    int rc = -1;
    if (request.size)
        rc = json_members (request.at, request.size, rows, ECHOES, NULL);
    json_writer_t w = json_writer (out);
    for (size_t i = 0; i < ECHOES; i++) {
        bool given = rc == 0 && rows[i].type > JSON_NULL;
        json_put_raw (&w, rows[i].key,
                      given ? (br_text_t) { request.at + rows[i].offset, rows[i].size }
                            : br_text (s_echoes[i].otherwise));
    }
    json_put_bool (&w, "store", false); //  what is translated is kept nowhere
}

void
responses_answer_finish (responses_answer_t *self, br_finish_t finish)
{
    static const struct {
        const char *status;
        const char *incomplete;
    } rows[BR_FINISH_COUNT] = {
        [BR_FINISH_LENGTH] = { "incomplete", "max_output_tokens" },
        [BR_FINISH_CONTEXT] = { "incomplete", "max_output_tokens" },
        [BR_FINISH_FILTER] = { "incomplete", "content_filter" },
        [BR_FINISH_MALFORMED] = { "failed", NULL },
    };
    unsigned row = (unsigned) finish < BR_FINISH_COUNT ? finish : BR_FINISH_STOP;
    self->status = rows[row].status ? rows[row].status : "completed";
    self->incomplete = rows[row].incomplete;
    if (finish == BR_FINISH_MALFORMED) {
        self->error = "server_error";
        self->message = BR_TEXT ("the model called a tool in a way that makes no sense");
    }
}

static void
s_write_state (json_writer_t *w, const responses_answer_t *answer)
{
    json_put_string (w, "status", answer->status);
    if (answer->completed)
        json_put_integer (w, "completed_at", (int64_t) answer->completed);
    else
        json_put_null (w, "completed_at");
    if (answer->error) {
        json_open (w, "error", '{');
        json_put_string (w, "code", answer->error);
        json_put (w, "message", s_given (answer->message));
        json_close (w, '}');
    } else {
        json_put_null (w, "error");
    }
    if (answer->incomplete) {
        json_open (w, "incomplete_details", '{');
        json_put_string (w, "reason", answer->incomplete);
        json_close (w, '}');
    } else {
        json_put_null (w, "incomplete_details");
    }
}

void
responses_write_answer (json_writer_t *w, const char *key,
                        const responses_answer_t *answer, const br_asked_t *asked)
{
    char id[RESPONSES_ID_MAX];
    snprintf (id, sizeof id, "resp_%.32s", asked->id);
    json_open (w, key, '{');
    json_put_string (w, "id", id);
    json_put_string (w, "object", "response");
    json_put_integer (w, "created_at", (int64_t) answer->created);
    s_write_state (w, answer);
    json_put (w, "model", s_given (answer->model));
    json_open (w, "output", '[');
    if (answer->output.size)
        json_put_raw (w, NULL, answer->output);
    json_close (w, ']');
    if (answer->usage)
        br_usage_write (answer->usage, BR_PROTOCOL_RESPONSES, "usage", w);
    else
        json_put_null (w, "usage");
    json_put_raw_given (w, NULL, answer->echo);
    json_close (w, '}');
}

static void
s_feed (void *arg, const br_delta_t *delta)
{
    responses_write_delta (arg, delta, NULL);
}

void
responses_write_reply (const br_reply_t *reply, const br_asked_t *asked, br_buf_t *out)
{
    void *writer = responses_writer_new (asked);
    responses_writer_whole (writer, out);
    br_reply_play (reply, s_feed, writer);
    responses_writer_destroy (&writer);
}
