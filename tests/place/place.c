//  place: plays scenarios against one placement, and writes down what was seen.
//
//      place TOPOLOGY OUT SCENARIO...
//
//  OUT.answers and OUT.bus are the transcripts, see transcript.h. Exit status 0 when each
//  answer was as its scenario says.

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "broker/core/alloc.h"
#include "tests/place/scenario.h"
#include "tests/place/site.h"
#include "tests/place/transcript.h"

#define SILENCE_MS 20000
#define SETTLED_MS 20000
#define SEEN_MS 200
#define TRIES 100

typedef struct {
    scenario_t scenario;
    char *folder;
    pid_t mock;
    site_t *site;
    transcript_t *transcript;
    FILE *answers;
    FILE *bus;
    unsigned failed;
} place_t;

static void
s_complain (place_t *self, const scenario_call_t *call, const char *what)
{
    printf ("FAIL %s: %s\n", call->title, what);
    self->failed++;
}

static void
s_check (place_t *self, const scenario_call_t *call, client_t *client)
{
    if (client_status (client) != call->status)
        s_complain (self, call, br_strf ("status is %u", client_status (client)));
    if (client_ended (client) != call->end)
        s_complain (self, call,
                    br_strf ("end is %s", scenario_end_name (client_ended (client))));
    char *hash = transcript_hash (client);
    if (call->hash && strcmp (call->hash, hash) != 0)
        s_complain (self, call,
                    br_strf ("hash is %s: %.300s", hash, client_body (client)));
    free (hash);
}

//  "caller destroys", or NULL when nobody listens.
static client_t *
s_ask (place_t *self, const scenario_call_t *call, const char *id)
{
    br_buf_t body;
    scenario_body (call, &body);
    client_request_t request = { .method = call->method, .path = call->path, .id = id };
    br_buf_t headers = call->headers;
    request.headers = headers.size ? br_buf_text (&headers) : NULL;
    request.body = (const char *) body.data;
    request.body_size = body.size;
    client_t *client = client_new (site_port (self->site));
    if (client && client_send (client, &request) == 0) {
        client_end_t end = CLIENT_OPEN;
        uint64_t until_ms = site_now_ms () + SILENCE_MS;
        while (call->leave && end == CLIENT_OPEN && client_events (client) < call->leave
               && site_now_ms () < until_ms)
            end = client_read (client, SILENCE_MS);
        if (call->leave && end == CLIENT_OPEN)
            client_leave (client);
        client_finish (client, SILENCE_MS);
    }
    br_buf_free (&body);
    return client;
}

static void
s_play (place_t *self, const scenario_call_t *call, const char *id)
{
    client_t *client = s_ask (self, call, id);
    if (!client) {
        s_complain (self, call, "nobody listens");
        return;
    }
    fprintf (self->answers, "%s\n", call->title);
    transcript_print_answer (client, self->answers);
    s_check (self, call, client);
    if (!call->local && transcript_await_settled (self->transcript, id, SETTLED_MS))
        s_complain (self, call, "it was never settled");
    client_destroy (&client);
}

//  ---- fences around the whole

//  A call that goes to every host. Events of one host come in order: when all its
//  messages were seen, all that came before were seen too.
static bool
s_fence (place_t *self)
{
    static const struct {
        const char *verb;
        const char *to;
    } hops[] = {
        { "call.open", "router" },           { "attempt.start", "upstream/one" },
        { "attempt.start", "upstream/two" }, { "reply.end", "ingress" },
        { "call.settle", "meter" },          { "call.settled", "router" },
        { "call.metered", "auth" },          { "call.metered", "metrics" },
    };
    char title[] = "fence", path[] = "/v1/chat/completions", method[] = "POST",
         model[] = "fence";
    scenario_call_t call = { .title = title, .method = method, .path = path };
    call.model = model;
    bool all = false;
    for (int i = 0; i < TRIES && !all; i++) {
        char *id = br_strf ("fence-%llu", (unsigned long long) site_now_ns ());
        client_t *client = s_ask (self, &call, id);
        client_destroy (&client);
        uint64_t until_ms = site_now_ms () + SEEN_MS;
        while (!all && site_now_ms () < until_ms) {
            transcript_take (self->transcript, 5);
            all = true;
            for (size_t k = 0; k < sizeof hops / sizeof *hops; k++)
                all &= transcript_saw (self->transcript, id, hops[k].verb, hops[k].to);
        }
        free (id);
    }
    return all;
}

static void
s_play_all (place_t *self)
{
    scenario_t *scenario = &self->scenario;
    char id[64];
    if (!s_fence (self)) {
        printf ("FAIL: the trace of the bus does not begin\n");
        self->failed++;
        return;
    }
    for (size_t i = 0; i < scenario->calls_size; i++) {
        snprintf (id, sizeof id, "call-%zu", i + 1);
        s_play (self, &scenario->calls[i], id);
    }
    if (!s_fence (self)) {
        printf ("FAIL: the trace of the bus has stopped\n");
        self->failed++;
    }
    for (size_t i = 0; i < scenario->calls_size; i++) {
        snprintf (id, sizeof id, "call-%zu", i + 1);
        fprintf (self->bus, "%s\n", scenario->calls[i].title);
        transcript_print_bus (self->transcript, id, self->bus);
    }
}

//  ---- start and end

static char *
s_conf (place_t *self)
{
    return br_strf (
        "upstream: { backoff: { base_ms: 10 } }\n"
        "providers:\n"
        "  one: { api_protocol: openai, api_base: \"http://127.0.0.1:@MOCK@/v1\" "
        "}\n"
        "  two: { api_protocol: openai, api_base: \"http://127.0.0.1:@MOCK@/v1\" "
        "}\n"
        "models:\n"
        "  fence:\n    strategy: priority\n    endpoints:\n"
        "      - { provider: one, service_id: mock-500 }\n"
        "      - { provider: two, service_id: mock }\n%s",
        br_buf_text (&self->scenario.routes));
}

static int
s_open (place_t *self, const char *topology, const char *out)
{
    char *path = br_strf ("%s.answers", out);
    self->answers = fopen (path, "we");
    free (path);
    path = br_strf ("%s.bus", out);
    self->bus = fopen (path, "we");
    free (path);
    self->folder = site_folder_new ();
    unsigned port = site_mock_start (self->folder, &self->mock);
    char *conf = s_conf (self);
    if (port && self->answers && self->bus)
        self->site = site_new (self->folder, topology, conf, port);
    free (conf);
    if (self->site)
        self->transcript = transcript_new (site_run_dir (self->site));
    return self->transcript ? 0 : -1;
}

static void
s_close (place_t *self)
{
    transcript_destroy (&self->transcript);
    if (self->site && site_stop (self->site)) {
        printf ("FAIL: it does not stop in an orderly way\n");
        self->failed++;
    }
    site_destroy (&self->site);
    if (self->mock > 0) {
        kill (self->mock, SIGTERM);
        waitpid (self->mock, NULL, 0);
    }
    if (self->answers)
        fclose (self->answers);
    if (self->bus)
        fclose (self->bus);
    site_folder_destroy (&self->folder);
    scenario_free (&self->scenario);
}

int
main (int argc, char **argv)
{
    if (argc < 4) {
        fprintf (stderr, "usage: place TOPOLOGY OUT SCENARIO...\n");
        return 2;
    }
    signal (SIGPIPE, SIG_IGN);
    place_t self = { .mock = 0 };
    scenario_init (&self.scenario);
    int rc = 0;
    for (int i = 3; rc == 0 && i < argc; i++)
        rc = scenario_load (&self.scenario, argv[i]);
    if (rc == 0)
        rc = s_open (&self, argv[1], argv[2]);
    if (rc == 0)
        s_play_all (&self);
    size_t count = self.scenario.calls_size;
    s_close (&self);
    printf ("%zu calls, %u complaints\n", count, self.failed);
    return rc || self.failed ? 1 : 0;
}
