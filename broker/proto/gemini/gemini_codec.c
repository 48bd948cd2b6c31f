//  gemini_codec: the table.

#include "broker/proto/gemini/gemini_codec.h"
#include "broker/proto/gemini/gemini_parts.h"

const br_codec_t gemini_codec = {
    .protocol = BR_PROTOCOL_GOOGLE,
    .name = "Google Generative Language",
    .label = "generate_content",
    .tap = &gemini_tap_reader,
    .read_call = gemini_read_call,
    .write_call = gemini_write_call,
    .read_reply = gemini_read_reply,
    .write_reply = gemini_write_reply,
    .reader_new = gemini_reader_new,
    .reader_destroy = gemini_reader_destroy,
    .read_event = gemini_read_event,
    .read_mark = gemini_read_mark,
    .read_end = gemini_read_end,
    .writer_new = gemini_writer_new,
    .writer_destroy = gemini_writer_destroy,
    .write_delta = gemini_write_delta,
    .write_error = gemini_write_error,
    .status = gemini_error_status,
};
