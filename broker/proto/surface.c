//  surface: the table of what clients can ask for.

#include <string.h>

#include "broker/proto/surface.h"

static const br_surface_row_t s_rows[BR_SURFACE_COUNT] = {
    [BR_SURFACE_CHAT] = { "POST", "/v1/chat/completions", "chat_completions",
                          "/chat/completions" },
    [BR_SURFACE_MODELS] = { "GET", "/v1/models", NULL, NULL },
    [BR_SURFACE_HEALTH] = { "GET", "/health", NULL, NULL },
    [BR_SURFACE_READY] = { "GET", "/ready", NULL, NULL },
};

const br_surface_row_t *
br_surface_row (unsigned surface)
{
    return surface > BR_SURFACE_NONE && surface < BR_SURFACE_COUNT ? &s_rows[surface]
                                                                   : NULL;
}

//  Whether path is the row's, with or without /v1 and a trailing slash.
static bool
s_is_path (const char *row_path, const char *path)
{
    size_t size = strlen (path);
    if (size > 1 && path[size - 1] == '/')
        size--;
    if (strlen (row_path) == size && memcmp (row_path, path, size) == 0)
        return true;
    if (strncmp (row_path, "/v1/", 4) != 0)
        return false;
    row_path += 3;
    return strlen (row_path) == size && memcmp (row_path, path, size) == 0;
}

br_surface_t
br_surface_of (const char *method, const char *path, bool *ret_known)
{
    *ret_known = false;
    for (unsigned i = BR_SURFACE_NONE + 1; i < BR_SURFACE_COUNT; i++) {
        if (!s_is_path (s_rows[i].path, path))
            continue;
        *ret_known = true;
        bool head = strcmp (method, "HEAD") == 0 && strcmp (s_rows[i].method, "GET") == 0;
        if (head || strcmp (method, s_rows[i].method) == 0)
            return (br_surface_t) i;
    }
    return BR_SURFACE_NONE;
}

void
br_surface_error (br_surface_t surface, br_code_t code, const char *text, br_buf_t *buf)
{
    (void) surface; //  every surface of today speaks OpenAI's shape
    br_buf_adds (buf, "{\"error\":{\"message\":");
    br_buf_add_json (buf, text, strlen (text));
    br_buf_addf (buf, ",\"type\":\"%s\",\"param\":null,\"code\":\"%s\"}}",
                 br_code_type (code), br_code_label (code));
}

void
br_surface_stream_error (br_surface_t surface, br_code_t code, const char *text,
                         br_buf_t *buf)
{
    br_buf_adds (buf, "data: ");
    br_surface_error (surface, code, text, buf);
    br_buf_adds (buf, "\n\n");
}
