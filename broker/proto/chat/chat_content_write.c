//  chat_content_write: blocks as parts of a message.

#include <string.h>

#include "broker/proto/chat/chat_parts.h"
#include "broker/proto/document.h"

void
chat_write_cache (chat_write_t *self, br_text_t cache)
{
    if (!cache.at)
        return;
    if (self->target->dialect->cache_points) {
        json_open (&self->out, "prompt_cache_breakpoint", '{');
        json_put_string (&self->out, "mode", "explicit");
        json_close (&self->out, '}');
        return;
    }
    if (!self->target->dialect->takes_cache_marks) {
        chat_lose_field (self, BR_FIELD_CACHE, false);
        return;
    }
    json_open (&self->out, "cache_control", '{');
    json_put_string (&self->out, "type", "ephemeral");
    if (br_text_is (cache, "5m") || br_text_is (cache, "1h"))
        json_put (&self->out, "ttl", cache);
    json_close (&self->out, '}');
}

static br_text_t
s_path (const br_block_t *block)
{
    return block->path.size ? block->path : BR_TEXT ("messages");
}

static void
s_write_url (chat_write_t *self, const char *key, const br_media_t *media,
             const char *mime)
{
    if (media->url.at) {
        json_put (&self->out, key, media->url);
        return;
    }
    json_text_begin (&self->out, key);
    json_text_add (&self->out, BR_TEXT ("data:"));
    json_text_add (&self->out, media->mime.size ? media->mime : br_text (mime));
    json_text_add (&self->out, BR_TEXT (";base64,"));
    json_text_add (&self->out, br_document_base64 (media, self->call->arena));
    json_text_end (&self->out);
}

//  The one form of data URL that hosts of Chat take.
static bool
s_is_base64 (br_text_t url)
{
    const char *comma = url.size ? memchr (url.at, ',', url.size) : NULL;
    return comma
           && br_text_ends ((br_text_t) { url.at, (size_t) (comma - url.at) }, ";base64");
}

static int
s_check_source (chat_write_t *self, const br_block_t *block)
{
    const br_media_t *media = &block->media;
    if (br_text_starts (media->url, "data:") && !s_is_base64 (media->url))
        return chat_refuse_write (self, s_path (block), "a data URL must be base64");
    if (media->url.at || media->data.at)
        return 0;
    return chat_refuse_write (self, s_path (block),
                              "a file of one provider is unknown to another");
}

static int
s_text (chat_write_t *self, const br_block_t *block)
{
    json_put_string (&self->out, "type", "text");
    json_put (&self->out, "text", block->text);
    return 0;
}

static int
s_image (chat_write_t *self, const br_block_t *block)
{
    int rc = s_check_source (self, block);
    json_put_string (&self->out, "type", "image_url");
    json_open (&self->out, "image_url", '{');
    s_write_url (self, "url", &block->media, "image/png");
    json_put_given (&self->out, "detail", block->media.detail);
    json_close (&self->out, '}');
    return rc;
}

static int
s_video (chat_write_t *self, const br_block_t *block)
{
    int rc = s_check_source (self, block);
    json_put_string (&self->out, "type", "video_url");
    json_open (&self->out, "video_url", '{');
    s_write_url (self, "url", &block->media, "video/mp4");
    json_close (&self->out, '}');
    return rc;
}

//  The names of formats that differ from the type's.
static const struct {
    const char *mime;
    const char *format;
} s_formats[] = {
    { "audio/mpeg", "mp3" },
    { "audio/x-wav", "wav" },
    { "audio/wave", "wav" },
};

static br_text_t
s_format (br_text_t mime)
{
    for (size_t i = 0; i < sizeof s_formats / sizeof s_formats[0]; i++)
        if (br_text_is (mime, s_formats[i].mime))
            return br_text (s_formats[i].format);
    if (!br_text_starts (mime, "audio/"))
        return BR_TEXT ("wav");
    return (br_text_t) { mime.at + 6, mime.size - 6 };
}

static int
s_audio (chat_write_t *self, const br_block_t *block)
{
    json_put_string (&self->out, "type", "input_audio");
    json_open (&self->out, "input_audio", '{');
    json_put (&self->out, "data", block->media.data);
    json_put (&self->out, "format", s_format (block->media.mime));
    json_close (&self->out, '}');
    if (block->media.data.at)
        return 0;
    return chat_refuse_write (self, s_path (block), "sound must be given as base64");
}

//  What is text for this target has become one before.
static int
s_document (chat_write_t *self, const br_block_t *block)
{
    const br_media_t *media = &block->media;
    bool is_own = self->call->protocol == BR_PROTOCOL_CHAT;
    json_put_string (&self->out, "type", "file");
    json_open (&self->out, "file", '{');
    if (media->file_id.at && !media->data.at && !media->url.at)
        json_put (&self->out, "file_id", media->file_id);
    else
        s_write_url (self, "file_data", media, "application/pdf");
    if (media->name.size || media->data.at)
        json_put (&self->out, "filename", br_document_name (media, self->call->arena));
    json_close (&self->out, '}');
    if (is_own || media->data.at
        || (media->file_id.at && self->call->protocol == BR_PROTOCOL_RESPONSES))
        return 0;
    return chat_refuse_write (self, s_path (block), "a document must be given as base64");
}

static int (*const s_parts[BR_BLOCK_KINDS]) (chat_write_t *, const br_block_t *) = {
    [BR_BLOCK_TEXT] = s_text,   [BR_BLOCK_IMAGE] = s_image,
    [BR_BLOCK_AUDIO] = s_audio, [BR_BLOCK_DOCUMENT] = s_document,
    [BR_BLOCK_VIDEO] = s_video,
};

int
chat_write_part (chat_write_t *self, const br_block_t *block)
{
    if (!s_parts[block->kind]) {
        chat_lose (self, s_path (block), false);
        return 0;
    }
    json_open (&self->out, NULL, '{');
    int rc = s_parts[block->kind](self, block);
    chat_write_cache (self, block->cache);
    json_close (&self->out, '}');
    return rc;
}
