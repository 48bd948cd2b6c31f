//  metrics_requests: a line, and the file that it goes to. One write a line, so that whoever
//  reads along sees whole ones.

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "actors/metrics/metrics_requests.h"
#include "broker/core/alloc.h"
#include "broker/core/json_writer.h"
#include "broker/core/money.h"
#include "broker/proto/attribution.h"

#define US_PER_MS 1000
#define SILENT_MS 60000 //  between two complaints

struct _metrics_requests_t {
    char *path;
    uint64_t bytes_max;
    unsigned keep;
    int fd;             //  -1 = it could not be opened again
    uint64_t size;      //  of the file, bytes
    uint64_t failed_ms; //  when it was told last that it fails; 0 = never
};

//  ---- the line

static void
s_write_who (json_writer_t *writer, const struct br_call_metered *call)
{
    br_attribution_t who;
    br_attribution_read (&who, call->who);
    json_put_string (writer, "account", who.account);
    json_put_string (writer, "session", who.session);
    json_put_string (writer, "run", who.run);
    json_put_string (writer, "agent", who.agent);
    json_put_string (writer, "step", who.step);
}

static void
s_write_cost (json_writer_t *writer, const struct br_call_metered *call)
{
    char cost[BR_MONEY_TEXT_MAX];
    br_money_print ((int64_t) call->cost_nusd, cost);
    if (call->cost_known)
        json_put_string (writer, "cost_usd", cost);
    else
        json_put_null (writer, "cost_usd");
}

static void
s_write_line (const struct br_call_metered *call, br_buf_t *out)
{
    json_writer_t writer = json_writer (out);
    bool has_error = call->code > BR_OK && call->code < BR_ERROR_COUNT;
    json_open (&writer, NULL, '{');
    json_put_integer (&writer, "time_ms", (int64_t) call->started_ms);
    json_put_string (&writer, "request_id", call->request_id);
    json_put_string (&writer, "route", call->route);
    json_put_string (&writer, "provider", call->provider);
    json_put_string (&writer, "model", call->model);
    json_put_string (&writer, "outcome", br_outcome_name ((unsigned) call->outcome));
    json_put_integer (&writer, "status", (int64_t) call->status);
    json_put_string (&writer, "error",
                     has_error ? br_code_label ((br_code_t) call->code) : "");
    json_put_bool (&writer, "stream", call->stream != 0);
    json_put_integer (&writer, "attempts", (int64_t) call->attempts);
    json_put_integer (&writer, "input_tokens", (int64_t) call->input_tokens);
    json_put_integer (&writer, "output_tokens", (int64_t) call->output_tokens);
    json_put_bool (&writer, "usage_known", call->usage_known != 0);
    s_write_cost (&writer, call);
    json_put_integer (&writer, "latency_ms", (int64_t) (call->latency_us / US_PER_MS));
    json_put_integer (&writer, "first_ms", (int64_t) (call->first_us / US_PER_MS));
    s_write_who (&writer, call);
    json_close (&writer, '}');
    br_buf_addc (out, '\n');
}

//  ---- the file

static void
s_make_folder (const char *path)
{
    const char *slash = strrchr (path, '/');
    char *folder = br_strf ("%.*s", slash ? (int) (slash - path) : 0, path);
    (void) mkdir (folder, 0700); //  the open tells
    free (folder);
}

static int
s_open (metrics_requests_t *self)
{
    struct stat is;
    s_make_folder (self->path);
    self->fd = open (self->path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NONBLOCK,
                     0600);
    if (self->fd < 0)
        return -1;
    if (fstat (self->fd, &is) == 0 && S_ISREG (is.st_mode)) {
        self->size = (uint64_t) is.st_size;
        return 0;
    }
    close (self->fd);
    self->fd = -1;
    errno = EINVAL;
    return -1;
}

//  Whether the path still leads to the open file.
static bool
s_is_there (const metrics_requests_t *self)
{
    struct stat is, there;
    return self->fd >= 0 && fstat (self->fd, &is) == 0 && stat (self->path, &there) == 0
           && is.st_ino == there.st_ino && is.st_dev == there.st_dev;
}

static void
s_close (metrics_requests_t *self)
{
    if (self->fd >= 0)
        close (self->fd);
    self->fd = -1;
}

//  PATH.1 becomes PATH.2, and so on; the last one goes.
static void
s_rotate (metrics_requests_t *self)
{
    s_close (self);
    char *to = br_strf ("%s.%u", self->path, self->keep);
    for (unsigned i = self->keep; i > 0; i--) {
        char *from = i > 1 ? br_strf ("%s.%u", self->path, i - 1)
                           : br_strdup (self->path);
        (void) rename (from, to); //  most are not there yet
        free (to);
        to = from;
    }
    if (self->keep == 0)
        (void) unlink (self->path);
    free (to);
}

static int
s_put (metrics_requests_t *self, const br_buf_t *line)
{
    if (line->overflow)
        return 0;
    if (self->size && self->size + line->size > self->bytes_max)
        s_rotate (self);
    if (!s_is_there (self)) {
        s_close (self);
        if (s_open (self))
            return -1;
    }
    ssize_t size = write (self->fd, line->data, line->size);
    self->size += size > 0 ? (uint64_t) size : 0;
    return size == (ssize_t) line->size ? 0 : -1;
}

int
metrics_requests_add (metrics_requests_t *self, const struct br_call_metered *call,
                      uint64_t now_ms, br_error_t *reterr)
{
    br_buf_t line;
    br_buf_init (&line, METRICS_REQUESTS_LINE_MAX);
    s_write_line (call, &line);
    int rc = s_put (self, &line);
    int reason = errno;
    br_buf_free (&line);
    if (rc == 0 || (self->failed_ms && now_ms < self->failed_ms + SILENT_MS))
        return 0;
    self->failed_ms = now_ms;
    return br_error_set (reterr, BR_ESYSTEM, "cannot write the log of requests %s: %s",
                         self->path, strerror (reason));
}

//  ---- life

metrics_requests_t *
metrics_requests_new (const char *path, uint64_t bytes_max, unsigned keep,
                      br_error_t *reterr)
{
    metrics_requests_t *self = BR_NEW (metrics_requests_t);
    self->path = br_strdup (path);
    self->bytes_max = bytes_max;
    self->keep = keep < METRICS_REQUESTS_KEEP_MAX ? keep : METRICS_REQUESTS_KEEP_MAX;
    if (s_open (self)) {
        br_error_set (
            reterr, BR_ECONFIG,
            "request_log.path: cannot open %s: %s; name a file in a folder that "
            "is there and can be written",
            path, strerror (errno));
        metrics_requests_destroy (&self);
    }
    return self;
}

void
metrics_requests_destroy (metrics_requests_t **self_p)
{
    if (!self_p || !*self_p)
        return;
    s_close (*self_p);
    free ((*self_p)->path);
    free (*self_p);
    *self_p = NULL;
}
