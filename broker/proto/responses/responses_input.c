//  responses_input: reads the input of a request: items become turns. What the model
//  said, thought and called without a pause is one turn; what came of its calls stands in
//  the user's.

#include <string.h>

#include "broker/proto/document.h"
#include "broker/proto/responses/responses_parts.h"

//  An item under way.
typedef struct {
    responses_read_t *read; //  borrowed
    const json_node_t *node;
    br_text_t type;
    br_text_t path; //  "input[2]"
} item_t;

static br_turn_t *
s_turn (item_t *self, br_turn_role_t role)
{
    br_call_t *call = self->read->call;
    if (call->last_turn && call->last_turn->role == role)
        return call->last_turn;
    br_turn_t *turn = br_call_add_turn (call, role);
    turn->path = self->path;
    return turn;
}

static br_block_t *
s_add (item_t *self, br_turn_role_t role, br_block_kind_t kind)
{
    br_turn_t *turn = s_turn (self, role);
    br_block_t *block = br_block_add (&turn->blocks, kind, self->read->call->arena);
    block->path = self->path;
    return block;
}

//  Notes a member that there is no place for; once for all items, which are many.
static void
s_lose (item_t *self, const char *member)
{
    br_call_t *call = self->read->call;
    if (!json_given (self->read->tree, self->node, member))
        return;
    for (const br_loss_t *extra = call->extras; extra; extra = extra->next)
        if (br_text_is (extra->field, member))
            return;
    br_call_add_extra (call, br_text (member));
}

//  ---- content parts

//  A part under way.
typedef struct {
    responses_read_t *read; //  borrowed
    const json_node_t *node;
    br_block_t **blocks;
    br_text_t path;
} part_t;

static br_block_t *
s_part (part_t *self, br_block_kind_t kind)
{
    br_block_t *block = br_block_add (self->blocks, kind, self->read->call->arena);
    block->path = self->path;
    return block;
}

static int
s_part_text (part_t *self)
{
    br_block_t *block = s_part (self, BR_BLOCK_TEXT);
    const json_tree_t *tree = self->read->tree;
    const json_node_t *notes = json_given (tree, self->node, "annotations");
    if (json_is (notes, JSON_ARRAY) && notes->count) {
        block->citations = json_raw (tree, notes);
        block->family = BR_FAMILY_OPENAI;
    }
    return responses_need_text (self->read, self->node, "text", &block->text);
}

static int
s_part_refusal (part_t *self)
{
    br_block_t *block = s_part (self, BR_BLOCK_REFUSAL);
    return responses_need_text (self->read, self->node, "refusal", &block->text);
}

//  "data:image/png;base64,AAAA" as type and data. False when it is another URL.
static bool
s_split_data (br_text_t url, br_media_t *media)
{
    static const char mark[] = ";base64,";
    if (!br_text_starts (url, "data:"))
        return false;
    const char *at = memmem (url.at, url.size, mark, sizeof mark - 1);
    if (!at)
        return false;
    const char *end = memchr (url.at, ';', (size_t) (at - url.at) + 1);
    media->mime = (br_text_t) { url.at + 5, (size_t) (end - url.at) - 5 };
    at += sizeof mark - 1;
    media->data = (br_text_t) { at, url.size - (size_t) (at - url.at) };
    return true;
}

static int
s_part_image (part_t *self)
{
    br_block_t *block = s_part (self, BR_BLOCK_IMAGE);
    br_media_t *media = &block->media;
    br_text_t url = BR_TEXT_NONE;
    if (responses_read_text (self->read, self->node, "image_url", &url)
        || responses_read_text (self->read, self->node, "file_id", &media->file_id)
        || responses_read_text (self->read, self->node, "detail", &media->detail))
        return -1;
    if (!url.at && !media->file_id.at)
        return responses_refuse (self->read, self->node,
                                 "an image with image_url or file_id");
    if (url.at && !s_split_data (url, media))
        media->url = url;
    return 0;
}

//  A plain text is kept as text, not as base64.
static int
s_decode_plain (part_t *self, br_media_t *media)
{
    if (br_document_decode (media, self->read->call->arena) == 0)
        return 0;
    return responses_refuse (self->read,
                             json_get (self->read->tree, self->node, "file_data"),
                             "a data URL in base64");
}

static int
s_part_file (part_t *self)
{
    br_block_t *block = s_part (self, BR_BLOCK_DOCUMENT);
    br_media_t *media = &block->media;
    br_text_t data = BR_TEXT_NONE;
    if (responses_read_text (self->read, self->node, "file_data", &data)
        || responses_read_text (self->read, self->node, "file_url", &media->url)
        || responses_read_text (self->read, self->node, "file_id", &media->file_id)
        || responses_read_text (self->read, self->node, "filename", &media->name))
        return -1;
    if (!data.at && !media->url.at && !media->file_id.at)
        return responses_refuse (self->read, self->node,
                                 "a file with file_data, file_url or file_id");
    if (data.at && !s_split_data (data, media)) {
        media->data = data;
        media->mime = BR_TEXT ("application/pdf"); //  the one kind sent without its type
    }
    return data.at ? s_decode_plain (self, media) : 0;
}

static int
s_part_audio (part_t *self)
{
    br_block_t *block = s_part (self, BR_BLOCK_AUDIO);
    const json_node_t *audio = json_given (self->read->tree, self->node, "input_audio");
    br_text_t format = BR_TEXT_NONE;
    if (!json_is (audio, JSON_OBJECT))
        return responses_refuse (self->read, audio ? audio : self->node,
                                 "an object with data and format");
    if (responses_need_text (self->read, audio, "data", &block->media.data)
        || responses_need_text (self->read, audio, "format", &format))
        return -1;
    block->media.mime = br_text_is (format, "mp3")
                            ? BR_TEXT ("audio/mpeg")
                            : br_arena_textf (self->read->call->arena, "audio/%.*s",
                                              (int) format.size, format.at);
    return 0;
}

static const struct {
    const char *type;
    int (*read) (part_t *self);
} s_parts[] = {
    { "input_text", s_part_text },   { "output_text", s_part_text },
    { "text", s_part_text },         { "input_image", s_part_image },
    { "input_file", s_part_file },   { "refusal", s_part_refusal },
    { "input_audio", s_part_audio },
};

int
responses_read_content (responses_read_t *self, const json_node_t *parts, br_text_t path,
                        br_block_t **blocks)
{
    unsigned index = 0;
    for (const json_node_t *node = json_first (self->tree, parts); node;
         node = json_next (self->tree, node)) {
        part_t part = { self, node, blocks, BR_TEXT_NONE };
        br_text_t type = BR_TEXT_NONE;
        if (!json_is (node, JSON_OBJECT))
            return responses_refuse (self, node, "an object");
        if (responses_need_text (self, node, "type", &type))
            return -1;
        part.path = br_arena_textf (self->call->arena, "%.*s[%u]", (int) path.size,
                                    path.at, index++);
        size_t i = 0;
        while (i < sizeof s_parts / sizeof s_parts[0]
               && !br_text_is (type, s_parts[i].type))
            i++;
        if (i == sizeof s_parts / sizeof s_parts[0])
            return responses_refuse (self, json_get (self->tree, node, "type"),
                                     "input_text, input_image, input_file, input_audio, "
                                     "output_text or refusal");
        if (s_parts[i].read (&part))
            return -1;
    }
    return 0;
}

//  A string, or a list of parts.
static int
s_read_said (item_t *self, const char *key, br_block_t **blocks)
{
    const json_node_t *said = json_given (self->read->tree, self->node, key);
    br_arena_t *arena = self->read->call->arena;
    if (json_is (said, JSON_STRING)) {
        br_block_t *block = br_block_add (blocks, BR_BLOCK_TEXT, arena);
        block->text = json_node_text (self->read->tree, said, arena);
        block->path = self->path;
        return 0;
    }
    if (!json_is (said, JSON_ARRAY))
        return responses_refuse (self->read, said ? said : self->node,
                                 "a string or an array of parts");
    br_text_t path = br_arena_textf (arena, "%.*s.%s", (int) self->path.size,
                                     self->path.at, key);
    return responses_read_content (self->read, said, path, blocks);
}

//  ---- items

static const struct {
    const char *word;
    br_turn_role_t role;
} s_roles[] = {
    { "user", BR_TURN_USER },
    { "assistant", BR_TURN_ASSISTANT },
    { "system", BR_TURN_SYSTEM },
    { "developer", BR_TURN_SYSTEM },
};

static int
s_read_assistant (item_t *self)
{
    br_turn_t *turn = s_turn (self, BR_TURN_ASSISTANT);
    br_block_t *said = NULL;
    if (s_read_said (self, "content", &said))
        return -1;
    s_lose (self, "phase");
    if (!said)
        return 0;
    if (responses_read_text (self->read, self->node, "id", &said->item_id))
        return -1;
    br_arena_t *arena = self->read->call->arena;
    for (const br_block_t *block = said; block; block = block->next) {
        br_block_t *copy = br_block_add (&turn->blocks, block->kind, arena);
        copy->text = block->text;
        copy->item_id = block->item_id;
        copy->media = block->media;
        copy->citations = block->citations;
        copy->family = block->family;
        copy->path = block->path;
    }
    return 0;
}

static int
s_read_message (item_t *self)
{
    br_text_t word = BR_TEXT_NONE;
    if (responses_need_text (self->read, self->node, "role", &word))
        return -1;
    size_t i = 0;
    while (i < sizeof s_roles / sizeof s_roles[0] && !br_text_is (word, s_roles[i].word))
        i++;
    if (i == sizeof s_roles / sizeof s_roles[0])
        return responses_refuse (self->read,
                                 json_get (self->read->tree, self->node, "role"),
                                 "user, assistant, system or developer");
    if (s_roles[i].role == BR_TURN_ASSISTANT)
        return s_read_assistant (self);
    br_call_t *call = self->read->call;
    if (s_roles[i].role == BR_TURN_SYSTEM && !call->turns)
        return s_read_said (self, "content", &call->system);
    br_turn_t *turn = br_call_add_turn (call, s_roles[i].role);
    turn->path = self->path;
    return s_read_said (self, "content", &turn->blocks);
}

static int
s_read_call (item_t *self)
{
    bool custom = br_text_is (self->type, "custom_tool_call");
    br_block_t *block = s_add (self, BR_TURN_ASSISTANT, BR_BLOCK_CALL);
    block->custom = custom;
    s_lose (self, "namespace");
    return responses_need_text (self->read, self->node, "call_id", &block->id)
                   || responses_need_text (self->read, self->node, "name", &block->name)
                   || responses_read_text (self->read, self->node, "id", &block->item_id)
                   || responses_need_text (self->read, self->node,
                                           custom ? "input" : "arguments", &block->text)
               ? -1
               : 0;
}

static int
s_read_result (item_t *self)
{
    br_block_t *block = s_add (self, BR_TURN_USER, BR_BLOCK_RESULT);
    block->custom = br_text_is (self->type, "custom_tool_call_output");
    if (responses_need_text (self->read, self->node, "call_id", &block->id)
        || responses_read_text (self->read, self->node, "id", &block->item_id))
        return -1;
    return s_read_said (self, "output", &block->blocks);
}

//  The texts of a list, with an empty line between.
static int
s_join_parts (item_t *self, const char *key, br_text_t *ret_text)
{
    responses_read_t *read = self->read;
    const json_node_t *list = json_given (read->tree, self->node, key);
    if (list && !json_is (list, JSON_ARRAY))
        return responses_refuse (read, list, "an array");
    br_block_t *blocks = NULL;
    for (const json_node_t *node = json_first (read->tree, list); node;
         node = json_next (read->tree, node)) {
        br_text_t text = BR_TEXT_NONE;
        if (responses_need_text (read, node, "text", &text))
            return -1;
        br_block_add (&blocks, BR_BLOCK_TEXT, read->call->arena)->text = text;
    }
    if (blocks)
        *ret_text = br_block_join (blocks, "\n\n", read->call->arena);
    return 0;
}

//  The blob of a reasoning item, which may be the envelope of another family's.
static br_opaque_t *
s_read_blob (item_t *self, br_text_t bytes, br_text_t id)
{
    br_arena_t *arena = self->read->call->arena;
    if (br_envelope_is (bytes))
        return br_envelope_open (bytes, arena);
    br_opaque_t *list = NULL;
    br_opaque_t *opaque = br_opaque_add (&list, BR_FAMILY_OPENAI, BR_OPAQUE_ENCRYPTED,
                                         bytes, arena);
    opaque->id = id;
    return opaque;
}

static br_block_t *
s_last_block (br_turn_t *turn)
{
    br_block_t *block = turn->blocks;
    while (block && block->next)
        block = block->next;
    return block;
}

static int
s_read_reasoning (item_t *self)
{
    br_text_t id = BR_TEXT_NONE;
    br_text_t bytes = BR_TEXT_NONE;
    br_text_t text = BR_TEXT_NONE;
    br_text_t summary = BR_TEXT_NONE;
    if (responses_read_text (self->read, self->node, "id", &id)
        || responses_read_text (self->read, self->node, "encrypted_content", &bytes)
        || s_join_parts (self, "summary", &summary)
        || s_join_parts (self, "content", &text))
        return -1;
    br_opaque_t *opaque = bytes.size ? s_read_blob (self, bytes, id) : NULL;
    if (bytes.size && !opaque)
        s_lose (self, "encrypted_content");
    if (opaque && opaque->family == BR_FAMILY_PLAIN)
        opaque = NULL; // it was there for the client's sake
    if (!opaque && !text.size && !summary.size)
        return 0;
    //  responses_seal says so of a blob whose block stands in front of it
    if (opaque && br_text_is (opaque->id, RESPONSES_AFTER)) {
        br_block_t *last = s_last_block (s_turn (self, BR_TURN_ASSISTANT));
        opaque->id = BR_TEXT_NONE;
        if (last && !text.size && !summary.size) {
            last->opaques = opaque;
            return 0;
        }
    }
    br_block_t *block = s_add (self, BR_TURN_ASSISTANT, BR_BLOCK_REASONING);
    block->item_id = id;
    block->text = text;
    block->summary = summary;
    block->opaques = opaque;
    return 0;
}

//  A thought of Google's belongs to the block behind it and is no block of its own.
static void
s_move_thoughts (br_turn_t *turn)
{
    br_block_t **at = &turn->blocks;
    while (*at) {
        br_block_t *block = *at;
        br_block_t *next = block->next;
        bool bare = block->kind == BR_BLOCK_REASONING && !block->text.size
                    && !block->summary.size
                    && br_opaque_of (block->opaques, BR_FAMILY_GOOGLE, BR_OPAQUE_THOUGHT);
        if (!bare || !next
            || (next->kind != BR_BLOCK_CALL && next->kind != BR_BLOCK_TEXT)) {
            at = &block->next;
            continue;
        }
        block->opaques->next = next->opaques;
        next->opaques = block->opaques;
        *at = next;
    }
    for (br_block_t *block = turn->blocks; block; block = block->next)
        block->first = block->last = NULL;
}

static int
s_read_reference (item_t *self)
{
    return br_error_set (self->read->reterr, BR_EINVALID,
                         "%.*s refers to an item that only its provider holds; send the "
                         "item itself",
                         (int) self->path.size, self->path.at);
}

//  What a provider's own tools did, and what the client did for them.
static int
s_read_hosted (item_t *self)
{
    static const char *const answers[] = {
        "computer_call_output",    "local_shell_call_output", "shell_call_output",
        "apply_patch_call_output", "mcp_approval_response",
    };
    br_turn_role_t role = BR_TURN_ASSISTANT;
    for (size_t i = 0; i < sizeof answers / sizeof answers[0]; i++)
        if (br_text_is (self->type, answers[i]))
            role = BR_TURN_USER;
    br_block_t *block = s_add (self, role, BR_BLOCK_HOSTED);
    block->raw = json_raw (self->read->tree, self->node);
    block->name = self->type;
    block->family = BR_FAMILY_OPENAI;
    return 0;
}

static const struct {
    const char *type;
    int (*read) (item_t *self);
} s_items[] = {
    { "message", s_read_message },
    { "function_call", s_read_call },
    { "function_call_output", s_read_result },
    { "custom_tool_call", s_read_call },
    { "custom_tool_call_output", s_read_result },
    { "reasoning", s_read_reasoning },
    { "item_reference", s_read_reference },
};

static int
s_read_item (item_t *self)
{
    responses_read_t *read = self->read;
    if (!json_is (self->node, JSON_OBJECT))
        return responses_refuse (read, self->node, "an object");
    if (responses_read_text (read, self->node, "type", &self->type))
        return -1;
    if (!self->type.at)
        self->type = json_given (read->tree, self->node, "role")
                         ? BR_TEXT ("message")
                         : BR_TEXT ("item_reference");
    for (size_t i = 0; i < sizeof s_items / sizeof s_items[0]; i++)
        if (br_text_is (self->type, s_items[i].type))
            return s_items[i].read (self);
    return s_read_hosted (self);
}

int
responses_read_input (responses_read_t *self, const json_node_t *input)
{
    item_t item = { .read = self, .path = BR_TEXT ("input") };
    if (json_is (input, JSON_STRING)) {
        br_block_t *block = s_add (&item, BR_TURN_USER, BR_BLOCK_TEXT);
        block->text = json_node_text (self->tree, input, self->call->arena);
        return 0;
    }
    if (!json_is (input, JSON_ARRAY))
        return responses_refuse (self, input, "a string or an array of items");
    unsigned index = 0;
    for (const json_node_t *node = json_first (self->tree, input); node;
         node = json_next (self->tree, node)) {
        item.node = node;
        item.type = BR_TEXT_NONE;
        item.path = br_arena_textf (self->call->arena, "input[%u]", index++);
        if (s_read_item (&item))
            return -1;
    }
    for (br_turn_t *turn = self->call->turns; turn; turn = turn->next)
        if (turn->role == BR_TURN_ASSISTANT)
            s_move_thoughts (turn);
    return 0;
}
