//  messages_block: reads content blocks of requests and answers. A kind of block is a
//  row; those of the provider's own tools are kept as they are, for their family alone.

#include "broker/proto/document.h"
#include "broker/proto/messages/messages_parts.h"

#define ANYWHERE                                                                         \
    (MESSAGES_SYSTEM | MESSAGES_USER | MESSAGES_ASSISTANT | MESSAGES_RESULT              \
     | MESSAGES_REPLY)
#define SAID (MESSAGES_ASSISTANT | MESSAGES_REPLY)
#define SHOWN (MESSAGES_USER | MESSAGES_RESULT)

//  Reads one block. path: its own.
typedef int (block_fn) (const messages_in_t *in, const json_node_t *node, br_text_t path,
                        br_block_t **blocks);

typedef struct {
    const char *type;
    unsigned places; //  bits of messages_place_t
    block_fn *read;
} block_row_t;

static br_block_t *
s_add (const messages_in_t *in, br_block_kind_t kind, br_text_t path, br_block_t **blocks)
{
    br_block_t *block = br_block_add (blocks, kind, in->arena);
    block->path = path;
    return block;
}

static void
s_keep_raw (const messages_in_t *in, const json_node_t *node, br_block_t *block)
{
    block->raw = json_raw (in->tree, node);
    block->family = BR_FAMILY_ANTHROPIC;
}

//  ---- text

static int
s_read_text (const messages_in_t *in, const json_node_t *node, br_text_t path,
             br_block_t **blocks)
{
    br_block_t *block = s_add (in, BR_BLOCK_TEXT, path, blocks);
    const json_node_t *citations = json_given (in->tree, node, "citations");
    if (json_is (citations, JSON_ARRAY) && citations->count) {
        block->citations = json_raw (in->tree, citations);
        block->family = BR_FAMILY_ANTHROPIC;
    }
    int rc = messages_must (in, node, "text", &block->text);
    return rc ? rc : messages_cache (in, node, &block->cache);
}

//  For others a search result is its title, source and texts.
static int
s_read_search_result (const messages_in_t *in, const json_node_t *node, br_text_t path,
                      br_block_t **blocks)
{
    br_block_t *block = s_add (in, BR_BLOCK_TEXT, path, blocks);
    br_text_t title = BR_TEXT ("");
    br_text_t source = BR_TEXT ("");
    br_block_t *parts = NULL;
    const json_node_t *content = json_given (in->tree, node, "content");
    if (messages_may (in, node, "title", &title)
        || messages_may (in, node, "source", &source)
        || messages_cache (in, node, &block->cache))
        return -1;
    if (!content)
        return messages_missing (in, node, "content");
    int rc = messages_read_content (in, content, MESSAGES_SYSTEM, path, &parts);
    if (rc)
        return rc;
    br_text_t text = br_block_join (parts, "\n", in->arena);
    block->text = br_arena_textf (in->arena, "%.*s\n%.*s\n%.*s", (int) title.size,
                                  title.at, (int) source.size, source.at, (int) text.size,
                                  text.at);
    s_keep_raw (in, node, block);
    return 0;
}

//  ---- images and documents

static int
s_read_source (const messages_in_t *in, const json_node_t *node, br_block_t *block)
{
    br_text_t type = BR_TEXT_NONE;
    br_media_t *media = &block->media;
    int rc = messages_must (in, node, "type", &type);
    if (rc)
        return rc;
    if (br_text_is (type, "base64") || br_text_is (type, "text")) {
        if (messages_must (in, node, "data", &media->data)
            || messages_must (in, node, "media_type", &media->mime))
            return -1;
        bool is_text = br_text_is (type, "text");
        if (!is_text && br_document_decode (media, in->arena))
            return messages_wrong (in, json_get (in->tree, node, "data"),
                                   "text in base64, as media_type says");
        return 0;
    }
    if (br_text_is (type, "url"))
        return messages_must (in, node, "url", &media->url);
    if (br_text_is (type, "file"))
        return messages_must (in, node, "file_id", &media->file_id);
    const json_node_t *content = json_given (in->tree, node, "content");
    if (!br_text_is (type, "content") || block->kind != BR_BLOCK_DOCUMENT || !content)
        return messages_wrong (in, json_get (in->tree, node, "type"),
                               "base64, url, file, text or content");
    rc = messages_read_content (in, content, MESSAGES_RESULT, block->path,
                                &block->blocks);
    media->data = br_block_join (block->blocks, "\n", in->arena);
    media->mime = BR_TEXT ("text/plain");
    return rc;
}

static int
s_read_media (const messages_in_t *in, const json_node_t *node, br_block_t *block)
{
    const json_node_t *source = json_given (in->tree, node, "source");
    if (!source)
        return messages_missing (in, node, "source");
    if (!json_is (source, JSON_OBJECT))
        return messages_wrong (in, source, "an object");
    int rc = s_read_source (in, source, block);
    return rc ? rc : messages_cache (in, node, &block->cache);
}

static int
s_read_image (const messages_in_t *in, const json_node_t *node, br_text_t path,
              br_block_t **blocks)
{
    return s_read_media (in, node, s_add (in, BR_BLOCK_IMAGE, path, blocks));
}

//  What only Anthropic knows of a document goes back with the whole of it.
static int
s_read_document (const messages_in_t *in, const json_node_t *node, br_text_t path,
                 br_block_t **blocks)
{
    br_block_t *block = s_add (in, BR_BLOCK_DOCUMENT, path, blocks);
    const json_node_t *source = json_given (in->tree, node, "source");
    if (json_given (in->tree, node, "context") || json_given (in->tree, node, "citations")
        || json_get (in->tree, source, "content"))
        s_keep_raw (in, node, block);
    if (messages_may (in, node, "title", &block->media.name)
        || messages_may (in, node, "context", &block->media.context))
        return -1;
    return s_read_media (in, node, block);
}

//  ---- thinking

//  A blob of another family comes back in the envelope it was given in. One that was
//  changed on the way is none, and one of the plain family was there for the client's
//  sake.
static void
s_read_opaque (const messages_in_t *in, br_block_t *block, br_opaque_kind_t kind,
               br_text_t bytes)
{
    if (bytes.size == 0)
        return;
    if (!br_envelope_is (bytes)) {
        br_opaque_add (&block->opaques, BR_FAMILY_ANTHROPIC, kind, bytes, in->arena);
        return;
    }
    br_opaque_t *opaque = br_envelope_open (bytes, in->arena);
    if (opaque && opaque->family == BR_FAMILY_PLAIN)
        return;
    block->opaques = opaque;
    if (opaque && opaque->family == BR_FAMILY_OPENAI) {
        block->summary = block->text;
        block->text = BR_TEXT_NONE;
        block->item_id = opaque->id;
    }
}

static int
s_read_thinking (const messages_in_t *in, const json_node_t *node, br_text_t path,
                 br_block_t **blocks)
{
    br_block_t *block = s_add (in, BR_BLOCK_REASONING, path, blocks);
    br_text_t signature = BR_TEXT_NONE;
    if (messages_must (in, node, "thinking", &block->text)
        || messages_may (in, node, "signature", &signature))
        return -1;
    s_read_opaque (in, block, BR_OPAQUE_SIGNATURE, signature);
    return 0;
}

static int
s_read_redacted (const messages_in_t *in, const json_node_t *node, br_text_t path,
                 br_block_t **blocks)
{
    br_block_t *block = s_add (in, BR_BLOCK_REASONING, path, blocks);
    br_text_t data = BR_TEXT_NONE;
    int rc = messages_must (in, node, "data", &data);
    if (rc)
        return rc;
    s_read_opaque (in, block, BR_OPAQUE_REDACTED, data);
    return 0;
}

//  ---- tools

static int
s_read_tool_use (const messages_in_t *in, const json_node_t *node, br_text_t path,
                 br_block_t **blocks)
{
    br_block_t *block = s_add (in, BR_BLOCK_CALL, path, blocks);
    if (messages_must (in, node, "id", &block->id)
        || messages_must (in, node, "name", &block->name)
        || messages_cache (in, node, &block->cache))
        return -1;
    const json_node_t *input = json_given (in->tree, node, "input");
    if (!input)
        return messages_missing (in, node, "input");
    if (!json_is (input, JSON_OBJECT))
        return messages_wrong (in, input, "an object");
    block->text = json_raw (in->tree, input);
    return 0;
}

static int
s_read_tool_result (const messages_in_t *in, const json_node_t *node, br_text_t path,
                    br_block_t **blocks)
{
    br_block_t *block = s_add (in, BR_BLOCK_RESULT, path, blocks);
    if (messages_must (in, node, "tool_use_id", &block->id)
        || messages_cache (in, node, &block->cache))
        return -1;
    const json_node_t *error = json_given (in->tree, node, "is_error");
    if (error && messages_bool (in, error, &block->error))
        return -1;
    const json_node_t *content = json_given (in->tree, node, "content");
    if (!content)
        return 0;
    return messages_read_content (
        in, content, MESSAGES_RESULT,
        br_arena_textf (in->arena, "%.*s.content", (int) path.size, path.at),
        &block->blocks);
}

static int
s_read_hosted (const messages_in_t *in, const json_node_t *node, br_text_t path,
               br_block_t **blocks)
{
    s_keep_raw (in, node, s_add (in, BR_BLOCK_HOSTED, path, blocks));
    return 0;
}

//  ---- all

//  src: types of the Anthropic SDK, 2026-08
static const block_row_t s_rows[] = {
    { "text", ANYWHERE, s_read_text },
    { "image", SHOWN, s_read_image },
    { "document", SHOWN, s_read_document },
    { "search_result", SHOWN, s_read_search_result },
    { "thinking", SAID, s_read_thinking },
    { "redacted_thinking", SAID, s_read_redacted },
    { "tool_use", SAID, s_read_tool_use },
    { "tool_result", MESSAGES_USER, s_read_tool_result },
    { "server_tool_use", SAID, s_read_hosted },
    { "mcp_tool_use", SAID, s_read_hosted },
    { "container_upload", ANYWHERE, s_read_hosted },
    { "compaction", ANYWHERE, s_read_hosted },
    { "fallback", ANYWHERE, s_read_hosted },
    { "tool_reference", ANYWHERE, s_read_hosted },
    { "tool_addition", ANYWHERE, s_read_hosted },
    { "tool_removal", ANYWHERE, s_read_hosted },
};

static int
s_read_block (const messages_in_t *in, const json_node_t *node, messages_place_t place,
              br_text_t path, br_block_t **blocks)
{
    br_text_t type = BR_TEXT_NONE;
    if (!json_is (node, JSON_OBJECT))
        return messages_wrong (in, node, "an object");
    int rc = messages_must (in, node, "type", &type);
    if (rc)
        return rc;
    for (size_t i = 0; i < sizeof s_rows / sizeof s_rows[0]; i++)
        if (br_text_is (type, s_rows[i].type) && (s_rows[i].places & place))
            return s_rows[i].read (in, node, path, blocks);
    //  Results of the provider's tools, of which there are ever more; and in an answer
    //  whatever is new.
    if (br_text_ends (type, "_tool_result") || place == MESSAGES_REPLY)
        return s_read_hosted (in, node, path, blocks);
    return messages_wrong (in, json_get (in->tree, node, "type"),
                           "a kind of block that may stand here");
}

//  ---- blobs of Google, which belong to the call or text beside them

static bool
s_is_thought (const br_block_t *block)
{
    return block->kind == BR_BLOCK_REASONING && block->text.size == 0 && block->opaques
           && block->opaques->family == BR_FAMILY_GOOGLE
           && block->opaques->kind == BR_OPAQUE_THOUGHT;
}

static br_block_t *
s_owner (br_block_t *list, br_block_t *before, const br_opaque_t *thought)
{
    if (thought->id.size == 0)
        return before && before->kind == BR_BLOCK_TEXT ? before : NULL;
    for (br_block_t *block = list; block; block = block->next)
        if (block->kind == BR_BLOCK_CALL && br_text_equal (block->id, thought->id))
            return block;
    return NULL;
}

static void
s_return_thoughts (br_block_t **blocks)
{
    br_block_t *before = NULL;
    br_block_t **at = blocks;
    while (*at) {
        br_block_t *block = *at;
        br_block_t *owner = NULL;
        if (s_is_thought (block))
            owner = s_owner (*blocks, before, block->opaques);
        if (!owner) {
            before = block;
            at = &block->next;
            continue;
        }
        block->opaques->id = BR_TEXT_NONE;
        block->opaques->next = owner->opaques;
        owner->opaques = block->opaques;
        *at = block->next;
    }
    if (*blocks)
        (*blocks)->first = NULL;
}

int
messages_read_content (const messages_in_t *in, const json_node_t *node,
                       messages_place_t place, br_text_t path, br_block_t **blocks)
{
    if (json_is (node, JSON_STRING)) {
        br_block_t *block = s_add (in, BR_BLOCK_TEXT, path, blocks);
        return messages_text (in, node, &block->text);
    }
    if (!json_is (node, JSON_ARRAY))
        return messages_wrong (in, node, "a string or an array of blocks");
    unsigned i = 0;
    for (const json_node_t *item = json_first (in->tree, node); item;
         item = json_next (in->tree, item), i++) {
        br_text_t at = br_arena_textf (in->arena, "%.*s[%u]", (int) path.size, path.at,
                                       i);
        int rc = s_read_block (in, item, place, at, blocks);
        if (rc)
            return rc;
    }
    if (place == MESSAGES_ASSISTANT)
        s_return_thoughts (blocks);
    return 0;
}
