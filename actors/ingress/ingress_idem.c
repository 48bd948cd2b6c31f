//  ingress_idem: from a claim to its last word. Bytes are told in large pieces, a few of
//  them; a claim or a last word that cannot be sent is kept and sent later, since somebody
//  waits for it.

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "actors/ingress/ingress_idem.h"
#include "actors/ingress/ingress_request.h"
#include "broker/core/alloc.h"

#define FINGERPRINT_BYTES crypto_hash_sha256_BYTES
#define QUERY_MAX (64u << 10) //  bytes of a query

typedef enum {
    READS, //  its request is being hashed
    WAITS, //  for the owner
    GOES,  //  it is the first one
    HEARS, //  the owner's words
    OVER
} state_t;

struct _ingress_idem_t {
    ingress_idems_t *all;
    ingress_idem_t *next; //  of all
    ingress_idem_t **prev;
    state_t state;
    bool went;  //  it was told to go
    bool heard; //  it heard an answer
    bool held;  //  somebody has not let go
    br_id_t call;
    br_addr_t owner;
    char *scope;
    char *key;
    request_t request;
    ingress_idem_lost_fn *lost;
    void *arg; //  borrowed
    //  ---- the fingerprint
    bool reading; //  a slice is asked for
    crypto_hash_sha256_state hash;
    br_blob_t *body; //  own reference, until it is hashed
    size_t body_at;
    uint8_t fingerprint[FINGERPRINT_BYTES];
    //  ---- what is told
    br_buf_t told;     //  bytes that were not sent yet
    uint64_t told_max; //  bytes that the owner would keep
    uint64_t told_bytes;
    bool broken;       //  something was not told
    char *guard_rules; //  that let the answer through; NULL = none
    //  ---- a word that must not be lost
    bool owes;
    br_verb_t word;
    bool complete; //  of idem.end
};

struct _ingress_idems_t {
    br_ctx_t *ctx;
    ingress_idem_t *first;
    br_timer_t again;
};

//  ---- all of them

ingress_idems_t *
ingress_idems_new (br_ctx_t *ctx)
{
    ingress_idems_t *self = BR_NEW (ingress_idems_t);
    self->ctx = ctx;
    return self;
}

static void
s_destroy (ingress_idem_t *self)
{
    *self->prev = self->next;
    if (self->next)
        self->next->prev = self->prev;
    br_buf_free (&self->told);
    br_blob_destroy (&self->body);
    free (self->guard_rules);
    free (self->key);
    free (self->scope);
    free (self);
}

//  Nobody needs it any more: frees it.
static void
s_reap (ingress_idem_t *self)
{
    if (!self->held && !self->owes && !self->reading)
        s_destroy (self);
}

void
ingress_idems_destroy (ingress_idems_t **self_p)
{
    if (!self_p || !*self_p)
        return;
    ingress_idems_t *self = *self_p;
    br_timer_cancel (br_ctx_loop (self->ctx), &self->again);
    while (self->first)
        s_destroy (self->first);
    free (self);
    *self_p = NULL;
}

static void
s_give_up (ingress_idem_t *self)
{
    self->state = OVER;
    self->owes = false;
    br_buf_free (&self->told);
}

void
ingress_idems_gone (ingress_idems_t *self, uint32_t host, uint32_t life)
{
    for (ingress_idem_t *idem = self->first; idem;) {
        ingress_idem_t *next = idem->next;
        if (idem->owner.host == host && idem->owner.life == life) {
            s_give_up (idem);
            s_reap (idem);
        }
        idem = next;
    }
}

//  ---- words to the owner

static int
s_send (ingress_idem_t *self, br_verb_t verb, const void *fields, br_blob_t *body)
{
    return br_ctx_send (self->all->ctx, self->owner, verb, self->call, 0, fields, body);
}

static int
s_send_owed (ingress_idem_t *self)
{
    struct br_idem_claim claim = { .scope = self->scope, .key = self->key };
    claim.fingerprint = (br_bytes_t) { self->fingerprint, sizeof self->fingerprint };
    struct br_idem_end end = { .complete = self->complete };
    const void *fields = self->word == BR_IDEM_CLAIM ? (const void *) &claim
                         : self->word == BR_IDEM_END ? (const void *) &end
                                                     : NULL;
    return s_send (self, self->word, fields, NULL);
}

static void s_on_again (void *arg);

//  Says a word now, or later.
static void
s_say (ingress_idem_t *self, br_verb_t word)
{
    self->word = word;
    self->owes = s_send_owed (self) != 0;
    if (self->owes)
        br_timer_set (br_ctx_loop (self->all->ctx), &self->all->again,
                      INGRESS_IDEM_AGAIN_MS, s_on_again, self->all);
}

//  A word that is owed was sent, or will never be.
static void
s_try_again (ingress_idem_t *self)
{
    br_addr_t owner = br_ctx_find (self->all->ctx, "idempotency");
    if (br_addr_is (owner, self->owner)) {
        s_say (self, self->word);
        s_reap (self);
        return;
    }
    bool lost = self->state == WAITS && self->held;
    s_give_up (self);
    if (lost)
        self->lost (self->arg);
    else
        s_reap (self);
}

static ingress_idem_t *
s_next_owing (ingress_idem_t *from)
{
    while (from && !from->owes)
        from = from->next;
    return from;
}

static void
s_on_again (void *arg)
{
    ingress_idems_t *self = arg;
    for (ingress_idem_t *idem = s_next_owing (self->first); idem;) {
        ingress_idem_t *next = s_next_owing (idem->next);
        s_try_again (idem);
        idem = next;
    }
}

//  ---- the key and the fingerprint

int
ingress_idem_key (br_surface_t surface, const http_call_t *http, const char **ret_key,
                  br_error_t *reterr)
{
    const br_surface_row_t *row = br_surface_row (surface);
    bool fits = row && strcmp (row->method, "POST") == 0
                && (row->kind == BR_SURFACE_TALK || row->kind == BR_SURFACE_PASS);
    const char *key = fits ? http_call_header (http, "idempotency-key") : NULL;
    *ret_key = key;
    if (!key)
        return 0;
    size_t size = strlen (key);
    bool sound = size > 0 && size <= INGRESS_IDEM_KEY_MAX;
    for (size_t i = 0; sound && i < size; i++)
        sound = (uint8_t) key[i] > 0x20 && (uint8_t) key[i] < 0x7f;
    if (sound)
        return 0;
    return br_error_set (reterr, BR_EINVALID,
                         "idempotency-key must be 1 to %d visible ASCII characters, "
                         "without blanks",
                         INGRESS_IDEM_KEY_MAX);
}

static void
s_hash_text (ingress_idem_t *self, const char *text)
{
    crypto_hash_sha256_update (&self->hash, (const uint8_t *) text, strlen (text) + 1);
}

//  What stands in front of the body. A credential in the query is no part of the request.
static void
s_hash_head (ingress_idem_t *self, const http_call_t *http)
{
    br_buf_t query;
    br_buf_init (&query, QUERY_MAX);
    ingress_request_query (http_call_query (http), NULL, &query);
    crypto_hash_sha256_init (&self->hash);
    s_hash_text (self, http_call_method (http));
    s_hash_text (self, http_call_path (http));
    s_hash_text (self, br_buf_text (&query));
    br_buf_free (&query);
}

static void s_on_slice (void *arg);

static void
s_hash_slice (ingress_idem_t *self)
{
    size_t left = br_blob_size (self->body) - self->body_at;
    size_t size = left < INGRESS_IDEM_SLICE_BYTES ? left : INGRESS_IDEM_SLICE_BYTES;
    if (size)
        crypto_hash_sha256_update (&self->hash, br_blob_data (self->body) + self->body_at,
                                   size);
    self->body_at += size;
    if (size < left) {
        self->reading = true;
        br_ctx_again (self->all->ctx, s_on_slice, self);
        return;
    }
    br_blob_destroy (&self->body);
    crypto_hash_sha256_final (&self->hash, self->fingerprint);
    self->state = WAITS;
    s_say (self, BR_IDEM_CLAIM);
}

static void
s_on_slice (void *arg)
{
    ingress_idem_t *self = arg;
    self->reading = false;
    if (self->state == READS && self->held)
        s_hash_slice (self);
    s_reap (self);
}

//  ---- public functions

ingress_idem_t *
ingress_idem_claim (ingress_idems_t *all, const ingress_idem_ask_t *ask)
{
    ingress_idem_t *self = BR_NEW (ingress_idem_t);
    self->all = all;
    self->next = all->first;
    self->prev = &all->first;
    if (self->next)
        self->next->prev = &self->next;
    all->first = self;
    self->held = true;
    self->call = ask->call;
    self->owner = ask->owner;
    self->scope = br_strdup (ask->scope);
    self->key = br_strdup (ask->key);
    self->request = *ask->request;
    self->lost = ask->lost;
    self->arg = ask->arg;
    br_buf_init (&self->told, INGRESS_IDEM_TELL_BYTES);
    self->body = br_blob_ref (http_call_body (ask->http));
    s_hash_head (self, ask->http);
    s_hash_slice (self);
    return self;
}

void
ingress_idem_let_go (ingress_idem_t **self_p)
{
    ingress_idem_t *self = *self_p;
    *self_p = NULL;
    if (!self)
        return;
    self->held = false;
    s_reap (self);
}

const request_t *
ingress_idem_request (const ingress_idem_t *self)
{
    return self ? &self->request : NULL;
}

bool
ingress_idem_is_aside (const ingress_idem_t *self)
{
    return self && !self->went;
}

bool
ingress_idem_is_replay (const ingress_idem_t *self)
{
    return self && self->heard;
}

//  What a call that waits does next.
static bool
s_move (ingress_idem_t *self, state_t state)
{
    if (!self || self->state != WAITS)
        return false;
    self->state = state;
    return true;
}

bool
ingress_idem_go (ingress_idem_t *self, const struct br_idem_go *go)
{
    if (!s_move (self, GOES))
        return false;
    self->went = true;
    self->told_max = go->answer_max;
    return true;
}

bool
ingress_idem_hear (ingress_idem_t *self)
{
    if (!s_move (self, HEARS))
        return false;
    self->heard = true;
    return true;
}

bool
ingress_idem_refused (ingress_idem_t *self)
{
    return s_move (self, OVER);
}

//  ---- telling

static void
s_break (ingress_idem_t *self)
{
    self->broken = true;
    br_buf_free (&self->told);
}

static void
s_tell (ingress_idem_t *self, br_verb_t verb, const void *fields, br_blob_t *body)
{
    if (s_send (self, verb, fields, body))
        s_break (self);
}

static void
s_flush (ingress_idem_t *self)
{
    size_t size;
    uint8_t *data = br_buf_take (&self->told, &size);
    if (!data)
        return;
    br_blob_t *body = br_blob_take (data, size);
    s_tell (self, BR_IDEM_PART, NULL, body);
    br_blob_destroy (&body);
}

//  Whether so many bytes more are of use to the owner.
static bool
s_has_room (ingress_idem_t *self, size_t size)
{
    if (!self || self->state != GOES || self->broken)
        return false;
    self->told_bytes += size;
    if (self->told_bytes <= self->told_max)
        return true;
    s_break (self);
    return false;
}

void
ingress_idem_under (ingress_idem_t *self, const char *guard_rules)
{
    if (!self)
        return;
    free (self->guard_rules);
    self->guard_rules = br_strdup (guard_rules);
}

void
ingress_idem_head (ingress_idem_t *self, const ingress_head_t *head, uint64_t guard_said)
{
    if (!s_has_room (self, 0))
        return;
    struct br_idem_head told = { .status = head->status, .headers = head->headers };
    told.content_type = head->content_type;
    told.provider = head->provider;
    told.model = head->model;
    told.guard_said = guard_said;
    told.guard_rules = self->guard_rules ? self->guard_rules : "";
    s_tell (self, BR_IDEM_HEAD, &told, NULL);
}

void
ingress_idem_write (ingress_idem_t *self, const void *bytes, size_t size)
{
    if (!size || !s_has_room (self, size))
        return;
    const uint8_t *at = bytes;
    while (size && !self->broken) {
        size_t room = INGRESS_IDEM_TELL_BYTES - self->told.size;
        size_t part = size < room ? size : room;
        br_buf_add (&self->told, at, part);
        at += part;
        size -= part;
        if (part == room)
            s_flush (self);
    }
}

void
ingress_idem_reply (ingress_idem_t *self, const ingress_head_t *head, uint64_t guard_said,
                    br_blob_t *body)
{
    bool good = head->status >= 200 && head->status <= 299;
    if (good)
        ingress_idem_head (self, head, guard_said);
    if (good && br_blob_size (body) && s_has_room (self, br_blob_size (body)))
        s_tell (self, BR_IDEM_PART, NULL, body);
    ingress_idem_end (self, good);
}

void
ingress_idem_end (ingress_idem_t *self, bool complete)
{
    if (!self)
        return;
    state_t state = self->state;
    if (state == GOES && complete && !self->broken)
        s_flush (self);
    bool unheard = state == WAITS && self->owes; //  of by the owner
    self->state = OVER;
    self->complete = complete && !self->broken;
    br_buf_free (&self->told);
    if (unheard)
        self->owes = false;
    else if (state == GOES)
        s_say (self, BR_IDEM_END);
    else if (state == WAITS || (state == HEARS && !complete))
        s_say (self, BR_IDEM_LEAVE);
}
