//  messages_tap: how an answer of Anthropic's Messages is tapped.
//
//  Only the first and the last two events of a stream tell something; what lies between is
//  known by its name and not looked into.
//  src:  https://docs.anthropic.com/en/docs/build-with-claude/streaming

#include "broker/core/json_value.h"
#include "broker/proto/tap_frame.h"
#include "broker/proto/tap_reader.h"

static void
s_merge_usage (const uint8_t *bytes, const json_row_t *usage, tap_result_t *result)
{
    if (usage->type == JSON_OBJECT)
        (void) br_usage_merge (&result->usage, bytes + usage->offset, usage->size);
}

//  A message: whole, or as a stream begins with it.
static int
s_read_message (const uint8_t *bytes, const json_row_t *message, tap_result_t *result)
{
    json_row_t rows[] = {
        { .key = "id" }, { .key = "model" }, { .key = "usage" }, { .key = "stop_reason" }
    };
    if (tap_members (bytes, message, rows, 4))
        return -1;
    tap_first_text (bytes, &rows[0], result->id, TAP_NAME_MAX);
    tap_first_text (bytes, &rows[1], result->model, TAP_NAME_MAX);
    s_merge_usage (bytes, &rows[2], result);
    tap_text (bytes, &rows[3], result->finish, TAP_WORD_MAX);
    return 0;
}

static tap_first_t
s_unknown (tap_result_t *result)
{
    result->unknown = result->malformed = true;
    return TAP_DATA;
}

//  Overload is told behind this event, when nothing has been answered yet.
static tap_first_t
s_read_start (tap_result_t *result, const uint8_t *data, size_t size)
{
    json_row_t object = tap_object (size);
    json_row_t message = { .key = "message" };
    if (tap_members (data, &object, &message, 1)
        || s_read_message (data, &message, result))
        return s_unknown (result);
    result->usage.open = true;
    return TAP_NOTHING;
}

//  What is true at the end: the usage is cumulative.
static tap_first_t
s_read_delta (tap_result_t *result, const uint8_t *data, size_t size)
{
    json_row_t object = tap_object (size);
    json_row_t rows[] = { { .key = "delta" }, { .key = "usage" } };
    json_row_t finish;
    if (tap_members (data, &object, rows, 2))
        return s_unknown (result);
    (void) tap_member (data, &rows[0], "stop_reason", &finish);
    tap_text (data, &finish, result->finish, TAP_WORD_MAX);
    s_merge_usage (data, &rows[1], result);
    if (rows[1].type == JSON_OBJECT)
        result->usage.open = false;
    return TAP_DATA;
}

//  Half of it is none.
static tap_first_t
s_read_stop (tap_result_t *result, const uint8_t *data, size_t size)
{
    json_row_t object = tap_object (size);
    if (tap_members (data, &object, NULL, 0))
        return s_unknown (result);
    result->done = true;
    return TAP_DATA;
}

static tap_first_t
s_read_error (tap_result_t *result, const uint8_t *data, size_t size)
{
    json_row_t object = tap_object (size);
    json_row_t error;
    (void) tap_member (data, &object, "error", &error);
    tap_first_member (data, &error, "type", result->error_type, TAP_WORD_MAX);
    tap_first_member (data, &error, "code", result->error_code, TAP_WORD_MAX);
    return TAP_ERROR;
}

//  The most frequent first.
static const tap_kind_t s_kinds[] = {
    { .name = "content_block_delta", .first = TAP_DATA },
    { .name = "content_block_start", .first = TAP_DATA },
    { .name = "content_block_stop", .first = TAP_DATA },
    { .name = "ping", .first = TAP_NOTHING },
    { .name = "message_start", .read = s_read_start },
    { .name = "message_delta", .read = s_read_delta },
    { .name = "message_stop", .read = s_read_stop },
    { .name = "error", .read = s_read_error },
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
    json_row_t rows[] = { { .key = "type" }, { .key = "error" } };
    if (tap_members (bytes, &object, rows, 2))
        return s_unknown (result);
    if (tap_is_error (&rows[1])
        || json_string_is (bytes + rows[0].offset, rows[0].size, "error"))
        return s_read_error (result, bytes, size);
    return s_read_message (bytes, &object, result) ? s_unknown (result) : TAP_DATA;
}

static const tap_told_t s_told[] = {
    { .key = "text" },         { .key = "thinking" },
    { .key = "partial_json" }, { .key = "input", .object = true },
    { .key = NULL },
};

const tap_reader_t messages_tap_reader = {
    .event = s_event,
    .body = s_body,
    .told_event = s_told,
    .told_body = s_told,
};
