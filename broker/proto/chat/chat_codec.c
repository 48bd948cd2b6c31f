//  chat_codec: the table of OpenAI's Chat Completions.

#include "broker/proto/chat/chat_codec.h"
#include "broker/proto/chat/chat_parts.h"

const br_codec_t chat_codec = {
    .protocol = BR_PROTOCOL_CHAT,
    .name = "OpenAI Chat Completions",
    .label = "chat_completions",
    .tap = &chat_tap_reader,
    .read_call = chat_read_call,
    .write_call = chat_write_call,
    .read_reply = chat_read_reply,
    .write_reply = chat_write_reply,
    .reader_new = chat_reader_new,
    .reader_destroy = chat_reader_destroy,
    .read_event = chat_read_event,
    .read_mark = chat_read_mark,
    .read_end = chat_read_end,
    .writer_new = chat_writer_new,
    .writer_destroy = chat_writer_destroy,
    .write_delta = chat_write_delta,
    .write_error = chat_error_write,
    .status = chat_error_status,
};
