//  mock: a provider that is not there. Speaks the protocols of OpenAI, Anthropic and
//  Google over HTTP/1.1, is never the slow part of a measurement, and misbehaves on
//  request. The bench measures against it, and the tests use it as their fake provider;
//  bench/README.md has the list of what it can be told.

#include <arpa/inet.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bench/mock_conn.h"
#include "bench/mock_server.h"
#include "broker/core/alloc.h"

#define THREADS_MAX 64
#define BACKLOG 4096

typedef struct {
    mock_server_t *server; //  borrowed
    br_loop_t *loop;
    int listener;
    mock_conn_t *conns;
    pthread_t thread;
} worker_t;

static const char s_usage[] =
    "usage: mock [options] [--KEY VALUE ...]\n"
    "  --port N          127.0.0.1:N; 0, the default, takes a free one\n"
    "  --threads N       event loops, 1 by default\n"
    "  --log FILE        one JSON line for each request; - is stdout\n"
    "  --tls CERT KEY    PEM files\n"
    "  --files DIR       recorded answers for file=NAME\n"
    "  --corpus DIR      recorded answers for the models replay/PROTOCOL/CASE\n"
    "  --record N        keeps the last N requests for GET /mock/last and /mock/calls\n"
    "  --models A,B      what GET /v1/models lists\n"
    "  --script TEXT     defaults, as in the header x-mock: key=value;key=value\n"
    "  --KEY VALUE       the same for one key: status, chunks, gap_ms, size, ...\n";

static void
s_accept (void *arg, int fd, uint32_t events)
{
    (void) events;
    worker_t *self = arg;
    for (;;) {
        int client = accept4 (fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (client < 0)
            return;
        mock_conn_open (self->server, self->loop, &self->conns, client);
    }
}

static uint64_t
s_watch_stop (void *arg)
{
    worker_t *self = arg;
    if (atomic_load (&self->server->stopped))
        br_loop_stop (self->loop);
    return UINT64_MAX;
}

//  A listening socket, or -1. Each worker has its own on the same port; the first one
//  chooses it.
static int
s_listen (mock_server_t *server)
{
    int on = 1;
    int fd = socket (AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    struct sockaddr_in address = {
        .sin_family = AF_INET,
        .sin_port = htons ((uint16_t) server->port),
        .sin_addr.s_addr = htonl (INADDR_LOOPBACK),
    };
    socklen_t size = sizeof address;
    if (fd < 0)
        return -1;
    setsockopt (fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (server->threads > 1)
        setsockopt (fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on);
    if (bind (fd, (struct sockaddr *) &address, size) || listen (fd, BACKLOG)
        || getsockname (fd, (struct sockaddr *) &address, &size)) {
        close (fd);
        return -1;
    }
    server->port = ntohs (address.sin_port);
    return fd;
}

static int
s_worker_open (worker_t *self, mock_server_t *server)
{
    self->server = server;
    self->loop = br_loop_new (br_clock_real ());
    self->listener = s_listen (server);
    if (!self->loop || self->listener < 0) {
        fprintf (stderr, "mock: cannot listen on 127.0.0.1:%d: %s\n", server->port,
                 strerror (errno));
        return -1;
    }
    br_loop_hook (self->loop, s_watch_stop, self);
    return br_loop_watch (self->loop, self->listener, EPOLLIN, s_accept, self);
}

static void
s_worker_close (worker_t *self)
{
    if (!self->loop)
        return;
    mock_conn_close_all (&self->conns);
    if (self->listener >= 0)
        close (self->listener);
    br_loop_destroy (&self->loop);
}

static void *
s_worker_run (void *arg)
{
    br_loop_run (((worker_t *) arg)->loop);
    return NULL;
}

//  Runs the workers until SIGTERM or SIGINT. Returns the exit code.
static int
s_run (mock_server_t *server, worker_t *workers)
{
    sigset_t signals;
    sigemptyset (&signals);
    sigaddset (&signals, SIGTERM);
    sigaddset (&signals, SIGINT);
    pthread_sigmask (SIG_BLOCK, &signals, NULL);
    for (int i = 0; i < server->threads; i++)
        if (s_worker_open (&workers[i], server))
            return 1;
    printf ("listening on 127.0.0.1:%d\n", server->port);
    fflush (stdout);
    for (int i = 0; i < server->threads; i++)
        if (pthread_create (&workers[i].thread, NULL, s_worker_run, &workers[i]))
            abort ();
    int number;
    sigwait (&signals, &number);
    atomic_store (&server->stopped, true);
    for (int i = 0; i < server->threads; i++)
        br_loop_wake (workers[i].loop);
    for (int i = 0; i < server->threads; i++)
        pthread_join (workers[i].thread, NULL);
    return 0;
}

//  One option. Returns how many further arguments it took, or -1.
static int
s_option (mock_server_t *server, const char *name, char **values, int left)
{
    char bad[64];
    if (left < 1)
        return -1;
    if (!strcmp (name, "port"))
        server->port = atoi (values[0]);
    else if (!strcmp (name, "threads"))
        server->threads = atoi (values[0]);
    else if (!strcmp (name, "log"))
        server->log_path = values[0];
    else if (!strcmp (name, "files"))
        server->shelf.files = values[0];
    else if (!strcmp (name, "corpus"))
        server->shelf.corpus = values[0];
    else if (!strcmp (name, "record"))
        server->record = atoi (values[0]);
    else if (!strcmp (name, "models"))
        server->shelf.models = values[0];
    else if (!strcmp (name, "script"))
        return mock_script_header (&server->script, values[0], bad, sizeof bad) ? -1 : 1;
    else if (!strcmp (name, "tls") && left >= 2) {
        server->certificate = values[0];
        server->key = values[1];
        return 2;
    } else
        return mock_script_set (&server->script, name, values[0]) ? -1 : 1;
    return 1;
}

static int
s_options (mock_server_t *server, int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        int taken = strncmp (argv[i], "--", 2)
                        ? -1
                        : s_option (server, argv[i] + 2, argv + i + 1, argc - i - 1);
        if (taken < 0) {
            fprintf (stderr, "mock: cannot use %s\n%s", argv[i], s_usage);
            return -1;
        }
        i += taken;
    }
    if (server->threads < 1 || server->threads > THREADS_MAX) {
        fprintf (stderr, "mock: --threads is 1 to %d\n", THREADS_MAX);
        return -1;
    }
    if (server->record < 0 || server->record > MOCK_RECALL_MAX) {
        fprintf (stderr, "mock: --record is 0 to %d\n", MOCK_RECALL_MAX);
        return -1;
    }
    return 0;
}

int
main (int argc, char **argv)
{
    if (argc > 1 && !strcmp (argv[1], "--help")) {
        fputs (s_usage, stdout);
        return 0;
    }
    mock_server_t *server = BR_NEW (mock_server_t);
    worker_t *workers = br_alloc (THREADS_MAX, sizeof *workers);
    server->threads = 1;
    server->shelf.models = "mock";
    mock_script_init (&server->script);
    int rc = s_options (server, argc, argv) ? 2 : 0;
    if (!rc && mock_server_open (server))
        rc = 1;
    if (!rc)
        rc = s_run (server, workers);
    for (int i = 0; i < THREADS_MAX; i++)
        s_worker_close (&workers[i]);
    if (rc != 2)
        mock_server_close (server);
    free (workers);
    free (server);
    return rc;
}
