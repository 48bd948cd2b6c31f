//  http_listen: addresses that make sense and those that do not, pausing, draining.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "broker/net/http_listen.h"

typedef struct {
    uint64_t now_ns;
    br_loop_t *loop;
    http_listen_t *listen;
    unsigned accepted;
    int clients[16];
    size_t clients_size;
} world_t;

static int
s_setup (void **state)
{
    static world_t world;
    memset (&world, 0, sizeof world);
    world.loop = br_loop_new (br_clock_manual (&world.now_ns));
    *state = &world;
    return world.loop ? 0 : -1;
}

static int
s_teardown (void **state)
{
    world_t *self = *state;
    http_listen_destroy (&self->listen);
    br_loop_destroy (&self->loop);
    while (self->clients_size)
        close (self->clients[--self->clients_size]);
    return 0;
}

static void
s_accepted (void *arg, int fd, const struct sockaddr *address, socklen_t size)
{
    world_t *self = arg;
    assert_true (address->sa_family == AF_INET || address->sa_family == AF_INET6);
    assert_true (size > 0);
    self->accepted++;
    close (fd);
}

static void
s_listen (world_t *self, const char *address)
{
    const char *addresses[] = { address, NULL };
    br_error_t error = { 0 };
    self->listen = http_listen_new (self->loop, addresses, false, s_accepted, self,
                                    &error);
    assert_string_equal (error.text, "");
}

static int
s_connect (world_t *self, int family)
{
    uint16_t port = htons (http_listen_port (self->listen, 0));
    struct sockaddr_in v4 = { .sin_family = AF_INET,
                              .sin_port = port,
                              .sin_addr.s_addr = htonl (INADDR_LOOPBACK) };
    struct sockaddr_in6 v6 = { .sin6_family = AF_INET6,
                               .sin6_port = port,
                               .sin6_addr = in6addr_loopback };
    int fd = socket (family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -1;
    self->clients[self->clients_size++] = fd;
    return family == AF_INET ? connect (fd, (const struct sockaddr *) &v4, sizeof v4)
                             : connect (fd, (const struct sockaddr *) &v6, sizeof v6);
}

static void
s_turn (world_t *self)
{
    for (int i = 0; i < 20; i++)
        br_loop_turn (self->loop, 0);
}

static void
test_localhost_is_both_addresses_on_one_port (void **state)
{
    world_t *self = *state;
    s_listen (self, "localhost:0");
    assert_int_equal (s_connect (self, AF_INET), 0);
    s_turn (self);
    assert_int_equal (self->accepted, 1);
    if (s_connect (self, AF_INET6))
        skip (); //  no IPv6 here
    s_turn (self);
    assert_int_equal (self->accepted, 2);
}

static void
test_bad_addresses_are_named (void **state)
{
    world_t *self = *state;
    static const char *const bad[] = {
        "",
        "8787",
        ":8787",
        "127.0.0.1",
        "127.0.0.1:",
        "1.2.3:80",
        "127.0.0.1:x",
        "[::1:80",
        "::x:80",
        "127.0.0.1:65536",
        "a b:80",
        "127.0.0.1:-1",
        "[]:80",
        "elsewhere.example:80",
        "127.0.0.1:123456",
        "192.0.2.7:80",
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        const char *addresses[] = { bad[i], NULL };
        br_error_t error = { 0 };
        if (http_listen_new (self->loop, addresses, false, s_accepted, self, &error))
            fail_msg ("%s was taken", bad[i]);
        assert_int_equal (error.code, BR_ECONFIG);
        assert_non_null (strstr (error.text, bad[i]));
    }
}

static void
test_a_taken_port_is_an_error_unless_shared (void **state)
{
    world_t *self = *state;
    const char *any[] = { "127.0.0.1:0", NULL };
    self->listen = http_listen_new (self->loop, any, true, s_accepted, self, NULL);
    assert_non_null (self->listen);
    char text[64];
    snprintf (text, sizeof text, "127.0.0.1:%u", http_listen_port (self->listen, 0));
    const char *same[] = { text, NULL };
    br_error_t error = { 0 };
    assert_null (http_listen_new (self->loop, same, false, s_accepted, self, &error));
    assert_non_null (strstr (error.text, "in use"));
    http_listen_t *other = http_listen_new (self->loop, same, true, s_accepted, self,
                                            &error);
    assert_non_null (other);
    http_listen_destroy (&other);
    snprintf (text, sizeof text, "localhost:%u", http_listen_port (self->listen, 0));
    assert_null (http_listen_new (self->loop, same, false, s_accepted, self, &error));
    assert_non_null (strstr (error.text, text));
}

static void
test_ports_stand_in_the_order_of_addresses (void **state)
{
    world_t *self = *state;
    const char *three[] = { "127.0.0.1:0", "localhost:0", "127.0.0.2:0", NULL };
    self->listen = http_listen_new (self->loop, three, false, s_accepted, self, NULL);
    assert_non_null (self->listen);
    for (size_t i = 0; i < 3; i++)
        assert_int_not_equal (http_listen_port (self->listen, i), 0);
    assert_int_equal (http_listen_port (self->listen, 3), 0);
}

static void
test_a_paused_listener_leaves_them_waiting (void **state)
{
    world_t *self = *state;
    s_listen (self, "127.0.0.1:0");
    http_listen_pause (self->listen);
    assert_int_equal (s_connect (self, AF_INET), 0);
    s_turn (self);
    assert_int_equal (self->accepted, 0);
    http_listen_resume (self->listen);
    s_turn (self);
    assert_int_equal (self->accepted, 1);
}

static void
test_draining_takes_the_backlog_and_closes (void **state)
{
    world_t *self = *state;
    s_listen (self, "127.0.0.1:0");
    http_listen_pause (self->listen);
    for (int i = 0; i < 5; i++)
        assert_int_equal (s_connect (self, AF_INET), 0);
    http_listen_drain (self->listen);
    assert_int_equal (self->accepted, 5);
    assert_int_equal (s_connect (self, AF_INET), -1);
}

//  given no descriptor is left, the listener waits instead of spinning, and comes back
static void
test_lack_of_descriptors_is_waited_out (void **state)
{
    world_t *self = *state;
    s_listen (self, "127.0.0.1:0");
    assert_int_equal (s_connect (self, AF_INET), 0);
    struct rlimit old;
    getrlimit (RLIMIT_NOFILE, &old);
    struct rlimit none = { 3, old.rlim_max };
    setrlimit (RLIMIT_NOFILE, &none);
    s_turn (self);
    assert_int_equal (br_loop_turn (self->loop, 0), 0);
    setrlimit (RLIMIT_NOFILE, &old);
    assert_int_equal (self->accepted, 0);
    self->now_ns += 200000000;
    s_turn (self);
    assert_int_equal (self->accepted, 1);
}

int
main (void)
{
#define LISTEN_TEST(fn) cmocka_unit_test_setup_teardown (fn, s_setup, s_teardown)
    const struct CMUnitTest tests[] = {
        LISTEN_TEST (test_localhost_is_both_addresses_on_one_port),
        LISTEN_TEST (test_bad_addresses_are_named),
        LISTEN_TEST (test_a_taken_port_is_an_error_unless_shared),
        LISTEN_TEST (test_ports_stand_in_the_order_of_addresses),
        LISTEN_TEST (test_a_paused_listener_leaves_them_waiting),
        LISTEN_TEST (test_draining_takes_the_backlog_and_closes),
        LISTEN_TEST (test_lack_of_descriptors_is_waited_out),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
