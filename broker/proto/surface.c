//  surface: the table of what clients can ask for.

#include <ctype.h>
#include <string.h>

#include "broker/proto/surface.h"

#define PATH_MAX_BYTES 4096 //  of a path with escapes; a longer one is unknown

#define OWN(verb, text, begins, protocol)                                                \
    {                                                                                    \
        .method = verb, .path = text, .start = BR_SURFACE_##begins,                      \
        .kind = BR_SURFACE_OWN, .wire = BR_PROTOCOL_##protocol, .place = REQUEST_NOWHERE \
    }
#define CHAT(what, where, tail)                                                          \
    {                                                                                    \
        .method = "POST", .path = "/v1" tail, .start = BR_SURFACE_V1,                    \
        .kind = BR_SURFACE_##what, .wire = BR_PROTOCOL_CHAT,                             \
        .protocol = "chat_completions", .upstream = tail, .place = REQUEST_##where       \
    }
#define SOUND(where, tail)                                                               \
    {                                                                                    \
        .method = "POST", .path = "/v1" tail, .start = BR_SURFACE_V1,                    \
        .kind = BR_SURFACE_PASS, .wire = BR_PROTOCOL_CHAT,                               \
        .protocol = "chat_completions", .upstream = tail, .place = REQUEST_##where,      \
        .any_answer = true                                                               \
    }
#define RESPONSES(what, verb, where, tail)                                               \
    {                                                                                    \
        .method = verb, .path = "/v1" tail, .start = BR_SURFACE_V1,                      \
        .kind = BR_SURFACE_##what, .wire = BR_PROTOCOL_RESPONSES,                        \
        .protocol = "responses", .upstream = tail, .place = REQUEST_##where              \
    }
#define MESSAGES(what, text)                                                             \
    {                                                                                    \
        .method = "POST", .path = text, .start = BR_SURFACE_V1,                          \
        .kind = BR_SURFACE_##what, .wire = BR_PROTOCOL_MESSAGES, .protocol = "messages", \
        .upstream = text, .place = REQUEST_BODY                                          \
    }
#define GOOGLE(what, text, streams)                                                      \
    {                                                                                    \
        .method = "POST", .path = text, .start = BR_SURFACE_V1BETA,                      \
        .kind = BR_SURFACE_##what, .wire = BR_PROTOCOL_GOOGLE,                           \
        .protocol = "generate_content", .upstream = text, .place = REQUEST_PATH,         \
        .stream = streams                                                                \
    }

static const br_surface_row_t s_rows[BR_SURFACE_COUNT] = {
    [BR_SURFACE_CHAT] = CHAT (TALK, BODY, "/chat/completions"),
    [BR_SURFACE_RESPONSES] = RESPONSES (TALK, "POST", BODY, "/responses"),
    [BR_SURFACE_MESSAGES] = MESSAGES (TALK, "/v1/messages"),
    [BR_SURFACE_GOOGLE] = GOOGLE (TALK, "/v1beta/models/{model}:generateContent", false),
    [BR_SURFACE_GOOGLE_STREAM] = GOOGLE (
        TALK, "/v1beta/models/{model}:streamGenerateContent", true),

    [BR_SURFACE_MODELS] = OWN ("GET", "/v1/models", V1, CHAT),
    [BR_SURFACE_MODEL] = OWN ("GET", "/v1/models/{model}", V1, CHAT),
    [BR_SURFACE_GOOGLE_MODELS] = OWN ("GET", "/v1beta/models", AS_IS, GOOGLE),
    [BR_SURFACE_GOOGLE_MODEL] = OWN ("GET", "/v1beta/models/{model}", AS_IS, GOOGLE),
    [BR_SURFACE_HEALTH] = OWN ("GET", "/health", AS_IS, CHAT),
    [BR_SURFACE_READY] = OWN ("GET", "/ready", AS_IS, CHAT),

    [BR_SURFACE_RESPONSES_TOKENS] = RESPONSES (TOKENS, "POST", BODY,
                                               "/responses/input_tokens"),
    [BR_SURFACE_MESSAGES_TOKENS] = MESSAGES (TOKENS, "/v1/messages/count_tokens"),
    [BR_SURFACE_GOOGLE_TOKENS] = GOOGLE (TOKENS, "/v1beta/models/{model}:countTokens",
                                         false),

    [BR_SURFACE_RESPONSES_COMPACT] = RESPONSES (PASS, "POST", BODY, "/responses/compact"),
    [BR_SURFACE_RESPONSE] = RESPONSES (OBJECT, "GET", NOWHERE, "/responses/{id}"),
    [BR_SURFACE_RESPONSE_DELETE] = RESPONSES (OBJECT, "DELETE", NOWHERE,
                                              "/responses/{id}"),
    [BR_SURFACE_RESPONSE_CANCEL] = RESPONSES (OBJECT, "POST", NOWHERE,
                                              "/responses/{id}/cancel"),
    [BR_SURFACE_RESPONSE_ITEMS] = RESPONSES (OBJECT, "GET", NOWHERE,
                                             "/responses/{id}/input_items"),

    [BR_SURFACE_GOOGLE_EMBED] = GOOGLE (PASS, "/v1beta/models/{model}:embedContent",
                                        false),
    [BR_SURFACE_GOOGLE_EMBEDS] = GOOGLE (
        PASS, "/v1beta/models/{model}:batchEmbedContents", false),
    [BR_SURFACE_EMBEDDINGS] = CHAT (PASS, BODY, "/embeddings"),
    [BR_SURFACE_IMAGES] = CHAT (PASS, BODY, "/images/generations"),
    [BR_SURFACE_IMAGE_EDITS] = CHAT (PASS, FORM, "/images/edits"),
    [BR_SURFACE_IMAGE_VARIATIONS] = CHAT (PASS, FORM, "/images/variations"),
    [BR_SURFACE_SPEECH] = SOUND (BODY, "/audio/speech"),
    [BR_SURFACE_TRANSCRIPTIONS] = SOUND (FORM, "/audio/transcriptions"),
    [BR_SURFACE_TRANSLATIONS] = SOUND (FORM, "/audio/translations"),
    [BR_SURFACE_MODERATIONS] = CHAT (PASS, BODY, "/moderations"),
    [BR_SURFACE_RERANK] = CHAT (PASS, BODY, "/rerank"),

    [BR_SURFACE_COMPLETIONS] = { .method = "POST",
                                 .path = "/v1/completions",
                                 .start = BR_SURFACE_V1,
                                 .kind = BR_SURFACE_TALK,
                                 .wire = BR_PROTOCOL_COMPLETIONS,
                                 .protocol = "completions",
                                 .upstream = "/completions",
                                 .place = REQUEST_BODY },

    [BR_SURFACE_QUOTE] = OWN ("POST", "/v1/quote", V1, CHAT),
    [BR_SURFACE_ADMIN_METRICS] = OWN ("GET", "/admin/metrics", AS_IS, CHAT),
    [BR_SURFACE_METRICS] = OWN ("GET", "/v1/metrics", AS_IS, CHAT),
    [BR_SURFACE_METRICS_TEXT] = OWN ("GET", "/metrics", AS_IS, CHAT),
    [BR_SURFACE_ADMIN_ROUTES] = OWN ("GET", "/admin/routes", AS_IS, CHAT),
    [BR_SURFACE_ADMIN_ROUTE_ADD] = OWN ("POST", "/admin/routes", AS_IS, CHAT),
    [BR_SURFACE_ADMIN_ROUTE_REMOVE] = OWN ("DELETE", "/admin/routes/{model}", AS_IS,
                                           CHAT),
    [BR_SURFACE_ADMIN_READ] = OWN ("GET", "/admin/{id}", AS_IS, CHAT),
    [BR_SURFACE_ADMIN_ASK] = OWN ("POST", "/admin/{id}", AS_IS, CHAT),

    [BR_SURFACE_OPENAPI] = OWN ("GET", "/openapi.json", AS_IS, CHAT),
    [BR_SURFACE_ROUTES] = OWN ("GET", "/v1/routes", V1, CHAT),
    [BR_SURFACE_TOOLS] = OWN ("GET", "/v1/tools", V1, CHAT),
    [BR_SURFACE_ADMIN_TOOLS] = OWN ("GET", "/admin/tools", AS_IS, CHAT),
    [BR_SURFACE_ADMIN_TOOL_SOURCES] = OWN ("GET", "/admin/tools/upstreams", AS_IS, CHAT),
    [BR_SURFACE_ADMIN_AGENTS] = OWN ("GET", "/admin/agents", AS_IS, CHAT),
    [BR_SURFACE_ADMIN_MCP_TOOLS] = OWN ("GET", "/admin/mcp/tools", AS_IS, CHAT),
    [BR_SURFACE_ADMIN_MCP_SERVERS] = OWN ("GET", "/admin/mcp/servers", AS_IS, CHAT),
    [BR_SURFACE_ADMIN_MCP_FILTER] = OWN ("PUT", "/admin/mcp/servers/{id}/filter", AS_IS,
                                         CHAT),
    [BR_SURFACE_ADMIN_MCP_PARAMS] = OWN ("PUT", "/admin/mcp/servers/{id}/params", AS_IS,
                                         CHAT),
};

//  What stands behind an optional /v1 or /v1beta, and is not served. A name ends a path or
//  one of its segments.
static const struct {
    const char *path;
    const char *what;
} s_unserved[] = {
    { "/files", "files" },
    { "/uploads", "uploads" },
    { "/batches", "batches" },
    { "/messages/batches", "batches" },
    { "/realtime", "realtime sessions" },
    { "/assistants", "assistants" },
    { "/threads", "threads" },
    { "/conversations", "conversations" },
    { "/vector_stores", "vector stores" },
    { "/containers", "containers" },
    { "/videos", "videos" },
    { "/fine_tuning", "fine-tuning jobs" },
    { "/cachedContents", "cached contents" },
    { "/interactions", "interactions" },
};

//  In which protocol a path is meant, by its beginning; all others are OpenAI's.
static const struct {
    const char *path;
    br_protocol_t wire;
} s_wires[] = {
    { "/v1beta", BR_PROTOCOL_GOOGLE },       { "/v1/messages", BR_PROTOCOL_MESSAGES },
    { "/messages", BR_PROTOCOL_MESSAGES },   { "/v1/responses", BR_PROTOCOL_RESPONSES },
    { "/responses", BR_PROTOCOL_RESPONSES },
};

//  A part of a path.
typedef struct _part_t {
    const char *at;
    size_t size; //  bytes
} part_t;

const br_surface_row_t *
br_surface_row (unsigned surface)
{
    return surface > BR_SURFACE_NONE && surface < BR_SURFACE_COUNT ? &s_rows[surface]
                                                                   : NULL;
}

//  Of rows for talk, one that only streams is for streams.
br_surface_t
br_surface_for (const char *protocol, br_surface_kind_t kind, bool stream)
{
    br_surface_t best = BR_SURFACE_NONE;
    for (unsigned i = BR_SURFACE_NONE + 1; i < BR_SURFACE_COUNT; i++) {
        const br_surface_row_t *row = &s_rows[i];
        if (!row->protocol || strcmp (row->protocol, protocol) != 0)
            continue;
        if (kind == BR_SURFACE_TOKENS && row->kind == BR_SURFACE_TOKENS)
            return (br_surface_t) i;
        if (row->kind != BR_SURFACE_TALK)
            continue;
        if (best == BR_SURFACE_NONE || row->stream == stream)
            best = (br_surface_t) i;
    }
    return best;
}

//  ---- paths without escapes

static int
s_hex (char c)
{
    static const char digits[] = "0123456789abcdef";
    const char *at = c ? strchr (digits, tolower ((unsigned char) c)) : NULL;
    return at ? (int) (at - digits) : -1;
}

//  The path without escapes and without a slash at its end; nothing for one that is broken.
//  room: where it is written when there are escapes.
static part_t
s_plain (const char *path, char room[PATH_MAX_BYTES])
{
    part_t plain = { path, strlen (path) };
    if (strchr (path, '%')) {
        size_t size = 0;
        for (; *path && size < PATH_MAX_BYTES; path++) {
            int high = *path == '%' ? s_hex (path[1]) : 0;
            int low = *path == '%' && high >= 0 ? s_hex (path[2]) : 0;
            bool is_zero = *path == '%' && high == 0 && low == 0;
            if (high < 0 || low < 0 || is_zero)
                return (part_t) { "", 0 };
            room[size++] = *path == '%' ? (char) (high * 16 + low) : *path;
            path += *path == '%' ? 2 : 0;
        }
        plain = (part_t) { *path ? "" : room, *path ? 0 : size };
    }
    if (plain.size > 1 && plain.at[plain.size - 1] == '/')
        plain.size--;
    return plain;
}

static bool
s_is_id (part_t part)
{
    static const char marks[] = "-_.~";
    bool only_dots = true;
    for (size_t i = 0; i < part.size; i++) {
        char c = part.at[i];
        if (!c || (!isalnum ((unsigned char) c) && !strchr (marks, c)))
            return false;
        only_dots = only_dots && c == '.';
    }
    return part.size <= BR_SURFACE_ID_MAX && !only_dots;
}

//  Whether a path is of this form; *ret_part is what stands in the place of {...}.
static bool
s_fits (const char *form, part_t path, part_t *ret_part)
{
    size_t head = strcspn (form, "{");
    if (path.size < head || memcmp (form, path.at, head) != 0)
        return false;
    *ret_part = (part_t) { path.at + head, path.size - head };
    if (!form[head])
        return path.size == head;
    const char *tail = strchr (form, '}') + 1;
    size_t tail_size = strlen (tail);
    if (ret_part->size <= tail_size)
        return false;
    ret_part->size -= tail_size;
    if (memcmp (ret_part->at + ret_part->size, tail, tail_size) != 0)
        return false;
    return form[head + 1] != 'i' || s_is_id (*ret_part);
}

//  The same, for all ways in which the row's path may begin.
static bool
s_is_path (const br_surface_row_t *row, part_t path, part_t *ret_part)
{
    static const size_t starts[] = { [BR_SURFACE_V1] = 3, [BR_SURFACE_V1BETA] = 7 };
    if (s_fits (row->path, path, ret_part))
        return true;
    if (row->start == BR_SURFACE_AS_IS)
        return false;
    const char *form = row->path + starts[row->start];
    if (s_fits (form, path, ret_part))
        return true;
    if (row->start != BR_SURFACE_V1BETA || path.size < 3 || memcmp (path.at, "/v1", 3))
        return false;
    return s_fits (form, (part_t) { path.at + 3, path.size - 3 }, ret_part);
}

//  ---- public functions

//  Looks through the rows with a {...} in their path, or through those without.
static br_surface_t
s_find (const char *method, part_t path, bool open, bool *ret_known)
{
    bool is_head = strcmp (method, "HEAD") == 0;
    for (unsigned i = BR_SURFACE_NONE + 1; i < BR_SURFACE_COUNT; i++) {
        const br_surface_row_t *row = &s_rows[i];
        part_t part;
        if ((strchr (row->path, '{') != NULL) != open || !s_is_path (row, path, &part))
            continue;
        bool head = is_head && row->kind == BR_SURFACE_OWN;
        if (head || strcmp (method, row->method) == 0)
            return (br_surface_t) i;
        //  a POST to models/NAME:METHOD means a method that there is not
        bool is_method = open && strcmp (method, "POST") == 0
                         && memchr (part.at, ':', part.size);
        *ret_known = *ret_known || !is_method;
    }
    return BR_SURFACE_NONE;
}

br_surface_t
br_surface_of (const char *method, const char *path, bool *ret_known)
{
    char room[PATH_MAX_BYTES];
    part_t plain = s_plain (path, room);
    *ret_known = false;
    br_surface_t surface = s_find (method, plain, false, ret_known);
    if (surface == BR_SURFACE_NONE && !*ret_known)
        surface = s_find (method, plain, true, ret_known);
    *ret_known = *ret_known || surface != BR_SURFACE_NONE;
    return surface;
}

int
br_surface_name (br_surface_t surface, const char *path, char *out, size_t room)
{
    const br_surface_row_t *row = br_surface_row (surface);
    char space[PATH_MAX_BYTES];
    part_t part;
    out[0] = 0;
    if (!row || !strchr (row->path, '{') || !s_is_path (row, s_plain (path, space), &part)
        || part.size >= room)
        return -1;
    memcpy (out, part.at, part.size);
    out[part.size] = 0;
    return 0;
}

//  Whether the path is this one, or something below it.
static bool
s_is_below (const char *path, const char *top)
{
    size_t size = strlen (top);
    return strncmp (path, top, size) == 0
           && (path[size] == 0 || path[size] == '/' || path[size] == ':');
}

const char *
br_surface_unserved (const char *path)
{
    static const char *const starts[] = { "/v1beta/", "/v1/" };
    for (size_t i = 0; i < sizeof starts / sizeof *starts; i++) {
        size_t size = strlen (starts[i]);
        if (strncmp (path, starts[i], size) != 0)
            continue;
        path += size - 1;
        break;
    }
    for (size_t i = 0; i < sizeof s_unserved / sizeof *s_unserved; i++)
        if (s_is_below (path, s_unserved[i].path))
            return s_unserved[i].what;
    return NULL;
}

br_protocol_t
br_surface_wire_of (const char *path)
{
    for (size_t i = 0; path && i < sizeof s_wires / sizeof *s_wires; i++)
        if (s_is_below (path, s_wires[i].path))
            return s_wires[i].wire;
    return BR_PROTOCOL_CHAT;
}
