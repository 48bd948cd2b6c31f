//  chat_texts: where texts stand in requests, answers and chunks of Chat Completions, of the
//  legacy completions, and of the other operations that pass as OpenAI made them.

#include "broker/core/buf.h"
#include "broker/core/json_value.h"
#include "broker/proto/texts_shape.h"

//  ---- tools that are called

static const texts_row_t s_function_rows[] = {
    { .key = "name",
      .mode = TEXTS_OPAQUE,
      .kind = TEXTS_KIND_AROUND,
      .call = TEXTS_CALL_NAME },
    { .key = "arguments",
      .mode = TEXTS_JSON,
      .kind = TEXTS_KIND_AROUND,
      .call = TEXTS_CALL_ARGUMENTS },
    { 0 },
};

//  A function that is told with a name and all its arguments at once: mostly nothing of it
//  comes behind, and providers that do so give several calls the same index (P-33). Clients
//  that go by the index alone put it behind what stood there.
static void
s_enter_function (texts_walk_t *walk, texts_spot_t *spot, const json_row_t *rows)
{
    const json_row_t *name = &rows[0];
    const json_row_t *arguments = &rows[1];
    if (!texts_has_pieces (walk) || spot->closed)
        return;
    if (name->type != JSON_STRING || name->size <= 2 || arguments->type != JSON_STRING)
        return;
    br_buf_t text;
    br_buf_init (&text, arguments->size);
    int rc = json_string (texts_look (walk, arguments), arguments->size, &text, NULL);
    if (rc == 0 && json_members (text.data, text.size, NULL, 0, NULL) == 0)
        spot->closed = spot->joins = true;
    br_buf_free (&text);
}

static const texts_shape_t s_function = {
    .rows = s_function_rows,
    .looks = { "name", "arguments" },
    .enter = s_enter_function,
};

static const texts_row_t s_custom_rows[] = {
    { .key = "name",
      .mode = TEXTS_OPAQUE,
      .kind = TEXTS_KIND_INPUT,
      .call = TEXTS_CALL_NAME },
    { .key = "input", .kind = TEXTS_KIND_INPUT, .call = TEXTS_CALL_ARGUMENTS },
    { 0 },
};
static const texts_shape_t s_custom = { .rows = s_custom_rows };

static const texts_row_t s_call_rows[] = {
    { .key = "function", .shape = &s_function, .kind = TEXTS_KIND_ARGUMENTS },
    { .key = "custom", .shape = &s_custom },
    { 0 },
};

static void
s_enter_part (texts_walk_t *walk, texts_spot_t *spot, const json_row_t *rows)
{
    spot->part = texts_look_number (walk, &rows[0], (uint32_t) spot->item);
}

static void
s_enter_call (texts_walk_t *walk, texts_spot_t *spot, const json_row_t *rows)
{
    s_enter_part (walk, spot, rows);
    spot->id = texts_look_id (walk, &rows[1]);
}

static const texts_shape_t s_call = {
    .rows = s_call_rows,
    .looks = { "index", "id" },
    .enter = s_enter_call,
};

//  ---- content

//  OpenRouter's reasoning_details.
static const texts_row_t s_detail_rows[] = {
    { .key = "text", .kind = TEXTS_KIND_DETAIL },
    { .key = "summary", .kind = TEXTS_KIND_DETAIL_SUMMARY },
    { .key = "data", .mode = TEXTS_SKIP },
    { 0 },
};
static const texts_shape_t s_detail = {
    .rows = s_detail_rows,
    .looks = { "index" },
    .enter = s_enter_part,
};

static const texts_row_t s_sound_rows[] = {
    { .key = "data", .mode = TEXTS_SKIP },
    { .key = "transcript", .kind = TEXTS_KIND_SPOKEN },
    { 0 },
};
static const texts_shape_t s_sound = { .rows = s_sound_rows };

static const texts_row_t s_image_rows[] = {
    { .key = "detail", .mode = TEXTS_OPAQUE },
    { 0 },
};
static const texts_shape_t s_image = { .rows = s_image_rows };

static const texts_row_t s_file_rows[] = {
    { .key = "file_data", .mode = TEXTS_FILE },
    { 0 },
};
static const texts_shape_t s_file = {
    .rows = s_file_rows,
    .looks = { "filename", "mime_type" },
    .enter = texts_enter_file,
};

//  "thinking" is Mistral's, and holds parts again.
static const texts_shape_t s_part;
static const texts_row_t s_part_rows[] = {
    { .key = "text", .kind = TEXTS_KIND_AROUND },
    { .key = "refusal", .kind = TEXTS_KIND_REFUSAL },
    { .key = "thinking",
      .place = TEXTS_AT (REASONING),
      .shape = &s_part,
      .kind = TEXTS_KIND_THOUGHT },
    { .key = "input_audio", .shape = &s_sound },
    { .key = "audio", .shape = &s_sound },
    { .key = "file", .shape = &s_file },
    { .key = "image_url", .mode = TEXTS_URL, .shape = &s_image },
    { .key = "video_url", .mode = TEXTS_URL },
    { .key = "document_url", .mode = TEXTS_URL },
    { .key = "prompt_cache_breakpoint", .mode = TEXTS_SKIP },
    { 0 },
};
static const texts_shape_t s_part = { .rows = s_part_rows };

//  ---- messages, and what an answer says

static const texts_row_t s_message_rows[] = {
    { .key = "content", .shape = &s_part, .kind = TEXTS_KIND_TEXT },
    { .key = "refusal", .kind = TEXTS_KIND_REFUSAL },
    { .key = "reasoning_content",
      .place = TEXTS_AT (REASONING),
      .shape = &s_part,
      .kind = TEXTS_KIND_THOUGHT },
    { .key = "reasoning",
      .place = TEXTS_AT (REASONING),
      .shape = &s_part,
      .kind = TEXTS_KIND_THOUGHT_AGAIN },
    { .key = "reasoning_details", .place = TEXTS_AT (REASONING), .shape = &s_detail },
    { .key = "tool_calls", .place = TEXTS_AT (TOOL_CALL), .shape = &s_call },
    { .key = "function_call",
      .place = TEXTS_AT (TOOL_CALL),
      .shape = &s_function,
      .kind = TEXTS_KIND_FUNCTION },
    { .key = "audio", .shape = &s_sound },
    { .key = "annotations", .shape = &texts_made },
    { .key = "phase", .mode = TEXTS_OPAQUE },
    { 0 },
};
static const texts_shape_t s_said = { .rows = s_message_rows };

//  The name of a participant is told to the model; that of a tool is one.
static const texts_row_t s_spoken_rows[] = {
    { .key = "name" },
    { 0 },
};
static const texts_word_t s_message_words[] = {
    { .word = "system", .place = TEXTS_AT (SYSTEM) },
    { .word = "developer", .place = TEXTS_AT (SYSTEM) },
    { .word = "user", .place = TEXTS_AT (USER) },
    { .word = "assistant", .place = TEXTS_AT (ASSISTANT) },
    { .word = "tool", .place = TEXTS_AT (TOOL_RESULT), .shape = &s_said },
    { .word = "function", .place = TEXTS_AT (TOOL_RESULT), .shape = &s_said },
    { 0 },
};
static const texts_shape_t s_message = {
    .rows = s_spoken_rows,
    .outer = &s_said,
    .looks = { "role" },
    .words = s_message_words,
};

//  ---- requests

static const texts_shape_t s_offer;
static const texts_row_t s_offer_rows[] = {
    { .key = "parameters", .mode = TEXTS_JSON },
    { .key = "strict", .mode = TEXTS_OPAQUE },
    { .key = "syntax", .mode = TEXTS_OPAQUE },
    { .key = "function", .shape = &s_offer },
    { .key = "custom", .shape = &s_offer },
    { .key = "format", .shape = &s_offer },
    { .key = "grammar", .shape = &s_offer },
    { 0 },
};
static const texts_shape_t s_offer = { .rows = s_offer_rows };

//  The shape of an answer stands in the model's instructions.
static const texts_shape_t s_format;
static const texts_row_t s_format_rows[] = {
    { .key = "schema", .mode = TEXTS_JSON },
    { .key = "json_schema", .shape = &s_format },
    { 0 },
};
static const texts_shape_t s_format = { .rows = s_format_rows };

static const texts_row_t s_request_rows[] = {
    { .key = "messages", .shape = &s_message },
    { .key = "instructions", .place = TEXTS_AT (SYSTEM) },
    { .key = "input", .shape = &s_part },
    { .key = "prompt" },
    { .key = "stop" },
    { .key = "tools", .place = TEXTS_AT (TOOL_OFFER), .shape = &s_offer },
    { .key = "functions", .place = TEXTS_AT (TOOL_OFFER), .shape = &s_offer },
    { .key = "response_format",
      .mode = TEXTS_OPAQUE,
      .place = TEXTS_AT (SYSTEM),
      .shape = &s_format },
    { .key = "chat_template_kwargs", .place = TEXTS_AT (SYSTEM), .shape = &texts_free },
    { .key = "prediction", .place = TEXTS_AT (ASSISTANT), .shape = &s_said },
    TEXTS_ROW_SKIP ("tool_choice"),
    TEXTS_ROW_SKIP ("function_call"),
    TEXTS_ROW_SKIP ("metadata"),
    TEXTS_ROW_SKIP ("audio"),
    TEXTS_ROW_SKIP ("stream_options"),
    TEXTS_ROW_SKIP ("logit_bias"),
    TEXTS_ROW_SKIP ("thinking"),
    TEXTS_ROW_SKIP ("reasoning"),
    TEXTS_ROW_SKIP ("usage"),
    TEXTS_ROW_SKIP ("provider"),
    TEXTS_ROW_SKIP ("prompt_cache_options"),
    TEXTS_ROW_OPAQUE ("models"),
    TEXTS_ROW_OPAQUE ("transforms"),
    TEXTS_ROW_OPAQUE ("modalities"),
    TEXTS_ROW_OPAQUE ("user"),
    TEXTS_ROW_OPAQUE ("safety_identifier"),
    TEXTS_ROW_OPAQUE ("prompt_cache_key"),
    TEXTS_ROW_OPAQUE ("prompt_cache_retention"),
    TEXTS_ROW_OPAQUE ("service_tier"),
    TEXTS_ROW_OPAQUE ("reasoning_effort"),
    TEXTS_ROW_OPAQUE ("reasoning_format"),
    TEXTS_ROW_OPAQUE ("prompt_mode"),
    TEXTS_ROW_OPAQUE ("verbosity"),
    TEXTS_ROW_OPAQUE ("encoding_format"),
    TEXTS_ROW_OPAQUE ("input_type"),
    TEXTS_ROW_OPAQUE ("truncate"),
    TEXTS_ROW_OPAQUE ("truncation"),
    TEXTS_ROW_OPAQUE ("voice"),
    TEXTS_ROW_OPAQUE ("stream_format"),
    TEXTS_ROW_OPAQUE ("size"),
    TEXTS_ROW_OPAQUE ("quality"),
    TEXTS_ROW_OPAQUE ("style"),
    TEXTS_ROW_OPAQUE ("background"),
    TEXTS_ROW_OPAQUE ("moderation"),
    TEXTS_ROW_OPAQUE ("output_format"),
    { 0 },
};
static const texts_shape_t s_request = { .rows = s_request_rows };

//  ---- answers and chunks

//  "text" is of the legacy completions.
static const texts_row_t s_choice_rows[] = {
    { .key = "delta", .shape = &s_said },
    { .key = "message", .shape = &s_said, .kind = TEXTS_KIND_CLOSED },
    { .key = "text", .kind = TEXTS_KIND_TEXT },
    { .key = "logprobs", .mode = TEXTS_REPEATED },
    { .key = "finish_reason", .mode = TEXTS_OPAQUE, .end = TEXTS_MAY_END_CHOICE },
    TEXTS_ROW_OPAQUE ("native_finish_reason"),
    TEXTS_ROW_SKIP ("content_filter_results"),
    { 0 },
};
static const texts_shape_t s_choice = {
    .rows = s_choice_rows,
    .looks = { "index" },
    .enter = texts_enter_choice,
};

//  An item of images or embeddings.
static const texts_row_t s_datum_rows[] = {
    TEXTS_ROW_SKIP ("b64_json"),
    TEXTS_ROW_SKIP ("embedding"),
    { 0 },
};
static const texts_shape_t s_datum = { .rows = s_datum_rows };

static const texts_row_t s_answer_rows[] = {
    { .key = "choices", .shape = &s_choice },
    { .key = "error", .end = TEXTS_ENDS_ALL },
    { .key = "data", .shape = &s_datum },
    { .key = "segments", .shape = &texts_made },
    { .key = "words", .shape = &texts_made },
    TEXTS_ROW_SKIP ("usage"),
    TEXTS_ROW_SKIP ("prompt_filter_results"),
    TEXTS_ROW_SKIP ("metadata"),
    TEXTS_ROW_OPAQUE ("provider"),
    TEXTS_ROW_OPAQUE ("service_tier"),
    TEXTS_ROW_OPAQUE ("system_fingerprint"),
    TEXTS_ROW_OPAQUE ("obfuscation"),
    TEXTS_ROW_OPAQUE ("size"),
    TEXTS_ROW_OPAQUE ("quality"),
    TEXTS_ROW_OPAQUE ("background"),
    TEXTS_ROW_OPAQUE ("output_format"),
    TEXTS_ROW_OPAQUE ("language"),
    { 0 },
};
static const texts_shape_t s_answer = { .rows = s_answer_rows };

//  A transcription whose parts say once more what its "text" says.
static const texts_row_t s_transcript_rows[] = {
    { .key = "segments", .mode = TEXTS_REPEATED },
    { .key = "words", .mode = TEXTS_REPEATED },
    { 0 },
};
static const texts_shape_t s_transcript = { .rows = s_transcript_rows,
                                            .outer = &s_answer };

//  Without that text, or with two of them, its parts are the texts.
static void
s_enter_whole (texts_walk_t *walk, texts_spot_t *spot, const json_row_t *rows)
{
    (void) walk;
    if (rows[0].count == 1 && rows[0].type == JSON_STRING && rows[0].size > 2)
        spot->shape = &s_transcript;
}

static const texts_shape_t s_whole = {
    .outer = &s_answer,
    .looks = { "text" },
    .enter = s_enter_whole,
};

const texts_protocol_t chat_texts = {
    .request = &s_request,
    .answer = &s_whole,
    .event = &s_answer,
};
