//  ingress_identities: what was told, for how long, and who waits.

#include "actors/ingress/ingress_identities.h"
#include "tests/actors/ingress/callers.h"

//  A table of its own, beside that of the actor, so that answers are given by hand.
typedef struct {
    world_t *world;
    ingress_identities_t *all;
    unsigned answers;
    char account[32];   //  of the last answer, or ""
    br_error_t refused; //  of the last answer
    uint64_t other;     //  a waiter that leaves at the answer
} scene_t;

static int
s_setup (void **state)
{
    static scene_t scene;
    memset (&scene, 0, sizeof scene);
    scene.world = callers_world (NULL);
    scene.all = ingress_identities_new (scene.world->ctx);
    *state = &scene;
    return 0;
}

static int
s_teardown (void **state)
{
    scene_t *scene = *state;
    ingress_identities_destroy (&scene->all);
    world_destroy (&scene->world);
    return 0;
}

static void
s_on_answer (void *arg, ingress_identity_t *identity, const br_error_t *refused)
{
    scene_t *scene = arg;
    scene->answers++;
    snprintf (scene->account, sizeof scene->account, "%s",
              identity ? identity->account : "");
    scene->refused = refused ? *refused : (br_error_t) { .code = BR_OK };
    ingress_identities_leave (scene->all, scene->other);
}

static uint64_t
s_ask (scene_t *scene, const char *credential)
{
    br_error_t error = { .code = BR_OK };
    return ingress_identities_ask (scene->all, credential, s_on_answer, scene, &error);
}

static void
s_answer (scene_t *scene, uint64_t ticket, const char *account, uint64_t expires_s)
{
    struct br_auth_told told = { .ticket = ticket, .account = account, .key = "k" };
    told.expires_s = expires_s;
    told.code = account ? BR_OK : BR_EAUTH;
    told.error = account ? "" : "unknown API key";
    br_msg_t *msg = br_msg_new (BR_AUTH_TOLD, NO_CALL, 0, &told, NULL);
    ingress_identities_on_told (scene->all, msg);
    br_msg_destroy (&msg);
}

static uint64_t
s_ticket (scene_t *scene)
{
    const br_msg_t *msg = world_expect (scene->world, BR_AUTH_ASK);
    assert_non_null (msg);
    const struct br_auth_ask *ask = br_msg_fields (msg);
    return ask->ticket;
}

static ingress_known_t
s_look (scene_t *scene, const char *credential)
{
    ingress_identity_t *identity = NULL;
    br_error_t error = { .code = BR_OK };
    ingress_known_t known = ingress_identities_look (scene->all, credential, &identity,
                                                     &error);
    assert_int_equal (identity != NULL, known == INGRESS_KNOWN);
    assert_int_equal (error.code, known == INGRESS_REFUSED ? BR_EAUTH : BR_OK);
    return known;
}

//  Asks and answers.
static void
s_learn (scene_t *scene, const char *credential, const char *account)
{
    assert_int_not_equal (s_ask (scene, credential), 0);
    s_answer (scene, s_ticket (scene), account, 0);
}

static void
what_was_told_is_known_from_then_on (void **state)
{
    scene_t *scene = *state;
    assert_int_equal (s_look (scene, "a"), INGRESS_UNKNOWN);
    s_learn (scene, "a", "acme");
    assert_string_equal (scene->account, "acme");
    assert_int_equal (s_look (scene, "a"), INGRESS_KNOWN);
    assert_int_equal (s_look (scene, "b"), INGRESS_UNKNOWN);
    assert_int_equal (ingress_identities_count (scene->all), 1);
    assert_int_equal (world_count (scene->world, BR_AUTH_ASK), 1);
}

static void
equal_credentials_are_asked_about_once (void **state)
{
    scene_t *scene = *state;
    for (int i = 0; i < 3; i++)
        assert_int_not_equal (s_ask (scene, "a"), 0);
    assert_int_not_equal (s_ask (scene, "b"), 0);
    assert_int_equal (world_count (scene->world, BR_AUTH_ASK), 2);
    uint64_t ticket = s_ticket (scene);
    s_answer (scene, ticket, "acme", 0);
    assert_int_equal (scene->answers, 3);
    s_answer (scene, ticket, "evil", 0); //  a second answer means nothing
    assert_int_equal (scene->answers, 3);
    s_answer (scene, s_ticket (scene), "other", 0);
    assert_string_equal (scene->account, "other");
}

static void
who_leaves_hears_nothing (void **state)
{
    scene_t *scene = *state;
    uint64_t first = s_ask (scene, "a");
    s_ask (scene, "a");
    scene->other = s_ask (scene, "a"); //  leaves while the one before it is told
    ingress_identities_leave (scene->all, first);
    ingress_identities_leave (scene->all, 12345);
    s_answer (scene, s_ticket (scene), "acme", 0);
    assert_int_equal (scene->answers, 1);
}

static void
a_refusal_counts_for_a_second (void **state)
{
    scene_t *scene = *state;
    s_learn (scene, "a", NULL);
    assert_int_equal (scene->refused.code, BR_EAUTH);
    assert_string_equal (scene->refused.text, "unknown API key");
    assert_int_equal (s_look (scene, "a"), INGRESS_REFUSED);
    world_wait (scene->world, INGRESS_REFUSED_MS - 1);
    assert_int_equal (s_look (scene, "a"), INGRESS_REFUSED);
    world_wait (scene->world, 1);
    assert_int_equal (s_look (scene, "a"), INGRESS_UNKNOWN);
}

static void
an_expiry_ends_it (void **state)
{
    scene_t *scene = *state;
    uint64_t now_s = br_ctx_unix_ms (scene->world->ctx) / 1000;
    s_ask (scene, "a");
    s_answer (scene, s_ticket (scene), "acme", now_s + 1000);
    assert_int_equal (s_look (scene, "a"), INGRESS_KNOWN);
    s_ask (scene, "b");
    s_answer (scene, s_ticket (scene), "acme", now_s);
    assert_int_equal (s_look (scene, "b"), INGRESS_UNKNOWN);
}

static void
a_change_ends_all_that_was_told (void **state)
{
    scene_t *scene = *state;
    s_learn (scene, "a", "acme");
    s_learn (scene, "b", NULL);
    s_ask (scene, "c");
    ingress_identities_forget (scene->all);
    assert_int_equal (s_look (scene, "a"), INGRESS_UNKNOWN);
    assert_int_equal (s_look (scene, "b"), INGRESS_UNKNOWN);
    s_answer (scene, s_ticket (scene), "later", 0);
    assert_string_equal (scene->account, "later");
}

static void
without_an_answer_who_waits_is_refused (void **state)
{
    scene_t *scene = *state;
    s_ask (scene, "a");
    uint64_t ticket = s_ticket (scene);
    world_wait (scene->world, INGRESS_ASKED_MS);
    assert_int_equal (scene->answers, 1);
    assert_int_equal (scene->refused.code, BR_EGONE);
    assert_int_equal (s_look (scene, "a"), INGRESS_UNKNOWN);
    s_answer (scene, ticket, "late", 0);
    assert_int_equal (scene->answers, 1);
}

static void
with_the_owners_host_goes_what_it_told (void **state)
{
    scene_t *scene = *state;
    s_learn (scene, "a", "acme");
    s_ask (scene, "b");
    ingress_identities_gone (scene->all, WORLD_AUTH_HOST, 2); //  another life
    assert_int_equal (s_look (scene, "a"), INGRESS_KNOWN);
    ingress_identities_gone (scene->all, WORLD_AUTH_HOST, 1);
    assert_int_equal (s_look (scene, "a"), INGRESS_UNKNOWN);
    assert_int_equal (scene->refused.code, BR_EGONE);
}

static void
without_an_owner_nobody_is_known (void **state)
{
    scene_t *scene = *state;
    scene->world->has_auth = false;
    br_error_t error = { .code = BR_OK };
    assert_int_equal (
        ingress_identities_ask (scene->all, "a", s_on_answer, scene, &error), 0);
    assert_int_equal (error.code, BR_EGONE);
    scene->world->has_auth = scene->world->refuses = true;
    assert_int_equal (
        ingress_identities_ask (scene->all, "a", s_on_answer, scene, &error), 0);
    assert_int_equal (scene->answers, 0);
}

static void
wrong_credentials_push_no_right_ones_out (void **state)
{
    scene_t *scene = *state;
    s_learn (scene, "right", "acme");
    for (unsigned i = 0; i < INGRESS_REFUSED_MAX + 10; i++) {
        char text[32];
        snprintf (text, sizeof text, "wrong %u", i);
        s_learn (scene, text, NULL);
    }
    assert_int_equal (s_look (scene, "wrong 9"), INGRESS_UNKNOWN); //  the oldest went
    assert_int_equal (s_look (scene, "wrong 10"), INGRESS_REFUSED);
    assert_int_equal (s_look (scene, "right"), INGRESS_KNOWN);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown (name, s_setup, s_teardown)
        TEST (what_was_told_is_known_from_then_on),
        TEST (equal_credentials_are_asked_about_once),
        TEST (who_leaves_hears_nothing),
        TEST (a_refusal_counts_for_a_second),
        TEST (an_expiry_ends_it),
        TEST (a_change_ends_all_that_was_told),
        TEST (without_an_answer_who_waits_is_refused),
        TEST (with_the_owners_host_goes_what_it_told),
        TEST (without_an_owner_nobody_is_known),
        TEST (wrong_credentials_push_no_right_ones_out),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
