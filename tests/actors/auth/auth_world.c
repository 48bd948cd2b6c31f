//  auth_world: sets the stage.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "broker/proto/attribution.h"
#include "tests/actors/auth/auth_world.h"

const char *
auth_world_configure (auth_world_t *self, const char *slice)
{
    struct br_conf_try try = { .generation = 1, .slice = slice };
    struct br_conf_take take = { .generation = 1 };
    stage_heard (&self->stage, "router");
    stage_send (&self->stage, "router", self->auth, BR_CONF_TRY, 0, 0, &try, NULL);
    const char *heard = stage_heard (&self->stage, "router");
    if (strcmp (heard, "conf.accept#0 ") != 0)
        return heard;
    stage_send (&self->stage, "router", self->auth, BR_CONF_TAKE, 0, 0, &take, NULL);
    return stage_heard (&self->stage, "router");
}

void
auth_world_begin (auth_world_t *self)
{
    char text[256];
    *self = (auth_world_t) { .home = "/tmp/auth_world.XXXXXX" };
    assert_non_null (mkdtemp (self->home));
    snprintf (text, sizeof text, "%s/keys", self->home);
    assert_int_equal (mkdir (text, 0700), 0);
    stage_begin (&self->stage, &br_auth_actor, false);
    stage_start (&self->stage, "router");
    self->auth = stage_start (&self->stage, "auth");
    snprintf (text, sizeof text, "{\"keys\":\"%s/keys\"}", self->home);
    assert_string_equal (auth_world_configure (self, text), "conf.taken#0 ");
    stage_pass (&self->stage, AUTH_YOUNG_MS);
    self->ask = (struct br_budget_ask) { .account = "acc", .key = "k" };
    self->ask.issued_s = 1000;
    self->ask.budget_nusd = 100;
    self->ask.fixed_nusd = 10;
    stage_heard (&self->stage, "ingress");
}

void
auth_world_end (auth_world_t *self)
{
    char command[128];
    stage_end (&self->stage);
    snprintf (command, sizeof command, "rm -rf '%s'", self->home);
    assert_int_equal (system (command), 0);
}

int
auth_world_answers (auth_world_t *self)
{
    int count = 0;
    const char *at = strstr (stage_heard (&self->stage, "ingress"), "budget.told");
    for (; at; at = strstr (at + 1, "budget.told"))
        count++;
    return count;
}

const struct br_budget_told *
auth_world_told (auth_world_t *self, uint64_t *ret_call)
{
    const br_msg_t *msg = stage_last (&self->stage, "ingress", BR_BUDGET_TOLD);
    if (ret_call)
        *ret_call = msg ? msg->call.lo : 0;
    return msg ? br_msg_fields (msg) : NULL;
}

const struct br_budget_told *
auth_world_ask (auth_world_t *self, uint64_t call)
{
    auth_world_answers (self);
    stage_send (&self->stage, "ingress", self->auth, BR_BUDGET_ASK, call, 0, &self->ask,
                NULL);
    if (!auth_world_answers (self))
        return NULL;
    uint64_t told_call;
    const struct br_budget_told *told = auth_world_told (self, &told_call);
    assert_int_equal (told_call, call);
    return told;
}

void
auth_world_spend (auth_world_t *self, uint64_t seq, uint64_t nusd, uint64_t rounds)
{
    const br_msg_t *msg = stage_last (&self->stage, "meter", BR_SPEND_ASK);
    assert_non_null (msg);
    const struct br_spend_ask *ask = br_msg_fields (msg);
    struct br_spend_told told = { .ticket = ask->ticket, .seq = seq };
    told.nusd = nusd;
    told.rounds = rounds;
    stage_send (&self->stage, "meter", self->auth, BR_SPEND_TOLD, 0, 0, &told, NULL);
    stage_settle (&self->stage);
}

void
auth_world_meter (auth_world_t *self, uint64_t call, uint64_t seq, uint64_t nusd,
                  unsigned outcome)
{
    br_attribution_t who;
    br_buf_t bytes;
    br_attribution_init (&who);
    br_buf_init (&bytes, BR_ATTRIBUTION_MAX);
    who.account = "acc";
    who.key = "k";
    assert_int_equal (br_attribution_write (&who, &bytes), 0);
    struct br_call_metered row = { .seq = seq, .cost_known = !self->cost_unknown };
    row.cost_nusd = self->cost_unknown ? 0 : nusd;
    row.who = (br_bytes_t) { bytes.data, bytes.size };
    row.outcome = outcome;
    row.code = self->code;
    stage_send (&self->stage, "meter", self->auth, BR_CALL_METERED, call, 0, &row, NULL);
    stage_settle (&self->stage);
    br_buf_free (&bytes);
}

char *
auth_world_admin (auth_world_t *self, const char *command)
{
    void *state = br_host_ctx (self->stage.host, "auth")->state;
    return br_auth_actor.admin (state, command, "{}");
}
