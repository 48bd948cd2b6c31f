//  Which bank a transfer goes to, when banks go, and that a client with many of them
//  behaves like one pool.

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include "broker/net/http_banks.h"
#include "tests/broker/net/client_world.h"

#define ROOM 48 //  transfers of one bank
#define NS_PER_MS 1000000u

typedef struct {
    uint64_t now_ns;
    br_loop_t *loop;
    http_sockets_t *sockets;
    http_banks_t *banks;
} fixture_t;

static void
s_ready (void *arg, http_bank_t *bank, int fd, int mask)
{
    fixture_t *self = arg;
    http_banks_act (self->banks, bank, fd, mask);
}

static void
s_open (fixture_t *self)
{
    *self = (fixture_t) { .now_ns = NS_PER_MS };
    http_client_conf_t conf = { .idle_max = 8, .idle_ms = 5000 };
    self->loop = br_loop_new (br_clock_manual (&self->now_ns));
    self->sockets = http_sockets_new (self->loop, conf.idle_ms, true);
    self->banks = http_banks_new (self->loop, self->sockets, &conf, s_ready, self);
}

static void
s_close (fixture_t *self)
{
    http_banks_destroy (&self->banks);
    assert_null (self->banks);
    http_sockets_destroy (&self->sockets);
    br_loop_destroy (&self->loop);
}

//  What http_sockets says when a connection of bank begins or ends to be kept.
static void
s_keep (http_bank_t *bank, unsigned idle)
{
    bank->user.idle = idle;
    bank->user.changed (bank->user.arg);
}

static void
test_full_bank_is_followed_by_another (void **state)
{
    (void) state;
    fixture_t f;
    s_open (&f);
    http_bank_t *first = http_banks_enter (f.banks, 1, NULL);
    for (int i = 1; i < ROOM; i++)
        assert_ptr_equal (http_banks_enter (f.banks, 1, NULL), first);
    http_bank_t *second = http_banks_enter (f.banks, 1, NULL);
    assert_ptr_not_equal (second, first);
    assert_int_equal (http_banks_count (f.banks), 2);
    for (int i = 1; i < ROOM; i++)
        assert_ptr_equal (http_banks_enter (f.banks, 1, NULL), second);
    http_banks_leave (f.banks, first);
    assert_ptr_equal (http_banks_enter (f.banks, 1, NULL), first);
    s_close (&f);
}

static void
test_origins_do_not_share_a_bank (void **state)
{
    (void) state;
    fixture_t f;
    s_open (&f);
    http_bank_t *one = http_banks_enter (f.banks, 1, NULL);
    http_bank_t *same_shelf = http_banks_enter (f.banks, 1 + 256, NULL);
    assert_ptr_not_equal (one, same_shelf);
    assert_ptr_equal (http_banks_enter (f.banks, 1, NULL), one);
    assert_ptr_equal (http_banks_enter (f.banks, 257, NULL), same_shelf);
    s_close (&f);
}

static void
test_kept_connections_come_before_room_and_are_promised_once (void **state)
{
    (void) state;
    fixture_t f;
    s_open (&f);
    http_bank_t *full = http_banks_enter (f.banks, 1, NULL);
    for (int i = 1; i < ROOM; i++)
        http_banks_enter (f.banks, 1, NULL);
    http_bank_t *roomy = http_banks_enter (f.banks, 1, NULL);
    s_keep (full, 2);
    assert_ptr_equal (http_banks_enter (f.banks, 1, NULL), full);
    assert_ptr_equal (http_banks_enter (f.banks, 1, NULL), full);
    assert_ptr_equal (http_banks_enter (f.banks, 1, NULL), roomy);
    http_banks_act (f.banks, full, CURL_SOCKET_TIMEOUT, 0); //  they took others
    assert_ptr_equal (http_banks_enter (f.banks, 1, NULL), full);
    s_keep (full, 0);
    assert_ptr_equal (http_banks_enter (f.banks, 1, NULL), roomy);
    s_close (&f);
}

static void
test_resting_banks_go_after_a_while (void **state)
{
    (void) state;
    fixture_t f;
    s_open (&f);
    http_bank_t *banks[3];
    for (uint64_t i = 0; i < 3; i++)
        banks[i] = http_banks_enter (f.banks, i, NULL);
    http_banks_leave (f.banks, banks[0]);
    f.now_ns += (uint64_t) 4000 * NS_PER_MS;
    br_loop_turn (f.loop, 0);
    http_banks_leave (f.banks, banks[1]);
    f.now_ns += (uint64_t) 4000 * NS_PER_MS;
    br_loop_turn (f.loop, 0);
    assert_int_equal (http_banks_count (f.banks), 2);
    assert_ptr_equal (http_banks_enter (f.banks, 1, NULL), banks[1]);
    f.now_ns += (uint64_t) 60000 * NS_PER_MS;
    br_loop_turn (f.loop, 0);
    assert_int_equal (http_banks_count (f.banks), 2); //  both at work
    s_close (&f);
}

//  ---- the client with many banks

static size_t
s_count_fds (void)
{
    DIR *dir = opendir ("/proc/self/fd");
    size_t count = 0;
    while (readdir (dir))
        count++;
    closedir (dir);
    return count;
}

static void
s_run_many (world_t *world, size_t count)
{
    call_t *calls = calloc (count, sizeof *calls);
    for (size_t i = 0; i < count; i++)
        world_start (world, &calls[i]);
    for (size_t i = 0; i < count; i++) {
        world_finish (world, &calls[i]);
        assert_int_equal (calls[i].result.end, HTTP_END_OK);
        call_free (&calls[i]);
    }
    free (calls);
}

static void
test_connections_of_all_banks_are_reused_beside_held_streams (void **state)
{
    (void) state;
    enum {
        HELD = 3 * ROOM + 7,
        COUNT = 2 * ROOM + 5
    };
    world_t world;
    world_open (&world, false, (http_client_conf_t) { .idle_max = COUNT });
    call_t *held = calloc (HELD, sizeof *held);
    const char *answer = world.answer;
    world.answer = "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc";
    for (size_t i = 0; i < HELD; i++)
        world_start (&world, &held[i]);
    world_settle (&world);
    world.answer = answer;
    for (int round = 0; round < 10; round++) {
        s_run_many (&world, COUNT);
        assert_int_equal (http_client_idle (world.client), COUNT);
    }
    assert_int_equal (peer_accepted (world.peer), HELD + COUNT);
    assert_int_equal (http_client_running (world.client), HELD);
    for (size_t i = 0; i < HELD; i++) {
        assert_int_equal (held[i].ends, 0);
        http_transfer_cancel (&held[i].transfer);
        call_free (&held[i]);
    }
    free (held);
    world_close (&world);
}

static void
test_after_a_crowd_nothing_is_left_open (void **state)
{
    (void) state;
    world_t world;
    world_open (&world, true, (http_client_conf_t) { .idle_max = 100, .idle_ms = 5000 });
    size_t fds = s_count_fds ();
    for (int round = 0; round < 2; round++) {
        s_run_many (&world, 5 * ROOM);
        assert_in_range (http_client_idle (world.client), 1, 100);
        world_settle (&world);
        assert_int_equal (peer_open (world.peer), http_client_idle (world.client));
        world_pass (&world, 5000);
        assert_int_equal (http_client_idle (world.client), 0);
        assert_int_equal (peer_open (world.peer), 0);
        world_pass (&world, 6000);
        assert_int_equal (s_count_fds (), fds);
    }
    world_close (&world);
}

//  The bound is one of the whole client: what lies unused longest gives way.
static void
test_kept_connections_of_another_origin_give_way (void **state)
{
    (void) state;
    world_t world;
    world_open (&world, false, (http_client_conf_t) { .idle_max = 1 });
    char other[128];
    snprintf (other, sizeof other, "http://localhost:%u/", peer_port (world.peer));
    s_run_many (&world, 1);
    world.draft.url = other;
    s_run_many (&world, 1);
    s_run_many (&world, 1);
    assert_int_equal (peer_accepted (world.peer), 2);
    assert_int_equal (http_client_idle (world.client), 1);
    world_settle (&world);
    assert_int_equal (peer_open (world.peer), 1);
    world_close (&world);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (test_full_bank_is_followed_by_another),
        cmocka_unit_test (test_origins_do_not_share_a_bank),
        cmocka_unit_test (test_kept_connections_come_before_room_and_are_promised_once),
        cmocka_unit_test (test_resting_banks_go_after_a_while),
        cmocka_unit_test (test_connections_of_all_banks_are_reused_beside_held_streams),
        cmocka_unit_test (test_after_a_crowd_nothing_is_left_open),
        cmocka_unit_test (test_kept_connections_of_another_origin_give_way),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
