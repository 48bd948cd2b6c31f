//  ingress_guard: sets of rules over candidates, and words to the guard.

#include <stdlib.h>

#include "actors/ingress/ingress_guard.h"
#include "broker/core/alloc.h"
#include "broker/guard/guard_calls.h"
#include "broker/proto/candidates.h"

//  The union over all who may answer.
static guard_sets_t
s_sets (const guard_scope_t *scope, const char *key, const char *route,
        br_bytes_t candidates)
{
    br_candidate_t rows[BR_CANDIDATES_MAX];
    int count = br_candidates_read (candidates, rows, BR_CANDIDATES_MAX);
    guard_sets_t named = guard_scope_of (scope, key, route);
    guard_sets_t sets = 0;
    for (int i = 0; i < count; i++) {
        //  However the client has spelled it, it is this endpoint in the end.
        char *plain = br_strf ("%s:%s", rows[i].provider, rows[i].model);
        guard_sets_t all = named | guard_scope_of (scope, key, plain);
        sets |= guard_scope_for (scope, all, rows[i].provider);
        free (plain);
    }
    return sets;
}

//  Whether a call may go on though nobody looks at it.
static bool
s_is_open (const guard_scope_t *scope, guard_sets_t sets)
{
    return guard_scope_is_open (scope, sets, GUARD_UP)
           && guard_scope_is_open (scope, sets, GUARD_DOWN);
}

int
ingress_guard_choose (ingress_guard_t *self, br_ctx_t *ctx, const guard_scope_t *scope,
                      const char *key, const char *route, br_bytes_t candidates,
                      br_error_t *reterr)
{
    self->sets = scope ? s_sets (scope, key, route, candidates) : 0;
    bool has_tools = scope && guard_calls_concern (self->surface)
                     && guard_scope_has_tools (scope);
    if (!self->sets && !has_tools)
        return 0;
    guard_action_t up = guard_scope_strictest (scope, self->sets, GUARD_UP);
    guard_action_t down = guard_scope_strictest (scope, self->sets, GUARD_DOWN);
    self->stands_down = down >= GUARD_REDACT || has_tools;
    //  It learns of a call by its open.
    self->stands_up = up >= GUARD_REDACT || self->stands_down;
    self->looks_up = up == GUARD_WARN && !self->stands_up;
    self->looks_down = down == GUARD_WARN && !self->stands_down;
    if (up == GUARD_OFF && down == GUARD_OFF && !has_tools)
        return 0;
    self->guard = br_ctx_find (ctx, "guard");
    self->has_missed = !br_addr_is_set (self->guard);
    if (!self->has_missed || !self->stands_up)
        return 0;
    if (!has_tools && s_is_open (scope, self->sets)) {
        self->stands_up = self->stands_down = false;
        self->has_missed = up != GUARD_OFF;
        self->has_missed_answer = down != GUARD_OFF;
        return 0;
    }
    return br_error_set (reterr, BR_EGONE,
                         "the guard is not there, and its guardrails fail closed; try "
                         "again");
}

static void
s_look (ingress_guard_t *self, br_ctx_t *ctx, br_id_t call, struct br_guard_look *look,
        br_blob_t *body)
{
    look->generation = self->generation;
    look->sets = self->sets;
    look->surface = self->surface;
    //  Nothing waits for it, and its loss costs a finding.
    if (br_ctx_send (ctx, self->guard, BR_GUARD_LOOK, call, 0, look, body))
        self->has_missed = true;
}

void
ingress_guard_look_up (ingress_guard_t *self, br_ctx_t *ctx, br_id_t call,
                       br_blob_t *body)
{
    struct br_guard_look look = { .direction = GUARD_UP, .last = 1 };
    if (self->looks_up && br_addr_is_set (self->guard) && br_blob_size (body))
        s_look (self, ctx, call, &look, body);
}

void
ingress_guard_look_down (ingress_guard_t *self, br_ctx_t *ctx, br_id_t call,
                         bool is_events, bool is_last, br_blob_t *body)
{
    struct br_guard_look look = { .direction = GUARD_DOWN };
    look.events = is_events;
    look.last = is_last;
    bool is_worth = br_blob_size (body) || self->has_looked;
    if (!self->looks_down || !br_addr_is_set (self->guard) || !is_worth)
        return;
    self->has_looked = !is_last;
    s_look (self, ctx, call, &look, body);
}

void
ingress_guard_end (ingress_guard_t *self, br_ctx_t *ctx, br_id_t call)
{
    bool is_known = self->stands_up || self->has_looked;
    if (is_known && br_addr_is_set (self->guard))
        (void) br_ctx_send (ctx, self->guard, BR_GUARD_END, call, 0, NULL, NULL);
    self->stands_up = self->has_looked = false;
}
