//  One multi handle in our own loop: it works, keeps, and closes what it kept.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

#include "broker/net/http_bank.h"
#include "tests/broker/net/client_world.h"

typedef struct {
    world_t world;
    http_sockets_t *sockets;
    http_bank_env_t env;
    http_bank_t *bank;
    unsigned changes;
} fixture_t;

static void
s_ready (void *arg, http_bank_t *bank, int fd, int mask)
{
    fixture_t *self = arg;
    assert_ptr_equal (bank, self->bank);
    http_bank_act (bank, fd, mask);
}

static void
s_changed (void *arg, http_bank_t *bank)
{
    fixture_t *self = arg;
    assert_ptr_equal (bank, self->bank);
    self->changes++;
}

static void
s_open (fixture_t *self)
{
    *self = (fixture_t) { .changes = 0 };
    world_open (&self->world, false, (http_client_conf_t) { .idle_max = 4 });
    self->sockets = http_sockets_new (self->world.loop, 60000, true);
    self->env = (http_bank_env_t) { .loop = self->world.loop,
                                    .sockets = self->sockets,
                                    .arg = self,
                                    .ready = s_ready,
                                    .changed = s_changed };
    self->bank = http_bank_new (&self->env, 7, NULL);
    assert_non_null (self->bank);
}

static void
s_close (fixture_t *self)
{
    http_bank_destroy (&self->bank);
    assert_null (self->bank);
    http_bank_destroy (&self->bank);
    http_sockets_destroy (&self->sockets);
    world_close (&self->world);
}

static size_t
s_swallow (char *bytes, size_t size, size_t count, void *arg)
{
    (void) bytes;
    (void) arg;
    return size * count;
}

static CURL *
s_add (fixture_t *self)
{
    CURL *easy = curl_easy_init ();
    curl_easy_setopt (easy, CURLOPT_URL, self->world.url);
    curl_easy_setopt (easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt (easy, CURLOPT_PROXY, "");
    curl_easy_setopt (easy, CURLOPT_WRITEFUNCTION, s_swallow);
    http_sockets_serve_easy (self->sockets, easy);
    assert_int_equal (curl_multi_add_handle (self->bank->multi, easy), CURLM_OK);
    return easy;
}

static void
s_end (fixture_t *self, CURL *easy)
{
    CURLcode code = CURLE_OK;
    CURL *ended = NULL;
    while (!ended) {
        br_loop_turn (self->world.loop, 1000);
        ended = http_bank_ended (self->bank, &code);
    }
    assert_ptr_equal (ended, easy);
    assert_int_equal (code, CURLE_OK);
    assert_null (http_bank_ended (self->bank, &code));
    curl_multi_remove_handle (self->bank->multi, easy);
    curl_easy_cleanup (easy);
}

static void
test_transfer_ends_and_its_connection_is_kept_and_counted (void **state)
{
    (void) state;
    fixture_t f;
    s_open (&f);
    s_end (&f, s_add (&f));
    assert_int_equal (f.bank->user.idle, 1);
    assert_int_equal (f.changes, 1);
    s_end (&f, s_add (&f));
    assert_int_equal (f.bank->user.idle, 1);
    assert_int_equal (f.changes, 3); //  taken, and given back
    assert_int_equal (peer_accepted (f.world.peer), 1);
    s_close (&f);
}

static void
test_bound_is_kept (void **state)
{
    (void) state;
    fixture_t f;
    s_open (&f);
    CURL *both[] = { s_add (&f), s_add (&f) };
    http_bank_bound (f.bank, 0); //  curl's 0 would be none
    for (unsigned ended = 0; ended < 2;) {
        CURLcode code;
        br_loop_turn (f.world.loop, 1000);
        for (CURL *at = http_bank_ended (f.bank, &code); at;
             at = http_bank_ended (f.bank, &code))
            ended++;
    }
    assert_int_equal (f.bank->user.idle, 1);
    for (size_t i = 0; i < 2; i++) {
        curl_multi_remove_handle (f.bank->multi, both[i]);
        curl_easy_cleanup (both[i]);
    }
    s_close (&f);
}

static void
test_destroy_closes_what_was_kept_and_tells_nobody (void **state)
{
    (void) state;
    fixture_t f;
    s_open (&f);
    s_end (&f, s_add (&f));
    unsigned changes = f.changes;
    http_bank_destroy (&f.bank);
    assert_int_equal (f.changes, changes);
    assert_int_equal (http_sockets_idle (f.sockets), 0);
    world_settle (&f.world);
    assert_int_equal (peer_open (f.world.peer), 0);
    s_close (&f);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (test_transfer_ends_and_its_connection_is_kept_and_counted),
        cmocka_unit_test (test_bound_is_kept),
        cmocka_unit_test (test_destroy_closes_what_was_kept_and_tells_nobody),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
