//  storm: calls without a pause, half of them streams, while hosts are killed at random.
//
//      storm TOPOLOGY CALLS [SEED]
//
//  Every call must end in time: with a whole answer, a clear error, or, when its ingress
//  was killed, with a closed connection. The ledger has one row for each call that was
//  answered, settled; one for each other that was asked for long enough, settled or lost;
//  and none that nobody was asked for. The broker, which lives on, must not grow.
//
//  Each life of a site has some hundred calls, and few enough kills of each host that it
//  is started again soon. The ledger's loss is followed by no other that holds what it
//  has missed, until it was told again.

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "broker/core/alloc.h"
#include "tests/chaos/callers.h"
#include "tests/place/site.h"

#define CALLS_A_LIFE 500
#define KILLS_A_LIFE 5 //  of one host
#define REST_MOST_US 120000
#define TOLD_AGAIN_MS 2500 //  settles are told again each second
#define HEAL_MS 30000
#define GROWTH_FDS 8
#define GROWTH_KB 4096

typedef struct {
    const char *name;
    bool holds;     //  what the ledger was not told yet
    unsigned kills; //  in this life
} host_t;

typedef struct {
    char *folder;
    const char *topology;
    pid_t mock;
    unsigned mock_port;
    site_t *site;
    tally_t *tally;
    unsigned calls;
    uint64_t random; //  state
    host_t hosts[5];
    uint64_t ledger_lost_ms;
    callers_t *callers;
} storm_t;

#define HOSTS (sizeof ((storm_t *) 0)->hosts / sizeof (host_t))

static unsigned
s_random (storm_t *self, unsigned below)
{
    self->random ^= self->random << 13;
    self->random ^= self->random >> 7;
    self->random ^= self->random << 17;
    return (unsigned) (self->random >> 33) % below;
}

//  ---- kills

static bool
s_may_kill (const storm_t *self, const host_t *host)
{
    bool is_told = site_now_ms () > self->ledger_lost_ms + TOLD_AGAIN_MS;
    return host->kills < KILLS_A_LIFE && (is_told || !host->holds);
}

static void
s_kill_one (storm_t *self)
{
    host_t *host = &self->hosts[s_random (self, HOSTS)];
    if (!s_may_kill (self, host))
        return;
    site_host_t found = site_host (self->site, host->name);
    if (!found.up || found.pid <= 0)
        return; //  on its way back, or not of this topology
    tally_lost (self->tally, host->name);
    kill (found.pid, SIGKILL);
    host->kills++;
    if (strcmp (host->name, "ledger") == 0)
        self->ledger_lost_ms = site_now_ms ();
}

static int
s_await_all_up (const storm_t *self)
{
    uint64_t until_ms = site_now_ms () + HEAL_MS;
    for (size_t i = 0; i < HOSTS;) {
        site_host_t host = site_host (self->site, self->hosts[i].name);
        if (host.up || (host.life == 0 && host.pid == 0))
            i++;
        else if (site_now_ms () > until_ms) {
            printf ("FAIL: host %s does not come back\n", self->hosts[i].name);
            return -1;
        } else
            site_pause_us (5000);
    }
    return 0;
}

//  A number of an admin answer; -1 when there is none.
static double
s_number (const storm_t *self, const char *command, const char *name)
{
    cJSON *answer = site_ask (self->site, command);
    const cJSON *number = cJSON_GetObjectItem (answer, name);
    double value = cJSON_IsNumber (number) ? number->valuedouble : -1;
    cJSON_Delete (answer);
    return value;
}

//  Until no call and no settle is under way any more.
static int
s_await_quiet (const storm_t *self)
{
    uint64_t until_ms = site_now_ms () + HEAL_MS;
    while (s_number (self, "routing", "open") != 0
           || s_number (self, "routing", "unsettled") != 0
           || s_number (self, "ledger", "open_intents") != 0) {
        if (site_now_ms () > until_ms) {
            printf ("FAIL: calls or settles are left over: %.0f, %.0f, %.0f\n",
                    s_number (self, "routing", "open"),
                    s_number (self, "routing", "unsettled"),
                    s_number (self, "ledger", "open_intents"));
            return -1;
        }
        site_pause_us (10000);
    }
    return 0;
}

//  ---- lives

static int
s_begin (storm_t *self)
{
    static const char conf[] =
        "upstream: { backoff: { base_ms: 20, max_ms: 500 } }\n"
        "providers:\n"
        "  one: { api_protocol: openai, api_base: \"http://127.0.0.1:@MOCK@/v1\" }\n";
    self->site = site_new (self->folder, self->topology, conf, self->mock_port);
    if (!self->site)
        return -1;
    for (size_t i = 0; i < HOSTS; i++)
        self->hosts[i].kills = 0;
    unsigned until = callers_count (self->callers) + CALLS_A_LIFE;
    callers_go (self->callers, site_port (self->site),
                until < self->calls ? until : self->calls);
    return 0;
}

static void
s_rage (storm_t *self)
{
    while (!callers_are_done (self->callers)) {
        s_kill_one (self);
        site_pause_us (s_random (self, REST_MOST_US));
    }
}

static int
s_finish (storm_t *self)
{
    callers_rest (self->callers);
    int rc = s_await_all_up (self);
    if (rc == 0)
        rc = s_await_quiet (self);
    return rc;
}

static int
s_check_growth (const site_load_t *before, const site_load_t *after)
{
    printf ("the broker: %u descriptors, %u KB; after the storm %u, %u KB\n", before->fds,
            before->rss_kb, after->fds, after->rss_kb);
    if (after->fds <= before->fds + GROWTH_FDS
        && after->rss_kb <= before->rss_kb + GROWTH_KB)
        return 0;
    printf ("FAIL: the broker has grown\n");
    return -1;
}

static int
s_live (storm_t *self)
{
    if (s_begin (self))
        return -1;
    site_load_t before = site_load (self->site);
    s_rage (self);
    int rc = s_finish (self);
    site_load_t after = site_load (self->site);
    if (rc == 0)
        rc = s_check_growth (&before, &after);
    if (site_stop (self->site)) {
        printf ("FAIL: it does not stop in an orderly way\n");
        rc = -1;
    }
    site_destroy (&self->site);
    return rc;
}

static int
s_run (storm_t *self)
{
    int rc = 0;
    self->callers = callers_new (self->tally);
    while (rc == 0 && callers_count (self->callers) < self->calls)
        rc = s_live (self);
    callers_destroy (&self->callers);
    char *log = br_strf ("%s/mock.log", self->folder);
    char *database = br_strf ("%s/bitrouter.db", self->folder);
    if (tally_judge (self->tally, log, database))
        rc = -1;
    free (database);
    free (log);
    return rc;
}

int
main (int argc, char **argv)
{
    if (argc < 3) {
        fprintf (stderr, "usage: storm TOPOLOGY CALLS [SEED]\n");
        return 2;
    }
    signal (SIGPIPE, SIG_IGN);
    setvbuf (stdout, NULL, _IOLBF, 0);
    storm_t self = { .topology = argv[1], .folder = site_folder_new () };
    const host_t hosts[] = { { "ingress", true, 0 },
                             { "router", true, 0 },
                             { "providers", false, 0 },
                             { "control", false, 0 },
                             { "ledger", false, 0 } };
    memcpy (self.hosts, hosts, sizeof hosts);
    self.calls = (unsigned) strtoul (argv[2], NULL, 10);
    self.random = argc > 3 ? strtoull (argv[3], NULL, 10) : 0;
    if (self.random == 0)
        self.random = site_now_ns () | 1;
    printf ("seed %llu\n", (unsigned long long) self.random);
    self.tally = tally_new (self.calls);
    self.mock_port = site_mock_start (self.folder, &self.mock);
    int rc = self.mock_port ? s_run (&self) : -1;
    site_destroy (&self.site);
    if (self.mock > 0) {
        kill (self.mock, SIGTERM);
        waitpid (self.mock, NULL, 0);
    }
    tally_destroy (&self.tally);
    site_folder_destroy (&self.folder);
    return rc ? 1 : 0;
}
