//  idempotency_book: keys by a hash, claims by their call.
//
//  Scope and key are not stored: an entry is found by a keyed hash of both, as long as a
//  call id. Kept entries stand in a line by their last use, the oldest first, and go from
//  there when there is too much.

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "actors/idempotency/idempotency_book.h"
#include "broker/core/alloc.h"
#include "broker/core/call_map.h"

#define SECRET_BYTES 32

struct _idempotency_line_t {
    idempotency_claim_t *first;
    idempotency_claim_t *last;
    size_t size;
};

struct _idempotency_entry_t {
    br_id_t name; //  hash of scope and key
    uint8_t fingerprint[IDEMPOTENCY_FINGERPRINT];
    bool running;                 //  the first one is under way, else the answer is kept
    idempotency_line_t waiters;   //  for the answer
    idempotency_answer_t *answer; //  recorded or kept
    uint64_t kept_us;             //  since when it is kept
    uint64_t used_us;             //  when it was kept, or told last
    idempotency_entry_t *next;    //  of the kept ones
    idempotency_entry_t *prev;
};

struct _idempotency_book_t {
    idempotency_settings_t settings;
    uint8_t secret[SECRET_BYTES]; //  of the hash: nobody can choose keys that collide
    br_call_map_t *entries;
    br_call_map_t *claims;
    idempotency_line_t ready;
    idempotency_entry_t *oldest; //  of the kept ones, by their last use
    idempotency_entry_t *newest;
    size_t kept;
    size_t waiting;
    size_t bytes;
};

//  ---- lines of claims

static void
s_join (idempotency_line_t *line, idempotency_claim_t *claim)
{
    claim->line = line;
    claim->next = NULL;
    claim->prev = line->last;
    *(line->last ? &line->last->next : &line->first) = claim;
    line->last = claim;
    line->size++;
}

static void
s_quit (idempotency_book_t *self, idempotency_claim_t *claim)
{
    idempotency_line_t *line = claim->line;
    if (!line)
        return;
    *(claim->prev ? &claim->prev->next : &line->first) = claim->next;
    *(claim->next ? &claim->next->prev : &line->last) = claim->prev;
    line->size--;
    claim->line = NULL;
    self->waiting -= claim->place == IDEMPOTENCY_WAITS;
}

static void
s_ready (idempotency_book_t *self, idempotency_claim_t *claim, idempotency_place_t place)
{
    s_quit (self, claim);
    claim->place = place;
    s_join (&self->ready, claim);
}

//  ---- entries

//  The line of the kept ones, by their last use.
static void
s_shelve (idempotency_book_t *self, idempotency_entry_t *entry)
{
    entry->next = NULL;
    entry->prev = self->newest;
    *(self->newest ? &self->newest->next : &self->oldest) = entry;
    self->newest = entry;
    self->kept++;
}

static void
s_unshelve (idempotency_book_t *self, idempotency_entry_t *entry)
{
    *(entry->prev ? &entry->prev->next : &self->oldest) = entry->next;
    *(entry->next ? &entry->next->prev : &self->newest) = entry->prev;
    self->kept--;
}

//  Lets its answer go, or begins another one.
static void
s_set_answer (idempotency_book_t *self, idempotency_entry_t *entry,
              idempotency_answer_t *answer)
{
    if (entry->answer)
        self->bytes -= idempotency_answer_bytes (entry->answer);
    idempotency_answer_destroy (&entry->answer);
    entry->answer = answer;
}

//  Nobody runs it or waits for it.
static void
s_forget (idempotency_book_t *self, idempotency_entry_t *entry)
{
    if (!entry->running)
        s_unshelve (self, entry);
    br_call_map_take (self->entries, entry->name);
    s_set_answer (self, entry, NULL);
    self->bytes -= IDEMPOTENCY_ENTRY_BYTES;
    free (entry);
}

//  Makes room, as far as kept answers give it. False when that was not enough.
static bool
s_shrink (idempotency_book_t *self)
{
    while (self->bytes > self->settings.bytes_max && self->oldest)
        s_forget (self, self->oldest);
    return self->bytes <= self->settings.bytes_max;
}

//  The next answer of this entry is that of claim.
static void
s_run (idempotency_book_t *self, idempotency_entry_t *entry, idempotency_claim_t *claim)
{
    entry->running = true;
    claim->entry = entry;
    s_set_answer (self, entry, idempotency_answer_new (self->settings.answer_max));
    s_ready (self, claim, IDEMPOTENCY_GO);
}

//  NULL when there are too many keys under way.
static idempotency_entry_t *
s_add (idempotency_book_t *self, br_id_t name, const uint8_t *fingerprint)
{
    if (br_call_map_size (self->entries) == IDEMPOTENCY_ENTRIES_MAX && self->oldest)
        s_forget (self, self->oldest);
    if (br_call_map_size (self->entries) == IDEMPOTENCY_ENTRIES_MAX)
        return NULL;
    idempotency_entry_t *entry = BR_NEW (idempotency_entry_t);
    entry->name = name;
    memcpy (entry->fingerprint, fingerprint, IDEMPOTENCY_FINGERPRINT);
    br_call_map_put (self->entries, name, entry);
    self->bytes += IDEMPOTENCY_ENTRY_BYTES;
    return entry;
}

static bool
s_is_old (const idempotency_book_t *self, uint64_t since_us, uint64_t now_us)
{
    return now_us - since_us >= self->settings.window_ms * 1000;
}

//  ---- claims

static void
s_end (idempotency_book_t *self, idempotency_claim_t *claim)
{
    s_quit (self, claim);
    br_call_map_take (self->claims, claim->call);
    if (claim->replayed)
        idempotency_replay_free (&claim->replay);
    idempotency_answer_destroy (&claim->answer);
    free (claim);
}

static void
s_refuse (idempotency_book_t *self, idempotency_claim_t *claim, br_code_t code)
{
    claim->code = code;
    claim->entry = NULL;
    s_ready (self, claim, IDEMPOTENCY_REFUSED);
}

static void
s_let_hear (idempotency_book_t *self, idempotency_claim_t *claim,
            idempotency_answer_t *answer)
{
    claim->answer = idempotency_answer_ref (answer);
    claim->entry = NULL;
    s_ready (self, claim, IDEMPOTENCY_HEARS);
}

static void
s_wait (idempotency_book_t *self, idempotency_entry_t *entry, idempotency_claim_t *claim)
{
    if (entry->waiters.size == IDEMPOTENCY_WAITERS_MAX) {
        s_refuse (self, claim, BR_EBUSY);
        return;
    }
    claim->entry = entry;
    claim->place = IDEMPOTENCY_WAITS;
    s_join (&entry->waiters, claim);
    self->waiting++;
}

//  The first one is gone, and there is no answer to tell.
static void
s_run_next (idempotency_book_t *self, idempotency_entry_t *entry)
{
    idempotency_claim_t *next = entry->waiters.first;
    if (next)
        s_run (self, entry, next);
    else
        s_forget (self, entry);
}

static void
s_keep (idempotency_book_t *self, idempotency_entry_t *entry, uint64_t now_us)
{
    entry->running = false;
    entry->kept_us = entry->used_us = now_us;
    s_shelve (self, entry);
    while (entry->waiters.first)
        s_let_hear (self, entry->waiters.first, entry->answer);
    s_shrink (self);
}

//  ---- public functions

idempotency_book_t *
idempotency_book_new (const idempotency_settings_t *settings)
{
    idempotency_book_t *self = BR_NEW (idempotency_book_t);
    self->settings = *settings;
    randombytes_buf (self->secret, sizeof self->secret);
    self->entries = br_call_map_new (IDEMPOTENCY_ENTRIES_MAX);
    self->claims = br_call_map_new (IDEMPOTENCY_CLAIMS_MAX);
    return self;
}

void
idempotency_book_destroy (idempotency_book_t **self_p)
{
    if (!self_p || !*self_p)
        return;
    idempotency_book_t *self = *self_p;
    size_t count;
    void **claims = br_call_map_values (self->claims, &count);
    for (size_t i = 0; i < count; i++)
        s_end (self, claims[i]);
    free (claims);
    void **entries = br_call_map_values (self->entries, &count);
    for (size_t i = 0; i < count; i++)
        s_forget (self, entries[i]);
    free (entries);
    br_call_map_destroy (&self->claims);
    br_call_map_destroy (&self->entries);
    free (self);
    *self_p = NULL;
}

void
idempotency_book_set (idempotency_book_t *self, const idempotency_settings_t *settings)
{
    self->settings = *settings;
    s_shrink (self);
}

//  The name of a key: both texts with their ends, so that none runs into the other.
static br_id_t
s_name (const idempotency_book_t *self, const struct br_idem_claim *claim)
{
    br_id_t name;
    crypto_generichash_state state;
    crypto_generichash_init (&state, self->secret, sizeof self->secret, sizeof name);
    crypto_generichash_update (&state, (const uint8_t *) claim->scope,
                               strlen (claim->scope) + 1);
    crypto_generichash_update (&state, (const uint8_t *) claim->key,
                               strlen (claim->key) + 1);
    crypto_generichash_final (&state, (uint8_t *) &name, sizeof name);
    return name;
}

//  The entry of a key, if it is there and its time has not passed.
static idempotency_entry_t *
s_find (idempotency_book_t *self, br_id_t name, uint64_t now_us)
{
    idempotency_entry_t *entry = br_call_map_get (self->entries, name);
    if (!entry || entry->running || !s_is_old (self, entry->kept_us, now_us))
        return entry;
    s_forget (self, entry);
    return NULL;
}

static void
s_begin (idempotency_book_t *self, idempotency_claim_t *claim, br_id_t name,
         const uint8_t *fingerprint)
{
    idempotency_entry_t *entry = s_add (self, name, fingerprint);
    if (!entry) {
        s_refuse (self, claim, BR_EBUSY);
        return;
    }
    s_run (self, entry, claim);
    s_shrink (self);
}

int
idempotency_book_claim (idempotency_book_t *self, br_id_t call, br_addr_t from,
                        const struct br_idem_claim *asked, uint64_t now_us)
{
    if (br_call_map_get (self->claims, call))
        return 0;
    if (br_call_map_size (self->claims) == IDEMPOTENCY_CLAIMS_MAX)
        return -1;
    idempotency_claim_t *claim = BR_NEW (idempotency_claim_t);
    claim->call = call;
    claim->from = from;
    br_call_map_put (self->claims, call, claim);
    if (asked->fingerprint.size != IDEMPOTENCY_FINGERPRINT) {
        s_refuse (self, claim, BR_EINTERNAL);
        return 0;
    }
    br_id_t name = s_name (self, asked);
    idempotency_entry_t *entry = s_find (self, name, now_us);
    if (!entry)
        s_begin (self, claim, name, asked->fingerprint.data);
    else if (memcmp (entry->fingerprint, asked->fingerprint.data, IDEMPOTENCY_FINGERPRINT)
             != 0)
        s_refuse (self, claim, BR_ECONFLICT);
    else if (entry->running)
        s_wait (self, entry, claim);
    else {
        entry->used_us = now_us;
        s_unshelve (self, entry);
        s_shelve (self, entry);
        s_let_hear (self, claim, entry->answer);
    }
    return 0;
}

idempotency_claim_t *
idempotency_book_get (const idempotency_book_t *self, br_id_t call)
{
    return br_call_map_get (self->claims, call);
}

static bool
s_runs (const idempotency_claim_t *claim)
{
    return claim->place == IDEMPOTENCY_GO || claim->place == IDEMPOTENCY_FIRST;
}

//  An answer that had so many bytes has more: makes room for it, or gives it up.
static void
s_count (idempotency_book_t *self, idempotency_answer_t *answer, size_t before)
{
    self->bytes += idempotency_answer_bytes (answer) - before;
    if (s_shrink (self))
        return;
    self->bytes -= idempotency_answer_bytes (answer);
    idempotency_answer_spoil (answer);
}

void
idempotency_book_head (idempotency_book_t *self, idempotency_claim_t *claim,
                       const struct br_idem_head *head)
{
    if (!s_runs (claim))
        return;
    idempotency_answer_t *answer = claim->entry->answer;
    size_t before = idempotency_answer_bytes (answer);
    idempotency_answer_head (answer, head);
    s_count (self, answer, before);
}

void
idempotency_book_part (idempotency_book_t *self, idempotency_claim_t *claim,
                       const br_blob_t *body)
{
    if (!s_runs (claim))
        return;
    idempotency_answer_t *answer = claim->entry->answer;
    size_t before = idempotency_answer_bytes (answer);
    idempotency_answer_part (answer, body);
    s_count (self, answer, before);
}

void
idempotency_book_end (idempotency_book_t *self, idempotency_claim_t *claim, bool complete,
                      uint64_t now_us)
{
    if (!s_runs (claim))
        return;
    idempotency_entry_t *entry = claim->entry;
    s_end (self, claim);
    if (complete && idempotency_answer_seal (entry->answer))
        s_keep (self, entry, now_us);
    else
        s_run_next (self, entry);
}

void
idempotency_book_leave (idempotency_book_t *self, idempotency_claim_t *claim)
{
    idempotency_entry_t *entry = s_runs (claim) ? claim->entry : NULL;
    s_end (self, claim);
    if (entry)
        s_run_next (self, entry);
}

void
idempotency_book_gone (idempotency_book_t *self, uint32_t host, uint32_t life)
{
    size_t count;
    void **claims = br_call_map_values (self->claims, &count);
    for (size_t i = 0; i < count; i++) {
        idempotency_claim_t *claim = claims[i];
        if (claim->from.host == host && claim->from.life == life)
            idempotency_book_leave (self, claim);
    }
    free (claims);
}

void
idempotency_book_expire (idempotency_book_t *self, uint64_t now_us)
{
    while (self->oldest && s_is_old (self, self->oldest->used_us, now_us))
        s_forget (self, self->oldest);
}

size_t
idempotency_book_ready (const idempotency_book_t *self)
{
    return self->ready.size;
}

idempotency_claim_t *
idempotency_book_next (idempotency_book_t *self)
{
    idempotency_claim_t *claim = self->ready.first;
    if (claim)
        s_quit (self, claim);
    return claim;
}

void
idempotency_book_said (idempotency_book_t *self, idempotency_claim_t *claim)
{
    if (claim->place == IDEMPOTENCY_GO)
        claim->place = IDEMPOTENCY_FIRST;
    else
        s_end (self, claim);
}

void
idempotency_book_again (idempotency_book_t *self, idempotency_claim_t *claim)
{
    if (!claim->line)
        s_join (&self->ready, claim);
}

idempotency_counts_t
idempotency_book_counts (const idempotency_book_t *self)
{
    idempotency_counts_t counts = { .kept = self->kept, .waiting = self->waiting };
    counts.running = br_call_map_size (self->entries) - self->kept;
    counts.bytes = self->bytes;
    return counts;
}
