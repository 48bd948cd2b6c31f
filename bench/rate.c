//  rate: a load generator. At a constant rate it counts latency from the time at which a
//  request should have been sent; without a rate each connection asks again as soon as it
//  was answered. It reads CPU time of the processes named, so that cost and latency are
//  of one and the same run. One line of JSON comes out. bench/README.md tells more.

#include <arpa/inet.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "bench/rate_load.h"
#include "bench/rate_reply.h"
#include "broker/core/alloc.h"
#include "broker/core/buf.h"

#define BODY_MAX (64 * 1024 * 1024)
#define HEADERS_MAX 8192
#define READY_LIMIT_S 30.0

typedef struct {
    const char *url;
    const char *model;
    const char *body_path;
    size_t size; //  bytes of the body that is made
    bool is_stream;
    bool asks_ready;        //  --ready
    const char *write_path; //  --write
    double since_s;         //  epoch seconds
    br_buf_t headers;
    char host[64];
    char path[512];
    rate_plan_t plan;
    rate_cpu_t cpu;
} options_t;

static const char s_usage[] =
    "usage: rate --url http://A.B.C.D:PORT/PATH [options]\n"
    "  --connections N   that many at most under way, 1 by default\n"
    "  --rate R          requests a second; 0, the default: closed loop\n"
    "  --seconds S       of measurement, 3 by default\n"
    "  --warmup S        before it, 0.5 by default\n"
    "  --body FILE       what is posted; else a body is made of\n"
    "  --size N          bytes, 1024 by default\n"
    "  --write FILE      writes that body to a file, and ends\n"
    "  --model NAME      mock by default\n"
    "  --stream 1        asks for a stream\n"
    "  --header TEXT     one more header\n"
    "  --open N          opens N streams and holds them; says {\"open\":N}, then "
    "measures\n"
    "                    for --seconds, or with 0 holds until SIGTERM\n"
    "  --unread 1        reads the first bytes of what it holds, and no more\n"
    "  --pid NAME=P,P    CPU time of these processes\n"
    "  --ready 1         asks until the answer is 200, prints the milliseconds since\n"
    "  --since T         this time (epoch seconds)\n";

static volatile int s_stop; //  set by the signal handler, which has no other way

static void
s_on_signal (int number)
{
    (void) number;
    s_stop = 1;
}

//  Splits the address. Only numbers: a look-up has no place in a measurement.
static int
s_url (options_t *self)
{
    unsigned port;
    self->path[0] = '/';
    int fields = sscanf (self->url, "http://%63[0-9.]:%u/%510s", self->host, &port,
                         self->path + 1);
    self->plan.address = (struct sockaddr_in) {
        .sin_family = AF_INET,
        .sin_port = htons ((uint16_t) port),
    };
    if (fields < 2 || inet_pton (AF_INET, self->host, &self->plan.address.sin_addr) != 1)
        return -1;
    return 0;
}

//  A chat request of exactly size bytes, where that is possible: text as people write it,
//  with an escape here and there.
static void
s_make_body (const options_t *self, br_buf_t *body)
{
    static const char words[] =
        "The quick brown fox said \\\"jump\\\" and went over it.\\n";
    static const char tail[] = "\"}]}";
    br_buf_addf (body,
                 "{\"model\":\"%s\",%s\"messages\":[{\"role\":\"user\",\"content\":\"",
                 self->model, self->is_stream ? "\"stream\":true," : "");
    while (body->size + sizeof words + sizeof tail <= self->size)
        br_buf_add (body, words, sizeof words - 1);
    while (body->size + sizeof tail - 1 < self->size)
        br_buf_addc (body, 'x');
    br_buf_adds (body, tail);
}

static int
s_load_body (const char *path, br_buf_t *body)
{
    FILE *file = fopen (path, "rb");
    if (!file)
        return -1;
    char part[16384];
    size_t size;
    while ((size = fread (part, 1, sizeof part, file)) > 0)
        br_buf_add (body, part, size);
    fclose (file);
    return 0;
}

//  --write: the body into a file, for other load generators. Returns the exit code.
static int
s_write_body (const options_t *self)
{
    br_buf_t body;
    br_buf_init (&body, BODY_MAX);
    s_make_body (self, &body);
    FILE *file = fopen (self->write_path, "wb");
    size_t size = file ? fwrite (body.data, 1, body.size, file) : 0;
    bool is_good = file && fclose (file) == 0 && size == body.size;
    br_buf_free (&body);
    return is_good ? 0 : 1;
}

//  The whole request. "caller frees"
static char *
s_make_request (options_t *self)
{
    br_buf_t body;
    br_buf_t request;
    br_buf_init (&body, BODY_MAX);
    br_buf_init (&request, BODY_MAX + HEADERS_MAX);
    if (self->body_path && s_load_body (self->body_path, &body))
        return NULL;
    if (!self->body_path && !self->asks_ready)
        s_make_body (self, &body);
    br_buf_addf (&request, "%s %s HTTP/1.1\r\nhost: %s:%u\r\n",
                 self->asks_ready ? "GET" : "POST", self->path, self->host,
                 ntohs (self->plan.address.sin_port));
    if (body.size)
        br_buf_addf (&request,
                     "content-type: application/json\r\ncontent-length: %zu\r\n",
                     body.size);
    br_buf_add (&request, self->headers.data, self->headers.size);
    br_buf_adds (&request, "\r\n");
    br_buf_add (&request, body.data, body.size);
    br_buf_free (&body);
    return (char *) br_buf_take (&request, &self->plan.request_size);
}

//  ---- --ready

static double
s_epoch_s (void)
{
    struct timespec now;
    clock_gettime (CLOCK_REALTIME, &now);
    return (double) now.tv_sec + (double) now.tv_nsec / 1e9;
}

//  One question. Returns the status of the answer, 0 where there is none.
static int
s_ask_once (const options_t *self)
{
    rate_reply_t reply;
    rate_reply_init (&reply, NULL, NULL);
    struct timeval limit = { .tv_sec = 1 };
    int fd = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    setsockopt (fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    uint8_t bytes[4096];
    int rc = connect (fd, (const struct sockaddr *) &self->plan.address,
                      sizeof self->plan.address);
    if (!rc && send (fd, self->plan.request, self->plan.request_size, MSG_NOSIGNAL) < 0)
        rc = -1;
    while (!rc) {
        ssize_t size = recv (fd, bytes, sizeof bytes, 0);
        rc = size > 0 ? rate_reply_feed (&reply, bytes, (size_t) size) : -1;
    }
    close (fd);
    return reply.status;
}

static int
s_ready (const options_t *self)
{
    double started_s = self->since_s > 0 ? self->since_s : s_epoch_s ();
    double limit_s = s_epoch_s () + READY_LIMIT_S;
    while (!s_stop && s_epoch_s () < limit_s) {
        if (s_ask_once (self) == 200) {
            printf ("{\"ready_ms\":%.2f}\n", (s_epoch_s () - started_s) * 1000);
            return 0;
        }
        usleep (500);
    }
    printf ("{\"ready_ms\":null}\n");
    return 1;
}

//  ---- the measurement

static void
s_opened (void *arg, size_t open, size_t failed)
{
    (void) arg;
    printf ("{\"open\":%zu,\"failed\":%zu}\n", open, failed);
    fflush (stdout);
}

static void
s_print_hist (const char *name, const rate_hist_t *hist)
{
    if (!hist->count)
        return;
    printf (",\"%s_p50_us\":%.1f,\"%s_p99_us\":%.1f,\"%s_p999_us\":%.1f"
            ",\"%s_max_us\":%.1f,\"%s_mean_us\":%.1f",
            name, (double) rate_hist_at (hist, 0.5) / 1e3, name,
            (double) rate_hist_at (hist, 0.99) / 1e3, name,
            (double) rate_hist_at (hist, 0.999) / 1e3, name, (double) hist->most_ns / 1e3,
            name, (double) hist->sum_ns / (double) hist->count / 1e3);
}

static void
s_print_cpu (const rate_cpu_t *cpu, const rate_result_t *result)
{
    for (size_t i = 0; i < cpu->groups_size; i++) {
        const rate_group_t *group = &cpu->groups[i];
        double us = (double) group->used_ns / 1e3;
        printf (",\"cpu_%s_us\":%.0f", group->name, us);
        if (result->requests)
            printf (",\"cpu_%s_us_per_request\":%.2f", group->name,
                    us / (double) result->requests);
        if (result->events)
            printf (",\"cpu_%s_us_per_event\":%.3f", group->name,
                    us / (double) result->events);
    }
}

static void
s_print (const options_t *self, const rate_result_t *result)
{
    double window_s = result->window_s > 0 ? result->window_s : 1;
    printf ("{\"connections\":%zu,\"rate\":%.1f,\"seconds\":%.3f,\"requests\":%llu"
            ",\"rps\":%.1f,\"errors\":%llu,\"unfinished\":%llu,\"connects\":%llu"
            ",\"body_bytes\":%llu,\"events\":%llu,\"events_per_s\":%.1f,\"ended\":%llu",
            self->plan.connections, self->plan.rate, result->window_s,
            (unsigned long long) result->requests, (double) result->requests / window_s,
            (unsigned long long) result->errors, (unsigned long long) result->unfinished,
            (unsigned long long) result->connects,
            (unsigned long long) result->body_bytes, (unsigned long long) result->events,
            (double) result->events / window_s, (unsigned long long) result->ended);
    if (self->plan.holds)
        printf (",\"failed\":%llu,\"least_events\":%llu",
                (unsigned long long) result->failed, (unsigned long long) result->least);
    s_print_hist ("latency", &result->latency);
    if (result->events)
        s_print_hist ("first", &result->first);
    s_print_hist ("event", &result->event);
    s_print_cpu (&self->cpu, result);
    printf ("}\n");
}

static int
s_measure (options_t *self)
{
    rate_result_t *result = BR_NEW (rate_result_t);
    int rc = rate_load_run (&self->plan, &self->cpu, result, &s_stop);
    if (rc)
        perror ("rate: cannot start");
    else
        s_print (self, result);
    free (result);
    return rc ? 1 : 0;
}

//  ---- options

static int
s_option (options_t *self, const char *name, const char *value)
{
    if (!strcmp (name, "url"))
        self->url = value;
    else if (!strcmp (name, "model"))
        self->model = value;
    else if (!strcmp (name, "body"))
        self->body_path = value;
    else if (!strcmp (name, "write"))
        self->write_path = value;
    else if (!strcmp (name, "size"))
        self->size = strtoul (value, NULL, 10);
    else if (!strcmp (name, "stream"))
        self->is_stream = atoi (value) != 0;
    else if (!strcmp (name, "header"))
        br_buf_addf (&self->headers, "%s\r\n", value);
    else if (!strcmp (name, "connections"))
        self->plan.connections = strtoul (value, NULL, 10);
    else if (!strcmp (name, "open")) {
        self->plan.connections = strtoul (value, NULL, 10);
        self->plan.holds = self->is_stream = true;
    } else if (!strcmp (name, "unread"))
        self->plan.unread = atoi (value) != 0;
    else if (!strcmp (name, "rate"))
        self->plan.rate = strtod (value, NULL);
    else if (!strcmp (name, "seconds"))
        self->plan.seconds = strtod (value, NULL);
    else if (!strcmp (name, "warmup"))
        self->plan.warmup_s = strtod (value, NULL);
    else if (!strcmp (name, "pid"))
        return rate_cpu_add (&self->cpu, value);
    else if (!strcmp (name, "ready"))
        self->asks_ready = atoi (value) != 0;
    else if (!strcmp (name, "since"))
        self->since_s = strtod (value, NULL);
    else
        return -1;
    return 0;
}

static int
s_options (options_t *self, int argc, char **argv)
{
    for (int i = 1; i < argc; i += 2) {
        if (strncmp (argv[i], "--", 2) || i + 1 == argc
            || s_option (self, argv[i] + 2, argv[i + 1])) {
            fprintf (stderr, "rate: cannot use %s\n%s", argv[i], s_usage);
            return -1;
        }
    }
    bool is_bounded = self->plan.connections > 0
                      && self->plan.connections <= RATE_CONNECTIONS_MAX
                      && self->size <= BODY_MAX;
    if (!self->url || s_url (self) || !is_bounded) {
        fputs (s_usage, stderr);
        return -1;
    }
    return 0;
}

int
main (int argc, char **argv)
{
    options_t *self = BR_NEW (options_t);
    self->model = "mock";
    self->size = 1024;
    self->plan.connections = 1;
    self->plan.seconds = 3;
    self->plan.warmup_s = 0.5;
    self->plan.opened = s_opened;
    br_buf_init (&self->headers, HEADERS_MAX);
    int rc = s_options (self, argc, argv) ? 2 : 0;
    char *request = rc ? NULL : s_make_request (self);
    if (!rc && !request) {
        fprintf (stderr, "rate: cannot read %s\n", self->body_path);
        rc = 2;
    }
    struct sigaction action = { .sa_handler = s_on_signal };
    sigaction (SIGTERM, &action, NULL);
    sigaction (SIGINT, &action, NULL);
    self->plan.request = request;
    if (!rc && self->write_path)
        rc = s_write_body (self);
    else if (!rc)
        rc = self->asks_ready ? s_ready (self) : s_measure (self);
    free (request);
    br_buf_free (&self->headers);
    free (self);
    return rc;
}
