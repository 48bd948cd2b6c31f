//  http_outcome: curl's result codes as ends of a transfer.

#include <stdio.h>
#include <string.h>

#include "broker/net/http_outcome.h"

typedef struct {
    CURLcode code;
    http_end_t end;
    bool quotable; //  curl's words name hosts, files and system errors at most
} outcome_row_t;

//  Codes that are not here end as HTTP_END_OTHER.
static const outcome_row_t s_rows[] = {
    { CURLE_OK, HTTP_END_OK, false },
    { CURLE_COULDNT_RESOLVE_HOST, HTTP_END_DNS, true },
    { CURLE_COULDNT_RESOLVE_PROXY, HTTP_END_DNS, false }, //  may quote the proxy's URL
    { CURLE_COULDNT_CONNECT, HTTP_END_CONNECT, true },
    { CURLE_INTERFACE_FAILED, HTTP_END_CONNECT, true },
    { CURLE_PROXY, HTTP_END_CONNECT, true },
    { CURLE_OPERATION_TIMEDOUT, HTTP_END_TIMEOUT_CONNECT, false },
    { CURLE_SSL_CONNECT_ERROR, HTTP_END_TLS, true },
    { CURLE_PEER_FAILED_VERIFICATION, HTTP_END_TLS, true },
    { CURLE_SSL_CERTPROBLEM, HTTP_END_TLS, true },
    { CURLE_SSL_CIPHER, HTTP_END_TLS, true },
    { CURLE_SSL_CACERT_BADFILE, HTTP_END_TLS, true },
    { CURLE_SSL_CRL_BADFILE, HTTP_END_TLS, true },
    { CURLE_SSL_ISSUER_ERROR, HTTP_END_TLS, true },
    { CURLE_SSL_INVALIDCERTSTATUS, HTTP_END_TLS, true },
    { CURLE_SSL_CLIENTCERT, HTTP_END_TLS, true },
    { CURLE_USE_SSL_FAILED, HTTP_END_TLS, true },
    { CURLE_PARTIAL_FILE, HTTP_END_CUT, true },
    { CURLE_GOT_NOTHING, HTTP_END_RESET, true },
    { CURLE_SEND_ERROR, HTTP_END_RESET, true },
    { CURLE_RECV_ERROR, HTTP_END_RESET, true },
    { CURLE_HTTP2_STREAM, HTTP_END_RESET, true },
    { CURLE_HTTP2, HTTP_END_PROTOCOL, true },
    { CURLE_WEIRD_SERVER_REPLY, HTTP_END_PROTOCOL, false },
    { CURLE_UNSUPPORTED_PROTOCOL, HTTP_END_PROTOCOL, false }, //  HTTP/0.9
    { CURLE_BAD_CONTENT_ENCODING, HTTP_END_PROTOCOL, false },
    { CURLE_OUT_OF_MEMORY, HTTP_END_TOO_BIG, false }, //  a line over curl's 100 KB
};

static const char *const s_texts[] = {
    [HTTP_END_OK] = "complete",
    [HTTP_END_DNS] = "the provider's name has no address",
    [HTTP_END_CONNECT] = "the provider cannot be reached",
    [HTTP_END_TLS] = "no secure connection to the provider",
    [HTTP_END_TIMEOUT_CONNECT] = "no connection to the provider in time",
    [HTTP_END_TIMEOUT_FIRST] = "no first byte of the answer in time",
    [HTTP_END_TIMEOUT_IDLE] = "the answer stalled",
    [HTTP_END_TIMEOUT_TOTAL] = "the answer took too long in all",
    [HTTP_END_CUT] = "the answer ended before it was complete",
    [HTTP_END_RESET] = "the connection broke before the provider answered",
    [HTTP_END_PROTOCOL] = "the provider's answer is not valid HTTP",
    [HTTP_END_TOO_BIG] = "the header fields of the answer are too big",
    [HTTP_END_OTHER] = "the request failed",
};

static const outcome_row_t *
s_find (CURLcode code)
{
    for (size_t i = 0; i < sizeof s_rows / sizeof s_rows[0]; i++)
        if (s_rows[i].code == code)
            return &s_rows[i];
    return NULL;
}

static bool
s_is_before_request (http_end_t end)
{
    return end == HTTP_END_DNS || end == HTTP_END_CONNECT || end == HTTP_END_TLS;
}

static http_end_t
s_row_end (CURLcode code)
{
    const outcome_row_t *row = s_find (code);
    return row ? row->end : HTTP_END_OTHER;
}

http_end_t
http_outcome_end (const http_outcome_t *self)
{
    http_end_t end = s_row_end (self->code);
    //  curl 7.88 calls an answer that stops inside its header block a success
    if (end == HTTP_END_OK && !self->complete)
        end = HTTP_END_RESET;
    //  and a chunk without a size a receive error
    if (self->code == CURLE_RECV_ERROR && strstr (self->detail, "chunked-encoding"))
        return HTTP_END_PROTOCOL;
    if (self->lost || (s_is_before_request (end) && self->wrote))
        return HTTP_END_RESET;
    if (end == HTTP_END_RESET && self->answered)
        return HTTP_END_CUT;
    if (end == HTTP_END_CUT && !self->answered)
        return HTTP_END_RESET; //  a stream of a lost HTTP/2 connection
    if (end == HTTP_END_RESET && !self->connected)
        return HTTP_END_CONNECT; //  a proxy that hung up
    if (end == HTTP_END_TIMEOUT_CONNECT && self->connected)
        return HTTP_END_OTHER;
    if (end == HTTP_END_TOO_BIG && self->complete)
        return HTTP_END_OTHER;
    return end;
}

bool
http_outcome_sent (const http_outcome_t *self)
{
    bool unsure = self->code == CURLE_SEND_ERROR
                  || s_is_before_request (s_row_end (self->code));
    return unsure ? self->wrote : self->connected;
}

void
http_outcome_text (const http_outcome_t *self, http_end_t end, char *text, size_t room)
{
    const outcome_row_t *row = s_find (self->code);
    if (end != HTTP_END_OK && !self->lost && row && row->quotable && self->detail[0]) {
        snprintf (text, room, "%s: %s", s_texts[end], self->detail);
        return;
    }
    size_t size = strnlen (s_texts[end], room - 1);
    memcpy (text, s_texts[end], size);
    text[size] = 0;
}
