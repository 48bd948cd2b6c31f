//  mock_request: one HTTP/1.x request as the mock provider reads it. A body with a length
//  stays in the input; a chunked one is put together in a buffer of its own.

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "bench/mock_request.h"
#include "broker/core/alloc.h"

#define MASK_SHOWN 4  //  last bytes of a credential that the log shows
#define MASK_LEAST 12 //  bytes of a credential below which nothing is shown

typedef struct {
    const char *name;
    void (*take) (mock_request_t *self, const char *value);
} header_row_t;

void
mock_request_init (mock_request_t *self)
{
    memset (self, 0, sizeof *self);
    br_buf_init (&self->decoded, MOCK_BODY_MAX);
}

void
mock_request_free (mock_request_t *self)
{
    br_buf_free (&self->decoded);
}

void
mock_request_mask (char *ret_masked, size_t size, const char *value)
{
    const char *secret = strrchr (value, ' ');
    secret = secret ? secret + 1 : value;
    size_t secret_size = strlen (secret);
    const char *shown = secret_size >= MASK_LEAST ? secret + secret_size - MASK_SHOWN
                                                  : "";
    snprintf (ret_masked, size, "%.*s***%s", (int) (secret - value), value, shown);
}

//  Appends to the script; what does not fit is left out.
static void
s_add_script (mock_request_t *self, const char *text)
{
    size_t size = strlen (self->script);
    snprintf (self->script + size, sizeof self->script - size, "%s%s", size ? ";" : "",
              text);
}

//  "x-mock-gap-us: 5" is "gap_us=5".
static void
s_take_key (mock_request_t *self, const char *name, const char *value)
{
    char text[128];
    snprintf (text, sizeof text, "%s=%s", name, value);
    for (char *c = text; *c && *c != '='; c++)
        *c = *c == '-' ? '_' : (char) tolower ((unsigned char) *c);
    s_add_script (self, text);
}

static void
s_take_script (mock_request_t *self, const char *value)
{
    s_add_script (self, value);
}

static void
s_take_version (mock_request_t *self, const char *value)
{
    snprintf (self->version, sizeof self->version, "%s", value);
}

static void
s_take_authorization (mock_request_t *self, const char *value)
{
    mock_request_mask (self->authorization, sizeof self->authorization, value);
}

static void
s_take_api_key (mock_request_t *self, const char *value)
{
    mock_request_mask (self->api_key, sizeof self->api_key, value);
}

static void
s_take_length (mock_request_t *self, const char *value)
{
    self->length = strtoul (value, NULL, 10);
}

static void
s_take_encoding (mock_request_t *self, const char *value)
{
    self->is_chunked = strcasestr (value, "chunked") != NULL;
}

static void
s_take_connection (mock_request_t *self, const char *value)
{
    if (strcasestr (value, "close"))
        self->keep_alive = false;
    if (strcasestr (value, "keep-alive"))
        self->keep_alive = true;
}

static void
s_take_expect (mock_request_t *self, const char *value)
{
    self->expects = strcasestr (value, "100-continue") != NULL;
}

static const header_row_t s_headers[] = {
    { "x-mock", s_take_script },
    { "authorization", s_take_authorization },
    { "x-api-key", s_take_api_key },
    { "api-key", s_take_api_key },
    { "x-goog-api-key", s_take_api_key },
    { "content-length", s_take_length },
    { "transfer-encoding", s_take_encoding },
    { "connection", s_take_connection },
    { "expect", s_take_expect },
    { "anthropic-version", s_take_version },
};

//  line is a header without its end; a terminated, writable copy.
static void
s_header (mock_request_t *self, char *line)
{
    char *value = strchr (line, ':');
    if (!value)
        return;
    *value++ = 0;
    value += strspn (value, " \t");
    char first = (char) (line[0] | 0x20);
    if (first == 'x' && !strncasecmp (line, "x-mock-", 7))
        s_take_key (self, line + 7, value);
    for (size_t i = 0; i < sizeof s_headers / sizeof s_headers[0]; i++)
        if (s_headers[i].name[0] == first && !strcasecmp (line, s_headers[i].name))
            s_headers[i].take (self, value);
}

static int
s_request_line (mock_request_t *self, const char *line)
{
    int minor = 0;
    if (sscanf (line, "%15[A-Z] %511s HTTP/1.%d", self->method, self->path, &minor) != 3)
        return -1;
    self->keep_alive = minor > 0;
    return 0;
}

static int
s_head (mock_request_t *self, const uint8_t *data, size_t size)
{
    char *copy = br_alloc (size + 1, 1);
    memcpy (copy, data, size);
    char *rest;
    char *line = strtok_r (copy, "\r\n", &rest);
    int rc = line ? s_request_line (self, line) : -1;
    while (!rc) {
        line = strtok_r (NULL, "\r\n", &rest);
        if (!line)
            break;
        s_header (self, line);
    }
    free (copy);
    self->head_size = size;
    self->chunk_at = size;
    return rc || self->length > MOCK_BODY_MAX ? -1 : 0;
}

//  The place behind the line that starts at, or 0 when it is not complete.
static size_t
s_line_end (const br_buf_t *input, size_t at)
{
    if (at >= input->size)
        return 0;
    const uint8_t *end = memchr (input->data + at, '\n', input->size - at);
    return end ? (size_t) (end - input->data) + 1 : 0;
}

//  Trailers end with an empty line. Returns as mock_request_parse.
static int
s_trailers (mock_request_t *self, const br_buf_t *input, size_t at)
{
    for (;;) {
        size_t end = s_line_end (input, at);
        if (!end)
            return 0;
        if (end - at <= 2) {
            self->used = end;
            return 1;
        }
        at = end;
    }
}

static int
s_chunks (mock_request_t *self, const br_buf_t *input)
{
    for (;;) {
        size_t start = s_line_end (input, self->chunk_at);
        if (!start)
            return 0;
        char digits[17] = "";
        size_t line = start - self->chunk_at;
        memcpy (digits, input->data + self->chunk_at, line < 16 ? line : 16);
        char *end;
        size_t size = strtoul (digits, &end, 16);
        if (end == digits || size > MOCK_BODY_MAX)
            return -1;
        if (size == 0)
            return s_trailers (self, input, start);
        if (input->size < start + size + 2)
            return 0;
        if (br_buf_add (&self->decoded, input->data + start, size))
            return -1;
        self->chunk_at = start + size + 2;
    }
}

static int
s_body (mock_request_t *self, const br_buf_t *input)
{
    if (self->is_chunked) {
        int rc = s_chunks (self, input);
        self->body = self->decoded.data;
        self->body_size = self->decoded.size;
        return rc;
    }
    if (input->size < self->head_size + self->length)
        return 0;
    self->body = input->data + self->head_size;
    self->body_size = self->length;
    self->used = self->head_size + self->length;
    return 1;
}

int
mock_request_parse (mock_request_t *self, const br_buf_t *input)
{
    if (!self->head_size) {
        if (input->size == 0)
            return 0;
        const uint8_t *end = memmem (input->data, input->size, "\r\n\r\n", 4);
        if (!end)
            return input->size > MOCK_HEAD_MAX ? -1 : 0;
        if (s_head (self, input->data, (size_t) (end - input->data) + 4))
            return -1;
    }
    int rc = s_body (self, input);
    if (rc != 1)
        return rc;
    mock_peek (&self->peek, self->body, self->body_size);
    mock_peek_path (&self->peek, self->path);
    return 1;
}
