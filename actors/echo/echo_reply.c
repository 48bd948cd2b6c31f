//  echo_reply: an answer that says what the client said last. In here it is read, and
//  said in Chat Completions; echo_codec.c says it in the other protocols.

#include <stdlib.h>
#include <string.h>

#include "broker/core/alloc.h"
#include "broker/core/json.h"
#include "broker/core/json_iter.h"
#include "broker/core/json_value.h"
#include "broker/proto/codec.h"
#include "broker/proto/token_count.h"
#include "actors/echo/echo_codec.h"
#include "actors/echo/echo_reply.h"

#define BYTES_A_TOKEN 4
#define STREAM_END_BYTES 8192 //  kept free for the last events

//  ---- what the client said

//  The value of one member of an object; type JSON_NONE when it has none.
static json_row_t
s_member (const uint8_t *object, size_t size, const char *key)
{
    json_row_t row = { .key = key };
    if (json_members (object, size, &row, 1, NULL))
        row.type = JSON_NONE;
    return row;
}

//  Content is a text, or an array of parts, some of which are texts.
static void
s_add_content (br_buf_t *text, const uint8_t *content, const json_row_t *row)
{
    content += row->offset;
    if (row->type == JSON_STRING)
        (void) json_string (content, row->size, text, NULL);
    json_iter_t iter;
    json_item_t item;
    if (row->type != JSON_ARRAY || json_iter_begin (&iter, content, row->size, NULL))
        return;
    while (json_iter_next (&iter, &item, NULL) == 1) {
        if (item.type != JSON_OBJECT)
            continue;
        const uint8_t *part = content + item.offset;
        json_row_t words = s_member (part, item.size, "text");
        if (words.type == JSON_STRING)
            (void) json_string (part + words.offset, words.size, text, NULL);
    }
}

//  The last message of the role user; NULL when there is none.
static const uint8_t *
s_last_message (const uint8_t *body, size_t size, size_t *ret_size)
{
    const uint8_t *last = NULL;
    json_row_t messages = s_member (body, size, "messages");
    json_iter_t iter;
    json_item_t item;
    const uint8_t *list = body + messages.offset;
    if (messages.type != JSON_ARRAY || json_iter_begin (&iter, list, messages.size, NULL))
        return NULL;
    while (json_iter_next (&iter, &item, NULL) == 1) {
        const uint8_t *message = list + item.offset;
        if (item.type != JSON_OBJECT)
            continue;
        json_row_t role = s_member (message, item.size, "role");
        if (!json_string_is (message + role.offset, role.size, "user"))
            continue;
        last = message;
        *ret_size = item.size;
    }
    return last;
}

//  In the other protocols their own codec finds it.
static void
s_read_call (echo_reply_t *self, bool counts, const uint8_t *body, size_t size)
{
    self->tree = json_tree_new ();
    self->asked = br_call_new (self->protocol);
    self->asked->count_only = counts;
    const json_node_t *root = json_tree_parse (self->tree, body, size, &self->fault);
    const br_codec_t *codec = br_codec_of (self->protocol);
    if (!root || codec->read_call (self->asked, self->tree, root, &self->fault)) {
        br_call_destroy (&self->asked);
        self->asked = br_call_new (self->protocol);
    }
    const br_turn_t *last = NULL;
    for (const br_turn_t *turn = self->asked->turns; turn; turn = turn->next)
        if (turn->role == BR_TURN_USER)
            last = turn;
    for (const br_block_t *block = last ? last->blocks : NULL; block; block = block->next)
        if (block->kind == BR_BLOCK_TEXT)
            br_buf_add (&self->text, block->text.at, block->text.size);
}

static void
s_read_chat (echo_reply_t *self, const uint8_t *body, size_t size)
{
    size_t message_size = 0;
    const uint8_t *message = s_last_message (body, size, &message_size);
    if (!message)
        return;
    json_row_t content = s_member (message, message_size, "content");
    s_add_content (&self->text, message, &content);
}

//  Shortens a text to its maximum, between two characters.
static void
s_cut (br_buf_t *text)
{
    if (text->size <= ECHO_TEXT_MAX)
        return;
    text->size = ECHO_TEXT_MAX;
    while (text->size && (text->data[text->size] & 0xc0) == 0x80)
        text->size--;
}

static uint64_t
s_tokens (size_t bytes)
{
    return (bytes + BYTES_A_TOKEN - 1) / BYTES_A_TOKEN;
}

echo_reply_t *
echo_reply_new (br_protocol_t protocol, bool counts, const void *body, size_t size)
{
    echo_reply_t *self = BR_NEW (echo_reply_t);
    br_buf_init (&self->text, ECHO_BODY_MAX);
    self->protocol = protocol;
    self->model = "";
    bool is_read = size <= ECHO_BODY_MAX;
    if (protocol == BR_PROTOCOL_CHAT && is_read && size)
        s_read_chat (self, body, size);
    else if (protocol != BR_PROTOCOL_CHAT && is_read)
        s_read_call (self, counts, body, size);
    else if (protocol != BR_PROTOCOL_CHAT)
        self->asked = br_call_new (protocol);
    s_cut (&self->text);
    self->input_tokens = s_tokens (self->text.size);
    if (self->text.size == 0)
        br_buf_adds (&self->text, "hello");
    self->output_tokens = s_tokens (self->text.size);
    return self;
}

void
echo_reply_destroy (echo_reply_t **self_p)
{
    if (!self_p || !*self_p)
        return;
    br_buf_free (&(*self_p)->text);
    br_call_destroy (&(*self_p)->asked);
    json_tree_destroy (&(*self_p)->tree);
    free (*self_p);
    *self_p = NULL;
}

//  ---- how it is said again

static void
s_add_head (const echo_reply_t *self, br_buf_t *out, const char *object)
{
    br_buf_addf (out,
                 "{\"id\":\"chatcmpl-%s\",\"object\":\"%s\",\"created\":%llu,\"model\":",
                 self->call, object, (unsigned long long) self->created);
    br_buf_add_json (out, self->model, strlen (self->model));
    br_buf_adds (out, ",\"choices\":[{\"index\":0,");
}

static void
s_add_usage (const echo_reply_t *self, br_buf_t *out)
{
    unsigned long long input = self->input_tokens;
    unsigned long long output = self->output_tokens;
    br_buf_addf (out,
                 "\"usage\":{\"prompt_tokens\":%llu,\"completion_tokens\":%llu,"
                 "\"total_tokens\":%llu}",
                 input, output, input + output);
}

void
echo_reply_whole (const echo_reply_t *self, echo_piece_fn *fn, void *arg)
{
    if (self->protocol != BR_PROTOCOL_CHAT) {
        echo_codec_whole (self, fn, arg);
        return;
    }
    br_buf_t out;
    br_buf_init (&out, ECHO_STREAM_MAX);
    s_add_head (self, &out, "chat.completion");
    br_buf_adds (&out, "\"message\":{\"role\":\"assistant\",\"content\":");
    br_buf_add_json (&out, (const char *) self->text.data, self->text.size);
    br_buf_adds (&out, "},\"finish_reason\":\"stop\"}],");
    s_add_usage (self, &out);
    br_buf_adds (&out, "}");
    fn (arg, out.data, out.size);
    br_buf_free (&out);
}

//  Writes one event to out. content: NULL for the first one and the last.
static void
s_add_event (const echo_reply_t *self, br_buf_t *out, const char *content, size_t size,
             const char *finish)
{
    br_buf_clear (out);
    br_buf_adds (out, "data: ");
    s_add_head (self, out, "chat.completion.chunk");
    br_buf_adds (out, "\"delta\":{");
    if (content) {
        br_buf_adds (out, "\"content\":");
        br_buf_add_json (out, content, size);
    } else if (!finish)
        br_buf_adds (out, "\"role\":\"assistant\",\"content\":\"\"");
    br_buf_addf (out, "},\"finish_reason\":%s}]", finish ? finish : "null");
    if (finish) {
        br_buf_adds (out, ",");
        s_add_usage (self, out);
    }
    br_buf_adds (out, "}\n\n");
}

size_t
echo_reply_word (const char *text, const char *end)
{
    const char *at = text;
    while (at < end && *at != ' ' && *at != '\n')
        at++;
    while (at < end && (*at == ' ' || *at == '\n'))
        at++;
    return (size_t) (at - text);
}

void
echo_reply_stream (const echo_reply_t *self, echo_piece_fn *fn, void *arg)
{
    if (self->protocol != BR_PROTOCOL_CHAT) {
        echo_codec_stream (self, fn, arg);
        return;
    }
    br_buf_t out;
    br_buf_init (&out, ECHO_STREAM_MAX);
    s_add_event (self, &out, NULL, 0, NULL);
    fn (arg, out.data, out.size);
    size_t sent = out.size;
    const char *at = (const char *) self->text.data;
    const char *end = at + self->text.size;
    while (at < end) {
        size_t size = echo_reply_word (at, end);
        s_add_event (self, &out, at, size, NULL);
        if (out.overflow || sent + out.size > ECHO_STREAM_MAX - STREAM_END_BYTES)
            break;
        fn (arg, out.data, out.size);
        sent += out.size;
        at += size;
    }
    s_add_event (self, &out, NULL, 0, "\"stop\"");
    br_buf_adds (&out, "data: [DONE]\n\n");
    fn (arg, out.data, out.size);
    br_buf_free (&out);
}

void
echo_reply_count (const echo_reply_t *self, echo_piece_fn *fn, void *arg)
{
    br_buf_t out;
    br_buf_init (&out, ECHO_STREAM_MAX);
    token_count_write (self->protocol, self->input_tokens, &out);
    fn (arg, out.data, out.size);
    br_buf_free (&out);
}
