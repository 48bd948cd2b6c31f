//  gemini_tap: how an answer of Google's generateContent is tapped. A chunk of a stream is
//  a whole answer with the new parts only; usage grows from one to the next.
//  src:  https://ai.google.dev/api/generate-content

#include "broker/core/json_iter.h"
#include "broker/core/json_value.h"
#include "broker/proto/tap_frame.h"
#include "broker/proto/tap_reader.h"

enum {
    ROW_CANDIDATES,
    ROW_USAGE,
    ROW_MODEL,
    ROW_ID,
    ROW_FEEDBACK,
    ROW_ERROR,
    ROWS
};

static const char *const s_keys[ROWS] = {
    [ROW_CANDIDATES] = "candidates",   [ROW_USAGE] = "usageMetadata",
    [ROW_MODEL] = "modelVersion",      [ROW_ID] = "responseId",
    [ROW_FEEDBACK] = "promptFeedback", [ROW_ERROR] = "error",
};

//  The last chunk may have a finishReason and nothing else.
static void
s_read_candidate (const uint8_t *bytes, const json_row_t *candidate, tap_result_t *result)
{
    json_row_t row;
    if (tap_member (bytes, candidate, "finishReason", &row) == JSON_STRING
        && !json_string_is (bytes + row.offset, row.size, "FINISH_REASON_UNSPECIFIED"))
        tap_text (bytes, &row, result->finish, TAP_WORD_MAX);
}

static void
s_read_candidates (const uint8_t *bytes, const json_row_t *list, tap_result_t *result)
{
    if (list->type != JSON_ARRAY)
        return;
    json_iter_t iter;
    json_item_t item;
    int rc = json_iter_begin (&iter, bytes + list->offset, list->size, NULL);
    while (rc == 0 && json_iter_next (&iter, &item, NULL) == 1) {
        json_row_t candidate = { .type = item.type,
                                 .offset = list->offset + item.offset,
                                 .size = item.size };
        s_read_candidate (bytes, &candidate, result);
    }
}

static void
s_read_usage (const uint8_t *bytes, const json_row_t *usage, tap_result_t *result)
{
    if (usage->type == JSON_OBJECT)
        (void) br_usage_read (BR_PROTOCOL_GOOGLE, bytes + usage->offset, usage->size,
                              &result->usage);
}

static tap_first_t
s_frame (tap_result_t *result, const uint8_t *bytes, size_t size)
{
    json_row_t object = tap_object (size);
    json_row_t rows[ROWS];
    for (size_t i = 0; i < ROWS; i++)
        rows[i].key = s_keys[i];
    if (tap_members (bytes, &object, rows, ROWS)) {
        result->unknown = result->malformed = true;
        return TAP_DATA;
    }
    tap_first_text (bytes, &rows[ROW_ID], result->id, TAP_NAME_MAX);
    tap_first_text (bytes, &rows[ROW_MODEL], result->model, TAP_NAME_MAX);
    s_read_usage (bytes, &rows[ROW_USAGE], result);
    s_read_candidates (bytes, &rows[ROW_CANDIDATES], result);
    //  A prompt that was refused has no candidates.
    tap_first_member (bytes, &rows[ROW_FEEDBACK], "blockReason", result->finish,
                      TAP_WORD_MAX);
    if (!tap_is_error (&rows[ROW_ERROR]))
        return TAP_DATA;
    const json_row_t *error = &rows[ROW_ERROR];
    tap_first_member (bytes, error, "status", result->error_type, TAP_WORD_MAX);
    tap_first_member (bytes, error, "code", result->error_code, TAP_WORD_MAX);
    return TAP_ERROR;
}

static tap_first_t
s_event (tap_result_t *result, const char *name, const uint8_t *data, size_t size)
{
    (void) name;
    return s_frame (result, data, size);
}

static const tap_told_t s_told[] = {
    { .key = "text" },
    { .key = "args", .object = true },
    { .key = NULL },
};

const tap_reader_t gemini_tap_reader = {
    .event = s_event,
    .body = s_frame,
    .told_event = s_told,
    .told_body = s_told,
    .ends_by_finish = true,
    .streams_array = true,
};
