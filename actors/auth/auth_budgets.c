//  auth_budgets: a table of chains by owner, and a list in order of use through it.

#include <stdlib.h>
#include <string.h>

#include "broker/core/alloc.h"
#include "broker/core/call_map.h"
#include "actors/auth/auth_budgets.h"

#define CHAINS 4096    //  a power of two
#define EVICT_LOOKS 16 //  budgets that are looked at to make room for another

struct _auth_budgets_t {
    auth_budget_t *chains[CHAINS];
    auth_budget_t *oldest;
    auth_budget_t *newest;
    size_t size;
    br_call_map_t *calls;
};

auth_budgets_t *
auth_budgets_new (void)
{
    auth_budgets_t *self = BR_NEW (auth_budgets_t);
    self->calls = br_call_map_new (AUTH_CALLS_MAX);
    return self;
}

//  ---- order of use

static void
s_append (auth_budgets_t *self, auth_budget_t *budget)
{
    budget->newer = NULL;
    budget->older = self->newest;
    if (self->newest)
        self->newest->newer = budget;
    else
        self->oldest = budget;
    self->newest = budget;
}

static void
s_unlink (auth_budgets_t *self, auth_budget_t *budget)
{
    if (budget->older)
        budget->older->newer = budget->newer;
    else
        self->oldest = budget->newer;
    if (budget->newer)
        budget->newer->older = budget->older;
    else
        self->newest = budget->older;
}

static void
s_forget (auth_budgets_t *self, auth_budget_t *budget)
{
    auth_budget_t **link = &self->chains[budget->hash & (CHAINS - 1)];
    while (*link != budget)
        link = &(*link)->chain;
    *link = budget->chain;
    s_unlink (self, budget);
    self->size--;
    auth_spend_free (&budget->spend);
    free (budget->owner);
    free (budget->account);
    free (budget);
}

void
auth_budgets_destroy (auth_budgets_t **self_p)
{
    if (!self_p || !*self_p)
        return;
    auth_budgets_t *self = *self_p;
    size_t count;
    void **calls = auth_budgets_calls (self, &count);
    for (size_t i = 0; i < count; i++)
        auth_budgets_end (self, calls[i]);
    free (calls);
    while (self->oldest)
        s_forget (self, self->oldest);
    br_call_map_destroy (&self->calls);
    free (self);
    *self_p = NULL;
}

//  ---- finding

static uint64_t
s_hash (br_budget_scope_t scope, const char *owner)
{
    uint64_t hash = (0xcbf29ce484222325u ^ scope) * 0x100000001b3u;
    while (*owner)
        hash = (hash ^ (uint8_t) *owner++) * 0x100000001b3u;
    return hash ^ hash >> 32;
}

static auth_budget_t *
s_of_owner (auth_budget_t *budget, uint64_t hash, br_budget_scope_t scope,
            const char *owner)
{
    while (budget
           && (budget->hash != hash || budget->scope != scope
               || strcmp (budget->owner, owner) != 0))
        budget = budget->chain;
    return budget;
}

auth_budget_t *
auth_budgets_first (const auth_budgets_t *self, br_budget_scope_t scope,
                    const char *owner)
{
    uint64_t hash = s_hash (scope, owner);
    return s_of_owner (self->chains[hash & (CHAINS - 1)], hash, scope, owner);
}

auth_budget_t *
auth_budgets_next (const auth_budget_t *budget)
{
    return s_of_owner (budget->chain, budget->hash, budget->scope, budget->owner);
}

auth_budget_t *
auth_budgets_newest (const auth_budgets_t *self)
{
    return self->newest;
}

size_t
auth_budgets_size (const auth_budgets_t *self)
{
    return self->size;
}

void
auth_budgets_look_beside (const auth_budgets_t *self, auth_budget_t *budget)
{
    auth_budget_t *other = auth_budgets_first (self, budget->scope, budget->owner);
    budget->beside_nusd = budget->beside_count = 0;
    for (; other; other = auth_budgets_next (other)) {
        if (other == budget)
            continue;
        uint64_t room = UINT64_MAX - budget->beside_nusd;
        budget->beside_nusd += other->held_nusd < room ? other->held_nusd : room;
        budget->beside_count += other->held_count;
    }
}

//  ---- making

static const char *
s_owner (const auth_scope_t *scope)
{
    return scope->scope == BR_BUDGET_ACCOUNT ? scope->account : scope->key;
}

//  Only windows of another length are other budgets: rounds have their bound in the question.
static uint64_t
s_extent (const auth_scope_t *scope)
{
    if (scope->range != BR_BUDGET_DURATION)
        return 0;
    if (!scope->extent)
        return 1;
    return scope->extent < AUTH_EXTENT_MAX_S ? scope->extent : AUTH_EXTENT_MAX_S;
}

static void
s_make_room (auth_budgets_t *self, uint64_t now_ms)
{
    auth_budget_t *budget = self->oldest;
    for (int i = 0; budget && i < EVICT_LOOKS; i++) {
        auth_budget_t *newer = budget->newer;
        bool is_old = now_ms - budget->used_ms >= AUTH_IDLE_MS;
        if (!is_old && self->size < AUTH_BUDGETS_MAX)
            return;
        if (auth_budget_is_idle (budget))
            s_forget (self, budget);
        budget = newer;
    }
}

static auth_budget_t *
s_add (auth_budgets_t *self, const auth_scope_t *scope)
{
    auth_budget_t *budget = BR_NEW (auth_budget_t);
    budget->scope = scope->scope;
    budget->range = scope->range;
    budget->extent = s_extent (scope);
    budget->owner = br_strdup (s_owner (scope));
    budget->account = br_strdup (scope->account);
    budget->issued_s = scope->issued_s;
    budget->hash = s_hash (budget->scope, budget->owner);
    budget->chain = self->chains[budget->hash & (CHAINS - 1)];
    self->chains[budget->hash & (CHAINS - 1)] = budget;
    auth_spend_init (&budget->spend, budget->extent * 1000);
    s_append (self, budget);
    self->size++;
    return budget;
}

auth_budget_t *
auth_budgets_get (auth_budgets_t *self, const auth_scope_t *scope, uint64_t now_ms)
{
    auth_budget_t *budget = auth_budgets_first (self, scope->scope, s_owner (scope));
    while (budget
           && (budget->range != scope->range || budget->extent != s_extent (scope)))
        budget = auth_budgets_next (budget);
    if (budget)
        s_unlink (self, budget);
    else {
        s_make_room (self, now_ms);
        if (self->size == AUTH_BUDGETS_MAX)
            return NULL;
        budget = s_add (self, scope);
        s_unlink (self, budget);
    }
    s_append (self, budget);
    budget->used_ms = now_ms;
    return budget;
}

//  ---- calls

auth_call_t *
auth_budgets_add (auth_budgets_t *self, auth_budget_t *budget, br_id_t id)
{
    auth_call_t *call = BR_NEW (auth_call_t);
    if (br_call_map_put (self->calls, id, call)) {
        free (call);
        return NULL;
    }
    call->id = id;
    call->budget = budget;
    return call;
}

auth_call_t *
auth_budgets_call (const auth_budgets_t *self, br_id_t id)
{
    return br_call_map_get (self->calls, id);
}

void
auth_budgets_end (auth_budgets_t *self, auth_call_t *call)
{
    auth_budget_leave (call->budget, call);
    br_call_map_take (self->calls, call->id);
    free (call->account);
    free (call->key);
    free (call);
}

void **
auth_budgets_calls (const auth_budgets_t *self, size_t *ret_count)
{
    return br_call_map_values (self->calls, ret_count);
}
