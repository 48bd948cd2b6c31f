//  gemini_parts: members under both of their names, and pieces of content.

#include <string.h>
#include <strings.h>

#include "broker/proto/gemini/gemini_parts.h"

//  ---- members

static void
s_snake (const char *camel, char out[GEMINI_KEY_MAX])
{
    size_t n = 0;
    for (; *camel && n < GEMINI_KEY_MAX - 2; camel++) {
        bool upper = *camel >= 'A' && *camel <= 'Z';
        if (upper)
            out[n++] = '_';
        out[n++] = (char) (upper ? *camel + ('a' - 'A') : *camel);
    }
    out[n] = 0;
}

const json_node_t *
gemini_get (const json_tree_t *tree, const json_node_t *node, const char *camel)
{
    char snake[GEMINI_KEY_MAX];
    const json_node_t *member = json_given (tree, node, camel);
    if (member)
        return member;
    s_snake (camel, snake);
    return strcmp (snake, camel) != 0 ? json_given (tree, node, snake) : NULL;
}

bool
gemini_key_is (const json_tree_t *tree, const json_node_t *node, const char *camel)
{
    char snake[GEMINI_KEY_MAX];
    if (json_key_is (tree, node, camel))
        return true;
    s_snake (camel, snake);
    return json_key_is (tree, node, snake);
}

int
gemini_want (const json_tree_t *tree, const json_node_t *node, json_type_t type,
             br_error_t *reterr)
{
    char path[256];
    if (!node || node->type == type || node->type == JSON_NULL)
        return 0;
    json_path (tree, node, path, sizeof path);
    return br_error_set (reterr, BR_EINVALID, "%s must be %s, not %s",
                         *path ? path : "the body", json_type_name (type),
                         json_type_name (node->type));
}

br_text_t
gemini_path (const json_tree_t *tree, const json_node_t *node, br_arena_t *arena)
{
    char path[256];
    json_path (tree, node, path, sizeof path);
    return br_arena_text (arena, br_text (path));
}

//  Letters from first to first + 25 are moved by step.
static br_text_t
s_move_case (br_text_t text, char first, int step, br_arena_t *arena)
{
    if (!text.at)
        return text;
    char *bytes = br_arena_take (arena, text.size + 1);
    for (size_t i = 0; i < text.size; i++) {
        char c = text.at[i];
        bool moves = c >= first && c <= first + 25;
        bytes[i] = (char) (moves ? c + step : c);
    }
    return (br_text_t) { bytes, text.size };
}

br_text_t
gemini_lower (br_text_t text, br_arena_t *arena)
{
    return s_move_case (text, 'A', 'a' - 'A', arena);
}

br_text_t
gemini_upper (br_text_t text, br_arena_t *arena)
{
    return s_move_case (text, 'a', 'A' - 'a', arena);
}

//  ---- pieces of content

//  A line end in JSON is always a blank: strings hold it escaped.
void
gemini_put_flat (json_writer_t *writer, const char *key, br_text_t json)
{
    size_t from = writer->out->size;
    json_put_raw (writer, key, json);
    if (writer->out->overflow)
        return;
    for (size_t i = from; i < writer->out->size; i++)
        if (writer->out->data[i] == '\n' || writer->out->data[i] == '\r')
            writer->out->data[i] = ' ';
}

bool
gemini_put_args (json_writer_t *writer, br_text_t text, bool custom, json_tree_t *tree)
{
    const json_node_t *root = NULL;
    if (!custom && !br_text_is_blank (text))
        root = json_tree_parse (tree, text.at, text.size, NULL);
    if (json_is (root, JSON_OBJECT)) {
        gemini_put_flat (writer, "args", json_raw (tree, root));
        return false;
    }
    json_open (writer, "args", '{');
    bool value = root && root->type != JSON_NULL;
    bool raw = !root && !br_text_is_blank (text);
    if (custom)
        json_put (writer, "input", text.at ? text : BR_TEXT (""));
    else if (value)
        gemini_put_flat (writer, "value", json_raw (tree, root));
    else if (raw)
        json_put (writer, "_raw", text);
    json_close (writer, '}');
    return custom || value || raw;
}

void
gemini_put_response (json_writer_t *writer, br_text_t text, bool error, json_tree_t *tree)
{
    const json_node_t *root = NULL;
    if (!error && !br_text_is_blank (text))
        root = json_tree_parse (tree, text.at, text.size, NULL);
    if (json_is (root, JSON_OBJECT)) {
        gemini_put_flat (writer, "response", json_raw (tree, root));
        return;
    }
    json_open (writer, "response", '{');
    json_put (writer, error ? "error" : "output", text.at ? text : BR_TEXT (""));
    json_close (writer, '}');
}

br_block_kind_t
gemini_media_kind (br_text_t mime)
{
    static const struct {
        const char *start;
        br_block_kind_t kind;
    } rows[] = { { "image/", BR_BLOCK_IMAGE },
                 { "audio/", BR_BLOCK_AUDIO },
                 { "video/", BR_BLOCK_VIDEO } };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (br_text_starts (mime, rows[i].start))
            return rows[i].kind;
    return BR_BLOCK_DOCUMENT;
}

//  Behind the scheme, up to a query or a fragment.
static br_text_t
s_address (br_text_t url)
{
    static const char *const ends = "?#";
    size_t from = 0;
    if (!url.at)
        return url;
    for (size_t i = 0; from == 0 && i + 3 <= url.size; i++)
        if (memcmp (url.at + i, "://", 3) == 0)
            from = i + 3;
    size_t size = from;
    while (size < url.size && !strchr (ends, url.at[size]))
        size++;
    return (br_text_t) { url.at + from, size - from };
}

static bool
s_is_film_host (br_text_t address)
{
    static const char *const hosts[] = { "youtube.com/", "www.youtube.com/",
                                         "m.youtube.com/", "youtu.be/" };
    for (size_t i = 0; i < sizeof hosts / sizeof hosts[0]; i++)
        if (br_text_starts (address, hosts[i]))
            return true;
    return false;
}

br_block_kind_t
gemini_url_kind (br_text_t url)
{
    static const struct {
        const char *end;
        br_block_kind_t kind;
    } rows[] = { { ".png", BR_BLOCK_IMAGE },    { ".jpg", BR_BLOCK_IMAGE },
                 { ".jpeg", BR_BLOCK_IMAGE },   { ".webp", BR_BLOCK_IMAGE },
                 { ".gif", BR_BLOCK_IMAGE },    { ".heic", BR_BLOCK_IMAGE },
                 { ".heif", BR_BLOCK_IMAGE },   { ".mp3", BR_BLOCK_AUDIO },
                 { ".wav", BR_BLOCK_AUDIO },    { ".flac", BR_BLOCK_AUDIO },
                 { ".ogg", BR_BLOCK_AUDIO },    { ".m4a", BR_BLOCK_AUDIO },
                 { ".aac", BR_BLOCK_AUDIO },    { ".aiff", BR_BLOCK_AUDIO },
                 { ".mp4", BR_BLOCK_VIDEO },    { ".mov", BR_BLOCK_VIDEO },
                 { ".mpeg", BR_BLOCK_VIDEO },   { ".mpg", BR_BLOCK_VIDEO },
                 { ".webm", BR_BLOCK_VIDEO },   { ".avi", BR_BLOCK_VIDEO },
                 { ".3gp", BR_BLOCK_VIDEO },    { ".pdf", BR_BLOCK_DOCUMENT },
                 { ".txt", BR_BLOCK_DOCUMENT }, { ".csv", BR_BLOCK_DOCUMENT },
                 { ".md", BR_BLOCK_DOCUMENT },  { ".html", BR_BLOCK_DOCUMENT },
                 { ".json", BR_BLOCK_DOCUMENT } };
    br_text_t address = s_address (url);
    if (s_is_film_host (address))
        return BR_BLOCK_VIDEO;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        size_t size = strlen (rows[i].end);
        if (address.size > size
            && strncasecmp (address.at + address.size - size, rows[i].end, size) == 0)
            return rows[i].kind;
    }
    return BR_BLOCK_KINDS;
}

br_text_t
gemini_media_type (const br_media_t *media, br_block_kind_t kind)
{
    //  the first bytes of files, in base64
    static const struct {
        const char *start;
        const char *mime;
    } rows[] = { { "iVBOR", "image/png" },
                 { "/9j/", "image/jpeg" },
                 { "R0lGOD", "image/gif" },
                 { "JVBERi", "application/pdf" },
                 { "SUQz", "audio/mp3" } };
    static const char *const defaults[BR_BLOCK_KINDS] = {
        [BR_BLOCK_IMAGE] = "image/png",
        [BR_BLOCK_DOCUMENT] = "application/pdf",
        [BR_BLOCK_AUDIO] = "audio/wav",
        [BR_BLOCK_VIDEO] = "video/mp4",
    };
    if (media->mime.size)
        return media->mime;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (media->data.at && br_text_starts (media->data, rows[i].start))
            return br_text (rows[i].mime);
    if (media->data.at && kind == BR_BLOCK_IMAGE && br_text_starts (media->data, "UklGR"))
        return BR_TEXT ("image/webp");
    return br_text (defaults[kind]);
}

void
gemini_put_media (json_writer_t *writer, const br_media_t *media, br_block_kind_t kind)
{
    br_text_t mime = gemini_media_type (media, kind);
    if (media->data.at) {
        json_open (writer, "inlineData", '{');
        json_put (writer, "mimeType", mime);
        json_put (writer, "data", media->data);
        json_close (writer, '}');
        return;
    }
    json_open (writer, "fileData", '{');
    json_put_given (writer, "mimeType", media->mime);
    json_put (writer, "fileUri", media->file_id.at ? media->file_id : media->url);
    json_close (writer, '}');
}

const br_opaque_t *
gemini_signature_of (const br_opaque_t *list)
{
    return br_opaque_of (list, BR_FAMILY_GOOGLE, BR_OPAQUE_THOUGHT);
}
