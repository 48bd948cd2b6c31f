//  responses_codec: the table of OpenAI Responses.
//
//  A request is a list of items: what was said, what was called, what came of it, and
//  what the model thought. responses_input.c makes turns of them, responses_input_write.c
//  makes them of turns. An answer is a list of items too, which a stream builds piece by
//  piece: responses_stream.c takes it apart, responses_stream_write.c puts one together.
//  A whole answer goes through the same reader, item by item.

#include "broker/proto/responses/responses_codec.h"
#include "broker/proto/responses/responses_parts.h"

const br_codec_t responses_codec = {
    .protocol = BR_PROTOCOL_RESPONSES,
    .name = "OpenAI Responses",
    .label = "responses",
    .tap = &responses_tap_reader,
    .read_call = responses_read_call,
    .write_call = responses_write_call,
    .read_reply = responses_read_reply,
    .write_reply = responses_write_reply,
    .reader_new = responses_reader_new,
    .reader_destroy = responses_reader_destroy,
    .read_event = responses_read_event,
    .read_mark = responses_read_mark,
    .read_end = responses_read_end,
    .writer_new = responses_writer_new,
    .writer_destroy = responses_writer_destroy,
    .writer_resume = responses_writer_resume,
    .write_delta = responses_write_delta,
    .write_error = responses_write_error,
    .status = responses_status,
};
