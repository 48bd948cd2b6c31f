//  kill: hosts are killed in turn while calls are under way.
//
//      kill TOPOLOGY ROUNDS
//
//  Each loss must be noticed and healed: the host is back in another life, and the next
//  call is served. No call may hang, or look complete and be short. And the ledger: each
//  call whose answer was complete more than a tick before a loss has one row that says
//  so; none has two.

#include <pthread.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "broker/core/alloc.h"
#include "tests/place/client.h"
#include "tests/place/site.h"

#define WORKERS 4
#define ROUNDS_A_LIFE 16 //  then bitrouter starts anew, or restarts would take too long
#define CALLS_MAX 200000
#define TICK_MS 100 //  some ticks of router and meter, on a loaded machine
#define SILENCE_MS 20000
#define HEAL_MS 20000
#define LEDGER_MS 20000
#define ID_BYTES 40

static const char *const s_hosts[] = { "providers", "ledger", "router", "ingress" };
#define HOSTS (sizeof s_hosts / sizeof *s_hosts)

typedef struct {
    char id[ID_BYTES];
    uint64_t done_ms;
} done_t;

typedef struct {
    const char *topology;
    char *folder;
    unsigned mock_port;
    pid_t mock;
    site_t *site;
    atomic_uint port; //  of ingress; 0 = workers rest
    atomic_bool ended;
    atomic_uint number;  //  of the next call
    atomic_uint resting; //  workers
    pthread_mutex_t lock;
    done_t *done; //  complete answers
    size_t done_size;
    unsigned checked;        //  of them, found in the ledger
    uint64_t router_lost_ms; //  when it was killed last
    uint64_t healed_ms;      //  when the last loss was healed
    unsigned failed;         //  calls with a clear error or a cut
    unsigned wrong;
} chaos_t;

//  ---- calls

typedef struct {
    const char *model;
    bool stream;
    unsigned marks; //  chunks that a whole answer has, without usage: nobody asks for it
} kind_t;

static const kind_t s_kinds[] = {
    { "either", false, 1 },
    { "stream", true, 21 },
    { "either", true, 4 },
};

static unsigned
s_count (const char *text, const char *word)
{
    unsigned count = 0;
    for (const char *at = strstr (text, word); at; at = strstr (at + 1, word))
        count++;
    return count;
}

static void
s_note (chaos_t *self, const kind_t *kind, client_t *client, const char *id)
{
    bool hung = client_ended (client) == CLIENT_HUNG;
    bool looks = client_ended (client) == CLIENT_CLEAN && client_status (client) == 200
                 && !client_is_error (client);
    unsigned marks = s_count (client_body (client), "chatcmpl-mock");
    bool whole = marks == kind->marks && (!kind->stream || client_is_complete (client));
    pthread_mutex_lock (&self->lock);
    if (hung || (looks && !whole)) {
        printf (
            "FAIL: call %s (%s) hung or looks complete: status %u, end %d, %u parts\n",
            id, kind->model, client_status (client), (int) client_ended (client), marks);
        self->wrong++;
    } else if (looks) {
        done_t *done = &self->done[self->done_size++];
        snprintf (done->id, sizeof done->id, "%s", id);
        done->done_ms = site_now_ms ();
    } else
        self->failed++;
    pthread_mutex_unlock (&self->lock);
}

//  One call; false when nobody listens.
static bool
s_call (chaos_t *self, unsigned port)
{
    char id[ID_BYTES], body[256];
    unsigned number = atomic_fetch_add (&self->number, 1);
    const kind_t *kind = &s_kinds[number % (sizeof s_kinds / sizeof *s_kinds)];
    snprintf (id, sizeof id, "call-%u", number);
    snprintf (body, sizeof body, "{\"model\":\"%s\"%s,\"messages\":[]}", kind->model,
              kind->stream ? ",\"stream\":true" : "");
    client_request_t request = { "POST", "/v1/chat/completions", id, NULL,
                                 body,   strlen (body) };
    client_t *client = number < CALLS_MAX ? client_new (port) : NULL;
    if (!client)
        return false;
    if (client_send (client, &request) == 0)
        client_finish (client, SILENCE_MS);
    s_note (self, kind, client, id);
    client_destroy (&client);
    return true;
}

static void *
s_work (void *arg)
{
    chaos_t *self = arg;
    bool resting = false;
    while (!atomic_load (&self->ended)) {
        unsigned port = atomic_load (&self->port);
        if (resting != (port == 0))
            atomic_fetch_add (&self->resting, resting ? (unsigned) -1 : 1u);
        resting = port == 0;
        if (resting || !s_call (self, port))
            site_pause_us (2000);
    }
    return NULL;
}

static void
s_rest (chaos_t *self)
{
    atomic_store (&self->port, 0);
    while (atomic_load (&self->resting) < WORKERS)
        site_pause_us (1000);
}

//  ---- the ledger

//  A number that SQL tells, or -1.
static int
s_ask (sqlite3 *db, const char *sql, const char *id)
{
    sqlite3_stmt *stmt = NULL;
    int number = -1;
    if (sqlite3_prepare_v2 (db, sql, -1, &stmt, NULL) == SQLITE_OK) {
        if (id)
            sqlite3_bind_text (stmt, 1, id, -1, SQLITE_STATIC);
        if (sqlite3_step (stmt) == SQLITE_ROW)
            number = sqlite3_column_int (stmt, 0);
    }
    sqlite3_finalize (stmt);
    return number;
}

static bool
s_has_row (sqlite3 *db, const char *id)
{
    return s_ask (db,
                  "SELECT count(*) FROM calls WHERE request_id = ? AND outcome = 'ok'",
                  id)
           == 1;
}

//  What ended within a tick of the router's loss may be lost with it.
static bool
s_is_excused (const chaos_t *self, const done_t *done)
{
    return done->done_ms + TICK_MS > self->router_lost_ms
           && done->done_ms < self->router_lost_ms + TICK_MS;
}

static int
s_await_row (sqlite3 *db, const done_t *done, uint64_t until_ms, uint64_t before_ms)
{
    while (!s_has_row (db, done->id)) {
        if (site_now_ms () > until_ms) {
            printf (
                "FAIL: call %s was answered %llu ms before and has no row of its "
                "success; %d rows\n",
                done->id, (unsigned long long) (before_ms + TICK_MS - done->done_ms),
                s_ask (db, "SELECT count(*) FROM calls WHERE request_id = ?", done->id));
            return -1;
        }
        site_pause_us (2000);
    }
    return 0;
}

//  Waits until every call that was complete before then has its row.
static int
s_check_ledger (chaos_t *self, uint64_t before_ms)
{
    char *path = br_strf ("%s/bitrouter.db", self->folder);
    sqlite3 *db = NULL;
    int rc = sqlite3_open_v2 (path, &db, SQLITE_OPEN_READONLY, NULL) == SQLITE_OK ? 0
                                                                                  : -1;
    sqlite3_busy_timeout (db, 5000);
    uint64_t until_ms = site_now_ms () + LEDGER_MS;
    pthread_mutex_lock (&self->lock);
    size_t i = self->checked;
    for (; rc == 0 && i < self->done_size && self->done[i].done_ms < before_ms; i++)
        if (!s_is_excused (self, &self->done[i]))
            rc = s_await_row (db, &self->done[i], until_ms, before_ms);
    self->checked = i;
    pthread_mutex_unlock (&self->lock);
    int twice = s_ask (db,
                       "SELECT count(*) FROM (SELECT request_id FROM calls GROUP BY "
                       "request_id HAVING count(*) > 1)",
                       NULL);
    if (rc == 0 && twice != 0) {
        printf ("FAIL: %d calls have more than one row\n", twice);
        rc = -1;
    }
    sqlite3_close (db);
    free (path);
    return rc;
}

//  ---- rounds

static int
s_begin (chaos_t *self)
{
    static const char conf[] =
        "providers:\n"
        "  one: { api_protocol: openai, api_base: \"http://127.0.0.1:@MOCK@/v1\" }\n"
        "  two: { api_protocol: openai, api_base: \"http://127.0.0.1:@MOCK@/v1\" }\n"
        "models:\n"
        "  either:\n    strategy: priority\n    endpoints:\n"
        "      - { provider: one, service_id: mock-chunks3 }\n"
        "      - { provider: two, service_id: mock-chunks3 }\n"
        "  stream:\n    strategy: priority\n    endpoints:\n"
        "      - { provider: one, service_id: mock-chunks20-gap2 }\n"
        "      - { provider: two, service_id: mock-chunks20-gap2 }\n";
    s_rest (self);
    if (self->site && site_stop (self->site)) {
        printf ("FAIL: it does not stop in an orderly way\n");
        return -1;
    }
    site_destroy (&self->site);
    self->site = site_new (self->folder, self->topology, conf, self->mock_port);
    if (!self->site)
        return -1;
    atomic_store (&self->port, site_port (self->site));
    return 0;
}

//  Until another call has been answered in full.
static int
s_await_served (chaos_t *self)
{
    uint64_t since_ms = site_now_ms ();
    while (site_now_ms () < since_ms + HEAL_MS) {
        pthread_mutex_lock (&self->lock);
        bool served = self->done_size
                      && self->done[self->done_size - 1].done_ms > since_ms;
        pthread_mutex_unlock (&self->lock);
        if (served)
            return 0;
        site_pause_us (1000);
    }
    return -1;
}

//  Until the ledger has all but the last ticks. One loss at a time: what a meter that was
//  lost has missed only the router knows, and it asks again a second later.
static int
s_catch_up (chaos_t *self)
{
    int rc;
    uint64_t now_ms;
    do {
        now_ms = site_now_ms ();
        rc = s_check_ledger (self, now_ms - TICK_MS);
        site_pause_us (2000);
    } while (rc == 0
             && (site_now_ms () - now_ms > TICK_MS / 2
                 || now_ms - TICK_MS <= self->healed_ms));
    return rc;
}

static int
s_round (chaos_t *self, unsigned round)
{
    const char *name = s_hosts[round % HOSTS];
    if (s_await_served (self)) {
        printf ("FAIL: calls are not served before round %u\n", round);
        return -1;
    }
    if (s_catch_up (self))
        return -1;
    site_pause_us (20000 + round * 7919 % 30000); //  at many moments of calls
    site_host_t host = site_host (self->site, name);
    uint64_t killed_ms = site_now_ms ();
    if (host.pid <= 0 || kill (host.pid, SIGKILL)) {
        printf ("FAIL: host %s has no process\n", name);
        return -1;
    }
    if (strcmp (name, "router") == 0)
        self->router_lost_ms = killed_ms;
    if (site_await_host (self->site, name, host.life, HEAL_MS)) {
        printf ("FAIL: host %s does not come back\n", name);
        return -1;
    }
    uint64_t back_ms = site_now_ms ();
    if (s_await_served (self)) {
        printf ("FAIL: no call is served after the loss of %s\n", name);
        return -1;
    }
    self->healed_ms = site_now_ms ();
    printf ("round %u: %s back after %llu ms, a call served after %llu\n", round, name,
            (unsigned long long) (back_ms - killed_ms),
            (unsigned long long) (site_now_ms () - killed_ms));
    return s_check_ledger (self, killed_ms - TICK_MS);
}

static int
s_run (chaos_t *self, unsigned rounds)
{
    int rc = 0;
    for (unsigned i = 0; rc == 0 && i < rounds; i++) {
        if (i % ROUNDS_A_LIFE == 0)
            rc = s_begin (self);
        if (rc == 0)
            rc = s_round (self, i);
        if (self->wrong)
            rc = -1;
    }
    s_rest (self);
    if (rc == 0)
        rc = s_check_ledger (self, site_now_ms ());
    if (rc == 0 && site_stop (self->site)) {
        printf ("FAIL: it does not stop in an orderly way\n");
        rc = -1;
    }
    return rc;
}

int
main (int argc, char **argv)
{
    if (argc != 3) {
        fprintf (stderr, "usage: kill TOPOLOGY ROUNDS\n");
        return 2;
    }
    signal (SIGPIPE, SIG_IGN);
    chaos_t self = { .topology = argv[1], .folder = site_folder_new () };
    pthread_t workers[WORKERS];
    pthread_mutex_init (&self.lock, NULL);
    self.done = br_alloc (CALLS_MAX, sizeof *self.done);
    self.mock_port = site_mock_start (self.folder, &self.mock);
    for (int i = 0; i < WORKERS; i++)
        pthread_create (&workers[i], NULL, s_work, &self);
    int rc = self.mock_port ? s_run (&self, (unsigned) strtoul (argv[2], NULL, 10)) : -1;
    atomic_store (&self.ended, true);
    for (int i = 0; i < WORKERS; i++)
        pthread_join (workers[i], NULL);
    site_destroy (&self.site);
    if (self.mock > 0) {
        kill (self.mock, SIGTERM);
        waitpid (self.mock, NULL, 0);
    }
    printf ("%zu calls complete, %u with a clear failure, %u wrong\n", self.done_size,
            self.failed, self.wrong);
    free (self.done);
    site_folder_destroy (&self.folder);
    return rc ? 1 : 0;
}
