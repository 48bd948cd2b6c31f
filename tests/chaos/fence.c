//  fence: the host of an attempt is killed between its first bytes and the client's.
//
//      fence TOPOLOGY ROUNDS
//
//  Each round asks a route with two endpoints. The first one, alpha, is this program
//  itself: it answers the head and a first event, and its host is killed some moments
//  later, each round after another delay. The second one is the mock provider. What the
//  client gets must be one whole answer of the second, or tell of an error, or be cut; it
//  must never mix the two, repeat one, or look complete and be short.

#include <arpa/inet.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "broker/core/alloc.h"
#include "tests/place/client.h"
#include "tests/place/site.h"

#define ALPHAS 8 //  hosts alpha-1..: each is killed a few times only, since the
#define KILLS 4  //  supervisor waits longer each time; then all starts anew
#define DELAY_STEP_US 50
#define DELAYS 40
#define SILENCE_MS 20000
#define HOST_MS 20000
#define TRIES 1000
#define MARK "alpha says"

typedef struct {
    int listener;
    unsigned port;
    int wake[2]; //  a byte each time that alpha has sent its first event
    atomic_bool ended;
    pthread_t thread;
} alpha_t;

typedef enum {
    SECOND, //  a whole answer of the second endpoint
    FIRST,  //  bytes of the first one, then a clear end
    REFUSED,
    WRONG,
    NOT_ASKED
} verdict_t;

typedef struct {
    alpha_t alpha;
    char *folder;
    char *conf;
    const char *topology;
    unsigned mock_port;
    pid_t mock;
    site_t *site;
    unsigned counts[NOT_ASKED + 1];
} fence_t;

//  ---- alpha, a provider that never ends its answer

static void
s_send (int fd, const char *text)
{
    ssize_t rc = send (fd, text, strlen (text), MSG_NOSIGNAL);
    (void) rc; //  its host may be dead already
}

static void
s_send_event (int fd, unsigned number)
{
    char event[256], chunk[300];
    snprintf (event, sizeof event,
              "data: {\"id\":\"a\",\"object\":\"chat.completion.chunk\",\"created\":1,"
              "\"model\":\"a\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"" MARK
              " %u\"},\"finish_reason\":null}]}\n\n",
              number);
    snprintf (chunk, sizeof chunk, "%zx\r\n%s\r\n", strlen (event), event);
    s_send (fd, chunk);
}

static void
s_answer (alpha_t *self, int fd)
{
    char bytes[8192];
    size_t size = 0;
    ssize_t got = 1;
    while (got > 0 && size < sizeof bytes - 1 && !memmem (bytes, size, "}]", 2)) {
        got = recv (fd, bytes + size, sizeof bytes - 1 - size, 0);
        size += got > 0 ? (size_t) got : 0;
    }
    if (got <= 0)
        return;
    s_send (fd, "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n"
                "transfer-encoding: chunked\r\n\r\n");
    s_send_event (fd, 0);
    got = write (self->wake[1], "1", 1);
    for (unsigned number = 1; got > 0 && number < 20; number++) {
        site_pause_us (100);
        s_send_event (fd, number);
    }
    while (recv (fd, bytes, sizeof bytes, 0) > 0)
        ; //  until its host is gone
}

static void *
s_serve (void *arg)
{
    alpha_t *self = arg;
    while (!atomic_load (&self->ended)) {
        struct pollfd item = { .fd = self->listener, .events = POLLIN };
        if (poll (&item, 1, 20) <= 0)
            continue;
        int fd = accept (self->listener, NULL, NULL);
        struct timeval limit = { .tv_sec = 5 };
        setsockopt (fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
        s_answer (self, fd);
        close (fd);
    }
    return NULL;
}

static int
s_alpha_start (alpha_t *self)
{
    struct sockaddr_in address = { .sin_family = AF_INET };
    address.sin_addr.s_addr = htonl (INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    self->listener = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int rc = bind (self->listener, (struct sockaddr *) &address, size);
    rc |= listen (self->listener, 64);
    rc |= getsockname (self->listener, (struct sockaddr *) &address, &size);
    rc |= pipe (self->wake);
    self->port = ntohs (address.sin_port);
    return rc ? rc : pthread_create (&self->thread, NULL, s_serve, self);
}

static void
s_alpha_end (alpha_t *self)
{
    atomic_store (&self->ended, true);
    pthread_join (self->thread, NULL);
    close (self->listener);
    close (self->wake[0]);
    close (self->wake[1]);
}

//  ---- one round

static unsigned
s_count (const char *text, const char *word)
{
    unsigned count = 0;
    for (const char *at = strstr (text, word); at; at = strstr (at + 1, word))
        count++;
    return count;
}

//  Alpha's events that came must be the first ones, each once and in order.
static bool
s_is_in_order (const char *body)
{
    unsigned expected = 0;
    for (const char *at = strstr (body, MARK); at; at = strstr (at + 1, MARK))
        if (strtoul (at + strlen (MARK), NULL, 10) != expected++)
            return false;
    return true;
}

static verdict_t
s_judge (client_t *client)
{
    const char *body = client_body (client);
    unsigned first = s_count (body, MARK);
    unsigned second = s_count (body, "chatcmpl-mock");
    if (client_ended (client) == CLIENT_HUNG || (first && second))
        return WRONG;
    if (client_status (client) != 200)
        return client_ended (client) == CLIENT_CLEAN && client_is_error (client) ? REFUSED
                                                                                 : WRONG;
    if (first == 0 && client_is_complete (client))
        return s_count (body, "\"role\":\"assistant\"") == 1
                       && s_count (body, "data: [DONE]") == 1 && second == 4
                   ? SECOND
                   : WRONG;
    bool clear = client_ended (client) == CLIENT_CUT || client_is_error (client);
    bool once = s_count (body, "{\"error\":") <= 1 && !strstr (body, "[DONE]");
    return clear && once && s_is_in_order (body) ? FIRST : WRONG;
}

static void
s_drain (const alpha_t *alpha)
{
    struct pollfd item = { .fd = alpha->wake[0], .events = POLLIN };
    char byte;
    while (poll (&item, 1, 0) > 0 && read (alpha->wake[0], &byte, 1) > 0)
        ;
}

//  Waits for alpha's first event and kills its host some moments later. NOT_ASKED when
//  the answer comes without alpha: its host was up, but not yet in use.
static verdict_t
s_kill (const fence_t *self, client_t *client, pid_t pid, unsigned delay_us)
{
    struct pollfd item = { .fd = self->alpha.wake[0], .events = POLLIN };
    uint64_t until_ms = site_now_ms () + SILENCE_MS;
    while (poll (&item, 1, 1) <= 0)
        if (client_read (client, 0) != CLIENT_OPEN || site_now_ms () > until_ms)
            return client_ended (client) == CLIENT_CLEAN ? NOT_ASKED : WRONG;
    uint64_t until_ns = site_now_ns () + delay_us * 1000u;
    while (site_now_ns () < until_ns)
        ;
    if (kill (pid, SIGKILL))
        return WRONG;
    client_finish (client, SILENCE_MS);
    return s_judge (client);
}

static verdict_t
s_ask (fence_t *self, unsigned number, pid_t pid, unsigned delay_us)
{
    char body[256];
    snprintf (body, sizeof body,
              "{\"model\":\"route-%u\",\"stream\":true,\"messages\":[{\"role\":\"user\","
              "\"content\":\"hello\"}]}",
              number);
    client_request_t request = { "POST", "/v1/chat/completions", NULL, NULL,
                                 body,   strlen (body) };
    s_drain (&self->alpha);
    client_t *client = client_new (site_port (self->site));
    if (!client || client_send (client, &request)) {
        printf ("FAIL: nobody listens\n");
        client_destroy (&client);
        return WRONG;
    }
    verdict_t verdict = s_kill (self, client, pid, delay_us);
    if (verdict == WRONG)
        printf ("FAIL: route-%u, delay %u us, status %u, end %d:\n%s\n", number, delay_us,
                client_status (client), (int) client_ended (client),
                client_body (client));
    client_destroy (&client);
    return verdict;
}

static verdict_t
s_round (fence_t *self, unsigned round)
{
    char name[32];
    unsigned number = round % ALPHAS + 1;
    unsigned delay_us = round * 13 % DELAYS * DELAY_STEP_US;
    snprintf (name, sizeof name, "alpha-%u", number);
    verdict_t verdict = NOT_ASKED;
    for (int i = 0; verdict == NOT_ASKED && i < TRIES; i++) {
        if (site_await_host (self->site, name, 0, HOST_MS)) {
            printf ("FAIL: host %s does not come back\n", name);
            return WRONG;
        }
        verdict = s_ask (self, number, site_host (self->site, name).pid, delay_us);
    }
    return verdict;
}

//  ---- the whole

static char *
s_conf (unsigned alpha_port)
{
    br_buf_t text;
    br_buf_init (&text, 65536);
    br_buf_adds (&text, "providers:\n  beta: { api_protocol: openai, api_base: "
                        "\"http://127.0.0.1:@MOCK@/v1\" }\n");
    for (unsigned i = 1; i <= ALPHAS; i++)
        br_buf_addf (&text,
                     "  alpha-%u: { api_protocol: openai, api_base: "
                     "\"http://127.0.0.1:%u/v1\" }\n",
                     i, alpha_port);
    br_buf_adds (&text, "models:\n");
    for (unsigned i = 1; i <= ALPHAS; i++)
        br_buf_addf (&text,
                     "  route-%u:\n    strategy: priority\n    endpoints:\n"
                     "      - { provider: alpha-%u, service_id: a }\n"
                     "      - { provider: beta, service_id: mock-chunks3 }\n",
                     i, i);
    size_t size;
    br_buf_text (&text);
    text.size++; //  with its end
    return (char *) br_buf_take (&text, &size);
}

static int
s_begin (fence_t *self)
{
    site_destroy (&self->site);
    self->site = site_new (self->folder, self->topology, self->conf, self->mock_port);
    return self->site ? 0 : -1;
}

static int
s_run (fence_t *self, unsigned rounds)
{
    for (unsigned i = 0; i < rounds; i++) {
        if (i % (ALPHAS * KILLS) == 0 && s_begin (self))
            return -1;
        verdict_t verdict = s_round (self, i);
        self->counts[verdict]++;
        if (verdict >= WRONG)
            return -1;
    }
    int rc = site_stop (self->site);
    if (rc)
        printf ("FAIL: it does not stop in an orderly way\n");
    return rc;
}

int
main (int argc, char **argv)
{
    if (argc != 3) {
        fprintf (stderr, "usage: fence TOPOLOGY ROUNDS\n");
        return 2;
    }
    signal (SIGPIPE, SIG_IGN);
    fence_t self = { .topology = argv[1], .folder = site_folder_new () };
    int rc = s_alpha_start (&self.alpha);
    self.mock_port = site_mock_start (self.folder, &self.mock);
    self.conf = s_conf (self.alpha.port);
    if (rc == 0)
        rc = self.mock_port ? s_run (&self, (unsigned) strtoul (argv[2], NULL, 10)) : -1;
    site_destroy (&self.site);
    s_alpha_end (&self.alpha);
    if (self.mock > 0) {
        kill (self.mock, SIGTERM);
        waitpid (self.mock, NULL, 0);
    }
    printf ("%u answered by the second, %u broken off after the first, %u refused, "
            "%u wrong, %u never begun\n",
            self.counts[SECOND], self.counts[FIRST], self.counts[REFUSED],
            self.counts[WRONG], self.counts[NOT_ASKED]);
    free (self.conf);
    site_folder_destroy (&self.folder);
    return rc ? 1 : 0;
}
