//  responses_tap: how an answer of OpenAI's Responses is tapped.
//
//  A stream tells its id first and all else in the one event that ends it; what lies between
//  is known by its name and not looked into.
//  src:  https://platform.openai.com/docs/api-reference/responses-streaming

#include "broker/core/json_value.h"
#include "broker/proto/tap_frame.h"
#include "broker/proto/tap_reader.h"

enum {
    ROW_ID,
    ROW_MODEL,
    ROW_STATUS,
    ROW_DETAILS,
    ROW_USAGE,
    ROW_ERROR,
    ROW_CODE,
    ROWS
};

static const char *const s_keys[ROWS] = {
    [ROW_ID] = "id",         [ROW_MODEL] = "model",
    [ROW_STATUS] = "status", [ROW_DETAILS] = "incomplete_details",
    [ROW_USAGE] = "usage",   [ROW_ERROR] = "error",
    [ROW_CODE] = "code",
};

static void
s_set_keys (json_row_t rows[ROWS])
{
    for (size_t i = 0; i < ROWS; i++)
        rows[i].key = s_keys[i];
}

static void
s_read_error (const uint8_t *bytes, const json_row_t *rows, tap_result_t *result)
{
    tap_first_member (bytes, &rows[ROW_ERROR], "type", result->error_type, TAP_WORD_MAX);
    tap_first_member (bytes, &rows[ROW_ERROR], "code", result->error_code, TAP_WORD_MAX);
    tap_first_text (bytes, &rows[ROW_CODE], result->error_code, TAP_WORD_MAX);
}

//  A finish has no word of its own here: it is the reason, where there is one, or the status.
static void
s_read_finish (const uint8_t *bytes, const json_row_t *rows, tap_result_t *result)
{
    json_row_t reason;
    tap_text (bytes, &rows[ROW_STATUS], result->finish, TAP_WORD_MAX);
    if (tap_member (bytes, &rows[ROW_DETAILS], "reason", &reason) == JSON_STRING)
        tap_text (bytes, &reason, result->finish, TAP_WORD_MAX);
}

//  A response object, or the object of an error.
static tap_first_t
s_read_object (const uint8_t *bytes, const json_row_t *object, tap_result_t *result)
{
    json_row_t rows[ROWS];
    s_set_keys (rows);
    if (tap_members (bytes, object, rows, ROWS)) {
        result->unknown = result->malformed = true;
        return TAP_DATA;
    }
    tap_first_text (bytes, &rows[ROW_ID], result->id, TAP_NAME_MAX);
    tap_first_text (bytes, &rows[ROW_MODEL], result->model, TAP_NAME_MAX);
    s_read_finish (bytes, rows, result);
    const json_row_t *usage = &rows[ROW_USAGE];
    if (usage->type == JSON_OBJECT)
        (void) br_usage_read (BR_PROTOCOL_RESPONSES, bytes + usage->offset, usage->size,
                              &result->usage);
    bool failed = json_string_is (bytes + rows[ROW_STATUS].offset, rows[ROW_STATUS].size,
                                  "failed");
    if (!failed && !tap_is_error (&rows[ROW_ERROR]))
        return TAP_DATA;
    s_read_error (bytes, rows, result);
    return TAP_ERROR;
}

//  The response inside of an event. ret_whole: it could be read
static tap_first_t
s_read_inner (tap_result_t *result, const uint8_t *data, size_t size, bool *ret_whole)
{
    json_row_t object = tap_object (size);
    json_row_t response = { .key = "response" };
    *ret_whole = tap_members (data, &object, &response, 1) == 0
                 && response.type == JSON_OBJECT;
    if (*ret_whole)
        return s_read_object (data, &response, result);
    result->unknown = result->malformed = true;
    return TAP_DATA;
}

//  Quota and overload are told behind this event, when nothing has been answered yet.
static tap_first_t
s_read_created (tap_result_t *result, const uint8_t *data, size_t size)
{
    bool whole;
    tap_first_t first = s_read_inner (result, data, size, &whole);
    result->finish[0] = 0; // "in_progress" is none
    return first == TAP_DATA && whole ? TAP_NOTHING : first;
}

static tap_first_t
s_read_last (tap_result_t *result, const uint8_t *data, size_t size)
{
    return s_read_inner (result, data, size, &result->done);
}

static tap_first_t
s_read_failed (tap_result_t *result, const uint8_t *data, size_t size)
{
    (void) s_read_inner (result, data, size, &result->done);
    return TAP_ERROR;
}

static tap_first_t
s_read_error_event (tap_result_t *result, const uint8_t *data, size_t size)
{
    json_row_t object = tap_object (size);
    json_row_t rows[ROWS];
    s_set_keys (rows);
    if (tap_members (data, &object, rows, ROWS))
        result->unknown = result->malformed = true;
    else
        s_read_error (data, rows, result);
    return TAP_ERROR;
}

//  The most frequent first.
static const tap_kind_t s_kinds[] = {
    { .name = "response.output_text.delta", .first = TAP_DATA },
    { .name = "response.function_call_arguments.delta", .first = TAP_DATA },
    { .name = "response.reasoning_summary_text.delta", .first = TAP_DATA },
    { .name = "response.created", .read = s_read_created },
    { .name = "response.in_progress", .first = TAP_NOTHING },
    { .name = "response.queued", .first = TAP_NOTHING },
    { .name = "keepalive", .first = TAP_NOTHING }, // of the ChatGPT backend
    { .name = "response.completed", .read = s_read_last },
    { .name = "response.incomplete", .read = s_read_last },
    { .name = "response.failed", .read = s_read_failed },
    { .name = "error", .read = s_read_error_event },
    { .first = TAP_DATA },
};

static tap_first_t
s_event (tap_result_t *result, const char *name, const uint8_t *data, size_t size)
{
    return tap_read_event (s_kinds, result, name, data, size);
}

static tap_first_t
s_body (tap_result_t *result, const uint8_t *bytes, size_t size)
{
    json_row_t object = tap_object (size);
    return s_read_object (bytes, &object, result);
}

//  Events behind the deltas say all of it again.
static const tap_told_t s_told_event[] = { { .key = "delta" }, { .key = NULL } };

static const tap_told_t s_told_body[] = {
    { .key = "text" },  { .key = "refusal" }, { .key = "arguments" },
    { .key = "input" }, { .key = NULL },
};

const tap_reader_t responses_tap_reader = {
    .event = s_event,
    .body = s_body,
    .told_event = s_told_event,
    .told_body = s_told_body,
};
