//  messages_codec: the table of Anthropic Messages.

#include "broker/proto/messages/messages_parts.h"

const br_codec_t messages_codec = {
    .protocol = BR_PROTOCOL_MESSAGES,
    .name = "Anthropic Messages",
    .label = "messages",
    .tap = &messages_tap_reader,
    .read_call = messages_read_call,
    .write_call = messages_write_call,
    .read_reply = messages_read_reply,
    .write_reply = messages_write_reply,
    .reader_new = messages_reader_new,
    .reader_destroy = messages_reader_destroy,
    .read_event = messages_read_event,
    .read_mark = messages_read_mark,
    .read_end = messages_read_end,
    .writer_new = messages_writer_new,
    .writer_destroy = messages_writer_destroy,
    .write_delta = messages_write_delta,
    .write_error = messages_write_error,
    .status = messages_status,
};
