//  request: the few things of a request that routing needs.
//
//  A key that stands twice is read differently by different providers, some take the first
//  and some the last: for model and stream that would be a way around the router's rules.

#include <string.h>
#include <strings.h>

#include "broker/core/json_value.h"
#include "broker/proto/request.h"

enum {
    ROW_MODEL,
    ROW_STREAM,
    ROW_MAX,
    ROW_MAX_COMPLETION,
    ROW_MAX_OUTPUT,
    ROW_PREVIOUS,
    ROW_TOOLS,
    ROW_FUNCTIONS,
    ROW_MESSAGES,
    ROW_INPUT,
    ROW_CONTENTS,
    ROW_CACHE_KEY,
    ROW_CONVERSATION,
    ROW_METADATA,
    ROW_N,
    ROW_BEST_OF,
    ROW_GENERATION,
    ROW_GENERATION_SNAKE
};

enum {
    FIELD_MODEL,
    FIELD_STREAM
};

static const char *const s_keys[REQUEST_ROWS] = {
    [ROW_MODEL] = "model",
    [ROW_STREAM] = "stream",
    [ROW_MAX] = "max_tokens",                       //  chat's old name, and messages
    [ROW_MAX_COMPLETION] = "max_completion_tokens", //  chat
    [ROW_MAX_OUTPUT] = "max_output_tokens",         //  responses
    [ROW_PREVIOUS] = "previous_response_id",        //  responses
    [ROW_TOOLS] = "tools",
    [ROW_FUNCTIONS] = "functions", //  chat's old name
    [ROW_MESSAGES] = "messages",   //  chat, messages
    [ROW_INPUT] = "input",         //  responses
    [ROW_CONTENTS] = "contents",   //  google
    [ROW_CACHE_KEY] = "prompt_cache_key",
    [ROW_CONVERSATION] = "conversation", //  responses
    [ROW_METADATA] = "metadata",
    [ROW_N] = "n",                                //  chat
    [ROW_BEST_OF] = "best_of",                    //  completions
    [ROW_GENERATION] = "generationConfig",        //  google
    [ROW_GENERATION_SNAKE] = "generation_config", //  google, as Protobuf has it
};

static const char *const s_fields[REQUEST_FIELDS] = {
    [FIELD_MODEL] = "model",
    [FIELD_STREAM] = "stream",
};

//  ---- the model's name

//  Bytes of the ANSI CSI code at `at`, or 0: ESC [ or U+009B, parameters, a final byte.
//  Claude Code was seen to send "\x1b[1m" in front of a name.
static size_t
s_csi (const uint8_t *at, const uint8_t *end)
{
    const uint8_t *here = at;
    if (end - here < 2)
        return 0;
    bool is_long = here[0] == 0x1b && here[1] == '[';
    bool is_short = here[0] == 0xc2 && here[1] == 0x9b;
    if (!is_long && !is_short)
        return 0;
    here += 2;
    while (here < end && *here >= 0x20 && *here <= 0x3f)
        here++;
    if (here == end || *here < 0x40 || *here > 0x7e)
        return 0;
    return (size_t) (here + 1 - at);
}

static bool
s_is_blank (uint8_t byte)
{
    return byte == ' ' || (byte >= '\t' && byte <= '\r');
}

//  Copies the name without CSI codes and blanks around it. Returns its bytes.
static size_t
s_clean (const uint8_t *at, const uint8_t *end, char *out)
{
    size_t size = 0;
    while (at < end) {
        size_t csi = s_csi (at, end);
        at += csi;
        if (csi == 0 && (size || !s_is_blank (*at)))
            out[size++] = (char) *at;
        if (csi == 0)
            at++;
    }
    while (size && s_is_blank ((uint8_t) out[size - 1]))
        size--;
    out[size] = 0;
    return size;
}

static bool
s_has_control (const char *text, size_t size)
{
    for (size_t i = 0; i < size; i++)
        if ((uint8_t) text[i] < 0x20 || text[i] == 0x7f)
            return true;
    return false;
}

//  in:   text, as it is meant
static int
s_take_name (const uint8_t *text, size_t text_size, request_t *request,
             br_error_t *reterr)
{
    if (text_size > REQUEST_MODEL_MAX)
        return br_error_set (reterr, BR_EINVALID, "`model` is longer than %d bytes",
                             REQUEST_MODEL_MAX);
    size_t size = text_size ? s_clean (text, text + text_size, request->model) : 0;
    if (size == 0)
        return br_error_set (reterr, BR_EINVALID, "`model` is empty; name a model");
    if (s_has_control (request->model, size))
        return br_error_set (reterr, BR_EINVALID, "`model` holds a control character");
    return 0;
}

//  in:   value, a string with its quotes
static int
s_read_name (const uint8_t *value, size_t value_size, request_t *request,
             br_error_t *reterr)
{
    br_error_t error = { 0 };
    br_buf_t text;
    br_buf_init (&text, REQUEST_MODEL_MAX + 1);
    int rc = json_string (value, value_size, &text, &error);
    if (rc && error.code != BR_ETOOBIG)
        br_error_set (reterr, BR_EINVALID, "`model` is no valid text: %s", error.text);
    else if (rc)
        br_error_set (reterr, BR_EINVALID, "`model` is longer than %d bytes",
                      REQUEST_MODEL_MAX);
    else
        rc = s_take_name (text.data, text.size, request, reterr);
    br_buf_free (&text);
    return rc;
}

//  A name that is no UTF-8 could not be written into a JSON body or a log.
static int
s_check_text (const uint8_t *at, size_t size, br_error_t *reterr)
{
    const uint8_t *end = at + size;
    while (at < end) {
        size_t one = json_utf8 (at, end);
        if (one == 0)
            return br_error_set (reterr, BR_EINVALID, "`model` is no valid UTF-8");
        at += one;
    }
    return 0;
}

static int
s_read_plain_name (const uint8_t *text, size_t size, request_t *request,
                   br_error_t *reterr)
{
    int rc = s_check_text (text, size, reterr);
    return rc ? -1 : s_take_name (text, size, request, reterr);
}

static int
s_read_model (const request_scan_t *self, request_t *request, br_error_t *reterr)
{
    const json_row_t *row = &self->rows[ROW_MODEL];
    if (row->count == 0)
        return br_error_set (reterr, BR_EINVALID, "`model` is missing; name a model");
    if (row->count > 1)
        return br_error_set (reterr, BR_EINVALID,
                             "`model` stands %zu times; give it once", row->count);
    if (row->type != JSON_STRING)
        return br_error_set (reterr, BR_EINVALID, "`model` must be a string, not %s",
                             json_type_name (row->type));
    request->model_offset = row->offset;
    request->model_size = row->size;
    return s_read_name (self->bytes + row->offset, row->size, request, reterr);
}

//  ---- the others

static int
s_read_stream (const request_scan_t *self, request_t *request, br_error_t *reterr)
{
    const json_row_t *row = &self->rows[ROW_STREAM];
    if (row->count > 1)
        return br_error_set (reterr, BR_EINVALID,
                             "`stream` stands %zu times; give it once", row->count);
    if (row->type == JSON_NONE || row->type == JSON_NULL)
        return 0;
    if (row->type != JSON_BOOL)
        return br_error_set (reterr, BR_EINVALID,
                             "`stream` must be true or false, not %s",
                             json_type_name (row->type));
    return json_bool (self->bytes + row->offset, row->size, &request->stream, reterr);
}

//  A count from 1 on that stands once; 0 when it is absent or null, or what is meant by any
//  other value.
static uint64_t
s_read_count (const request_scan_t *self, size_t i, uint64_t otherwise)
{
    const json_row_t *row = &self->rows[i];
    int64_t count = 0;
    if (row->count <= 1 && (row->type == JSON_NONE || row->type == JSON_NULL))
        return 0;
    if (row->count > 1 || row->type != JSON_NUMBER
        || json_integer (self->bytes + row->offset, row->size, &count, NULL) || count < 1)
        return otherwise;
    return (uint64_t) count;
}

//  A maximum that is no count, or stands twice, is the provider's to complain about.
static void
s_read_max (const request_scan_t *self, request_t *request)
{
    for (size_t i = ROW_MAX; i <= ROW_MAX_OUTPUT; i++) {
        const json_row_t *row = &self->rows[i];
        int64_t tokens = 0;
        request->maxima[i - ROW_MAX] = s_read_count (self, i, REQUEST_UNBOUNDED);
        if (row->type != JSON_NUMBER || row->count > 1
            || json_integer (self->bytes + row->offset, row->size, &tokens, NULL)
            || tokens < 0)
            continue;
        request->has_max_output = true;
        if ((uint64_t) tokens > request->max_output)
            request->max_output = (uint64_t) tokens;
    }
}

//  The same holds for a count of answers.
static void
s_read_choices (const request_scan_t *self, request_t *request)
{
    static const unsigned rows[] = { ROW_N, ROW_BEST_OF };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        uint64_t count = s_read_count (self, rows[i], REQUEST_CHOICES_MAX);
        if (count > request->choices)
            request->choices = count;
    }
}

//  An id that makes no sense is the provider's to complain about.
static void
s_read_previous (const request_scan_t *self, request_t *request)
{
    const json_row_t *row = &self->rows[ROW_PREVIOUS];
    if (row->type == JSON_STRING)
        json_text (self->bytes + row->offset, row->size, request->previous,
                   sizeof request->previous);
}

static request_part_t
s_part (const request_scan_t *self, unsigned i)
{
    const json_row_t *row = &self->rows[i];
    if (row->type == JSON_NONE || row->type == JSON_NULL)
        return (request_part_t) { 0, 0 };
    return (request_part_t) { row->offset, row->size };
}

//  A list with something in it.
static bool
s_is_filled (const request_scan_t *self, unsigned i)
{
    const json_row_t *row = &self->rows[i];
    if (row->type != JSON_ARRAY)
        return false;
    const uint8_t *at = self->bytes + row->offset + 1;
    while (s_is_blank (*at))
        at++;
    return *at != ']';
}

static void
s_read_parts (const request_scan_t *self, request_t *request)
{
    static const unsigned turns[] = { ROW_MESSAGES, ROW_INPUT, ROW_CONTENTS };
    for (size_t i = 0; i < sizeof turns / sizeof *turns && !request->turns.size; i++)
        request->turns = s_part (self, turns[i]);
    request->tools = s_is_filled (self, ROW_TOOLS) || s_is_filled (self, ROW_FUNCTIONS);
    request->cache_key = s_part (self, ROW_CACHE_KEY);
    request->conversation = s_part (self, ROW_CONVERSATION);
    request->metadata = s_part (self, ROW_METADATA);
    request->generation = s_part (self, ROW_GENERATION);
    if (!request->generation.size)
        request->generation = s_part (self, ROW_GENERATION_SNAKE);
    size_t settings = self->rows[ROW_GENERATION].count;
    request->generation_unclear = settings + self->rows[ROW_GENERATION_SNAKE].count > 1;
    s_read_choices (self, request);
}

//  ---- forms

static int
s_read_field_model (const request_scan_t *self, request_t *request, br_error_t *reterr)
{
    const form_row_t *row = &self->fields[FIELD_MODEL];
    if (row->count == 0)
        return br_error_set (reterr, BR_EINVALID,
                             "the field `model` is missing; name a model");
    if (row->count > 1)
        return br_error_set (reterr, BR_EINVALID,
                             "the field `model` stands %zu times; give it once",
                             row->count);
    request->model_offset = row->offset;
    request->model_size = row->size;
    request->model_bare = true;
    return s_read_plain_name (self->bytes + row->offset, row->size, request, reterr);
}

static int
s_read_field_stream (const request_scan_t *self, request_t *request, br_error_t *reterr)
{
    const form_row_t *row = &self->fields[FIELD_STREAM];
    if (row->count > 1)
        return br_error_set (reterr, BR_EINVALID,
                             "the field `stream` stands %zu times; give it once",
                             row->count);
    const char *value = (const char *) self->bytes + row->offset;
    bool is_true = row->count && row->size == 4 && strncasecmp (value, "true", 4) == 0;
    bool is_one = row->count && row->size == 1 && *value == '1';
    request->stream = request->stream || is_true || is_one;
    return 0;
}

static int
s_step_form (request_scan_t *self, size_t slice, request_t *request, br_error_t *reterr)
{
    int rc = form_scan_step (&self->form, slice, reterr);
    if (rc)
        return rc;
    rc = s_read_field_model (self, request, reterr);
    return rc ? -1 : s_read_field_stream (self, request, reterr);
}

//  ---- JSON

static int
s_step_json (request_scan_t *self, size_t slice, request_t *request, br_error_t *reterr)
{
    int rc = json_scan_step (&self->scan, slice, reterr);
    if (rc)
        return rc;
    if (self->scan.type != JSON_OBJECT)
        return br_error_set (reterr, BR_EINVALID,
                             "the body must be a JSON object, not %s",
                             json_type_name (self->scan.type));
    s_read_parts (self, request);
    if (self->place == REQUEST_PATH)
        return 0;
    rc = s_read_model (self, request, reterr);
    if (rc == 0)
        rc = s_read_stream (self, request, reterr);
    if (rc)
        return -1;
    s_read_max (self, request);
    s_read_previous (self, request);
    return 0;
}

//  ---- the walk

int
request_scan_begin (request_scan_t *self, const request_known_t *known, const void *bytes,
                    size_t size, br_error_t *reterr)
{
    self->place = known->place;
    self->bytes = bytes;
    self->request = (request_t) { .stream = known->stream, .choices = 1 };
    if (known->place == REQUEST_FORM) {
        for (size_t i = 0; i < REQUEST_FIELDS; i++)
            self->fields[i].name = s_fields[i];
        return form_scan_begin (&self->form, known->content_type, bytes, size,
                                self->fields, REQUEST_FIELDS, reterr);
    }
    for (size_t i = 0; i < REQUEST_ROWS; i++)
        self->rows[i].key = s_keys[i];
    json_scan_begin (&self->scan, bytes, size, self->rows, REQUEST_ROWS);
    if (known->place != REQUEST_PATH)
        return 0;
    const uint8_t *name = (const uint8_t *) known->model;
    return s_read_plain_name (name, strlen (known->model), &self->request, reterr);
}

int
request_scan_step (request_scan_t *self, size_t slice, request_t *ret_request,
                   br_error_t *reterr)
{
    request_t request = self->request;
    int rc = 0;
    if (self->place == REQUEST_FORM)
        rc = s_step_form (self, slice, &request, reterr);
    else if (self->place != REQUEST_NOWHERE)
        rc = s_step_json (self, slice, &request, reterr);
    if (rc == 0)
        *ret_request = request;
    return rc;
}

int
request_scan (const void *bytes, size_t size, request_t *ret_request, br_error_t *reterr)
{
    request_scan_t scan;
    const request_known_t known = { .place = REQUEST_BODY };
    int rc = request_scan_begin (&scan, &known, bytes, size, reterr);
    return rc ? -1 : request_scan_step (&scan, SIZE_MAX, ret_request, reterr);
}
