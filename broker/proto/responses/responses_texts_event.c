//  responses_texts_event: where texts stand in the events of Responses. The name of an event
//  says which text it goes on with (*.delta) or repeats as a whole (*.done). Other operations
//  of OpenAI's that stream have events of the same form.

#include <string.h>

#include "broker/core/json_value.h"
#include "broker/proto/responses/responses_texts.h"

#define NAME_MAX_BYTES 96 //  of an event's name; a longer one goes on with nothing

//  ---- members

static const texts_row_t s_event_rows[] = {
    { .key = "sequence_number", .mode = TEXTS_SEQUENCE },
    { .key = "delta", .kind = TEXTS_KIND_AROUND },
    { .key = "response", .shape = &responses_texts_whole, .kind = TEXTS_KIND_CLOSED },
    { .key = "item", .shape = &responses_texts_item },
    { .key = "part", .shape = &responses_texts_part },
    { .key = "error", .end = TEXTS_ENDS_ALL },
    { .key = "logprobs", .mode = TEXTS_REPEATED },
    { .key = "annotation", .shape = &texts_made },
    { .key = "arguments", .mode = TEXTS_JSON },
    TEXTS_ROW_SKIP ("partial_image_b64"),
    TEXTS_ROW_SKIP ("b64_json"),
    TEXTS_ROW_SKIP ("audio"),
    TEXTS_ROW_SKIP ("usage"),
    TEXTS_ROW_OPAQUE ("obfuscation"),
    { 0 },
};
const texts_shape_t responses_texts_event;

static const texts_row_t s_json_rows[] = {
    { .key = "delta",
      .mode = TEXTS_JSON,
      .kind = TEXTS_KIND_AROUND,
      .call = TEXTS_CALL_ARGUMENTS },
    { .key = "arguments", .mode = TEXTS_JSON, .call = TEXTS_CALL_ARGUMENTS },
    { .key = "name", .mode = TEXTS_OPAQUE, .call = TEXTS_CALL_NAME },
    { 0 },
};
static const texts_shape_t s_json = { .rows = s_json_rows,
                                      .outer = &responses_texts_event };

static const texts_row_t s_input_rows[] = {
    { .key = "delta", .kind = TEXTS_KIND_AROUND, .call = TEXTS_CALL_ARGUMENTS },
    { .key = "input", .call = TEXTS_CALL_ARGUMENTS },
    { 0 },
};
static const texts_shape_t s_input = { .rows = s_input_rows,
                                       .outer = &responses_texts_event };

static const texts_row_t s_added_rows[] = {
    { .key = "item", .shape = &responses_texts_added },
    { .key = "part", .shape = &responses_texts_added_part },
    { 0 },
};
static const texts_shape_t s_added = { .rows = s_added_rows,
                                       .outer = &responses_texts_event };

static const texts_row_t s_created_rows[] = {
    { .key = "response", .shape = &responses_texts_created },
    { 0 },
};
static const texts_shape_t s_created = { .rows = s_created_rows,
                                         .outer = &responses_texts_event };

static const texts_row_t s_sound_rows[] = {
    TEXTS_ROW_SKIP ("delta"),
    { 0 },
};
static const texts_shape_t s_sound = { .rows = s_sound_rows,
                                       .outer = &responses_texts_event };

//  ---- names

//  What a text is, by the name of its events without the last part.
typedef struct _stem_t {
    const char *name;
    br_text_place_t place;
    unsigned kind;
    const texts_shape_t *shape; //  NULL = as all events
} stem_t;

static const stem_t s_stems[] = {
    { "response.output_text", BR_TEXT_ANSWER, TEXTS_KIND_TEXT, NULL },
    { "response.refusal", BR_TEXT_ANSWER, TEXTS_KIND_REFUSAL, NULL },
    { "response.reasoning_text", BR_TEXT_REASONING, TEXTS_KIND_THOUGHT, NULL },
    { "response.reasoning", BR_TEXT_REASONING, TEXTS_KIND_THOUGHT_AGAIN, NULL },
    { "response.reasoning_summary_text", BR_TEXT_REASONING, TEXTS_KIND_SUMMARY, NULL },
    { "response.reasoning_summary_part", BR_TEXT_REASONING, TEXTS_KIND_WHOLE, NULL },
    { "response.reasoning_part", BR_TEXT_REASONING, TEXTS_KIND_WHOLE, NULL },
    { "response.function_call_arguments", BR_TEXT_TOOL_CALL, TEXTS_KIND_ARGUMENTS,
      &s_json },
    { "response.mcp_call_arguments", BR_TEXT_TOOL_CALL, TEXTS_KIND_ARGUMENTS, &s_json },
    { "response.mcp_call.arguments", BR_TEXT_TOOL_CALL, TEXTS_KIND_ARGUMENTS, &s_json },
    { "response.custom_tool_call_input", BR_TEXT_TOOL_CALL, TEXTS_KIND_INPUT, &s_input },
    { "response.code_interpreter_call_code", BR_TEXT_TOOL_CALL, TEXTS_KIND_CODE, NULL },
    { "response.shell_call_command", BR_TEXT_TOOL_CALL, TEXTS_KIND_CODE, NULL },
    { "response.apply_patch_call_operation_diff", BR_TEXT_TOOL_CALL, TEXTS_KIND_CODE,
      NULL },
    { "response.audio.transcript", BR_TEXT_ANSWER, TEXTS_KIND_SPOKEN, NULL },
    { "response.audio", BR_TEXT_ANSWER, TEXTS_KIND_WHOLE, &s_sound },
    { "transcript.text", BR_TEXT_ANSWER, TEXTS_KIND_TEXT, NULL },
    { "speech.audio", BR_TEXT_ANSWER, TEXTS_KIND_WHOLE, &s_sound },
};

//  Ends of events by the whole name.
static const struct {
    const char *name;
    texts_end_t end;
} s_ends[] = {
    { "response.output_item.done", TEXTS_ENDS_CHOICE },
    { "response.completed", TEXTS_ENDS_ALL },
    { "response.incomplete", TEXTS_ENDS_ALL },
    { "response.failed", TEXTS_ENDS_ALL },
    { "response.cancelled", TEXTS_ENDS_ALL },
    { "error", TEXTS_ENDS_ALL },
};

static bool
s_name_is (const char *name, size_t size, const char *text)
{
    return strlen (text) == size && memcmp (name, text, size) == 0;
}

//  A text that nobody knows is one of its own, and answers.
static void
s_apply_stem (texts_spot_t *spot, const char *name, size_t size)
{
    for (size_t i = 0; i < sizeof s_stems / sizeof s_stems[0]; i++) {
        const stem_t *stem = &s_stems[i];
        if (!s_name_is (name, size, stem->name))
            continue;
        spot->place = stem->place;
        spot->kind = stem->kind;
        spot->shape = stem->shape ? stem->shape : spot->shape;
        return;
    }
    spot->kind = texts_kind_of (texts_hash (name, size));
}

//  ---- events

enum {
    LOOK_TYPE,
    LOOK_OUTPUT,
    LOOK_CONTENT,
    LOOK_SUMMARY,
    LOOK_ITEM
};

static void
s_enter_event (texts_walk_t *walk, texts_spot_t *spot, const json_row_t *rows)
{
    char name[NAME_MAX_BYTES];
    const json_row_t *type = &rows[LOOK_TYPE];
    spot->choice = texts_look_number (walk, &rows[LOOK_OUTPUT], 0);
    spot->part = texts_look_number (walk, &rows[LOOK_CONTENT],
                                    texts_look_number (walk, &rows[LOOK_SUMMARY], 0));
    spot->id = texts_look_id (walk, &rows[LOOK_ITEM]);
    if (type->type != JSON_STRING
        || json_text (texts_look (walk, type), type->size, name, sizeof name))
        return;
    for (size_t i = 0; i < sizeof s_ends / sizeof s_ends[0]; i++)
        if (strcmp (name, s_ends[i].name) == 0)
            texts_end (walk, spot, s_ends[i].end);
    if (strcmp (name, "response.output_item.added") == 0)
        texts_begin (walk, spot->choice);
    const char *dot = strrchr (name, '.');
    if (!dot)
        return;
    s_apply_stem (spot, name, (size_t) (dot - name));
    if (strcmp (dot, ".done") == 0)
        texts_end (walk, spot, TEXTS_ENDS_CHANNEL);
    if (strcmp (dot, ".added") == 0)
        spot->shape = &s_added;
    if (strcmp (dot, ".created") == 0)
        spot->shape = &s_created;
}

const texts_shape_t responses_texts_event = {
    .rows = s_event_rows,
    .looks = { "type", "output_index", "content_index", "summary_index", "item_id" },
    .enter = s_enter_event,
};
