//  document: types that are text, and what stands in for a document.

#include <sodium.h>
#include <string.h>

#include "broker/core/json_value.h"
#include "broker/proto/document.h"

#define EXTENSION_MAX 8 //  characters of a subtype that may end a file's name

//  ---- types

typedef struct {
    const char *mime;
    const char *extension;
} type_row_t;

//  Types whose subtype is no file's ending.
static const type_row_t s_types[] = {
    { "text/plain", "txt" },
    { "text/markdown", "md" },
    { "text/x-markdown", "md" },
    { "text/javascript", "js" },
    { "text/x-python", "py" },
    { "text/calendar", "ics" },
    { "text/tab-separated-values", "tsv" },
    { "application/x-python", "py" },
    { "application/x-python-code", "py" },
    { "application/javascript", "js" },
    { "application/x-javascript", "js" },
    { "application/x-yaml", "yaml" },
    { "application/x-ndjson", "ndjson" },
    { "application/msword", "doc" },
    { "application/vnd.ms-excel", "xls" },
    { "application/vnd.ms-powerpoint", "ppt" },
    { "application/epub+zip", "epub" },
    { "application/vnd.openxmlformats-officedocument.wordprocessingml.document", "docx" },
    { "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "xlsx" },
    { "application/vnd.openxmlformats-officedocument.presentationml.presentation",
      "pptx" },
};

//  Types that are text, beside those of text/... and what ends with +json or +xml.
static const char *const s_texts[] = {
    "application/json",     "application/x-ndjson",      "application/jsonl",
    "application/xml",      "application/yaml",          "application/x-yaml",
    "application/toml",     "application/javascript",    "application/x-javascript",
    "application/x-python", "application/x-python-code", "application/sql",
    "application/graphql",  "application/csv",           "application/x-sh",
};

//  Without parameters.
static br_text_t
s_bare (br_text_t mime)
{
    const char *end = mime.size ? memchr (mime.at, ';', mime.size) : NULL;
    if (end)
        mime.size = (size_t) (end - mime.at);
    while (mime.size && mime.at[mime.size - 1] == ' ')
        mime.size--;
    return mime;
}

static bool
s_is_plain (const br_media_t *media)
{
    return media->data.at && br_text_is (s_bare (media->mime), "text/plain");
}

static bool
s_is_text (br_text_t mime)
{
    if (br_text_starts (mime, "text/") || br_text_ends (mime, "+json")
        || (br_text_ends (mime, "+xml") && !br_text_starts (mime, "image/")))
        return true;
    for (size_t i = 0; i < sizeof s_texts / sizeof s_texts[0]; i++)
        if (br_text_is (mime, s_texts[i]))
            return true;
    return false;
}

bool
br_document_is_text (br_text_t mime)
{
    return s_is_text (s_bare (mime));
}

//  ---- data

static int
s_decode (br_text_t data, br_arena_t *arena, br_text_t *ret_text)
{
    uint8_t *bytes = br_arena_take (arena, data.size + 1);
    size_t size = 0;
    if (sodium_base642bin (bytes, data.size, data.at, data.size, " \r\n", &size, NULL,
                           sodium_base64_VARIANT_ORIGINAL))
        return -1;
    for (size_t at = 0; at < size;) {
        size_t step = json_utf8 (bytes + at, bytes + size);
        if (step == 0)
            return -1;
        at += step;
    }
    *ret_text = (br_text_t) { (const char *) bytes, size };
    return 0;
}

int
br_document_decode (br_media_t *media, br_arena_t *arena)
{
    if (!s_is_plain (media))
        return 0;
    if (s_decode (media->data, arena, &media->data))
        return -1;
    media->mime = BR_TEXT ("text/plain");
    return 0;
}

bool
br_document_text (const br_media_t *media, br_arena_t *arena, br_text_t *ret_text)
{
    if (!media->data.at)
        return false;
    if (s_is_plain (media)) {
        *ret_text = media->data;
        return true;
    }
    return br_document_is_text (media->mime)
           && s_decode (media->data, arena, ret_text) == 0;
}

br_text_t
br_document_base64 (const br_media_t *media, br_arena_t *arena)
{
    if (!s_is_plain (media))
        return media->data;
    size_t room = sodium_base64_encoded_len (media->data.size,
                                             sodium_base64_VARIANT_ORIGINAL);
    char *text = br_arena_take (arena, room);
    sodium_bin2base64 (text, room, (const uint8_t *) media->data.at, media->data.size,
                       sodium_base64_VARIANT_ORIGINAL);
    return br_text (text);
}

//  ---- names

static bool
s_is_word (br_text_t text)
{
    if (text.size == 0 || text.size > EXTENSION_MAX)
        return false;
    for (size_t i = 0; i < text.size; i++)
        if (!(text.at[i] >= 'a' && text.at[i] <= 'z')
            && !(text.at[i] >= '0' && text.at[i] <= '9'))
            return false;
    return true;
}

br_text_t
br_document_name (const br_media_t *media, br_arena_t *arena)
{
    br_text_t mime = s_bare (media->mime);
    if (media->name.size)
        return media->name;
    if (mime.size == 0)
        return BR_TEXT ("document.pdf");
    for (size_t i = 0; i < sizeof s_types / sizeof s_types[0]; i++)
        if (br_text_is (mime, s_types[i].mime))
            return br_arena_textf (arena, "document.%s", s_types[i].extension);
    const char *slash = memchr (mime.at, '/', mime.size);
    const char *from = slash ? slash + 1 : mime.at;
    br_text_t subtype = { from, mime.size - (size_t) (from - mime.at) };
    if (!s_is_word (subtype))
        return BR_TEXT ("document");
    return br_arena_textf (arena, "document.%.*s", (int) subtype.size, subtype.at);
}

//  ---- unfolding

typedef struct {
    br_block_t *first;
    br_block_t *last;
    unsigned places;
    br_loss_t **losses;
    br_arena_t *arena;
} unfold_t;

static br_block_t *
s_add (unfold_t *self, const br_block_t *block)
{
    br_block_t *copy = BR_ARENA_NEW (self->arena, br_block_t);
    *copy = *block;
    copy->next = copy->first = copy->last = NULL;
    if (self->first)
        self->last->next = copy;
    else
        self->first = copy;
    self->last = copy;
    return copy;
}

//  With a gap between what is there.
static br_text_t
s_joined (unfold_t *self, br_text_t a, br_text_t b)
{
    if (!a.size || !b.size)
        return a.size ? a : b;
    char *bytes = br_arena_take (self->arena, a.size + b.size + 2);
    memcpy (bytes, a.at, a.size);
    memcpy (bytes + a.size, "\n\n", 2);
    memcpy (bytes + a.size + 2, b.at, b.size);
    return (br_text_t) { bytes, a.size + b.size + 2 };
}

//  The mark of a document stands on the last block of it.
static br_block_t *
s_add_text (unfold_t *self, const br_block_t *document, br_text_t text, bool last)
{
    br_block_t plain = { .kind = BR_BLOCK_TEXT, .text = text, .path = document->path };
    if (last) {
        plain.cache = document->cache;
        plain.opaques = document->opaques;
    }
    return s_add (self, &plain);
}

static void s_unfold (unfold_t *self, const br_block_t *document);

//  Nested as deep as the text is, which is bounded by JSON_DEPTH_MAX.
static void
s_add_parts (unfold_t *self, const br_block_t *document, br_text_t head)
{
    if (head.size)
        s_add_text (self, document, head, false);
    for (const br_block_t *part = document->blocks; part; part = part->next) {
        if (part->kind == BR_BLOCK_DOCUMENT)
            s_unfold (self, part);
        else if (part->kind != BR_BLOCK_TEXT || part->text.size)
            s_add (self, part);
    }
    if (self->last)
        self->last->cache = document->cache;
}

static bool
s_has_more_than_text (const br_block_t *list)
{
    for (; list; list = list->next)
        if (list->kind != BR_BLOCK_TEXT)
            return true;
    return false;
}

//  Whether it goes as a text, and which.
static bool
s_is_spelled (const unfold_t *self, const br_media_t *media, br_text_t *ret_text)
{
    bool is_typed = self->places & BR_DOCUMENT_TYPED;
    if (!s_is_plain (media)
        && (is_typed || br_text_starts (media->mime, "text/") || media->mime.size == 0))
        return false;
    return br_document_text (media, self->arena, ret_text);
}

static void
s_unfold (unfold_t *self, const br_block_t *document)
{
    const br_media_t *media = &document->media;
    br_text_t text = BR_TEXT_NONE;
    bool is_parts = s_has_more_than_text (document->blocks);
    bool is_text = !is_parts && s_is_spelled (self, media, &text);
    bool is_named = !is_text && !is_parts && (self->places & BR_DOCUMENT_NAMED);
    br_text_t head = s_joined (self, is_named ? BR_TEXT_NONE : media->name,
                               media->context);
    if (is_parts)
        s_add_parts (self, document, head);
    else if (is_text)
        s_add_text (self, document, s_joined (self, head, text), true);
    else {
        if (head.size)
            s_add_text (self, document, head, false);
        br_block_t *file = s_add (self, document);
        file->media.context = BR_TEXT_NONE;
        file->media.name = is_named ? media->name : BR_TEXT_NONE;
    }
    if (is_parts || is_text || head.size || document->raw.size)
        br_loss_add (self->losses, self->arena,
                     document->path.size ? document->path : BR_TEXT ("document"), true);
}

static bool
s_has_document (const br_block_t *list)
{
    for (; list; list = list->next)
        if (list->kind == BR_BLOCK_DOCUMENT
            || (list->kind == BR_BLOCK_RESULT && s_has_document (list->blocks)))
            return true;
    return false;
}

br_block_t *
br_document_unfold (br_block_t *list, unsigned places, br_loss_t **losses,
                    br_arena_t *arena)
{
    unfold_t self = { .places = places, .losses = losses, .arena = arena };
    if (!s_has_document (list))
        return list;
    for (const br_block_t *block = list; block; block = block->next) {
        if (block->kind == BR_BLOCK_DOCUMENT) {
            s_unfold (&self, block);
            continue;
        }
        br_block_t *copy = s_add (&self, block);
        if (block->kind == BR_BLOCK_RESULT)
            copy->blocks = br_document_unfold (block->blocks, places, losses, arena);
    }
    return self.first;
}
