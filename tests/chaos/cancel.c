//  cancel: a small message passes large ones. Sixteen clients upload 32 MB each through
//  processes; when the last byte of the last one was sent, and so before it can have
//  crossed the bus, a client of a stream leaves. The provider must see that before the
//  sixteenth upload is complete.
//
//      cancel TOPOLOGY

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "broker/core/alloc.h"
#include "tests/place/client.h"
#include "tests/place/site.h"

#define UPLOADS 16
#define UPLOAD_BYTES (32u << 20)
#define SILENCE_MS 120000
#define LOG_MS 60000
#define CONF                                                                             \
    "providers:\n  one: { api_protocol: openai, api_base: "                              \
    "\"http://127.0.0.1:@MOCK@/v1\" }\n"

typedef struct {
    unsigned port;
    const char *body;
    size_t body_size;
    atomic_uint sent;     //  uploads whose last byte left
    atomic_uint answered; //  with 200
} uploads_t;

static const client_request_t s_request = { .method = "POST",
                                            .path = "/v1/chat/completions" };

static void *
s_upload (void *arg)
{
    uploads_t *self = arg;
    client_request_t request = s_request;
    request.body = self->body;
    request.body_size = self->body_size;
    client_t *client = client_new (self->port);
    int rc = client ? client_send (client, &request) : -1;
    atomic_fetch_add (&self->sent, 1);
    if (rc == 0 && client_finish (client, SILENCE_MS) == CLIENT_CLEAN
        && client_status (client) == 200)
        atomic_fetch_add (&self->answered, 1);
    client_destroy (&client);
    return NULL;
}

static char *
s_large_body (size_t *ret_size)
{
    static const char start[] = "{\"model\":\"one:mock-echo\",\"messages\":[{\"role\":"
                                "\"user\",\"content\":\"";
    static const char end[] = "\"}]}";
    char *body = br_alloc (UPLOAD_BYTES + 1, 1);
    memset (body, 'x', UPLOAD_BYTES);
    memcpy (body, start, sizeof start - 1);
    memcpy (body + UPLOAD_BYTES - (sizeof end - 1), end, sizeof end - 1);
    *ret_size = UPLOAD_BYTES;
    return body;
}

//  Counts large requests in the mock's log, all of them and those before the stream that
//  its client closed. False when the log has no such stream.
static bool
s_read_log (const char *folder, unsigned *ret_all, unsigned *ret_before)
{
    char *path = br_strf ("%s/mock.log", folder);
    char line[4096];
    bool closed = false;
    *ret_all = *ret_before = 0;
    FILE *file = fopen (path, "re");
    while (file && fgets (line, sizeof line, file)) {
        if (strstr (line, "\"client_closed\"")) {
            closed = true;
            *ret_before = *ret_all;
        }
        const char *size = strstr (line, "\"body_bytes\":");
        if (size && strtoul (size + 13, NULL, 10) > UPLOAD_BYTES / 2)
            ++*ret_all;
    }
    if (file)
        fclose (file);
    free (path);
    return closed;
}

//  A stream that goes on and on; NULL when it does not begin.
static client_t *
s_open_stream (unsigned port)
{
    static const char body[] = "{\"model\":\"one:mock-endless-gap20\",\"stream\":true,"
                               "\"messages\":[]}";
    client_request_t request = s_request;
    request.body = body;
    request.body_size = sizeof body - 1;
    client_t *client = client_new (port);
    int rc = client ? client_send (client, &request) : -1;
    uint64_t until_ms = site_now_ms () + LOG_MS;
    while (rc == 0 && client_events (client) < 3 && site_now_ms () < until_ms)
        if (client_read (client, 100) != CLIENT_OPEN)
            rc = -1;
    if (rc || client_events (client) < 3)
        client_destroy (&client);
    return client;
}

static int
s_play (const site_t *site, const char *folder)
{
    uploads_t uploads = { .port = site_port (site) };
    char *body = s_large_body (&uploads.body_size);
    uploads.body = body;
    pthread_t threads[UPLOADS];
    unsigned all = 0, before = 0;
    client_t *stream = s_open_stream (uploads.port);
    if (!stream) {
        printf ("FAIL: the stream does not begin\n");
        free (body);
        return -1;
    }
    for (int i = 0; i < UPLOADS; i++)
        pthread_create (&threads[i], NULL, s_upload, &uploads);
    while (atomic_load (&uploads.sent) < UPLOADS)
        client_read (stream, 1);
    client_leave (stream);
    for (int i = 0; i < UPLOADS; i++)
        pthread_join (threads[i], NULL);
    bool closed = false;
    uint64_t until_ms = site_now_ms () + LOG_MS;
    while ((!closed || all < UPLOADS) && site_now_ms () < until_ms) {
        site_pause_us (10000);
        closed = s_read_log (folder, &all, &before);
    }
    client_destroy (&stream);
    free (body);
    printf ("%u of %u uploads answered; %u were complete when the provider saw the "
            "cancel\n",
            atomic_load (&uploads.answered), UPLOADS, before);
    return closed && atomic_load (&uploads.answered) == UPLOADS && all == UPLOADS
                   && before < UPLOADS
               ? 0
               : -1;
}

int
main (int argc, char **argv)
{
    if (argc != 2) {
        fprintf (stderr, "usage: cancel TOPOLOGY\n");
        return 2;
    }
    signal (SIGPIPE, SIG_IGN);
    char *folder = site_folder_new ();
    pid_t mock = 0;
    unsigned port = site_mock_start (folder, &mock);
    site_t *site = port ? site_new (folder, argv[1], CONF, port) : NULL;
    int rc = site ? s_play (site, folder) : -1;
    if (rc == 0 && site_stop (site)) {
        printf ("FAIL: it does not stop in an orderly way\n");
        rc = -1;
    }
    site_destroy (&site);
    if (mock > 0) {
        kill (mock, SIGTERM);
        waitpid (mock, NULL, 0);
    }
    site_folder_destroy (&folder);
    return rc ? 1 : 0;
}
