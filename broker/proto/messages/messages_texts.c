//  messages_texts: where texts stand in requests, answers and events of Anthropic Messages.

#include <string.h>

#include "broker/proto/texts_shape.h"

//  ---- blocks

static const texts_shape_t s_block;

//  Of an image or document; "data" of a text is one, of any other a file.
static const texts_row_t s_source_rows[] = {
    { .key = "content", .shape = &s_block },
    { .key = "data", .mode = TEXTS_FILE },
    { 0 },
};
static const texts_row_t s_written_rows[] = {
    { .key = "content", .shape = &s_block },
    { 0 },
};
static const texts_shape_t s_written = { .rows = s_written_rows };

static const texts_row_t s_sealed_rows[] = {
    TEXTS_ROW_SKIP ("data"),
    { 0 },
};
static const texts_shape_t s_sealed = { .rows = s_sealed_rows };

static const texts_word_t s_source_words[] = {
    { .word = "text", .shape = &s_written },
    { 0 },
};
static const texts_shape_t s_source = {
    .rows = s_source_rows,
    .looks = { "type", "media_type" },
    .words = s_source_words,
    .enter = texts_enter_file,
};

static const texts_row_t s_block_rows[] = {
    { .key = "text", .kind = TEXTS_KIND_TEXT },
    { .key = "thinking", .place = TEXTS_AT (REASONING), .kind = TEXTS_KIND_THOUGHT },
    { .key = "name", .mode = TEXTS_OPAQUE, .call = TEXTS_CALL_NAME },
    { .key = "input",
      .mode = TEXTS_JSON,
      .place = TEXTS_AT (TOOL_CALL),
      .call = TEXTS_CALL_ARGUMENTS },
    { .key = "content", .shape = &s_block, .kind = TEXTS_KIND_CLOSED },
    { .key = "source", .shape = &s_source, .kind = TEXTS_KIND_CLOSED },
    { .key = "citations", .shape = &texts_made },
    TEXTS_ROW_OPAQUE ("error_code"),
    TEXTS_ROW_OPAQUE ("tool_name"),
    TEXTS_ROW_OPAQUE ("server_name"),
    TEXTS_ROW_SKIP ("caller"),
    { 0 },
};
enum {
    LOOK_TYPE,
    LOOK_IS_ERROR,
    LOOK_TEXT, //  of a block that has begun
    LOOK_THINKING
};

//  A call that the provider does. In any other the server's name tells clients nothing.
static const texts_row_t s_hosted_rows[] = {
    { .key = "server_name", .mode = TEXTS_OPAQUE, .call = TEXTS_CALL_SERVER },
    { 0 },
};
static const texts_shape_t s_hosted = { .rows = s_hosted_rows, .outer = &s_block };

static const texts_word_t s_block_words[] = {
    { .word = "mcp_tool_use", .shape = &s_hosted },
    { .word = "redacted_thinking", .shape = &s_sealed },
    { .word = "tool_result", .place = TEXTS_AT (TOOL_RESULT) },
    { .look = LOOK_IS_ERROR, .word = "true", .place = TEXTS_AT (TOOL_ERROR) },
    { 0 },
};

//  The provider's own tools have results of types of their own.
static void
s_enter_block (texts_walk_t *walk, texts_spot_t *spot, const json_row_t *rows)
{
    if (spot->place != BR_TEXT_TOOL_ERROR
        && texts_look_ends (walk, &rows[LOOK_TYPE], "_tool_result"))
        spot->place = BR_TEXT_TOOL_RESULT;
}

static const texts_shape_t s_block = {
    .rows = s_block_rows,
    .looks = { "type", "is_error" },
    .words = s_block_words,
    .enter = s_enter_block,
};

//  ---- requests

static const texts_row_t s_turn_rows[] = {
    { .key = "content", .shape = &s_block },
    { 0 },
};
static const texts_word_t s_turn_words[] = {
    { .word = "user", .place = TEXTS_AT (USER) },
    { .word = "assistant", .place = TEXTS_AT (ASSISTANT) },
    { .word = "system", .place = TEXTS_AT (SYSTEM) },
    { 0 },
};
static const texts_shape_t s_turn = {
    .rows = s_turn_rows,
    .looks = { "role" },
    .words = s_turn_words,
};

static const texts_row_t s_offer_rows[] = {
    { .key = "input_schema", .mode = TEXTS_JSON },
    { .key = "input_examples", .mode = TEXTS_JSON },
    TEXTS_ROW_OPAQUE ("allowed_callers"),
    { 0 },
};
static const texts_shape_t s_offer = { .rows = s_offer_rows };

//  What a server of tools is asked with is a secret that is meant for the provider.
static const texts_row_t s_server_rows[] = {
    TEXTS_ROW_OPAQUE ("authorization_token"),
    TEXTS_ROW_SKIP ("tool_configuration"),
    { 0 },
};
static const texts_shape_t s_server = { .rows = s_server_rows };

static const texts_shape_t s_output;
static const texts_row_t s_output_rows[] = {
    { .key = "schema", .mode = TEXTS_JSON },
    { .key = "format", .mode = TEXTS_OPAQUE, .shape = &s_output },
    TEXTS_ROW_OPAQUE ("effort"),
    { 0 },
};
static const texts_shape_t s_output = { .rows = s_output_rows };

static const texts_row_t s_request_rows[] = {
    { .key = "system", .place = TEXTS_AT (SYSTEM), .shape = &s_block },
    { .key = "messages", .shape = &s_turn },
    { .key = "tools", .place = TEXTS_AT (TOOL_OFFER), .shape = &s_offer },
    { .key = "context_management", .place = TEXTS_AT (SYSTEM), .shape = &texts_made },
    { .key = "output_config", .place = TEXTS_AT (SYSTEM), .shape = &s_output },
    { .key = "output_format", .place = TEXTS_AT (SYSTEM), .shape = &s_output },
    { .key = "mcp_servers", .place = TEXTS_AT (TOOL_OFFER), .shape = &s_server },
    { .key = "stop_sequences" },
    TEXTS_ROW_SKIP ("tool_choice"),
    TEXTS_ROW_SKIP ("metadata"),
    TEXTS_ROW_SKIP ("thinking"),
    TEXTS_ROW_SKIP ("container"),
    TEXTS_ROW_SKIP ("diagnostics"),
    TEXTS_ROW_OPAQUE ("service_tier"),
    TEXTS_ROW_OPAQUE ("inference_geo"),
    TEXTS_ROW_OPAQUE ("speed"),
    { 0 },
};
static const texts_shape_t s_request = { .rows = s_request_rows };

//  ---- answers and events

static const texts_row_t s_answer_rows[] = {
    { .key = "content", .shape = &s_block },
    { .key = "error", .end = TEXTS_ENDS_ALL },
    TEXTS_ROW_OPAQUE ("stop_reason"),
    TEXTS_ROW_OPAQUE ("category"),
    TEXTS_ROW_OPAQUE ("request_id"),
    TEXTS_ROW_SKIP ("usage"),
    TEXTS_ROW_SKIP ("container"),
    TEXTS_ROW_SKIP ("context_management"),
    { 0 },
};
static const texts_shape_t s_answer = { .rows = s_answer_rows };

static const texts_row_t s_delta_rows[] = {
    { .key = "text", .kind = TEXTS_KIND_TEXT },
    { .key = "thinking", .place = TEXTS_AT (REASONING), .kind = TEXTS_KIND_THOUGHT },
    { .key = "partial_json",
      .mode = TEXTS_JSON,
      .place = TEXTS_AT (TOOL_CALL),
      .kind = TEXTS_KIND_ARGUMENTS,
      .call = TEXTS_CALL_ARGUMENTS },
    { .key = "content", .shape = &s_block, .kind = TEXTS_KIND_COMPACT },
    { .key = "citation", .shape = &texts_made },
    //  What is held of a thought goes in front of it, and still more of one may come behind.
    { .key = "signature", .mode = TEXTS_OPAQUE, .end = TEXTS_MAY_END_CHOICE },
    TEXTS_ROW_OPAQUE ("stop_reason"),
    TEXTS_ROW_SKIP ("container"),
    { 0 },
};
static const texts_shape_t s_delta = { .rows = s_delta_rows };

//  The message of message_start has no blocks by the protocol. Clients put what comes with an
//  index behind the block that stands there: those are texts that have ended, as it seems.
static void
s_enter_begun (texts_walk_t *walk, texts_spot_t *spot, const json_row_t *rows)
{
    static const struct {
        unsigned look;
        unsigned kind;
    } pieces[] = {
        { LOOK_TEXT, TEXTS_KIND_TEXT },
        { LOOK_THINKING, TEXTS_KIND_THOUGHT },
    };
    s_enter_block (walk, spot, rows);
    spot->choice = (uint32_t) spot->item;
    texts_begin (walk, spot->choice);
    texts_spot_t piece = *spot;
    for (size_t i = 0; i < sizeof pieces / sizeof pieces[0]; i++) {
        const json_row_t *row = &rows[pieces[i].look];
        piece.kind = pieces[i].kind;
        if (row->type == JSON_STRING && row->size > 2)
            texts_end (walk, &piece, TEXTS_ENDS_CHANNEL);
    }
}

static const texts_shape_t s_begun_block = {
    .outer = &s_block,
    .looks = { "type", "is_error", "text", "thinking" },
    .words = s_block_words,
    .enter = s_enter_begun,
};
static const texts_row_t s_begun_rows[] = {
    { .key = "content", .shape = &s_begun_block },
    { 0 },
};
static const texts_shape_t s_begun = { .rows = s_begun_rows, .outer = &s_answer };

static const texts_row_t s_event_rows[] = {
    { .key = "message", .shape = &s_begun },
    { .key = "content_block", .shape = &s_block },
    { .key = "delta", .shape = &s_delta },
    { .key = "error", .end = TEXTS_ENDS_ALL },
    TEXTS_ROW_OPAQUE ("request_id"),
    TEXTS_ROW_SKIP ("usage"),
    TEXTS_ROW_SKIP ("context_management"),
    { 0 },
};

enum {
    LOOK_EVENT,
    LOOK_INDEX
};

//  What an event ends.
static void
s_enter_event (texts_walk_t *walk, texts_spot_t *spot, const json_row_t *rows)
{
    static const struct {
        const char *type;
        texts_end_t end;
    } ends[] = {
        { "content_block_stop", TEXTS_ENDS_CHOICE },
        { "message_delta", TEXTS_ENDS_ALL },
        { "message_stop", TEXTS_ENDS_ALL },
        { "error", TEXTS_ENDS_ALL },
    };
    spot->choice = texts_look_number (walk, &rows[LOOK_INDEX], 0);
    if (texts_look_is (walk, &rows[LOOK_EVENT], "content_block_start"))
        texts_begin (walk, spot->choice);
    for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++)
        if (texts_look_is (walk, &rows[LOOK_EVENT], ends[i].type))
            texts_end (walk, spot, ends[i].end);
}

static const texts_shape_t s_event = {
    .rows = s_event_rows,
    .looks = { "type", "index" },
    .enter = s_enter_event,
};

const texts_protocol_t messages_texts = {
    .request = &s_request,
    .answer = &s_answer,
    .event = &s_event,
};
