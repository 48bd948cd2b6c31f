//  mock_reply: the bytes of one answer of the mock provider, piece by piece. Answers are
//  padded to a fixed size, so that two runs move the same number of bytes.

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <openssl/evp.h>

#include "bench/mock_error.h"
#include "bench/mock_replay.h"
#include "bench/mock_reply.h"
#include "bench/mock_serve.h"
#include "bench/mock_talk.h"
#include "broker/core/alloc.h"

#define SINGLE_BYTES 820 //  of a plain answer, by default
#define EVENT_BYTES 190  //  of a stream's event, by default
#define ECHO_BYTES 48    //  of the request's body that an echo repeats
#define ERROR_MAX 4096
#define FILE_MAX (64 * 1024 * 1024)

struct _mock_reply_t {
    const mock_script_t *script;   //  borrowed
    const mock_request_t *request; //  borrowed
    mock_route_t route;
    mock_tape_t *tape; //  owned; NULL where the answer is made piece by piece
    int status;
    const char *type; //  content-type
    bool is_stream;
    int index;              //  pieces so far
    char why[160];          //  of an error answer; "" = the script's
    char echo[256];         //  members about the request's body; "" = none
    char echo_content[160]; //  the same as text of the answer
    br_buf_t recorded;      //  the file's bytes
    size_t recorded_at;     //  place of the next event
};

void
mock_reply_digest (char ret_hex[65], const uint8_t *bytes, size_t size)
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned int digest_size = 0;
    EVP_Digest (size ? bytes : (const uint8_t *) "", size, digest, &digest_size,
                EVP_sha256 (), NULL);
    for (int i = 0; i < 32; i++)
        snprintf (ret_hex + 2 * i, 3, "%02x", digest[i]);
}

//  Remembers size, digest and first bytes of the request's body, in both spellings.
static void
s_echo (mock_reply_t *self)
{
    const mock_request_t *request = self->request;
    char hex[65];
    mock_reply_digest (hex, request->body, request->body_size);
    char head[ECHO_BYTES + 1];
    size_t size = request->body_size < ECHO_BYTES ? request->body_size : ECHO_BYTES;
    for (size_t i = 0; i < size; i++) {
        uint8_t c = request->body[i];
        head[i] = c < 0x20 || c > 0x7e || c == '"' || c == '\\' ? '.' : (char) c;
    }
    head[size] = 0;
    snprintf (
        self->echo, sizeof self->echo,
        ",\"mock\":{\"body_bytes\":%zu,\"body_sha256\":\"%s\",\"body_head\":\"%s\"}",
        request->body_size, hex, head);
    snprintf (self->echo_content, sizeof self->echo_content, "bytes=%zu sha256=%s ",
              request->body_size, hex);
}

static int
s_load (br_buf_t *bytes, const char *folder, const char *name)
{
    char path[4096];
    snprintf (path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen (path, "rb");
    if (!file)
        return -1;
    char part[16384];
    size_t size;
    while ((size = fread (part, 1, sizeof part, file)) > 0)
        br_buf_add (bytes, part, size);
    fclose (file);
    return 0;
}

static bool
s_ends (const char *text, const char *end)
{
    size_t size = strlen (text);
    return size >= strlen (end) && !strcmp (text + size - strlen (end), end);
}

static void
s_recorded (mock_reply_t *self, const char *files)
{
    const char *name = self->script->file;
    if (!files || s_load (&self->recorded, files, name)) {
        mock_reply_refuse (self, 500, "mock: no such file in --files");
        return;
    }
    self->is_stream = s_ends (name, ".sse");
    if (self->is_stream)
        self->type = "text/event-stream";
}

//  What is known in advance: recordings, the scripted conversation, lists. True where
//  this is such an answer, or there is none.
static bool
s_tape (mock_reply_t *self, const mock_shelf_t *shelf)
{
    const mock_request_t *request = self->request;
    const char *recording = mock_replay_name (request->peek.model);
    bool is_answer = self->route.action == MOCK_ANSWER;
    if (is_answer && self->route.protocol == MOCK_CHAT && !self->script->tools
        && !self->script->greet && !recording)
        return false;
    if (recording)
        self->tape = mock_replay_new (shelf->corpus, recording, self->route.form);
    else if (is_answer && self->script->greet)
        self->tape = mock_talk_greeting (&self->route, request);
    else if (is_answer)
        self->tape = mock_talk_new (&self->route, request, self->script->strict);
    else
        self->tape = mock_serve_new (&self->route, request, shelf->models, shelf->recall);
    if (!self->tape) {
        mock_reply_refuse (self, recording ? 500 : 404,
                           recording ? "mock: no such recording in --corpus"
                                     : "mock: no such path");
        return true;
    }
    self->status = mock_tape_status (self->tape);
    self->is_stream = mock_tape_form (self->tape) != MOCK_PLAIN;
    self->type = mock_tape_type (self->tape);
    return true;
}

mock_reply_t *
mock_reply_new (const mock_script_t *script, const mock_request_t *request,
                const mock_shelf_t *shelf)
{
    mock_reply_t *self = BR_NEW (mock_reply_t);
    self->script = script;
    self->request = request;
    self->status = script->status;
    self->type = script->html ? "text/html" : "application/json";
    br_buf_init (&self->recorded, FILE_MAX);
    mock_route (&self->route, request);
    bool is_wrong = script->status >= 400 || script->html;
    if (script->file[0])
        s_recorded (self, shelf->files);
    else if (!is_wrong && !s_tape (self, shelf) && request->peek.stream) {
        self->is_stream = true;
        self->type = "text/event-stream";
    }
    if (script->echo_body)
        s_echo (self);
    return self;
}

void
mock_reply_destroy (mock_reply_t **self_p)
{
    if (!self_p || !*self_p)
        return;
    br_buf_free (&(*self_p)->recorded);
    mock_tape_destroy (&(*self_p)->tape);
    free (*self_p);
    *self_p = NULL;
}

void
mock_reply_refuse (mock_reply_t *self, int status, const char *why)
{
    self->status = status;
    self->is_stream = false;
    self->type = "application/json";
    snprintf (self->why, sizeof self->why, "%s", why);
}

int
mock_reply_status (const mock_reply_t *self)
{
    return self->status;
}

bool
mock_reply_is_stream (const mock_reply_t *self)
{
    return self->is_stream;
}

bool
mock_reply_is_chunked (const mock_reply_t *self)
{
    return self->is_stream || self->script->endless || self->script->gzip;
}

int
mock_reply_count (const mock_reply_t *self)
{
    return self->index;
}

void
mock_reply_head (const mock_reply_t *self, br_buf_t *out, size_t length)
{
    const mock_script_t *script = self->script;
    br_buf_addf (out, "HTTP/1.1 %d Mock\r\ncontent-type: %s\r\n", self->status,
                 script->mistyped ? "text/plain" : self->type);
    if (self->is_stream)
        br_buf_adds (out, "cache-control: no-cache\r\n");
    if (script->gzip)
        br_buf_adds (out, "content-encoding: gzip\r\n");
    bool is_late = self->status == 429 || self->status == 503;
    bool is_told = script->retry_after_s >= 0 && !script->no_retry_after;
    if (is_late && is_told && self->route.protocol != MOCK_GOOGLE)
        br_buf_addf (out, "retry-after: %d\r\n", script->retry_after_s);
    if (self->status >= 400 && script->should_retry >= 0)
        br_buf_addf (out, "x-should-retry: %s\r\n",
                     script->should_retry ? "true" : "false");
    if (self->status == 429)
        br_buf_adds (out, "x-ratelimit-limit-requests: 100\r\n"
                          "x-ratelimit-remaining-requests: 0\r\n");
    if (!self->request->keep_alive)
        br_buf_adds (out, "connection: close\r\n");
    bool is_messages = self->route.protocol == MOCK_MESSAGES;
    br_buf_addf (out, "%s: req-mock\r\n", is_messages ? "request-id" : "x-request-id");
    if (mock_reply_is_chunked (self))
        br_buf_adds (out, "transfer-encoding: chunked\r\n\r\n");
    else
        br_buf_addf (out, "content-length: %zu\r\n\r\n", length);
}

//  Fills the text of an answer up to the size wished for; tail is what still follows it.
static void
s_pad (br_buf_t *piece, size_t start, size_t wanted, const char *tail)
{
    static const char words[] = "lorem ipsum dolor sit amet consectetur adipiscing elit ";
    size_t used = piece->size - start + strlen (tail);
    while (used < wanted) {
        size_t part = wanted - used < sizeof words - 1 ? wanted - used : sizeof words - 1;
        br_buf_add (piece, words, part);
        used += part;
    }
    br_buf_adds (piece, tail);
}

static size_t
s_wanted (const mock_reply_t *self, size_t by_default)
{
    return self->script->size ? (size_t) self->script->size : by_default;
}

static const char *
s_model (const mock_reply_t *self)
{
    const char *model = self->request->peek.model;
    return model[0] ? model : "mock";
}

static void
s_error (const mock_reply_t *self, br_buf_t *piece, int status)
{
    if (self->why[0] || status != self->script->status)
        mock_error_body (piece, self->route.protocol, status, self->why);
    else
        mock_error_scripted (piece, self->route.protocol, self->script);
}

//  How the stream is framed; a recording may be one that was not asked for.
static mock_form_t
s_form (const mock_reply_t *self)
{
    if (self->tape)
        return mock_tape_form (self->tape);
    return self->route.form == MOCK_PLAIN ? MOCK_SSE : self->route.form;
}

//  An error in the middle of a stream.
static void
s_error_event (const mock_reply_t *self, br_buf_t *piece, int number)
{
    const char *type = self->route.protocol == MOCK_CHAT ? NULL : "error";
    br_buf_t payload;
    br_buf_init (&payload, ERROR_MAX);
    mock_error_event (&payload, self->route.protocol, 503, "", number);
    mock_tape_frame (self->route.protocol, s_form (self), type, payload.data,
                     payload.size, (size_t) number, piece);
    br_buf_free (&payload);
}

static void
s_completion (const mock_reply_t *self, br_buf_t *piece)
{
    static const char usage[] = "\",\"refusal\":null},\"logprobs\":null,"
                                "\"finish_reason\":\"stop\"}],\"usage\":{"
                                "\"prompt_tokens\":20,\"completion_tokens\":100,"
                                "\"total_tokens\":120}}";
    static const char bare[] = "\"},\"finish_reason\":\"stop\"}]}";
    size_t start = piece->size;
    br_buf_addf (piece,
                 "{\"id\":\"chatcmpl-mock\",\"object\":\"chat.completion\","
                 "\"created\":1700000000,\"model\":\"%s\"%s,"
                 "\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\","
                 "\"content\":\"%s",
                 s_model (self), self->echo, self->echo_content);
    s_pad (piece, start, s_wanted (self, SINGLE_BYTES),
           self->script->no_usage ? bare : usage);
}

//  One piece of a plain answer; only endless ones have another.
static bool
s_single (mock_reply_t *self, br_buf_t *piece)
{
    if (self->script->endless && self->index > 1)
        s_pad (piece, piece->size, s_wanted (self, SINGLE_BYTES), "");
    else if (self->why[0] || (self->status >= 400 && !self->script->html))
        s_error (self, piece, self->status);
    else if (self->script->html)
        br_buf_addf (
            piece,
            "<html><head><title>%d</title></head><body><h1>%d</h1></body></html>\n",
            self->status, self->status);
    else if (self->script->error_in_200)
        s_error (self, piece, 503);
    else
        s_completion (self, piece);
    return self->script->endless;
}

//  The next event of a recorded stream, or all of a recorded plain answer.
static bool
s_from_file (mock_reply_t *self, br_buf_t *piece)
{
    const uint8_t *at = self->recorded.data + self->recorded_at;
    size_t left = self->recorded.size - self->recorded_at;
    size_t size = left;
    if (self->is_stream && at && left) {
        const uint8_t *end = memmem (at, left, "\n\n", 2);
        const uint8_t *crlf = memmem (at, left, "\r\n\r\n", 4);
        if (crlf && (!end || crlf < end))
            end = crlf + 2;
        if (end)
            size = (size_t) (end - at) + 2;
    }
    br_buf_add (piece, at, size);
    self->recorded_at += size;
    return self->recorded_at < self->recorded.size;
}

//  An event whose JSON is broken off, framed as the others are.
static void
s_broken (const mock_reply_t *self, br_buf_t *piece, int number)
{
    static const char payload[] = "{\"choices\":[{\"delta\":{\"content\":\"bro";
    mock_tape_frame (self->route.protocol, s_form (self), "broken", payload,
                     sizeof payload - 1, (size_t) number, piece);
}

static void
s_chunk (const mock_reply_t *self, br_buf_t *piece, int number, uint64_t now_ns)
{
    if (number == self->script->bad_chunk) {
        s_broken (self, piece, number);
        return;
    }
    size_t start = piece->size;
    br_buf_addf (piece,
                 "data: {\"id\":\"chatcmpl-mock\",\"object\":\"chat.completion.chunk\","
                 "\"created\":1700000000,\"model\":\"%s\"%s,\"choices\":[{\"index\":0,"
                 "\"delta\":{%s\"content\":\"@%016llu %s",
                 s_model (self), number ? "" : self->echo,
                 number ? "" : "\"role\":\"assistant\",", (unsigned long long) now_ns,
                 number ? "" : self->echo_content);
    s_pad (piece, start, s_wanted (self, EVENT_BYTES),
           "\"},\"finish_reason\":null}]}\n\n");
}

//  The last piece: finish reason, usage and the end mark.
static void
s_tail (const mock_reply_t *self, br_buf_t *piece)
{
    static const char start[] = "data: {\"id\":\"chatcmpl-mock\","
                                "\"object\":\"chat.completion.chunk\","
                                "\"created\":1700000000,\"model\":\"";
    br_buf_addf (piece,
                 "%s%s\",\"choices\":[{\"index\":0,\"delta\":{},"
                 "\"finish_reason\":\"stop\"}]}\n\n",
                 start, s_model (self));
    if (!self->script->no_usage)
        br_buf_addf (piece,
                     "%s%s\",\"choices\":[],\"usage\":{\"prompt_tokens\":20,"
                     "\"completion_tokens\":%d,\"total_tokens\":%d}}\n\n",
                     start, s_model (self), self->script->chunks,
                     self->script->chunks + 20);
    if (!self->script->no_done)
        br_buf_adds (piece, "data: [DONE]\n\n");
}

static bool
s_from_tape (const mock_reply_t *self, br_buf_t *piece, size_t number)
{
    size_t count = mock_tape_count (self->tape);
    if (number < count)
        mock_tape_get (self->tape, number, piece);
    return number + 1 < count;
}

//  A stream that is not what it was meant to be: true where this is its last piece.
static bool
s_breaks (const mock_reply_t *self, br_buf_t *piece, int number)
{
    const mock_script_t *script = self->script;
    if (!self->is_stream
        || (script->end_after != number && script->error_after != number))
        return false;
    if (script->error_after == number)
        s_error_event (self, piece, number);
    return true;
}

//  The next piece of an answer that is made as it is sent.
static bool
s_made (mock_reply_t *self, br_buf_t *piece, int number, uint64_t now_ns)
{
    if (!self->is_stream)
        return s_single (self, piece);
    if (number < self->script->chunks || self->script->endless) {
        s_chunk (self, piece, number, now_ns);
        return true;
    }
    s_tail (self, piece);
    return false;
}

bool
mock_reply_next (mock_reply_t *self, br_buf_t *piece, uint64_t now_ns)
{
    int number = self->index++;
    if (s_breaks (self, piece, number))
        return false;
    if (self->script->file[0] && !self->why[0])
        return s_from_file (self, piece);
    if (self->script->error_in_200 && self->is_stream) {
        s_error_event (self, piece, number);
        return false;
    }
    if (self->tape && self->is_stream && self->script->bad_chunk == number) {
        s_broken (self, piece, number);
        return true;
    }
    if (self->tape && !self->why[0] && !self->script->error_in_200)
        return s_from_tape (self, piece, (size_t) number);
    return s_made (self, piece, number, now_ns);
}
