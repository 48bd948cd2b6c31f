//  auth: whose a credential is, with a real folder of keys.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "broker/core/alloc.h"
#include "broker/identity/virtual_keys.h"
#include "tests/actors/auth/auth_world.h"

typedef struct {
    auth_world_t auth;
    char folder[128];
    char key[BR_VIRTUAL_ROOM]; //  a credential that is good
    br_virtual_key_t *row;
} world_t;

static void
s_make (world_t *world)
{
    br_error_t error;
    world->row = br_virtual_key_new ();
    br_virtual_key_t *row = world->row;
    free (row->account);
    row->account = br_strdup ("team");
    row->models = br_alloc (3, sizeof *row->models);
    row->models[0] = br_strdup ("openai:*");
    row->models[1] = br_strdup ("a\"b");
    row->budgeted = true;
    row->budget_nusd = 5000;
    row->budget_scope = BR_BUDGET_ACCOUNT;
    row->budget_range = BR_BUDGET_DURATION;
    row->budget_extent = 60;
    row->requests_per_minute = 7;
    row->tokens_per_minute = 8;
    row->concurrency = 9;
    row->created_s = 1700000000;
    if (br_virtual_keys_make (world->folder, row, world->key, &error))
        fail_msg ("%s", error.text);
}

static int
s_setup (void **state)
{
    static world_t world;
    memset (&world, 0, sizeof world);
    auth_world_begin (&world.auth);
    snprintf (world.folder, sizeof world.folder, "%s/keys", world.auth.home);
    s_make (&world);
    stage_pass (&world.auth.stage, 50);
    stage_heard (&world.auth.stage, "ingress");
    *state = &world;
    return 0;
}

static int
s_teardown (void **state)
{
    world_t *world = *state;
    br_virtual_key_destroy (&world->row);
    auth_world_end (&world->auth);
    return 0;
}

static const struct br_auth_told *
s_ask (world_t *world, const char *credential)
{
    static uint64_t ticket = 70;
    struct br_auth_ask ask = { .ticket = ++ticket, .credential = credential };
    stage_send (&world->auth.stage, "ingress", world->auth.auth, BR_AUTH_ASK, 0, 0, &ask,
                NULL);
    const br_msg_t *msg = stage_last (&world->auth.stage, "ingress", BR_AUTH_TOLD);
    const struct br_auth_told *told = br_msg_fields (msg);
    assert_int_equal (told->ticket, ticket);
    return told;
}

static void
a_credential_is_told_with_all_that_it_may (void **state)
{
    world_t *world = *state;
    const struct br_auth_told *told = s_ask (world, world->key);
    assert_string_equal (told->error, "");
    assert_int_equal (told->code, BR_OK);
    assert_string_equal (told->account, "team");
    assert_string_equal (told->key, world->row->id);
    assert_int_equal (told->scope, BR_SCOPE_API);
    assert_int_equal (told->issued_s, 1700000000);
    assert_int_equal (told->expires_s, 0);
    assert_string_equal (told->models, "[\"openai:*\",\"a\\\"b\"]");
    assert_string_equal (told->tools, "");
    assert_int_equal (told->budgeted, 1);
    assert_int_equal (told->budget_nusd, 5000);
    assert_int_equal (told->budget_scope, BR_BUDGET_ACCOUNT);
    assert_int_equal (told->budget_range, BR_BUDGET_DURATION);
    assert_int_equal (told->budget_extent, 60);
    assert_int_equal (told->requests_per_minute, 7);
    assert_int_equal (told->tokens_per_minute, 8);
    assert_int_equal (told->concurrency, 9);
}

static void
a_wrong_credential_is_refused_with_a_reason (void **state)
{
    world_t *world = *state;
    static const char wrong[] = "brvk_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    const struct br_auth_told *told = s_ask (world, wrong);
    assert_int_equal (told->code, BR_EAUTH);
    assert_true (*told->error != 0);
    assert_null (strstr (told->error, wrong));
    assert_string_equal (told->account, "");
    assert_int_equal (s_ask (world, "")->code, BR_EAUTH);
    assert_int_equal (s_ask (world, "a.b.c")->code, BR_EAUTH);
}

static void
a_key_that_is_revoked_is_refused_at_once (void **state)
{
    world_t *world = *state;
    br_error_t error;
    assert_int_equal (s_ask (world, world->key)->code, BR_OK);
    stage_heard (&world->auth.stage, "ingress");
    assert_int_equal (br_virtual_keys_revoke (world->folder, world->row, &error), 0);
    stage_pass (&world->auth.stage, 50);
    assert_string_equal (stage_heard (&world->auth.stage, "ingress"), "auth.changed#0 ");
    assert_int_equal (s_ask (world, world->key)->code, BR_EAUTH);
}

//  Who makes a key and calls in the same moment need not wait for a timer.
static void
a_key_that_was_just_made_or_revoked_counts_at_its_first_question (void **state)
{
    world_t *world = *state;
    char secret[BR_VIRTUAL_ROOM];
    br_error_t error;
    br_virtual_key_t *next = NULL;
    assert_int_equal (br_virtual_keys_rotate (world->folder, world->row, 1700000000,
                                              secret, &next, &error),
                      0);
    assert_int_equal (s_ask (world, secret)->code, BR_OK);
    assert_int_equal (s_ask (world, world->key)->code, BR_EAUTH);
    assert_non_null (
        strstr (stage_heard (&world->auth.stage, "ingress"), "auth.changed"));
    br_virtual_key_destroy (&next);
}

static void
before_there_is_a_configuration_nobody_is_known (void **state)
{
    world_t *world = *state;
    br_host_end (world->auth.stage.host, "auth");
    world->auth.auth = stage_start (&world->auth.stage, "auth");
    assert_int_equal (br_code_status (s_ask (world, world->key)->code), 503);
}

static void
a_bad_slice_leaves_the_old_one (void **state)
{
    world_t *world = *state;
    assert_string_equal (auth_world_configure (&world->auth, "{\"keys\":7}"),
                         "conf.refuse#0 ");
    assert_int_equal (s_ask (world, world->key)->code, BR_OK);
    //  then: another folder has other keys
    assert_string_equal (auth_world_configure (&world->auth, "{\"keys\":\"/nowhere/x\"}"),
                         "conf.taken#0 ");
    assert_int_equal (s_ask (world, world->key)->code, BR_EAUTH);
}

//  Given an owner that has just started, then it tells every ingress, and grants nothing
//  before those have told what they hold.
static void
a_start_is_told_and_nothing_granted_too_early (void **state)
{
    world_t *world = *state;
    stage_t *stage = &world->auth.stage;
    char slice[256];
    stage_start (stage, "meter");
    br_host_end (stage->host, "auth");
    world->auth.auth = stage_start (stage, "auth");
    snprintf (slice, sizeof slice, "{\"keys\":\"%s\"}", world->folder);
    auth_world_configure (&world->auth, slice);
    assert_string_equal (stage_heard (stage, "ingress"), "auth.changed#0 ");
    assert_null (auth_world_ask (&world->auth, 1));
    assert_string_equal (stage_heard (stage, "meter"), "");
    stage_pass (stage, AUTH_YOUNG_MS + AUTH_TICK_MS);
    assert_string_equal (stage_heard (stage, "meter"), "spend.ask#0 ");
    auth_world_spend (&world->auth, 0, 0, 0);
    assert_int_equal (auth_world_answers (&world->auth), 1);
}

static void
the_operator_sees_counts_alone (void **state)
{
    world_t *world = *state;
    s_ask (world, world->key);
    s_ask (world, "x");
    char *text = auth_world_admin (&world->auth, "identities");
    assert_non_null (strstr (text, "\"known\":1,\"refused\":1,"));
    assert_null (strstr (text, world->key));
    free (text);
    assert_null (auth_world_admin (&world->auth, "ledger"));
}

#define TEST(name) cmocka_unit_test_setup_teardown (name, s_setup, s_teardown)

int
main (void)
{
    const struct CMUnitTest tests[] = {
        TEST (a_credential_is_told_with_all_that_it_may),
        TEST (a_wrong_credential_is_refused_with_a_reason),
        TEST (a_key_that_is_revoked_is_refused_at_once),
        TEST (a_key_that_was_just_made_or_revoked_counts_at_its_first_question),
        TEST (before_there_is_a_configuration_nobody_is_known),
        TEST (a_bad_slice_leaves_the_old_one),
        TEST (a_start_is_told_and_nothing_granted_too_early),
        TEST (the_operator_sees_counts_alone),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
