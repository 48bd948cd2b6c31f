//  completions_codec: the table of OpenAI's legacy Completions.

#include "broker/proto/chat/chat_codec.h"
#include "broker/proto/completions/completions_codec.h"
#include "broker/proto/completions/completions_parts.h"

//  Errors are in the words of OpenAI.
void
completions_write_error (br_code_t code, const char *text, br_text_t param, br_buf_t *out)
{
    json_writer_t writer = json_writer (out);
    json_open (&writer, NULL, '{');
    json_open (&writer, "error", '{');
    json_put_string (&writer, "message", text);
    json_put_string (&writer, "type", br_code_type (code));
    json_put (&writer, "param", param);
    json_put_string (&writer, "code", br_code_label (code));
    json_close (&writer, '}');
    json_close (&writer, '}');
}

const br_codec_t completions_codec = {
    .protocol = BR_PROTOCOL_COMPLETIONS,
    .name = "OpenAI Completions",
    .label = "completions",
    .tap = &chat_tap_reader, //  which looks at members that both have
    .read_call = completions_read_call,
    .write_call = completions_write_call,
    .read_reply = completions_read_reply,
    .write_reply = completions_write_reply,
    .reader_new = completions_reader_new,
    .reader_destroy = completions_reader_destroy,
    .read_event = completions_read_event,
    .read_mark = completions_read_mark,
    .read_end = completions_read_end,
    .writer_new = completions_writer_new,
    .writer_destroy = completions_writer_destroy,
    .write_delta = completions_write_delta,
    .write_error = completions_write_error,
    .status = br_code_status,
};
