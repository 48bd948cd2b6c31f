//  port_holder: who listens on a port is found among all processes.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "broker/core/port_holder.h"

//  A socket bound to a free port of this machine; listens when told to.
static int
s_bound (bool listens, uint16_t *ret_port)
{
    struct sockaddr_in address = { .sin_family = AF_INET };
    socklen_t size = sizeof address;
    address.sin_addr.s_addr = htonl (INADDR_LOOPBACK);
    int fd = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true (fd >= 0);
    assert_int_equal (bind (fd, (const void *) &address, sizeof address), 0);
    assert_int_equal (getsockname (fd, (void *) &address, &size), 0);
    if (listens)
        assert_int_equal (listen (fd, 1), 0);
    *ret_port = ntohs (address.sin_port);
    return fd;
}

static void
test_given_a_listener_then_it_is_named (void **state)
{
    (void) state;
    uint16_t port;
    char text[128], wanted[64];
    br_port_holder_t holder;
    int fd = s_bound (true, &port);
    assert_true (br_port_holder_find (port, &holder));
    assert_int_equal (holder.pid, getpid ());
    assert_true (*holder.name != 0);
    snprintf (wanted, sizeof wanted, "(pid %d)", (int) getpid ());
    br_port_holder_say (port, text, sizeof text);
    assert_non_null (strstr (text, wanted));
    close (fd);
}

static void
test_given_a_port_nobody_listens_on_then_nobody_is_named (void **state)
{
    (void) state;
    uint16_t port;
    char text[128];
    br_port_holder_t holder;
    int fd = s_bound (false, &port);
    assert_false (br_port_holder_find (port, &holder));
    assert_int_equal (holder.pid, 0);
    br_port_holder_say (port, text, sizeof text);
    assert_non_null (strstr (text, "ss -ltnp"));
    close (fd);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (test_given_a_listener_then_it_is_named),
        cmocka_unit_test (test_given_a_port_nobody_listens_on_then_nobody_is_named),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
