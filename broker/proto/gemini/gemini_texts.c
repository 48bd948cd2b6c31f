//  gemini_texts: where texts stand in requests, answers and events of Google's
//  generateContent, and of its embeddings.

#include "broker/proto/texts_shape.h"

//  ---- parts

static const texts_shape_t s_part;

static const texts_row_t s_media_rows[] = {
    { .key = "data", .mode = TEXTS_FILE },
    { .key = "fileUri", .mode = TEXTS_URL },
    { 0 },
};
static const texts_shape_t s_media = {
    .rows = s_media_rows,
    .looks = { "mimeType", "mime_type", "displayName", "display_name" },
    .enter = texts_enter_file,
};

//  Arguments that come in pieces: each has a path, and says whether more of it comes.
static const texts_row_t s_piece_rows[] = {
    TEXTS_ROW_OPAQUE ("jsonPath"),
    { .key = "stringValue", .kind = TEXTS_KIND_AROUND },
    { 0 },
};

enum {
    LOOK_PATH,
    LOOK_GOES_ON,
    LOOK_PATH_SNAKE,
    LOOK_GOES_ON_SNAKE
};

static void
s_enter_piece (texts_walk_t *walk, texts_spot_t *spot, const json_row_t *rows)
{
    bool is_snake = rows[LOOK_PATH].type == JSON_NONE;
    const json_row_t *path = &rows[is_snake ? LOOK_PATH_SNAKE : LOOK_PATH];
    spot->kind = TEXTS_KIND_ARGUMENTS;
    spot->part = texts_hash (texts_look (walk, path), path->size);
    if (!texts_look_is (walk, &rows[LOOK_GOES_ON], "true")
        && !texts_look_is (walk, &rows[LOOK_GOES_ON_SNAKE], "true"))
        texts_end (walk, spot, TEXTS_ENDS_CHANNEL);
}

static const texts_shape_t s_piece = {
    .rows = s_piece_rows,
    .looks = { "jsonPath", "willContinue", "json_path", "will_continue" },
    .enter = s_enter_piece,
};

static const texts_row_t s_call_rows[] = {
    { .key = "args", .mode = TEXTS_JSON },
    { .key = "response", .mode = TEXTS_JSON },
    { .key = "partialArgs", .shape = &s_piece },
    { .key = "parts", .shape = &s_part, .kind = TEXTS_KIND_CLOSED },
    TEXTS_ROW_OPAQUE ("scheduling"),
    TEXTS_ROW_OPAQUE ("toolType"),
    { 0 },
};
static const texts_shape_t s_call = { .rows = s_call_rows };

//  What the client is to call.
static const texts_row_t s_called_rows[] = {
    { .key = "name", .mode = TEXTS_OPAQUE, .call = TEXTS_CALL_NAME },
    { .key = "args", .mode = TEXTS_JSON, .call = TEXTS_CALL_ARGUMENTS },
    { .key = "partialArgs", .shape = &s_piece, .call = TEXTS_CALL_ARGUMENTS },
    { 0 },
};
static const texts_shape_t s_called = { .rows = s_called_rows, .outer = &s_call };

//  What a tool has said is an error when it says so itself. A look into a long result
//  would hold the walk up.
static void
s_enter_result (texts_walk_t *walk, texts_spot_t *spot, const json_row_t *rows)
{
    json_row_t error = { .key = "error" };
    if (rows[0].type == JSON_OBJECT && rows[0].size <= JSON_SLICE
        && json_members (texts_look (walk, &rows[0]), rows[0].size, &error, 1, NULL) == 0
        && error.type != JSON_NONE)
        spot->place = BR_TEXT_TOOL_ERROR;
}

static const texts_shape_t s_result = {
    .rows = s_call_rows,
    .looks = { "response" },
    .enter = s_enter_result,
};

static const texts_row_t s_code_rows[] = {
    TEXTS_ROW_OPAQUE ("language"),
    TEXTS_ROW_OPAQUE ("outcome"),
    { 0 },
};
static const texts_shape_t s_code = { .rows = s_code_rows };

static const texts_row_t s_part_rows[] = {
    { .key = "text", .kind = TEXTS_KIND_AROUND },
    { .key = "inlineData", .shape = &s_media },
    { .key = "fileData", .shape = &s_media },
    { .key = "functionCall", .place = TEXTS_AT (TOOL_CALL), .shape = &s_called },
    { .key = "functionResponse", .place = TEXTS_AT (TOOL_RESULT), .shape = &s_result },
    { .key = "toolCall", .place = TEXTS_AT (TOOL_CALL), .shape = &s_call },
    { .key = "toolResponse", .place = TEXTS_AT (TOOL_RESULT), .shape = &s_result },
    { .key = "executableCode", .place = TEXTS_AT (TOOL_CALL), .shape = &s_code },
    { .key = "codeExecutionResult", .place = TEXTS_AT (TOOL_RESULT), .shape = &s_code },
    TEXTS_ROW_SKIP ("videoMetadata"),
    TEXTS_ROW_OPAQUE ("mediaResolution"),
    { 0 },
};

static void
s_enter_part (texts_walk_t *walk, texts_spot_t *spot, const json_row_t *rows)
{
    bool is_thought = texts_look_is (walk, &rows[0], "true");
    spot->kind = is_thought ? TEXTS_KIND_THOUGHT : TEXTS_KIND_TEXT;
    if (is_thought)
        spot->place = BR_TEXT_REASONING;
}

static const texts_shape_t s_part = {
    .rows = s_part_rows,
    .looks = { "thought" },
    .enter = s_enter_part,
};

//  ---- contents

static const texts_row_t s_content_rows[] = {
    { .key = "parts", .shape = &s_part },
    { 0 },
};
static const texts_shape_t s_content = { .rows = s_content_rows };

static const texts_word_t s_turn_words[] = {
    { .word = "user", .place = TEXTS_AT (USER) },
    { .word = "model", .place = TEXTS_AT (ASSISTANT) },
    { .word = "function", .place = TEXTS_AT (TOOL_RESULT) },
    { .word = "system", .place = TEXTS_AT (SYSTEM) },
    { 0 },
};
static const texts_shape_t s_turn = {
    .outer = &s_content,
    .looks = { "role" },
    .words = s_turn_words,
};

//  ---- requests

static const texts_shape_t s_offer;
static const texts_row_t s_offer_rows[] = {
    { .key = "functionDeclarations", .shape = &s_offer },
    { .key = "parameters", .mode = TEXTS_JSON },
    { .key = "parametersJsonSchema", .mode = TEXTS_JSON },
    { .key = "response", .mode = TEXTS_JSON },
    { .key = "responseJsonSchema", .mode = TEXTS_JSON },
    TEXTS_ROW_SKIP ("mcpServers"),
    TEXTS_ROW_OPAQUE ("behavior"),
    TEXTS_ROW_OPAQUE ("environment"),
    { 0 },
};
static const texts_shape_t s_offer = { .rows = s_offer_rows };

static const texts_row_t s_config_rows[] = {
    { .key = "responseSchema", .mode = TEXTS_JSON, .place = TEXTS_AT (SYSTEM) },
    { .key = "responseJsonSchema", .mode = TEXTS_JSON, .place = TEXTS_AT (SYSTEM) },
    { .key = "stopSequences" },
    TEXTS_ROW_OPAQUE ("responseMimeType"),
    TEXTS_ROW_OPAQUE ("responseModalities"),
    TEXTS_ROW_OPAQUE ("mediaResolution"),
    TEXTS_ROW_SKIP ("speechConfig"),
    TEXTS_ROW_SKIP ("imageConfig"),
    TEXTS_ROW_SKIP ("thinkingConfig"),
    { 0 },
};
static const texts_shape_t s_config = { .rows = s_config_rows };

//  The last two are whole requests inside of another one.
static const texts_shape_t s_request;
static const texts_row_t s_request_rows[] = {
    { .key = "contents", .shape = &s_turn },
    { .key = "content", .shape = &s_content },
    { .key = "systemInstruction", .place = TEXTS_AT (SYSTEM), .shape = &s_content },
    { .key = "tools", .place = TEXTS_AT (TOOL_OFFER), .shape = &s_offer },
    { .key = "generationConfig", .shape = &s_config },
    TEXTS_ROW_SKIP ("toolConfig"),
    TEXTS_ROW_SKIP ("safetySettings"),
    TEXTS_ROW_SKIP ("labels"),
    TEXTS_ROW_SKIP ("modelArmorConfig"),
    TEXTS_ROW_OPAQUE ("cachedContent"),
    TEXTS_ROW_OPAQUE ("serviceTier"),
    TEXTS_ROW_OPAQUE ("taskType"),
    { .key = "generateContentRequest", .shape = &s_request },
    { .key = "requests", .shape = &s_request },
    { 0 },
};
static const texts_shape_t s_request = { .rows = s_request_rows };

//  ---- answers; an event is one

static const texts_row_t s_candidate_rows[] = {
    { .key = "content", .shape = &s_content },
    { .key = "finishReason", .mode = TEXTS_OPAQUE, .end = TEXTS_MAY_END_CHOICE },
    { .key = "logprobsResult", .mode = TEXTS_REPEATED },
    { .key = "groundingMetadata", .shape = &texts_made },
    { .key = "citationMetadata", .shape = &texts_made },
    { .key = "urlContextMetadata", .shape = &texts_made },
    TEXTS_ROW_SKIP ("safetyRatings"),
    { 0 },
};
static const texts_shape_t s_candidate = {
    .rows = s_candidate_rows,
    .looks = { "index" },
    .enter = texts_enter_choice,
};

static const texts_row_t s_feedback_rows[] = {
    { .key = "blockReason", .mode = TEXTS_OPAQUE, .end = TEXTS_MAY_END_ALL },
    TEXTS_ROW_SKIP ("safetyRatings"),
    { 0 },
};
static const texts_shape_t s_feedback = { .rows = s_feedback_rows };

static const texts_shape_t s_error;
static const texts_row_t s_error_rows[] = {
    { .key = "details", .shape = &s_error },
    { .key = "metadata", .shape = &texts_made },
    { .key = "status" },
    TEXTS_ROW_OPAQUE ("@type"),
    { 0 },
};
static const texts_shape_t s_error = { .rows = s_error_rows };

static const texts_row_t s_answer_rows[] = {
    { .key = "candidates", .shape = &s_candidate },
    { .key = "promptFeedback", .shape = &s_feedback },
    { .key = "error", .shape = &s_error, .end = TEXTS_ENDS_ALL },
    TEXTS_ROW_SKIP ("usageMetadata"),
    TEXTS_ROW_SKIP ("embedding"),
    TEXTS_ROW_SKIP ("embeddings"),
    TEXTS_ROW_OPAQUE ("modelVersion"),
    TEXTS_ROW_OPAQUE ("responseId"),
    TEXTS_ROW_OPAQUE ("createTime"),
    { 0 },
};
static const texts_shape_t s_answer = { .rows = s_answer_rows };

const texts_protocol_t gemini_texts = {
    .request = &s_request,
    .answer = &s_answer,
    .event = &s_answer,
    .snake = true,
    .parted = true,
};
