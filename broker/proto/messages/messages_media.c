//  messages_media: writes images and documents, and the marks of the cache.

#include <string.h>

#include "broker/proto/document.h"
#include "broker/proto/messages/messages_parts.h"

#define MARKS_MAX 4 //  of one request

void
messages_put_cache (messages_out_t *self, br_text_t cache, br_text_t path)
{
    if (!cache.at)
        return;
    if (self->marks == MARKS_MAX) {
        messages_lose_at (self, path, "cache_control", false);
        return;
    }
    //  Longer ones have to stand in front of shorter ones. Of two times that it knows the
    //  one is taken that is not too short.
    bool hour = br_text_is (cache, "1h") || br_text_is (cache, "30m");
    if ((hour && self->short_mark) || br_text_is (cache, "30m"))
        messages_lose_at (self, path, "cache_control", true);
    hour = hour && !self->short_mark;
    self->marks++;
    self->short_mark = !hour;
    json_open (&self->json, "cache_control", '{');
    json_put_string (&self->json, "type", "ephemeral");
    if (hour)
        json_put_string (&self->json, "ttl", "1h");
    else if (br_text_is (cache, "5m"))
        json_put_string (&self->json, "ttl", "5m");
    json_close (&self->json, '}');
}

//  ---- types of media

typedef struct {
    const char *start; //  of the bytes in base64
    const char *mime;
} magic_row_t;

static const magic_row_t s_magic[] = {
    { "iVBORw0KGgo", "image/png" },  { "/9j/", "image/jpeg" },
    { "R0lGOD", "image/gif" },       { "UklGR", "image/webp" },
    { "JVBERi", "application/pdf" },
};

static const char *const s_images[] = { "image/png", "image/jpeg", "image/gif",
                                        "image/webp" };

//  "data:MIME;base64,DATA" in its parts.
static void
s_split_url (br_media_t *media)
{
    const char *comma = media->url.size ? memchr (media->url.at, ',', media->url.size)
                                        : NULL;
    if (!comma || !br_text_starts (media->url, "data:"))
        return;
    br_text_t head = { media->url.at + 5, (size_t) (comma - media->url.at) - 5 };
    if (!br_text_ends (head, ";base64"))
        return;
    const char *end = memchr (head.at, ';', head.size);
    media->mime = (br_text_t) { head.at, (size_t) (end - head.at) };
    media->data = (br_text_t) { comma + 1,
                                media->url.size - (size_t) (comma + 1 - media->url.at) };
    media->url = BR_TEXT_NONE;
}

static br_text_t
s_mime (const br_media_t *media)
{
    if (br_text_is (media->mime, "image/jpg"))
        return BR_TEXT ("image/jpeg");
    if (media->mime.size && !br_text_is (media->mime, "application/octet-stream"))
        return media->mime;
    for (size_t i = 0; i < sizeof s_magic / sizeof s_magic[0]; i++)
        if (br_text_starts (media->data, s_magic[i].start))
            return br_text (s_magic[i].mime);
    return media->mime;
}

static bool
s_is_fine (br_block_kind_t kind, br_text_t mime)
{
    if (kind == BR_BLOCK_DOCUMENT)
        return br_text_is (mime, "application/pdf") || br_text_is (mime, "text/plain");
    for (size_t i = 0; i < sizeof s_images / sizeof s_images[0]; i++)
        if (br_text_is (mime, s_images[i]))
            return true;
    return false;
}

//  A document of any type that is text goes as plain text.
static void
s_spell (messages_out_t *self, const br_block_t *block, br_media_t *media,
         br_text_t *mime)
{
    if (block->kind != BR_BLOCK_DOCUMENT || s_is_fine (block->kind, *mime)
        || !br_document_text (media, self->arena, &media->data))
        return;
    *mime = BR_TEXT ("text/plain");
    messages_lose_at (self, block->path, "messages", true);
}

//  ---- writing

static void
s_put_source (messages_out_t *self, const br_media_t *media, br_text_t mime)
{
    json_writer_t *json = &self->json;
    json_open (json, "source", '{');
    if (media->data.at) {
        bool plain = br_text_is (mime, "text/plain");
        json_put_string (json, "type", plain ? "text" : "base64");
        json_put (json, "media_type", mime);
        json_put (json, "data", media->data);
    } else if (media->url.at) {
        json_put_string (json, "type", "url");
        json_put (json, "url", media->url);
    } else {
        json_put_string (json, "type", "file");
        json_put (json, "file_id", media->file_id);
    }
    json_close (json, '}');
}

int
messages_put_media (messages_out_t *self, const br_block_t *block)
{
    br_text_t path = block->path.size ? block->path : BR_TEXT ("messages");
    br_media_t media = block->media;
    s_split_url (&media);
    br_text_t mime = s_mime (&media);
    s_spell (self, block, &media, &mime);
    if (block->kind != BR_BLOCK_IMAGE && block->kind != BR_BLOCK_DOCUMENT)
        return messages_refuse (self, path, "takes neither audio nor video");
    if (!media.data.at && !media.url.at && !media.file_id.at)
        return messages_refuse (self, path, "wants the data of it, a URL or a file");
    if (media.data.at && !s_is_fine (block->kind, mime))
        return messages_refuse (self, path, "does not take this type of media");
    bool foreign = self->call->protocol != BR_PROTOCOL_MESSAGES;
    if (!media.data.at && !media.url.at && foreign)
        return messages_refuse (self, path,
                                "does not know the files of another provider");
    if (media.detail.size && !br_text_is (media.detail, "auto"))
        messages_lose_at (
            self, br_arena_textf (self->arena, "%.*s.detail", (int) path.size, path.at),
            "detail", false);
    json_open (&self->json, NULL, '{');
    json_put_string (&self->json, "type",
                     block->kind == BR_BLOCK_IMAGE ? "image" : "document");
    s_put_source (self, &media, mime);
    if (block->kind == BR_BLOCK_DOCUMENT) {
        json_put_given (&self->json, "title", media.name);
        json_put_given (&self->json, "context", media.context);
    }
    messages_put_cache (self, block->cache, path);
    json_close (&self->json, '}');
    return 0;
}
