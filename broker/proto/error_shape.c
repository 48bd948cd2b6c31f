//  error_shape: bodies and statuses are the codecs'; only the last event of a stream that
//  was passed on is made here, where no writer of a stream is at work.

#include <string.h>

#include "broker/proto/codec.h"
#include "broker/proto/error_shape.h"

static void
s_body (br_protocol_t protocol, br_code_t code, const char *text, br_buf_t *out)
{
    br_codec_of (protocol)->write_error (code, text, (br_text_t) { .at = NULL }, out);
}

#define LAST_NUMBER 2147483647 //  of an event: behind all that came

//  Its stream has a shape of its own for errors, which is flat. Events are numbered, and
//  clients want a number; how many came before is not known here.
static void
s_responses_event (br_code_t code, const char *text, br_buf_t *out)
{
    br_buf_addf (out, "event: error\ndata: {\"type\":\"error\",\"code\":\"%s\",",
                 br_code_label (code));
    br_buf_adds (out, "\"message\":");
    br_buf_add_json (out, text, strlen (text));
    br_buf_addf (out, ",\"param\":null,\"sequence_number\":%d}\n\n", LAST_NUMBER);
}

static void
s_messages_event (br_code_t code, const char *text, br_buf_t *out)
{
    br_buf_adds (out, "event: error\ndata: ");
    s_body (BR_PROTOCOL_MESSAGES, code, text, out);
    br_buf_adds (out, "\n\n");
}

//  Google ends lines with CRLF.
static void
s_google_event (br_code_t code, const char *text, br_buf_t *out)
{
    br_buf_adds (out, "data: ");
    s_body (BR_PROTOCOL_GOOGLE, code, text, out);
    br_buf_adds (out, "\r\n\r\n");
}

//  ---- public functions

typedef void (event_fn) (br_code_t code, const char *text, br_buf_t *out);

//  All others have the body as an event without a name.
static event_fn *const s_events[BR_PROTOCOL_COUNT] = {
    [BR_PROTOCOL_RESPONSES] = s_responses_event,
    [BR_PROTOCOL_MESSAGES] = s_messages_event,
    [BR_PROTOCOL_GOOGLE] = s_google_event,
};

void
br_error_shape_body (br_protocol_t protocol, br_code_t code, const char *text,
                     br_buf_t *out)
{
    s_body (protocol, code, text, out);
}

void
br_error_shape_event (br_protocol_t protocol, br_code_t code, const char *text,
                      br_buf_t *out)
{
    if (s_events[protocol]) {
        s_events[protocol](code, text, out);
        return;
    }
    br_buf_adds (out, "data: ");
    s_body (protocol, code, text, out);
    br_buf_adds (out, "\n\n");
}

unsigned
br_error_shape_status (br_protocol_t protocol, br_code_t code)
{
    return br_codec_of (protocol)->status (code);
}
