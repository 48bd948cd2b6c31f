//  ingress_search: a list of calls that wait for the owner.

#include <stdlib.h>
#include <string.h>

#include "actors/ingress/ingress_search.h"
#include "actors/ingress/ingress_settings.h"
#include "broker/core/alloc.h"
#include "broker/core/call_map.h"

#define OWNER "idempotency"

struct _ingress_search_t {
    ingress_searches_t *all;
    ingress_search_t *next;
    ingress_search_t **prev;
    br_id_t call;
    br_addr_t owner; //  who was asked
    bool waits;      //  for its answer
    bool is_short;   //  the client has less time than the owner
    char *object;
    request_t request;
    br_timer_t deadline;
    ingress_search_fn *fn;
    void *arg; //  borrowed
};

struct _ingress_searches_t {
    br_ctx_t *ctx;
    br_makers_t *made; //  borrowed
    ingress_search_t *first;
    br_call_map_t *map; //  the same, by call
    uint64_t untold;    //  objects since the owner was last told of one, count
};

ingress_searches_t *
ingress_searches_new (br_ctx_t *ctx, br_makers_t *made)
{
    ingress_searches_t *self = BR_NEW (ingress_searches_t);
    self->ctx = ctx;
    self->made = made;
    self->map = br_call_map_new (INGRESS_CALLS_CEILING);
    return self;
}

void
ingress_searches_destroy (ingress_searches_t **self_p)
{
    if (!self_p || !*self_p)
        return;
    ingress_searches_t *self = *self_p;
    while (self->first) {
        ingress_search_t *search = self->first;
        ingress_search_drop (&search);
    }
    br_call_map_destroy (&self->map);
    free (self);
    *self_p = NULL;
}

//  ---- words to the owner

//  0, or -1 when there is none, or it takes no message.
static int
s_send (const ingress_searches_t *self, br_addr_t owner, br_verb_t verb, br_id_t call,
        const void *fields)
{
    if (!br_addr_is_set (owner))
        return -1;
    return br_ctx_send (self->ctx, owner, verb, call, 0, fields, NULL);
}

static void
s_note_untold (ingress_searches_t *self)
{
    if (self->untold++ == 0)
        br_ctx_log (self->ctx, BR_LOG_WARN,
                    "a stored response is known to one ingress alone: the actor " OWNER
                    " cannot be told of it");
}

static void
s_note_told (ingress_searches_t *self)
{
    if (self->untold)
        br_ctx_log (self->ctx, BR_LOG_INFO,
                    "the actor " OWNER
                    " is told of stored responses again: of %llu it was "
                    "not",
                    (unsigned long long) self->untold);
    self->untold = 0;
}

void
ingress_searches_tell (ingress_searches_t *self, const char *object,
                       const br_maker_t *maker)
{
    struct br_object_keep keep = { .object = object, .route = maker->route };
    keep.provider = maker->provider;
    keep.endpoint = maker->endpoint;
    keep.account = maker->account;
    if (s_send (self, br_ctx_find (self->ctx, OWNER), BR_OBJECT_KEEP, (br_id_t) { 0, 0 },
                &keep))
        s_note_untold (self);
    else
        s_note_told (self);
}

//  ---- one call

//  Nothing of self is touched once fn was called.
static void
s_end (ingress_search_t *self, ingress_search_end_t end)
{
    self->waits = false;
    br_timer_cancel (br_ctx_loop (self->all->ctx), &self->deadline);
    self->fn (self->arg, end);
}

static void
s_on_deadline (void *arg)
{
    ingress_search_t *self = arg;
    s_end (self, self->is_short ? INGRESS_SEARCH_EXPIRED : INGRESS_SEARCH_SILENT);
}

ingress_search_t *
ingress_search_new (ingress_searches_t *all, const ingress_search_ask_t *ask)
{
    br_addr_t owner = br_ctx_find (all->ctx, OWNER);
    struct br_object_ask question = { .object = ask->object };
    if (s_send (all, owner, BR_OBJECT_ASK, ask->call, &question))
        return NULL;
    ingress_search_t *self = BR_NEW (ingress_search_t);
    self->all = all;
    self->call = ask->call;
    self->owner = owner;
    self->waits = true;
    self->is_short = ask->left_ms && ask->left_ms < INGRESS_SEARCH_MS;
    self->object = br_strdup (ask->object);
    self->request = *ask->request;
    self->fn = ask->fn;
    self->arg = ask->arg;
    self->next = all->first;
    self->prev = &all->first;
    if (self->next)
        self->next->prev = &self->next;
    all->first = self;
    br_call_map_put (all->map, self->call, self); //  as many as there are calls: it fits
    br_timer_set (br_ctx_loop (all->ctx), &self->deadline,
                  self->is_short ? ask->left_ms : INGRESS_SEARCH_MS, s_on_deadline, self);
    return self;
}

void
ingress_search_drop (ingress_search_t **self_p)
{
    if (!self_p || !*self_p)
        return;
    ingress_search_t *self = *self_p;
    br_timer_cancel (br_ctx_loop (self->all->ctx), &self->deadline);
    br_call_map_take (self->all->map, self->call);
    *self->prev = self->next;
    if (self->next)
        self->next->prev = self->prev;
    free (self->object);
    free (self);
    *self_p = NULL;
}

const request_t *
ingress_search_request (const ingress_search_t *self)
{
    return &self->request;
}

//  ---- from the bus

void
ingress_searches_on_told (ingress_searches_t *self, const br_msg_t *msg)
{
    const struct br_object_told *told = br_msg_fields (msg);
    ingress_search_t *search = br_call_map_get (self->map, msg->call);
    if (!search || !search->waits || !br_addr_is (search->owner, msg->from)
        || strcmp (search->object, told->object) != 0)
        return;
    const br_maker_t maker = { told->route, told->provider, told->endpoint,
                               told->account };
    if (told->known)
        (void) br_makers_add (self->made, told->object, &maker);
    s_end (search, INGRESS_SEARCH_ANSWERED);
}

void
ingress_searches_gone (ingress_searches_t *self, uint32_t host, uint32_t life)
{
    ingress_search_t *search = self->first;
    while (search) {
        bool lost = search->waits && search->owner.host == host
                    && search->owner.life == life;
        if (!lost) {
            search = search->next;
            continue;
        }
        s_end (search,
               INGRESS_SEARCH_SILENT); //  which may change the list: from its start again
        search = self->first;
    }
}
