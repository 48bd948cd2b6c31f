//  auth_world: the owner of identities and budgets on a stage, with a folder of keys in a
//  temporary directory, and a meter that the test plays.

#ifndef BR_TESTS_AUTH_WORLD_H
#define BR_TESTS_AUTH_WORLD_H

#include "actors/auth/auth.h"
#include "actors/auth/auth_money.h"
#include "broker/core/ctx.h"
#include "tests/actors/stage.h"

typedef struct _auth_world_t {
    stage_t stage;
    br_addr_t auth;
    char home[64];            //  holds "keys"
    struct br_budget_ask ask; //  what the next question says
    bool cost_unknown;        //  rows tell of no cost
    br_code_t code;           //  of the error that rows tell of
} auth_world_t;

//  The actor has its configuration, and is not young any more; there is no meter.
void auth_world_begin (auth_world_t *self);
void auth_world_end (auth_world_t *self);

//  As broker: a slice is tried and, if it is accepted, taken. What was said then.
const char *auth_world_configure (auth_world_t *self, const char *slice);

//  Asks for a call what self->ask says, and returns the answer, or NULL when it waits.
const struct br_budget_told *auth_world_ask (auth_world_t *self, uint64_t call);

//  The newest answer about budgets, with the number of its call.
const struct br_budget_told *auth_world_told (auth_world_t *self, uint64_t *ret_call);

//  The answers that came since the last look, count.
int auth_world_answers (auth_world_t *self);

//  The meter answers its newest question.
void auth_world_spend (auth_world_t *self, uint64_t seq, uint64_t nusd, uint64_t rounds);

//  The meter tells of a row: of account "acc" and key "k".
void auth_world_meter (auth_world_t *self, uint64_t call, uint64_t seq, uint64_t nusd,
                       unsigned outcome);

//  What the operator is told. "caller frees"
char *auth_world_admin (auth_world_t *self, const char *command);

#endif
