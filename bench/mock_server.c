//  mock_server: what all threads and connections of the mock provider share.

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "bench/mock_reply.h"
#include "bench/mock_server.h"
#include "bench/mock_wire.h"

#define LINE_MAX_BYTES 4096

int
mock_server_open (mock_server_t *self)
{
    pthread_mutex_init (&self->lock, NULL);
    self->log_fd = -1;
    if (self->record)
        self->shelf.recall = mock_recall_new (self->record);
    if (self->certificate) {
        self->tls = mock_wire_tls (self->certificate, self->key);
        if (!self->tls) {
            fprintf (stderr, "mock: cannot use %s with %s\n", self->certificate,
                     self->key);
            return -1;
        }
    }
    if (!self->log_path)
        return 0;
    bool is_stdout = !strcmp (self->log_path, "-");
    self->log_fd = is_stdout ? dup (STDOUT_FILENO)
                             : open (self->log_path,
                                     O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (self->log_fd < 0)
        fprintf (stderr, "mock: cannot write %s\n", self->log_path);
    return self->log_fd < 0 ? -1 : 0;
}

void
mock_server_close (mock_server_t *self)
{
    SSL_CTX_free (self->tls);
    mock_recall_destroy (&self->shelf.recall);
    if (self->log_fd >= 0)
        close (self->log_fd);
    pthread_mutex_destroy (&self->lock);
}

static uint64_t
s_hash (uint64_t hash, const char *text)
{
    for (; *text; text++)
        hash = (hash ^ (uint8_t) *text) * 1099511628211u;
    return hash;
}

//  Counts one use more and returns how many there were before.
static int
s_count (mock_server_t *self, const mock_request_t *request)
{
    uint64_t key = s_hash (14695981039346656037u, request->peek.model);
    key = s_hash (key ^ 1, request->script) | 1;
    int uses = 0;
    pthread_mutex_lock (&self->lock);
    for (size_t i = 0; i < MOCK_TALLIES_MAX; i++) {
        mock_tally_t *tally = &self->tallies[i];
        if (tally->key && tally->key != key)
            continue;
        tally->key = key;
        uses = tally->uses++;
        break;
    }
    pthread_mutex_unlock (&self->lock);
    return uses;
}

int
mock_server_script (mock_server_t *self, const mock_request_t *request,
                    mock_script_t *ret_script, char *ret_bad, size_t bad_size)
{
    *ret_script = self->script;
    if (mock_script_model (ret_script, request->peek.model, ret_bad, bad_size)
        || mock_script_header (ret_script, request->script, ret_bad, bad_size)) {
        *ret_script = self->script;
        return -1;
    }
    if (ret_script->times && s_count (self, request) >= ret_script->times) {
        int tools = ret_script->tools; //  which is no fault
        mock_script_init (ret_script);
        if (!self->script.times)
            *ret_script = self->script;
        ret_script->tools = tools;
    }
    return 0;
}

static void
s_text (br_buf_t *line, const char *name, const char *text)
{
    br_buf_addf (line, ",\"%s\":", name);
    br_buf_add_json (line, text, strlen (text));
}

void
mock_server_log (const mock_server_t *self, const mock_request_t *request,
                 const mock_ending_t *ending)
{
    if (self->log_fd < 0)
        return;
    char hex[65];
    mock_reply_digest (hex, request->body, request->body_size);
    br_buf_t line;
    br_buf_init (&line, LINE_MAX_BYTES);
    br_buf_adds (&line, "{\"ended\":");
    br_buf_add_json (&line, ending->how, strlen (ending->how));
    s_text (&line, "method", request->method);
    s_text (&line, "path", request->path);
    s_text (&line, "model", request->peek.model);
    br_buf_addf (&line, ",\"stream\":%s", request->peek.stream ? "true" : "false");
    s_text (&line, "authorization", request->authorization);
    s_text (&line, "api_key", request->api_key);
    br_buf_addf (&line, ",\"body_bytes\":%zu", request->body_size);
    s_text (&line, "body_sha256", hex);
    br_buf_addf (&line, ",\"status\":%d,\"chunks\":%d,\"bytes_sent\":%llu",
                 ending->status, ending->chunks, (unsigned long long) ending->bytes_sent);
    br_buf_addf (&line, ",\"ms\":%.3f,\"at_ns\":%llu}\n",
                 (double) (ending->ended_ns - ending->started_ns) / 1e6,
                 (unsigned long long) ending->ended_ns);
    ssize_t rc = write (self->log_fd, line.data, line.size);
    (void) rc; //  a full disk must not change what the mock answers
    br_buf_free (&line);
}
