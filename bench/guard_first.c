//  guard_first: what rules add to the time to the first byte. Several servers are asked in
//  turn, one call at a time, so that whatever the machine does meanwhile happens to all.

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "broker/core/alloc.h"
#include "broker/core/buf.h"

#define PEERS_MAX 8
#define CALLS_MAX 1000000
#define WARM_CALLS 300
#define REQUEST_MAX 10000000 //  bytes
#define ANSWER_MAX 10000000  //  bytes

static const char s_usage[] =
    "usage: guard_first [--calls N] [--size N] [--stream 0] NAME=PORT NAME=PORT ...\n"
    "  the first one is what the others are compared with\n"
    "  --calls N    of each (4000)\n"
    "  --size N     bytes of a prompt (2048)\n"
    "  --pause N    ms in front of each call (3)\n"
    "  --stream 0   single answers, not streams\n";

typedef struct {
    const char *name;
    unsigned port;
    int fd;
    double *first; //  owned: us, by call
    double *last;  //  owned
} peer_t;

typedef struct {
    peer_t peers[PEERS_MAX];
    size_t count;
    size_t calls; //  of each
    size_t size;  //  bytes of a prompt
    long pause_ms;
    bool is_stream;
    br_buf_t body;
    br_buf_t request;
    br_buf_t answer;
} bench_t;

static void
s_die (const char *what, const char *why)
{
    fprintf (stderr, "guard_first: %s: %s\n", what, why);
    exit (1);
}

static double
s_now_us (void)
{
    struct timespec now;
    clock_gettime (CLOCK_MONOTONIC, &now);
    return (double) now.tv_sec * 1e6 + (double) now.tv_nsec / 1e3;
}

//  ---- a call

static void
s_connect (peer_t *peer)
{
    struct sockaddr_in address = { .sin_family = AF_INET,
                                   .sin_port = htons ((uint16_t) peer->port),
                                   .sin_addr.s_addr = htonl (INADDR_LOOPBACK) };
    int yes = 1;
    peer->fd = socket (AF_INET, SOCK_STREAM, 0);
    if (peer->fd < 0 || connect (peer->fd, (void *) &address, sizeof address) != 0)
        s_die (peer->name, "cannot be reached");
    setsockopt (peer->fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
}

static void
s_make_request (bench_t *self)
{
    static const char *const words[] = {
        "Please look at the service that we talked about and tell me what is wrong. ",
        "It began in March, when the second region was added; 14 of 250 hosts moved. ",
        "I would rather not change the schema, since three other teams read it. ",
    };
    br_buf_t *body = &self->body;
    br_buf_addf (
        body,
        "{\"model\":\"mock:mock\",\"stream\":%s,\"messages\":[{\"role\":\"user\","
        "\"content\":\"",
        self->is_stream ? "true" : "false");
    for (size_t i = 0; body->size < self->size; i++)
        br_buf_adds (body, words[i % 3]);
    br_buf_adds (body, "\"}]}");
    br_buf_addf (&self->request,
                 "POST /v1/chat/completions HTTP/1.1\r\nHost: 127.0.0.1\r\n"
                 "Content-Type: application/json\r\nContent-Length: %zu\r\n\r\n",
                 body->size);
    br_buf_add (&self->request, body->data, body->size);
}

//  Whether the answer is complete: the last chunk, or as many bytes as were announced.
static bool
s_is_whole (br_buf_t *answer)
{
    const char *text = br_buf_text (answer);
    const char *end = strstr (text, "\r\n\r\n");
    const char *length = strcasestr (text, "\r\ncontent-length:");
    if (!end)
        return false;
    if (length && length < end)
        return answer->size
               >= (size_t) (end + 4 - text) + strtoul (length + 17, NULL, 10);
    return answer->size >= 7
           && memcmp (answer->data + answer->size - 7, "\r\n0\r\n\r\n", 7) == 0;
}

static void
s_send (bench_t *self, const peer_t *peer)
{
    for (size_t at = 0; at < self->request.size;) {
        ssize_t sent = send (peer->fd, self->request.data + at, self->request.size - at,
                             MSG_NOSIGNAL);
        if (sent <= 0)
            s_die (peer->name, "the connection broke");
        at += (size_t) sent;
    }
}

static void
s_call (bench_t *self, peer_t *peer, size_t call)
{
    char bytes[65536];
    double begin = s_now_us (), first = 0, last = 0;
    br_buf_clear (&self->answer);
    s_send (self, peer);
    do {
        ssize_t some = recv (peer->fd, bytes, sizeof bytes, 0);
        last = s_now_us ();
        first = first > 0 ? first : last;
        if (some <= 0 || br_buf_add (&self->answer, bytes, (size_t) some))
            s_die (peer->name, "the connection broke, or the answer is too long");
    } while (!s_is_whole (&self->answer));
    if (strncmp (br_buf_text (&self->answer), "HTTP/1.1 200", 12) != 0)
        s_die (peer->name, br_buf_text (&self->answer));
    peer->first[call] = first - begin;
    peer->last[call] = last - begin;
}

//  Nothing is under way any more when the next call comes.
static void
s_pause (const bench_t *self)
{
    struct timespec pause = { self->pause_ms / 1000, self->pause_ms % 1000 * 1000000 };
    nanosleep (&pause, NULL);
}

//  All peers in each round, each round beginning with another one.
static void
s_measure (bench_t *self)
{
    for (size_t i = 0; i < WARM_CALLS + self->calls; i++)
        for (size_t k = 0; k < self->count; k++) {
            s_pause (self);
            s_call (self, &self->peers[(i + k) % self->count],
                    i < WARM_CALLS ? 0 : i - WARM_CALLS);
        }
}

//  ---- figures

static int
s_compare (const void *a, const void *b)
{
    double x = *(const double *) a, y = *(const double *) b;
    return (x > y) - (x < y);
}

static double
s_share (const double *sorted, size_t count, double share)
{
    return sorted[(size_t) ((double) (count - 1) * share)];
}

static void
s_print (const bench_t *self)
{
    printf ("%zu calls of each in turn, prompts of %zu bytes, %s; microseconds\n",
            self->calls, self->size, self->is_stream ? "streams" : "single answers");
    printf ("%-14s %9s %9s %9s %9s %11s\n", "", "first p50", "added", "first p99",
            "added", "last p50");
    double p50 = 0, p99 = 0;
    for (size_t k = 0; k < self->count; k++) {
        const peer_t *peer = &self->peers[k];
        qsort (peer->first, self->calls, sizeof *peer->first, s_compare);
        qsort (peer->last, self->calls, sizeof *peer->last, s_compare);
        double middle = s_share (peer->first, self->calls, 0.5);
        double late = s_share (peer->first, self->calls, 0.99);
        p50 = k ? p50 : middle;
        p99 = k ? p99 : late;
        printf ("%-14s %9.1f %+9.1f %9.1f %+9.1f %11.1f\n", peer->name, middle,
                middle - p50, late, late - p99, s_share (peer->last, self->calls, 0.5));
    }
}

//  ---- the program

static void
s_add_peer (bench_t *self, char *text)
{
    char *port = strchr (text, '=');
    if (!port || self->count == PEERS_MAX) {
        fputs (s_usage, stderr);
        exit (2);
    }
    *port = '\0';
    self->peers[self->count++] = (peer_t) {
        .name = text, .port = (unsigned) strtoul (port + 1, NULL, 10)
    };
}

static void
s_read_options (bench_t *self, int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        const char *value = i + 1 < argc ? argv[i + 1] : "";
        if (strncmp (argv[i], "--", 2) != 0) {
            s_add_peer (self, argv[i]);
            continue;
        }
        if (strcmp (argv[i], "--calls") == 0)
            self->calls = strtoul (value, NULL, 10);
        else if (strcmp (argv[i], "--size") == 0)
            self->size = strtoul (value, NULL, 10);
        else if (strcmp (argv[i], "--pause") == 0)
            self->pause_ms = strtol (value, NULL, 10);
        else if (strcmp (argv[i], "--stream") == 0)
            self->is_stream = *value != '0';
        i++;
    }
    if (self->count == 0 || self->calls == 0 || self->calls > CALLS_MAX) {
        fputs (s_usage, stderr);
        exit (2);
    }
}

int
main (int argc, char **argv)
{
    bench_t bench = { .calls = 4000, .size = 2048, .pause_ms = 3, .is_stream = true };
    s_read_options (&bench, argc, argv);
    br_buf_init (&bench.body, REQUEST_MAX);
    br_buf_init (&bench.request, REQUEST_MAX + 1000);
    br_buf_init (&bench.answer, ANSWER_MAX);
    s_make_request (&bench);
    for (size_t k = 0; k < bench.count; k++) {
        bench.peers[k].first = br_alloc (bench.calls, sizeof (double));
        bench.peers[k].last = br_alloc (bench.calls, sizeof (double));
        s_connect (&bench.peers[k]);
    }
    s_measure (&bench);
    s_print (&bench);
    for (size_t k = 0; k < bench.count; k++) {
        close (bench.peers[k].fd);
        free (bench.peers[k].last);
        free (bench.peers[k].first);
    }
    br_buf_free (&bench.answer);
    br_buf_free (&bench.request);
    br_buf_free (&bench.body);
    return 0;
}
