//  chat_reply: whole answers. One is read as the only event of a stream.

#include <stdio.h>

#include "broker/proto/chat/chat_codec.h"
#include "broker/proto/chat/chat_parts.h"

//  ---- reading

int
chat_read_reply (br_reply_t *reply, const json_tree_t *tree, const json_node_t *root,
                 br_error_t *reterr)
{
    return br_codec_read_as_event (&chat_codec, BR_TEXT ("[DONE]"), reply, tree, root,
                                   reterr);
}

//  ---- members that streams have, too

void
chat_write_call_head (json_writer_t *writer, br_text_t id, br_text_t name,
                      unsigned number, const br_asked_t *asked, bool custom)
{
    char made[64];
    if (id.size == 0) {
        snprintf (made, sizeof made, "call_%.20s%04u", asked->id, number);
        id = br_text (made);
    }
    json_put (writer, "id", id);
    json_put_string (writer, "type", custom ? "custom" : "function");
    json_open (writer, custom ? "custom" : "function", '{');
    json_put (writer, "name", name.at ? name : BR_TEXT (""));
}

void
chat_write_annotation (json_writer_t *writer, const json_tree_t *tree,
                       const json_node_t *citation)
{
    const json_node_t *url = json_given (tree, citation, "url");
    const json_node_t *title = json_given (tree, citation, "title");
    if (!json_is (url, JSON_STRING)
        || !json_node_is (tree, json_given (tree, citation, "type"), "url_citation"))
        return;
    json_open (writer, NULL, '{');
    json_put_string (writer, "type", "url_citation");
    json_open (writer, "url_citation", '{');
    json_put_integer (
        writer, "start_index",
        json_node_integer (tree, json_given (tree, citation, "start_index"), 0));
    json_put_integer (
        writer, "end_index",
        json_node_integer (tree, json_given (tree, citation, "end_index"), 0));
    json_put_raw (writer, "url", json_raw (tree, url));
    json_put_raw (writer, "title",
                  json_is (title, JSON_STRING) ? json_raw (tree, title)
                                               : BR_TEXT ("\"\""));
    json_close (writer, '}');
    json_close (writer, '}');
}

//  OpenRouter's form: OpenAI has none.
void
chat_write_image (json_writer_t *writer, const br_media_t *media)
{
    json_open (writer, NULL, '{');
    json_put_string (writer, "type", "image_url");
    json_open (writer, "image_url", '{');
    if (media->url.at)
        json_put (writer, "url", media->url);
    else {
        json_text_begin (writer, "url");
        json_text_add (writer, BR_TEXT ("data:"));
        json_text_add (writer, media->mime.size ? media->mime : BR_TEXT ("image/png"));
        json_text_add (writer, BR_TEXT (";base64,"));
        json_text_add (writer, media->data);
        json_text_end (writer);
    }
    json_close (writer, '}');
    json_close (writer, '}');
}

void
chat_write_audio (json_writer_t *writer, const br_media_t *media, const br_asked_t *asked)
{
    json_open (writer, "audio", '{');
    json_text_begin (writer, "id");
    json_text_add (writer, BR_TEXT ("audio_"));
    json_text_add (writer, br_text (asked->id));
    json_text_end (writer);
    json_put (writer, "data", media->data.at ? media->data : BR_TEXT (""));
    json_put_integer (writer, "expires_at", (int64_t) asked->now);
    json_put_string (writer, "transcript", "");
    json_close (writer, '}');
}

//  ---- writing

static bool
s_has (const br_reply_t *reply, br_block_kind_t kind)
{
    for (const br_block_t *block = reply->blocks; block; block = block->next)
        if (block->kind == kind)
            return true;
    return false;
}

//  All texts of a kind as one string, or null.
static void
s_write_text (json_writer_t *writer, const char *key, const br_reply_t *reply,
              br_block_kind_t kind)
{
    if (!s_has (reply, kind)) {
        json_put_null (writer, key);
        return;
    }
    json_text_begin (writer, key);
    for (const br_block_t *block = reply->blocks; block; block = block->next)
        if (block->kind == kind)
            json_text_add (writer, block->text);
    json_text_end (writer);
}

static void
s_write_reasoning (json_writer_t *writer, const br_reply_t *reply)
{
    size_t bytes = 0;
    bool blobs = false;
    for (const br_block_t *block = reply->blocks; block; block = block->next) {
        bool is_reasoning = block->kind == BR_BLOCK_REASONING;
        bytes += is_reasoning ? block->text.size + block->summary.size : 0;
        blobs = blobs || (block->opaques && block->kind != BR_BLOCK_CALL);
    }
    if (bytes) {
        json_text_begin (writer, "reasoning_content");
        for (const br_block_t *block = reply->blocks; block; block = block->next)
            if (block->kind == BR_BLOCK_REASONING)
                json_text_add (writer, block->text.size ? block->text : block->summary);
        json_text_end (writer);
    }
    if (!blobs)
        return;
    unsigned index = 0;
    json_open (writer, "reasoning_details", '[');
    for (const br_block_t *block = reply->blocks; block; block = block->next)
        if (block->kind == BR_BLOCK_REASONING || block->kind == BR_BLOCK_TEXT)
            chat_detail_seal_block (writer, block, &index, reply->arena);
    json_close (writer, ']');
}

static br_text_t
s_arguments (const br_block_t *call)
{
    return call->custom || !br_text_is_blank (call->text) ? call->text : BR_TEXT ("{}");
}

static void
s_write_call (json_writer_t *writer, const br_block_t *call, unsigned number,
              const br_asked_t *asked, br_arena_t *arena)
{
    json_open (writer, NULL, '{');
    chat_write_call_head (writer, call->id, call->name, number, asked, call->custom);
    json_put (writer, call->custom ? "input" : "arguments", s_arguments (call));
    json_close (writer, '}');
    if (call->opaques)
        chat_thought_write (writer, br_envelope_seal (call->opaques, arena));
    json_close (writer, '}');
}

static void
s_write_calls (json_writer_t *writer, const br_reply_t *reply, const br_asked_t *asked)
{
    unsigned number = 0;
    const br_block_t *call = reply->blocks;
    while (call && call->kind != BR_BLOCK_CALL)
        call = call->next;
    if (!call)
        return;
    if (asked->call->legacy_functions) {
        json_open (writer, "function_call", '{');
        json_put (writer, "name", call->name.at ? call->name : BR_TEXT (""));
        json_put (writer, "arguments", s_arguments (call));
        json_close (writer, '}');
        return;
    }
    json_open (writer, "tool_calls", '[');
    for (; call; call = call->next)
        if (call->kind == BR_BLOCK_CALL)
            s_write_call (writer, call, number++, asked, reply->arena);
    json_close (writer, ']');
}

static void
s_write_annotations (json_writer_t *writer, const br_reply_t *reply)
{
    json_tree_t *tree = NULL;
    for (const br_block_t *block = reply->blocks; block; block = block->next) {
        if (!block->citations.size || block->family != BR_FAMILY_OPENAI)
            continue;
        if (!tree) {
            tree = json_tree_new ();
            json_open (writer, "annotations", '[');
        }
        const json_node_t *list = json_tree_parse (tree, block->citations.at,
                                                   block->citations.size, NULL);
        for (const json_node_t *item = json_first (tree, list); item;
             item = json_next (tree, item))
            chat_write_annotation (writer, tree, item);
    }
    if (tree)
        json_close (writer, ']');
    json_tree_destroy (&tree);
}

static void
s_write_media (json_writer_t *writer, const br_reply_t *reply, const br_asked_t *asked)
{
    if (s_has (reply, BR_BLOCK_IMAGE)) {
        json_open (writer, "images", '[');
        for (const br_block_t *block = reply->blocks; block; block = block->next)
            if (block->kind == BR_BLOCK_IMAGE)
                chat_write_image (writer, &block->media);
        json_close (writer, ']');
    }
    for (const br_block_t *block = reply->blocks; block; block = block->next)
        if (block->kind == BR_BLOCK_AUDIO) {
            chat_write_audio (writer, &block->media, asked);
            return;
        }
}

static void
s_write_choice (json_writer_t *writer, const br_reply_t *reply, const br_asked_t *asked)
{
    bool called = s_has (reply, BR_BLOCK_CALL);
    json_open (writer, NULL, '{');
    json_put_integer (writer, "index", reply->choice);
    json_open (writer, "message", '{');
    json_put_string (writer, "role", "assistant");
    s_write_text (writer, "content", reply, BR_BLOCK_TEXT);
    s_write_text (writer, "refusal", reply, BR_BLOCK_REFUSAL);
    s_write_reasoning (writer, reply);
    if (called)
        s_write_calls (writer, reply, asked);
    s_write_annotations (writer, reply);
    s_write_media (writer, reply, asked);
    json_close (writer, '}');
    json_put_raw (writer, "logprobs",
                  reply->logprobs.size ? reply->logprobs : BR_TEXT ("null"));
    const char *finish = chat_finish_word (reply->finish, called,
                                           s_has (reply, BR_BLOCK_REFUSAL));
    if (asked->call->legacy_functions && br_text_is (br_text (finish), "tool_calls"))
        finish = "function_call";
    json_put_string (writer, "finish_reason", finish);
    json_close (writer, '}');
}

void
chat_write_reply (const br_reply_t *reply, const br_asked_t *asked, br_buf_t *out)
{
    json_writer_t writer = json_writer (out);
    json_open (&writer, NULL, '{');
    json_text_begin (&writer, "id");
    json_text_add (&writer, BR_TEXT ("chatcmpl-"));
    json_text_add (&writer, br_text (asked->id));
    json_text_end (&writer);
    json_put_string (&writer, "object", "chat.completion");
    json_put_integer (&writer, "created", (int64_t) asked->now);
    json_put (&writer, "model", asked->model.at ? asked->model : BR_TEXT (""));
    json_open (&writer, "choices", '[');
    for (const br_reply_t *choice = reply; choice; choice = choice->next)
        s_write_choice (&writer, choice, asked);
    json_close (&writer, ']');
    br_usage_write (&reply->usage, BR_PROTOCOL_CHAT, "usage", &writer);
    json_close (&writer, '}');
}
