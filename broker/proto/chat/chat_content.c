//  chat_content: the content of a message, a string or a list of parts, as blocks.

#include <string.h>

#include "broker/proto/chat/chat_parts.h"
#include "broker/proto/document.h"

typedef int (part_fn) (const chat_read_t *self, const json_node_t *part,
                       br_block_t *block);

//  One type of part.
typedef struct {
    const char *type;
    br_block_kind_t kind;
    part_fn *read; //  MUST
} part_row_t;

//  Splits "data:image/png;base64,…". Other addresses stay as they are.
static int
s_split_url (const chat_read_t *self, const json_node_t *node, br_media_t *media)
{
    br_text_t url = chat_text (self, node);
    if (!br_text_starts (url, "data:")) {
        media->url = url;
        return 0;
    }
    const char *comma = memchr (url.at, ',', url.size);
    if (!comma)
        return chat_refuse (self, node, "is no data URL: it has no comma");
    br_text_t head = { url.at + 5, (size_t) (comma - url.at) - 5 };
    if (!br_text_ends (head, ";base64"))
        return chat_refuse (self, node, "must be base64 when it is a data URL");
    head.size -= strlen (";base64");
    const char *semicolon = memchr (head.at, ';', head.size);
    if (semicolon)
        head.size = (size_t) (semicolon - head.at);
    media->mime = head.size ? head : BR_TEXT_NONE;
    media->data = (br_text_t) { comma + 1, url.size - (size_t) (comma + 1 - url.at) };
    return 0;
}

static int
s_text (const chat_read_t *self, const json_node_t *part, br_block_t *block)
{
    return chat_need_text (self, part, "text", &block->text);
}

static int
s_refusal (const chat_read_t *self, const json_node_t *part, br_block_t *block)
{
    return chat_need_text (self, part, "refusal", &block->text);
}

//  Some clients give the address itself where an object belongs.
static int
s_url (const chat_read_t *self, const json_node_t *part, const char *key,
       br_block_t *block)
{
    const json_node_t *node = json_given (self->tree, part, key);
    if (json_is (node, JSON_STRING))
        return s_split_url (self, node, &block->media);
    int rc = chat_need (self, part, key, JSON_OBJECT, &node);
    if (rc)
        return -1;
    const json_node_t *url;
    rc = chat_need (self, node, "url", JSON_STRING, &url);
    if (rc == 0)
        rc = chat_may_text (self, node, "detail", &block->media.detail);
    return rc ? -1 : s_split_url (self, url, &block->media);
}

static int
s_image (const chat_read_t *self, const json_node_t *part, br_block_t *block)
{
    return s_url (self, part, "image_url", block);
}

static int
s_video (const chat_read_t *self, const json_node_t *part, br_block_t *block)
{
    return s_url (self, part, "video_url", block);
}

static int
s_audio (const chat_read_t *self, const json_node_t *part, br_block_t *block)
{
    const json_node_t *audio;
    br_text_t format = BR_TEXT_NONE;
    int rc = chat_need (self, part, "input_audio", JSON_OBJECT, &audio);
    if (rc == 0)
        rc = chat_need_text (self, audio, "data", &block->media.data);
    if (rc == 0)
        rc = chat_may_text (self, audio, "format", &format);
    if (rc == 0 && format.size)
        block->media.mime = br_arena_textf (self->call->arena, "audio/%.*s",
                                            (int) format.size, format.at);
    return rc;
}

//  OpenRouter takes an address in file_data too; bare base64 is a PDF.
static int
s_file (const chat_read_t *self, const json_node_t *part, br_block_t *block)
{
    const json_node_t *file;
    const json_node_t *data = NULL;
    br_media_t *media = &block->media;
    int rc = chat_need (self, part, "file", JSON_OBJECT, &file);
    if (rc == 0)
        rc = chat_may_text (self, file, "filename", &media->name);
    if (rc == 0)
        rc = chat_may_text (self, file, "file_id", &media->file_id);
    if (rc == 0)
        rc = chat_may (self, file, "file_data", JSON_STRING, &data);
    if (rc || (!data && media->file_id.at))
        return rc;
    if (!data)
        return chat_refuse (self, file, "needs file_data or file_id");
    rc = s_split_url (self, data, media);
    if (rc == 0 && media->url.at && !br_text_starts (media->url, "http")) {
        media->data = media->url;
        media->url = BR_TEXT_NONE;
        media->mime = BR_TEXT ("application/pdf");
    }
    if (rc == 0 && br_document_decode (media, self->call->arena))
        return chat_refuse (self, data, "must be text in base64, as its type says");
    return rc;
}

//  Mistral's form of reasoning.
static int
s_thinking (const chat_read_t *self, const json_node_t *part, br_block_t *block)
{
    const json_node_t *list = json_given (self->tree, part, "thinking");
    if (json_is (list, JSON_STRING)) {
        block->text = chat_text (self, list);
        return 0;
    }
    int rc = chat_need (self, part, "thinking", JSON_ARRAY, &list);
    if (rc)
        return -1;
    br_block_t *texts = NULL;
    for (const json_node_t *item = json_first (self->tree, list); item;
         item = json_next (self->tree, item))
        br_block_add (&texts, BR_BLOCK_TEXT, self->call->arena)->text = chat_text (
            self, json_given (self->tree, item, "text"));
    block->text = br_block_join (texts, "", self->call->arena);
    return 0;
}

static const part_row_t s_rows[] = {
    { "text", BR_BLOCK_TEXT, s_text },
    { "refusal", BR_BLOCK_REFUSAL, s_refusal },
    { "image_url", BR_BLOCK_IMAGE, s_image },
    { "input_audio", BR_BLOCK_AUDIO, s_audio },
    { "file", BR_BLOCK_DOCUMENT, s_file },
    { "video_url", BR_BLOCK_VIDEO, s_video },
    { "thinking", BR_BLOCK_REASONING, s_thinking },
};

static const part_row_t *
s_row_of (const chat_read_t *self, const json_node_t *type, unsigned kinds)
{
    for (size_t i = 0; i < sizeof s_rows / sizeof s_rows[0]; i++)
        if ((kinds & CHAT_BIT (s_rows[i].kind))
            && json_node_is (self->tree, type, s_rows[i].type))
            return &s_rows[i];
    return NULL;
}

static int
s_read_part (const chat_read_t *self, const json_node_t *part, unsigned kinds,
             br_text_t path, br_block_t **list)
{
    const json_node_t *type;
    int rc = chat_want (self, part, JSON_OBJECT);
    if (rc == 0)
        rc = chat_need (self, part, "type", JSON_STRING, &type);
    if (rc)
        return -1;
    const part_row_t *row = s_row_of (self, type, kinds);
    if (!row) {
        br_text_t word = json_raw (self->tree, type);
        return chat_refuse (self, type, "is a type of part that cannot stand here: %.*s",
                            word.size > 40 ? 40 : (int) word.size, word.at);
    }
    br_block_t *block = br_block_add (list, row->kind, self->call->arena);
    block->cache = chat_cache_mark (self, part);
    block->path = path;
    return row->read (self, part, block);
}

int
chat_read_content (const chat_read_t *self, const json_node_t *content, unsigned kinds,
                   br_text_t path, br_block_t **list)
{
    if (json_is (content, JSON_STRING)) {
        br_block_t *block = br_block_add (list, BR_BLOCK_TEXT, self->call->arena);
        block->text = chat_text (self, content);
        block->path = path;
        return 0;
    }
    if (!json_is (content, JSON_ARRAY))
        return chat_refuse (self, content,
                            "must be a string or an array of parts, not %s",
                            json_type_name (content->type));
    int rc = 0;
    unsigned i = 0;
    for (const json_node_t *part = json_first (self->tree, content); part && rc == 0;
         part = json_next (self->tree, part), i++) {
        br_text_t part_path = br_arena_textf (self->call->arena, "%.*s.content[%u]",
                                              (int) path.size, path.at, i);
        rc = s_read_part (self, part, kinds, part_path, list);
    }
    return rc;
}
