//  chat_texts: where texts stand in requests, answers and chunks of Chat Completions, of the
//  legacy completions, and of the other operations that pass as OpenAI made them.

#include "broker/core/buf.h"
#include "broker/core/json_value.h"
#include "broker/proto/texts_walk.h"

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

//  A function that is told with a name and all its arguments at once: nothing of it comes
//  behind, and providers that do so give several calls the same index (P-33).
static void
s_enter_function (texts_walk_t *walk, texts_spot_t *spot, const json_row_t *rows)
{
    const json_row_t *name = &rows[0];
    const json_row_t *arguments = &rows[1];
    if (name->type != JSON_STRING || name->size <= 2 || arguments->type != JSON_STRING)
        return;
    br_buf_t text;
    br_buf_init (&text, arguments->size);
    int rc = json_string (texts_look (walk, arguments), arguments->size, &text, NULL);
    if (rc == 0 && json_members (text.data, text.size, NULL, 0, NULL) == 0)
        spot->closed = true;
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

static const texts_shape_t s_call = {
    .rows = s_call_rows,
    .looks = { "index" },
    .enter = s_enter_part,
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
    { .key = "file_data", .mode = TEXTS_SKIP },
    { 0 },
};
static const texts_shape_t s_file = { .rows = s_file_rows };

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
    { .key = "phase", .mode = TEXTS_OPAQUE },
    { 0 },
};
static const texts_word_t s_message_words[] = {
    { .word = "system", .place = TEXTS_AT (SYSTEM) },
    { .word = "developer", .place = TEXTS_AT (SYSTEM) },
    { .word = "user", .place = TEXTS_AT (USER) },
    { .word = "assistant", .place = TEXTS_AT (ASSISTANT) },
    { .word = "tool", .place = TEXTS_AT (TOOL_RESULT) },
    { .word = "function", .place = TEXTS_AT (TOOL_RESULT) },
    { 0 },
};
static const texts_shape_t s_message = {
    .rows = s_message_rows,
    .looks = { "role" },
    .words = s_message_words,
};
static const texts_shape_t s_said = { .rows = s_message_rows };

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

#define OPAQUE(name)                                                                     \
    {                                                                                    \
        .key = name, .mode = TEXTS_OPAQUE                                                \
    }
#define SKIP(name)                                                                       \
    {                                                                                    \
        .key = name, .mode = TEXTS_SKIP                                                  \
    }

static const texts_row_t s_request_rows[] = {
    { .key = "messages", .shape = &s_message },
    { .key = "instructions", .place = TEXTS_AT (SYSTEM) },
    { .key = "input", .shape = &s_part },
    { .key = "tools", .place = TEXTS_AT (TOOL_OFFER), .shape = &s_offer },
    { .key = "functions", .place = TEXTS_AT (TOOL_OFFER), .shape = &s_offer },
    { .key = "response_format",
      .mode = TEXTS_OPAQUE,
      .place = TEXTS_AT (SYSTEM),
      .shape = &s_format },
    { .key = "prediction", .place = TEXTS_AT (ASSISTANT), .shape = &s_said },
    SKIP ("tool_choice"),
    SKIP ("function_call"),
    SKIP ("metadata"),
    SKIP ("audio"),
    SKIP ("stream_options"),
    SKIP ("logit_bias"),
    SKIP ("thinking"),
    SKIP ("reasoning"),
    SKIP ("usage"),
    SKIP ("provider"),
    SKIP ("prompt_cache_options"),
    SKIP ("chat_template_kwargs"),
    OPAQUE ("models"),
    OPAQUE ("transforms"),
    OPAQUE ("modalities"),
    OPAQUE ("user"),
    OPAQUE ("safety_identifier"),
    OPAQUE ("prompt_cache_key"),
    OPAQUE ("prompt_cache_retention"),
    OPAQUE ("service_tier"),
    OPAQUE ("reasoning_effort"),
    OPAQUE ("reasoning_format"),
    OPAQUE ("prompt_mode"),
    OPAQUE ("verbosity"),
    OPAQUE ("encoding_format"),
    OPAQUE ("input_type"),
    OPAQUE ("truncate"),
    OPAQUE ("truncation"),
    OPAQUE ("voice"),
    OPAQUE ("stream_format"),
    OPAQUE ("size"),
    OPAQUE ("quality"),
    OPAQUE ("style"),
    OPAQUE ("background"),
    OPAQUE ("moderation"),
    OPAQUE ("output_format"),
    { 0 },
};
static const texts_shape_t s_request = { .rows = s_request_rows };

//  ---- answers and chunks

static void
s_enter_choice (texts_walk_t *walk, texts_spot_t *spot, const json_row_t *rows)
{
    spot->choice = texts_look_number (walk, &rows[0], (uint32_t) spot->item);
}

//  "text" is of the legacy completions.
static const texts_row_t s_choice_rows[] = {
    { .key = "delta", .shape = &s_said },
    { .key = "message", .shape = &s_said, .kind = TEXTS_KIND_CLOSED },
    { .key = "text", .kind = TEXTS_KIND_TEXT },
    { .key = "logprobs", .mode = TEXTS_REPEATED },
    { .key = "finish_reason", .mode = TEXTS_OPAQUE, .end = TEXTS_ENDS_CHOICE },
    OPAQUE ("native_finish_reason"),
    SKIP ("content_filter_results"),
    { 0 },
};
static const texts_shape_t s_choice = {
    .rows = s_choice_rows,
    .looks = { "index" },
    .enter = s_enter_choice,
};

static const texts_row_t s_error_rows[] = {
    OPAQUE ("code"),
    OPAQUE ("param"),
    { 0 },
};
static const texts_shape_t s_error = { .rows = s_error_rows };

//  An item of images or embeddings.
static const texts_row_t s_datum_rows[] = {
    SKIP ("b64_json"),
    SKIP ("embedding"),
    { 0 },
};
static const texts_shape_t s_datum = { .rows = s_datum_rows };

static const texts_row_t s_answer_rows[] = {
    { .key = "choices", .shape = &s_choice },
    { .key = "error", .shape = &s_error, .end = TEXTS_ENDS_ALL },
    { .key = "data", .shape = &s_datum },
    SKIP ("usage"),
    SKIP ("prompt_filter_results"),
    SKIP ("metadata"),
    OPAQUE ("provider"),
    OPAQUE ("service_tier"),
    OPAQUE ("system_fingerprint"),
    OPAQUE ("obfuscation"),
    OPAQUE ("code"),
    OPAQUE ("size"),
    OPAQUE ("quality"),
    OPAQUE ("background"),
    OPAQUE ("output_format"),
    OPAQUE ("language"),
    { 0 },
};
static const texts_shape_t s_answer = { .rows = s_answer_rows };

const texts_protocol_t chat_texts = {
    .request = &s_request,
    .answer = &s_answer,
    .event = &s_answer,
};
