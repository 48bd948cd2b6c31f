//  http_linger: sockets that swallow until their client closes, or time is over.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "broker/net/http_linger.h"

typedef struct {
    uint64_t now_ns;
    br_loop_t *loop;
    http_linger_t *linger;
    int client;
    int server;
} world_t;

static int
s_setup (void **state)
{
    static world_t world;
    memset (&world, 0, sizeof world);
    world.loop = br_loop_new (br_clock_manual (&world.now_ns));
    world.linger = http_linger_new (world.loop);
    int listener = socket (AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in address = { .sin_family = AF_INET,
                                   .sin_addr.s_addr = htonl (INADDR_LOOPBACK) };
    socklen_t size = sizeof address;
    struct sockaddr *any = (struct sockaddr *) &address;
    bind (listener, any, size);
    listen (listener, 1);
    getsockname (listener, any, &size);
    world.client = socket (AF_INET, SOCK_STREAM, 0);
    int rc = connect (world.client, any, size);
    world.server = accept (listener, NULL, NULL);
    close (listener);
    *state = &world;
    return rc;
}

static int
s_teardown (void **state)
{
    world_t *self = *state;
    http_linger_destroy (&self->linger);
    br_loop_destroy (&self->loop);
    close (self->client);
    return 0;
}

//  Hands the server's end over, as a server does that has answered.
static void
s_let_go (world_t *self)
{
    assert_int_equal (send (self->server, "bye", 3, 0), 3);
    http_linger_add (self->linger, self->server);
    close (self->server);
}

static void
test_the_client_reads_the_answer_though_it_goes_on_sending (void **state)
{
    world_t *self = *state;
    static char much[100000];
    assert_int_equal (send (self->client, much, 1000, 0), 1000);
    s_let_go (self);
    assert_int_equal (http_linger_size (self->linger), 1);
    for (int i = 0; i < 20; i++) {
        assert_true (send (self->client, much, sizeof much, MSG_DONTWAIT | MSG_NOSIGNAL)
                         > 0
                     || errno == EAGAIN);
        br_loop_turn (self->loop, 0);
    }
    assert_int_equal (recv (self->client, much, sizeof much, MSG_WAITALL), 3);
    assert_int_equal (recv (self->client, much, sizeof much, 0), 0);
}

static void
test_it_ends_with_the_client (void **state)
{
    world_t *self = *state;
    s_let_go (self);
    br_loop_turn (self->loop, 0);
    assert_int_equal (http_linger_size (self->linger), 1);
    shutdown (self->client, SHUT_WR);
    for (int i = 0; i < 20; i++)
        br_loop_turn (self->loop, 0);
    assert_int_equal (http_linger_size (self->linger), 0);
}

static void
test_it_ends_with_time (void **state)
{
    world_t *self = *state;
    s_let_go (self);
    br_loop_turn (self->loop, 0);
    self->now_ns += 3000000000u;
    br_loop_turn (self->loop, 0);
    assert_int_equal (http_linger_size (self->linger), 0);
}

static void
test_it_is_bounded (void **state)
{
    world_t *self = *state;
    for (int i = 0; i < 100; i++)
        http_linger_add (self->linger, self->server);
    assert_int_equal (http_linger_size (self->linger), 64);
    close (self->server);
}

int
main (void)
{
#define LINGER_TEST(fn) cmocka_unit_test_setup_teardown (fn, s_setup, s_teardown)
    const struct CMUnitTest tests[] = {
        LINGER_TEST (test_the_client_reads_the_answer_though_it_goes_on_sending),
        LINGER_TEST (test_it_ends_with_the_client),
        LINGER_TEST (test_it_ends_with_time),
        LINGER_TEST (test_it_is_bounded),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
