//  upstream_near: hosts that may be a bitrouter of ours, and the world.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "actors/upstream/upstream_near.h"

static void
given_an_address_of_this_network_then_it_is_near (void **state)
{
    (void) state;
    static const char *const urls[] = {
        "http://127.0.0.1:8787/v1", "http://localhost/v1",
        "https://LOCALHOST:1",      "http://10.1.2.3",
        "http://192.168.0.9:80/v1", "http://172.31.255.1/",
        "http://[::1]:8787/v1",     "http://[FD00::1]/v1",
        "http://bitrouter:8787/v1", "http://user:p@10.0.0.1/",
        "http://169.254.1.1",
    };
    for (size_t i = 0; i < sizeof urls / sizeof *urls; i++)
        if (!upstream_near (urls[i]))
            fail_msg ("far: %s", urls[i]);
}

static void
given_an_address_of_the_world_then_it_is_far (void **state)
{
    (void) state;
    static const char *const urls[] = {
        "https://api.openai.com/v1",
        "https://10.example.com/v1",
        "http://172.32.0.1/v1",
        "http://8.8.8.8",
        "http://[2001:db8::1]/v1",
        "http://127.evil.example/",
        "http://localhost.example/",
        "https://localhost@far.example/v1",
        "http:///v1",
        "",
    };
    for (size_t i = 0; i < sizeof urls / sizeof *urls; i++)
        if (upstream_near (urls[i]))
            fail_msg ("near: %s", urls[i]);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (given_an_address_of_this_network_then_it_is_near),
        cmocka_unit_test (given_an_address_of_the_world_then_it_is_far),
    };
    return cmocka_run_group_tests_name ("upstream_near", tests, NULL, NULL);
}
