//  chat_tap: how an answer of OpenAI's Chat Completions is tapped, with what providers that
//  are compatible with it do differently.
//
//  Nearly all events of a stream are deltas that say nothing to the router. They are told by
//  a search for a few words; only what holds one of them is walked.

#include <string.h>

#include "broker/core/json_iter.h"
#include "broker/core/json_value.h"
#include "broker/proto/tap_frame.h"
#include "broker/proto/tap_reader.h"

enum {
    ROW_ID,
    ROW_MODEL,
    ROW_CHOICES,
    ROW_USAGE,
    ROW_ERROR,
    ROW_OBJECT,
    ROW_DETAIL,
    ROW_TYPE,
    ROW_CODE,
    ROW_BASE_RESP,
    ROW_X_GROQ,
    ROWS
};

static const char *const s_keys[ROWS] = {
    [ROW_ID] = "id",           [ROW_MODEL] = "model",
    [ROW_CHOICES] = "choices", [ROW_USAGE] = "usage",
    [ROW_ERROR] = "error",     [ROW_OBJECT] = "object",
    [ROW_DETAIL] = "detail",   [ROW_TYPE] = "type",
    [ROW_CODE] = "code",       [ROW_BASE_RESP] = "base_resp",
    [ROW_X_GROQ] = "x_groq",
};

//  A JSON object under inspection.
typedef struct {
    const uint8_t *bytes;
    json_row_t rows[ROWS];
} frame_t;

//  Names whose value, unless null, makes an event worth a walk. Spelled with escapes they
//  would be missed; no provider does that.
static const char *const s_words[] = {
    "\"finish_reason\"", "\"usage\"", "\"error\"", "\"base_resp\"", "\"x_groq\"",
};

//  ---- what a frame tells

static void
s_read_usage (const frame_t *frame, tap_result_t *result)
{
    json_row_t row = frame->rows[ROW_USAGE];
    //  Groq has it in its own member too, and in older streams only there.
    if (row.type != JSON_OBJECT)
        (void) tap_member (frame->bytes, &frame->rows[ROW_X_GROQ], "usage", &row);
    if (row.type == JSON_OBJECT)
        (void) br_usage_read (BR_PROTOCOL_CHAT, frame->bytes + row.offset, row.size,
                              &result->usage);
}

static void
s_read_finish (const frame_t *frame, tap_result_t *result)
{
    const json_row_t *choices = &frame->rows[ROW_CHOICES];
    if (choices->type != JSON_ARRAY)
        return;
    const uint8_t *bytes = frame->bytes + choices->offset;
    json_iter_t iter;
    json_item_t item;
    int rc = json_iter_begin (&iter, bytes, choices->size, NULL);
    while (rc == 0 && json_iter_next (&iter, &item, NULL) == 1) {
        json_row_t row = { .key = "finish_reason" };
        if (item.type != JSON_OBJECT)
            continue;
        rc = json_members (bytes + item.offset, item.size, &row, 1, NULL);
        //  "" means what null does.
        if (rc == 0 && row.type == JSON_STRING && row.size > 2)
            (void) json_text (bytes + item.offset + row.offset, row.size, result->finish,
                              TAP_WORD_MAX);
    }
}

//  MiniMax answers 200 with a status of its own.
static bool
s_is_bad_status (const frame_t *frame)
{
    json_row_t row;
    int64_t status = 0;
    if (tap_member (frame->bytes, &frame->rows[ROW_BASE_RESP], "status_code", &row)
        != JSON_NUMBER)
        return false;
    return json_integer (frame->bytes + row.offset, row.size, &status, NULL)
           || status != 0;
}

static bool
s_is_error (const frame_t *frame)
{
    const json_row_t *rows = frame->rows;
    //  xAI's error is a text; {} and "" are as good as null.
    if (tap_is_error (&rows[ROW_ERROR]))
        return true;
    if (rows[ROW_CHOICES].type != JSON_NONE)
        return false;
    //  Mistral has no error member but says {"object":"error"}, or {"detail":…} only.
    const json_row_t *object = &rows[ROW_OBJECT];
    return json_string_is (frame->bytes + object->offset, object->size, "error")
           || (rows[ROW_DETAIL].type != JSON_NONE && rows[ROW_ID].type == JSON_NONE);
}

static void
s_read_error (const frame_t *frame, tap_result_t *result)
{
    const uint8_t *bytes = frame->bytes;
    const json_row_t *rows = frame->rows;
    char *type = result->error_type;
    char *code = result->error_code;
    tap_first_member (bytes, &rows[ROW_ERROR], "type", type, TAP_WORD_MAX);
    tap_first_member (bytes, &rows[ROW_ERROR], "status", type, TAP_WORD_MAX); // Gemini's
    tap_first_member (bytes, &rows[ROW_ERROR], "code", code, TAP_WORD_MAX);
    tap_first_member (bytes, &rows[ROW_BASE_RESP], "status_code", code, TAP_WORD_MAX);
    tap_first_text (bytes, &rows[ROW_TYPE], type, TAP_WORD_MAX);
    tap_first_text (bytes, &rows[ROW_CODE], code, TAP_WORD_MAX);
}

//  Gemini's endpoint for this protocol wraps an error in an array of one.
static int
s_unwrap (const uint8_t **bytes, size_t *size)
{
    json_iter_t iter;
    json_item_t item;
    int rc = json_iter_begin (&iter, *bytes, *size, NULL);
    if (rc || iter.close != ']')
        return rc;
    if (json_iter_next (&iter, &item, NULL) != 1 || item.type != JSON_OBJECT)
        return -1;
    *bytes += item.offset;
    *size = item.size;
    return 0;
}

static int
s_walk (frame_t *frame, tap_result_t *result, const uint8_t *bytes, size_t size)
{
    for (size_t i = 0; i < ROWS; i++)
        frame->rows[i].key = s_keys[i];
    int rc = s_unwrap (&bytes, &size);
    frame->bytes = bytes;
    if (rc == 0)
        rc = json_members (bytes, size, frame->rows, ROWS, NULL);
    if (rc)
        result->unknown = result->malformed = true;
    return rc;
}

static tap_first_t
s_look (const frame_t *frame, tap_result_t *result)
{
    tap_first_text (frame->bytes, &frame->rows[ROW_ID], result->id, TAP_NAME_MAX);
    tap_first_text (frame->bytes, &frame->rows[ROW_MODEL], result->model, TAP_NAME_MAX);
    s_read_usage (frame, result);
    s_read_finish (frame, result);
    if (!s_is_error (frame) && !s_is_bad_status (frame))
        return TAP_DATA;
    s_read_error (frame, result);
    return TAP_ERROR;
}

static tap_first_t
s_frame (tap_result_t *result, const uint8_t *bytes, size_t size)
{
    frame_t frame;
    return s_walk (&frame, result, bytes, size) ? TAP_DATA : s_look (&frame, result);
}

//  ---- frames that say nothing yet

static bool
s_is_void (const json_item_t *item)
{
    bool may_be = item->type == JSON_STRING || item->type == JSON_ARRAY
                  || item->type == JSON_OBJECT;
    return item->type == JSON_NULL || (may_be && item->size == 2);
}

static bool
s_is_key (const uint8_t *bytes, const json_item_t *item, const char *key)
{
    return item->key_size == strlen (key) + 2
           && memcmp (bytes + item->key_offset + 1, key, item->key_size - 2) == 0;
}

//  Whether all members of an object are void, but for those whose name says nothing to a
//  reader of the answer. A member of the name inner may be such an object itself.
static bool
s_is_hollow (const uint8_t *bytes, size_t size, const char *inner)
{
    static const char *const names[] = { "role", "index", "content_filter_results" };
    json_iter_t iter;
    json_item_t item;
    bool hollow = json_iter_begin (&iter, bytes, size, NULL) == 0;
    while (hollow && json_iter_next (&iter, &item, NULL) == 1) {
        hollow = s_is_void (&item);
        for (size_t i = 0; i < sizeof names / sizeof *names; i++)
            hollow = hollow || s_is_key (bytes, &item, names[i]);
        if (!hollow && inner && s_is_key (bytes, &item, inner))
            hollow = s_is_hollow (bytes + item.offset, item.size, NULL);
    }
    return hollow;
}

//  The first event of most providers has a role alone, that of Azure no choice at all: the
//  answer may still fail, and another provider be asked.
static bool
s_is_prelude (const frame_t *frame)
{
    const json_row_t *choices = &frame->rows[ROW_CHOICES];
    if (choices->type != JSON_ARRAY || frame->rows[ROW_USAGE].type == JSON_OBJECT)
        return false;
    const uint8_t *bytes = frame->bytes + choices->offset;
    json_iter_t iter;
    json_item_t item;
    bool says_nothing = json_iter_begin (&iter, bytes, choices->size, NULL) == 0;
    while (says_nothing && json_iter_next (&iter, &item, NULL) == 1)
        says_nothing = item.type == JSON_OBJECT && item.size > 2
                       && s_is_hollow (bytes + item.offset, item.size, "delta");
    return says_nothing;
}

//  ---- events

//  The word stands there as a name, with a value that is not null.
static bool
s_has (const uint8_t *at, const uint8_t *end, const char *word)
{
    size_t size = strlen (word);
    for (;;) {
        at = memmem (at, (size_t) (end - at), word, size);
        if (!at)
            return false;
        at += size;
        while (at < end && (*at == ' ' || *at == ':'))
            at++;
        if (at < end && *at != 'n')
            return true;
    }
}

static bool
s_is_plain_delta (const uint8_t *data, size_t size)
{
    for (size_t i = 0; i < sizeof s_words / sizeof s_words[0]; i++)
        if (s_has (data, data + size, s_words[i]))
            return false;
    return true;
}

static tap_first_t
s_event (tap_result_t *result, const char *name, const uint8_t *data, size_t size)
{
    if (tap_is_done_mark (data, size)) {
        result->done = true;
        return TAP_DATA;
    }
    bool is_error = strcmp (name, "error") == 0; // Groq's
    bool is_begun = result->first != TAP_NOTHING && result->id[0] && result->model[0];
    if (is_begun && !is_error && s_is_plain_delta (data, size))
        return TAP_DATA;
    frame_t frame;
    if (s_walk (&frame, result, data, size))
        return is_error ? TAP_ERROR : TAP_DATA;
    tap_first_t first = s_look (&frame, result);
    if (is_error || first == TAP_ERROR)
        return TAP_ERROR;
    return s_is_prelude (&frame) ? TAP_NOTHING : first;
}

//  Texts stand in other members for those alone who have content in parts, and for
//  completions; OpenRouter's details say again what reasoning has said.
static const tap_told_t s_told[] = {
    { .key = "content" },   { .key = "reasoning_content" },
    { .key = "reasoning" }, { .key = "arguments" },
    { .key = "refusal" },   { .key = "text", .spare = true },
    { .key = NULL },
};

const tap_reader_t chat_tap_reader = {
    .event = s_event,
    .body = s_frame,
    .told_event = s_told,
    .told_body = s_told,
    .ends_by_finish = true,
};
