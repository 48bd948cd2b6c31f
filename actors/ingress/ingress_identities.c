//  ingress_identities: a hash table whose rows stand in three queues, the oldest first: what
//  is asked, what is known, what is refused. Refusals have a queue of their own, so that
//  wrong credentials push no right ones out.

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "actors/ingress/ingress_identities.h"
#include "broker/core/alloc.h"

#define HASH_BYTES crypto_hash_sha256_BYTES
#define BUCKETS 4096 //  a power of two

typedef struct _waiter_t {
    struct _waiter_t *next;
    uint64_t number;
    ingress_identities_fn *fn;
    void *arg; //  borrowed
} waiter_t;

typedef struct _row_t {
    struct _row_t *chain; //  of its bucket
    struct _row_t *next;  //  of its queue
    struct _row_t *prev;
    ingress_known_t state;
    uint8_t hash[HASH_BYTES];
    ingress_identity_t *identity; //  when it is known
    br_error_t refused;           //  when it is not
    uint64_t since_us;
    //  ---- while it is asked
    ingress_identities_t *all;
    uint64_t ticket;
    br_timer_t deadline;
    waiter_t *first;
    waiter_t **last;
} row_t;

typedef struct _queue_t {
    row_t *first;
    row_t *last;
    size_t count;
} queue_t;

struct _ingress_identities_t {
    br_ctx_t *ctx;
    br_addr_t owner; //  who was asked last
    uint64_t number; //  of the newest waiter, and of the newest ticket
    row_t *buckets[BUCKETS];
    queue_t queues[3]; //  by ingress_known_t
    waiter_t *telling; //  who is still to hear the answer under way
};

static const size_t s_max[] = { [INGRESS_UNKNOWN] = INGRESS_ASKED_MAX,
                                [INGRESS_KNOWN] = INGRESS_IDENTITIES_MAX,
                                [INGRESS_REFUSED] = INGRESS_REFUSED_MAX };

//  ---- rows

static row_t **
s_bucket (ingress_identities_t *self, const uint8_t hash[HASH_BYTES])
{
    return &self->buckets[(hash[0] | (size_t) hash[1] << 8) % BUCKETS];
}

static row_t *
s_find (ingress_identities_t *self, const uint8_t hash[HASH_BYTES])
{
    row_t *row = *s_bucket (self, hash);
    while (row && memcmp (row->hash, hash, HASH_BYTES) != 0)
        row = row->chain;
    return row;
}

static void
s_enqueue (ingress_identities_t *self, row_t *row, ingress_known_t state)
{
    queue_t *queue = &self->queues[state];
    row->state = state;
    row->since_us = br_ctx_now_us (self->ctx);
    row->next = NULL;
    row->prev = queue->last;
    *(row->prev ? &row->prev->next : &queue->first) = row;
    queue->last = row;
    queue->count++;
}

static void
s_dequeue (ingress_identities_t *self, row_t *row)
{
    queue_t *queue = &self->queues[row->state];
    *(row->prev ? &row->prev->next : &queue->first) = row->next;
    *(row->next ? &row->next->prev : &queue->last) = row->prev;
    queue->count--;
}

static void
s_destroy_row (ingress_identities_t *self, row_t *row)
{
    row_t **at = s_bucket (self, row->hash);
    while (*at != row)
        at = &(*at)->chain;
    *at = row->chain;
    s_dequeue (self, row);
    br_timer_cancel (br_ctx_loop (self->ctx), &row->deadline);
    while (row->first) {
        waiter_t *waiter = row->first;
        row->first = waiter->next;
        free (waiter);
    }
    ingress_identity_let_go (&row->identity);
    free (row);
}

static void
s_clear (ingress_identities_t *self, ingress_known_t state)
{
    while (self->queues[state].first)
        s_destroy_row (self, self->queues[state].first);
}

//  Puts a row that was asked where it belongs now, and makes room there.
static void
s_move (ingress_identities_t *self, row_t *row, ingress_known_t state)
{
    br_timer_cancel (br_ctx_loop (self->ctx), &row->deadline);
    s_dequeue (self, row);
    s_enqueue (self, row, state);
    if (self->queues[state].count > s_max[state])
        s_destroy_row (self, self->queues[state].first);
}

//  ---- answers

//  Whoever waited for the row hears it, last of all: what they do may change the table.
static void
s_tell (ingress_identities_t *self, waiter_t *first, ingress_identity_t *identity,
        const br_error_t *refused)
{
    self->telling = first;
    while (self->telling) {
        waiter_t *waiter = self->telling;
        self->telling = waiter->next;
        if (waiter->fn)
            waiter->fn (waiter->arg, identity, refused);
        free (waiter);
    }
}

static waiter_t *
s_take_waiters (row_t *row)
{
    waiter_t *first = row->first;
    row->first = NULL;
    row->last = &row->first;
    return first;
}

//  Nobody answers: the next request asks again.
static void
s_fail (ingress_identities_t *self, row_t *row)
{
    br_error_t error;
    br_error_set (&error, BR_EGONE,
                  "who knows the credentials cannot be reached; try again");
    waiter_t *first = s_take_waiters (row);
    s_destroy_row (self, row);
    s_tell (self, first, NULL, &error);
}

static void
s_on_deadline (void *arg)
{
    row_t *row = arg;
    s_fail (row->all, row);
}

static row_t *
s_asked (const ingress_identities_t *self, uint64_t ticket)
{
    row_t *row = self->queues[INGRESS_UNKNOWN].first;
    while (row && row->ticket != ticket)
        row = row->next;
    return row;
}

static br_code_t
s_code (uint64_t code)
{
    return code < BR_ERROR_COUNT ? (br_code_t) code : BR_EAUTH;
}

void
ingress_identities_on_told (ingress_identities_t *self, const br_msg_t *msg)
{
    const struct br_auth_told *told = br_msg_fields (msg);
    row_t *row = s_asked (self, told->ticket);
    if (!row)
        return;
    ingress_identity_t *identity = told->code ? NULL : ingress_identity_new (told);
    br_error_t refused = { .code = BR_OK };
    if (told->code)
        br_error_set (&refused, s_code (told->code), "%s", told->error);
    else if (!identity)
        br_error_set (&refused, BR_EAUTH, "the credential's lists make no sense");
    row->identity = ingress_identity_ref (identity);
    row->refused = refused;
    waiter_t *first = s_take_waiters (row);
    if (!identity && refused.code != BR_EAUTH)
        s_destroy_row (self, row);
    else
        s_move (self, row, identity ? INGRESS_KNOWN : INGRESS_REFUSED);
    s_tell (self, first, identity, identity ? NULL : &refused);
    ingress_identity_let_go (&identity);
}

//  ---- questions

static bool
s_is_stale (const ingress_identities_t *self, const row_t *row)
{
    if (row->state == INGRESS_REFUSED)
        return br_ctx_now_us (self->ctx) - row->since_us >= INGRESS_REFUSED_MS * 1000u;
    uint64_t now_s = br_ctx_unix_ms (self->ctx) / 1000;
    return row->state == INGRESS_KNOWN && row->identity->expires_s
           && row->identity->expires_s <= now_s;
}

static void
s_hash (const char *credential, uint8_t hash[HASH_BYTES])
{
    crypto_hash_sha256 (hash, (const uint8_t *) credential, strlen (credential));
}

ingress_known_t
ingress_identities_look (ingress_identities_t *self, const char *credential,
                         ingress_identity_t **ret_identity, br_error_t *reterr)
{
    uint8_t hash[HASH_BYTES];
    s_hash (credential, hash);
    row_t *row = s_find (self, hash);
    if (row && s_is_stale (self, row)) {
        s_destroy_row (self, row);
        row = NULL;
    }
    if (!row || row->state == INGRESS_UNKNOWN)
        return INGRESS_UNKNOWN;
    if (row->state == INGRESS_KNOWN)
        *ret_identity = row->identity;
    else
        *reterr = row->refused;
    return row->state;
}

static row_t *
s_new_row (ingress_identities_t *self, const uint8_t hash[HASH_BYTES])
{
    row_t *row = BR_NEW (row_t);
    row_t **bucket = s_bucket (self, hash);
    memcpy (row->hash, hash, HASH_BYTES);
    row->all = self;
    row->last = &row->first;
    row->ticket = ++self->number;
    row->chain = *bucket;
    *bucket = row;
    s_enqueue (self, row, INGRESS_UNKNOWN);
    br_timer_set (br_ctx_loop (self->ctx), &row->deadline, INGRESS_ASKED_MS,
                  s_on_deadline, row);
    return row;
}

//  Asks the owner; NULL when that cannot be.
static row_t *
s_send (ingress_identities_t *self, const char *credential,
        const uint8_t hash[HASH_BYTES], br_error_t *reterr)
{
    if (self->queues[INGRESS_UNKNOWN].count >= INGRESS_ASKED_MAX) {
        br_error_set (reterr, BR_EBUSY,
                      "too many credentials are asked about; try again");
        return NULL;
    }
    br_addr_t owner = br_ctx_find (self->ctx, "auth");
    row_t *row = s_new_row (self, hash);
    struct br_auth_ask ask = { .ticket = row->ticket, .credential = credential };
    self->owner = owner;
    int rc = -1;
    if (br_addr_is_set (owner))
        rc = br_ctx_send (self->ctx, owner, BR_AUTH_ASK, (br_id_t) { 0, 0 }, 0, &ask,
                          NULL);
    if (rc == 0)
        return row;
    s_destroy_row (self, row);
    br_error_set (reterr, BR_EGONE,
                  "who knows the credentials cannot be reached; try again");
    return NULL;
}

uint64_t
ingress_identities_ask (ingress_identities_t *self, const char *credential,
                        ingress_identities_fn *fn, void *arg, br_error_t *reterr)
{
    uint8_t hash[HASH_BYTES];
    s_hash (credential, hash);
    row_t *row = s_find (self, hash);
    if (!row || row->state != INGRESS_UNKNOWN)
        row = s_send (self, credential, hash, reterr);
    if (!row)
        return 0;
    waiter_t *waiter = BR_NEW (waiter_t);
    waiter->number = ++self->number;
    waiter->fn = fn;
    waiter->arg = arg;
    *row->last = waiter;
    row->last = &waiter->next;
    return waiter->number;
}

static void
s_deafen (waiter_t *first, uint64_t number)
{
    for (waiter_t *at = first; at; at = at->next)
        if (at->number == number)
            at->fn = NULL;
}

void
ingress_identities_leave (ingress_identities_t *self, uint64_t waiter)
{
    s_deafen (self->telling, waiter);
    for (row_t *row = self->queues[INGRESS_UNKNOWN].first; row; row = row->next)
        s_deafen (row->first, waiter);
}

//  ---- what ends what was told

void
ingress_identities_forget (ingress_identities_t *self)
{
    s_clear (self, INGRESS_KNOWN);
    s_clear (self, INGRESS_REFUSED);
}

void
ingress_identities_gone (ingress_identities_t *self, uint32_t host, uint32_t life)
{
    if (self->owner.host != host || self->owner.life != life)
        return;
    self->owner = (br_addr_t) { .host = 0 };
    ingress_identities_forget (self);
    uint64_t newest = self->number; //  who is told may ask somebody else
    row_t *row = self->queues[INGRESS_UNKNOWN].first;
    while (row && row->ticket <= newest) {
        s_fail (self, row);
        row = self->queues[INGRESS_UNKNOWN].first;
    }
}

size_t
ingress_identities_count (const ingress_identities_t *self)
{
    return self->queues[INGRESS_KNOWN].count;
}

//  ---- life

ingress_identities_t *
ingress_identities_new (br_ctx_t *ctx)
{
    ingress_identities_t *self = BR_NEW (ingress_identities_t);
    self->ctx = ctx;
    return self;
}

void
ingress_identities_destroy (ingress_identities_t **self_p)
{
    if (!self_p || !*self_p)
        return;
    ingress_identities_t *self = *self_p;
    s_clear (self, INGRESS_UNKNOWN);
    ingress_identities_forget (self);
    free (self);
    *self_p = NULL;
}
