//  mock_replay: a recording's kind is told by the end of its file's name. Nothing of it
//  is changed; only where its framing was lost, the protocol's own is put back.

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>

#include "bench/mock_replay.h"
#include "broker/core/alloc.h"

#define PATH_MAX_BYTES 4096

typedef struct {
    const char *folder;
    const char *alias;
    mock_protocol_t protocol;
} folder_row_t;

static const folder_row_t s_folders[] = {
    { "openai-chat", "chat", MOCK_CHAT },
    { "openai-responses", "responses", MOCK_RESPONSES },
    { "anthropic-messages", "messages", MOCK_MESSAGES },
    { "google-generate", "google", MOCK_GOOGLE },
};

const char *
mock_replay_name (const char *model)
{
    static const char word[] = "replay/";
    const char *at = strstr (model, word);
    if (!at || (at > model && at[-1] != ':' && at[-1] != '/'))
        return NULL;
    return at + sizeof word - 1;
}

static const folder_row_t *
s_folder (const char *name, size_t size)
{
    for (size_t i = 0; i < sizeof s_folders / sizeof s_folders[0]; i++) {
        const folder_row_t *row = &s_folders[i];
        if ((strlen (row->folder) == size && !memcmp (row->folder, name, size))
            || (strlen (row->alias) == size && !memcmp (row->alias, name, size)))
            return row;
    }
    return NULL;
}

static int
s_load (br_buf_t *bytes, const char *stem, const char *end)
{
    char path[PATH_MAX_BYTES + 32];
    char part[16384];
    snprintf (path, sizeof path, "%s%s", stem, end);
    FILE *file = fopen (path, "rb");
    if (!file)
        return -1;
    size_t size = fread (part, 1, sizeof part, file);
    for (; size; size = fread (part, 1, sizeof part, file))
        br_buf_add (bytes, part, size);
    fclose (file);
    return 0;
}

static int
s_status (const char *stem)
{
    br_buf_t bytes;
    br_buf_init (&bytes, MOCK_TAPE_MAX);
    s_load (&bytes, stem, ".meta.json");
    cJSON *meta = cJSON_ParseWithLength ((const char *) bytes.data, bytes.size);
    cJSON *status = cJSON_GetObjectItem (meta, "status");
    int rc = cJSON_IsNumber (status) ? status->valueint : 200;
    cJSON_Delete (meta);
    br_buf_free (&bytes);
    return rc >= 200 && rc <= 599 ? rc : 200;
}

static void
s_add_plain (mock_tape_t *tape, const br_buf_t *bytes)
{
    mock_tape_add_framed (tape, bytes->data, bytes->size);
}

//  Bytes of the first event, with the empty line behind it.
static size_t
s_event_size (const uint8_t *at, size_t left)
{
    const uint8_t *end = memmem (at, left, "\n\n", 2);
    const uint8_t *crlf = memmem (at, left, "\r\n\r\n", 4);
    if (crlf && (!end || crlf < end))
        return (size_t) (crlf - at) + 4;
    return end ? (size_t) (end - at) + 2 : left;
}

//  An event's payload, for a stream that is no event stream.
static void
s_add_payload (mock_tape_t *tape, const uint8_t *event, size_t size)
{
    const uint8_t *data = memmem (event, size, "data:", 5);
    if (!data)
        return;
    data += 5;
    size -= (size_t) (data - event);
    const uint8_t *end = memchr (data, '\n', size);
    size = end ? (size_t) (end - data) : size;
    while (size && (*data == ' '))
        data++, size--;
    while (size && (data[size - 1] == '\r'))
        size--;
    mock_tape_add (tape, NULL, data, size);
}

static void
s_add_events (mock_tape_t *tape, const br_buf_t *bytes)
{
    for (size_t at = 0, size; at < bytes->size; at += size) {
        size = s_event_size (bytes->data + at, bytes->size - at);
        if (mock_tape_form (tape) == MOCK_ARRAY)
            s_add_payload (tape, bytes->data + at, size);
        else
            mock_tape_add_framed (tape, bytes->data + at, size);
    }
    if (mock_tape_form (tape) == MOCK_ARRAY)
        mock_tape_end (tape);
}

//  One payload a line.
static void
s_add_lines (mock_tape_t *tape, const br_buf_t *bytes)
{
    static const char done[] = "[DONE]";
    for (size_t at = 0, size; at < bytes->size; at += size + 1) {
        const uint8_t *line = bytes->data + at;
        const uint8_t *end = memchr (line, '\n', bytes->size - at);
        size = end ? (size_t) (end - line) : bytes->size - at;
        bool is_done = size == sizeof done - 1 && !memcmp (line, done, size);
        if (size && !is_done)
            mock_tape_add (tape, NULL, line, size);
    }
    mock_tape_end (tape);
}

typedef struct {
    const char *end;
    bool is_stream;
    void (*add) (mock_tape_t *tape, const br_buf_t *bytes);
} kind_row_t;

static const kind_row_t s_kinds[] = {
    { ".json", false, s_add_plain },
    { ".sse", true, s_add_events },
    { ".chunks.txt", true, s_add_lines },
};

static mock_tape_t *
s_tape (mock_protocol_t protocol, const char *stem, mock_form_t form)
{
    mock_tape_t *tape = NULL;
    for (size_t i = 0; !tape && i < sizeof s_kinds / sizeof s_kinds[0]; i++) {
        br_buf_t bytes;
        br_buf_init (&bytes, MOCK_TAPE_MAX);
        if (!s_load (&bytes, stem, s_kinds[i].end)) {
            mock_form_t used = form == MOCK_ARRAY ? MOCK_ARRAY : MOCK_SSE;
            tape = mock_tape_new (protocol, s_kinds[i].is_stream ? used : MOCK_PLAIN);
            mock_tape_set_status (tape, s_status (stem));
            s_kinds[i].add (tape, &bytes);
        }
        br_buf_free (&bytes);
    }
    return tape;
}

mock_tape_t *
mock_replay_new (const char *corpus, const char *name, mock_form_t form)
{
    static const char safe[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                               "0123456789-_.";
    size_t folder_size = strcspn (name, "/");
    const folder_row_t *folder = s_folder (name, folder_size);
    if (!corpus || !folder || name[folder_size] != '/')
        return NULL;
    const char *leaf = name + folder_size + 1;
    size_t size = strspn (leaf, safe);
    if (!size || leaf[0] == '.' || (leaf[size] && leaf[size] != '@'))
        return NULL;
    char stem[PATH_MAX_BYTES];
    int rc = snprintf (stem, sizeof stem, "%s/%s/%.*s", corpus, folder->folder,
                       (int) size, leaf);
    return rc < (int) sizeof stem ? s_tape (folder->protocol, stem, form) : NULL;
}
