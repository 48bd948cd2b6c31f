//  reload: calls without a pause while the configuration is switched again and again between
//  two of them, which differ in everything: routes, providers, addresses, keys, what is
//  redacted, limits.
//
//      reload TOPOLOGY CALLS SWITCHES
//
//  No call may fail, streams of a provider that is gone included, and each must have been
//  made by one of the two as a whole: its model, key, address and body belong together.

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

#define CALLERS 8
#define SILENCE_MS 20000
#define LINE_BYTES 4096
#define SHOWN_MAX 10 //  faults that are printed one by one
#define HASH_BYTES 65
#define TAGS 5 //  kinds of requests of one configuration

//  What a call asks for, and what each configuration makes of it.
static const char *const s_models[] = { "same",  "other", "again", "same",
                                        "other", "again", "same",  "slow" };

#define MODELS (sizeof s_models / sizeof *s_models)

//  SIDE is a or b, N is 1 or 2: a provider that both have, with other words, and one that
//  only this one has, whose calls are under way when it goes.
#define CONF(SIDE, N, SECRET, LIMITS)                                                    \
    "upstream: { retries: 2, backoff: { base_ms: 20, max_ms: 50 } }\n"                   \
    "limits: { " LIMITS " }\n"                                                           \
    "guardrails:\n"                                                                      \
    "  custom_patterns: [{ name: word, regex: \"" SECRET "\", action: redact }]\n"       \
    "providers:\n"                                                                       \
    "  same: { api_protocol: openai, api_key: sk-0123456789" SIDE SIDE SIDE SIDE         \
    ", api_base: \"http://127.0.0.1:@MOCK@/" SIDE "/v1\" }\n"                            \
    "  only-" SIDE                                                                       \
    ": { api_protocol: openai, api_key: sk-0123456789" SIDE SIDE SIDE SIDE               \
    ", api_base: \"http://127.0.0.1:@MOCK@/" SIDE "/v1\" }\n"                            \
    "models:\n"                                                                          \
    "  same: { endpoints: [{ provider: same, service_id: mock-tag" N "1 }] }\n"          \
    "  other: { endpoints: [{ provider: only-" SIDE ", service_id: mock-tag" N           \
    "2 }] }\n"                                                                           \
    "  slow: { endpoints: [{ provider: only-" SIDE                                       \
    ", service_id: mock-chunks20-gap4-tag" N "3 }] }\n"                                  \
    "  again: { endpoints: [{ provider: same, service_id: mock-502-tag" N                \
    "4 }, { provider: only-" SIDE ", service_id: mock-tag" N "5 }] }\n"

static const char *const s_confs[2] = {
    CONF ("a", "1", "first-word", "callers: { requests_per_minute: 10000000 }"),
    CONF ("b", "2", "second-word", "models: { \"s*\": { concurrency: 1000 } }"),
};

typedef struct {
    char *folder;
    const char *topology;
    pid_t mock;
    unsigned mock_port;
    site_t *site;
    unsigned calls;
    unsigned switches;
    atomic_uint number; //  of the next call
    atomic_uint ended;  //  calls
    atomic_uint failed;
} world_t;

//  ---- calls

static bool
s_is_well (client_t *client, bool stream)
{
    return client_ended (client) == CLIENT_CLEAN && client_status (client) == 200
           && !client_is_error (client) && (!stream || client_is_complete (client));
}

static void
s_call (world_t *self, unsigned number)
{
    char body[256];
    bool stream = strcmp (s_models[number % MODELS], "slow") == 0;
    snprintf (body, sizeof body,
              "{\"model\":\"%s\",\"stream\":%s,\"messages\":[{\"role\":\"user\","
              "\"content\":\"first-word and second-word\"}]}",
              s_models[number % MODELS], stream ? "true" : "false");
    client_request_t request = { .method = "POST", .path = "/v1/chat/completions" };
    request.body = body;
    request.body_size = strlen (body);
    client_t *client = client_new (site_port (self->site));
    bool is_well = false;
    if (client && client_send (client, &request) == 0) {
        client_finish (client, SILENCE_MS);
        is_well = s_is_well (client, stream);
    }
    if (!is_well && atomic_fetch_add (&self->failed, 1) < SHOWN_MAX)
        printf ("FAIL: call %u for %s, end %d: %.400s %.300s\n", number,
                s_models[number % MODELS], client ? (int) client_ended (client) : -1,
                client ? client_head (client) : "", client ? client_body (client) : "");
    client_destroy (&client);
    atomic_fetch_add (&self->ended, 1);
}

static void *
s_run (void *arg)
{
    world_t *self = arg;
    unsigned number = atomic_fetch_add (&self->number, 1);
    for (; number < self->calls; number = atomic_fetch_add (&self->number, 1))
        s_call (self, number);
    return NULL;
}

//  ---- switches

static int
s_switch (world_t *self, unsigned number)
{
    if (site_configure (self->site, s_confs[number % 2], self->mock_port))
        return -1;
    cJSON *answer = site_ask (self->site, "reload");
    if (!answer)
        printf ("FAIL: switch %u was refused\n", number);
    cJSON_Delete (answer);
    return answer ? 0 : -1;
}

//  Each after its part of the calls.
static int
s_switch_all (world_t *self)
{
    int rc = 0;
    for (unsigned i = 1; i <= self->switches && rc == 0; i++) {
        while (atomic_load (&self->ended) < self->calls / (self->switches + 1) * i)
            site_pause_us (1000);
        rc = s_switch (self, i);
    }
    return rc;
}

//  ---- what the provider got

typedef struct {
    char hash[2 * TAGS][HASH_BYTES]; //  of the bodies, by tag
    unsigned counts[2];              //  requests, by configuration
    unsigned mixed;
} seen_t;

//  Copies the text of a member, "" when it is not there.
static void
s_member (const char *line, const char *name, char *text, size_t size)
{
    char key[64];
    snprintf (key, sizeof key, "\"%s\":\"", name);
    const char *at = strstr (line, key);
    at = at ? at + strlen (key) : "";
    snprintf (text, size, "%.*s", (int) strcspn (at, "\""), at);
}

//  All that one line tells must be of one configuration.
static void
s_judge_line (seen_t *self, const char *line)
{
    char model[128], path[128], key[128], hash[HASH_BYTES];
    s_member (line, "model", model, sizeof model);
    s_member (line, "path", path, sizeof path);
    s_member (line, "authorization", key, sizeof key);
    s_member (line, "body_sha256", hash, sizeof hash);
    const char *tag = strstr (model, "-tag");
    unsigned number = tag ? (unsigned) strtoul (tag + 4, NULL, 10) : 0;
    unsigned side = number / 10 - 1, route = number % 10;
    if (side > 1 || route < 1 || route > TAGS) {
        printf ("FAIL: the provider was asked for %s\n", model);
        self->mixed++;
        return;
    }
    const char *end = side ? "bbbb" : "aaaa";
    char *first = self->hash[side * TAGS + route - 1];
    if (!*first)
        memcpy (first, hash, sizeof hash);
    bool is_whole = strncmp (path, side ? "/b/" : "/a/", 3) == 0 && strlen (key) > 4
                    && strcmp (key + strlen (key) - 4, end) == 0
                    && strcmp (first, hash) == 0;
    self->counts[side]++;
    if (is_whole)
        return;
    if (self->mixed++ < SHOWN_MAX)
        printf ("FAIL: a mixture: %s", line);
}

static int
s_judge (world_t *self)
{
    char line[LINE_BYTES];
    seen_t seen = { .mixed = 0 };
    char *path = br_strf ("%s/mock.log", self->folder);
    FILE *file = fopen (path, "re");
    while (file && fgets (line, sizeof line, file))
        s_judge_line (&seen, line);
    if (file)
        fclose (file);
    free (path);
    unsigned failed = atomic_load (&self->failed);
    printf ("%u calls, %u failed; requests: %u by the first configuration, %u by the "
            "second, %u mixtures\n",
            self->calls, failed, seen.counts[0], seen.counts[1], seen.mixed);
    bool has_both = seen.counts[0] && seen.counts[1];
    return failed || seen.mixed || !has_both ? -1 : 0;
}

//  ---- all of it

static int
s_play (world_t *self)
{
    pthread_t threads[CALLERS];
    self->site = site_new (self->folder, self->topology, s_confs[0], self->mock_port);
    if (!self->site)
        return -1;
    for (int i = 0; i < CALLERS; i++)
        if (pthread_create (&threads[i], NULL, s_run, self))
            abort ();
    int rc = s_switch_all (self);
    for (int i = 0; i < CALLERS; i++)
        pthread_join (threads[i], NULL);
    if (site_stop (self->site)) {
        printf ("FAIL: it does not stop in an orderly way\n");
        rc = -1;
    }
    return s_judge (self) || rc ? -1 : 0;
}

int
main (int argc, char **argv)
{
    if (argc != 4) {
        fprintf (stderr, "usage: reload TOPOLOGY CALLS SWITCHES\n");
        return 2;
    }
    signal (SIGPIPE, SIG_IGN);
    setvbuf (stdout, NULL, _IOLBF, 0);
    world_t self = { .topology = argv[1], .folder = site_folder_new () };
    self.calls = (unsigned) strtoul (argv[2], NULL, 10);
    self.switches = (unsigned) strtoul (argv[3], NULL, 10);
    self.mock_port = site_mock_start (self.folder, &self.mock);
    int rc = self.mock_port ? s_play (&self) : -1;
    site_destroy (&self.site);
    if (self.mock > 0) {
        kill (self.mock, SIGTERM);
        waitpid (self.mock, NULL, 0);
    }
    site_folder_destroy (&self.folder);
    return rc ? 1 : 0;
}
