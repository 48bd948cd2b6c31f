//  The token in the slice: where it goes, where it does not, and who tells of a new one.
//  How it is renewed is in tests/cli/test_login.sh.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>

#include <stdlib.h>
#include <string.h>

#include "broker/core/ctx.h"
#include "broker/identity/login_token.h"
#include "actors/upstream/upstream.h"
#include "actors/upstream/upstream_login.h"
#include "tests/broker/identity/folder.h"

typedef struct {
    br_host_t *host;
    upstream_login_t *login;
    unsigned renewed;
} fixture_t;

static void
s_on_renewed (void *arg)
{
    fixture_t *self = arg;
    self->renewed++;
}

static void
s_open (fixture_t *self)
{
    static const br_actor_t *const s_kinds[] = { &br_upstream_actor, NULL };
    br_host_conf_t conf = { .name = "test",
                            .clock = br_clock_real (),
                            .actors = s_kinds };
    conf.log = (br_log_t) { .fd = 2, .host = "test", .level = BR_LOG_ERROR };
    self->host = br_host_new (&conf, NULL);
    assert_non_null (self->host);
    br_host_set_self (self->host, 1, 1);
    assert_true (br_addr_is_set (br_host_start (self->host, "upstream/x", NULL)));
    self->login = upstream_login_new (br_host_ctx (self->host, "upstream/x"),
                                      s_on_renewed, self);
}

static void
s_close (fixture_t *self)
{
    upstream_login_destroy (&self->login);
    upstream_login_destroy (&self->login);
    br_host_end_all (self->host);
    br_host_destroy (&self->host);
}

//  A slice with a login whose token is x.json of the folder.
static char *
s_slice (const char *folder)
{
    return br_strf (
        "{\"api_base\":\"https://a\",\"default_headers\":{\"x-a\":\"own\"},"
        "\"auth\":{\"type\":\"oauth\",\"login\":{\"file\":\"%s/login/x.json\","
        "\"token_url\":\"https://i\",\"client_id\":\"c\",\"headers\":{"
        "\"x-a\":\"theirs\",\"x-b\":\"theirs\"}}}}",
        folder);
}

static void
s_given_token (const char *folder, const char *access)
{
    br_login_token_t token = { .access = (char *) access };
    char *path = br_strf ("%s/login/x.json", folder);
    assert_int_equal (br_login_token_write (&token, path, NULL), 0);
    free (path);
}

static void
a_token_becomes_the_key_with_its_headers (void **state)
{
    fixture_t self = { .renewed = 0 };
    s_open (&self);
    s_given_token (*state, "the-token");
    char *slice = s_slice (*state);
    char *dressed = upstream_login_try (self.login, slice);
    assert_non_null (
        strstr (dressed, "\"auth\":{\"type\":\"bearer\",\"api_key\":\"the-token\"}"));
    assert_non_null (strstr (dressed, "{\"x-a\":\"own\",\"x-b\":\"theirs\"}"));
    assert_null (strstr (dressed, "login"));
    br_login_forget (&dressed);
    assert_null (upstream_login_slice (self.login));
    s_given_token (*state, "the-next");
    upstream_login_take (self.login, NULL);
    assert_int_equal (self.renewed, 1);
    dressed = upstream_login_slice (self.login);
    assert_non_null (strstr (dressed, "\"the-next\""));
    br_login_forget (&dressed);
    free (slice);
    s_close (&self);
}

static void
without_a_token_a_slice_stays_as_it_is (void **state)
{
    fixture_t self = { .renewed = 0 };
    s_open (&self);
    char *slice = s_slice (*state);
    char *same = upstream_login_try (self.login, slice);
    assert_string_equal (same, slice);
    br_login_forget (&same);
    upstream_login_take (self.login, NULL);
    upstream_login_refused (self.login);
    static const char *const s_others[] = {
        "{\"auth\":{\"type\":\"bearer\",\"api_key\":\"k\"}}", "no json", "{}"
    };
    for (size_t i = 0; i < 3; i++) {
        same = upstream_login_try (self.login, s_others[i]);
        assert_string_equal (same, s_others[i]);
        br_login_forget (&same);
        upstream_login_take (self.login, NULL);
    }
    assert_int_equal (self.renewed, 0);
    free (slice);
    s_close (&self);
}

#define IN_FOLDER(test)                                                                  \
    cmocka_unit_test_setup_teardown (test, folder_setup, folder_teardown)

int
main (void)
{
    const struct CMUnitTest tests[] = {
        IN_FOLDER (a_token_becomes_the_key_with_its_headers),
        IN_FOLDER (without_a_token_a_slice_stays_as_it_is),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
