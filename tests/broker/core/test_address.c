//  address: a held address is told from a free one.

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

#include "broker/core/address.h"

//  A listening socket that shares its address with who asks; its port in *ret_port.
static int
s_listen (uint16_t *ret_port)
{
    struct sockaddr_in in = { .sin_family = AF_INET };
    in.sin_addr.s_addr = htonl (INADDR_LOOPBACK);
    socklen_t size = sizeof in;
    int fd = socket (AF_INET, SOCK_STREAM, 0);
    const int one = 1;
    assert_int_equal (setsockopt (fd, SOL_SOCKET, SO_REUSEPORT, &one, sizeof one), 0);
    assert_int_equal (bind (fd, (struct sockaddr *) &in, sizeof in), 0);
    assert_int_equal (listen (fd, 1), 0);
    assert_int_equal (getsockname (fd, (struct sockaddr *) &in, &size), 0);
    *ret_port = ntohs (in.sin_port);
    return fd;
}

static void
a_held_address_is_refused_and_named (void **state)
{
    (void) state;
    uint16_t port;
    int fd = s_listen (&port);
    char address[64];
    br_error_t error = { .code = BR_OK };
    snprintf (address, sizeof address, "127.0.0.1:%u", port);
    assert_int_equal (br_address_probe (address, &error), -1);
    assert_int_equal (error.code, BR_ECONFIG);
    assert_non_null (strstr (error.text, address));
    assert_non_null (strstr (error.text, "it is held by "));
    snprintf (address, sizeof address, "localhost:%u", port);
    assert_int_equal (br_address_probe (address, &error), -1);
    close (fd);
    snprintf (address, sizeof address, "127.0.0.1:%u", port);
    assert_int_equal (br_address_probe (address, &error), 0);
}

static void
what_is_no_address_is_left_to_who_listens (void **state)
{
    (void) state;
    const char *const odd[] = { "",
                                ":",
                                "x",
                                "[::1]",
                                "[]:1",
                                "300.1.1.1:80",
                                "127.0.0.1:0",
                                "127.0.0.1:99999999",
                                "no such host:1" };
    for (size_t i = 0; i < sizeof odd / sizeof *odd; i++)
        assert_int_equal (br_address_probe (odd[i], NULL), 0);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (a_held_address_is_refused_and_named),
        cmocka_unit_test (what_is_no_address_is_left_to_who_listens),
    };
    return cmocka_run_group_tests_name ("address", tests, NULL, NULL);
}
