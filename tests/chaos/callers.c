//  callers: some threads, each with one call at a time.

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "broker/core/alloc.h"
#include "tests/chaos/callers.h"
#include "tests/place/client.h"
#include "tests/place/site.h"

#define CALLERS 8
#define FAILED_US 150000 //  a client's rest after a failure
#define TIMEOUT "10"     //  seconds, of the client
#define SILENCE_MS 20000
#define DEADLINE_MS 20000
#define STREAM_PARTS 21 //  of a whole stream, without usage: nobody asks for it

struct _callers_t {
    tally_t *tally; //  borrowed
    pthread_t threads[CALLERS];
    atomic_uint port;    //  0 = they rest
    atomic_uint number;  //  of the next call
    atomic_uint until;   //  this number
    atomic_uint working; //  with a call, or about to take one
    atomic_bool ended;
};

//  ---- one call

static bool
s_is_whole (client_t *client, bool stream)
{
    unsigned parts = 0;
    const char *text = client_body (client);
    for (const char *at = strstr (text, "chatcmpl-mock"); at;
         at = strstr (at + 1, "chatcmpl-mock"))
        parts++;
    return stream ? parts == STREAM_PARTS && client_is_complete (client) : parts == 1;
}

static tally_end_t
s_judge (callers_t *self, client_t *client, unsigned number, bool stream)
{
    client_end_t end = client_ended (client);
    if (end == CLIENT_HUNG)
        return TALLY_WRONG;
    if (client_is_error (client))
        return strstr (client_body (client), "\"error\"") ? TALLY_FAILED : TALLY_WRONG;
    if (end == CLIENT_CUT)
        return tally_was_lost (self->tally, number, "ingress") ? TALLY_FAILED
                                                               : TALLY_WRONG;
    return s_is_whole (client, stream) ? TALLY_COMPLETE : TALLY_WRONG;
}

static tally_end_t
s_call (callers_t *self, client_t *client, unsigned number)
{
    char id[32], body[192];
    bool stream = number % 2;
    snprintf (id, sizeof id, "storm-%u", number);
    snprintf (body, sizeof body, "{\"model\":\"one:mock-%s-tag%u\"%s,\"messages\":[]}",
              stream ? "chunks20-gap5" : "first15", number,
              stream ? ",\"stream\":true" : "");
    client_request_t request = { "POST", "/v1/chat/completions",
                                 id,     "x-bitrouter-timeout: " TIMEOUT "\r\n",
                                 body,   strlen (body) };
    uint64_t from_ms = site_now_ms ();
    client_send (client, &request);
    client_finish (client, SILENCE_MS);
    uint64_t took_ms = site_now_ms () - from_ms;
    tally_end_t end = s_judge (self, client, number, stream);
    if (took_ms > DEADLINE_MS)
        end = TALLY_WRONG;
    if (end == TALLY_WRONG)
        printf ("call %u after %u ms, end %d: %.300s\n", number, (unsigned) took_ms,
                (int) client_ended (client), client_body (client));
    tally_ended (self->tally, number, end);
    return end;
}

//  ---- callers

static bool
s_take_number (callers_t *self, unsigned *ret_number)
{
    unsigned number = atomic_load (&self->number);
    while (number < atomic_load (&self->until))
        if (atomic_compare_exchange_weak (&self->number, &number, number + 1)) {
            *ret_number = number;
            return true;
        }
    return false;
}

//  One call, if there is one to make and somebody listens. Whether it went well.
static bool
s_turn (callers_t *self)
{
    unsigned number, port = atomic_load (&self->port);
    client_t *client = port ? client_new (port) : NULL;
    bool well = false;
    if (client && s_take_number (self, &number)) {
        tally_began (self->tally, number);
        well = s_call (self, client, number) == TALLY_COMPLETE;
    }
    client_destroy (&client);
    return well;
}

static void *
s_run (void *arg)
{
    callers_t *self = arg;
    while (!atomic_load (&self->ended)) {
        atomic_fetch_add (&self->working, 1);
        bool well = s_turn (self);
        atomic_fetch_sub (&self->working, 1);
        if (!well)
            site_pause_us (FAILED_US);
    }
    return NULL;
}

callers_t *
callers_new (tally_t *tally)
{
    callers_t *self = BR_NEW (callers_t);
    self->tally = tally;
    for (int i = 0; i < CALLERS; i++)
        if (pthread_create (&self->threads[i], NULL, s_run, self))
            abort ();
    return self;
}

void
callers_destroy (callers_t **self_p)
{
    callers_t *self = *self_p;
    if (!self)
        return;
    atomic_store (&self->ended, true);
    for (int i = 0; i < CALLERS; i++)
        pthread_join (self->threads[i], NULL);
    free (self);
    *self_p = NULL;
}

void
callers_go (callers_t *self, unsigned port, unsigned until)
{
    atomic_store (&self->until, until);
    atomic_store (&self->port, port);
}

bool
callers_are_done (const callers_t *self)
{
    return callers_count (self) >= atomic_load (&self->until);
}

unsigned
callers_count (const callers_t *self)
{
    return atomic_load (&self->number);
}

void
callers_rest (callers_t *self)
{
    atomic_store (&self->until, 0);
    atomic_store (&self->port, 0);
    while (atomic_load (&self->working))
        site_pause_us (1000);
}
