//  responses_texts: where texts stand in requests and answers of OpenAI's Responses. Items of
//  a request and of an answer are the same; what answers repeat of the request counts, too.

#include "broker/core/buf.h"
#include "broker/core/json_value.h"
#include "broker/proto/responses/responses_texts.h"

//  ---- parts

static const texts_row_t s_sound_rows[] = {
    TEXTS_ROW_SKIP ("data"),
    { 0 },
};
static const texts_shape_t s_sound = { .rows = s_sound_rows };

static const texts_row_t s_part_rows[] = {
    { .key = "input_audio", .shape = &s_sound },
    { .key = "logprobs", .mode = TEXTS_REPEATED },
    { .key = "annotations", .shape = &texts_made },
    { .key = "file_data", .mode = TEXTS_FILE },
    { .key = "data", .mode = TEXTS_FILE },
    TEXTS_ROW_OPAQUE ("detail"),
    TEXTS_ROW_SKIP ("prompt_cache_breakpoint"),
    { 0 },
};
static const texts_word_t s_part_words[] = {
    { .word = "reasoning_text", .place = TEXTS_AT (REASONING) },
    { .word = "summary_text", .place = TEXTS_AT (REASONING) },
    { 0 },
};
const texts_shape_t responses_texts_part = {
    .rows = s_part_rows,
    .looks = { "type", "filename" },
    .words = s_part_words,
    .enter = texts_enter_file,
};

//  ---- tools that are offered

//  What a server of tools is asked with is a secret that is meant for the provider.
static const texts_shape_t s_offer;
static const texts_row_t s_offer_rows[] = {
    { .key = "parameters", .mode = TEXTS_JSON },
    { .key = "input_schema", .mode = TEXTS_JSON },
    { .key = "output_schema", .mode = TEXTS_JSON },
    { .key = "format", .mode = TEXTS_OPAQUE, .shape = &s_offer },
    { .key = "tools", .shape = &s_offer },
    { .key = "server_url", .mode = TEXTS_URL },
    TEXTS_ROW_OPAQUE ("syntax"),
    TEXTS_ROW_OPAQUE ("server_label"),
    TEXTS_ROW_OPAQUE ("connector_id"),
    TEXTS_ROW_OPAQUE ("authorization"),
    TEXTS_ROW_OPAQUE ("vector_store_ids"),
    TEXTS_ROW_OPAQUE ("search_context_size"),
    TEXTS_ROW_OPAQUE ("environment"),
    TEXTS_ROW_SKIP ("headers"),
    TEXTS_ROW_SKIP ("allowed_tools"),
    TEXTS_ROW_SKIP ("require_approval"),
    TEXTS_ROW_SKIP ("container"),
    TEXTS_ROW_SKIP ("ranking_options"),
    TEXTS_ROW_SKIP ("input_image_mask"),
    TEXTS_ROW_OPAQUE ("quality"),
    TEXTS_ROW_OPAQUE ("size"),
    TEXTS_ROW_OPAQUE ("background"),
    TEXTS_ROW_OPAQUE ("moderation"),
    TEXTS_ROW_OPAQUE ("output_format"),
    { 0 },
};
static const texts_shape_t s_offer = { .rows = s_offer_rows };

//  ---- items

static const texts_row_t s_item_rows[] = {
    { .key = "content", .shape = &responses_texts_part },
    { .key = "summary", .place = TEXTS_AT (REASONING), .shape = &responses_texts_part },
    { .key = "arguments", .mode = TEXTS_JSON, .place = TEXTS_AT (TOOL_CALL) },
    { .key = "input", .place = TEXTS_AT (TOOL_CALL) },
    { .key = "code", .place = TEXTS_AT (TOOL_CALL) },
    { .key = "action", .mode = TEXTS_JSON, .place = TEXTS_AT (TOOL_CALL) },
    { .key = "operation", .mode = TEXTS_JSON, .place = TEXTS_AT (TOOL_CALL) },
    { .key = "queries", .mode = TEXTS_JSON, .place = TEXTS_AT (TOOL_CALL) },
    { .key = "output", .place = TEXTS_AT (TOOL_RESULT), .shape = &responses_texts_part },
    { .key = "outputs", .place = TEXTS_AT (TOOL_RESULT), .shape = &responses_texts_part },
    { .key = "results", .place = TEXTS_AT (TOOL_RESULT) },
    { .key = "error", .place = TEXTS_AT (TOOL_ERROR) },
    { .key = "tools", .place = TEXTS_AT (TOOL_OFFER), .shape = &s_offer },
    { .key = "logprobs", .mode = TEXTS_REPEATED },
    TEXTS_ROW_OPAQUE ("phase"),
    TEXTS_ROW_OPAQUE ("namespace"),
    TEXTS_ROW_OPAQUE ("server_label"),
    TEXTS_ROW_OPAQUE ("container_id"),
    TEXTS_ROW_OPAQUE ("approval_request_id"),
    { 0 },
};

//  An item that is a call. Those without a name are known by their type.
static const texts_row_t s_called_rows[] = {
    { .key = "name", .mode = TEXTS_OPAQUE, .call = TEXTS_CALL_NAME },
    { .key = "type", .mode = TEXTS_OPAQUE, .call = TEXTS_CALL_TYPE },
    { .key = "namespace", .mode = TEXTS_OPAQUE, .call = TEXTS_CALL_SPACE },
    { .key = "arguments",
      .mode = TEXTS_JSON,
      .place = TEXTS_AT (TOOL_CALL),
      .call = TEXTS_CALL_ARGUMENTS },
    { .key = "input", .place = TEXTS_AT (TOOL_CALL), .call = TEXTS_CALL_ARGUMENTS },
    { .key = "action",
      .mode = TEXTS_JSON,
      .place = TEXTS_AT (TOOL_CALL),
      .call = TEXTS_CALL_ARGUMENTS },
    { .key = "operation",
      .mode = TEXTS_JSON,
      .place = TEXTS_AT (TOOL_CALL),
      .call = TEXTS_CALL_ARGUMENTS },
    { 0 },
};
static const texts_shape_t s_called = { .rows = s_called_rows,
                                        .outer = &responses_texts_item };

//  One that the provider does. In any other the server's label tells clients nothing.
static const texts_row_t s_hosted_rows[] = {
    { .key = "server_label", .mode = TEXTS_OPAQUE, .call = TEXTS_CALL_SERVER },
    { 0 },
};
static const texts_shape_t s_hosted = { .rows = s_hosted_rows, .outer = &s_called };

//  "result" of an image is the image.
static const texts_row_t s_image_rows[] = {
    TEXTS_ROW_SKIP ("result"),          TEXTS_ROW_OPAQUE ("quality"),
    TEXTS_ROW_OPAQUE ("size"),          TEXTS_ROW_OPAQUE ("background"),
    TEXTS_ROW_OPAQUE ("output_format"), { 0 },
};
static const texts_shape_t s_image = { .rows = s_image_rows,
                                       .outer = &responses_texts_item };

enum {
    LOOK_TYPE,
    LOOK_ROLE,
    LOOK_ID,
    LOOK_ARGUMENTS //  of an item that is added
};

static const texts_word_t s_item_words[] = {
    { .look = LOOK_ROLE, .word = "user", .place = TEXTS_AT (USER) },
    { .look = LOOK_ROLE, .word = "assistant", .place = TEXTS_AT (ASSISTANT) },
    { .look = LOOK_ROLE, .word = "system", .place = TEXTS_AT (SYSTEM) },
    { .look = LOOK_ROLE, .word = "developer", .place = TEXTS_AT (SYSTEM) },
    { .look = LOOK_TYPE, .word = "reasoning", .place = TEXTS_AT (REASONING) },
    { .look = LOOK_TYPE, .word = "image_generation_call", .shape = &s_image },
    { .look = LOOK_TYPE, .word = "mcp_call", .shape = &s_hosted },
    { .look = LOOK_TYPE, .word = "mcp_approval_request", .shape = &s_hosted },
    { .look = LOOK_TYPE, .word = "reasoning_text", .place = TEXTS_AT (REASONING) },
    { .look = LOOK_TYPE, .word = "summary_text", .place = TEXTS_AT (REASONING) },
    { 0 },
};

//  Of the many kinds of calls and their outputs the types end alike.
static void
s_enter_item (texts_walk_t *walk, texts_spot_t *spot, const json_row_t *rows)
{
    static const struct {
        const char *tail;
        br_text_place_t place;
        const texts_shape_t *shape; //  NULL = as it is
    } tails[] = {
        { "_call", BR_TEXT_TOOL_CALL, &s_called },
        { "_approval_request", BR_TEXT_TOOL_CALL, &s_called },
        { "_output", BR_TEXT_TOOL_RESULT, NULL },
    };
    const json_row_t *type = &rows[LOOK_TYPE];
    if (type->count != 1 && spot->shape == &responses_texts_item)
        spot->shape = &s_called;
    spot->id = texts_look_id (walk, &rows[LOOK_ID]);
    for (size_t i = 0; i < sizeof tails / sizeof tails[0]; i++) {
        if (!texts_look_ends (walk, type, tails[i].tail))
            continue;
        spot->place = tails[i].place;
        if (tails[i].shape && spot->shape == &responses_texts_item)
            spot->shape = tails[i].shape;
    }
}

const texts_shape_t responses_texts_item = {
    .rows = s_item_rows,
    .outer = &responses_texts_part,
    .looks = { "type", "role", "id" },
    .words = s_item_words,
    .enter = s_enter_item,
};

//  ---- what has begun

//  Items and parts are empty when they are added, by the protocol. Clients put the deltas
//  behind what stands there: that is a text that has ended, as it seems.

enum {
    LOOK_TEXT = 2, //  of a part, behind its type and the name of its file
    LOOK_REFUSAL
};

static bool
s_has_words (const json_row_t *row)
{
    return row->type == JSON_STRING && row->size > 2;
}

static void
s_enter_added_part (texts_walk_t *walk, texts_spot_t *spot, const json_row_t *rows)
{
    bool is_thought = texts_look_is (walk, &rows[LOOK_TYPE], "reasoning_text");
    bool is_summary = texts_look_is (walk, &rows[LOOK_TYPE], "summary_text");
    texts_enter_file (walk, spot, rows);
    spot->kind = is_thought   ? TEXTS_KIND_THOUGHT
                 : is_summary ? TEXTS_KIND_SUMMARY
                              : TEXTS_KIND_TEXT;
    texts_spot_t refusal = *spot;
    refusal.kind = TEXTS_KIND_REFUSAL;
    if (s_has_words (&rows[LOOK_TEXT]))
        texts_end (walk, spot, TEXTS_ENDS_CHANNEL);
    if (s_has_words (&rows[LOOK_REFUSAL]))
        texts_end (walk, &refusal, TEXTS_ENDS_CHANNEL);
}

static const texts_row_t s_added_part_rows[] = {
    { .key = "text", .kind = TEXTS_KIND_AROUND },
    { .key = "refusal", .kind = TEXTS_KIND_REFUSAL },
    { 0 },
};
const texts_shape_t responses_texts_added_part = {
    .rows = s_added_part_rows,
    .outer = &responses_texts_part,
    .looks = { "type", "filename", "text", "refusal" },
    .words = s_part_words,
    .enter = s_enter_added_part,
};

//  Parts in their list are counted.
static void
s_enter_listed_part (texts_walk_t *walk, texts_spot_t *spot, const json_row_t *rows)
{
    spot->part = (uint32_t) spot->item;
    s_enter_added_part (walk, spot, rows);
}

static const texts_shape_t s_listed_part = {
    .rows = s_added_part_rows,
    .outer = &responses_texts_part,
    .looks = { "type", "filename", "text", "refusal" },
    .words = s_part_words,
    .enter = s_enter_listed_part,
};

//  Half of the arguments: the other one comes behind, or does not.
static bool
s_is_half (const texts_walk_t *walk, const json_row_t *arguments)
{
    if (!s_has_words (arguments))
        return false;
    br_buf_t text;
    br_buf_init (&text, arguments->size);
    int rc = json_string (texts_look (walk, arguments), arguments->size, &text, NULL);
    bool is_half = rc != 0 || json_members (text.data, text.size, NULL, 0, NULL) != 0;
    br_buf_free (&text);
    return is_half;
}

static void
s_enter_added (texts_walk_t *walk, texts_spot_t *spot, const json_row_t *rows)
{
    if (texts_has_pieces (walk) && s_is_half (walk, &rows[LOOK_ARGUMENTS]))
        texts_doubt (walk);
    if (spot->shape != &s_hosted && spot->shape != &s_image)
        spot->shape = &responses_texts_item;
    s_enter_item (walk, spot, rows);
    if (spot->shape == &responses_texts_item)
        spot->shape = &responses_texts_added;
}

static const texts_row_t s_added_rows[] = {
    { .key = "content", .shape = &s_listed_part },
    { .key = "summary", .place = TEXTS_AT (REASONING), .shape = &s_listed_part },
    { 0 },
};
const texts_shape_t responses_texts_added = {
    .rows = s_added_rows,
    .outer = &responses_texts_item,
    .looks = { "type", "role", "id", "arguments" },
    .words = s_item_words,
    .enter = s_enter_added,
};

//  ... in the list of a response.
static void
s_enter_created (texts_walk_t *walk, texts_spot_t *spot, const json_row_t *rows)
{
    spot->choice = (uint32_t) spot->item;
    texts_begin (walk, spot->choice);
    s_enter_added (walk, spot, rows);
}

static const texts_shape_t s_created_item = {
    .rows = s_added_rows,
    .outer = &responses_texts_item,
    .looks = { "type", "role", "id", "arguments" },
    .words = s_item_words,
    .enter = s_enter_created,
};
static const texts_row_t s_created_rows[] = {
    { .key = "output", .shape = &s_created_item },
    { 0 },
};
const texts_shape_t responses_texts_created = { .rows = s_created_rows,
                                                .outer = &responses_texts_whole };

//  ---- requests and answers

static const texts_shape_t s_format;
static const texts_row_t s_format_rows[] = {
    { .key = "format", .mode = TEXTS_OPAQUE, .shape = &s_format },
    { .key = "schema", .mode = TEXTS_JSON },
    TEXTS_ROW_OPAQUE ("verbosity"),
    { 0 },
};
static const texts_shape_t s_format = { .rows = s_format_rows };

static const texts_shape_t s_variables = {
    .inner = &responses_texts_part,
    .is_free = true,
};
static const texts_row_t s_prompt_rows[] = {
    { .key = "variables", .shape = &s_variables },
    TEXTS_ROW_OPAQUE ("version"),
    { 0 },
};
static const texts_shape_t s_prompt = { .rows = s_prompt_rows,
                                        .outer = &responses_texts_part };

static const texts_row_t s_whole_rows[] = {
    { .key = "input", .shape = &responses_texts_item },
    { .key = "output", .shape = &responses_texts_item },
    { .key = "data", .shape = &responses_texts_item },
    { .key = "instructions", .place = TEXTS_AT (SYSTEM), .shape = &responses_texts_item },
    { .key = "tools", .place = TEXTS_AT (TOOL_OFFER), .shape = &s_offer },
    { .key = "text", .place = TEXTS_AT (SYSTEM), .shape = &s_format },
    { .key = "prompt", .shape = &s_prompt },
    { .key = "error" },
    { .key = "context_management", .place = TEXTS_AT (SYSTEM), .shape = &texts_made },
    TEXTS_ROW_SKIP ("conversation"),
    TEXTS_ROW_SKIP ("tool_choice"),
    TEXTS_ROW_SKIP ("reasoning"),
    TEXTS_ROW_SKIP ("metadata"),
    TEXTS_ROW_SKIP ("usage"),
    TEXTS_ROW_SKIP ("incomplete_details"),
    TEXTS_ROW_SKIP ("stream_options"),
    TEXTS_ROW_SKIP ("prompt_cache_options"),
    TEXTS_ROW_SKIP ("billing"),
    TEXTS_ROW_OPAQUE ("previous_response_id"),
    TEXTS_ROW_OPAQUE ("include"),
    TEXTS_ROW_OPAQUE ("truncation"),
    TEXTS_ROW_OPAQUE ("user"),
    TEXTS_ROW_OPAQUE ("safety_identifier"),
    TEXTS_ROW_OPAQUE ("prompt_cache_key"),
    TEXTS_ROW_OPAQUE ("prompt_cache_retention"),
    TEXTS_ROW_OPAQUE ("service_tier"),
    TEXTS_ROW_OPAQUE ("moderation"),
    TEXTS_ROW_OPAQUE ("modalities"),
    TEXTS_ROW_OPAQUE ("first_id"),
    TEXTS_ROW_OPAQUE ("last_id"),
    { 0 },
};
const texts_shape_t responses_texts_whole = { .rows = s_whole_rows };

const texts_protocol_t responses_texts = {
    .request = &responses_texts_whole,
    .answer = &responses_texts_whole,
    .event = &responses_texts_event,
};
